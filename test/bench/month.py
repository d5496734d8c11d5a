#!/usr/bin/env python3
"""What does the retraining loop pay in a month in which clicks change four times and people bring bad models?

    python3 test/bench/month.py [--impressions 300000] [--seed 9] [--work DIR]

Makes traffic of thirty days (`sluice simulate`, sessions spread over the month) and draws its clicks anew, from the true
probabilities of the simulator, under other behaviour every six days: as simulated; taste turned round within each list; a
third of the clicks; recommendations clicked five times as often and searches half; as at first. Then one day after the other
goes through three stores of their own, each day a run with `--until-end` on what the days before left:

    retrained   as configured by default, and on some evenings somebody brings a model, tampers with one, or rolls back
    held        the champion of the second day is pinned
    all rows    every sample is kept, for a LightGBM that is fitted anew each evening, on everything so far or on seven days

Judged are the audit rows of each day, a fifth of all samples: log loss of the prediction made before the outcome, over the
entropy of that stretch's click rate (normalised entropy). Ends with 1 where a command did not end as it must. Prints Markdown.
Needs numpy, lightgbm and onnx (test/python/requirements.txt).
"""
import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

import lightgbm as lgb
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from spoilt import write_spoilt

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DAY_MS = 86_400_000
DAYS = 30
STRETCHES = ["as simulated", "taste turned", "a third of the clicks", "surfaces shifted", "as at first"]
DAYS_A_STRETCH = DAYS // len(STRETCHES)
SETS = {"encoder.enabled": "false", "selection.auditFraction": "0.2", "topics.partitions": "2", "http.enabled": "off",
        "join.allowedLatenessMs": "1000", "retrain.everySamples": "5000", "retrain.auditWindowSamples": "10000", "retrain.proof.enabled": "false"}
faults = []


def sluice(store, *words, must_end=0, **sets):
    """Runs a command on a store; notes as a fault a status that is not as it must be."""
    settings = {**SETS, "transport.path": store, "privacy.keyFile": os.path.join(os.path.dirname(store), "key"), **sets} if store else {}
    done = subprocess.run(["node", os.path.join(ROOT, "dist", "main.js"), *words, *(word for key, value in settings.items() for word in ("--set", f"{key}={value}"))],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = done.stderr + done.stdout
    if done.returncode not in (must_end if isinstance(must_end, tuple) else (must_end,)):
        faults.append(f"`{' '.join(words[:2])}` ended with {done.returncode}, {must_end} was due; it said: {said.strip()[-400:]}")
    return done.stdout


def chance(text):
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) / 16**12


def clicked(stretch, surface, probabilities):
    """The click probabilities of a list under the behaviour of a stretch."""
    if stretch == 1:
        return probabilities[::-1]
    if stretch == 2:
        return [p / 3 for p in probabilities]
    if stretch == 3:
        factor = {"RECOMMENDATION": 5, "SEARCH": 0.5}.get(surface, 1)
        return [min(0.9, p * factor) for p in probabilities]
    return probabilities


