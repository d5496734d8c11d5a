#!/usr/bin/env python3
"""Is LightGBM trained on what Sluice keeps as good as LightGBM trained on everything?

    python3 test/bench/curation.py EVENTS_DIR [--budgets 0.1,0.05,0.01] [--policies uniform,surprise] [--salts a,b,c]

Runs `node dist/main.js` over the event files once with budget 1 and once for every policy, budget and salt, each into a
store of its own; trains on the first two thirds of the time line with the log-odds offset; tests on ALL samples of the
rest. Needs numpy and lightgbm (test/python/requirements.txt). Prints a Markdown table of means over salts.
"""
import argparse
import json
import os
import subprocess
import tempfile

import lightgbm as lgb
import numpy as np

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
RECIPES = {
    "plain": (dict(num_leaves=31, min_data_in_leaf=20, lambda_l2=5.0, feature_fraction=0.8), 1),
    "recipe": (dict(num_leaves=15, min_data_in_leaf=10, lambda_l2=20.0, feature_fraction=0.6, bagging_fraction=0.8, bagging_freq=1), 5),
}


def sluice(*words):
    done = subprocess.run(["node", os.path.join(ROOT, "dist", "main.js"), *words], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout


def samples(events, work, name, **settings):
    sets = [word for key, value in {"transport.path": os.path.join(work, name), "privacy.keyFile": os.path.join(work, "key"), **settings}.items() for word in ("--set", f"{key}={value}")]
    sluice("run", "--events", events, "--until-end", "--format", "json", *sets)
    parts = []
    for topic in ("training", "audit"):
        rows = [json.loads(line) for line in sluice("dump", topic, "--format", "ndjson", *sets).splitlines()]
        parts.append(dict(
            t=np.array([r["eventTimeMs"] for r in rows]),
            y=np.array([r["label"] for r in rows], dtype=float),
            offset=np.array([r["logOddsOffset"] for r in rows]),
            X=np.array([[np.nan if v is None else v for v in r["features"]] for r in rows], dtype=np.float32)))
    return parts


def intercept(y, offset):
    low, high = -40.0, 40.0
    for _ in range(60):
        b = (low + high) / 2
        low, high = (low, b) if np.sum(1 / (1 + np.exp(-(b + offset)))) > np.sum(y) else (b, high)
    return b


def fit(X, y, offset, recipe):
    settings, bags = RECIPES[recipe]
    base = intercept(y, offset)
    boosters = [lgb.train(dict(objective="binary", learning_rate=0.05, verbosity=-1, num_threads=2, deterministic=True, force_row_wise=True,
                               boost_from_average=False, seed=7 + bag, **settings),
                          lgb.Dataset(X, label=y, init_score=offset + base), num_boost_round=200) for bag in range(bags)]
    return lambda Z: 1 / (1 + np.exp(-(np.mean([b.predict(Z, raw_score=True) for b in boosters], 0) + base)))


def judge(p, y):
    order = np.argsort(p, kind="stable")
    ranks = np.empty(len(p))
    ranks[order] = np.arange(1, len(p) + 1)
    positives = y.sum()
    auc = (ranks[y == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(y) - positives))
    p = np.clip(p, 1e-7, 1 - 1e-7)
    rate = y.mean()
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    return auc, loss / -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate)), p.sum() / positives


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events")
    parser.add_argument("--budgets", default="0.1,0.05,0.01")
    parser.add_argument("--policies", default="uniform,surprise")
    parser.add_argument("--salts", default="a,b,c")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="curation-") as work:
        training, audit = samples(args.events, work, "full", **{"selection.scorer": "uniform", "selection.budget": 1})
        everything = {key: np.concatenate([training[key], audit[key]]) for key in training}
        cut = np.quantile(everything["t"], 2 / 3)
        test = everything["t"] >= cut
        print(f"{len(test)} samples, {int(everything['y'].sum())} clicks, {everything['X'].shape[1]} columns; tested on {test.sum()} samples\n")
        print("| trained on | learner | rows | clicks | AUC | of full | NE | to full | calibration |\n|---|---|---|---|---|---|---|---|---|")
        reference = {}
        cells = [("everything", None, None)] + [(f"{policy} {float(budget):.0%}", policy, budget) for budget in args.budgets.split(",") for policy in args.policies.split(",")]
        for name, policy, budget in cells:
            runs = [training] if policy is None else [samples(args.events, work, f"{policy}-{budget}-{salt}", **{"selection.scorer": policy, "selection.budget": budget, "selection.salt": salt})[0] for salt in args.salts.split(",")]
            for recipe in RECIPES:
                figures = []
                for rows in runs:
                    early = rows["t"] < cut
                    X, y, offset = rows["X"][early], rows["y"][early], rows["offset"][early]
                    figures.append((len(y), y.sum(), *judge(fit(X, y, offset, recipe)(everything["X"][test]), everything["y"][test])))
                count, clicks, auc, ne, calibration = np.mean(figures, 0)
                full_auc, full_ne = reference.setdefault(recipe, (auc, ne))
                print(f"| {name} | {recipe} | {count:.0f} | {clicks:.0f} | {auc:.4f} | {auc / full_auc:.2%} | {ne:.4f} | {ne / full_ne - 1:+.2%} | {calibration:.3f} |", flush=True)


main()
