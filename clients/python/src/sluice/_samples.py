from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ._errors import FeatureSetError

if TYPE_CHECKING:
    import pandas

Rows = npt.NDArray[np.bool_] | npt.NDArray[np.integer[Any]] | slice


@dataclass(frozen=True)
class Samples:
    """Rows of one feature set, column by column."""

    #: float32, rows × columns; NaN is missing.
    features: npt.NDArray[np.float32]
    #: Name of each feature; its number where nobody named it.
    feature_names: tuple[str, ...]
    #: None where there is no row.
    feature_set_id: str | None
    #: Every other column by its name on the record (``label``, ``itemId``, ``carried.items.price``).
    columns: Mapping[str, npt.NDArray[Any]] = field(repr=False)

    def __post_init__(self) -> None:
        if self.features.shape[1] != len(self.feature_names):
            raise FeatureSetError(f"{len(self.feature_names)} names for {self.features.shape[1]} features")

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """A column by name; ``feature.NAME`` is one number of ``features``."""
        if name.startswith("feature.") and name[8:] in self.feature_names:
            return self.features[:, self.feature_names.index(name[8:])]
        return self.columns[name]

    def take(self, rows: Rows) -> Samples:
        """Some of the rows, by mask, indices or slice."""
        return Samples(
            self.features[rows],
            self.feature_names,
            self.feature_set_id,
            {name: values[rows] for name, values in self.columns.items()},
        )

    @property
    def label(self) -> npt.NDArray[np.int32]:
        """1 where the outcome reached the goal, else 0."""
        return self.columns["label"]

    @property
    def offset(self) -> npt.NDArray[np.float64]:
        """``logOddsOffset``: add it to the logit while training, and leave it out when serving."""
        return self.columns["logOddsOffset"]

    @property
    def weight(self) -> npt.NDArray[np.float64]:
        """``importanceWeight``, 1/π: for learners that take no offset. Never both."""
        return self.columns["importanceWeight"]

    @property
    def probability(self) -> npt.NDArray[np.float64]:
        """``inclusionProbability`` π, in (0,1]."""
        return self.columns["inclusionProbability"]

    @property
    def fold(self) -> npt.NDArray[Any] | None:
        """``fold``: None where the rows have none."""
        return self.columns.get("fold")

    @property
    def event_time_ms(self) -> npt.NDArray[np.int64]:
        """When the impression was shown, epoch milliseconds."""
        return self.columns["eventTimeMs"]

    @property
    def sample_id(self) -> npt.NDArray[np.object_]:
        return self.columns["sampleId"]

    def to_pandas(self) -> pandas.DataFrame:
        """A frame with the columns of a Parquet dump: ``feature.NAME`` behind the others. Needs pandas."""
        import pandas

        named = {f"feature.{name}": self.features[:, index] for index, name in enumerate(self.feature_names)}
        return pandas.DataFrame({**self.columns, **named})
