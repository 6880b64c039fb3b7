"""When time alone turns a condition: every instant at which its truth changes by itself, if nothing else happens.

A condition without others below it may turn when an event leaves a window, when a day begins, or when one more day has
gone by since an event. All instants at which that can be are worked out, and the condition is read at each in turn; so
it need not be known which way it goes. Inner conditions turn at instants at which one below them does.
"""

import calendar
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from math import floor
from zoneinfo import ZoneInfo

from tamis.rules import nodes
from tamis.rules.evaluating import Facts, Happening, Reader, here, moving, steps_of
from tamis.rules.instants import END, UNITS, bounds, earlier, next_day, start_of
from tamis.rules.nodes import Aggregate, Condition, Last, Test

DAY = timedelta(days=1)
FORESEEN = 400
"""Days for which two figures that grow by the day are compared."""
READ = 500_000
"""Events that are read again, in all, to see when one condition turns; then no more is foreseen."""
LEAVING, GROWING = 5_000, 50
"""Events, the oldest of a window, whose leaving is worked out, or whose days are counted; no more is foreseen."""
MONTHS_END = timedelta(days=5)
"""Longer than what left a window of months may be out before it comes back: from the 28th to the 31st."""


@dataclass(frozen=True)
class Course:
    """Whether a condition holds now, and the instants at which that changes, as far as it is known."""

    holds: bool
    flips: tuple[datetime, ...] = ()
    until: datetime | None = None

    def at(self, moment: datetime) -> bool:
        """Whether it holds at an instant from now on."""
        return self.holds is not bool(bisect_right(self.flips, moment) % 2)

    @property
    def turns(self) -> datetime | None:
        """The first instant at which it is no longer as it is now."""
        return self.flips[0] if self.flips else None


def together(courses: Sequence[Course], holds: Callable[[Sequence[bool]], bool]) -> Course:
    """The course of a condition that is made of others."""
    until = min((each.until for each in courses if each.until), default=None)
    moments = sorted({flip for each in courses for flip in each.flips if until is None or flip <= until})
    return _course(holds([each.holds for each in courses]), moments,
                   lambda moment: holds([each.at(moment) for each in courses]), until)  # fmt: skip


def _course(
    holds: bool, moments: Iterable[datetime], at: Callable[[datetime], bool], until: datetime | None = None
) -> Course:
    flips, before = [], holds
    for moment in moments:
        if (after := at(moment)) is not before:
            flips.append(moment)
            before = after
    return Course(holds, tuple(flips), until)


