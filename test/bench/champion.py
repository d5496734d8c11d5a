"""What a consumer can take from a champion that Sluice publishes: see docs/how/training.md, "From the champion".

A champion is a snapshot's ONNX file with the outputs logit_a, logit_b and logit. `Champion.base` gives each training row
the log-odds of the half that has not seen its session, `Champion.served` what one adds when serving. HELPS are the ways to
use it: each fits rows (X, y, offset, fold) and returns a function from rows to probabilities. Needs numpy, onnxruntime and
lightgbm.
"""
import lightgbm as lgb
import numpy as np
import onnxruntime

from consumers import CONSUMERS, sigmoid


class Champion:
    def __init__(self, path):
        self.session = onnxruntime.InferenceSession(path)

    def logits(self, X):
        names = ["logit_a", "logit_b", "logit"]
        parts = [self.session.run(names, {"features": X[start : start + 8192]}) for start in range(0, len(X), 8192)]
        return dict(zip(names, (np.concatenate(column).astype(float) for column in zip(*parts))))

    def base(self, X, fold):
        found = self.logits(X)
        return np.where(fold == 0, found["logit_b"], found["logit_a"])

    def served(self, X):
        return self.logits(X)["logit"]


SMALL = dict(objective="cross_entropy", learning_rate=0.05, num_leaves=7, min_data_in_leaf=20, lambda_l2=50.0, feature_fraction=0.5, bagging_fraction=0.8,
             bagging_freq=1, boost_from_average=False, verbosity=-1, deterministic=True, force_row_wise=True)
RECIPE = dict(SMALL, num_leaves=15, min_data_in_leaf=10, lambda_l2=20.0, feature_fraction=0.6)


def boosted(settings, rounds, X, y, start, bags=5, seed=7):
    models = [lgb.train(dict(settings, seed=seed + bag), lgb.Dataset(X, label=y, init_score=start), num_boost_round=rounds) for bag in range(bags)]
    return lambda Z: np.mean([model.predict(Z, raw_score=True) for model in models], 0)


def alone(champion, X, y, offset, fold, own):
    """The champion, without a row."""
    return lambda Z, mine: sigmoid(champion.served(Z))


def as_base(champion, X, y, offset, fold, own):
    """The champion as base margin, with no intercept of one's own: 400 clicks do not know it better."""
    trees = boosted(SMALL, 40, own, y, offset + champion.base(X, fold))
    return lambda Z, mine: sigmoid(champion.served(Z) + trees(mine))


def as_column(champion, X, y, offset, fold, own):
    """The champion as one more column of the recipe."""
    fit = CONSUMERS["recipe"](np.c_[own, champion.base(X, fold)].astype(np.float32), y, offset, np.ones(len(y)), 7)
    return lambda Z, mine: fit(np.c_[mine, champion.served(Z)].astype(np.float32))


def as_teacher(champion, X, y, offset, fold, own):
    """Half the label, half what the champion says of the row among the kept; served without the champion."""
    soft = (y + sigmoid(champion.base(X, fold) + offset)) / 2
    low, high = -40.0, 40.0
    for _ in range(60):
        b = (low + high) / 2
        low, high = (low, b) if np.sum(sigmoid(b + offset)) > np.sum(soft) else (b, high)
    trees = boosted(RECIPE, 200, own, soft, offset + b)
    return lambda Z, mine: sigmoid(b + trees(mine))


def rows_alone(champion, X, y, offset, fold, own):
    """The recipe, without the champion."""
    fit = CONSUMERS["recipe"](own, y, offset, np.ones(len(y)), 7)
    return lambda Z, mine: fit(mine)


HELPS = {"rows": rows_alone, "base": as_base, "column": as_column, "teacher": as_teacher, "champion": alone}
