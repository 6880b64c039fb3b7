"""The events of a party as a line of time, the newest first: a page at a time, only the months that it takes.

A page begins where the one before ended. Months are read from the newest on, one, then two, then four at a time, until
the page is full; what waits in the inbox belongs to the months it happened in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa

from tamis.lake.read import Party, View, shown_event, stays_table, those
from tamis.lake.table import MOMENT

MOST = 1_000


class Place(NamedTuple):
    """Where a page ended: the moment and the id of its last event."""

    ts: datetime
    id: str


@dataclass(frozen=True)
class Page:
    """Events, the newest first, and where the next page goes on; ``None`` when nothing is left."""

    events: list[dict[str, Any]]
    next: Place | None


def events_of(
    view: View, party: Party | None, *, kinds: Sequence[str] = (), before: datetime | None = None, most: int = 100
) -> list[dict[str, Any]]:
    """The latest events of a party, or of all, before a moment; each with what it says, a thousand at most."""
    only: tuple[list[str], list[Any]] = (["ts < ?"], [before]) if before else ([], [])
    return _page(view, party, kinds, only, before, min(most, MOST)).events


def page_of(
    view: View, party: Party, *, kinds: Sequence[str] = (), after: Place | None = None, most: int = 30,
    within: tuple[datetime, datetime] | None = None,
) -> Page:  # fmt: skip
    """The newest events of a party after a place; with ``within`` from a moment on, and before another."""
    only = ["(ts < ? OR (ts = ? AND id > ?))"] if after else []
    values: list[Any] = [after.ts, after.ts, after.id] if after else []
    if within:
        only, values = [*only, "ts >= ?", "ts < ?"], [*values, *within]
    end = after.ts if after else within[1] if within else None
    return _page(view, party, kinds, (only, values), end, most)


def _page(
    view: View, party: Party | None, kinds: Sequence[str], bound: tuple[list[str], list[Any]], end: datetime | None,
    most: int,
) -> Page:  # fmt: skip
    """The newest events within a bound, none after ``end``: first which, from few columns, then all they say."""
    wheres, values = (of_kinds + of_bound for of_kinds, of_bound in zip(_wanted(kinds), bound, strict=True))
    once, stays = ("DISTINCT ", party.stays) if party else ("", ())
    found: list[dict[str, Any]] = []
    for months, since, until in _spans(view, end):
        bounds = [*(["ts >= ?"] if since else []), *(["ts < ?"] if until else [])]
        sql, given = those(party, [*wheres, *bounds], [*values, *(each for each in (since, until) if each)])
        newest = f"SELECT {once}id, ts FROM ({sql}) ORDER BY ts DESC, id LIMIT ?"
        more = most + 1 - len(found)
        found += view.ask(newest, [*given, more], months=months, stay=stays_table(stays)).to_pylist()
        if len(found) > most:
            break
    shown = found[:most]
    last = Place(shown[-1]["ts"].astimezone(UTC), shown[-1]["id"]) if len(found) > most else None
    return Page(_whole(view, shown), last)


def _whole(view: View, found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """All that some events say, in their order."""
    if not found:
        return []
    first, last = found[-1]["ts"], found[0]["ts"]
    months = [
        month for month in view.months if f"{first.astimezone(UTC):%Y-%m}" <= month <= f"{last.astimezone(UTC):%Y-%m}"
    ]
    sql = "SELECT * FROM event WHERE ts >= ? AND ts <= ? AND id IN (SELECT unnest(?)) ORDER BY ts DESC, id"
    rows = view.ask(sql, [first, last, [each["id"] for each in found]], months=months).to_pylist()
    return [shown_event(row) for row in rows]


def _spans(view: View, end: datetime | None) -> Iterator[tuple[list[str], datetime | None, datetime | None]]:
    """Months to read together, with the bounds of the events to be found in them; first the newest."""
    newest = f"{end.astimezone(UTC):%Y-%m}" if end else "9999-12"
    months = [month for month in view.months if month <= newest]
    size, until = 1, None
    while True:
        some, months = months[:size], months[size:]
        since = datetime.strptime(some[-1], "%Y-%m").replace(tzinfo=UTC) if months else None
        yield some, since, until
        if not months:
            return
        size, until = size * 2, since


def counts_of(view: View, party: Party, bounds: Sequence[datetime], *, kinds: Sequence[str] = ()) -> list[int]:
    """How many events of a party lie between each two of these moments."""
    wheres, values = _wanted(kinds)
    spans = pa.table({
        "place": pa.array(range(len(bounds) - 1), pa.int64()),
        "since": pa.array([since for since, _ in pairwise(bounds)], MOMENT),
        "until": pa.array([until for _, until in pairwise(bounds)], MOMENT),
    })  # fmt: skip
    found, given = those(party, [*wheres, "ts >= ?", "ts < ?"], [*values, bounds[0], bounds[-1]])
    sql = (
        f"WITH found AS MATERIALIZED (SELECT DISTINCT id, ts FROM ({found})) "
        "SELECT place, count(*) AS n FROM found JOIN span ON found.ts >= span.since AND found.ts < span.until "
        "GROUP BY place"
    )
    first, last = (f"{each.astimezone(UTC):%Y-%m}" for each in (bounds[0], bounds[-1] - timedelta(microseconds=1)))
    months = [month for month in view.months if first <= month <= last]
    answer = view.ask(sql, given, months=months, stay=stays_table(party.stays), span=spans).to_pylist()
    counts = {row["place"]: row["n"] for row in answer}
    return [counts.get(place, 0) for place in range(len(bounds) - 1)]


def _wanted(kinds: Sequence[str]) -> tuple[list[str], list[Any]]:
    return (["kind IN (SELECT unnest(?))"], [[*kinds]]) if kinds else ([], [])
