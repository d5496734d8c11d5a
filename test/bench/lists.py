#!/usr/bin/env python3
"""Does a ranking loss want whole lists? What a list costs in rows, and what it buys in NDCG.

    python3 test/bench/lists.py EVENTS_DIR [--budgets 0.1,0.05,0.01] [--draws 3] [--work DIR]

Runs `node dist/main.js` once over the event files with budget 1 (curation.py; `--work` keeps the rows), and draws from all
rows of the first two thirds as many as a budget allows, by the stream's own predictions p at the time of each row:

    rows, uniform       every row by the same coin
    rows, surprise      by |y - p|, the log-odds offset in the loss
    lists, uniform      whole lists by the same coin
    lists, surprise     whole lists by the mean of |y - p| in them, each list weighing 1 / inclusion probability
    lists, pairs        whole lists by the mean loss of their pairs of a click and none: ln(1 + exp(s_none - s_click))

A consumer learns from them pointwise (the recipe of docs/how/training.md) or by LambdaMART (LightGBM, the same trees), alone or
with the champion that was published last before the test begins as its base. Judged on all lists of the last third that hold a
click and a row without one: NDCG@10, ties in the mean over their orders, and AUC over all rows. Means over the draws.
Prints Markdown. Needs numpy, scipy, lightgbm and onnxruntime (test/python/requirements.txt).
"""
import argparse
import os
import tempfile

import lightgbm as lgb
import numpy as np
from champion import SMALL, Champion
from consumers import CONSUMERS, RECIPE, judge, sigmoid
from curation import samples

LEAST = 0.02  # of the mean importance: what the least surprising one counts, so that nothing has probability 0


def probabilities(importance, sizes, budget):
    """Inclusion probabilities min(1, c * importance), c such that the rows expected are `budget` of all. `sizes`: rows of each."""
    importance = importance + LEAST * importance.mean()
    low, high = 0.0, 1 / importance.min()
    for _ in range(60):
        c = (low + high) / 2
        low, high = (c, high) if (np.minimum(1, c * importance) * sizes).sum() < budget * sizes.sum() else (low, c)
    return np.minimum(1, c * importance)


def ndcg(scores, y, starts):
    """Mean NDCG@10 of lists (rows `starts[i]` to `starts[i + 1]`); one of equal scores is in each place with the same chance."""
    discount = np.zeros(1 + max(10, int(np.diff(starts).max())))
    discount[:10] = 1 / np.log2(np.arange(2, 12))
    found = []
    for start, end in zip(starts[:-1], starts[1:]):
        clicks = int(y[start:end].sum())
        if clicks == 0 or clicks == end - start:
            continue
        s, gain = scores[start:end], 0.0
        for one in np.flatnonzero(y[start:end]):
            above, equal = int((s > s[one]).sum()), int((s == s[one]).sum())
            gain += discount[above : above + equal].mean()
        found.append(gain / discount[:clicks].sum())
    return np.mean(found), len(found)


def lambdamart(X, y, group, weight, start=None, rounds=200, bags=5, seed=7, settings=RECIPE):
    common = dict(objective="lambdarank", lambdarank_truncation_level=10, learning_rate=0.05, verbosity=-1, deterministic=True, force_row_wise=True)
    models = [lgb.train({**common, **settings, "seed": seed + bag}, lgb.Dataset(X, label=y, group=group, weight=weight, init_score=start), num_boost_round=rounds)
              for bag in range(bags)]
    return lambda Z: np.mean([model.predict(Z, raw_score=True) for model in models], 0)


