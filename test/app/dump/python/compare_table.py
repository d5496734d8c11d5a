"""Compares a Parquet or Arrow file with the NDJSON dump of the same rows, value by value.

Reads {"table", "ndjson", "features"} from standard input; prints {"rows", "columns", "types", "wrong"}.
"""
import json
import sys

import numpy as np
import pyarrow
import pyarrow.feather
import pyarrow.parquet


def same(typed, stood):
    """Whether a value of the table is what the line holds: numbers of 32 bits are the line's number rounded."""
    if typed is None or stood is None:
        return typed is None and stood is None
    if isinstance(typed, str) and not isinstance(stood, str):
        typed = json.loads(typed)
    if isinstance(stood, list):
        return len(typed) == len(stood) and all(map(same, typed, stood))
    if isinstance(typed, (int, float)) and typed != stood:
        return np.float32(stood) == np.float32(typed)
    return typed == stood


def flat(row, features):
    """The line as the columns that it must become."""
    cells = {name: value for name, value in row.items() if name not in ("features", "embeddings", "carried", "history")}
    cells |= {f"feature.{name}": value for name, value in zip(features, row.get("features", []), strict=False)}
    cells |= {f"carried.{path}": value for path, value in (row.get("carried") or {}).items()}
    cells |= {f"embedding.{vector['name']}": vector["values"] for vector in row.get("embeddings") or []}
    cells |= {f"history.{name}.{part}": values for name, of in (row.get("history") or {}).items() for part, values in (of or {}).items()}
    return cells


job = json.load(sys.stdin)
path = job["table"]
table = pyarrow.parquet.read_table(path) if path.endswith(".parquet") else pyarrow.feather.read_table(path, memory_map=False)
with open(job["ndjson"], encoding="utf8", newline="\n") as lines:
    rows = [flat(json.loads(line), job["features"]) for line in lines.read().split("\n") if line]
wrong = []
if len(rows) != table.num_rows:
    wrong.append(f"{table.num_rows} rows instead of {len(rows)}")
for index, (typed, stood) in enumerate(zip(table.to_pylist(), rows, strict=False)):
    for name in {*typed, *stood}:
        if name not in typed and stood[name] is not None:
            wrong.append(f"row {index}: no column {name}")
        elif name in typed and not same(typed[name], stood.get(name)):
            wrong.append(f"row {index}: {name} is {typed[name]!r}, not {stood.get(name)!r}")
types = {field.name: f"{field.type}{'' if field.nullable else ' not null'}" for field in table.schema}
json.dump({"rows": table.num_rows, "types": types, "wrong": wrong[:20]}, sys.stdout)
