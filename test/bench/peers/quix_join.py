"""The join in Quix Streams: `quix_join.py CONFIG`, runs until it is ended.

A session's events are collected in a session window whose gap is the attribution window, so that a list and what was done
with it always meet in one; it closes by the time of the partition, not of the session.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

from quixstreams import Application
from quixstreams.dataframe.windows import Collect

CONFIG = json.loads(Path(sys.argv[1]).read_text())
GOALS = {"CLICK", "ADD_TO_CART", "PURCHASE"}


def rows_of(window):
    acted = {}
    for event in window["events"]:
        if event.get("type") in GOALS:
            name = (event["requestId"], event["itemId"])
            acted[name] = min(event["eventTimeMs"], acted.get(name, event["eventTimeMs"]))
    rows = {}
    for event in window["events"]:
        for item in event.get("items", []):
            request, at = event["requestId"], event["eventTimeMs"]
            when = acted.get((request, item["itemId"]))
            label = int(when is not None and at <= when <= at + CONFIG["windowMs"])
            rows.setdefault((request, item["position"]), {"requestId": request, "itemId": item["itemId"],
                            "position": item["position"], "eventTimeMs": at, "label": label})
    return list(rows.values())


app = Application(
    broker_address=CONFIG["brokers"],
    consumer_group=CONFIG["group"],
    auto_offset_reset="earliest",
    processing_guarantee="exactly-once",
    commit_interval=1.0,
    state_dir=str(Path(CONFIG["folder"]) / "state"),
    loglevel="ERROR",
)


def event_time(value, headers, timestamp, timestamp_type):
    return value["eventTimeMs"]


lists = app.dataframe(app.topic(CONFIG["impressions"], value_deserializer="json", timestamp_extractor=event_time))
acts = app.dataframe(app.topic(CONFIG["interactions"], value_deserializer="json", timestamp_extractor=event_time))
window = lists.concat(acts).session_window(timedelta(milliseconds=CONFIG["windowMs"]), grace_ms=CONFIG["latenessMs"])
closed = window.agg(events=Collect()).final(closing_strategy="partition")
closed.apply(rows_of, expand=True).to_topic(app.topic(CONFIG["output"], value_serializer="json"))

if __name__ == "__main__":
    app.run()
