from __future__ import annotations

import numpy as np
import numpy.typing as npt


def sigmoid(logit: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The probability of a log odds."""
    return np.asarray(1 / (1 + np.exp(-np.clip(np.asarray(logit, dtype=np.float64), -40, 40))))


def intercept(label: npt.ArrayLike, offset: npt.ArrayLike) -> float:
    """The constant b with sum(sigmoid(b + offset)) = sum(label): where boosting on offsets begins.

    By bisection, since Newton's steps from 0 run away where offsets are large.
    """
    y, shift = np.asarray(label, dtype=np.float64), np.asarray(offset, dtype=np.float64)
    low, high = -40.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if np.sum(sigmoid(middle + shift)) > np.sum(y) else (middle, high)
    return (low + high) / 2
