"""What Metarank's extractors are by their documentation, of whole lists and of all lists before them, without any state.

Reads {"lists": [{"time", "list", "items"}], "columns"} from standard input; prints a list of rows by column name.
"""
import datetime
import json
import math
import statistics
import sys
import unicodedata
import zoneinfo

job = json.load(sys.stdin)
UNSPACED = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA", "KATAKANA", "THAI", "LAO ", "KHMER", "MYANMAR")


def is_unspaced(character):
    return unicodedata.name(character, "").startswith(UNSPACED)


def is_word(character):
    return unicodedata.category(character)[0] in "LMN"


def runs(text):
    """(is written without spaces, characters) of each run of letters, character by character."""
    text = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    found, run, kind = [], "", None
    for at, character in enumerate(text):
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if is_word(character):
            now = is_unspaced(character)
        elif run and kind is False and after and is_word(after) and not is_unspaced(after) and (
            (character in ".," and unicodedata.category(before)[0] == "N" == unicodedata.category(after)[0])
            or (character == "'" and unicodedata.category(before)[0] == "L" == unicodedata.category(after)[0])
        ):
            now = False
        else:
            now = None
        if now is not kind and run:
            found.append((kind, run))
            run = ""
        kind = now
        if now is not None:
            run += character
    return found + [(kind, run)] if run else found


def grams(word, n):
    return [word] if len(word) <= n else [word[i : i + n] for i in range(len(word) - n + 1)]


def words(text):
    return [part for unspaced, run in runs(text) for part in (grams(run, 2) if unspaced else [run])]


def word_count(text):
    return sum(
        sum(unicodedata.category(c)[0] != "M" for c in run) if unspaced else 1 for unspaced, run in runs(text)
    )


def ngrams(text, n):
    return [gram for unspaced, run in runs(text) for gram in grams(run, 2 if unspaced else n)]


def texts(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def at(message, path):
    for step in path.split("."):
        message = message.get(step) if isinstance(message, dict) else None
    return message


def number(column, value, time):
    """The number of a value; None: missing."""
    if value is None or value == "":
        return None
    take = column.get("take")
    if take == "words":
        taken = float(word_count(value)) if isinstance(value, str) else None
    elif take in ("timeOfDay", "dayOfWeek", "dayOfMonth", "month", "year"):
        taken = local(take, column.get("zone"), value)
    elif take == "size":
        taken = len(value) if isinstance(value, list) else None
    elif take:
        listed = value if isinstance(value, list) else [value]
        if not listed or any(isinstance(one, str) for one in listed):
            return None
        taken = {
            "first": lambda: listed[0],
            "last": lambda: listed[-1],
            "min": lambda: min(listed),
            "max": lambda: max(listed),
            "mean": lambda: statistics.fmean(listed),
            "sum": lambda: math.fsum(listed),
            "norm": lambda: math.hypot(*listed),
        }[take]()
    else:
        taken = value if isinstance(value, (int, float)) else None
    if taken is None:
        return None
    if "scale" in column:
        least, most = column["scale"]
        bend = (lambda x: math.copysign(math.log1p(abs(x)), x)) if column.get("log") else (lambda x: x)
        return (bend(taken) - bend(least)) / (bend(most) - bend(least))
    return taken


def local(take, zone, value):
    if isinstance(value, str):
        moment = datetime.datetime.fromisoformat(value)
        if zone:
            moment = moment.astimezone(zoneinfo.ZoneInfo(zone))
    else:
        moment = datetime.datetime.fromtimestamp(value / 1000, zoneinfo.ZoneInfo(zone or "UTC"))
    return {
        "timeOfDay": moment.hour + moment.minute / 60 + (moment.second + moment.microsecond / 1e6) / 3600,
        "dayOfWeek": moment.isoweekday(),
        "dayOfMonth": moment.day,
        "month": moment.month,
        "year": moment.year,
    }[take]


def jaccard(a, b):
    return len(set(a) & set(b)) / len(set(a) | set(b))


def bm25(query, text, documents):
    """Lucene's, over the words of all texts of items shown before."""
    score = 0.0
    mean = statistics.fmean(map(len, documents)) if documents else len(text)
    for word in set(query):
        having = sum(word in document for document in documents)
        weight = math.log(1 + (len(documents) - having + 0.5) / (having + 0.5))
        times = text.count(word)
        score += weight * times / (times + 1.2 * (0.25 + 0.75 * len(text) / mean))
    return score


def match(column, item, message, documents):
    split = (lambda one: ngrams(one, column.get("n", 3))) if column["by"] == "ngrams" else words
    text = [word for one in texts(at(item, column["from"][6:])) for word in split(one)]
    query = [word for one in texts(at(message, column.get("with", "query"))) for word in split(one)]
    if not text or not query:
        return None
    if column["by"] == "bm25":
        return bm25(query, text, documents)
    if column["by"] == "covered":
        return len(set(query) & set(text)) / len(set(query))
    return jaccard(query, text)


def distinct(value):
    return list(dict.fromkeys(str(one).strip() for one in texts(value) if str(one).strip()))


def compared(column, values, row, i):
    """The columns that compare a number with the list's."""
    name, top = column["name"], column.get("top", len(values))
    known = [value for value in values[:top] if value is not None]
    for kind in column.get("inList", []):
        if kind == "median":
            row[name + "LessMedian"] = (
                None if values[i] is None or not known else values[i] - statistics.median(known)
            )
        if kind == "range":
            flat = not known or max(known) == min(known)
            row[name + "InRange"] = (
                None if values[i] is None or flat else (values[i] - min(known)) / (max(known) - min(known))
            )


def rows_of(message, documents_of):
    items = message["items"]
    rows = [{} for _ in items]
    for column in job["columns"]:
        name, path = column["name"], column["from"]
        found = [at(item, path[6:]) if path.startswith("items.") else at(message["list"], path) for item in items]
        if column["kind"] == "number":
            values = [number(column, value, message["time"]) for value in found]
        elif column["kind"] == "match":
            values = [match(column, item, message["list"], documents_of.get(name, {}).values()) for item in items]
            values = [value if value is None else value for value in values]
        else:
            sets = [distinct(value) for value in found]
            tops = [value for one in sets[: column.get("top", len(sets))] for value in one]
            for row, own in zip(rows, sets):
                for value in column.get("values", []):
                    row[f"{name}Is{value}"] = float(value in own) if own else None
                if column.get("index"):
                    known = column["values"]
                    row[name + "Index"] = None if not own else known.index(own[0]) + 1 if own[0] in known else 0
                if column.get("inList"):
                    share = sum(tops.count(value) for value in own) / len(tops) if tops else 0.0
                    row[name + "Share"] = share if own else None
            continue
        for i, row in enumerate(rows):
            row[name] = values[i]
            compared(column, values, row, i)
    return rows


rows = []
documents_of = {}
for message in job["lists"]:
    rows += rows_of(message, documents_of)
    for column in job["columns"]:
        if column["kind"] == "match" and column["by"] == "bm25":
            for item in message["items"]:
                text = [word for one in texts(at(item, column["from"][6:])) for word in words(one)]
                if text:
                    documents_of.setdefault(column["name"], {}).setdefault(item["itemId"], text)
json.dump(rows, sys.stdout)
