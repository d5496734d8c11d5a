"""Runs code blocks of docs/how/training.md in the working directory and judges the model on the audit slice.

    run_snippet.py < JOB    JOB is JSON: {"shared": [CODE...], "snippet": CODE}

Trains twice on the same rows: as the page says, and with offset 0 and weight 1. Prints one JSON object with, for both,
calibration (predicted clicks / clicks), AUC and the number of audit rows and clicks.
"""
import json
import sys

import numpy as np


def run(code, space):
    exec(compile(code, "docs/how/training.md", "exec"), space)


def judged(predict, X, y):
    p = np.asarray(predict(X), dtype=float)
    assert p.shape == y.shape and np.all((p > 0) & (p < 1)), "predict must give one probability a row"
    order = np.argsort(p, kind="stable")
    ranks = np.empty(len(p))
    ranks[order] = np.arange(1, len(p) + 1)
    clicks = y.sum()
    auc = (ranks[y == 1].sum() - clicks * (clicks + 1) / 2) / (clicks * (len(y) - clicks))
    return {"calibration": p.sum() / clicks, "auc": auc, "rows": len(y), "clicks": int(clicks)}


job = json.load(sys.stdin)
shared = {"__name__": "training_page"}
for code in job["shared"]:
    run(code, shared)
unaware = {"offset": np.zeros_like(shared["offset"]), "weight": np.ones_like(shared["weight"])}
answer = {}
for name, changed in (("aware", {}), ("unaware", unaware)):
    space = {**shared, **changed}
    # Functions of the shared blocks look their names up in the shared space, which is as the page made it.
    run(job["snippet"], space)
    answer[name] = judged(space["predict"], space["X_audit"], space["y_audit"])
print(json.dumps(answer))
