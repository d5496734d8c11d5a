#!/usr/bin/env python3
"""What does recalibration change for the champion that scores the stream?

    python3 test/bench/calibration.py EVENTS_DIR [--salts a,b,c] [--set PATH=VALUE …] [--methods none,platt]

Runs `node dist/main.js` over the event files once for every method and salt, each into a store of its own. Every figure
is of predictions made before the outcome was known: Σp̂/Σy and normalised entropy over every sample of the stream,
expected calibration error (15 bins of equal mass) over the audit samples. Needs numpy. Prints a Markdown row a method,
means over salts, with the figures of each salt behind.
"""
import argparse
import json
import os
import subprocess
import tempfile

import numpy as np

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def sluice(*words):
    return subprocess.run(["node", os.path.join(ROOT, "dist", "main.js"), *words], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def expected_calibration_error(p, y, bins=15):
    order = np.argsort(p, kind="stable")
    return sum(len(b) * abs(p[b].mean() - y[b].mean()) for b in np.array_split(order, bins)) / len(p)


def measure(events, sets):
    with tempfile.TemporaryDirectory(prefix="calibration-") as work:
        words = [word for setting in [f"transport.path={work}/store", f"privacy.keyFile={work}/key", *sets] for word in ("--set", setting)]
        champion = json.loads(sluice("run", "--events", events, "--until-end", "--format", "json", *words).splitlines()[-1])["champion"]
        audit = [json.loads(line) for line in sluice("dump", "audit", "--format", "ndjson", *words).splitlines()]
        manifests = [json.loads(line) for line in sluice("snapshot", "list", "--format", "json", *words).splitlines()]
    scored = [one for one in audit if one["prediction"] is not None]
    p, y = np.array([one["prediction"] for one in scored]), np.array([one["label"] for one in scored], dtype=float)
    bent = [one["version"] for one in manifests if one["calibration"]["method"] == "platt"]
    return champion["calibration"], champion["normalisedEntropy"], expected_calibration_error(p, y), len(p), len(bent), len(manifests)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events")
    parser.add_argument("--salts", default="a,b,c")
    parser.add_argument("--methods", default="none,platt")
    parser.add_argument("--set", action="append", default=[], dest="sets")
    args = parser.parse_args()
    print("| method | calibration | NE | ECE (audit) | audit rows | recalibrated | calibration by salt | NE by salt | ECE by salt |\n|---|---|---|---|---|---|---|---|---|")
    for method in args.methods.split(","):
        runs = [measure(args.events, [f"retrain.calibration.method={method}", f"selection.salt={salt}", *args.sets]) for salt in args.salts.split(",")]
        calibration, entropy, error, rows, bent, fits = np.mean(runs, 0)
        each = [" / ".join(f"{run[column]:.{digits}f}" for run in runs) for column, digits in ((0, 3), (1, 4), (2, 4))]
        print(f"| {method} | {calibration:.3f} | {entropy:.4f} | {error:.4f} | {rows:.0f} | {bent:.1f} of {fits:.0f} fits | {each[0]} | {each[1]} | {each[2]} |", flush=True)


main()
