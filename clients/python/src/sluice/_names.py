from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

from ._errors import FeatureSetError


@dataclass(frozen=True)
class FeatureNames:
    """Names of the numbers in ``features``, in their order, and the feature set that they belong to."""

    names: tuple[str, ...]
    #: None: not known, and not checked.
    feature_set_id: str | None = None

    def check(self, feature_set_id: str, count: int) -> None:
        """Raises FeatureSetError where rows of a feature set cannot have these names."""
        if self.feature_set_id is not None and self.feature_set_id != feature_set_id:
            raise FeatureSetError(f"the names are of feature set {self.feature_set_id}, the rows of {feature_set_id}")
        if len(self.names) != count:
            raise FeatureSetError(f"{len(self.names)} names for {count} features")


NamesLike = Union[FeatureNames, Sequence[str], str, "os.PathLike[str]"]


def feature_names(given: NamesLike) -> FeatureNames:
    """Names from a file that ``sluice describe features --format json`` wrote, or from a list."""
    if isinstance(given, FeatureNames):
        return given
    if not isinstance(given, (str, os.PathLike)):
        return FeatureNames(tuple(given))
    with open(given, encoding="utf8") as file:
        described = json.load(file)
    return FeatureNames(tuple(column["name"] for column in described["columns"]), described["featureSetId"])
