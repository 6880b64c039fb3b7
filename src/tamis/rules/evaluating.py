"""What a rule says of one subject, in plain Python over its facts: slow and small, nothing shared with the compiler.

Numbers are fractions, so that nothing is rounded; texts are compared folded; missing values have been left out before
anything is compared.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tamis.identity.folding import fold
from tamis.rules import nodes
from tamis.rules.instants import UNITS, bounds, today
from tamis.rules.nodes import Aggregate, Condition, Step, Subject, Test, Window
from tamis.rules.operators import BY_KEY
from tamis.rules.values import days_of, stored, type_in
from tamis.rules.vocabulary import TEXTS, Other, Type, Vocabulary, Word

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Happening:
    """An event: its instant in UTC, its kind, and what it says, by property: texts and numbers as they are stored."""

    ts: datetime
    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything that a rule may ask of one company or contact; what is not known is not there.

    ``values``: of each field, by the key of its word, what is stored: texts, numbers, days, instants, the id of a
    status; ``bracketed`` names the numbers that are known by their bracket only, and are its lower bound. ``segment``
    and ``lists`` are a company's; a contact has a ``company``, a company ``contacts``. ``events`` are in the order of
    time. ``edges``: of each rank that is asked of such subjects, the value of the last one that is in.
    """

    subject: Subject
    id: int
    name: str = ""
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    bracketed: frozenset[str] = frozenset()
    segment: str = ""
    lists: frozenset[int] = frozenset()
    tags: frozenset[int] = frozenset()
    audiences: frozenset[int] = frozenset()
    events: Sequence[Happening] = ()
    company: "Facts | None" = None
    contacts: Sequence["Facts"] = ()
    edges: Mapping[Test, Fraction] = field(default_factory=dict)


class Measured(NamedTuple):
    """What is known of a measure: how it compares, its values (none where it is missing), and the events behind it."""

    type: Type
    values: Sequence[Any]
    events: Sequence[Happening] = ()


