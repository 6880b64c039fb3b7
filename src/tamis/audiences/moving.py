"""Events by which answers can turn, and whose they are: two small sorts of tables that the searches of a pass share.

    moving               the events that arrived since, or lie in spans that one window has and the other has not
    moving_contacts      whose they are: the number of an event in ``moving``, and a subject
    moving_companies     the same of companies

To say whose events are, whole tables of contacts and of visitors' stays are read: once for all rules, not once a rule.
Each rule still picks its own of them by its own conditions; so there may be more than one asks for, never fewer.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from tamis.audiences.narrowing import event_columns
from tamis.engines.duckdb import DuckDb
from tamis.rules.nodes import Subject
from tamis.rules.sql.attribution import NAMES, needs, steps
from tamis.rules.sql.changing import Search, Stretch
from tamis.rules.sql.query import Query

MOVING = "moving"
_ALWAYS = ("ts", "kind", "batch", "visitor", *NAMES)


_Span = tuple[datetime, datetime]


class _Scan(NamedTuple):
    """One reading of the events: of some kinds, that arrived after a batch, or lie in a span and did not."""

    kinds: tuple[str, ...]
    batch: int
    span: _Span | None


class Moving:
    """The tables of a pass, in its engine; :meth:`hold` has them hold what searches ask for."""

    def __init__(self, engine: DuckDb) -> None:
        self.engine = engine
        self.stretches: set[Stretch] = set()
        self.columns: set[str] = set()
        self.owners: set[Subject] = set()

    def hold(self, searches: Iterable[Search]) -> None:
        """Have all that some searches ask for, beside what is there."""
        given = [each for each in searches if each.stretches]
        stretches = {stretch for each in given for stretch in each.stretches}
        columns = self._columns(each.query.sql for each in given)
        if not (stretches <= self.stretches and columns <= self.columns):
            self.stretches |= stretches
            self.columns |= columns
            self._read()
        for subject in {subject for each in given for subject in each.owners} - self.owners:
            self._attribute(subject)

    def _columns(self, queries: Iterable[str]) -> set[str]:
        """The columns of events that some SQL may speak of, beside those that say whose an event is."""
        return event_columns(" ".join(queries)).intersection(self.engine.columns("events"))

    def _read(self) -> None:
        """Make the table of events anew: whose they are is not known then."""
        self.forget()
        said = ", ".join(f'"{name}"' for name in sorted({*_ALWAYS, *self.columns}))
        self.engine.run(f"CREATE SEQUENCE IF NOT EXISTS {MOVING}_n")
        self.engine.run(f"CREATE TABLE {MOVING} AS SELECT nextval('{MOVING}_n') AS n, {said} FROM events WHERE false")
        for scan in scans(self.stretches):
            made = f"INSERT INTO {MOVING} SELECT nextval('{MOVING}_n'), {said} FROM events e WHERE "
            self.engine.ask(_asked(made, scan))

    def forget(self) -> None:
        """Let the tables go."""
        for table in (MOVING, *(f"{MOVING}_{subject}" for subject in self.owners)):
            self.engine.run(f"DROP TABLE IF EXISTS {table}")
        self.owners.clear()

    def _attribute(self, subject: Subject) -> None:
        """Say whose the events are: a table a step, so that the engine knows how few rows each has."""
        made = steps(subject, {"number": "e.n"}, "true", "whose", MOVING)
        self.engine.ask(Query("SELECT 1", {}, needs(subject)))
        for name, sql in made.items():
            self.engine.run(f"CREATE TEMP TABLE {name} AS {sql}")
        self.engine.run(f"CREATE TABLE {MOVING}_{subject} AS SELECT DISTINCT number AS n, subject FROM whose")
        for name in made:
            self.engine.run(f"DROP TABLE {name}")
        self.owners.add(subject)


def scans(stretches: Collection[Stretch]) -> Iterator[_Scan]:
    """As few readings as have all stretches: files are passed over for each of them."""
    kinds: dict[tuple[int, _Span | None], list[str]] = {}
    for kind in sorted({each.kind for each in stretches}):
        mine = [each for each in stretches if each.kind == kind]
        batch = min(each.batch for each in mine)
        for span in (None, *_joined(each.span for each in mine if each.span)):
            kinds.setdefault((batch, span), []).append(kind)
    for (batch, span), those in kinds.items():
        yield _Scan(tuple(those), batch, span)


def _joined(spans: Iterable[_Span]) -> Sequence[_Span]:
    """The same spans, what overlaps as one."""
    made: list[_Span] = []
    for first, last in sorted(spans):
        if made and first <= made[-1][1]:
            made[-1] = (made[-1][0], max(last, made[-1][1]))
        else:
            made.append((first, last))
    return made


def _asked(made: str, scan: _Scan) -> Query:
    """The statement of one reading."""
    values: dict[str, object] = {f"k{n}": kind for n, kind in enumerate(scan.kinds)}
    sql = made + f"e.kind IN ({', '.join(f'${name}' for name in values)})"
    values["batch"] = scan.batch
    if scan.span is None:
        return Query(f"{sql} AND e.batch > $batch", values)
    values |= {"first": scan.span[0], "last": scan.span[1]}
    return Query(f"{sql} AND e.ts > $first AND e.ts <= $last AND e.batch <= $batch", values)
