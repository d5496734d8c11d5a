"""Encoders to begin with: the float32 ONNX file of a built-in one, or a model of transformers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .._errors import FormatError

#: Attention heads by width of the BERT encoders that are in use; a file does not say.
HEADS = {384: 12, 512: 8, 768: 12, 1024: 16}
PROBE = ("red summer dress", "a", "cordless screwdriver with two batteries, 18 V")


@dataclass(frozen=True)
class Base:
    """A network of ``transformers`` and the tokenizer.json that belongs to it."""

    network: Any
    tokenizer: Path

    def tokens(self, texts: list[str], most: int) -> dict[str, Any]:
        """Padded token ids of some texts, as tensors."""
        found = opened(str(self.tokenizer), most).encode_batch(texts)
        ids = torch.tensor([one.ids for one in found])
        mask = torch.tensor([one.attention_mask for one in found])
        return {"input_ids": ids, "attention_mask": mask}


@cache
def opened(tokenizer: str, most: int) -> Any:
    from tokenizers import Tokenizer

    found = Tokenizer.from_file(tokenizer)
    found.enable_truncation(most)
    found.enable_padding()
    return found


def from_transformers(folder: str | Path) -> Base:
    """A model that ``transformers`` has saved, with its tokenizer.json beside it."""
    from transformers import AutoModel

    return Base(AutoModel.from_pretrained(str(folder)), Path(folder) / "tokenizer.json")


def from_onnx(model: str | Path, tokenizer: str | Path, heads: int | None = None) -> Base:
    """The weights of a float32 ONNX file of a BERT encoder, such as ``scripts/float-encoder.py`` fetches.

    :raises FormatError: it is no such file, or what was loaded does not compute what the file computes
    """
    import onnx
    from onnx import numpy_helper
    from transformers import BertConfig, BertModel

    graph = onnx.load(str(model)).graph
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    weights: dict[str, Any] = {}
    for name, array in arrays.items():
        found = re.search(r"(embeddings|encoder\.layer)\..*$", name)
        if found and np.issubdtype(array.dtype, np.floating):
            weights[found.group(0)] = torch.from_numpy(array.copy())
    for node in graph.node:
        found = re.search(r"(encoder/layer\.\d+/.*)/MatMul$", node.name)
        if node.op_type == "MatMul" and found and node.input[1] in arrays:
            weights[found.group(1).replace("/", ".") + ".weight"] = torch.from_numpy(arrays[node.input[1]].T.copy())
    try:
        words, places = weights["embeddings.word_embeddings.weight"], weights["embeddings.position_embeddings.weight"]
        layers = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))
        inner = weights["encoder.layer.0.intermediate.dense.weight"].shape[0]
    except (KeyError, ValueError) as error:
        raise FormatError(f"{model}: no float32 ONNX file of a BERT encoder ({error})") from error
    width = words.shape[1]
    network = BertModel(
        BertConfig(
            vocab_size=words.shape[0],
            hidden_size=width,
            num_hidden_layers=layers,
            num_attention_heads=heads or HEADS.get(width, max(1, width // 64)),
            intermediate_size=inner,
            max_position_embeddings=places.shape[0],
            type_vocab_size=weights["embeddings.token_type_embeddings.weight"].shape[0],
        ),
        add_pooling_layer=False,
    )
    missing, _ = network.load_state_dict(weights, strict=False)
    lacking = [name for name in missing if not name.endswith(("position_ids", "token_type_ids"))]
    if lacking:
        raise FormatError(f"{model}: it has no {lacking[0]}")
    base = Base(network, Path(tokenizer))
    far = distance(base, model)
    if far > 1e-3:
        raise FormatError(f"{model}: what was loaded differs from the file by {far:.1e}; give the number of heads")
    return base


def distance(base: Base, model: str | Path) -> float:
    """Largest difference between what a network and an ONNX file say of some texts, each alone."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    wanted = {one.name for one in session.get_inputs()}
    output = next((one.name for one in session.get_outputs() if one.name == "last_hidden_state"), None)
    far = 0.0
    base.network.eval()
    with torch.no_grad():
        for text in PROBE:
            tokens = base.tokens([text], 32)
            own = base.network(**tokens).last_hidden_state.numpy()
            feeds = {name: value.numpy() for name, value in tokens.items()}
            feeds["token_type_ids"] = np.zeros_like(feeds["input_ids"])
            (other,) = session.run([output or session.get_outputs()[0].name], {n: feeds[n] for n in wanted})
            far = max(far, float(np.abs(own - other).max()))
    return far
