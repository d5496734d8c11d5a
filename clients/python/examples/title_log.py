"""Writes a log in which the words of the title decide what is clicked, and nothing else does: events for `sluice run`.

    python3 title_log.py events 6000 7          # folder, lists of four items, seed: each word has its worth
    python3 title_log.py events 6000 7 pairs    # what a word is worth depends on the other one of its pair
"""

import json
import math
import random
import sys
from pathlib import Path

WORDS = """cotton linen silk leather wool denim red blue green black white grey small large wide narrow long short summer
winter garden kitchen office travel running hiking wooden steel glass plastic lamp table chair shelf jacket dress shirt
shoes boots bag hat scarf watch ring cup plate knife pan bottle towel pillow blanket carpet mirror clock speaker cable
charger phone camera drill hammer saw paint brush ladder bucket rope tent stove bicycle helmet glove ball racket puzzle
doll book pen""".split()
SHOWN_MS = 1_772_323_200_000
TITLES, ITEMS = 2_000, 4

folder, lists, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
worth = {word: chance.gauss(0, 1.2) for word in WORDS}
titles = [chance.sample(WORDS, 4) for _ in range(TITLES)]
taste = {word: (chance.gauss(0, 1), chance.gauss(0, 1)) for word in WORDS}


def logit(words: list[str]) -> float:
    if sys.argv[4:] != ["pairs"]:
        return sum(worth[word] for word in words) - 3
    (a, b), (c, d) = taste[words[0]], taste[words[1]]
    return 1.5 * (a * c + b * d) - 2.5


folder.mkdir(parents=True)
clicks = 0
with (folder / "impressions.ndjson").open("w") as shown, (folder / "interactions.ndjson").open("w") as done:
    for at in range(lists):
        ids = {"requestId": f"r{at}", "sessionId": f"s{at}"}
        time = SHOWN_MS + at * 10_000
        items = []
        for position in range(1, ITEMS + 1):
            words = chance.choice(titles)
            item = {"itemId": f"i{at}-{position}", "position": position, "title": " ".join(words)}
            items.append({**item, "price": 5 + chance.randrange(95)})
            if chance.random() < 1 / (1 + math.exp(-logit(words))):
                clicks += 1
                click = {"interactionId": f"c{clicks}", "eventTimeMs": time + 2_000, "type": "CLICK"}
                done.write(json.dumps({**click, **ids, "itemId": item["itemId"]}) + "\n")
        event = {**ids, "eventTimeMs": time, "surface": "SEARCH", "query": "anything", "items": items}
        shown.write(json.dumps(event) + "\n")
