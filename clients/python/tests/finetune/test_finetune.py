"""A tiny encoder learns what its words are worth, and comes out as a file that an ONNX runtime and Sluice load."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sluice.finetune import Recipe, figures, fine_tune, from_onnx, from_transformers, rows_of
from sluice.finetune.__main__ import main
from sluice.finetune._recipe import groups
from sluice.finetune._model import ClickModel

WORDS = [f"{first}{second}" for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o")]


@pytest.fixture(scope="module")
def base_folder(tmp_path_factory: Any) -> Path:
    """A random BERT of two layers and a vocabulary of made-up words, as transformers save it."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    folder: Path = tmp_path_factory.mktemp("base")
    vocabulary = {word: at for at, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=16,
    )
    network = BertModel(config, add_pooling_layer=False)
    with torch.no_grad():
        # As trained ones are: no two alike, which an exporter would make one.
        for parameter in network.parameters():
            parameter += 0.02 * torch.randn_like(parameter)
    network.save_pretrained(folder)
    return folder


def dumps(folder: Path) -> tuple[Path, Path]:
    """Rows whose titles' words decide the clicks; of those without one, a quarter is kept, with the offset that says so."""
    random = np.random.default_rng(5)
    worth = {word: 1.5 * random.normal() for word in WORDS}

    def rows(name: str, count: int, rate: float) -> Path:
        path = folder / f"{name}.ndjson"
        with path.open("w") as lines:
            for at in range(count):
                words = random.choice(WORDS, 3, replace=False)
                label = int(random.random() < 1 / (1 + np.exp(2 - sum(worth[word] for word in words))))
                if label == 0 and random.random() >= rate:
                    continue
                row = {
                    "sampleId": f"{name}{at}",
                    "eventTimeMs": at,
                    "label": label,
                    "features": [random.normal(), None],
                    "featureSetId": "fs",
                    "inclusionProbability": 1 if label == 1 else rate,
                    "importanceWeight": 1 if label == 1 else 1 / rate,
                    "logOddsOffset": -float(np.log(rate)),
                    "carried": {"items.title": " ".join(words), "query": "ba"},
                }
                lines.write(json.dumps(row) + "\n")
        return path

    return rows("training", 4000, 0.25), rows("audit", 1500, 1)


RECIPE = ("--epochs", "6", "--head-epochs", "10", "--learning-rate", "3e-3", "--layer-decay", "0.9")


@pytest.mark.parametrize("more", [(), ("--lora-rank", "4", "--learning-rate", "1e-2"), ("--correction", "weights")])
def test_it_learns_the_words_stays_calibrated_and_writes_a_file_that_loads(
    tmp_path: Path, base_folder: Path, more: tuple[str, ...]
) -> None:
    training, audit = dumps(tmp_path)
    out = Path(os.environ.get("TUNED_ENCODER", tmp_path / "tuned"))
    given = ["--training", str(training), "--audit", str(audit), "--base", str(base_folder), "--out", str(out)]
    assert main([*given, *RECIPE, *more]) == 0
    report = json.loads((out / "report.json").read_text())
    assert report["tuned"]["auc"] > report["frozen"]["auc"] + 0.05 and report["tuned"]["auc"] > 0.7
    # Three in four of the rows without a click are missing: blind to that, the predictions would add up to twice the clicks.
    assert 0.75 < report["tuned"]["calibration"] < 1.3
    # Its own reader takes the file as a base: the same numbers.
    again = from_onnx(out / "model.onnx", out / "tokenizer.json", heads=2)
    assert again.network.config.num_hidden_layers == 2


def test_layers_learn_the_less_the_lower_they_are(base_folder: Path) -> None:
    model = ClickModel(from_transformers(base_folder).network, "mean", 0)
    rates = sorted({group["lr"] for group in groups(model, Recipe(learning_rate=1.0, layer_decay=0.5, head_learning_rate=9))})
    assert rates == [0.25, 0.5, 1.0, 9]


def test_a_text_that_nobody_carries_is_an_error_with_its_name(tmp_path: Path, base_folder: Path, capsys: Any) -> None:
    training, audit = dumps(tmp_path)
    given = ["--training", str(training), "--audit", str(audit), "--base", str(base_folder), "--out", str(tmp_path / "x")]
    assert main([*given, "--item", "items.name"]) == 1
    assert "items.name" in capsys.readouterr().err


def test_figures_are_those_of_the_definitions() -> None:
    label = np.array([0, 1, 0, 1, 1, 0, 0, 1])
    p = np.array([0.1, 0.8, 0.4, 0.4, 0.9, 0.2, 0.6, 0.5])
    found = figures(label, np.log(p / (1 - p)))
    pairs = [(a > b) + 0.5 * (a == b) for a in p[label == 1] for b in p[label == 0]]
    assert found.auc == pytest.approx(np.mean(pairs))
    assert found.calibration == pytest.approx(p.sum() / 4)
    assert found.normalised_entropy == pytest.approx(-np.mean(np.where(label, np.log(p), np.log(1 - p))) / np.log(2))
    # The threshold of the earlier half is .4: of the later half .9, .6 and .5 are said to be clicks.
    assert (found.precision, found.recall, found.accuracy) == pytest.approx((2 / 3, 1, 0.75))
