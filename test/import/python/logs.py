"""Makes logs of several kinds (`logs.py NAME FOLDER`), and counts each by reading it back with plain code.

Prints one JSON object: the log's files in order, and for each type of interaction the sorted `request item`, with a star
where there was one. Nothing of Sluice is used.
"""

import csv
import json
import random
import re
import sys
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo

START = datetime(2024, 3, 9, 22, 0, tzinfo=timezone.utc)


def starred(shown, acted):
    """`request item` of everything shown, with a star where it is among what was acted on."""
    return sorted(f"{request} {item}" + (" *" if (request, item) in acted else "") for request, item in shown)


def write_ndjson(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def read_ndjson(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


class Ubi:
    """Two indices of OpenSearch as elasticdump writes them: queries with the ids that were shown, and events."""

    def make(self, folder, rng):
        queries, events = [], []
        at = START
        for number in range(60):
            at += timedelta(seconds=rng.randrange(5, 400), milliseconds=rng.randrange(1000))
            client, query = f"c{rng.randrange(9)}", f"q-{number:03}"
            stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            hits = rng.sample([f"SKU-{n}" for n in range(40)], rng.randrange(0, 9))
            source = {"application": "shop", "query_id": query, "client_id": client, "user_query": f"lamp {number % 7}",
                      "timestamp": stamp, "query_response_id": f"x{number}", "query_attributes": {}}
            source["query_response_hit_ids"] = hits or None
            queries.append({"_index": "ubi_queries", "_id": f"{number}", "_score": 1, "_source": source})
            for place, sku in enumerate(hits, 1):
                for action in ("impression", "click", "add_to_cart", "purchase", "scroll"):
                    if rng.random() < (0.15 if action != "impression" else 0.9):
                        stamp = (at + timedelta(seconds=rng.randrange(1, 60))).isoformat().replace("+00:00", "Z")
                        events.append({"_index": "ubi_events", "_id": f"e{len(events)}", "_source": {
                            "action_name": action, "query_id": query, "client_id": client, "session_id": f"{client}-1",
                            "timestamp": stamp, "message_type": "INFO", "message": action,
                            "event_attributes": {"object": {"object_id": sku, "object_id_field": "sku"},
                                                 "position": {"ordinal": place}}}})
        write_ndjson(folder / "ubi_queries.json", queries)
        write_ndjson(folder / "ubi_events.json", events)
        write_ndjson(folder / "products.ndjson", [{"sku": f"SKU-{n}", "title": f"Lamp no. {n}"} for n in range(40)])
        return ["ubi_queries.json", "ubi_events.json"]

    def count(self, folder):
        shown = [(row["_source"]["query_id"], sku) for row in read_ndjson(folder / "ubi_queries.json")
                 for sku in row["_source"]["query_response_hit_ids"] or []]
        acted = defaultdict(set)
        for row in read_ndjson(folder / "ubi_events.json"):
            source = row["_source"]
            acted[source["action_name"]].add((source["query_id"], source["event_attributes"]["object"]["object_id"]))
        return {"CLICK": starred(shown, acted["click"]), "ADD_TO_CART": starred(shown, acted["add_to_cart"]),
                "PURCHASE": starred(shown, acted["purchase"])}


class HotelSearch:
    """Hotel searches with bookings: a row an impression, rows of a search in any order, local times over a clock change."""

    def make(self, folder, rng):
        with (folder / "train.csv").open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow("srch_id date_time site_id srch_destination_id srch_length_of_stay prop_id prop_starrating position "
                         "price_usd random_bool comp1_rate click_bool gross_bookings_usd booking_bool".split())
            for search in range(1, 80):
                at = datetime(2013, 4, 4, 8, 32, 15) + timedelta(minutes=97 * search)
                rows = []
                for place, hotel in enumerate(rng.sample(range(1000, 1200), rng.randrange(2, 12)), 1):
                    click = rng.random() < 0.2
                    book = click and rng.random() < 0.5
                    paid = f"{rng.uniform(80, 900):.2f}" if book else "NULL"
                    rows.append([search, at, 5, 8192 + search % 3, 2, hotel, rng.choice([0, 3, 4, "NULL"]), place,
                                 f"{rng.uniform(40, 400):.2f}", search % 2, "NULL", int(click), paid, int(book)])
                rng.shuffle(rows)
                out.writerows(rows)
        return ["train.csv"]

    def count(self, folder):
        with (folder / "train.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        shown = [(row["srch_id"], row["prop_id"]) for row in rows]
        zone = ZoneInfo("America/Los_Angeles")
        times = {row["srch_id"]: int(datetime.fromisoformat(row["date_time"]).replace(tzinfo=zone).timestamp() * 1000)
                 for row in rows}
        return {
            "CLICK": starred(shown, {one for one, row in zip(shown, rows) if row["click_bool"] == "1"}),
            "PURCHASE": starred(shown, {one for one, row in zip(shown, rows) if row["booking_bool"] == "1"}),
            "paid": round(sum(float(row["gross_bookings_usd"]) for row in rows if row["booking_bool"] == "1"), 2),
            "times": times,
        }


class AdAuction:
    """Ad auctions: impressions, clicks and conversions in files of their own, without headers, known by their bid."""

    def make(self, folder, rng):
        files = {kind: [] for kind in ("imp", "clk", "conv")}
        at = START
        for number in range(300):
            at += timedelta(milliseconds=rng.randrange(50, 900_000))
            bid, user = f"{rng.getrandbits(64):016x}", f"ip{rng.randrange(40)}"
            tags = rng.choice(["null", "10063,10111", "13042"])

            def row(kind, when):
                stamp = when.strftime("%Y%m%d%H%M%S") + f"{when.microsecond // 1000:03}"
                return "\t".join([bid, stamp, kind, user, f"site{number % 5}", "728", "90", f"ad{number % 11}", "277", tags])

            files["imp"].append(row("1", at))
            if rng.random() < 0.2:
                files["clk"].append(row("2", at + timedelta(seconds=rng.randrange(1, 99))))
                if rng.random() < 0.3:
                    files["conv"].append(row("3", at + timedelta(hours=rng.randrange(1, 99))))
        for kind, rows in files.items():
            (folder / f"{kind}.20240310.tsv").write_text("".join(f"{row}\n" for row in rows))
        # Whatever order they come in: the conversions stand before what they are of.
        return ["conv.20240310.tsv", "imp.20240310.tsv", "clk.20240310.tsv"]

    def count(self, folder):
        rows = [line.split("\t") for path in sorted(folder.glob("*.tsv")) for line in path.read_text().splitlines()]
        of = {kind: [(bid, ad) for bid, _, own, _, _, _, _, ad, _, _ in rows if own == kind] for kind in "123"}
        times = {row[0]: int(datetime.strptime(row[1][:14], "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc).timestamp()) * 1000
                 + int(row[1][14:]) for row in rows if row[2] == "1"}
        return {"CLICK": starred(of["1"], set(of["2"])), "PURCHASE": starred(of["1"], set(of["3"])), "times": times}


class Newsletter:
    """Mails with products in them, and a redirector's log of the links, days later: the truth is in escaped addresses."""

    def make(self, folder, rng):
        mails, lines = [], []
        for number in range(90):
            skus = rng.sample([f"a/{n}&b" for n in range(30)], rng.randrange(1, 7))
            sent = START + timedelta(hours=number)
            mails.append({"mail": {"id": f"m{number}", "to": {"hash": f"u{number % 20}"}, "sent": sent.timestamp()},
                          "blocks": [{"kind": "text"}, {"kind": "products", "list": ";".join(skus)}]})
            for sku in skus:
                for _ in range(rng.choice([0, 0, 0, 1, 2])):
                    at = sent + timedelta(seconds=rng.randrange(60, 300_000))
                    link = f"/r?u=u{number % 20}&m=m{number}&p={quote(sku, safe='')}&utm=x"
                    lines.append(f'{at.strftime("%d/%b/%Y:%H:%M:%S +0000")} 302 "{link}" agent="Mail/1.0 (x; y)"')
            if number % 9 == 0:
                lines.append(f'{sent.strftime("%d/%b/%Y:%H:%M:%S +0000")} 200 "/unsubscribe?m=m{number}" agent="-"')
        write_ndjson(folder / "mails.ndjson", mails)
        (folder / "redirects.log").write_text("".join(f"{line}\n" for line in lines))
        return ["mails.ndjson", "redirects.log"]

    def count(self, folder):
        shown = [(row["mail"]["id"], sku) for row in read_ndjson(folder / "mails.ndjson")
                 for block in row["blocks"] if block["kind"] == "products" for sku in block["list"].split(";")]
        clicked = set()
        clicks = 0
        for link in re.findall(r'"(/r\?[^"]*)"', (folder / "redirects.log").read_text()):
            parts = parse_qs(urlsplit(link).query)
            clicked.add((parts["m"][0], parts["p"][0]))
            clicks += 1
        return {"CLICK": starred(shown, clicked), "clicks": clicks}


class ShortVideos:
    """A feed of videos: a row an impression, dates as numbers, what was watched in milliseconds, several signals."""

    def make(self, folder, rng):
        rows = ["user_id,video_id,date,hourmin,time_ms,is_click,is_like,is_hate,play_time_ms,duration_ms,tab"]
        at = int(START.timestamp() * 1000)
        for number in range(400):
            at += rng.randrange(500, 60_000)
            day = datetime.fromtimestamp(at / 1000, timezone.utc)
            length = rng.randrange(3_000, 90_000)
            seen = rng.randrange(0, 2 * length) if rng.random() < 0.7 else 0
            rows.append(f"{number % 13},{rng.randrange(500)},{day:%Y%m%d},{day:%H%M},{at},{int(seen > length / 2)},"
                        f"{int(rng.random() < 0.1)},{int(rng.random() < 0.03)},{seen},{length},{number % 3}")
        (folder / "feed.csv").write_text("\n".join(rows) + "\n")
        return ["feed.csv"]

    def count(self, folder):
        with (folder / "feed.csv").open() as file:
            rows = list(csv.DictReader(file))
        shown = [(f"{row['user_id']}-{row['time_ms']}", row["video_id"]) for row in rows]

        def acted(holds):
            return starred(shown, {one for one, row in zip(shown, rows) if holds(row)})

        return {"CLICK": acted(lambda row: row["is_click"] == "1"), "DISMISS": acted(lambda row: row["is_hate"] == "1"),
                "VIEW": acted(lambda row: int(row["play_time_ms"]) > 3000)}


LOGS = {"ubi": Ubi, "hotel-search": HotelSearch, "ad-auction": AdAuction, "newsletter": Newsletter,
        "short-videos": ShortVideos}


def main():
    name, folder = sys.argv[1], Path(sys.argv[2])
    log = LOGS[name]()
    files = log.make(folder, random.Random(7))
    print(json.dumps({"files": files, **log.count(folder)}))


if __name__ == "__main__":
    main()
