"""An encoder as the file that ``encoder.model`` loads."""

from __future__ import annotations

import hashlib
import inspect
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from .._errors import FormatError
from ._base import Base, distance
from ._recipe import Recipe, Report


class TokenVectors(torch.nn.Module):
    """A network with the names that Sluice feeds."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
        return self.network(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state


def export(base: Base, out: Path, recipe: Recipe, report: Report) -> str:
    """Writes model.onnx, tokenizer.json and report.json, and gives the config that loads them.

    :raises FormatError: the file computes something else than the network
    """
    out.mkdir(parents=True, exist_ok=True)
    network = base.network.to("cpu").eval()
    tokens = base.tokens(["a text", "another, longer text"], recipe.max_tokens)
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    axes = {name: {0: "texts", 1: "tokens"} for name in (*inputs, "last_hidden_state")}
    given = (tokens["input_ids"], tokens["attention_mask"], torch.zeros_like(tokens["input_ids"]))
    # The exporter by tracing, where there are two: the other one fixes shapes that it has seen.
    tracing = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    aside = out / "model.onnx.new"
    with torch.no_grad():
        torch.onnx.export(
            TokenVectors(network),
            given,
            str(aside),
            input_names=list(inputs),
            output_names=["last_hidden_state"],
            dynamic_axes=axes,
            opset_version=14,
            **tracing,
        )
    far = distance(base, aside)
    if far > 1e-3:
        raise FormatError(f"the exported file differs from the network by {far:.1e}; nothing was written")
    aside.replace(out / "model.onnx")
    shutil.copyfile(base.tokenizer, out / "tokenizer.json")
    (out / "report.json").write_text(json.dumps({**asdict(report), "recipe": asdict(recipe)}, indent=2) + "\n")
    sha256 = hashlib.sha256((out / "model.onnx").read_bytes()).hexdigest()
    return (
        "encoder:\n"
        f"  model: {out / 'model.onnx'}\n"
        f"  tokenizer: {out / 'tokenizer.json'}\n"
        f"  sha256: {sha256}\n"
        f"  pooling: {recipe.pooling}\n"
        f"  maxTokens: {min(recipe.max_tokens, base.network.config.max_position_embeddings)}\n"
    )
