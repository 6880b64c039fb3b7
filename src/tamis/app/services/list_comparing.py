"""Two versions of a list side by side: the lines that came, that went, and that say something else of one company."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from tamis.app.models import List, ListLine
from tamis.app.services.list_versions import content, find_version, history
from tamis.errors import Refused
from tamis.messages import say
from tamis.sources.lists import COLUMNS, Cells


class Difference(StrEnum):
    """What became of a line from one version to the other."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """A line of one version or of both, with its company when it is known."""

    what: Difference
    before: Cells | None
    after: Cells | None
    company: int | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are not the same on both sides, when there are two sides."""
        if self.before is None or self.after is None:
            return ()
        pairs = zip(COLUMNS, self.before, self.after, strict=True)
        return tuple(column for column, old, new in pairs if old != new)


@dataclass(frozen=True)
class Comparison:
    """What changed between two versions, in the order of names, and how many lines did not."""

    older: int
    newer: int
    unchanged: int
    changes: list[Change] = field(default_factory=list)

    def count(self, what: str) -> int:
        """How many changes of a kind there are."""
        return sum(change.what == what for change in self.changes)


def compare(target: List, older: int, newer: int) -> Comparison:
    """What changed in a list's content from one version to another.

    A line is the same when it says the same; it changed when another line of the same company, else SIREN, else name
    stands in its place. Raises :class:`~tamis.errors.NotFound` for a version that there is not.
    """
    for number in (older, newer):
        find_version(target, number)
    if older == newer:
        raise Refused(say("Choisissez deux versions différentes."), "versions.same")
    before, after = content(target, older), content(target, newer)
    gone, come = _only_in(before, after), _only_in(after, before)
    changes = sorted(_paired(gone, come), key=lambda pair: pair[0])
    return Comparison(older, newer, after.count() - len(come), [change for _place, change in changes])


def compare_last(target: List, older: int | None, newer: int | None) -> Comparison:
    """As :func:`compare`; a version that is not named is one of the last two. Raises ``Refused`` without two."""
    numbers = [*history(target).values_list("number", flat=True)[:2]]
    if len(numbers) < 2:
        raise Refused(say("Il faut deux versions pour comparer : cette liste n'en a pas encore deux."), "versions.few")
    latest, former = numbers
    return compare(target, older or former or 0, newer or latest or 0)


_VALUES = ("name_key", "name", "siren", "email_domain", "website", "company")
Line = tuple[Any, ...]


def _only_in(lines: QuerySet[ListLine], others: QuerySet[ListLine]) -> list[Line]:
    same = others.filter(fingerprint=OuterRef("fingerprint"), name=OuterRef("name"))
    return [*lines.filter(~Exists(same)).values_list(*_VALUES)]


def _paired(gone: Iterable[Line], come: Iterable[Line]) -> Iterator[tuple[tuple[str, int], Change]]:
    """Each change with its place: lines that came beside one that went of the same company, then the others alone."""
    left = [*gone]
    by_key: dict[tuple[str, Any], list[int]] = {}
    for n, line in enumerate(left):
        for key in _keys(line):
            by_key.setdefault(key, []).append(n)
    used: set[int] = set()
    for line in come:
        former = next((n for key in _keys(line) for n in by_key.get(key, ()) if n not in used), None)
        if former is None:
            yield (line[0], 1), Change(Difference.ADDED, None, _cells(line), line[5])
        else:
            used.add(former)
            yield (line[0], 0), Change(Difference.CHANGED, _cells(left[former]), _cells(line), line[5])
    for n, line in enumerate(left):
        if n not in used:
            yield (line[0], 2), Change(Difference.REMOVED, _cells(line), None, line[5])


def _keys(line: Line) -> list[tuple[str, Any]]:
    name_key, _name, siren, _email_domain, _website, company = line
    keys = (("company", company), ("siren", siren), ("name", name_key))
    return [(kind, value) for kind, value in keys if value]


def _cells(line: Line) -> Cells:
    _name_key, name, siren, email_domain, website, _company = line
    return name, siren or "", email_domain or "", website or ""


EXPORT_COLUMNS = ("Changement", *COLUMNS, *(f"{column} (avant)" for column in COLUMNS))
WORDS = {
    Difference.ADDED: say("ajoutée"),
    Difference.REMOVED: say("retirée"),
    Difference.CHANGED: say("changée"),
}


def export_rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """The changes under :data:`EXPORT_COLUMNS`."""
    for change in comparison.changes:
        none = ("", "", "", "")
        yield (str(WORDS[change.what]), *(change.after or none), *(change.before or none))
