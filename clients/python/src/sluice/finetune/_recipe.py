"""The recipe: a head on the frozen encoder first, then both, judged on the same audit rows."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from ._base import Base
from ._figures import Figures, figures
from ._model import ClickModel, add_lora, merge_lora
from ._rows import TextRows, distinct

Say = Callable[[str], None]


@dataclass(frozen=True)
class Recipe:
    """What a fine-tuning does. The defaults suit encoders of some ten million weights and 10³ to 10⁶ rows."""

    epochs: int = 3
    #: Rows a step.
    batch: int = 64
    #: Of the topmost layer; each below it has ``layer_decay`` of that above, the token embeddings the least.
    learning_rate: float = 2e-4
    layer_decay: float = 0.8
    head_learning_rate: float = 2e-3
    weight_decay: float = 0.01
    #: Part of the steps in which the rates rise; after it they fall by a cosine.
    warm_up: float = 0.1
    #: Epochs of the head alone, before.
    head_epochs: int = 30
    #: Of low-rank maps beside frozen weights; 0: all weights learn.
    lora_rank: int = 0
    #: How the selection is made up for, once: by the log-odds offset in the loss, or by the importance weight.
    correction: Literal["offset", "weights"] = "offset"
    pooling: Literal["mean", "cls"] = "mean"
    max_tokens: int = 64
    seed: int = 1
    device: str = "cpu"


@dataclass(frozen=True)
class Report:
    """The same head on the same rows, over the encoder as it was and over the tuned one."""

    frozen: Figures
    tuned: Figures


class Columns:
    """Plain columns on one scale: mean 0, deviation 1 over the training rows, missing as 0."""

    def __init__(self, features: npt.NDArray[np.float32]) -> None:
        counts = np.maximum(1, np.isfinite(features).sum(0))
        self.mean = np.where(np.isfinite(features), features, 0).sum(0) / counts
        spread = np.sqrt((np.where(np.isfinite(features), features - self.mean, 0) ** 2).sum(0) / counts)
        self.spread = np.where(spread > 1e-6, spread, 1)

    def of(self, features: npt.NDArray[np.float32]) -> Any:
        scaled = (features - self.mean) / self.spread
        return torch.from_numpy(np.where(np.isfinite(scaled), np.clip(scaled, -5, 5), 0).astype(np.float32))


def fine_tune(base: Base, training: TextRows, audit: TextRows, recipe: Recipe, say: Say = print) -> Report:
    """Tunes the network of ``base`` in place, on training rows alone.

    The loss is log loss of σ(logit + offset) on the kept rows, so the model is one of the whole stream; audit rows are
    judged with the offset that they have.
    """
    torch.manual_seed(recipe.seed)
    model = ClickModel(base.network, recipe.pooling, training.features.shape[1]).to(recipe.device)
    columns = Columns(training.features)
    fit_head(model, base, training, columns, recipe)
    frozen = judged(model, base, audit, columns, recipe)
    say(f"frozen: {told(frozen)}")
    tune(model, base, training, columns, recipe, say)
    tuned = judged(model, base, audit, columns, recipe)
    say(f"tuned:  {told(tuned)}")
    if recipe.lora_rank > 0:
        merge_lora(model.network)
    return Report(frozen, tuned)


def told(one: Figures) -> str:
    return (
        f"AUC {one.auc:.3f}, NE {one.normalised_entropy:.3f}, calibration {one.calibration:.2f}, "
        f"accuracy {one.accuracy:.3f}, precision {one.precision:.3f}, recall {one.recall:.3f}, F1 {one.f1:.3f}"
    )


def loss_of(logits: Any, rows: TextRows, at: Any, recipe: Recipe) -> Any:
    """Log loss, corrected for the selection once."""
    device = logits.device
    label = torch.from_numpy(rows.label[at]).to(device)
    if recipe.correction == "offset":
        offset = torch.from_numpy(rows.offset[at]).to(device)
        return torch.nn.functional.binary_cross_entropy_with_logits(logits + offset, label)
    weight = torch.from_numpy(rows.weight[at]).to(device)
    each = torch.nn.functional.binary_cross_entropy_with_logits(logits, label, reduction="none")
    return (weight * each).sum() / weight.sum()


def encoded(model: ClickModel, base: Base, texts: tuple[str, ...], recipe: Recipe) -> Any:
    """Vectors of all texts, without gradients, alike lengths together."""
    order = np.argsort([len(text) for text in texts], kind="stable")
    found = torch.empty(len(texts), model.network.config.hidden_size)
    model.eval()
    with torch.no_grad():
        for start in range(0, len(order), 256):
            some = order[start : start + 256]
            tokens = on(base.tokens([texts[one] for one in some], recipe.max_tokens), recipe)
            found[torch.from_numpy(some)] = model.vectors(tokens).cpu()
    return found


def on(tokens: dict[str, Any], recipe: Recipe) -> dict[str, Any]:
    return {name: value.to(recipe.device) for name, value in tokens.items()}


def fit_head(model: ClickModel, base: Base, rows: TextRows, columns: Columns, recipe: Recipe) -> None:
    vectors = encoded(model, base, rows.texts, recipe)
    plain = columns.of(rows.features)
    random = np.random.default_rng(recipe.seed)
    optimiser = torch.optim.AdamW(model.head.parameters(), lr=recipe.head_learning_rate, weight_decay=0.1)
    steps = recipe.head_epochs * math.ceil(len(rows) / 256)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, warmed(steps, recipe.warm_up))
    for _ in range(recipe.head_epochs):
        for at in batches(random, len(rows), 256):
            items, queries = vectors[rows.item[at]], vectors[rows.query[at]]
            moved = [one.to(recipe.device) for one in (plain[at], items, queries)]
            step(optimiser, schedule, loss_of(model.logits(*moved), rows, at, recipe))


def tune(model: ClickModel, base: Base, rows: TextRows, columns: Columns, recipe: Recipe, say: Say) -> None:
    if recipe.lora_rank > 0:
        add_lora(model.network, recipe.lora_rank)
        model.network.to(recipe.device)
    plain = columns.of(rows.features)
    random = np.random.default_rng(recipe.seed + 1)
    optimiser = torch.optim.AdamW(groups(model, recipe))
    steps = recipe.epochs * math.ceil(len(rows) / recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, warmed(steps, recipe.warm_up))
    for epoch in range(recipe.epochs):
        model.train()
        total = 0.0
        for at in batches(random, len(rows), recipe.batch):
            texts, (items, queries) = distinct(rows.item[at], rows.query[at])
            tokens = on(base.tokens([rows.texts[one] for one in texts], recipe.max_tokens), recipe)
            vectors = model.vectors(tokens)
            loss = loss_of(model.logits(plain[at].to(recipe.device), vectors[items], vectors[queries]), rows, at, recipe)
            step(optimiser, schedule, loss)
            total += float(loss.detach()) * len(at)
        say(f"epoch {epoch + 1} of {recipe.epochs}: loss {total / len(rows):.4f} on the rows that it learned from")


def groups(model: ClickModel, recipe: Recipe) -> list[dict[str, Any]]:
    """Parameters by learning rate; biases and norms do not decay."""
    layers = model.network.config.num_hidden_layers
    found: dict[tuple[float, float], list[Any]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith("head."):
            rate = recipe.head_learning_rate
        else:
            parts = name.split(".layer.")
            depth = layers - 1 - int(parts[1].split(".")[0]) if len(parts) > 1 else layers
            rate = recipe.learning_rate * recipe.layer_decay**depth
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        found.setdefault((rate, decay), []).append(parameter)
    return [{"params": some, "lr": rate, "weight_decay": decay} for (rate, decay), some in found.items()]


def warmed(steps: int, share: float) -> Callable[[int], float]:
    rising = max(1, int(share * steps))

    def factor(at: int) -> float:
        if at < rising:
            return (at + 1) / rising
        return 0.5 * (1 + math.cos(math.pi * (at - rising) / max(1, steps - rising)))

    return factor


def batches(random: np.random.Generator, count: int, size: int) -> list[npt.NDArray[np.int64]]:
    order = random.permutation(count)
    return [order[start : start + size] for start in range(0, count, size)]


def step(optimiser: Any, schedule: Any, loss: Any) -> None:
    optimiser.zero_grad()
    loss.backward()
    for group in optimiser.param_groups:
        torch.nn.utils.clip_grad_norm_(group["params"], 1.0)
    optimiser.step()
    schedule.step()


def judged(model: ClickModel, base: Base, rows: TextRows, columns: Columns, recipe: Recipe) -> Figures:
    vectors = encoded(model, base, rows.texts, recipe)
    plain = columns.of(rows.features)
    head = copy.deepcopy(model).to("cpu")
    head.eval()
    with torch.no_grad():
        logits = head.logits(plain, vectors[rows.item], vectors[rows.query]).numpy()
    return figures(rows.label, logits + rows.offset)
