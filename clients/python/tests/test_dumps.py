"""What the program dumped is read the same from every format."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sluice

FORMATS = ["training.ndjson", "training.csv", "training.parquet", "training.arrow", "training.ndjson.gz"]
EXAMPLES = Path(__file__).parents[1] / "examples"


def lines(dumps: Path) -> list[dict]:
    return [json.loads(line) for line in (dumps / "training.ndjson").read_text(encoding="utf8").splitlines()]


@pytest.mark.parametrize("name", FORMATS)
def test_every_number_is_that_of_the_line(dumps: Path, name: str) -> None:
    rows = lines(dumps)
    samples = sluice.read(dumps / name, features=dumps / "features.json")
    assert len(samples) == len(rows) > 1000
    described = json.loads((dumps / "features.json").read_text())
    assert samples.feature_names == tuple(column["name"] for column in described["columns"])
    assert samples.feature_set_id == described["featureSetId"]
    expected = np.array([[np.nan if x is None else x for x in row["features"]] for row in rows], dtype=np.float32)
    np.testing.assert_array_equal(samples.features, expected)
    for ours, field in [
        (samples.label, "label"),
        (samples.offset, "logOddsOffset"),
        (samples.weight, "importanceWeight"),
        (samples.probability, "inclusionProbability"),
        (samples.event_time_ms, "eventTimeMs"),
        (samples.sample_id, "sampleId"),
    ]:
        assert ours.tolist() == [row[field] for row in rows]
    predictions = [np.nan if row["prediction"] is None else row["prediction"] for row in rows]
    np.testing.assert_array_equal(samples["prediction"], predictions)
    for path in rows[0]["carried"]:
        for ours, line in zip(samples[f"carried.{path}"].tolist(), [row["carried"][path] for row in rows], strict=True):
            # CSV has no types: what no schema says stays text there.
            assert (float(ours) if isinstance(line, (int, float)) else ours) == line
    for of, lists in rows[0]["history"].items():
        for one in lists:
            ours = samples[f"history.{of}.{one}"].tolist()
            assert ours == [None if row["history"][of] is None else row["history"][of][one] for row in rows]
    fold = [row.get("fold") for row in rows]
    assert (samples.fold is None) if fold[0] is None else samples.fold.tolist() == fold


@pytest.mark.parametrize("name", FORMATS[:4])
def test_types_are_the_same_from_every_format(dumps: Path, name: str) -> None:
    samples = sluice.read(dumps / name)
    types = [samples.features, samples.label, samples.offset, samples.weight, samples.event_time_ms, samples["position"]]
    assert [one.dtype for one in types] == [np.float32, np.int32, np.float64, np.float64, np.int64, np.int32]


def test_a_table_names_its_features_and_lines_number_them(dumps: Path) -> None:
    assert sluice.read(dumps / "training.parquet").feature_names[0] == "position"
    assert sluice.read(dumps / "training.ndjson").feature_names[0] == "0"


def test_pandas_has_the_columns_of_the_parquet_dump(dumps: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = sluice.read(dumps / "training.parquet").to_pandas()
    assert set(frame.columns) == set(pandas.read_parquet(dumps / "training.parquet").columns)
    assert frame.filter(like="feature.").to_numpy().dtype == np.float32


def test_the_example_trains_as_well_as_it_says(dumps: Path) -> None:
    pytest.importorskip("lightgbm")
    words = [sys.executable, EXAMPLES / "train_lightgbm.py", dumps / "training.parquet", dumps / "audit.parquet", dumps / "model.txt"]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    calibration = float(told.split("calibration ")[1].split()[0])
    assert 0.8 < calibration < 1.25
    assert "position" in (dumps / "model.txt").read_text()


def test_histories_are_padded_from_the_dump(dumps: Path) -> None:
    samples = sluice.read(dumps / "training.parquet")
    for name, length in [("sessionActed", 10), ("sessionShown", 12), ("userActed", 20)]:
        found = sluice.history(samples, name, length)
        lists = [[] if one is None else one for one in samples[f"history.{name}.itemIds"].tolist()]
        assert found.mask.sum(axis=1).tolist() == [len(one) for one in lists]
        assert [row[-len(one) :].tolist() if one else [] for row, one in zip(found.item_ids, lists, strict=True)] == lists
        assert (found.gaps_ms >= 0).all() and found.mask.any()


def test_the_example_of_histories_learns(dumps: Path) -> None:
    words = [sys.executable, EXAMPLES / "train_din.py", dumps / "training.parquet", dumps / "audit.parquet"]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    numbers = (told.split(f"{word} ")[1].split()[0].rstrip(",") for word in ("loss", "alone", "calibration"))
    loss, alone, calibration = map(float, numbers)
    assert loss < 1.02 * alone
    assert 0.7 < calibration < 1.4