@dataclass(frozen=True)
class Foreseer:
    """Foresees conditions on facts, of which a reader reads as of now."""

    reader: Reader

    def course(self, node: Condition, facts: Facts) -> Course:
        """The course of a condition."""
        match node:
            case nodes.AllOf(conditions):
                return together([self.course(each, facts) for each in conditions], all)
            case nodes.AnyOf(conditions):
                return together([self.course(each, facts) for each in conditions], any)
            case nodes.Not(condition):
                return together([self.course(condition, facts)], lambda held: not held[0])
            case nodes.HasContact(where, times):
                courses = [self.course(where, each) if where else Course(True) for each in facts.contacts]
                return together(courses, lambda held: times.holds(sum(held)))
            case nodes.OfCompany(where):
                return self.course(where, facts.company) if facts.company else Course(False)
        return self.leaf(node, facts)

    def leaf(self, node: Condition, facts: Facts) -> Course:
        """The course of a condition that has no others below it."""
        holds = self.reader.holds(node, facts)
        if isinstance(node, Test) and node.operator in ("in top", "in bottom"):  # it hangs on what others do
            return Course(holds, until=self.reader.now if isinstance(node.measure, Aggregate) else None)
        now = self.reader.now
        moments = sorted({each for each in self._moments(node, facts) if now < each < END})
        until = self._horizon(node, facts)
        most = self._most(node, facts)
        if len(moments) > most:
            until, moments = min(until or END, moments[most - 1]), moments[:most]
        return _course(holds, moments, lambda moment: self.reader.at(moment).holds(node, facts), until)

    def _most(self, node: Condition, facts: Facts) -> int:
        """How many instants may be looked at, so that it takes a moment at most."""
        steps = steps_of(node)
        if isinstance(node, nodes.Did) and not moving(node.where):
            return READ
        return max(5, READ // (10 + sum(len(self.reader.matching(facts, each.kind, None)) for each in steps)))

    def _moments(self, node: Condition, facts: Facts) -> Iterator[datetime]:
        """Every instant at which a condition may turn, and others."""
        if isinstance(node, Test) and isinstance(node.measure, nodes.Field):
            test, about = here(node, facts)
            if about and test.operator in ("in last", "more than"):
                yield from self._days(test, self.reader.measured(test, about).values)
            return
        for kind, where, window in _looks(node):
            events = self.reader.matching(facts, kind, None if moving(where) else where)
            if moving(where):
                yield from self._property_days(where, events)
            if isinstance(window, Last):
                events = self._sliding(events, window)[: _at_most(node)]
                for event in events:
                    yield from leaving(event.ts, window, self.reader.zone)
            if _grows(node):
                inside = self.reader.within(events, window)
                yield from self._days_since(node, inside if isinstance(window, Last) else (*inside[:1], *inside[-1:]))

    def _sliding(self, events: Sequence[Happening], window: Last) -> Sequence[Happening]:
        """The events that are in a sliding window, or may come back into it at a month's end."""
        after = bounds(window, self.reader.now, self.reader.zone).after
        back = MONTHS_END if window.unit == "months" else timedelta()
        return [] if after is None else [each for each in events if each.ts > earlier(after, back)]

    def _horizon(self, node: Condition, facts: Facts) -> datetime | None:
        """Until when everything is known that may turn a condition; ``None`` when that is for ever."""
        ends = [END]
        if _at_most(node) == GROWING:
            ends.append(self.reader.now + FORESEEN * DAY)
        for kind, where, window in _looks(node):
            if isinstance(window, Last):
                events = self._sliding(self.reader.matching(facts, kind, None if moving(where) else where), window)
                first = _at_most(node)
                ends += [min(leaving(each.ts, window, self.reader.zone)) for each in events[first : first + 1]]
        return min(ends) if min(ends) < END else None

    def _days(self, node: Test, days: Iterable[date]) -> Iterator[datetime]:
        """The beginnings of days on which a number of days from now begins or ends to reach these days."""
        n = int(node.values[0])  # type: ignore[arg-type]
        for day in days:
            for after in (0, n, n + 1):
                if (date.max - day).days > after:
                    yield start_of(day + after * DAY, self.reader.zone)

    def _property_days(self, where: Condition | None, events: Sequence[Happening]) -> Iterator[datetime]:
        if where is None:
            return
        for node in nodes.every(where, Test):
            if node.operator in ("in last", "more than") and isinstance(node.measure, nodes.Field):
                for event in events:
                    word = self.reader.vocabulary.property(event.kind, node.measure.name)
                    yield from self._days(node, self.reader.property(word, word.type, event))

    def _days_since(self, node: Condition, events: Sequence[Happening]) -> Iterator[datetime]:
        """The instants at which so many days have gone by since events that may be the first or last."""
        for event in events:
            if isinstance(node, Test):
                whole = {floor(value) for value in node.values}  # type: ignore[arg-type]
                counts: Iterable[int] = {each + more for each in whole for more in (0, 1)}
            else:
                gone = (self.reader.now - event.ts) // DAY
                counts = range(gone + 1, gone + FORESEEN + 2)
            yield from (event.ts + n * DAY for n in counts if 0 <= n < (END - event.ts) // DAY)


def _looks(node: Condition) -> Iterator[tuple[str, Condition | None, nodes.Window | None]]:
    """What events a condition looks at: kind, condition, window."""
    match node:
        case nodes.Sequence(steps):
            for step in steps:
                yield step.kind, step.where, node.window
        case nodes.Did():
            yield node.kind, node.where, node.window
        case Test(Aggregate() as measure):
            yield measure.kind, measure.where, measure.window
        case nodes.Comparison(measure, _, other):
            for each in (measure, other):
                yield each.kind, each.where, each.window


def _grows(node: Condition) -> bool:
    """Whether a condition compares a number of days since an event, which grows by the day."""
    return any(each.function.startswith("days since") for each in nodes.every(node, Aggregate))


def _at_most(node: Condition) -> int:
    return GROWING if isinstance(node, nodes.Comparison) and _grows(node) else LEAVING


def leaving(moment: datetime, window: Last, zone: ZoneInfo) -> Iterator[datetime]:
    """Every instant at which what happened at a moment may leave a sliding window, or come back, and others."""
    if window.unit != "months":
        if END - moment > window.n * UNITS[window.unit]:
            yield moment + window.n * UNITS[window.unit]
        return
    local = moment.astimezone(zone)
    month = local.year * 12 + local.month - 1 + window.n
    if month // 12 >= END.year:
        return
    year, month = month // 12, month % 12 + 1
    longest, before = calendar.monthrange(year, month)[1], calendar.monthrange(local.year, local.month)[1]
    # A month's last day is also the one that lies a month before the 30th and the 31st: it leaves, and comes back.
    end = longest if local.day == before else min(local.day, longest)
    for number in {*range(min(local.day, longest), end + 1), longest}:
        yield from _around(date(year, month, number), local.date(), local.time(), zone)
    yield start_of(next_day(date(year, month, longest)), zone)


def _around(day: date, source: date, at: time, zone: ZoneInfo) -> Iterator[datetime]:
    """The instants of a day at which a local time is reached, though clocks be changed on it or on the other day."""
    changes = [*_changes(day, zone), *_changes(source, zone)]
    yield start_of(day, zone)
    yield start_of(next_day(day), zone)
    yield from (change for change, _ in changes)
    steps = {timedelta(), *(step for _, step in changes)}
    walls = {datetime.combine(day, at) + sign * step for step in steps for sign in (1, -1)}
    for change, step in changes:
        wall = datetime.combine(day, change.astimezone(zone).time())
        walls |= {wall, wall - step}
    for wall in walls:
        for fold in (0, 1):
            yield wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


@cache
def _changes(day: date, zone: ZoneInfo) -> Sequence[tuple[datetime, timedelta]]:
    """The instants of a local day at which its clock was changed, and by how much; at most one is looked for."""
    first, end = start_of(day, zone), start_of(next_day(day), zone)
    step = _offset(end, zone) - _offset(first, zone)
    if not step:
        return ()
    low, high = first, end
    while high - low > timedelta(microseconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if _offset(middle, zone) == _offset(first, zone) else (low, middle)
    return ((high, step),)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
