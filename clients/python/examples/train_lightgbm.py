"""Trains LightGBM on kept samples and judges it on the audit slice.

python train_lightgbm.py training.parquet audit.parquet model.txt
"""

import sys

import lightgbm as lgb
import numpy as np

import sluice

training, audit = sluice.read(sys.argv[1]), sluice.read(sys.argv[2])
if training.feature_set_id != audit.feature_set_id:
    sys.exit(f"two feature sets: {training.feature_set_id} and {audit.feature_set_id}")

base = sluice.intercept(training.label, training.offset)
booster = lgb.train(
    dict(
        objective="binary",
        learning_rate=0.05,
        num_leaves=15,
        lambda_l2=20,
        min_data_in_leaf=10,
        feature_fraction=0.6,
        boost_from_average=False,
        seed=1,
        num_threads=1,
        verbosity=-1,
    ),
    lgb.Dataset(
        training.features,
        label=training.label,
        init_score=training.offset + base,
        feature_name=list(training.feature_names),
    ),
    num_boost_round=200,
)
if len(sys.argv) > 3:
    booster.save_model(sys.argv[3])

# Serving leaves the offset out; the intercept belongs to the model.
predicted = sluice.sigmoid(base + booster.predict(audit.features, raw_score=True))
clicks = audit.label.astype(float)
loss = -np.mean(clicks * np.log(predicted) + (1 - clicks) * np.log(1 - predicted))
print(f"log loss {loss:.4f}, calibration {predicted.sum() / clicks.sum():.3f} on {len(audit)} audit rows")
