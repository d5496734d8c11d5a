"""Runs an export block of docs/how/own-model.md in the working directory.

    run_export.py < JOB    JOB is JSON: {"shared": [CODE...], "snippet": CODE, "rows": [[NUMBER or null...]...]}

The block leaves model.onnx. Prints one JSON object with what the library itself predicts: `rows` for the rows of the job,
and for the audit slice the number of `clicks` and the `calibration` (predicted clicks / clicks).
"""
import contextlib
import json
import sys

import numpy as np

job = json.load(sys.stdin)
space = {"__name__": "own_model_page"}
with contextlib.redirect_stdout(sys.stderr):
    for code in [*job["shared"], job["snippet"]]:
        exec(compile(code, "docs/how/own-model.md", "exec"), space)
    rows = np.array([[np.nan if v is None else v for v in row] for row in job["rows"]], dtype=np.float32)
    predicted = space["predict"](rows) if len(rows) else []
    audit = np.asarray(space["predict"](space["X_audit"]), dtype=float)
clicks = space["y_audit"].sum()
answer = {"rows": [float(p) for p in predicted], "clicks": int(clicks), "calibration": float(audit.sum() / clicks)}
print(json.dumps(answer))
