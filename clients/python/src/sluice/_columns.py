"""From columns of plain values to Samples, whatever they were read from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ._errors import FeatureSetError, FormatError
from ._names import FeatureNames, NamesLike, feature_names
from ._samples import Samples

INTEGERS: Mapping[str, type[np.generic]] = {
    "label": np.int32,
    "position": np.int32,
    "eventTimeMs": np.int64,
    "closeTimeMs": np.int64,
}
NUMBERS = frozenset(
    ("value", "propensity", "prediction", "importance", "inclusionProbability", "importanceWeight", "logOddsOffset")
)
NEEDED = ("featureSetId", "label", "logOddsOffset", "importanceWeight", "inclusionProbability")


def typed(name: str, values: Sequence[Any]) -> npt.NDArray[Any]:
    """A column as an array: integers and numbers by the record's schema (missing numbers NaN), others by their values."""
    if name in INTEGERS:
        return np.array(values, dtype=INTEGERS[name])
    if name in NUMBERS:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    present = [value for value in values if value is not None]
    if present and all(type(value) in (int, float) for value in present):
        if len(present) == len(values) and all(type(value) is int for value in values):
            return np.array(values, dtype=np.int64)
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if present and len(present) == len(values) and all(type(value) is bool for value in values):
        return np.array(values, dtype=np.bool_)
    column = np.empty(len(values), dtype=object)
    # One by one: lists of one length would become a second dimension.
    for index, value in enumerate(values):
        column[index] = value
    return column


def samples_of_records(
    records: Iterable[Mapping[str, Any]], features: NamesLike | None, feature_set: str | None
) -> Samples:
    """Samples of records as JSON or Avro has them: ``features`` a list, carried fields in ``carried``."""
    names = None if features is None else feature_names(features)
    rows: list[list[float]] = []
    columns: dict[str, list[Any]] = {}
    seen: str | None = None
    for record in records:
        try:
            feature_set_id, numbers = record["featureSetId"], record["features"]
        except (KeyError, TypeError) as error:
            raise FormatError(f"no sample: {str(record)[:80]}") from error
        if feature_set is not None and feature_set_id != feature_set:
            continue
        seen = one_set(seen, feature_set_id)
        for name, value in flat(record):
            column = columns.get(name)
            if column is None:
                column = columns[name] = [None] * len(rows)
            column.append(value)
        rows.append(numbers)
        for column in columns.values():
            if len(column) < len(rows):
                column.append(None)
    matrix = np.array(
        [[np.nan if value is None else value for value in row] for row in rows], dtype=np.float32
    ).reshape(len(rows), -1 if rows else len(names.names) if names else 0)
    if names is None:
        names = FeatureNames(tuple(str(index) for index in range(matrix.shape[1])))
    elif seen is not None:
        names.check(seen, matrix.shape[1])
    return Samples(matrix, names.names, seen, {name: typed(name, values) for name, values in columns.items()})


def one_set(seen: str | None, feature_set_id: str) -> str:
    if seen is not None and seen != feature_set_id:
        raise FeatureSetError(f"rows of the feature sets {seen} and {feature_set_id}: choose one with feature_set=")
    return feature_set_id


def flat(record: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """The fields of a record under the column names of a Parquet dump; ``features`` apart."""
    for name, value in record.items():
        if name == "carried":
            yield from ((f"carried.{path}", one) for path, one in (value or {}).items())
        elif name == "history":
            for of, lists in (value or {}).items():
                yield from ((f"history.{of}.{list_name}", one) for list_name, one in (lists or {}).items())
        elif name == "embeddings":
            yield from ((f"embedding.{one['name']}", np.array(one["values"], np.float32)) for one in value or ())
        elif name != "features":
            yield name, value


def samples_of_table(
    columns: Mapping[str, npt.NDArray[Any]], features: NamesLike | None, feature_set: str | None
) -> Samples:
    """Samples of a table with a column a feature (``feature.NAME``)."""
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise FormatError(f"no dump of samples: it has no {', '.join(missing)}")
    ids = columns["featureSetId"]
    if feature_set is not None:
        kept = ids == feature_set
        columns = {name: values[kept] for name, values in columns.items()}
        ids = columns["featureSetId"]
    seen: str | None = None
    for feature_set_id in dict.fromkeys(ids.tolist()):
        seen = one_set(seen, feature_set_id)
    own = [name for name in columns if name.startswith("feature.")]
    if features is not None:
        names = feature_names(features)
        if set(own) < {f"feature.{name}" for name in names.names}:
            raise FeatureSetError("the table lacks features that the names have")
        if names.feature_set_id is not None and seen not in (None, names.feature_set_id):
            raise FeatureSetError(f"the names are of feature set {names.feature_set_id}, the rows of {seen}")
        own = [f"feature.{name}" for name in names.names]
    matrix = np.empty((len(ids), len(own)), dtype=np.float32)
    for index, name in enumerate(own):
        matrix[:, index] = columns[name]
    rest = {name: values for name, values in columns.items() if not name.startswith("feature.")}
    return Samples(matrix, tuple(name[8:] for name in own), seen, rest)


def parsed(text: str) -> Any:
    """A cell of CSV: a number, a list of flags, or text."""
    if text == "":
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
