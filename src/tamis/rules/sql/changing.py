"""Whose answer can have changed since a rule was asked last: a query of rather too many ids than too few.

An answer can change because of what was written about the subject since (``touched``), an event that arrived, an event
or a date that crossed the edge of one of the rule's windows, or an audience that the rule names (``members``). What is
about a contact is about its company too where the rule asks the company for its contacts, and the other way round.
Ranks, and ages of events compared with each other, cannot be bounded: everybody's answer hangs on everybody's.

A search says which events it asks for (:class:`Stretch`); whoever asks it has these in the table ``moving``, and whose
they are in ``moving_contacts`` and ``moving_companies`` (:mod:`tamis.audiences.moving`): once for many rules.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from math import floor
from typing import NamedTuple

from tamis.lake.snapshots.touched import keys_of
from tamis.messages import Message, say
from tamis.rules import nodes
from tamis.rules.instants import Bounds, bounds, earlier
from tamis.rules.nodes import Node, Subject, singular
from tamis.rules.sql.attribution import NAMES, attributed, needs
from tamis.rules.sql.compiling import Writer, compile_rule
from tamis.rules.sql.query import Query
from tamis.rules.sql.writing import About
from tamis.rules.values import days_of
from tamis.rules.vocabulary import Rows, Type, Vocabulary

REFERENCE = datetime(2026, 1, 15, 12, tzinfo=UTC)
LAW = 2
"""Counted up when what is looked at changes: whoever looked by another law looks at all."""
DAY, YEAR = timedelta(days=1), timedelta(days=365)
_EVENT_TABLES: Mapping[Subject, frozenset[str]] = {
    "contacts": frozenset({keys_of("contacts"), "stays"}),
    "companies": frozenset(
        {keys_of("contacts"), keys_of("companies"), "company_domains", "company_identifiers", "stays"}
    ),
}
"""What says whose an event is."""
_AGES = ("days since first", "days since last")
_AGE_MAX = 4_000_000  # days: nothing is older
_TO_NOW = ("in last", "more than")


@dataclass(frozen=True)
class Since:
    """What was seen the last time: as of which instant, events up to which batch, of each audience up to which run."""

    now: datetime
    batch: int
    runs: Mapping[int, int] = field(default_factory=dict)


class Stretch(NamedTuple):
    """Events of a kind: those that arrived after a batch, and those after one instant and up to another."""

    kind: str
    batch: int
    span: tuple[datetime, datetime] | None = None


@dataclass(frozen=True)
class Search:
    """The query of the ids (``id``) of those whose answer can be another, and what must be in ``moving`` for it.

    It asks the rule's tables, ``touched`` (what was written since) and ``members__raw`` (the edges of audiences).
    """

    query: Query
    stretches: frozenset[Stretch] = frozenset()
    owners: frozenset[Subject] = frozenset()
    """Of which subjects it asks whose the events in ``moving`` are."""
    turned: float = 0.0
    """What share of the time of its windows has gone in or out of them: an estimate of the share of their events."""


def fingerprint(rule: nodes.Rule, vocabulary: Vocabulary) -> str:
    """What says whether a rule still means the same: its query at one instant, whatever the words are called now."""
    query = compile_rule(rule, vocabulary, REFERENCE)
    said = repr((LAW, query.sql, sorted((name, repr(value)) for name, value in query.values.items())))
    return blake2b((said + str(vocabulary.zone)).encode(), digest_size=12).hexdigest()


def unbounded(rule: nodes.Rule) -> Message | None:
    """Why everybody must be looked at whatever changed; ``None`` where that is not so."""
    if any(test.operator in ("in top", "in bottom") for test in nodes.every(rule, nodes.Test)):
        return say("la règle classe (« in top », « in bottom ») : le rang de chacun dépend de tous")
    sides = [each for node in nodes.every(rule, nodes.Comparison) for each in (node.measure, node.other)]
    if any(each.function in _AGES for each in sides):
        return say("la règle compare « days since » à un autre calcul, qui change avec le temps pour tous")
    return None


def reads_segments(rule: nodes.Rule) -> bool:
    """Whether it matters which segment a list is in."""
    return bool(nodes.every(rule, nodes.InSegment))


def changed(
    rule: nodes.Rule, vocabulary: Vocabulary, since: Since, now: datetime, also: Sequence[str] = ()
) -> Search:  # fmt: skip
    """The search of those whose answer can be another than it was; ``also`` are queries of more."""
    reader = _Reader(Writer(vocabulary, now.astimezone(UTC), rule.subject), since)
    reader.read(rule.where, rule.subject)
    query = reader.query(rule.subject, also)
    return Search(query, frozenset(reader.stretches), frozenset(reader.owners), reader.turned())


def changed_itself(subject: Subject, also: Sequence[str] = ()) -> Search:
    """As :func:`changed` for who counts whatever the rule says: only whether they are still there."""
    touched = f"SELECT t.id FROM touched t WHERE t.of = '{subject}' AND t.name = '{subject}'"
    return Search(Query(f"SELECT DISTINCT id FROM ({' UNION ALL '.join([touched, *also])}) c"))


@dataclass
class _Side:
    """What a rule reads about companies, or about contacts: tables, days that depend on now, audiences, events."""

    tables: set[str] = field(default_factory=set)
    days: list[nodes.Test] = field(default_factory=list)
    audiences: set[int] = field(default_factory=set)
    events: list["_Events"] = field(default_factory=list)


@dataclass(frozen=True)
class _Events:
    """Events that a condition is about, as it was and as it is, in SQL on ``e``; windows; edges of ages."""

    kinds: frozenset[str]
    was: str
    is_: str
    before: Bounds
    after: Bounds
    ages: tuple[tuple[datetime, datetime], ...] = ()


@dataclass
class _Reader:
    """Goes through a rule and collects what its answers hang on."""

    writer: Writer
    since: Since
    sides: dict[Subject, _Side] = field(default_factory=dict)
    stretches: set[Stretch] = field(default_factory=set)
    owners: set[Subject] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.now, self.then = self.writer.now, self.since.now.astimezone(UTC)

    def side(self, subject: Subject) -> _Side:
        if subject not in self.sides:
            self.sides[subject] = _Side({keys_of(subject)})  # whether they are there, and whose they are
        return self.sides[subject]

    def read(self, node: Node, subject: Subject) -> None:
        """Note what a condition about a subject reads."""
        side = self.side(subject)
        match node:
            case nodes.Test(nodes.Field(name, True), operator, values):
                self.read(nodes.Test(nodes.Field(name), operator, values), "companies")
            case nodes.Test(nodes.Field(name)):
                self.field(node, name, subject)
            case nodes.Test(nodes.Aggregate() as aggregate, _, values):
                self.aggregate(aggregate, subject, [each for each in values if isinstance(each, Decimal)])
            case nodes.Comparison(measure, _, other):
                self.aggregate(measure, subject)
                self.aggregate(other, subject)
            case nodes.Did(kind, where, _, window):
                self.events([(kind, where)], window, subject)
            case nodes.Sequence(steps, _, _, window):
                self.events([(step.kind, step.where) for step in steps], window, subject)
            case nodes.InSegment() | nodes.InList():
                self.side("companies").tables.add("companies")
            case nodes.HasTag():
                side.tables.add(f"{singular(subject)}_tags")
            case nodes.InAudience(name):
                side.audiences.add(self.writer.vocabulary.audience(name).id)
            case nodes.HasContact(where):
                side.tables.add(keys_of("contacts"))
                self.side("contacts")
                if where is not None:
                    self.read(where, "contacts")
            case nodes.OfCompany(where):
                self.read(where, "companies")
            case nodes.AllOf() | nodes.AnyOf() | nodes.Not():
                for each in nodes.children(node):
                    self.read(each, subject)
            case _:
                raise TypeError(node)

    def field(self, test: nodes.Test, name: str, subject: Subject) -> None:
        word, side = self.writer.vocabulary.field(subject, name), self.side(subject)
        side.tables.add(word.place.table if isinstance(word.place, Rows) else subject)
        if test.operator in _TO_NOW and word.type in (Type.DAY, Type.INSTANT) and self.moved(test):
            side.days.append(test)

    def moved(self, test: nodes.Test) -> bool:
        """Whether days counted back from now are others than they were."""
        zone = self.writer.vocabulary.zone
        return days_of(test.operator, test.values, self.then, zone) != days_of(
            test.operator, test.values, self.now, zone
        )

    def aggregate(self, node: nodes.Aggregate, subject: Subject, values: Iterable[Decimal] = ()) -> None:
        """The events of an aggregate; an age in whole days changes at the edges of those that it is compared with."""
        ages = {edge for value in values for edge in (floor(value), floor(value) + 1)}
        spans = [age * DAY for age in sorted(ages) if 0 < age < _AGE_MAX] if node.function in _AGES else []
        edges = tuple(_between(earlier(self.then, span), earlier(self.now, span)) for span in spans)
        self.events([(node.kind, node.where)], node.window, subject, edges)

    def events(
        self, kinds: Sequence[tuple[str, nodes.Condition | None]], window: nodes.Window | None, subject: Subject,
        ages: tuple[tuple[datetime, datetime], ...] = (),
    ) -> None:  # fmt: skip
        """Note events of some kinds, each with its condition, within a window."""
        side, zone = self.side(subject), self.writer.vocabulary.zone
        side.tables |= _EVENT_TABLES[subject]
        side.events.append(_Events(
            frozenset(kind for kind, _ in kinds), self.said(kinds, self.then), self.said(kinds, self.now),
            bounds(window, self.then, zone), bounds(window, self.now, zone), ages,
        ))  # fmt: skip

    def said(self, kinds: Sequence[tuple[str, nodes.Condition | None]], now: datetime) -> str:
        """The condition on an event as of an instant: it may itself count days back."""
        self.writer.now = now
        made = " OR ".join(f"({self.writer.event(*each)})" for each in kinds)
        self.writer.now = self.now
        return f"({made})"

    def turned(self) -> float:
        """The share of time that went in or out of the windows; one without a beginning is taken for a year.

        None where it is less than a day: those are few events, however short the window.
        """
        events = [each for side in self.sides.values() for each in side.events]
        spans = [span for each in events for span in (*_edges(each.before, each.after), *each.ages)]
        gone = sum((last - first for first, last in spans), timedelta())
        windows = (each.after.until - (each.after.after or each.after.until - YEAR) for each in events)
        whole = sum((max(each, timedelta()) for each in windows), timedelta())
        return gone / whole if whole and gone >= DAY else 0.0

    # What is asked

    def query(self, subject: Subject, also: Sequence[str]) -> Query:
        """The query of the ids."""
        expressions: list[str] = []
        for each, side in self.sides.items():
            stream = self.stream(each, side)
            expressions += [stream] if stream else []
            expressions.append(f"changed_{each} AS MATERIALIZED ({self.found(each, side, bool(stream))})")
        parts = [f"SELECT id FROM changed_{subject}", *also]
        if subject == "companies" and "contacts" in self.sides:
            known = "SELECT c.company FROM contacts c WHERE c.company IS NOT NULL"
            parts.append(f"{known} AND c.id IN (SELECT id FROM changed_contacts)")
        if subject == "contacts" and "companies" in self.sides:
            parts.append("SELECT c.id FROM contacts c WHERE c.company IN (SELECT id FROM changed_companies)")
        sql = f"WITH {', '.join(expressions)} SELECT DISTINCT id FROM ({' UNION ALL '.join(parts)}) c"
        self.writer.needs |= needs("companies") if "companies" in self.sides else {}
        return self.writer.query(sql)

    def found(self, subject: Subject, side: _Side, has_stream: bool) -> str:
        """Of one kind of subject, those whom something is about that changed."""
        tables = ", ".join(f"'{name}'" for name in sorted(side.tables))
        parts = [f"SELECT t.id FROM touched t WHERE t.of = '{subject}' AND t.name IN ({tables})"]
        if has_stream:
            parts.append(f"SELECT subject AS id FROM {singular(subject)}_change")
        if moved := list(dict.fromkeys(scan for events in side.events for scan in self.moved_events(events))):
            self.owners.add(subject)
            those = f"SELECT e.n FROM moving e WHERE {' OR '.join(f'({scan})' for scan in moved)}"
            parts.append(f"SELECT o.subject AS id FROM moving_{subject} o WHERE o.n IN ({those})")
        parts += [self.moved_days(test, subject) for test in side.days]
        parts += [edges_since(each, self.since.runs[each]) for each in sorted(side.audiences)]
        found = " UNION ALL ".join(parts)
        if subject == "companies":  # what names a company that was merged is about the one that kept it
            return f"WITH f AS ({found}) SELECT id FROM f UNION SELECT k.place FROM kept k JOIN f ON f.id = k.origin"
        return found

    def moved_days(self, test: nodes.Test, subject: Subject) -> str:
        """Those for whom a test of days counted back from now says another thing than it said."""
        said = []
        for now in (self.then, self.now):
            self.writer.now = now
            said.append(self.writer.leaf(test, About(subject, "s")).sql)
        self.writer.now = self.now
        return f"SELECT s.id FROM {subject} s WHERE ({said[0]}) IS DISTINCT FROM ({said[1]})"

    def stream(self, subject: Subject, side: _Side) -> str:
        """The subjects of events about which a condition itself changed, as expressions; empty without any."""
        turned = [events for events in side.events if events.was != events.is_]
        if not turned:
            return ""
        columns = ", ".join(f"e.{name}" for name in ("ts", "visitor", *NAMES))
        scans = [f"{self.kinds(events)}({events.was}) IS DISTINCT FROM ({events.is_})" for events in turned]
        source = " UNION ALL ".join(f"SELECT {columns} FROM events e WHERE {scan}" for scan in dict.fromkeys(scans))
        self.writer.needs |= needs(subject)
        return attributed(subject, {}, "true", f"{singular(subject)}_change", f"({source})")

    def kinds(self, events: _Events) -> str:
        return f"e.kind IN ({', '.join(self.writer.put(kind) for kind in sorted(events.kinds))}) AND "

    def moved_events(self, events: _Events) -> Iterable[str]:
        """Conditions on a row ``e`` of ``moving``: it arrived, or crossed an edge."""
        put, kinds = self.writer.put, self.kinds(events)
        either = events.is_ if events.was == events.is_ else f"({events.was} OR {events.is_})"
        after, until = events.after
        late = f" AND e.ts > {put(after)}" if after else ""
        self.stretches |= {Stretch(kind, self.since.batch) for kind in events.kinds}
        yield f"{kinds}e.batch > {put(self.since.batch)}{late} AND e.ts <= {put(until)} AND {events.is_}"
        for first, last in (*_edges(events.before, events.after), *events.ages):
            if first < last:
                self.stretches |= {Stretch(kind, self.since.batch, (first, last)) for kind in events.kinds}
                yield f"{kinds}e.ts > {put(first)} AND e.ts <= {put(last)} AND {either}"


def _edges(one: Bounds, other: Bounds) -> Iterable[tuple[datetime, datetime]]:
    """What is in one window and not in the other lies in these spans."""
    if one.after is not None and other.after is not None:
        yield _between(one.after, other.after)
    yield _between(one.until, other.until)


def _between(one: datetime, other: datetime) -> tuple[datetime, datetime]:
    return min(one, other), max(one, other)


def edges_since(audience: int, run: int, but: int = 0) -> str:
    """The query of those who entered or left an audience after a run, other than in the run ``but``."""
    those = f"m.audience = {audience:d} AND m.run > {run:d} AND m.run <> {but:d}"
    return f"SELECT m.subject AS id FROM members__raw m WHERE {those}"


def pinned_since(audience: int) -> str:
    """The query of those whom a hand put into an audience, out of it, or left to the rule."""
    return f"SELECT t.id FROM touched t WHERE t.name = 'audience_pins' AND t.of = '{audience:d}'"
