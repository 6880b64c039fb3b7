"""What an import would do line by line, as a page shows it: filtered by what becomes of a line and by the reason."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from tamis.app.models import RefusedLine
from tamis.app.services.list_outcomes import LineOutcome, Outcome
from tamis.messages import Message, StoredMessage, say_many
from tamis.sources.lists import Cells

PAGE = 50
KEPT_VALUES = ("n", "max", "what", "list")
"""Values that belong to a kind of reason; others change from line to line."""

LABELS: dict[str, Any] = {
    "": _("toutes"),
    Outcome.MOVED: _("entrent"),
    Outcome.THERE: _("y sont déjà"),
    Outcome.WAITING: _("en attente"),
    Outcome.REVIEW: _("à vérifier"),
    Outcome.REFUSED: _("refusées"),
    Outcome.LOCKED: _("retenues par un verrou"),
    Outcome.OUTRANKED: _("retenues par plus fort"),
    Outcome.RELEASED: _("quittent la liste"),
    "repaired": _("réparées"),
    "matched": _("rapprochées"),
}
"""What may be asked of the lines; the last two are groups across the others."""
TAGS: dict[str, tuple[str, str, Any]] = {
    Outcome.MOVED: ("good", "arrow", _("entre")),
    Outcome.THERE: ("", "check", _("y est déjà")),
    Outcome.WAITING: ("", "clock", _("en attente")),
    Outcome.REVIEW: ("warn", "question", _("à vérifier")),
    Outcome.REFUSED: ("bad", "alert", _("refusée")),
    Outcome.LOCKED: ("lock", "lock", _("verrou")),
    Outcome.OUTRANKED: ("lock", "pin", _("plus fort")),
    Outcome.RELEASED: ("", "up", _("quitte")),
}
"""How each outcome looks on a line: its colour, its drawing, its word."""


@dataclass(frozen=True)
class Asked:
    """The lines that somebody asks for: what becomes of them, for which reason, which page."""

    outcome: str
    reason: str
    page: int


def asked(given: QueryDict) -> Asked:
    """What an address asks for; an outcome that there is not asks for all."""
    outcome, page = given.get("outcome", ""), given.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    return Asked(outcome if outcome in LABELS else "", given.get("reason", ""), max(1, number))


def shown(lines: Sequence[LineOutcome], wanted: Asked) -> dict[str, Any]:
    """A page of lines, with the counts of each outcome and the reasons to choose among."""
    of_outcome = [line for line in lines if _is(line, wanted.outcome)]
    reasons = Counter(key for line in of_outcome for key in _reasons(line))
    found = [line for line in of_outcome if not wanted.reason or wanted.reason in _reasons(line)]
    here = found[(wanted.page - 1) * PAGE : wanted.page * PAGE]
    words = {key: words for line in of_outcome for key, words in _reasons(line).items()}
    return {
        "asked": wanted, "page": wanted.page, "has_next": wanted.page * PAGE < len(found), "found": len(found),
        "lines": [_dressed(line) for line in here],
        "outcomes": [(key, label, n) for key, label in LABELS.items() if (n := _count(lines, key)) or not key],
        "reasons": [(key, words[key], n) for key, n in reasons.most_common()],
    }  # fmt: skip


def _is(line: LineOutcome, outcome: str) -> bool:
    match outcome:
        case "":
            return True
        case "repaired":
            return bool(line.repairs)
        case "matched":
            return bool(line.number and line.company)
    return line.outcome == outcome


def _count(lines: Sequence[LineOutcome], outcome: str) -> int:
    return sum(_is(line, outcome) for line in lines)


def _reasons(line: LineOutcome) -> dict[str, str]:
    """The kinds of reason of a line: a short key for the address, and the words without what changes in them."""
    told = [(each["column"], each["reason"]) for each in line.why] + [("", each) for each in line.repairs]
    return dict(_kind_of(column, reason) for column, reason in told)


def _kind_of(column: str, stored: StoredMessage) -> tuple[str, str]:
    values = {key: value if key in KEPT_VALUES else "…" for key, value in stored.get("values", {}).items()}
    words = str(Message(stored["text"], values, stored.get("many")))
    return f"{crc32((column + stored['text']).encode()):08x}", f"{column} : {words}" if column else words


def _dressed(line: LineOutcome) -> dict[str, Any]:
    colour, drawing, word = TAGS[line.outcome]
    return {
        "line": line, "colour": colour, "drawing": drawing, "word": word, "why": _why(line.why),
        "repairs": [Message.read(each) for each in line.repairs],
    }  # fmt: skip


def _why(told: Sequence[Mapping[str, Any]]) -> list[tuple[str, Message]]:
    return [(each["column"], Message.read(each["reason"])) for each in told]


@dataclass(frozen=True)
class Mendable:
    """A refused line to be mended in place: what names its cells in the form, its cells, and why it is refused."""

    key: int
    number: int
    cells: Sequence[str]
    faults: Sequence[tuple[str, Message]]


_CELL = re.compile(r"cell-([0-9]{1,18})-([0-3])")


def typed_cells(given: QueryDict) -> dict[int, Cells]:
    """The lines that a form brings back, by their keys; a cell that it leaves out is empty."""
    found: dict[int, dict[int, str]] = {}
    for name, value in given.items():
        if match := _CELL.fullmatch(name):
            found.setdefault(int(match[1]), {})[int(match[2])] = str(value)
    return {
        key: (cells.get(0, ""), cells.get(1, ""), cells.get(2, ""), cells.get(3, "")) for key, cells in found.items()
    }


def mendable_lines(lines: Sequence[LineOutcome], typed: Mapping[int, Sequence[str]]) -> list[Mendable]:
    """Refused lines of a dry run, with what somebody typed last."""
    return [Mendable(each.number, each.number, typed.get(each.number, each.cells), _why(each.why)) for each in lines]


def mendable_rows(rows: Iterable[RefusedLine], typed: Mapping[int, Sequence[str]]) -> list[Mendable]:
    """Refused lines of a version, with what somebody typed last."""
    return [Mendable(row.pk, row.number, typed.get(row.pk, row.cells), _why(row.faults)) for row in rows]


def tell_mended(request: HttpRequest, good: int, wrong: int) -> None:
    """Say how many lines are good now, and how many are still refused."""
    if good > 0:
        messages.success(request, str(say_many("{n} ligne corrigée.", "{n} lignes corrigées.", n=good)))
    if wrong:
        sentence = say_many(
            "{n} ligne est encore refusée : sa raison est à côté.",
            "{n} lignes sont encore refusées : leurs raisons sont à côté.",
            n=wrong,
        )
        messages.warning(request, str(sentence))
