"""When events arrived: how many of each kind within each span of time, those in the inbox included."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import pyarrow as pa

from tamis.lake.read import View
from tamis.lake.table import MOMENT


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
