"""What the columns of a list file hold, told from their headings, else from their cells; a person confirms it.

A file whose headings name the four columns needs no question. Others (headings of somebody else's making, none at all,
a bare column of SIREN or of names pasted from a screen) are looked at, and what was recognised is proposed.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from tamis.errors import Unreadable
from tamis.identity.domains import read_email_domain, read_website
from tamis.identity.identifiers import BadValue, Reading, read_siren
from tamis.sources.lists import EMAIL_DOMAIN, NAME, SIREN, WEBSITE, Places, column_of, placed, recognised
from tamis.sources.records import Row, Table

LOOKED_AT = 50  # rows from which a column's kind is told
SHOWN = 5  # of them shown to a person
_MOST = 0.5  # of the filled cells must be of a kind for the column to be


@dataclass(frozen=True)
class Layout:
    """Where the four columns are; without ``headed``, the first record is a line already, and no headings."""

    places: Places
    headed: bool = True

    def as_json(self) -> dict[str, Any]:
        """The layout as plain values."""
        return {"places": [*self.places], "headed": self.headed}

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Layout":
        """The layout that :meth:`as_json` wrote."""
        name, siren, email_domain, website = stored["places"]
        return cls((name, siren, email_domain, website), stored["headed"])

    def fits(self, table: Table) -> Table:
        """The table with its rows as this layout means them."""
        if self.headed:
            return table
        first = Row(table.heading_line, table.headings)
        return replace(table, rows=chain([first], table.rows), heading_line=0)


@dataclass(frozen=True)
class Column:
    """A column as a person is asked about it: its heading, the first cells that are filled, and what it seems to be."""

    heading: str
    samples: tuple[str, ...]
    column: str


@dataclass(frozen=True)
class Look:
    """What was seen of a table: its columns, whether its first record is headings, and whether that is certain."""

    columns: tuple[Column, ...]
    headed: bool
    clear: bool

    def layout(self) -> Layout:
        """The layout proposed. Raises :class:`~tamis.errors.Refused` when no column was recognised."""
        return Layout(placed([c.heading for c in self.columns], [c.column for c in self.columns]), self.headed)


def look(table: Table, pasted: bool = False) -> Look:
    """What the columns of a table seem to be. A bare ``pasted`` column has no heading but a known one."""
    rows = [row.cells for row in islice(table.rows, LOOKED_AT) if isinstance(row, Row)]
    known = [column_of(heading) for heading in table.headings]
    headed = any(known) or not ((pasted and len(table.headings) == 1) or _is_line(table.headings))
    cells = rows if headed else [table.headings, *rows]
    kinds = known if any(known) else _guessed([[row[n] for row in cells] for n in range(len(table.headings))])
    columns = tuple(
        Column(heading if headed else "", _samples([row[n] for row in cells]), kinds[n])
        for n, heading in enumerate(table.headings)
    )
    return Look(columns, headed, _is_clear(table.headings))


def _is_clear(headings: Sequence[str]) -> bool:
    try:
        recognised(headings)
    except Unreadable:
        return False
    return True


def _is_line(headings: Sequence[str]) -> bool:
    """Whether what stands for headings is a line itself: no heading reads as a SIREN, a domain or a site."""
    return any(_kind([heading]) for heading in headings)


def _guessed(columns: Sequence[Sequence[str]]) -> list[str]:
    """What each column seems to be: each of the four at most once, names being the first text that is nothing else."""
    kinds: list[str] = []
    for cells in columns:
        kind = _kind(cells)
        kinds.append("" if kind in kinds else kind)
    texts = [n for n, cells in enumerate(columns) if not kinds[n] and _is_text(cells)]
    if texts:
        kinds[texts[0]] = NAME
    return kinds


def _kind(cells: Sequence[str]) -> str:
    """SIREN, website or e-mail domain when most of the filled cells are; the empty text otherwise."""
    filled = [cell for cell in cells if cell.strip()]
    if _most(filled, read_siren):
        return SIREN
    if any("/" in cell or cell.lstrip().lower().startswith("www.") for cell in filled) and _most(filled, read_website):
        return WEBSITE
    return EMAIL_DOMAIN if _most(filled, _mail) else ""


def _mail(cell: str) -> Reading[str]:
    return read_email_domain(cell.rpartition("@")[2])


def _most(cells: Sequence[str], read: Callable[[str], Reading[str]]) -> bool:
    def reads(cell: str) -> bool:
        try:
            read(cell)
        except BadValue:
            return False
        return True

    return bool(cells) and sum(map(reads, cells)) >= _MOST * len(cells)


def _is_text(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and sum(any(char.isalpha() for char in cell) for cell in filled) >= _MOST * len(filled)


def _samples(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(islice((cell for cell in cells if cell.strip()), SHOWN))


def pasted_file(text: str) -> bytes:
    """A file of what somebody pasted: cells of a sheet as they are, a bare column with every line a cell of its own."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not _is_bare(lines):
        return text.encode()
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([line.strip()] for line in lines)
    return buffer.getvalue().encode()


def _is_bare(lines: Sequence[str]) -> bool:
    """Whether the lines are cells of one column: no tabulation or semicolon, and commas only here and there."""
    filled = [line for line in lines if line.strip()]
    if any("\t" in line.strip() or ";" in line for line in filled):
        return False
    commas = {line.count(",") for line in filled}
    return commas in ({0}, set()) or len(commas) > 1 or len(filled) == 1
