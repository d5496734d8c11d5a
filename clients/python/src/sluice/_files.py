from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import numpy.typing as npt

from ._columns import INTEGERS, NUMBERS, samples_of_records, samples_of_table, typed
from ._errors import FormatError
from ._names import NamesLike
from ._samples import Samples

Format = Literal["ndjson", "csv", "parquet", "arrow"]
SUFFIXES: dict[str, Format] = {
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".csv": "csv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
}


def read(
    path: str | os.PathLike[str],
    *,
    format: Format | None = None,
    features: NamesLike | None = None,
    feature_set: str | None = None,
) -> Samples:
    """Reads a dump of ``training`` or ``audit``.

    :param format: by the suffix of the file unless given; ``.gz`` may follow it for lines
    :param features: names of the features, which NDJSON lacks: a file of ``sluice describe features --format json``, or a
        list. For tables they choose the features and their order.
    :param feature_set: takes the rows of this feature set alone. Rows of two raise FeatureSetError.
    """
    path = Path(path)
    suffixes = [suffix for suffix in path.suffixes if suffix != ".gz"]
    chosen = format or SUFFIXES.get(suffixes[-1] if suffixes else "")
    if chosen == "ndjson":
        with opened(path) as lines:
            return samples_of_records(records_of(lines), features, feature_set)
    if chosen == "csv":
        with opened(path) as lines:
            return samples_of_table(columns_of_csv(lines), features, feature_set)
    if chosen == "parquet":
        import pyarrow.parquet

        return samples_of_table(columns_of_arrow(pyarrow.parquet.read_table(path)), features, feature_set)
    if chosen == "arrow":
        import pyarrow.feather

        return samples_of_table(columns_of_arrow(pyarrow.feather.read_table(path)), features, feature_set)
    raise FormatError(f"{path}: which format? Known are {', '.join(SUFFIXES)}")


def opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf8", newline="")
    return open(path, encoding="utf8", newline="")


def records_of(lines: IO[str]) -> Iterator[Any]:
    for number, line in enumerate(lines, 1):
        if line.strip() == "":
            continue
        try:
            yield json.loads(line)
        except ValueError as error:
            raise FormatError(f"line {number} is no JSON: {line[:80]!r}") from error


def columns_of_csv(lines: IO[str]) -> dict[str, npt.NDArray[Any]]:
    table = csv.reader(lines)
    head = next(table, [])
    columns: list[list[str]] = [[] for _ in head]
    for row in table:
        for column, cell in zip(columns, row, strict=True):
            column.append(cell)
    return {name: of_text(name, column) for name, column in zip(head, columns, strict=True)}


def of_text(name: str, cells: list[str]) -> npt.NDArray[Any]:
    """A column of CSV. What has no type in the schema stays text: a title may be all digits."""
    if name.startswith("feature."):
        return np.array([cell or "nan" for cell in cells], dtype=np.float32)
    values: list[Any] = [None if cell == "" else cell for cell in cells]
    if name in INTEGERS:
        return np.array(cells, dtype=INTEGERS[name])
    if name in NUMBERS:
        return np.array([cell or "nan" for cell in cells], dtype=np.float64)
    if name == "flags" or name.startswith("history."):
        return typed(name, [None if cell == "" else json.loads(cell) for cell in cells])
    if name == "fold":
        return typed(name, [None if cell == "" else int(cell) for cell in cells])
    return typed(name, values)


def columns_of_arrow(table: Any) -> dict[str, npt.NDArray[Any]]:
    return {name: of_arrow(name, table.column(name)) for name in table.column_names}


def of_arrow(name: str, column: Any) -> npt.NDArray[Any]:
    import pyarrow.types

    if pyarrow.types.is_floating(column.type):
        array: npt.NDArray[Any] = column.to_numpy()
        return array
    if pyarrow.types.is_list(column.type) and pyarrow.types.is_float32(column.type.value_type):
        values = [None if one is None else np.array(one, dtype=np.float32) for one in column.to_pylist()]
        vectors = np.empty(len(values), dtype=object)
        vectors[:] = values
        return vectors
    return typed(name, column.to_pylist())
