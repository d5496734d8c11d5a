#!/usr/bin/env python3
"""Is a model trained on what Sluice keeps as good as one trained on everything?

    python3 test/bench/curation.py EVENTS_DIR [--budgets 0.1,0.05,0.01] [--policies uniform,surprise] [--salts a,b,c]
        [--consumers plain,recipe,extra,logistic,mlp] [--weights] [--helps rows,base,column,teacher,champion] [--hide GLOBS] [--work DIR]

Runs `node dist/main.js` over the event files once with budget 1 and once for every policy, budget and salt, each into a
store of its own; trains on the first two thirds of the time line, with the log-odds offset (and with weights, where asked);
tests on ALL samples of the rest. A policy is a scorer and any settings after it, by spaces:

    --policies 'surprise,surprise retrain.learner=forest,committee-loss retrain.boosting.members=5,spoilt'

`drawn` is a uniform draw of the rows of the run with budget 1, with the champion of that run: the help that a champion gives
to uniform rows, without a run. `spoilt` is surprise by a champion whose predictions are shuffled: published before the run, never replaced (spoilt.py).
Two bars. Without `--hide` Sluice and the consumer have the same columns. `--hide 'price*,session*'` keeps the columns of these
names from Sluice and gives them back to the consumer, who has columns of his own then. `--helps` adds what a consumer makes of
the rows together with the champion that was published last before the test begins (champion.py; needs onnxruntime).

`--work` keeps the rows for another call with other consumers. Prints Markdown: means over salts, then the champions.
Needs numpy, scipy and lightgbm (test/python/requirements.txt); `spoilt` also onnx.
"""
import argparse
import fnmatch
import json
import os
import re
import shutil
import subprocess
import tempfile
import zlib

