"""Who enters and who leaves: those who should be in, against those who are.

    should be in = (those of the rule, as the mode says + pinned in) - pinned out - excluded, of those who exist

Static: the rule counts in the first run alone. Add-only: who is in stays. Dynamic: the rule decides. In every mode who
is excluded or pinned out leaves, and so does who exists no more.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tamis.audiences.members import EDGES
from tamis.engines.contract import Stored, Tables
from tamis.rules.nodes import Rule, Subject
from tamis.rules.sql.query import Engine, Query, present

if TYPE_CHECKING:
    from datetime import datetime

    from tamis.audiences.narrowing import Asking, World
    from tamis.engines.duckdb import DuckDb

PINS = pa.schema([("subject", pa.int64()), ("inside", pa.bool_())])
AMONG = pa.schema([("id", pa.int64())])


@dataclass(frozen=True)
class Wanted:
    """What decides who is in: the rule as a query of ids, and what is said beside it.

    ``filled``: a run has filled the audience before. ``excluded``: the audiences that are subtracted. ``plain``: what
    of the rule asks for no events, as a query (:func:`~tamis.audiences.narrowing.without_events`). ``since``: the kinds
    of events that the rule asks for, and from when on these can count.
    """

    audience: int
    subject: Subject
    mode: str
    rule: Query
    filled: bool = False
    excluded: Sequence[int] = ()
    pins: Mapping[int, bool] = field(default_factory=dict)
    plain: Query | None = None
    since: "Mapping[str, datetime]" = field(default_factory=dict)


@dataclass(frozen=True)
class Compared:
    """Who enters and leaves (``subject``, ``entered``), and how many were in before."""

    edges: pa.Table
    before: int

    @property
    def entered(self) -> int:
        """How many enter."""
        n: int = pc.sum(self.edges.column("entered"), min_count=0).as_py()
        return n

    @property
    def left(self) -> int:
        """How many leave."""
        return len(self.edges) - self.entered

    @property
    def size(self) -> int:
        """How many are in afterwards."""
        return self.before + self.entered - self.left


def tables_for(wanted: Wanted, tables: Tables, among: Collection[int] | None = None) -> Tables:
    """The engine's tables with those that :func:`compare` asks beside: ``pins``, and ``among`` where it is bounded."""
    pins = pa.table([[*wanted.pins], [*wanted.pins.values()]], schema=PINS)
    made = {**tables, "pins": Stored(pins)}
    return made if among is None else {**made, "among": Stored(pa.table([[*among]], schema=AMONG))}


def compare(engine: Engine, wanted: Wanted, *, bounded: bool = False, before: int | None = None) -> Compared:
    """The difference between who should be in and who is; ``bounded``: only of those in the table ``among``.

    The engine has the tables of :func:`tables_for`. ``before`` is how many are in, where that is known. Raises
    :class:`~tamis.errors.Unreadable`.
    """
    if before is None:
        [before] = engine.ask(Query(f"SELECT count(*) AS n FROM ({_present(wanted)}) p")).column("n").to_pylist()
    rule = Query("") if wanted.mode == "static" and wanted.filled else wanted.rule
    edges = engine.ask(Query(_difference(wanted, bounded), rule.values, rule.needs))
    return Compared(edges, before)


def compare_some(
    engine: "DuckDb", wanted: Wanted, rule: Rule, among: Collection[int], before: int, world: "World | None" = None
) -> Compared:  # fmt: skip
    """As :func:`compare` of those in the table ``among``, at the cost of their rows; ``before`` are in.

    ``world`` is one that was made for several audiences; without one that has them, one is made for these alone.
    """
    from tamis.audiences.narrowing import ALONE, World

    if not among:
        return Compared(EDGES.empty_table(), before)
    mine = asking(wanted, rule, among)
    if world is not None and world.holds(mine):
        with world.within():
            return compare(engine, wanted, bounded=True, before=before)
    if not mine.reach.events:  # a rule about columns reads them whole anyway
        return compare(engine, wanted, bounded=True, before=before)
    with closing(World(engine, [mine], ALONE)) as alone, alone.within():
        return compare(engine, wanted, bounded=True, before=before)


def asking(wanted: Wanted, rule: Rule, among: Collection[int]) -> "Asking":
    """What is asked about some: nothing where the rule does not count any more."""
    from tamis.audiences.narrowing import Asking

    if wanted.mode == "static" and wanted.filled:
        return Asking(rule, Query(""), among, None, {})
    return Asking(rule, wanted.rule, among, wanted.plain, wanted.since)


def _present(wanted: Wanted) -> str:
    return f"SELECT m.subject AS id FROM members m WHERE m.audience = {wanted.audience:d}"


def _difference(wanted: Wanted, bounded: bool) -> str:
    only = " WHERE id IN (SELECT a.id FROM among a)" if bounded else ""
    exists = f"SELECT x.id FROM {wanted.subject} x WHERE {present(wanted.subject, 'x')}"
    matching = {
        "dynamic": f"SELECT id FROM ({wanted.rule.sql}) r",
        "add-only": f"SELECT id FROM ({wanted.rule.sql}) r UNION SELECT id FROM present",
        "static": "SELECT id FROM present" if wanted.filled else f"SELECT id FROM ({wanted.rule.sql}) r",
    }[wanted.mode]
    out = "SELECT p.subject AS id FROM pins p WHERE NOT p.inside"
    if wanted.excluded:
        audiences = ", ".join(f"{each:d}" for each in wanted.excluded)
        out += f" UNION SELECT m.subject AS id FROM members m WHERE m.audience IN ({audiences})"
    return (
        f"WITH present AS (SELECT id FROM ({_present(wanted)}) q{only}), "
        f"matching AS ({matching}), "
        "inside AS (SELECT id FROM matching UNION SELECT p.subject AS id FROM pins p WHERE p.inside), "
        f"wanted AS (SELECT id FROM inside WHERE id IN ({exists}) AND id NOT IN ({out})), "
        f"bounded AS (SELECT id FROM wanted{only}) "
        "SELECT id AS subject, true AS entered FROM bounded WHERE id NOT IN (SELECT id FROM present) UNION ALL "
        "SELECT id AS subject, false AS entered FROM present WHERE id NOT IN (SELECT id FROM bounded) "
        "ORDER BY subject"
    )
