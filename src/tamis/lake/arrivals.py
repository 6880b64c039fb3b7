"""When events arrived: how many of each kind within each span of time, those in the inbox included."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa

from tamis.lake.read import View, shown_event
from tamis.lake.table import MOMENT
from tamis.sources.events import SUBJECTS

WHOM = ("id", "ts", "kind", "received", *SUBJECTS)
"""What is told of an event that arrived: what, when, and whom it named."""


class Arrived(NamedTuple):
    """Where a page of arrivals ended: the moment and the id of its last event."""

    received: datetime
    id: str


def arrived(
    view: View, since: datetime, until: datetime, kind: str = "", after: Arrived | None = None, most: int = 50
) -> list[dict[str, Any]]:
    """The events of a kind, or of all, that arrived from one moment on and before another, the first first."""
    only, values = _within(since, until, kind)
    if after:
        only, values = f"{only} AND (received > ? OR received = ? AND id > ?)", [*values, *after[:1], *after]
    sql = f"SELECT {', '.join(WHOM)} FROM event WHERE {only} ORDER BY received, id LIMIT {most:d}"
    return [shown_event(row) for row in view.ask(sql, values).to_pylist()]


def counted(view: View, since: datetime, until: datetime, kind: str = "") -> int:
    """How many they are."""
    only, values = _within(since, until, kind)
    return int(view.ask(f"SELECT count(*) AS n FROM event WHERE {only}", values).column("n")[0].as_py())


def _within(since: datetime, until: datetime, kind: str) -> tuple[str, list[Any]]:
    of_kind = " AND kind = ?" if kind else ""
    return f"received >= ? AND received < ?{of_kind}", [since, until, *([kind] if kind else [])]


def arrivals_of(view: View, bounds: Sequence[datetime]) -> list[tuple[int, str, int]]:
    """For the spans between each two of these moments: its place, a kind, how many events of it arrived then."""
    spans = pa.table({
        "place": pa.array(range(len(bounds) - 1), pa.int64()),
        "since": pa.array([since for since, _ in pairwise(bounds)], MOMENT),
        "until": pa.array([until for _, until in pairwise(bounds)], MOMENT),
    })  # fmt: skip
    sql = (
        "WITH came AS MATERIALIZED (SELECT received, kind FROM event WHERE received >= ? AND received < ?) "
        "SELECT place, kind, count(*) AS n FROM came JOIN span ON came.received >= span.since "
        "AND came.received < span.until GROUP BY place, kind ORDER BY place, kind"
    )
    rows = view.ask(sql, [bounds[0], bounds[-1]], span=spans).to_pylist()
    return [(row["place"], row["kind"], row["n"]) for row in rows]