import numpy as np
from consumers import CONSUMERS, judge

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def sluice(*words):
    done = subprocess.run(["node", os.path.join(ROOT, "dist", "main.js"), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"sluice {' '.join(words)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout, done.stderr


def log_lines(stderr):
    return [json.loads(line) for line in stderr.splitlines() if line.startswith("{")]


def read(topic, sets):
    rows = [json.loads(line) for line in sluice("dump", topic, "--format", "ndjson", *sets)[0].splitlines()]
    column = lambda name: np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)
    return dict(id=np.array([row["sampleId"] for row in rows]), fold=column("fold"), t=column("eventTimeMs"), y=column("label"), offset=column("logOddsOffset"), weight=column("importanceWeight"), prediction=column("prediction"),
                X=np.array([[np.nan if v is None else v for v in row["features"]] for row in rows], dtype=np.float32))


def samples(events, work, name, spoil=None, **settings):
    """Training rows, audit rows and facts of one run; from the work folder, where it was done before."""
    path = os.path.join(work, name + ".npz")
    if not os.path.exists(path):
        store = os.path.join(work, name + ".store")
        shutil.rmtree(store, ignore_errors=True)
        settings = {"transport.path": store, "privacy.keyFile": os.path.join(work, "key"), **settings}
        if spoil is not None:
            settings["retrain.promote"] = "manual"
        sets = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        if spoil is not None:
            sluice("snapshot", "publish", spoil, "--promote", "--reason", "spoilt on purpose", *sets)
        out, err = sluice("run", "--events", events, "--until-end", "--format", "json", *sets)
        fits = [line["durationMs"] / 1000 for line in log_lines(err) if line.get("msg") == "snapshot published"]
        training, audit = read("training", sets), read("audit", sets)
        manifests = [json.loads(line) for line in sluice("snapshot", "list", "--format", "json", *sets)[0].splitlines()] if spoil is None else []
        for manifest in manifests:
            sluice("snapshot", "show", manifest["version"], "--onnx", os.path.join(work, f"{name}.{manifest['version']}.onnx"), *sets)
        np.savez(path, versions=np.array([manifest["version"] for manifest in manifests]), seen=np.array([manifest["trainedOn"]["seen"] for manifest in manifests]), fits=np.array(fits), accounting=out.strip().splitlines()[-1],
                 **{f"training_{key}": value for key, value in training.items()}, **{f"audit_{key}": value for key, value in audit.items()})
        shutil.rmtree(store, ignore_errors=True)
    with np.load(path) as kept:
        part = lambda topic: {key.removeprefix(topic + "_"): kept[key] for key in kept.files if key.startswith(topic + "_")}
        return part("training"), part("audit"), dict(fits=kept["fits"], versions=kept["versions"], seen=kept["seen"], name=name, accounting=json.loads(str(kept["accounting"])))


def drawn(training, audit, facts, budget, salt):
    """A uniform draw of all rows, with the champion that learned from all of them."""
    kept = np.random.default_rng(zlib.crc32(salt.encode())).random(len(training["y"])) < budget
    return {name: values[kept] for name, values in training.items()}, audit, facts


def trained(rows, cut, consumer, how):
    early = rows["t"] < cut
    count = early.sum()
    offset = rows["offset"][early] if how == "offset" else np.zeros(count)
    weight = np.ones(count) if how == "offset" else rows["weight"][early] / rows["weight"][early].mean()
    return count, rows["y"][early].sum(), CONSUMERS[consumer](rows["X"][early], rows["y"][early], offset, weight, 7)


def columns(*sets):
    words = [word for one in sets for word in ("--set", one)]
    return [column["name"] for column in json.loads(sluice("describe", "features", "--format", "json", *words)[0])["columns"]]


def hiding(globs):
    """Settings that keep the columns of these names from Sluice, and the names."""
    shown = columns()
    hidden = [name for name in shown if any(fnmatch.fnmatch(name, glob) for glob in globs.split(","))]
    left = set(shown) - set(hidden)
    return {"features.omit": ",".join(name for name in columns("features.omit=") if name not in left)}, hidden


def helped(help_name, rows, facts, work, cut, everything, before, test, own):
    """Figures of a consumer with the champion that was published last before the test began. `own` are its columns, by sample id."""
    from champion import HELPS, Champion
    early = rows["t"] < cut
    version = facts["versions"][np.flatnonzero(facts["seen"] <= before)[-1]]
    model = Champion(os.path.join(work, f"{facts['name']}.{version}.onnx"))
    place = {one: i for i, one in enumerate(everything["id"])}
    mine = everything["X"][[place[one] for one in rows["id"][early]]]
    shown = everything["X"][:, own]
    predict = HELPS[help_name](model, rows["X"][early], rows["y"][early], rows["offset"][early], rows["fold"][early], mine)
    return early.sum(), rows["y"][early].sum(), predict(shown[test], everything["X"][test])


def champion(audit, facts):
    """Progressive figures on the uniform slice, from the second half on, when every policy has had some fits."""
    scored = (audit["t"] >= np.median(audit["t"])) & np.isfinite(audit["prediction"])
    figures = judge(audit["prediction"][scored], audit["y"][scored])
    return (*figures, facts["accounting"]["champion"]["normalisedEntropy"], len(facts["fits"]), np.max(facts["fits"], initial=0))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events")
    parser.add_argument("--budgets", default="0.1,0.05,0.01")
    parser.add_argument("--policies", default="uniform,surprise")
    parser.add_argument("--salts", default="a,b,c")
    parser.add_argument("--consumers", default="plain,recipe,extra,logistic,mlp")
    parser.add_argument("--weights", action="store_true")
    parser.add_argument("--helps", default="")
    parser.add_argument("--hide", default="")
    parser.add_argument("--work")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="curation-") as temporary:
        compare(args, args.work or temporary)


