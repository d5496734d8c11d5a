"""Columns of Sluice's own against the same values delivered: what differs, and LightGBM's AUC with each. Prints JSON.

Reads own-, given- training and audit rows as Parquet, and the names of the hidden columns from the command line.
"""

import json
import sys

import lightgbm
import numpy as np
import sluice

hidden = sys.argv[1:]


def matrix(samples, names):
    return np.column_stack([samples[name].astype(np.float32) for name in names])


def auc(score, label):
    order = np.argsort(score, kind="stable")
    ranks = np.empty(len(score))
    ranks[order] = np.arange(1, len(score) + 1)
    for value in np.unique(score):
        tied = score == value
        ranks[tied] = ranks[tied].mean()
    positives = label.sum()
    return float((ranks[label == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(label) - positives)))


def auc_of(training, audit, names):
    data = lightgbm.Dataset(matrix(training, names), training.label, init_score=training.offset)
    settings = {
        "objective": "binary",
        "num_leaves": 15,
        "learning_rate": 0.05,
        "min_data_in_leaf": 50,
        "seed": 1,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    model = lightgbm.train(settings, data, 100)
    return auc(model.predict(matrix(audit, names), raw_score=True), audit.label)


def by_id(samples):
    return samples.take(np.argsort(samples.sample_id.astype(str)))


own, given = (
    {part: by_id(sluice.read(f"{name}-{part}.parquet")) for part in ("training", "audit")} for name in ("own", "given")
)
feature = lambda name: f"feature.{name}"
kept = [feature(name) for name in own["audit"].feature_names if name not in hidden]
delivered = [feature(f"own_{name}") for name in hidden]
carried = [f"carried.items.own.{name}" for name in hidden]
differs = {
    what: int(
        sum(
            not np.array_equal(given[part][there].astype(np.float32), own[part][feature(name)], equal_nan=True)
            for part in own
            for name, there in zip(hidden, names)
        )
    )
    for what, names in (("declared", delivered), ("carried", carried))
}
print(
    json.dumps(
        {
            "rows": [len(own[part]) for part in ("training", "audit")],
            "sameRows": all(np.array_equal(own[part].sample_id, given[part].sample_id) for part in own),
            "differs": differs,
            "missingShare": float(np.mean([np.isnan(own["audit"][feature(name)]).mean() for name in hidden])),
            "auc": {
                "own": auc_of(own["training"], own["audit"], kept + [feature(name) for name in hidden]),
                "declared": auc_of(given["training"], given["audit"], kept + delivered),
                "carried": auc_of(given["training"], given["audit"], kept + carried),
                "without": auc_of(own["training"], own["audit"], kept),
            },
        }
    )
)
