"""The users' own fields: how each type is read, and which type a column looks like."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from tamis.identity.folding import fold
from tamis.identity.identifiers import BadValue, Reading, shown
from tamis.messages import say
from tamis.sources.company_fields import read_amount, read_date, read_text

_YES = ("oui", "yes", "vrai", "true", "1", "x", "o", "y")
_NO = ("non", "no", "faux", "false", "0", "n")


def _read_number(cell: str) -> Reading[float]:
    amount = read_amount(cell).value
    return Reading(int(amount) if amount == int(amount) else float(amount))


def _read_day(cell: str) -> Reading[str]:
    return Reading(read_date(cell).value.isoformat())


def _read_yes_no(cell: str) -> Reading[bool]:
    word = fold(cell)
    if word in _YES + _NO:
        return Reading(word in _YES)
    raise BadValue("yes-no.form", say("« {cell} » n'est ni oui ni non", cell=shown(cell)))


def reader(type: str, choices: Sequence[str] = ()) -> Callable[[str], Reading[Any]]:
    """How a field of this type (``text``, ``number``, ``date``, ``yes-no``, ``choice``) is read, into a JSON value."""
    if type == "choice":
        return _choice(choices)
    return {"text": read_text(1000), "number": _read_number, "date": _read_day, "yes-no": _read_yes_no}[type]


def _choice(choices: Sequence[str]) -> Callable[[str], Reading[str]]:
    by_key = {fold(choice): choice for choice in choices}

    def read(cell: str) -> Reading[str]:
        if fold(cell) not in by_key:
            raise BadValue(
                "choice.unknown",
                say("« {cell} » n'est pas un des choix : {choices}", cell=shown(cell), choices=", ".join(choices)),
            )
        return Reading(by_key[fold(cell)])

    return read


def guess_type(samples: Sequence[str]) -> str:
    """The narrowest type that reads every sample; text when there is none."""
    filled = [sample for sample in samples if sample.strip()]
    for type in ("yes-no", "date", "number"):
        if filled and all(_reads(reader(type), sample) for sample in filled):
            return type
    return "text"


def _reads(read: Callable[[str], Reading[Any]], cell: str) -> bool:
    try:
        read(cell)
    except BadValue:
        return False
    return True


def shown_value(value: Any) -> str:
    """A stored value as files and pages show it."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return value.isoformat() if isinstance(value, date) else str(value)
