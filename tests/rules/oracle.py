"""What a rule means, worked out slowly: plain Python from docs/reference/rules.md alone, nothing shared with compilers.

Numbers are fractions and instants are UTC; nothing is rounded. The numbers in comments are the lines under "Meaning".
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, product
from typing import Any

from rules.world import Company, Contact, Event, Named, World, domain_of, standing, survivor

from tamis.identity.folding import fold
from tamis.rules import nodes as n
from tamis.rules.vocabulary import OWN, Bracketed, Other, Type, Vocabulary, Word
from tamis.sources.company_fields import BRACKETS

Subject = Company | Contact
EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)


def answer(rule: n.Rule, world: World, now: datetime, vocabulary: Vocabulary | None = None) -> set[int]:
    """The numbers of the companies or contacts for which a rule holds."""
    return Oracle(world, now, vocabulary).answer(rule)


@dataclass(frozen=True)
class Span:
    """From one instant to another, each in or out as said."""

    first: datetime = EARLIEST
    last: datetime = LATEST
    first_in: bool = True
    last_in: bool = True

    def holds(self, at: datetime) -> bool:
        after = at >= self.first if self.first_in else at > self.first
        return after and (at <= self.last if self.last_in else at < self.last)


class Oracle:
    """Answers rules about one world at one instant."""

    def __init__(self, world: World, now: datetime, vocabulary: Vocabulary | None = None) -> None:
        self.world = world
        self.now = now.astimezone(UTC)
        self.words = vocabulary or world.vocabulary()
        self.zone = world.zone
        self.today = now.astimezone(self.zone).date()
        self._ranked: dict[Any, Fraction | None] = {}

    def answer(self, rule: n.Rule) -> set[int]:
        return {each.id for each in self.all(rule.subject) if self.holds(rule.where, each)}

    def all(self, subject: str) -> list[Any]:
        """15: every contact; every company that was not merged into another."""
        return [*standing(self.world)] if subject == "companies" else [*self.world.contacts.values()]

    def holds(self, condition: n.Condition, subject: Subject) -> bool:
        """1: whether a condition is true of a company or contact; else it is false."""
        match condition:
            case n.AllOf():
                return all(self.holds(each, subject) for each in condition.conditions)
            case n.AnyOf():
                return any(self.holds(each, subject) for each in condition.conditions)
            case n.Not():
                return not self.holds(condition.condition, subject)
            case n.Test():
                return self.test(condition, subject)
            case n.Comparison():
                one, other = self.figure(condition.measure, subject), self.figure(condition.other, subject)
                if one is None or other is None:
                    return False
                return _compare(one, condition.operator, Fraction(condition.factor) * other)
            case n.Did():
                found = self.events(subject, condition.kind, condition.where, condition.window)
                return condition.times.holds(len(found))
            case n.Sequence():
                return self.sequence(condition, subject)
            case n.HasContact():
                contacts = [each for each in self.world.contacts.values() if self.company_of(each) is subject]
                found = [each for each in contacts if condition.where is None or self.holds(condition.where, each)]
                return condition.times.holds(len(found))
            case n.OfCompany():
                company = self.company_of(subject)
                return company is not None and self.holds(condition.where, company)
            case n.InSegment() | n.InList():
                return self.member(condition, subject)
            case n.InAudience():
                name = self.words.audience(condition.audience).name
                return subject.id in self.world.audiences[name].members  # 20
            case n.HasTag():
                wanted = {
                    f"{tag.category}/{tag.name}" for tag in self.words.tags_named(condition.name, condition.category)
                }
                return bool(wanted & {*subject.tags})
        raise TypeError(condition)

    def company_of(self, subject: Subject) -> Company | None:
        """The company of a contact; a company itself."""
        if isinstance(subject, Company):
            return subject
        number = survivor(self.world, subject.company)
        return None if number is None else self.world.companies[number]

    def member(self, condition: n.InSegment | n.InList, subject: Subject) -> bool:
        """A contact is in the segment and the list of its company."""
        company = self.company_of(subject)
        if company is None:
            return False
        if isinstance(condition, n.InSegment):
            return self.world.lists[company.list] == condition.segment
        return company.list == self.words.list(condition.list).name

    # What is compared

    def test(self, test: n.Test, subject: Subject) -> bool:
        measure = test.measure
        if isinstance(measure, n.Aggregate):
            if test.operator in ("in top", "in bottom"):
                return self.in_rank(test, "contacts" if isinstance(subject, Contact) else "companies", subject)
            if measure.function == "most frequent":
                text = self.most_frequent(measure, subject)
                return _judge(test, Type.TEXT, [] if text is None else [text], _as_it_is, self)
            figure = self.figure(measure, subject)
            return _judge(test, Type.NUMBER, [] if figure is None else [figure], _as_it_is, self)
        about: Subject | None = self.company_of(subject) if measure.of_company else subject
        of = "contacts" if isinstance(about, Contact) else "companies"
        word = self.words.field(of, measure.name)
        if about is None:  # 19: of nothing, everything is missing
            return test.operator == "is missing"
        if test.operator in ("in top", "in bottom"):
            return self.in_rank(test, of, about)
        return _judge(test, word.type, self.values(word, about), word, self)

    def values(self, word: Word, subject: Subject) -> list[Any]:
        """The values that a company or contact has in a field: none where it is missing (2)."""
        key = word.key
        if key.startswith(OWN):
            return _known([subject.own.get(key.removeprefix(OWN))], word)
        if isinstance(subject, Company) and key == "name":
            keys = ("name", "usual_name", "acronym", "brand", "former_name")
            return _known([text for each in keys for text in subject.several.get(each, ())], word)
        if word.many and isinstance(subject, Company):
            return _known(subject.several.get(key, ()), word)
        if isinstance(word.place, Bracketed) and subject.values.get(key) is None:  # 16
            bracket = subject.values.get(word.place.bracket)
            return [Fraction(BRACKETS[bracket][0])] if bracket else []
        if word.type is Type.STATUS:
            named = {each.name: each.id for each in self.words.statuses}
            return [named[subject.values["status"]]] if subject.values.get("status") else []
        value = subject.values.get(key)
        if word.type is Type.INSTANT:  # 8
            return [value.astimezone(self.zone).date()]
        return _known([value], word)

    def in_rank(self, test: n.Test, of: str, subject: Subject) -> bool:
        """14: among the highest, or the lowest, of all whose value is known."""
        key = (n.Rule("companies" if of == "companies" else "contacts", test), self.now)
        if key not in self._ranked:
            self._ranked[key] = self._edge(test, of)
        edge, value = self._ranked[key], self._rank_value(test.measure, subject)
        if edge is None or value is None:
            return False
        return value >= edge if test.operator == "in top" else value <= edge

    def _edge(self, test: n.Test, of: str) -> Fraction | None:
        found = [self._rank_value(test.measure, each) for each in self.all(of)]
        known = sorted((each for each in found if each is not None), reverse=test.operator == "in top")
        kept = (int(test.values[0]) * len(known) + 99) // 100  # type: ignore[call-overload]
        return known[kept - 1] if known else None

    def _rank_value(self, measure: n.Field | n.Aggregate, subject: Subject) -> Fraction | None:
        if isinstance(measure, n.Field):
            of = "contacts" if isinstance(subject, Contact) else "companies"
            values = self.values(self.words.field(of, measure.name), subject)
            return values[0] if values else None
        if measure.function == "sum" and not self.numbers(measure, subject):
            return None
        if measure.function == "count" and not self.of_aggregate(measure, subject):
            return None
        return self.figure(measure, subject)

    # Events

    @cached_property
    def _by_owner(self) -> Mapping[tuple[str, int], list[Event]]:
        owned: dict[tuple[str, int], list[Event]] = {}
        for event in self.world.events:
            for owner in self.owners(event):
                owned.setdefault(owner, []).append(event)
        return owned

    def owners(self, event: Event) -> set[tuple[str, int]]:
        """18: whom an event is about, each once."""
        if not event.named.nobody:
            return self.who(event.named)
        found: set[tuple[str, int]] = set()
        for stay in self.world.stays:
            begun = stay.after is None or event.at > stay.after
            if stay.visitor == event.visitor and begun and (stay.until is None or event.at <= stay.until):
                found |= self.who(stay.named)
        return found

    def who(self, named: Named) -> set[tuple[str, int]]:
        contacts = {
            each.id
            for each in self.world.contacts.values()
            if str(each.id) == named.contact_id
            or (named.contact_email and each.values.get("email", "").lower() == named.contact_email.lower())
        }
        companies = {survivor(self.world, self.world.contacts[each].company) for each in contacts}
        known = self.world.companies.values()
        companies |= {survivor(self.world, each.id) for each in known if _names(named, each, self.world)}
        return {("contacts", each) for each in contacts} | {
            ("companies", each) for each in companies if each is not None
        }

    def events(self, subject: Subject, kind: str, where: n.Condition | None, window: n.Window | None) -> list[Event]:
        """The events of a kind within a window, up to now (6), for which a condition on properties holds."""
        of = "contacts" if isinstance(subject, Contact) else "companies"
        span = self.span(window)
        return [
            each
            for each in self._by_owner.get((of, subject.id), ())
            if each.kind == kind
            and each.at <= self.now
            and span.holds(each.at)
            and (where is None or self.said(where, each))
        ]

    def said(self, condition: n.Condition, event: Event) -> bool:
        """Whether a condition is true of what an event says."""
        match condition:
            case n.AllOf():
                return all(self.said(each, event) for each in condition.conditions)
            case n.AnyOf():
                return any(self.said(each, event) for each in condition.conditions)
            case n.Not():
                return not self.said(condition.condition, event)
            case n.Test(measure=n.Field() as field):
                word = self.words.property(event.kind, field.name)
                values = self.property(word, event)
                if word.type is Type.TEXT and any(isinstance(each, Decimal) for each in condition.values):  # 17
                    numbers = [number for each in values if (number := _number(each)) is not None]
                    return _judge(condition, Type.NUMBER, numbers, _as_it_is, self)
                return _judge(condition, word.type, values, word, self)
        raise TypeError(condition)

    def property(self, word: Word, event: Event) -> list[Any]:
        """The value that an event has under a name, as the type of the word; none where it is missing (2, 17)."""
        value = event.properties.get(word.key)
        if value is None or not isinstance(word.place, Other) or word.type in (Type.TEXT, Type.YES_NO):
            return _known([value == "true" if word.type is Type.YES_NO and value is not None else value], word)
        return [Fraction(value)] if word.type is Type.NUMBER else [date.fromisoformat(value)]

    def of_aggregate(self, measure: n.Aggregate, subject: Subject) -> list[Event]:
        return self.events(subject, measure.kind, measure.where, measure.window)

    def said_values(self, measure: n.Aggregate, subject: Subject) -> list[Any]:
        """9: the values of a property in the events that have it."""
        word = self.words.property(measure.kind, measure.property)
        return [value for event in self.of_aggregate(measure, subject) for value in self.property(word, event)]

    def numbers(self, measure: n.Aggregate, subject: Subject) -> list[Fraction]:
        values = self.said_values(measure, subject)
        read = [_number(each) if isinstance(each, str) else each for each in values]  # 17
        return [each for each in read if each is not None]

    def figure(self, measure: n.Aggregate, subject: Subject) -> Fraction | None:
        """9, 10, 11: the number that an aggregate makes; ``None`` where it is missing."""
        events = self.of_aggregate(measure, subject)
        moments = sorted(each.at for each in events)
        match measure.function:
            case "count":
                return Fraction(len(events))
            case "days since first":
                return Fraction((self.now - moments[0]) // timedelta(days=1)) if moments else None
            case "days since last":
                return Fraction((self.now - moments[-1]) // timedelta(days=1)) if moments else None
            case "average days between":
                if len(moments) < 2:
                    return None
                return _days(moments[-1] - moments[0]) / (len(moments) - 1)
            case "count distinct":
                values = self.said_values(measure, subject)
                different = {fold(each) if isinstance(each, str) else each for each in values}
                return Fraction(len(different)) if different else None
        numbers = self.numbers(measure, subject)
        if measure.function == "sum":
            return sum(numbers, Fraction())
        if not numbers:
            return None
        match measure.function:
            case "avg":
                return sum(numbers, Fraction()) / len(numbers)
            case "min":
                return min(numbers)
            case "max":
                return max(numbers)
        raise TypeError(measure)

    def most_frequent(self, measure: n.Aggregate, subject: Subject) -> str | None:
        """12: the folded text that most events say; the latest, then the first by code points."""
        word = self.words.property(measure.kind, measure.property)
        latest: dict[str, datetime] = {}
        counted: Counter[str] = Counter()
        for event in self.of_aggregate(measure, subject):
            for text in self.property(word, event):
                counted[fold(text)] += 1
                latest[fold(text)] = max(event.at, latest.get(fold(text), EARLIEST))
        return min(counted, key=lambda text: (-counted[text], LATEST - latest[text], text), default=None)

    def sequence(self, sequence: n.Sequence, subject: Subject) -> bool:
        """13: tried with every event for every step."""
        steps = [self.events(subject, each.kind, each.where, sequence.window) for each in sequence.steps]
        bound = _time(sequence.within, sequence.unit)
        moments = [sorted({each.at for each in events}) for events in steps]
        return any(
            all(one < next for one, next in pairwise(chosen)) and chosen[-1] - chosen[0] <= bound
            for chosen in product(*moments)
        )

    # Time

    def span(self, window: n.Window | None) -> Span:
        """7: the instants of a window."""
        match window:
            case None:
                return Span(last=self.now)
            case n.Last(n=count, unit="months"):
                return Span(self.months_ago(count), self.now, first_in=False)
            case n.Last(n=count, unit=unit):
                return Span(_earlier(self.now, _time(count, unit)), self.now, first_in=False)
            case n.Before(day=day):
                return Span(last=self.begins(day), last_in=False)
            case n.After(day=day):
                return Span(first=self.ends(day))
            case n.Between(first=first, last=last):
                return Span(self.begins(first), self.ends(last), last_in=False)
        raise TypeError(window)

    def begins(self, day: date) -> datetime:
        return self.instant(datetime.combine(day, time()))

    def ends(self, day: date) -> datetime:
        """When the next day begins."""
        return LATEST if day == date.max else self.begins(day + timedelta(days=1))

    def months_ago(self, count: int) -> datetime:
        local = self.now.astimezone(self.zone).replace(tzinfo=None, fold=0)
        year, month = divmod(local.year * 12 + local.month - 1 - count, 12)
        if year < 1:
            return EARLIEST
        day = local.day
        while day > _length(year, month + 1):
            day -= 1
        return self.instant(local.replace(year=year, month=month + 1, day=day))

    def instant(self, local: datetime) -> datetime:
        """A local time: the first of two; one that the clock skipped is as much later as it skipped."""
        try:
            return local.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        except OverflowError:
            return EARLIEST if local.year < 5000 else LATEST


def _length(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]


_HOURS = {"hours": 1, "days": 24, "weeks": 168}


def _time(count: int, unit: str) -> timedelta:
    return timedelta(hours=_HOURS[unit]) * count if count < 10**8 else timedelta.max


def _earlier(at: datetime, time: timedelta) -> datetime:
    try:
        return at - time
    except OverflowError:
        return EARLIEST


def _days(time: timedelta) -> Fraction:
    return Fraction(time // timedelta(microseconds=1), 86_400_000_000)


def _names(named: Named, company: Company, world: World) -> bool:
    """18: by its number, its SIREN (or that of one merged into it), or a domain of its or a host below one.

    Its domain is the whole registrable one where no other company has a host, else its host alone.

    Of a company that was merged only the number is left: the rest went to the one that it was merged into.
    """
    if named.company_id == str(company.id):
        return True
    if company.merged_into is not None:
        return False
    sirens = (company.values.get("siren"), *company.several.get("merged_siren", ()))
    if named.company_siren is not None and named.company_siren in sirens:
        return True
    others = {domain_of(host) for each in world.companies.values() if each.id != company.id for host in _hosts(each)}
    domains = {host if domain_of(host) in others else domain_of(host) for host in _hosts(company)}
    host = named.company_domain
    return host is not None and any(host == each or host.endswith(f".{each}") for each in domains)


def _hosts(company: Company) -> tuple[str, ...]:
    return (*company.several.get("website", ()), *company.several.get("email_domain", ()))


def _known(values: Iterable[Any], word: Word) -> list[Any]:
    """2: without what is missing; numbers as fractions."""
    found = [each for each in values if each is not None and not (isinstance(each, str) and fold(each) == "")]
    if word.type is Type.NUMBER:
        return [Fraction(each) for each in found]
    return found


def _number(text: str) -> Fraction | None:
    """17: the number that a text is, in the form in which rules write one."""
    return Fraction(text) if re.fullmatch(r"-?[0-9]{1,14}(\.[0-9]{1,4})?", text) else None


_as_it_is = Word("", "", Type.TEXT, Other(""))


def _judge(test: n.Test, type: Type, values: Sequence[Any], word: Word, oracle: Oracle) -> bool:
    """5: what is asked of the values; of any of them, but ``!=`` of all."""
    if test.operator == "is known":
        return bool(values)
    if test.operator == "is missing":
        return not values
    if test.operator == "!=":
        return bool(values) and not any(_is(each, test.values[0], type, word, oracle) for each in values)
    return any(_meets(each, test, type, word, oracle) for each in values)


def _is(value: Any, wanted: n.Value, type: Type, word: Word, oracle: Oracle) -> bool:
    if type in (Type.TEXT, Type.CODE, Type.CHOICE):
        return fold(value) == fold(word.whole(str(wanted)))  # 3, 4
    if type is Type.STATUS:
        return any(value == each.id for each in oracle.words.statuses if fold(each.name) == fold(str(wanted)))
    return bool(value == (Fraction(wanted) if isinstance(wanted, Decimal) else wanted))


def _meets(value: Any, test: n.Test, type: Type, word: Word, oracle: Oracle) -> bool:
    operator, wanted = test.operator, test.values
    if operator in ("=", "in"):
        return any(_is(value, each, type, word, oracle) for each in wanted)
    if operator == "is exactly":
        return bool(value == wanted[0])
    if type in (Type.TEXT, Type.CODE):
        return any(_part(fold(value), operator, fold(word.part(str(each)))) for each in wanted)
    if operator == "in last":  # 8
        days = (oracle.today - value).days
        return 0 <= days < int(wanted[0])  # type: ignore[call-overload, no-any-return]
    if operator == "more than":
        return (oracle.today - value).days > int(wanted[0])  # type: ignore[call-overload, no-any-return]
    bounds = [Fraction(each) if isinstance(each, Decimal) else each for each in wanted]
    if operator == "between":
        return bool(bounds[0] <= value <= bounds[1])
    return _compare(value, {"before": "<", "after": ">"}.get(operator, operator), bounds[0])


def _part(value: str, operator: str, wanted: str) -> bool:
    match operator:
        case "contains" | "contains any of":
            return wanted in value
        case "starts with":
            return value.startswith(wanted)
        case "ends with":
            return value.endswith(wanted)
    raise TypeError(operator)


def _compare(one: Any, operator: str, other: Any) -> bool:
    return bool({
        "=": one == other, "!=": one != other, "<": one < other, "<=": one <= other, ">": one > other,
        ">=": one >= other,
    }[operator])  # fmt: skip
