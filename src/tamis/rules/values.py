"""What is written in a rule, in the stored form that it is compared with."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tamis.identity.folding import fold
from tamis.identity.identifiers import BadValue
from tamis.messages import say
from tamis.rules.instants import Days, days_ago, next_day, today
from tamis.rules.nodes import Operator, Subject, Value
from tamis.rules.vocabulary import TEXTS, Type, Vocabulary, Word

_ONE_DAY = timedelta(days=1)


def type_in(word: Word, values: Sequence[Value]) -> Type:
    """The type as which a word is read beside these values: what nobody defined is a number beside numbers."""
    if word.undefined and values and all(isinstance(each, Decimal) for each in values):
        return Type.NUMBER
    return word.type


def stored(
    word: Word, operator: Operator, values: Sequence[Value], subject: Subject, vocabulary: Vocabulary
) -> tuple[Any, ...]:
    """The values as they are stored: texts folded, but for ``is exactly``; a status by its id.

    Raises :class:`~tamis.identity.identifiers.BadValue` for a value that the word cannot have, and
    :class:`~tamis.rules.vocabulary.Unknown` for a status that is none.
    """
    type = type_in(word, values)
    if operator in ("in last", "more than", "in top", "in bottom"):
        return tuple(_number(each) for each in values)
    if type in TEXTS:
        return tuple(_text(word, operator, each) for each in values)
    if type is Type.STATUS:
        return tuple(vocabulary.status(subject, _word(each)).id for each in values)
    if type is Type.NUMBER:
        return tuple(_number(each) for each in values)
    if type is Type.YES_NO:
        return tuple(word.whole(_yes_no(each)) for each in values)
    return tuple(_day(each) for each in values)


def _text(word: Word, operator: Operator, value: Value) -> str:
    text = _word(value)
    if operator == "is exactly":
        return text
    brought = word.whole(text) if operator in ("=", "!=", "in") else word.part(text)
    if not fold(brought):
        raise _empty()
    return fold(brought)


def _word(value: Value) -> str:
    if not isinstance(value, str):
        raise BadValue("value.type", say("un texte est attendu ici : mettez-le entre guillemets"))
    if not fold(value):
        raise _empty()
    return value


def _empty() -> BadValue:
    return BadValue("value.empty", say("un texte vide n'est jamais une valeur : demandez « is missing »"))


def _number(value: Value) -> Decimal:
    if not isinstance(value, Decimal):
        raise BadValue("value.type", say("un nombre est attendu ici, sans guillemets (exemple : 12.5)"))
    return value


def _day(value: Value) -> date:
    if isinstance(value, bool) or not isinstance(value, date):
        raise BadValue("value.type", say("un jour est attendu ici, sans guillemets (exemple : 2026-03-31)"))
    return value


def _yes_no(value: Value) -> str:
    if not isinstance(value, bool):
        raise BadValue("value.type", say("« yes » ou « no » est attendu ici, sans guillemets"))
    return "oui" if value else "non"


class Among(NamedTuple):
    """Days from one to another, and whether a day must be among them or, being known, must not."""

    days: Days
    inside: bool = True


def days_of(operator: Operator, values: Sequence[Any], now: datetime, zone: ZoneInfo) -> Among | None:
    """Which days an operator lets through, as of an instant; ``None`` when there can be none.

    ``values`` are days, or a number of days for ``in last`` and ``more than``.
    """
    match operator:
        case "in last":
            n = int(values[0])
            return Among(Days(days_ago(now, n - 1, zone), today(now, zone))) if n else None
        case "more than":
            return _until(days_ago(now, int(values[0]), zone))
        case "=" | "!=":
            return Among(Days(values[0], values[0]), operator == "=")
        case "between":
            return Among(Days(*values)) if values[0] <= values[1] else None
        case "<" | "before":
            return _until(values[0])
        case "<=":
            return Among(Days(None, values[0]))
        case ">" | "after":
            return Among(Days(next_day(values[0]), None)) if values[0] < date.max else None
        case ">=":
            return Among(Days(values[0], None))
    raise ValueError(operator)


def _until(day: date) -> Among | None:
    """The days before one."""
    return Among(Days(None, day - _ONE_DAY)) if day > date.min else None
