"""Reads the same rows by every way docs/how/training.md shows, and ends non-zero when two of them differ.

    same_rows.py < JOB    JOB is JSON: {"ndjson": CODE, "csv": CODE, "avro": CODE, "schema": PATH}
"""
import io
import json
import sys

import fastavro
import numpy as np

job = json.load(sys.stdin)
ways = {}
schema = fastavro.schema.load_schema(job["schema"])
messages = []
with open("training.ndjson", encoding="utf8") as lines:
    for line in lines:
        row = json.loads(line)
        row["features"] = [float("nan") if value is None else value for value in row["features"]]
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, schema, row)
        messages.append(buffer.getvalue())
for name in ("ndjson", "csv", "avro"):
    space = {"messages": messages}
    exec(compile(job[name], f"docs/how/training.md, {name}", "exec"), space)
    ways[name] = [space[part] for part in ("X", "y", "offset", "weight")]
    assert len(space["X"]) == len(messages)
for name in ("csv", "avro"):
    for one, other in zip(ways["ndjson"], ways[name]):
        assert one.shape == other.shape and np.allclose(one, other, rtol=1e-6, atol=1e-9, equal_nan=True), name
print(json.dumps({"rows": len(messages)}))
