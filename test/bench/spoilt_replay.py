#!/usr/bin/env python3
"""What does a useless scorer cost, and what would tempering its predictions give back?

    python3 test/bench/spoilt_replay.py ROWS.npz [--budget 0.1] [--salts 3]

ROWS.npz is `full.npz` of `curation.py --work`: every sample with the prediction that a champion made before its outcome.
Draws |y - p| coins over it (threshold solved for the whole log, a fifth of the budget uniform) for p = the predictions, the
same shuffled, the base rate, and shuffled ones halved towards the base rate in log odds; trains LightGBM by the recipe with
the offset on the first two thirds, tests on all samples of the rest. Prints a Markdown table, means over salts.
"""
import argparse

import numpy as np
from consumers import CONSUMERS, judge, sigmoid

ALPHA = 0.2


def inclusion(p, y, budget, threshold):
    return ALPHA * budget + (1 - ALPHA) * np.minimum(1, np.abs(y - p) / threshold)


def threshold_of(p, y, budget):
    low, high = 1e-6, 1e3
    for _ in range(80):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if inclusion(p, y, budget, middle).mean() > budget else (low, middle)
    return high


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows")
    parser.add_argument("--budget", type=float, default=0.1)
    parser.add_argument("--salts", type=int, default=3)
    args = parser.parse_args()
    with np.load(args.rows) as kept:
        X, y, t, p = (np.concatenate([kept["training_" + key], kept["audit_" + key]]) for key in ("X", "y", "t", "prediction"))
    rate = y.mean()
    p = np.clip(np.where(np.isfinite(p), p, rate), 1e-6, 1 - 1e-6)
    shuffled = np.random.default_rng(1).permutation(p)
    logit = lambda q: np.log(q / (1 - q))
    tempered = sigmoid(logit(rate) + 0.5 * (logit(shuffled) - logit(shuffled).mean()))
    cut = np.quantile(t, 2 / 3)
    early, test = t < cut, t >= cut
    print("| importance from | rows | clicks | AUC | NE | calibration |\n|---|---|---|---|---|---|")
    for name, q in (("the champion", p), ("its predictions, shuffled", shuffled), ("these, halved towards the base rate", tempered), ("the base rate", np.full_like(p, rate))):
        threshold = threshold_of(q, y, args.budget)
        pi = inclusion(q, y, args.budget, threshold)
        offset = np.log(inclusion(q, 1, args.budget, threshold) / inclusion(q, 0, args.budget, threshold))
        figures = []
        for salt in range(args.salts):
            kept = early & (np.random.default_rng(100 + salt).random(len(y)) < pi)
            predict = CONSUMERS["recipe"](X[kept], y[kept], offset[kept], np.ones(kept.sum()), 7)
            figures.append((kept.sum(), y[kept].sum(), *judge(predict(X[test]), y[test])))
        rows, clicks, auc, ne, calibration = np.mean(figures, 0)
        print(f"| {name} | {rows:.0f} | {clicks:.0f} | {auc:.4f} | {ne:.4f} | {calibration:.3f} |", flush=True)


if __name__ == "__main__":
    main()
