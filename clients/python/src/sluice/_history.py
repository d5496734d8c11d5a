from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ._errors import FormatError
from ._samples import Samples

HistoryName = Literal["sessionActed", "sessionShown", "userActed", "userShown"]


@dataclass(frozen=True)
class History:
    """The last items before each impression, rows × length, the newest at the end and padding before the oldest."""

    #: Text; "" is padding.
    item_ids: npt.NDArray[np.object_]
    #: ``CLICK``, …; "" is padding. None: the items were shown.
    types: npt.NDArray[np.object_] | None
    #: Time from each to the impression, milliseconds; 0 is padding.
    gaps_ms: npt.NDArray[np.int64]
    #: True where there is an item.
    mask: npt.NDArray[np.bool_]


def history(samples: Samples, name: HistoryName, length: int) -> History:
    """A history of ``features.history`` as arrays of one width; longer ones lose their oldest items.

    Rows without it (an unknown user, a row of before it was asked for) are all padding.
    """
    if f"history.{name}.itemIds" not in samples.columns:
        raise FormatError(f"the samples have no history.{name}: ask for it in features.history")
    item_ids = padded(samples.columns[f"history.{name}.itemIds"], length, "", np.object_)
    gaps_ms = padded(samples.columns[f"history.{name}.gapsMs"], length, 0, np.int64)
    types = samples.columns.get(f"history.{name}.types")
    # No item's id is empty.
    mask: npt.NDArray[np.bool_] = item_ids != ""
    return History(item_ids, None if types is None else padded(types, length, "", np.object_), gaps_ms, mask)


def padded(lists: Iterable[Any], length: int, padding: Any, dtype: Any) -> npt.NDArray[Any]:
    lists = list(lists)
    rows = np.full((len(lists), length), padding, dtype=dtype)
    for row, values in zip(rows, lists, strict=True):
        last = [] if values is None else list(values)[-length:]
        if last:
            row[-len(last) :] = last
    return rows


class Vocabulary:
    """Numbers of item ids for an embedding table: 0 is padding, 1 an unknown item, the others begin at 2."""

    def __init__(self, item_ids: Iterable[str]) -> None:
        self.item_ids: tuple[str, ...] = tuple(sorted({one for one in item_ids if one != ""}))
        self._codes = {"": 0, **{item_id: code for code, item_id in enumerate(self.item_ids, 2)}}

    def __len__(self) -> int:
        """Rows that the embedding table needs."""
        return len(self.item_ids) + 2

    def codes(self, item_ids: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """The numbers of ids, in an array of the same shape."""
        flat = [self._codes.get(item_id, 1) for item_id in item_ids.ravel().tolist()]
        return np.array(flat, dtype=np.int64).reshape(item_ids.shape)
