"""Values as the text of a cell: what a person would have typed."""

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal

_EXCEL_DIGITS = 15  # significant ones; Excel keeps no more


def text_of(value: object) -> str:
    """The text for a cell: nothing for ``None``, oui or non, plain numbers, ISO dates."""
    match value:
        case str():
            return str(value)
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case float():
            return number_text(value) if math.isfinite(value) else ""
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case timedelta():
            return duration_text(value)
        case date() | time():
            return value.isoformat()
    return str(value)


def typed_text(value: object) -> str:
    """The text of a workbook's value as it was typed: Excel knows midnight for what people mean as a date."""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return text_of(value)


def number_text(number: float) -> str:
    """``732829320.0`` as ``732829320``, ``12.5`` as ``12.5``; in powers of ten where Excel has lost digits."""
    if number.is_integer() and abs(number) < 10**_EXCEL_DIGITS:
        return str(int(number))
    text = f"{number:.{_EXCEL_DIGITS}g}"
    return f"{Decimal(text):f}" if abs(number) < 1 else text


def duration_text(duration: timedelta) -> str:
    """Hours, minutes and seconds, as in ``36:00:00``."""
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