def small_trees(X, y, start, bags=5, seed=7):
    models = [lgb.train(dict(SMALL, seed=seed + bag), lgb.Dataset(X, label=y, init_score=start), num_boost_round=40) for bag in range(bags)]
    return lambda Z: np.mean([model.predict(Z, raw_score=True) for model in models], 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("events")
    parser.add_argument("--budgets", default="0.1,0.05,0.01")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--work")
    asked = parser.parse_args()
    work = asked.work or tempfile.mkdtemp(prefix="lists-")
    training, audit, facts = samples(asked.events, work, "full", **{"selection.budget": 1, "encoder.enabled": "false"})
    rows = {name: np.concatenate([training[name], audit[name]]) for name in ("id", "t", "y", "fold", "prediction", "X")}
    request = np.array([one.rsplit("#", 1)[0] for one in rows["id"]])
    order = np.lexsort((request, rows["t"]))
    rows, request = {name: values[order] for name, values in rows.items()}, request[order]
    t, y, X = rows["t"], rows["y"], rows["X"]
    cut = np.quantile(t, 2 / 3)
    starts = np.flatnonzero(np.r_[True, request[1:] != request[:-1], True])
    is_early = t[starts[:-1]] < cut
    early_lists = np.flatnonzero(is_early)
    early = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in early_lists])
    first_late = starts[early_lists[-1] + 1]
    late = np.arange(first_late, len(y))
    late_starts = starts[early_lists[-1] + 1 :] - first_late
    version = facts["versions"][np.flatnonzero(facts["seen"] <= first_late)[-1]]
    champion = Champion(os.path.join(work, f"full.{version}.onnx"))
    base, served = champion.base(X, rows["fold"]), champion.served(X)

    p = np.where(np.isnan(rows["prediction"]), y[early].mean(), rows["prediction"])
    logit = np.log(np.clip(p, 1e-6, 1 - 1e-6) / (1 - np.clip(p, 1e-6, 1 - 1e-6)))
    sizes = np.diff(starts)[early_lists].astype(float)
    surprise = np.abs(y - p)
    of_list = np.array([surprise[starts[i] : starts[i + 1]].mean() for i in early_lists])

    def pair_loss(i):
        part = slice(starts[i], starts[i + 1])
        clicked, s = y[part] == 1, logit[part]
        return 0.0 if clicked.all() or not clicked.any() else np.logaddexp(0, s[~clicked][None, :] - s[clicked][:, None]).mean()

    of_pairs = np.array([pair_loss(i) for i in early_lists])
    results = {}

    def judged(key, scores):
        found, count = ndcg(scores[late], y[late], late_starts)
        results.setdefault(key, []).append((found, judge(sigmoid(scores[late]), y[late])[0]))
        return count

    def of_rows(name, kept, offset):
        X_, y_ = X[kept], y[kept]
        fit = CONSUMERS["recipe"](X_, y_, offset, np.ones(len(kept)), 7)
        judged((name, "pointwise", len(kept)), np.log(fit(X) / (1 - fit(X))))
        trees = small_trees(X_, y_, offset + base[kept])
        judged((name, "pointwise, from the champion", len(kept)), served + trees(X))

    def of_lists(name, chosen, pi):
        kept = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in early_lists[chosen]])
        group = sizes[chosen].astype(int)
        weight = np.repeat(1 / pi[chosen], group)
        weight /= weight.mean()
        judged((name, "LambdaMART", len(kept)), lambdamart(X[kept], y[kept], group, weight)(X))
        trees = lambdamart(X[kept], y[kept], group, weight, base[kept], 40, settings={key: SMALL[key] for key in RECIPE} | {"num_leaves": 7})
        judged((name, "LambdaMART, from the champion", len(kept)), served + trees(X))

    count = judged(("none", "the champion alone", 0), served)
    of_rows("everything", early, np.zeros(len(early)))
    of_lists("everything", np.arange(len(early_lists)), np.ones(len(early_lists)))
    print(f"{len(y)} rows, {int(y.sum())} clicks, {len(starts) - 1} lists; judged on {count} lists of the last third; champion {version}\n", flush=True)
    for budget in map(float, asked.budgets.split(",")):
        for draw in range(asked.draws):
            random = np.random.default_rng(1000 + draw)
            label = f"{100 * budget:g} %, "
            coin = random.random(len(early))
            of_rows(label + "rows, uniform", early[coin < budget], np.zeros((coin < budget).sum()))
            pi = probabilities(surprise[early], np.ones(len(early)), budget)
            # What the same row would have had with the other label: the offset is the log of their ratio.
            floor = LEAST * surprise[early].mean()
            c = np.max(pi / (surprise[early] + floor))
            of = lambda label_: np.minimum(1, c * (np.abs(label_ - p[early]) + floor))
            kept = coin < pi
            of_rows(label + "rows, surprise", early[kept], np.log(of(1) / of(0))[kept])
            coin = random.random(len(early_lists))
            for name, importance in (("lists, uniform", np.ones(len(early_lists))), ("lists, surprise", of_list), ("lists, pairs", of_pairs)):
                pi = probabilities(importance, sizes, budget)
                of_lists(label + name, np.flatnonzero(coin < pi), pi)
    whole = {}
    for (kept, how, count), found in results.items():
        whole.setdefault((kept, how), []).extend((count, *one) for one in found)
    print("| kept | learner | rows | NDCG@10 | AUC |\n|---|---|---|---|---|")
    for (kept, how), found in whole.items():
        mean, spread = np.mean(found, 0), np.std(found, 0)
        print(f"| {kept} | {how} | {mean[0]:.0f} | {mean[1]:.4f} ± {spread[1]:.4f} | {mean[2]:.4f} |")


if __name__ == "__main__":
    main()
