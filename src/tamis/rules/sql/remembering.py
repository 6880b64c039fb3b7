"""Conditions on events whose answers are kept: while one of a rule is changed, the others stay what they were.

Two things are kept, each under a name made of all that it says: the events that a condition reads, each with whose it
is; and the ids of those for whom the condition holds. So a number that is compared costs no reading of events, and a
condition that stays costs nothing. Both hang on the instant, which must therefore stay as well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from tamis.rules import nodes
from tamis.rules.nodes import Condition, Subject
from tamis.rules.sql.attribution import attributed
from tamis.rules.sql.compiling import Writer
from tamis.rules.sql.query import Query, present
from tamis.rules.sql.writing import About, Leaf
from tamis.rules.vocabulary import Vocabulary

_EVENTS = (nodes.Did, nodes.Sequence, nodes.Aggregate)


class Table(NamedTuple):
    """A table to keep: its name says what is in it."""

    name: str
    query: Query


@dataclass(frozen=True)
class Remembered:
    """A query, and the tables that it needs beforehand, in order; those that are there already need not be made."""

    query: Query
    tables: tuple[Table, ...] = ()


@dataclass
class Remembering(Writer):
    """Writes conditions as the compiler does, those on events as membership in a table that is kept."""

    held: dict[str, Table] = field(default_factory=dict)

    def leaf(self, node: Condition, about: About) -> Leaf:
        if about != About(self.subject, "s") or not _reads_events(node):
            return super().leaf(node, about)
        *_, table = made = [*_tables(node, self.subject, self.vocabulary, self.now)]
        self.held |= {each.name: each for each in made}
        return Leaf(f"{about.alias}.id IN (SELECT id FROM {table.name})")

    def remembered(self, sql: str) -> Remembered:
        """The query of some SQL with the tables that its conditions need."""
        return Remembered(self.query(f"{self.expressions()}{sql}"), tuple(self.held.values()))


def _reads_events(node: Condition) -> bool:
    return any(nodes.every(node, type) for type in _EVENTS)


def _tables(node: Condition, subject: Subject, vocabulary: Vocabulary, now: datetime) -> Iterator[Table]:
    """The tables of the events that a condition reads, then that of the ids for whom it holds."""
    writer = Writer(vocabulary, now, subject)
    where = f"{present(subject, 's')} AND {writer.condition(node, About(subject, 's'))}"
    known = []
    for of, stream in writer.streams.items():
        columns = {name: sql for sql, name in stream.columns.items()}
        made = f"WITH {attributed(of, columns, stream.where(writer.put), stream.name)} SELECT * FROM {stream.name}"
        table = _named("events", writer.query(made))
        known.append(f"{stream.name} AS (SELECT * FROM {table.name})")
        yield table
    with_events = f"WITH {', '.join(known)} " if known else ""
    yield _named("held", writer.query(f"{with_events}SELECT s.id FROM {subject} s WHERE {where}"))


def _named(kind: str, query: Query) -> Table:
    """A table whose name is made of its query, whatever its parameters are called."""

    def value(found: re.Match[str]) -> str:
        return repr(query.values[found[1]])

    said = re.sub(r"\$(p\d+)", value, query.sql)
    return Table(f"kept_{kind}_{blake2b(said.encode(), digest_size=12).hexdigest()}", query)
