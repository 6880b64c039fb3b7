"""How values of rules and of facts are shown to people, in the language of the moment."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from tamis.messages import Message, language, say

QUOTED, THE_DAY = say("« {text} »"), say("le {day}")
MONTH = "d MMMM y"
"""A day as Babel writes it in either language."""


def printable(text: str) -> str:
    r"""A text on one line, what cannot be seen in it as an escape: ``\n``, ``\u202e``; a backslash is two."""
    return "".join(
        char if char.isprintable() and char != "\\" else char.encode("unicode_escape").decode() for char in text
    )


def inside_quotes(text: str) -> str:
    r"""A text as it stands in quotation marks; marks of the same kind that are no pairs are escaped: ``\»``."""
    shown, (opened, closed) = printable(text), marks()
    if not _paired(shown, opened, closed):
        return "".join(f"\\{char}" if char in (opened, closed) else char for char in shown)
    return shown


def marks() -> tuple[str, str]:
    """The quotation marks of the language of the moment."""
    template = str(Message(QUOTED.text))
    return template[0], template[-1]


def _paired(text: str, opened: str, closed: str) -> bool:
    depth = 0
    for char in text:
        depth += (char == opened) - (char == closed)
        if depth < 0:
            return False
    return depth == 0


def quoted(text: str) -> str:
    """A text in quotation marks."""
    return str(Message(QUOTED.text, {"text": inside_quotes(text)}))


def number_shown(number: Decimal | int) -> str:
    """A number, without zeros that say nothing."""
    return str(format_decimal(Decimal(number).normalize(), locale=language.get(), decimal_quantization=False))


def percent_shown(number: Decimal | int) -> str:
    """A percentage: ``20 %``, ``20%``."""
    return str(format_percent(Decimal(number) / 100, locale=language.get(), decimal_quantization=False))


def day_shown(day: date) -> str:
    """A day within a sentence: « le 1er mars 2026 », "1 March 2026"."""
    shown = str(format_date(day, MONTH, locale=language.get()))
    if language.get() == "fr" and day.day == 1:
        shown = shown.replace("1 ", "1er ", 1)
    return str(Message(THE_DAY.text, {"day": shown}))


def moment_shown(moment: datetime, zone: ZoneInfo) -> str:
    """An instant in a zone: « 31/03/2026 14:05 », "31 Mar 2026 14:05"."""
    pattern = "dd/MM/y HH:mm" if language.get() == "fr" else "d MMM y HH:mm"
    return str(format_datetime(moment, pattern, tzinfo=zone, locale=language.get()))


def several(values: Iterable[str], most: int = 5) -> str:
    """Values one after the other, the first few of them."""
    some = [*values]
    return ", ".join(some[:most]) + (", …" if len(some) > most else "")
