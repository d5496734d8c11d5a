"""Sends what was shown and what was clicked to Sluice over HTTP: python3 produce.py http://127.0.0.1:9464"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:9464"
TOKEN = os.environ["SLUICE_EVENTS_TOKEN"]


def send(topic, events):
    """Sends events until they are durable. Sending again is safe: each is known by its id."""
    body = "".join(json.dumps(event) + "\n" for event in events).encode()
    request = urllib.request.Request(f"{URL}/v1/{topic}", body, {"Authorization": f"Bearer {TOKEN}"})
    while True:
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)["accepted"]
        except urllib.error.HTTPError as error:
            if error.code != 503:  # the events are wrong: the answer says which, and why
                raise SystemExit(error.read().decode())
            time.sleep(1)


now = int(time.time() * 1000)
shown = {
    "requestId": "python-1",
    "eventTimeMs": now,
    "surface": "SEARCH",
    "sessionId": "s-python",
    "items": [{"itemId": "a", "position": 1}, {"itemId": "b", "position": 2}],
}
click = {
    "interactionId": "python-click-1",
    "eventTimeMs": now,
    "type": "CLICK",
    "sessionId": "s-python",
    "itemId": "b",
    "requestId": "python-1",
}
print(send("impressions", [shown]), send("interactions", [click]))
