"""How values of rules and of facts are shown to people, in the language of the moment."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from tamis.messages import language, say


def printable(text: str) -> str:
    r"""A text on one line, what cannot be seen in it as an escape: ``\\n``, ``\\u202e``."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def quoted(text: str) -> str:
    """A text in quotation marks."""
    return str(say("« {text} »", text=printable(text)))


def number_shown(number: Decimal | int) -> str:
    """A number, without zeros that say nothing."""
    return str(format_decimal(Decimal(number).normalize(), locale=language.get(), decimal_quantization=False))


def percent_shown(number: Decimal | int) -> str:
    """A percentage: ``20 %``, ``20%``."""
    return str(format_percent(Decimal(number) / 100, locale=language.get(), decimal_quantization=False))


def day_shown(day: date) -> str:
    """A day within a sentence: « le 1er mars 2026 », "1 March 2026"."""
    shown = str(format_date(day, "d MMMM y", locale=language.get()))
    if language.get() == "fr" and day.day == 1:
        shown = shown.replace("1 ", "1er ", 1)
    return str(say("le {day}", day=shown))


def moment_shown(moment: datetime, zone: ZoneInfo) -> str:
    """An instant in a zone: « 31/03/2026 14:05 », "31 Mar 2026 14:05"."""
    pattern = "dd/MM/y HH:mm" if language.get() == "fr" else "d MMM y HH:mm"
    return str(format_datetime(moment, pattern, tzinfo=zone, locale=language.get()))


def several(values: Iterable[str], most: int = 5) -> str:
    """Values one after the other, the first few of them."""
    some = [*values]
    return ", ".join(some[:most]) + (", …" if len(some) > most else "")
