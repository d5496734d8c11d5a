"""Samples as the fine-tuning takes them: texts by number, plain columns, labels, and what corrects the selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .._errors import FormatError
from .._samples import Samples

#: Columns that a text encoder made: the model has the texts themselves.
OF_TEXTS = ("text", "similarity")


@dataclass(frozen=True)
class TextRows:
    """Rows by event time. ``item`` and ``query`` are indices into ``texts``."""

    texts: tuple[str, ...]
    item: npt.NDArray[np.int64]
    query: npt.NDArray[np.int64]
    #: float32, rows × columns, missing as NaN.
    features: npt.NDArray[np.float32]
    label: npt.NDArray[np.float32]
    #: Log-odds offset of the selection, and 1/π.
    offset: npt.NDArray[np.float32]
    weight: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.label)


def rows_of(samples: Samples, item: str = "items.title", query: str = "query", features: bool = True) -> TextRows:
    """Takes texts that ``output.carry`` named out of samples, oldest first.

    :param features: False leaves the plain columns out
    """
    known: dict[str, int] = {}
    order = np.argsort(samples.event_time_ms, kind="stable")

    def numbers(name: str, is_needed: bool) -> npt.NDArray[np.int64]:
        column = samples.columns.get(f"carried.{name}")
        if column is None:
            if is_needed:
                raise FormatError(f"no sample carries {name}: put it into output.carry, or name another text")
            column = np.full(len(samples), "", dtype=object)
        return np.array([known.setdefault(text or "", len(known)) for text in column[order]], dtype=np.int64)

    items, queries = numbers(item, True), numbers(query, False)
    plain = [index for index, name in enumerate(samples.feature_names) if not name.startswith(OF_TEXTS)]
    return TextRows(
        tuple(known),
        items,
        queries,
        samples.features[order][:, plain if features else []],
        samples.label[order].astype(np.float32),
        samples.offset[order].astype(np.float32),
        samples.weight[order].astype(np.float32),
    )


def distinct(*indices: Any) -> tuple[npt.NDArray[np.int64], Sequence[npt.NDArray[np.int64]]]:
    """The texts of a batch, each once, and where each row finds its own."""
    texts, inverse = np.unique(np.concatenate(indices), return_inverse=True)
    return texts, np.split(inverse.reshape(-1), len(indices))
