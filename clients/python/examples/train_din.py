"""Trains a small Deep Interest Network on histories in NumPy, and judges it on the audit slice.

python train_din.py training.parquet audit.parquet

The score of an item is its bias plus what it has in common with the items that the session acted on, each weighted by how
much it is like the item (attention, Zhou et al. 2018, Deep Interest Network for Click-Through Rate Prediction). A real one
adds the other features and a deep learning library; what it reads is the same.
"""

import sys

import numpy as np

import sluice

LENGTH, WIDTH, STEP, EPOCHS, BATCH = 10, 8, 0.05, 3, 256

training, audit = sluice.read(sys.argv[1]), sluice.read(sys.argv[2])
past = {id(samples): sluice.history(samples, "sessionActed", LENGTH) for samples in (training, audit)}
items = sluice.Vocabulary([*training["itemId"], *past[id(training)].item_ids.ravel()])
base = sluice.intercept(training.label, training.offset)

chance = np.random.default_rng(1)
# As an item that is scored, as an item of a history, and the item's bias.
tables = [chance.normal(0, 0.1, (len(items), WIDTH)), chance.normal(0, 0.1, (len(items), WIDTH)), np.zeros(len(items))]
squares = [np.full_like(table, 1e-8) for table in tables]


def forward(item, before, mask):
    scored, acted = tables[0][item], tables[1][before]
    likeness = np.einsum("rw,rlw->rl", scored, acted)
    weight = np.exp(np.where(mask, likeness, -np.inf) - likeness.max(axis=1, keepdims=True))
    weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
    interest = np.einsum("rl,rlw->rw", weight, acted)
    return scored, acted, likeness, weight, interest, tables[2][item] + (scored * interest).sum(axis=1)


def learn(item, before, mask, label, start):
    scored, acted, likeness, weight, interest, score = forward(item, before, mask)
    error = (sluice.sigmoid(start + score) - label)[:, None]
    # score = Σ weight·likeness, and the weights are a softmax of the likenesses.
    slope = weight * (1 + likeness - (weight * likeness).sum(axis=1, keepdims=True))
    gradients = [np.zeros_like(table) for table in tables]
    np.add.at(gradients[0], item, error * np.einsum("rl,rlw->rw", slope, acted))
    np.add.at(gradients[1], before, error[:, :, None] * slope[:, :, None] * scored[:, None, :])
    np.add.at(gradients[2], item, error[:, 0])
    for table, square, gradient in zip(tables, squares, gradients):
        square += (gradient / BATCH) ** 2
        table -= STEP * gradient / BATCH / np.sqrt(square)


def log_loss(probability, label):
    return -np.mean(label * np.log(probability) + (1 - label) * np.log(1 - probability))


codes = {key: items.codes(one.item_ids) for key, one in past.items()}
scored_items = items.codes(training["itemId"])
for _ in range(EPOCHS):
    for rows in np.array_split(chance.permutation(len(training)), max(1, len(training) // BATCH)):
        # The offset undoes the selection while training; serving leaves it out.
        start = base + training.offset[rows]
        learn(scored_items[rows], codes[id(training)][rows], past[id(training)].mask[rows], training.label[rows], start)

label = audit.label.astype(float)
score = forward(items.codes(audit["itemId"]), codes[id(audit)], past[id(audit)].mask)[-1]
predicted = sluice.sigmoid(base + score)
without = sluice.sigmoid(base + tables[2][items.codes(audit["itemId"])])
print(
    f"log loss {log_loss(predicted, label):.4f}, of the items alone {log_loss(without, label):.4f}, "
    f"calibration {predicted.sum() / label.sum():.3f} on {len(audit)} audit rows"
)