@dataclass(frozen=True)
class Reader:
    """Reads facts as of an instant."""

    vocabulary: Vocabulary
    now: datetime
    found: dict[tuple[int, str, Condition | None], Sequence[Happening]] = field(default_factory=dict, repr=False)
    """Events that were found to match, of conditions that say the same at every instant."""

    @property
    def zone(self) -> ZoneInfo:
        return self.vocabulary.zone

    def at(self, moment: datetime) -> "Reader":
        """The same facts, read as of another instant."""
        return replace(self, now=moment)

    # Conditions

    def holds(self, node: Condition, facts: Facts) -> bool:
        """Whether a condition holds of a subject."""
        match node:
            case nodes.AllOf(conditions):
                return all(self.holds(each, facts) for each in conditions)
            case nodes.AnyOf(conditions):
                return any(self.holds(each, facts) for each in conditions)
            case nodes.Not(condition):
                return not self.holds(condition, facts)
            case nodes.HasContact(where, times):
                return times.holds(sum(where is None or self.holds(where, each) for each in facts.contacts))
            case nodes.OfCompany(where):
                return facts.company is not None and self.holds(where, facts.company)
            case Test():
                return self.test(node, facts)
            case nodes.Comparison(measure, operator, other, factor):
                one, two = self.figure(measure, facts).values, self.figure(other, facts).values
                return bool(one and two) and BY_KEY[operator].holds(one[0], Fraction(factor) * two[0])
            case nodes.Did(kind, where, times, window):
                first, end = self.span(self.matching(facts, kind, where), window)
                return times.holds(end - first)
            case nodes.Sequence():
                return bool(self.chain(node, facts))
        return self.member(node, facts)

    def member(self, node: Condition, facts: Facts) -> bool:
        home = facts if facts.subject == "companies" else facts.company
        match node:
            case nodes.InSegment(segment):
                return home is not None and home.segment == segment
            case nodes.InList(name):
                return home is not None and self.vocabulary.list(name).id in home.lists
            case nodes.InAudience(name):
                return self.vocabulary.audience(name).id in facts.audiences
            case nodes.HasTag(name, category):
                return any(tag.id in facts.tags for tag in self.vocabulary.tags_named(name, category))
        raise TypeError(f"no condition: {node!r}")

    def test(self, node: Test, facts: Facts) -> bool:
        node, about = here(node, facts)
        if about is None:
            return node.operator == "is missing"
        measured = self.measured(node, about)
        if node.operator in ("in top", "in bottom"):
            edge = about.edges.get(node)
            known = edge is not None and (measured.events or isinstance(node.measure, nodes.Field))
            return bool(known) and any(BY_KEY[node.operator].holds(each, edge) for each in measured.values)
        word = Word("", "", measured.type, Other(""))
        if isinstance(node.measure, nodes.Field):
            word = self.vocabulary.field(about.subject, node.measure.name)
        return self.compared(node, word, measured, about.subject)

    def measured(self, node: Test, facts: Facts) -> Measured:
        """What a test is about, as it is known of a subject."""
        if isinstance(node.measure, Aggregate):
            return self.figure(node.measure, facts)
        word = self.vocabulary.field(facts.subject, node.measure.name)
        return Measured(word.type, self.known(word.type, facts.values.get(word.key, ())))

    def compared(self, node: Test, word: Word, measured: Measured, subject: Subject) -> bool:
        """Whether a test holds of the values that are known."""
        if node.operator in ("is known", "is missing"):
            return bool(measured.values) is (node.operator == "is known")
        values = stored(word, node.operator, node.values, subject, self.vocabulary)
        holds = [self.holds_of(node, measured.type, each, values) for each in measured.values]
        return bool(holds) and all(holds) if node.operator == "!=" else any(holds)

    def holds_of(self, node: Test, type: Type, x: Any, values: Sequence[Any]) -> bool:
        if type in (Type.DAY, Type.INSTANT):
            among = days_of(node.operator, values, self.now, self.zone)
            if among is None:
                return False
            first, last = among.days
            return ((first is None or x >= first) and (last is None or x <= last)) is among.inside
        if type in TEXTS and node.operator != "is exactly":
            x = fold(x)
        return BY_KEY[node.operator].holds(
            x, *(Fraction(each) if isinstance(each, Decimal) else each for each in values)
        )

    def known(self, type: Type, values: Iterable[Any]) -> list[Any]:
        """The values that are not missing, as they compare: numbers as fractions, days as days."""
        read = [self._read(type, each) for each in values if each is not None]
        return [each for each in read if each is not None]

    def _read(self, type: Type, value: Any) -> Any:
        match type:
            case Type.NUMBER:
                return number_of(value) if isinstance(value, str) else Fraction(value)
            case Type.DAY:
                return day_of(value) if isinstance(value, str) else value
            case Type.INSTANT:
                return today(value, self.zone)
            case Type.STATUS:
                return value
        return value if fold(value) else None

    # Events

    def events(
        self, facts: Facts, kind: str, where: Condition | None, window: Window | None
    ) -> Sequence[Happening]:  # fmt: skip
        """The subject's events of a kind, with a condition on their properties, in a window, in the order of time."""
        return self.within(self.matching(facts, kind, where), window)

    def within(self, events: Sequence[Happening], window: Window | None) -> Sequence[Happening]:
        """Those of some events, in the order of time, that are in a window."""
        first, end = self.span(events, window)
        return events[first:end]

    def span(self, events: Sequence[Happening], window: Window | None) -> tuple[int, int]:
        """From which of the events to which one (not included) they are in a window."""
        after, until = bounds(window, self.now, self.zone)
        first = bisect_right(events, after, key=_moment) if after else 0
        return first, max(first, bisect_right(events, until, key=_moment))

    def matching(self, facts: Facts, kind: str, where: Condition | None) -> Sequence[Happening]:
        """The subject's events of a kind of which a condition holds, whenever they were."""
        key = (id(facts), kind, where)
        if key in self.found:
            return self.found[key]
        found = [each for each in facts.events if each.kind == kind and (where is None or self.said(where, each))]
        if not moving(where):
            self.found[key] = found
        return found

    def said(self, node: Condition, event: Happening) -> bool:
        """Whether a condition holds of what an event says."""
        match node:
            case nodes.AllOf(conditions):
                return all(self.said(each, event) for each in conditions)
            case nodes.AnyOf(conditions):
                return any(self.said(each, event) for each in conditions)
            case nodes.Not(condition):
                return not self.said(condition, event)
            case Test(nodes.Field(name), _, values):
                word = self.vocabulary.property(event.kind, name)
                type = type_in(word, values)
                return self.compared(node, word, Measured(type, self.property(word, type, event)), "companies")
        raise TypeError(f"no condition on properties: {node!r}")

    def property(self, word: Word, type: Type, event: Happening) -> list[Any]:
        """The value that an event has under a word, none when it is missing."""
        return self.known(type, [event.values.get(word.key)])

    def figure(self, node: Aggregate, facts: Facts) -> Measured:
        """What an aggregate makes of a subject's events: no value where it is missing."""
        return self.figure_of(node, self.events(facts, node.kind, node.where, node.window))

    def figure_of(self, node: Aggregate, events: Sequence[Happening]) -> Measured:
        """What an aggregate makes of these events, which are in the order of time."""
        if not node.property:
            value = self._of_moments(node, [each.ts for each in events])
            return Measured(Type.NUMBER, [] if value is None else [value], events)
        word = self.vocabulary.property(node.kind, node.property)
        type = Type.NUMBER if node.function in ("sum", "avg", "min", "max") else word.type
        pairs = [(each, value) for each in events for value in self.property(word, type, each)]
        behind, values = [each for each, _ in pairs], [value for _, value in pairs]
        if node.function == "most frequent":
            return Measured(Type.TEXT, _most_frequent(behind, values), behind)
        made = _of_values(node, [fold(each) if type in TEXTS else each for each in values])
        return Measured(Type.NUMBER, [] if made is None else [made], behind)

    def _of_moments(self, node: Aggregate, moments: Sequence[datetime]) -> Fraction | None:
        if node.function == "count":
            return Fraction(len(moments))
        if not moments or (node.function == "average days between" and len(moments) < 2):
            return None
        if node.function == "average days between":
            return _days(moments[-1] - moments[0]) / (len(moments) - 1)
        since = moments[0] if node.function == "days since first" else moments[-1]
        return Fraction((self.now - since) // _DAY)

    def chain(self, node: nodes.Sequence, facts: Facts) -> Sequence[Happening]:
        """The events of a sequence that holds, the latest there is; none when it does not hold.

        Of every step, the chain up to it that began last is enough: a later end can only be nearer to it.
        """
        return self.chain_of(node, [self.matching(facts, each.kind, each.where) for each in node.steps])

    def chain_of(self, node: nodes.Sequence, matching: Sequence[Sequence[Happening]]) -> Sequence[Happening]:
        """The latest chain of events, one of each step's."""
        found: tuple[Happening, ...] = ()
        best: list[tuple[Happening, ...]] = [() for _ in node.steps]
        longest = node.within * UNITS[node.unit]
        inside = [self.within(events, node.window) for events in matching]
        steps = sorted(((each.ts, step, each) for step, events in enumerate(inside) for each in events), key=_first_two)
        for moment, together in groupby(steps, key=itemgetter(0)):
            made = {
                step: (*(best[step - 1] if step else ()), event)
                for _, step, event in together
                if not step or best[step - 1]
            }
            for step, chain in made.items():
                if not best[step] or chain[0].ts >= best[step][0].ts:
                    best[step] = chain
            last = made.get(len(node.steps) - 1)
            if last and moment - last[0].ts <= longest:
                found = last
        return found


_moment: Callable[[Happening], datetime] = attrgetter("ts")
_first_two = itemgetter(0, 1)


def here(node: Test, facts: Facts) -> tuple[Test, Facts | None]:
    """A test, and of whom it is to be read: of a contact's company, if it has one, what is asked of that."""
    if isinstance(node.measure, nodes.Field) and node.measure.of_company:
        return Test(nodes.Field(node.measure.name), node.operator, node.values), facts.company
    return node, facts


def number_of(text: str) -> Fraction | None:
    """The number that a text is, or none."""
    plain = text.strip()
    return Fraction(plain) if _NUMBER.fullmatch(plain) else None


def day_of(text: str) -> date | None:
    """The day that a text is, or none."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _days(time: timedelta) -> Fraction:
    return Fraction(time // _TICK, _DAY // _TICK)


def _of_values(node: Aggregate, values: Sequence[Any]) -> Fraction | None:
    if node.function == "sum":
        return sum(values, Fraction())
    if not values:
        return None
    match node.function:
        case "count distinct":
            return Fraction(len({*values}))
        case "avg":
            return sum(values, Fraction()) / len(values)
        case "min":
            return Fraction(min(values))
        case "max":
            return Fraction(max(values))
    raise TypeError(f"no aggregate: {node!r}")


def _most_frequent(events: Sequence[Happening], texts: Sequence[str]) -> list[str]:
    """The folded text that most events say; of several the latest, then the first in the order of code points."""
    times: dict[str, list[datetime]] = {}
    for event, text in zip(events, texts, strict=True):
        times.setdefault(fold(text), []).append(event.ts)
    most = max([(len(each), max(each)) for each in times.values()], default=None)
    return sorted(text for text, each in times.items() if (len(each), max(each)) == most)[:1]


def moving(where: Condition | None) -> bool:
    """Whether a condition counts days from now, so that time alone turns it."""
    return where is not None and any(each.operator in ("in last", "more than") for each in nodes.every(where, Test))


def steps_of(node: nodes.Condition | Aggregate) -> Sequence[Step]:
    """The kinds of events, with the conditions on them, that a node itself looks at."""
    match node:
        case nodes.Sequence(steps):
            return steps
        case nodes.Did(kind, where) | Aggregate(kind=kind, where=where):
            return (Step(kind, where),)
        case Test(Aggregate() as measure):
            return steps_of(measure)
        case nodes.Comparison(measure, _, other):
            return (*steps_of(measure), *steps_of(other))
    return ()
