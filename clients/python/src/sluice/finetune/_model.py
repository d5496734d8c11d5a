"""A click model over texts: the encoder, and a logistic head on vectors and plain columns."""

from __future__ import annotations

import math
from typing import Any

import torch


class Lora(torch.nn.Module):
    """A linear map plus one of low rank, which begins at nothing (Hu et al. 2021, LoRA)."""

    def __init__(self, inner: Any, rank: int) -> None:
        super().__init__()
        self.inner = inner
        self.down = torch.nn.Parameter(torch.randn(rank, inner.in_features) / math.sqrt(inner.in_features))
        self.up = torch.nn.Parameter(torch.zeros(inner.out_features, rank))
        self.scale = 2.0

    def forward(self, x: Any) -> Any:
        return self.inner(x) + self.scale * (x @ self.down.T) @ self.up.T

    def merged(self) -> Any:
        """The same map as one matrix."""
        with torch.no_grad():
            self.inner.weight += self.scale * self.up @ self.down
        return self.inner


#: Maps of a layer that get a low-rank one beside them.
ADAPTED = ("query", "value", "dense")


def add_lora(network: Any, rank: int) -> None:
    """Freezes a network and puts trainable low-rank maps into its layers."""
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    for module in list(network.encoder.modules()):
        for name, child in list(module.named_children()):
            if name in ADAPTED and isinstance(child, torch.nn.Linear):
                setattr(module, name, Lora(child, rank))


def merge_lora(network: Any) -> None:
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, Lora):
                setattr(module, name, child.merged())


class ClickModel(torch.nn.Module):
    """Log odds of a click: plain columns, the item's vector, and item times query. Vectors have unit length."""

    def __init__(self, network: Any, pooling: str, columns: int) -> None:
        super().__init__()
        self.network = network
        self.pooling = pooling
        width = network.config.hidden_size
        self.scale = math.sqrt(width)
        self.head = torch.nn.Linear(columns + 2 * width, 1)
        torch.nn.init.zeros_(self.head.weight)
        torch.nn.init.zeros_(self.head.bias)

    def vectors(self, tokens: dict[str, Any]) -> Any:
        """One vector a text, pooled as ``encoder.pooling`` has it."""
        states = self.network(**tokens).last_hidden_state
        if self.pooling == "cls":
            pooled = states[:, 0]
        else:
            mask = tokens["attention_mask"].unsqueeze(-1).to(states.dtype)
            pooled = (states * mask).sum(1) / mask.sum(1)
        return torch.nn.functional.normalize(pooled, dim=-1)

    def logits(self, columns: Any, item: Any, query: Any) -> Any:
        blocks = (columns, self.scale * item, self.scale * self.scale * item * query)
        return self.head(torch.cat(blocks, dim=-1)).squeeze(-1)
