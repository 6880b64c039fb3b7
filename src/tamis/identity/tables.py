"""The small files that name matching reads: a directory, names to look up, pairs with the answer known."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from tamis.errors import Unreadable
from tamis.identity.folding import fold
from tamis.messages import say

DELIMITERS = ",;\t"
NAME_HEADINGS = ("nom", "name", "denomination", "raison sociale")
KEY_HEADINGS = ("siren", "id", "key")


def read_directory(path: Path) -> Iterator[tuple[str, str]]:
    """``(siren, name)`` for every company of a CSV file with those columns. Raises :class:`Unreadable`."""
    return _columns(path, KEY_HEADINGS, NAME_HEADINGS)


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """``(name as written, siren)`` for every line of a file of pairs. Raises :class:`Unreadable`."""
    return list(_columns(path, ("variant_name", *NAME_HEADINGS), KEY_HEADINGS))


def read_names(path: Path) -> list[str]:
    """The names of a file: the column ``Nom`` of a list, or one name a line. Raises :class:`Unreadable`."""
    lines = _lines(path)
    delimiter = _delimiter(lines[0]) if lines else None
    if delimiter and (at := _heading(_cells(lines[0], delimiter), NAME_HEADINGS)) is not None:
        return [
            row[at].strip() for row in csv.reader(lines[1:], delimiter=delimiter) if len(row) > at and row[at].strip()
        ]
    first = 1 if lines and fold(lines[0]) in NAME_HEADINGS else 0
    return [line.strip() for line in lines[first:] if line.strip()]


def _columns(path: Path, one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[str, str]]:
    lines = _lines(path)
    delimiter = (_delimiter(lines[0]) if lines else None) or ","
    headings = _cells(lines[0], delimiter) if lines else []
    places = _heading(headings, one), _heading(headings, other)
    if None in places:
        raise Unreadable(
            say(
                "{path} : colonnes « {one} » et « {other} » attendues, « {found} » trouvées",
                path=path.name, one=one[0], other=other[0], found=", ".join(headings),
            )
        )  # fmt: skip
    first, second = (at for at in places if at is not None)
    for row in csv.reader(lines[1:], delimiter=delimiter):
        if len(row) > max(first, second):
            yield row[first].strip(), row[second].strip()


def _lines(path: Path) -> list[str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(
            say("{path} ne peut pas être lu : {reason}", path=str(path), reason=str(error.strerror))
        ) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return text.splitlines(keepends=False)


def _delimiter(line: str) -> str | None:
    return max((sign for sign in DELIMITERS if sign in line), key=line.count, default=None)


def _cells(line: str, delimiter: str) -> list[str]:
    return [fold(cell) for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _heading(headings: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((headings.index(heading) for heading in wanted if heading in headings), None)
