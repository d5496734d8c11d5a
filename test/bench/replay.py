#!/usr/bin/env python3
"""Replays selection policies over one dump of every sample, without running Sluice again for each.

    node dist/main.js run --events DIR --until-end --set selection.scorer=uniform --set selection.budget=1 [...]
    node dist/main.js dump training [...] --format ndjson --out full.training.ndjson    # and audit, to full.audit.ndjson
    node dist/main.js describe features --format json > columns.json
    python3 test/bench/replay.py . --budget 0.01 [--salts abcde] [--alpha 0.1] [--prior none|neighbourRate]
                                   [--min-positives 20] [--members 1] [--every 20000] [--rate 0.005] [--power 1]
                                   [--coins sample|stratified|list] [--hindsight] [--omit a,b] [--only a,b]

The folder holds the three files. The pilot is LightGBM with the settings of `retrain.boosting`, refitted on what was kept so
far at the triggers of a replay; the consumer is the recipe of curation.py (five bags). Prints means and standard errors over
salts. Coins are drawn by numpy, so single rows differ from Sluice's. Needs numpy, scipy and lightgbm.
"""
import argparse
import hashlib
import json
import os

import lightgbm as lgb
import numpy as np
from scipy.stats import rankdata

COMMON = dict(objective="binary", num_leaves=15, min_data_in_leaf=10, lambda_l2=20.0, feature_fraction=0.6, bagging_fraction=0.8, bagging_freq=1,
              verbosity=-1, num_threads=1, boost_from_average=False, deterministic=True, force_row_wise=True)


def load(folder):
    rows = []
    for topic in ("training", "audit"):
        with open(os.path.join(folder, f"full.{topic}.ndjson"), encoding="utf8") as lines:
            for line in lines:
                r = json.loads(line)
                rows.append((r["eventTimeMs"], r["requestId"], r["position"], topic == "audit", r["label"], [np.nan if v is None else v for v in r["features"]]))
    rows.sort(key=lambda r: r[:3])
    return (np.array([r[0] for r in rows]), np.array([r[1] for r in rows]), np.array([r[3] for r in rows]), np.array([r[4] for r in rows], dtype=float), np.array([r[5] for r in rows], dtype=np.float32))


def intercept(y, offset):
    low, high = -30.0, 30.0
    for _ in range(60):
        b = (low + high) / 2
        if np.sum(1 / (1 + np.exp(-np.clip(b + offset, -40, 40)))) > y.sum():
            high = b
        else:
            low = b
    return b


def fit(X, y, offset, rate, rounds, bags):
    b = intercept(y, offset)
    boosters = [lgb.train(dict(COMMON, learning_rate=rate, seed=7 + k), lgb.Dataset(X, label=y, init_score=offset + b), num_boost_round=rounds) for k in range(bags)]
    return lambda Z: 1 / (1 + np.exp(-np.clip(np.mean([m.predict(Z, raw_score=True, num_threads=1) for m in boosters], 0) + b, -40, 40)))


def judge(p, y):
    ranks, positives = rankdata(p), y.sum()
    auc = (ranks[y == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(y) - positives))
    q, b = np.clip(p, 1e-7, 1 - 1e-7), y.mean()
    return auc, -np.mean(y * np.log(q) + (1 - y) * np.log(1 - q)) / -(b * np.log(b) + (1 - b) * np.log(1 - b)), p.sum() / positives


def threshold(s, budget):
    low, high = 1e-9, 1e3
    for _ in range(60):
        mu = np.sqrt(low * high)
        low, high = (mu, high) if np.minimum(1, s / mu).mean() > budget else (low, mu)
    return np.log(np.sqrt(low * high))


def throw(requests, salt, kind):
    draw = np.random.default_rng(int(hashlib.sha256(salt.encode()).hexdigest()[:8], 16))
    if kind == "sample":
        return draw.random(len(requests))
    coins = np.empty(len(requests))
    begins = np.flatnonzero(np.r_[True, requests[1:] != requests[:-1]])
    for begin, end in zip(begins, np.r_[begins[1:], len(requests)]):
        # Stratified: one draw a list, spread evenly over its items in random order, each still uniform by itself.
        coins[begin:end] = draw.random() if kind == "list" else (draw.random() + draw.permutation(end - begin) / (end - begin)) % 1
    return coins


def hindsight(X, y, requests, everything):
    fold = np.array([int(hashlib.md5(request.encode()).hexdigest()[:4], 16) % 5 for request in requests])
    best = np.zeros(len(y))
    for k in range(5):
        rows = everything[fold[everything] != k]
        best[fold == k] = fit(X[rows], y[rows], np.zeros(len(rows)), 0.05, 200, 2)(X[fold == k])
    return best


