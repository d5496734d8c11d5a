"""What partitions that share counters (`features.counters: shared`) give and cost, against partitions on their own.

    python test/bench/shared_counters.py EVENTS [--partitions 12] [--every-ms 60000]

Takes one folder of events through one partition, through many on their own, and through many that share; everything is kept.
Prints the mean of `itemShown`, the AUC of LightGBM trained on the first half of the samples and asked about the second, the
seconds, and what was told. Needs a build, numpy and lightgbm.
"""

import argparse
import json
import os
import resource
import subprocess
import tempfile
import time

import lightgbm
import numpy

SETS = {
    "encoder.enabled": "false",
    "http.port": "0",
    "selection.budget": "1",
    "selection.scorer": "uniform",
    "selection.auditFraction": "0",
    "retrain.promote": "manual",
}


def sluice(config, *args):
    done = subprocess.run(["node", "dist/main.js", *args, "--config", config], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr[-2000:])
    return done.stdout


def auc(labels, scores):
    order = numpy.argsort(scores, kind="stable")
    ranks = numpy.empty(len(scores))
    ranks[order] = numpy.arange(1, len(scores) + 1)
    for value in numpy.unique(scores[numpy.flatnonzero(numpy.diff(numpy.sort(scores)) == 0)]):
        ranks[scores == value] = ranks[scores == value].mean()
    positives = labels.sum()
    return (ranks[labels == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))


def lightgbm_auc(rows, labels):
    half = len(labels) // 2
    scores = numpy.zeros(len(labels) - half)
    for seed in range(5):
        params = dict(objective="binary", num_leaves=15, lambda_l2=20, learning_rate=0.05, verbose=-1, num_threads=1)
        params.update(seed=seed, bagging_fraction=0.8, bagging_freq=1, feature_fraction=0.8, deterministic=True)
        model = lightgbm.train(params, lightgbm.Dataset(rows[:half], labels[:half]), 100)
        scores += model.predict(rows[half:])
    return auc(labels[half:], scores)


def one(folder, events, partitions, counters, every_ms):
    path = os.path.join(folder, f"{partitions}-{counters}")
    os.makedirs(path)
    config = os.path.join(path, "sluice.yaml")
    with open(config, "w") as out:
        json.dump(
            {
                "transport": {"kind": "embedded", "path": os.path.join(path, "store")},
                "topics": {"partitions": partitions},
                "privacy": {"keyFile": os.path.join(folder, "key")},
                "features": {"counters": counters, "shareEveryMs": every_ms, "omit": []},
            },
            out,
        )
    sets = [each for name, value in SETS.items() for each in ("--set", f"{name}={value}")]
    cpu, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    sluice(config, "run", "--events", events, "--until-end", "--format", "json", *sets)
    wall, after = time.time() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    columns = json.loads(sluice(config, "describe", "features", "--format", "json", *sets))["columns"]
    names = [column["name"] for column in columns]
    samples = [json.loads(line) for line in sluice(config, "dump", "training", "--format", "ndjson", *sets).splitlines()]
    samples.sort(key=lambda sample: (sample["eventTimeMs"], sample["sampleId"]))
    rows = numpy.array([sample["features"] for sample in samples], dtype=float)
    labels = numpy.array([sample["label"] for sample in samples])
    return {
        "partitions": partitions,
        "counters": counters,
        "samples": len(samples),
        "itemShown": round(float(numpy.nanmean(rows[:, names.index("itemShown")])), 2),
        "auc": round(float(lightgbm_auc(rows, labels)), 4),
        "wallSeconds": round(wall, 1),
        "cpuSeconds": round(after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime, 1),
    }


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("events")
    asked.add_argument("--partitions", type=int, default=12)
    asked.add_argument("--every-ms", type=int, default=60_000)
    args = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "key"), "w") as out:
            out.write("0123456789abcdef" * 4)
        os.chmod(os.path.join(folder, "key"), 0o600)
        for partitions, counters in ((1, "partition"), (args.partitions, "partition"), (args.partitions, "shared")):
            print(json.dumps(one(folder, args.events, partitions, counters, args.every_ms)), flush=True)


if __name__ == "__main__":
    main()
