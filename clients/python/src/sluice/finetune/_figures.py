"""What a model is judged by, as ``sluice evaluate`` and the snapshots' manifests have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Figures:
    rows: int
    positives: int
    auc: float
    #: Log loss / entropy of the base rate.
    normalised_entropy: float
    log_loss: float
    #: Σ predictions / Σ labels.
    calibration: float
    accuracy: float
    precision: float
    recall: float
    f1: float


def figures(label: npt.NDArray[Any], logit: npt.NDArray[Any]) -> Figures:
    """Judges rows in order of time. The threshold is that of the best F1 on the earlier half; the decisions are the later's."""
    y, z = label.astype(np.float64), logit.astype(np.float64)
    p = 1 / (1 + np.exp(-z))
    loss = float(np.mean(np.logaddexp(0, z) - y * z))
    rate = float(y.mean())
    entropy = -(rate * np.log(rate) + (1 - rate) * np.log1p(-rate)) if 0 < rate < 1 else float("nan")
    half = len(y) // 2
    said = p[half:] >= best_threshold(y[:half], p[:half])
    later = y[half:] == 1
    hits = float((said & later).sum())
    precision = hits / said.sum() if said.any() else 0.0
    recall = hits / later.sum() if later.any() else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hits > 0 else 0.0
    return Figures(
        len(y),
        int(y.sum()),
        auc(y, p),
        loss / entropy,
        loss,
        float(p.sum() / y.sum()) if y.any() else float("nan"),
        float((said == later).mean()),
        float(precision),
        float(recall),
        float(f1),
    )


def auc(y: Vector, score: Vector) -> float:
    """Chance that a click scores above a non-click; ties count half."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse.reshape(-1)]
    positives = y.sum()
    negatives = len(y) - positives
    return float((ranks[y == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def best_threshold(y: Vector, p: Vector) -> float:
    order = np.argsort(-p, kind="stable")
    hits = np.cumsum(y[order])
    f1 = 2 * hits / (np.arange(1, len(y) + 1) + y.sum())
    return float(p[order][int(np.argmax(f1))])
