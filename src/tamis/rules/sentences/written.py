"""Values as sentences write them: texts, numbers, days, windows, lists of several; each reader looks at one token.

A reader gives what it read with the number of the token behind, or nothing, and notes what could have stood there.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from babel.dates import get_month_names

from tamis.messages import Message, language, say
from tamis.rules import nodes
from tamis.rules.nodes import Window
from tamis.rules.parsing import MOST_UNITS
from tamis.rules.sentences.lexing import Token, tokens
from tamis.rules.sentences.phrases import TEXT, Found, Sentence, link_of
from tamis.rules.sentences.shown import THE_DAY
from tamis.rules.sentences.wording import AFTER, BEFORE, BETWEEN, LAST, NO, YES

MOST_TIMES = 10**9
Unit = Literal["hours", "days", "weeks", "months"]


def text(said: Sentence, at: int, shown: Message | None = None) -> list[Found]:
    """A text in quotation marks."""
    token = said.token(at)
    if token is not None and token.text is not None:
        return [(token.text, at + 1)]
    said.wanted(at, shown or TEXT)
    return []


def number(said: Sentence, at: int) -> list[Found]:
    """A number."""
    token = said.token(at)
    if token is not None and token.number is not None:
        return [(token.number, at + 1)]
    said.wanted(at, say("un nombre"))
    return []


def whole(said: Sentence, at: int, most: int = MOST_UNITS) -> list[Found]:
    """A whole number that is not negative."""
    found = number(said, at)
    if found and not (found[0][0] == int(found[0][0]) and 0 <= found[0][0] <= most):
        reason = say("un nombre entier de 0 à {max} est attendu ici", max=most)
        said.refuse(at + 1, "rule.number", reason, said.span(at, at + 1))
        return []
    return [(int(value), end) for value, end in found]


def percent(said: Sentence, at: int) -> list[Found]:
    """A percentage, as the number before its sign."""
    found = whole(said, at, 100)
    for value, end in found:
        token = said.token(end)
        if token is not None and token.word == "%":
            return [(Decimal(value), end + 1)]
        said.wanted(end, "%")
    return []


def yes_no(said: Sentence, at: int) -> list[Found]:
    """Yes or no."""
    return [(value, end) for value, word in ((True, YES), (False, NO)) for _, end in said.phrase(word, at)]


# Days and windows


def day(said: Sentence, at: int) -> list[Found]:
    """A day: « le 1er mars 2026 », "March 1, 2026", or in figures."""
    return [(filled["day"], end) for filled, end in said.phrase(THE_DAY, at, day=lambda at, _: _day(said, at))]


def _day(said: Sentence, at: int) -> Iterator[Found]:
    token = said.token(at)
    if token is not None and token.day is not None:
        yield token.day, at + 1
        return
    orders: list[tuple[str, ...]] = [("day", "month", "year")]
    if language.get() == "en":
        orders += [("month", "day", ",", "year"), ("month", "day", "year")]
    said.wanted(at, say("un jour (31 mars 2026)"))
    for order in orders:
        yield from _ordered(said, at, order)


def _ordered(said: Sentence, at: int, order: tuple[str, ...]) -> Iterator[Found]:
    """A day whose parts stand in an order."""
    parts: dict[str, int] = {}
    for end, part in enumerate(order, at):
        found = _part(said.token(end), part)
        if found is None:
            if end > at and part in _PARTS:
                said.wanted(end, _PARTS[part], _month_names() if part == "month" else ())
            return
        parts[part] = found
    end, span = at + len(order), said.span(at, at + len(order))
    try:
        yield date(parts["year"], parts["month"], parts["day"]), end
    except (ValueError, OverflowError):
        shown = said.text[span.start : span.end][:40]
        said.refuse(end, "rule.day", say("« {day} » n'est pas un jour du calendrier", day=shown), span)


_PARTS = {"month": say("un mois"), "year": say("une année")}


def _part(token: Token | None, part: str) -> int | None:
    """The number of a day, a month or a year; nothing where a token is none."""
    if token is None:
        return None
    if part == ",":
        return 0 if token.word == "," else None
    if part == "month":
        return months().get(token.word)
    return int(token.number) if token.number is not None and token.number == int(token.number) else None


def _month_names() -> list[str]:
    return [*get_month_names("wide", locale=language.get()).values()]


def months() -> Mapping[str, int]:
    """The months by their names as sentences compare them, in the language of the moment."""
    return _months(language.get())


@cache
def _months(_language: str) -> Mapping[str, int]:
    return {tokens(name)[0].word: number for number, name in enumerate(_month_names(), 1)}


def last(said: Sentence, at: int, units: tuple[Unit, ...] = ("hours", "days", "weeks", "months")) -> list[Found]:
    """A window until now: « dans les 30 derniers jours »."""
    found: list[Found] = []
    for unit in units:
        one, some = LAST[unit]
        found += [(nodes.Last(1, unit, at=said.span(at, end)), end) for _, end in said.phrase(one, at)]
        for filled, end in said.phrase(some, at, n=lambda at, _: whole(said, at)):
            found.append((nodes.Last(filled["n"], unit, at=said.span(at, end)), end))
    return found


def window(said: Sentence, at: int) -> list[Found]:
    """A window of time, or none: what begins as one is one."""

    def some_day(at: int, _: Mapping[str, Any]) -> list[Found]:
        return day(said, at)

    found = last(said, at)
    kinds: list[tuple[Message, Callable[..., Window]]] = [
        (BEFORE, nodes.Before), (AFTER, nodes.After), (BETWEEN, nodes.Between),
    ]  # fmt: skip
    for template, kind in kinds:
        for filled, end in said.phrase(template, at, day=some_day, first=some_day, last=some_day):
            found.append((kind(*filled.values(), at=said.span(at, end)), end))
    return found or [(None, at)]


# Several


def several(said: Sentence, at: int, one: Callable[[int], list[Found]], link: Message) -> list[Found]:
    """At least two values: « a, b ou c », « a ni b ni c »."""
    parts: list[Any] = []
    word, linked, end, here = link_of(link), False, at, at
    while found := one(here):
        value, end = found[0]
        parts.append(value)
        comma = _is_comma(said, end)
        behind = said.words(word, end + comma)
        if behind is None and (linked or not comma):
            break
        linked = linked or behind is not None
        here = end + 1 if behind is None else behind
    return [(tuple(parts), end)] if linked and len(parts) > 1 else []


def _is_comma(said: Sentence, at: int) -> bool:
    token = said.token(at)
    return token is not None and token.word == ","