def compare(args, work):
    os.makedirs(work, exist_ok=True)
    training, audit, full_facts = samples(args.events, work, "full", **{"selection.scorer": "uniform", "selection.budget": 1})
    everything = {key: np.concatenate([training[key], audit[key]]) for key in training}
    cut = np.quantile(everything["t"], 2 / 3)
    test = everything["t"] >= cut
    print(f"{len(test)} samples, {int(everything['y'].sum())} clicks, {everything['X'].shape[1]} columns; tested on {test.sum()} samples\n")
    hidden_settings, hidden = hiding(args.hide) if args.hide else ({}, [])
    own = [name not in hidden for name in columns()]
    if hidden:
        print(f"hidden from Sluice, given back to the consumer: {', '.join(hidden)}\n")
    print("| trained on | by | learner | rows | clicks | AUC | of full | NE | to full | calibration |\n|---|---|---|---|---|---|---|---|---|---|")
    reference, champions = {}, {}
    place = {one: i for i, one in enumerate(everything["id"])}
    before = int((~test).sum())
    cells = [("everything", None, None)] + [(f"{policy} {float(budget):.0%}", policy, budget) for budget in args.budgets.split(",") for policy in args.policies.split(",")]
    for name, policy, budget in cells:
        runs = [training]
        if policy is not None:
            scorer, *words = policy.split()
            settings = dict(word.split("=", 1) for word in words)
            spoil = None
            if scorer == "drawn":
                done = [drawn(training, audit, full_facts, float(budget), salt) for salt in args.salts.split(",")]
            if scorer == "spoilt":
                from spoilt import write_spoilt
                scorer, spoil = "surprise", os.path.join(work, "spoilt.onnx")
                write_spoilt(spoil, everything["prediction"], everything["X"].shape[1])
            done = done if scorer == "drawn" else [samples(args.events, work, re.sub(r"[^\w.=-]+", "_", f"{policy}-{budget}-{salt}"), spoil,
                            **{"selection.scorer": scorer, "selection.budget": budget, "selection.salt": salt, **hidden_settings, **settings}) for salt in args.salts.split(",")]
            runs = [dict(rows, X=everything["X"][[place[one] for one in rows["id"]]]) for rows, _, _ in done]
            champions[name] = np.mean([champion(slice_, facts) for _, slice_, facts in done], 0)
        for how in ("offset", "weights") if args.weights and policy not in (None, "uniform") else ("offset",):
            for consumer in args.consumers.split(","):
                figures = []
                for rows in runs:
                    count, clicks, predict = trained(rows, cut, consumer, how)
                    figures.append((count, clicks, *judge(predict(everything["X"][test]), everything["y"][test])))
                count, clicks, auc, ne, calibration = np.mean(figures, 0)
                full_auc, full_ne = reference.setdefault(consumer, (auc, ne))
                print(f"| {name} | {how} | {consumer} | {count:.0f} | {clicks:.0f} | {auc:.4f} | {auc / full_auc:.2%} | {ne:.4f} | {ne / full_ne - 1:+.2%} | {calibration:.3f} |", flush=True)
        for help_name in args.helps.split(",") if policy is not None and args.helps else []:
            figures = []
            for rows, _, facts in done:
                count, clicks, predicted = helped(help_name, rows, facts, work, cut, everything, before, test, own)
                figures.append((count, clicks, *judge(predicted, everything["y"][test])))
            count, clicks, auc, ne, calibration = np.mean(figures, 0)
            full_auc, full_ne = reference.get("recipe", (np.nan, np.nan))
            print(f"| {name} | {help_name} | recipe | {count:.0f} | {clicks:.0f} | {auc:.4f} | {auc / full_auc:.2%} | {ne:.4f} | {ne / full_ne - 1:+.2%} | {calibration:.3f} |", flush=True)
    print("\n| champion of | AUC on audit | NE on audit | calibration | NE over the stream | fits | longest fit, s |\n|---|---|---|---|---|---|---|")
    for name, (auc, ne, calibration, stream, fits, longest) in champions.items():
        print(f"| {name} | {auc:.4f} | {ne:.4f} | {calibration:.3f} | {stream:.4f} | {fits:.0f} | {longest:.1f} |")


if __name__ == "__main__":
    main()
