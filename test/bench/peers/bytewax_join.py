"""The join in Bytewax: `bytewax_join.py CONFIG`, ends by itself at the end of the topics.

State is keyed by partition and not by session, for a session's clock stands still between its events: windows would close
by the clock on the wall. State is pickled once an epoch (a second), as recovery wants it; what is written between the last
epoch and a crash is written again.
"""

import heapq
import json
import pickle
import sys
from datetime import timedelta
from pathlib import Path

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.recovery import RecoveryConfig, init_db_dir

CONFIG = json.loads(Path(sys.argv[1]).read_text())
GOALS = {"CLICK", "ADD_TO_CART", "PURCHASE"}


class Join(StatefulBatchLogic):
    """Impressions wait for their outcome until the slower of the two topics has passed their window."""

    def __init__(self, state):
        if state is None:
            self.open, self.acted, self.closing = {}, {}, []
            self.seen = {CONFIG["impressions"]: 0, CONFIG["interactions"]: 0}
        else:
            self.open, self.acted, self.closing, self.seen = pickle.loads(state)

    def on_batch(self, values):
        for message in values:
            event = json.loads(message.value)
            at = event["eventTimeMs"]
            self.seen[message.topic] = max(self.seen[message.topic], at)
            if message.topic == CONFIG["impressions"]:
                if event["requestId"] in self.open:
                    continue
                self.open[event["requestId"]] = event
                heapq.heappush(self.closing, (at + CONFIG["windowMs"], event["requestId"], ""))
            elif event["type"] in GOALS:
                name = (event["requestId"], event["itemId"])
                self.acted[name] = min(at, self.acted.get(name, at))
                heapq.heappush(self.closing, (at + CONFIG["windowMs"], *name))
        return self.closed(min(self.seen.values()) - CONFIG["latenessMs"]), StatefulBatchLogic.RETAIN

    def closed(self, watermark):
        rows = []
        while self.closing and self.closing[0][0] < watermark:
            _, request, item = heapq.heappop(self.closing)
            if item != "":
                # Of a list that never came, or that is written.
                if request not in self.open:
                    self.acted.pop((request, item), None)
                continue
            shown = self.open.pop(request)
            at = shown["eventTimeMs"]
            for each in shown["items"]:
                acted = self.acted.get((request, each["itemId"]))
                label = int(acted is not None and at <= acted <= at + CONFIG["windowMs"])
                row = {"requestId": request, "itemId": each["itemId"], "position": each["position"], "eventTimeMs": at}
                rows.append((shown["sessionId"], json.dumps({**row, "label": label})))
        return rows

    def snapshot(self):
        return pickle.dumps((self.open, self.acted, self.closing, self.seen))


flow = Dataflow("peers")
brokers = [CONFIG["brokers"]]
source = KafkaSource(brokers, [CONFIG["impressions"], CONFIG["interactions"]], tail=False)
keyed = op.key_on("by-partition", op.input("in", flow, source), lambda message: str(message.partition))
rows = op.stateful_batch("join", keyed, Join)
messages = op.map("message", rows, lambda row: KafkaSinkMessage(row[1][0].encode(), row[1][1].encode()))
op.output("out", messages, KafkaSink(brokers, CONFIG["output"]))

if __name__ == "__main__":
    from bytewax._bytewax import cli_main

    recovery = Path(CONFIG["folder"]) / "recovery"
    recovery.mkdir(parents=True)
    init_db_dir(recovery, 1)
    cli_main(flow, epoch_interval=timedelta(seconds=1), recovery_config=RecoveryConfig(recovery, timedelta(0)))
