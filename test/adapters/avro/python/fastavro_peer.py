"""Another Avro implementation at the other end: reads what Sluice wrote, and writes it again for Sluice to read.

stdin: {"schema": path, "change": null | {"drop": [names], "add": [fields], "values": {...}}, "messages": [base64]}
stdout: {"schema": text it wrote with, "records": [what it read], "messages": [base64 of what it wrote]}
NaN travels as the text "NaN".
"""

import base64
import io
import json
import math
import sys

import fastavro


def main():
    job = json.load(sys.stdin)
    with open(job["schema"], encoding="utf-8") as file:
        ours = json.load(file)
    writer = changed(ours, job.get("change"))
    records = [read(ours, base64.b64decode(message)) for message in job["messages"]]
    extra = (job.get("change") or {}).get("values", {})
    written = [write(writer, {**record, **extra}) for record in records]
    json.dump({"schema": json.dumps(writer), "records": [plain(record) for record in records], "messages": written}, sys.stdout)


def changed(schema, change):
    if not change:
        return schema
    kept = [field for field in schema["fields"] if field["name"] not in change["drop"]]
    return {**schema, "fields": kept + change["add"]}


def read(schema, message):
    source = io.BytesIO(message)
    record = fastavro.schemaless_reader(source, fastavro.parse_schema(schema), None)
    if source.read(1):
        raise ValueError("bytes left over")
    return record


def write(schema, record):
    target = io.BytesIO()
    fastavro.schemaless_writer(target, fastavro.parse_schema(schema), record)
    return base64.b64encode(target.getvalue()).decode("ascii")


def plain(value):
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


main()