def select(X, y, audit, prior, end, coin, args):
    kept, offsets, states, first, pilot = [], [], {}, None, None
    every, at, fit_at = args.every, 0, args.every // 8
    while at < end:
        if at >= fit_at:
            k = np.array(kept, dtype=int)
            if len(k) and args.min_positives <= y[k].sum() < len(k):
                pilot = fit(X[k], y[k], np.array(offsets), 0.08, 150, args.members)
                first = first or (at, len(k), int(y[k].sum()))
                fit_at = max(every // 8, min(at * 2, at + every))
            else:
                fit_at = at + every // 8
        to = min(end, at + 8_192, fit_at)
        p = pilot(X[at:to]) if pilot else None if prior is None else prior[at:to]
        for i in (i for i in range(at, to) if p is None and not audit[i] and coin[i] < args.budget):
            kept.append(i)
            offsets.append(0.0)
        if p is not None:
            surprise = np.where(y[at:to] == 1, 1 - p, p) ** args.power
            scale = pilot is not None
            ln_mu = states[scale] if scale in states else threshold(surprise[~audit[at:to]], args.budget)
            for i in range(at, to):
                if audit[i]:
                    continue
                mu = np.exp(ln_mu)
                if1, if0 = (args.alpha * args.budget + (1 - args.alpha) * min(1, s**args.power / mu) for s in (1 - p[i - at], p[i - at]))
                pi = if1 if y[i] else if0
                if coin[i] < pi:
                    kept.append(i)
                    offsets.append(np.log(if1 / if0))
                ln_mu += args.rate * (pi - args.budget) / args.budget
            states[scale] = ln_mu
        at = to
    return np.array(kept), np.array(offsets), first


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--budget", type=float, default=0.01)
    parser.add_argument("--salts", default="abcde", help="a letter a salt")
    parser.add_argument("--alpha", type=float, default=0.2)
    parser.add_argument("--prior", default="neighbourRate", help="column that scores before the first pilot; none: the coin alone")
    parser.add_argument("--min-positives", type=float, default=20)
    parser.add_argument("--members", type=int, default=1)
    parser.add_argument("--every", type=int, default=20_000)
    parser.add_argument("--power", type=float, default=1)
    parser.add_argument("--coins", choices=["sample", "stratified", "list"], default="sample")
    parser.add_argument("--hindsight", action="store_true", help="one pilot, cross-fitted on everything")
    parser.add_argument("--rate", type=float, default=0.005)
    parser.add_argument("--omit", default="")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    with open(os.path.join(args.folder, "columns.json"), encoding="utf8") as f:
        names = [column["name"] for column in json.load(f)["columns"]]
    t, requests, audit, y, X = load(args.folder)
    prior = None if args.prior == "none" else X[:, names.index(args.prior)].astype(float)
    omitted, only = args.omit.split(","), args.only.split(",") if args.only else names
    X = np.ascontiguousarray(X[:, [i for i, name in enumerate(names) if name in only and name not in omitted]])
    test = t >= np.quantile(t, 2 / 3)
    everything = np.where(~test & ~audit)[0]
    full = judge(fit(X[everything], y[everything], np.zeros(len(everything)), 0.05, 200, 5)(X[test]), y[test])
    print(f"{X.shape[1]} columns, everything: AUC {full[0]:.4f}, NE {full[1]:.4f}, calibration {full[2]:.3f}", flush=True)
    if args.hindsight:
        prior, args.min_positives = hindsight(X, y, requests, everything), np.inf
    found, counts = [], []
    for salt in args.salts:
        kept, offsets, first = select(X, y, audit, prior, int(np.argmax(test)), throw(requests, salt, args.coins), args)
        found.append(judge(fit(X[kept], y[kept], offsets, 0.05, 200, 5)(X[test]), y[test]))
        counts.append((len(kept), y[kept].sum()))
        print(f"  salt {salt}: rows {counts[-1][0]}, clicks {counts[-1][1]:.0f}, AUC {found[-1][0]:.4f}; first pilot at (samples, rows, clicks) {first}", flush=True)
    auc, ne, calibration = np.mean(found, 0)
    error = np.std(found, 0, ddof=1) / np.sqrt(len(found)) if len(found) > 1 else [float("nan")] * 3
    rows, clicks = np.mean(counts, 0)
    print(f"{args.budget:.0%}: rows {rows:.0f}, clicks {clicks:.0f}, AUC {auc:.4f} ± {error[0]:.4f} ({auc / full[0]:.2%}), NE {ne / full[1] - 1:+.2%} ± {error[1] / full[1]:.2%}, calibration {calibration:.3f}")


if __name__ == "__main__":
    main()