def make_days(work, impressions, seed):
    """Event folders, one a day. @returns nothing; the folders are `work/day-N`"""
    made = os.path.join(work, "simulated")
    sluice(None, "simulate", "--out", made, "--impressions", str(impressions), "--seed", str(seed))
    with open(os.path.join(made, "impressions.ndjson"), encoding="utf8") as lines:
        lists = [json.loads(line) for line in lines]
    with open(os.path.join(made, "truth.ndjson"), encoding="utf8") as lines:
        truth = {row["impressionId"]: row["clickProbability"] for row in map(json.loads, lines)}
    began = {}
    for shown in lists:
        began.setdefault(shown["sessionId"], shown["eventTimeMs"])
    first, last = min(began.values()), max(shown["eventTimeMs"] for shown in lists)
    stretched = DAYS * DAY_MS * 0.999 / (last - first)
    days = [([], []) for _ in range(DAYS)]
    for shown in lists:
        session = began[shown["sessionId"]]
        at = int(first + (session - first) * stretched + shown["eventTimeMs"] - session)
        day = min(DAYS - 1, (at - first) // DAY_MS)
        probabilities = [truth[f"{shown['requestId']}#{item['position']}"] for item in shown["items"]]
        days[day][0].append({**shown, "eventTimeMs": at})
        for item, p in zip(shown["items"], clicked(day // DAYS_A_STRETCH, shown["surface"], probabilities)):
            name = f"{shown['requestId']}#{item['position']}"
            if chance(f"{seed} {name}") < p:
                days[day][1].append({"interactionId": f"{name}-click", "eventTimeMs": at + 10_000, "type": "CLICK", "sessionId": shown["sessionId"], "userId": shown.get("userId"),
                                     "itemId": item["itemId"], "requestId": shown["requestId"], "impressionId": name})
    for day, events in enumerate(days):
        folder = os.path.join(work, f"day-{day}")
        os.makedirs(folder)
        for name, rows in zip(("impressions", "interactions"), events):
            with open(os.path.join(folder, f"{name}.ndjson"), "w", encoding="utf8") as out:
                out.writelines(json.dumps(row) + "\n" for row in sorted(rows, key=lambda row: row["eventTimeMs"]))


def rows_of(store, topics=("audit",), **sets):
    rows = [json.loads(line) for topic in topics for line in sluice(store, "dump", topic, "--format", "ndjson", **sets).splitlines()]
    rows.sort(key=lambda row: (row["eventTimeMs"], row["sampleId"]))
    return rows


def write_plain(path, columns, value):
    """An ONNX model of so many columns that says the same of each row."""
    nodes = [helper.make_node("Gather", ["features", "first"], ["column"], axis=1), helper.make_node("IsNaN", ["column"], ["missing"]),
             helper.make_node("Where", ["missing", "value", "value"], ["probability"])]
    graph = helper.make_graph(nodes, "plain", [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", columns])], [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["N"])],
                              [numpy_helper.from_array(np.array(0, np.int64), "first"), numpy_helper.from_array(np.array([value], np.float32), "value")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def champion(store):
    history = [json.loads(line) for line in sluice(store, "snapshot", "history", "--format", "json").splitlines()]
    return history[-1].get("version") if history else None


def evening(store, work, day):
    """What people do to the models after a day."""
    columns = len(rows_of(store)[0]["features"])
    brought = os.path.join(work, "brought.onnx")
    before = champion(store)

    def bring(*words, **expected):
        sluice(store, "snapshot", "publish", brought, "--promote", "--reason", "brought", *words, **expected)

    if day == 3:
        write_spoilt(brought, np.array([np.nan if row["prediction"] is None else row["prediction"] for row in rows_of(store)]), columns)
        bring("--feature-set", rows_of(store)[0]["featureSetId"], must_end=3)
    elif day == 7:
        write_plain(brought, columns, np.nan)
        bring("--feature-set", rows_of(store)[0]["featureSetId"], must_end=3)
    elif day == 9:
        write_plain(brought, columns + 1, 0.1)
        bring("--feature-set", rows_of(store)[0]["featureSetId"], must_end=3)
    elif day == 11:
        sluice(store, "snapshot", "export", before, "--out", os.path.join(work, "exported"))
        with open(os.path.join(work, "exported", f"{before}.onnx"), "rb") as whole:
            damaged = bytearray(whole.read())
        damaged[len(damaged) // 2] ^= 0xFF
        with open(brought, "wb") as out:
            out.write(damaged)
        bring(must_end=3)
    elif day == 15:
        for _ in range(10):
            sluice(store, "snapshot", "rollback", "--reason", "tried ten times", must_end=(0, 2))
        return
    else:
        return
    if champion(store) != before:
        faults.append(f"day {day + 1}: what was brought became champion")


def entropy(rate):
    return -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))


def loss(y, p):
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def column(rows, name):
    return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)


def matrix(rows):
    return np.array([[np.nan if v is None else v for v in row["features"]] for row in rows], dtype=np.float32)


def refitted(rows, day_of, judged, judged_day, since):
    """Predictions for the audit rows of each day by a LightGBM fitted on the days before it. @param since days looked back"""
    x, y = matrix(rows), column(rows, "label")
    said = np.full(len(judged), np.nan)
    xs = matrix(judged)
    for day in range(1, DAYS):
        taught, asked = (day_of < day) & (day_of >= day - since), judged_day == day
        if asked.any() and y[taught].sum() > 0:
            booster = lgb.train(dict(objective="binary", num_leaves=15, learning_rate=0.08, min_data_in_leaf=10, lambda_l2=20.0, feature_fraction=0.6, bagging_fraction=0.8, bagging_freq=1, verbosity=-1, num_threads=1, seed=1),
                                lgb.Dataset(x[taught], y[taught]), 150)
            said[asked] = booster.predict(xs[asked])
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--impressions", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--work")
    options = parser.parse_args()
    work = options.work or tempfile.mkdtemp(prefix="sluice-month-")
    os.makedirs(work, exist_ok=True)
    make_days(work, options.impressions, options.seed)
    stores = {name: os.path.join(work, f"{name}.store") for name in ("retrained", "held", "all")}
    keep_all = {"selection.budget": "1", "selection.scorer": "uniform", "retrain.promote": "manual", "retrain.everySamples": "1000000000", "retrain.everyMs": "0", "retrain.onDrift": "false"}
    for day in range(DAYS):
        events = os.path.join(work, f"day-{day}")
        for name, store in stores.items():
            sluice(store, "run", "--events", events, "--until-end", **(keep_all if name == "all" else {}))
        if day == 1:
            sluice(stores["held"], "snapshot", "pin", "--reason", "no retraining")
        evening(stores["retrained"], work, day)
    began = rows_of(stores["all"], **keep_all)[0]["eventTimeMs"]
    audits = {name: rows_of(store, **(keep_all if name == "all" else {})) for name, store in stores.items()}
    ids = [row["sampleId"] for row in audits["all"]]
    for name in ("retrained", "held"):
        if [row["sampleId"] for row in audits[name]] != ids:
            faults.append(f"{name}: the audit slice is not that of the run that keeps all rows")
    judged = audits["all"]
    day_of = lambda rows: (column(rows, "eventTimeMs") - began) // DAY_MS
    judged_day, y = day_of(judged), column(judged, "label")
    full = rows_of(stores["all"], ("training", "audit"), **keep_all)
    said = {
        "retrained as it goes": column(audits["retrained"], "prediction"),
        "held since day 2": column(audits["held"], "prediction"),
        "LightGBM each evening, all days": refitted(full, day_of(full), judged, judged_day, DAYS),
        "LightGBM each evening, seven days": refitted(full, day_of(full), judged, judged_day, 7),
    }
    print("| predicted by | " + " | ".join(f"{name}, days {1 + i * DAYS_A_STRETCH} to {(i + 1) * DAYS_A_STRETCH}" for i, name in enumerate(STRETCHES)) + " |")
    print("|---" * (1 + len(STRETCHES)) + "|")
    everywhere = np.all([np.isfinite(p) for p in said.values()], axis=0)
    for name, p in said.items():
        cells = []
        for i in range(len(STRETCHES)):
            here = everywhere & (judged_day // DAYS_A_STRETCH == i)
            cells.append(f"{loss(y[here], p[here]).mean() / entropy(y[here].mean()):.3f}, calibration {p[here].sum() / y[here].sum():.2f}")
        print(f"| {name} | " + " | ".join(cells) + " |")
    changes = [json.loads(line) for line in sluice(stores["retrained"], "snapshot", "history", "--format", "json").splitlines()]
    print(f"\n{len(judged):,} audit rows, {int(y.sum()):,} clicks among them, {100 * everywhere.mean():.0f} % judged; {len(changes)} changes of the champion.")
    for fault in faults:
        print("\nFAULT " + fault)
    if not options.work:
        shutil.rmtree(work)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
