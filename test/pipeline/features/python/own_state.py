"""What features.state must be, computed from the whole history of every event anew, without any state.

Reads {"events", "columns", "smoothing", "longHalfLifeMs"} from standard input; prints a list of rows by column name.
"""
import json
import sys

job = json.load(sys.stdin)
FIRST_PRIOR = 0.03
UNITS = {"seconds": 1e3, "minutes": 6e4, "hours": 3.6e6, "days": 8.64e7}
MISSING = None


def key(by, about):
    """The key of an event's facts; None where it lacks one."""
    parts = [about.get(name) for name in by]
    return None if any(part is None for part in parts) else tuple(parts)


def happenings(moment, past):
    """(time, facts, showing) of everything in the past that counts at a moment."""
    for event in past:
        if event["is"] == "list":
            if moment == "shown":
                for item in event["items"]:
                    yield event["time"], item
        elif moment == "clicked":
            if event["first"]:
                yield event["time"], event["impression"]
        elif moment == "acted" or moment == event["type"] or (moment == "reached" and event["reached"]):
            yield event["time"], event["about"]


def count(times, now, half_life):
    return sum(1.0 if half_life is None else 2.0 ** (-(now - time) / half_life) for time in times)


def under(by, wanted, moment, past):
    return [time for time, about in happenings(moment, past) if key(by, about) == wanted]


def rate(by, wanted, past, now, half_life, prior, pair=("clicked", "shown"), smoothing=job["smoothing"]):
    above, below = (count(under(by, wanted, moment, past), now, half_life) for moment in pair)
    return (above + smoothing * prior) / (below + smoothing)


def value(column, item, past, now):
    by, kind = column["by"], column["kind"]
    wanted = key(by, item)
    if wanted is None:
        return MISSING
    if kind == "rate":
        half_life = column.get("halfLifeMs", job["longHalfLifeMs"])
        pair = (column.get("of", "clicked"), column.get("over", "shown"))
        smoothing = column.get("smoothing", job["smoothing"])
        surface = ["surface"], (item["surface"],), past, now
        if pair == ("clicked", "shown"):
            prior = rate(*surface, job["longHalfLifeMs"], FIRST_PRIOR)
        else:
            prior = rate(*surface, half_life, FIRST_PRIOR, pair, smoothing)
        return rate(by, wanted, past, now, half_life, prior, pair, smoothing)
    if kind == "last":
        last = MISSING
        for _, about in happenings(column["of"], past):
            if key(by, about) == wanted and about.get(column["value"]) is not None:
                last = about[column["value"]]
        own = item.get(column["value"])
        return MISSING if last is None or own is None else float(last == own)
    if kind == "average":
        average = MISSING
        for _, about in happenings("shown", past):
            seen = about.get(column["value"])
            if key(by, about) != wanted or seen is None:
                continue
            average = seen if average is None else average + column["step"] * (seen - average)
        return average
    times = under(by, wanted, column["of"], past)
    if kind == "count":
        return count(times, now, column.get("halfLifeMs"))
    if kind == "since":
        return (now - times[-1]) / UNITS[column["unit"]] if times else MISSING
    # Two windows that tumble at multiples of the length, the one before weighed by what still overlaps.
    length = column["windowMs"]
    current = sum(time // length == now // length for time in times)
    before = sum(time // length == now // length - 1 for time in times)
    return current + (1 - now % length / length) * before


rows = []
for at, event in enumerate(job["events"]):
    if event["is"] == "list":
        past = job["events"][:at]
        for item in event["items"]:
            rows.append({column["name"]: value(column, item, past, event["time"]) for column in job["columns"]})
json.dump(rows, sys.stdout)
