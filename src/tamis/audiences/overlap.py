"""What an audience would have in common with others, once some have entered and left."""

from dataclasses import dataclass

import pyarrow as pa

from tamis.audiences.members import EDGES
from tamis.engines.contract import Stored, Tables
from tamis.rules.sql.query import Engine, Query

MOST = 10
"""So many others are told."""


@dataclass(frozen=True)
class Overlap:
    """Another audience: how many are in both, only here, only there."""

    other: int
    both: int
    here: int
    there: int


def tables_for(edges: pa.Table, members: Stored) -> Tables:
    """The engine's tables that :func:`overlaps` asks: the members, and who enters and leaves."""
    return {"members": members, "changes": Stored(edges.cast(EDGES))}


def overlaps(engine: Engine, audience: int, size: int, most: int = MOST) -> list[Overlap]:
    """Those that an audience would share most with, of those in ``members``; ``size`` is its own afterwards."""
    here = (
        f"SELECT m.subject AS id FROM members m WHERE m.audience = {audience:d} "
        "AND m.subject NOT IN (SELECT c.subject FROM changes c WHERE NOT c.entered) "
        "UNION ALL SELECT c.subject AS id FROM changes c WHERE c.entered"
    )
    found = engine.ask(Query(
        f"SELECT m.audience AS other, count(*) AS size, count(h.id) AS shared FROM members m LEFT JOIN ({here}) h "
        f"ON h.id = m.subject WHERE m.audience <> {audience:d} GROUP BY m.audience HAVING count(h.id) > 0 "
        f"ORDER BY shared DESC, other LIMIT {most:d}"
    ))  # fmt: skip
    return [Overlap(row["other"], row["shared"], size - row["shared"], row["size"] - row["shared"])
            for row in found.to_pylist()]  # fmt: skip
