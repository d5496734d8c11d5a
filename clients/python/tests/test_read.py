"""What is refused, and what is read of rows that differ."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sluice


def row(**over: Any) -> dict[str, Any]:
    return {
        "sampleId": "s",
        "eventTimeMs": 1,
        "label": 1,
        "features": [1.5, None],
        "featureSetId": "fs-a",
        "embeddings": None,
        "inclusionProbability": 0.5,
        "importanceWeight": 2.0,
        "logOddsOffset": 0.25,
        "flags": [],
        "carried": None,
        **over,
    }


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "rows.ndjson"
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf8")
    return path


def test_rows_of_two_feature_sets_are_refused_and_one_can_be_chosen(tmp_path: Path) -> None:
    path = written(tmp_path, row(), row(featureSetId="fs-b", features=[1, 2, 3]))
    with pytest.raises(sluice.FeatureSetError, match="fs-a and fs-b"):
        sluice.read(path)
    assert sluice.read(path, feature_set="fs-b").features.tolist() == [[1, 2, 3]]


def test_names_of_another_set_or_number_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, row())
    with pytest.raises(sluice.FeatureSetError, match="fs-b"):
        sluice.read(path, features=sluice.FeatureNames(("a", "b"), "fs-b"))
    with pytest.raises(sluice.FeatureSetError, match="1 names for 2"):
        sluice.read(path, features=["a"])
    assert sluice.read(path, features=["a", "b"])["feature.a"].tolist() == [1.5]


def test_a_column_that_only_some_rows_have_is_none_for_the_others(tmp_path: Path) -> None:
    samples = sluice.read(written(tmp_path, row(), row(fold=1, carried={"query": "tea"}), row()))
    assert samples["carried.query"].tolist() == [None, "tea", None]
    np.testing.assert_array_equal(samples["fold"], [np.nan, 1, np.nan])


def test_fold_is_there_where_rows_have_it(tmp_path: Path) -> None:
    assert sluice.read(written(tmp_path, row())).fold is None
    fold = sluice.read(written(tmp_path, row(fold=0), row(fold=1))).fold
    assert fold is not None and fold.tolist() == [0, 1]


def test_vectors_are_float32(tmp_path: Path) -> None:
    samples = sluice.read(written(tmp_path, row(embeddings=[{"name": "query", "values": [0.1, 2]}])))
    assert samples["embedding.query"][0].tolist() == np.array([0.1, 2], np.float32).tolist()


def test_what_is_no_sample_says_so(tmp_path: Path) -> None:
    for text, hint in [("{}\n", "no sample"), ("x\n", "line 1 is no JSON"), ("[1]\n", "no sample")]:
        (tmp_path / "rows.ndjson").write_text(text)
        with pytest.raises(sluice.FormatError, match=hint):
            sluice.read(tmp_path / "rows.ndjson")
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    with pytest.raises(sluice.FormatError, match="featureSetId"):
        sluice.read(tmp_path / "rows.csv")
    with pytest.raises(sluice.FormatError, match="which format"):
        sluice.read(tmp_path / "rows.txt")


def test_no_rows_are_no_samples(tmp_path: Path) -> None:
    samples = sluice.read(written(tmp_path), features=["a", "b"])
    assert samples.features.shape == (0, 2) and samples.feature_set_id is None


def test_rows_can_be_taken(tmp_path: Path) -> None:
    samples = sluice.read(written(tmp_path, row(), row(label=0, sampleId="t")))
    assert samples.take(samples.label == 0).sample_id.tolist() == ["t"]


def test_the_intercept_makes_the_predictions_add_up() -> None:
    random = np.random.default_rng(1)
    offset = random.normal(size=1000) * 5
    label = random.random(1000) < 0.2
    base = sluice.intercept(label, offset)
    assert sluice.sigmoid(base + offset).sum() == pytest.approx(label.sum())


def acted(*item_ids: str) -> dict[str, Any]:
    gaps = [1000 * (len(item_ids) - nth) for nth in range(len(item_ids))]
    return {"itemIds": list(item_ids), "types": ["CLICK"] * len(item_ids), "gapsMs": gaps}


def test_histories_are_padded_before_their_oldest_item(tmp_path: Path) -> None:
    rows = [
        row(history={"sessionActed": acted("a", "b", "c")}),
        row(history={"sessionActed": acted("b")}),
        row(history={"sessionActed": acted()}),
        row(history={"sessionActed": None}),
        row(),
    ]
    samples = sluice.read(written(tmp_path, *rows))
    found = sluice.history(samples, "sessionActed", 2)
    assert found.item_ids.tolist() == [["b", "c"], ["", "b"], ["", ""], ["", ""], ["", ""]]
    assert found.types is not None and found.types.tolist()[:2] == [["CLICK", "CLICK"], ["", "CLICK"]]
    assert found.gaps_ms.tolist()[:3] == [[2000, 1000], [0, 1000], [0, 0]]
    assert found.mask.tolist()[:3] == [[True, True], [False, True], [False, False]]
    items = sluice.Vocabulary(["c", "b"])
    assert len(items) == 4
    assert items.codes(sluice.history(samples, "sessionActed", 3).item_ids).tolist()[:2] == [[1, 2, 3], [0, 0, 2]]
    with pytest.raises(sluice.FormatError, match="userShown"):
        sluice.history(samples, "userShown", 2)


def test_lists_of_one_length_stay_lists(tmp_path: Path) -> None:
    samples = sluice.read(written(tmp_path, *[row(history={"userShown": acted("a", "b")})] * 2))
    assert samples["history.userShown.itemIds"].tolist() == [["a", "b"], ["a", "b"]]
