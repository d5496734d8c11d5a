"""Foreign learners that a reader of the training topic might use, and the figures they are judged by.

Each consumer fits rows X (float32, NaN = missing), labels, log-odds offsets (0 where weights are used) and weights (1 where
the offset is used), and returns a function from rows to probabilities without the offset: what one would serve. The
recipes are those of docs/how/training.md. Needs numpy, scipy and lightgbm.
"""
import lightgbm as lgb
import numpy as np
from scipy.optimize import minimize
from scipy.stats import rankdata

PLAIN = dict(num_leaves=31, min_data_in_leaf=20, lambda_l2=5.0, feature_fraction=0.8)
EXTRA = dict(num_leaves=15, min_data_in_leaf=10, lambda_l2=20.0, feature_fraction=0.6, bagging_fraction=0.8, bagging_freq=1, extra_trees=True)
RECIPE = dict(num_leaves=15, min_data_in_leaf=10, lambda_l2=20.0, feature_fraction=0.6, bagging_fraction=0.8, bagging_freq=1)


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -40, 40)))


def intercept(y, offset, weight):
    """The constant b with sum(weight * sigmoid(b + offset)) = sum(weight * y), by bisection: Newton's steps can run away."""
    low, high = -40.0, 40.0
    for _ in range(60):
        b = (low + high) / 2
        low, high = (low, b) if np.sum(weight * sigmoid(b + offset)) > np.sum(weight * y) else (b, high)
    return b


def boosters(settings, bags, rounds=200):
    def fit(X, y, offset, weight, seed):
        base = intercept(y, offset, weight)
        common = dict(objective="binary", learning_rate=0.05, verbosity=-1, deterministic=True, force_row_wise=True, boost_from_average=False)
        models = [lgb.train({**common, **settings, "seed": seed + bag}, lgb.Dataset(X, label=y, weight=weight, init_score=offset + base), num_boost_round=rounds)
                  for bag in range(bags)]
        return lambda Z: sigmoid(np.mean([model.predict(Z, raw_score=True) for model in models], 0) + base)
    return fit


def standardiser(X):
    squash = lambda Z: np.sign(Z) * np.log1p(np.abs(Z.astype(float)))
    T = np.ma.masked_invalid(squash(X))
    mean, deviation = T.mean(0).filled(0), T.std(0).filled(1)
    deviation[deviation < 1e-6] = 1
    return lambda Z: np.clip(np.nan_to_num((squash(Z) - mean) / deviation), -8, 8).astype(np.float32)


def logistic(ridge=20.0):
    """Logistic regression, `ridge` * |theta|^2 / 2 in all (not per row), none on the intercept."""
    def fit(X, y, offset, weight, seed):
        scale = standardiser(X)
        design = lambda Z: np.c_[scale(Z), np.ones(len(Z))].astype(float)
        A = design(X)
        penalty = np.r_[np.full(A.shape[1] - 1, ridge), 0.0]

        def loss(theta):
            z = A @ theta + offset
            return np.sum(weight * (np.logaddexp(0, z) - y * z)) + penalty @ theta**2 / 2, A.T @ (weight * (sigmoid(z) - y)) + penalty * theta

        theta = minimize(loss, np.zeros(A.shape[1]), jac=True, method="L-BFGS-B", options=dict(maxiter=500)).x
        return lambda Z: sigmoid(design(Z) @ theta)
    return fit


def mlp(hidden=32, batch=256, decay=1.0, rate=2e-3, networks=5, updates=lambda rows: int(np.clip(0.6 * rows, 300, 4000))):
    """Networks of one hidden layer, AdamW with warm-up and cosine decay; `updates` by rows; the mean logit of `networks`."""
    def one(A, y, offset, weight, seed, steps):
        rng = np.random.default_rng(seed)
        base = intercept(y, offset, weight)
        P = [np.asarray(p, dtype=np.float32) for p in (rng.normal(0, np.sqrt(2 / A.shape[1]), (A.shape[1], hidden)), np.zeros(hidden), rng.normal(0, 0.1, hidden), base)]
        M, V = [np.zeros_like(p) for p in P], [np.zeros_like(p) for p in P]
        for step in range(1, steps + 1):
            i = rng.integers(0, len(A), batch)
            a = A[i]
            h = np.maximum(a @ P[0] + P[1], 0)
            d = (weight[i] * (sigmoid(h @ P[2] + P[3] + offset[i]) - y[i]) / batch).astype(np.float32)
            back = np.outer(d, P[2]) * (h > 0)
            now = rate * min(1, step / (0.05 * steps)) * 0.5 * (1 + np.cos(np.pi * step / steps))
            for k, g in enumerate((a.T @ back, back.sum(0), h.T @ d, d.sum())):
                M[k] = 0.9 * M[k] + 0.1 * g
                V[k] = 0.999 * V[k] + 0.001 * np.square(g)
                shrink = 1 - now * decay if k in (0, 2) else 1
                P[k] = (shrink * P[k] - now * (M[k] / (1 - 0.9**step)) / (np.sqrt(V[k] / (1 - 0.999**step)) + 1e-8)).astype(np.float32)
        return lambda B: np.maximum(B @ P[0] + P[1], 0) @ P[2] + P[3]

    def fit(X, y, offset, weight, seed):
        scale = standardiser(X)
        A = scale(X)
        logits = [one(A, y, offset, weight, seed + network, updates(len(A))) for network in range(networks)]
        return lambda Z: sigmoid(np.mean([logit(scale(Z)) for logit in logits], 0))
    return fit


def judge(p, y):
    """AUC, normalised entropy and calibration (predicted clicks / clicks)."""
    clicks = y.sum()
    auc = (rankdata(p)[y == 1].sum() - clicks * (clicks + 1) / 2) / (clicks * (len(y) - clicks))
    p = np.clip(p, 1e-7, 1 - 1e-7)
    rate = y.mean()
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    return auc, loss / -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate)), p.sum() / clicks


CONSUMERS = {
    "plain": boosters(PLAIN, 1),
    "recipe": boosters(RECIPE, 5),
    "extra": boosters(EXTRA, 5, 400),
    "logistic": logistic(),
    "mlp": mlp(),
}
