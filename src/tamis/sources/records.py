"""Records as the parsers of each kind of file hand them over, and the rows that people's tables are made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tamis.messages import Message, say, say_many
from tamis.sources.limits import MAX_CELL

SHOWN_CELL = 200  # characters kept of a cell that is too long


class Flaw(NamedTuple):
    """Why a record cannot be read: a stable code for programs, the reason for people."""

    code: str
    reason: Message


class Record(NamedTuple):
    """The cells found from one line of a file on; with a flaw, what could be read of them."""

    number: int
    cells: Sequence[str]
    flaw: Flaw | None = None

    @property
    def blank(self) -> bool:
        """Whether there is nothing to read: no flaw, and nothing but spaces (or the end mark of DOS) in the cells."""
        return self.flaw is None and not any(cell.strip(" \t\x1a") and cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line of the file where it starts (1 is the first), and a cell for each heading."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A record that cannot be read: what could be read of it, a cell for each heading, and why."""

    number: int
    cells: tuple[str, ...]
    code: str
    reason: Message


@dataclass(frozen=True)
class Table:
    """A file of rows under headings.

    ``rows`` can be gone through once, while the file is open; a file that changes or fails meanwhile raises
    :class:`~tamis.errors.Unreadable` there. ``encoding`` and ``delimiter`` are a text's, ``sheet`` is a workbook's.
    """

    name: str
    kind: str  # "csv" for any delimited text, else "xlsx", "xlsb", "xls" or "ods"
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    headings: tuple[str, ...]
    heading_line: int
    rows: Iterator[Row | BadRow]
    expected_rows: int | None  # for a progress bar: close, seldom exact


def fitted(record: Record, width: int, delimiter: str | None) -> Row | BadRow:
    """The record with exactly ``width`` cells: padded, empty cells beyond dropped, refused when some are not empty."""
    cells, flaw = record.cells, record.flaw
    if len(cells) > width and flaw is None and any(cell.strip() for cell in cells[width:]):
        flaw = _too_many(len(cells), width, delimiter)
    if flaw is None and sum(map(len, cells)) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells):
        flaw = too_long()
    if len(cells) != width:
        cells = [*cells[:width], *[""] * (width - len(cells))]
    if flaw is None:
        return Row(record.number, tuple(cells))
    return BadRow(record.number, tuple(map(_cut, cells)), flaw.code, flaw.reason)


def too_long() -> Flaw:
    """The flaw of a record with a cell over the limit."""
    return Flaw(
        "row.too-long",
        say(
            "une case dépasse {max} caractères : raccourcissez-la, ou vérifiez qu'un guillemet ou un retour à la ligne "
            "ne manque pas",
            max=MAX_CELL,
        ),
    )


def _too_many(count: int, width: int, delimiter: str | None) -> Flaw:
    if delimiter is None:
        reason = say("une case est remplie au-delà du dernier titre : donnez un titre à sa colonne, ou videz-la")
    else:
        reason = say_many(
            "{count} cases pour {n} colonne : une case contient sans doute « {sign} », mettez-la entre guillemets",
            "{count} cases pour {n} colonnes : une case contient sans doute « {sign} », mettez-la entre guillemets",
            n=width, count=count, sign=named(delimiter),
        )  # fmt: skip
    return Flaw("row.too-many-cells", reason)


def named(delimiter: str) -> Message | str:
    """A delimiter as a sentence can show it."""
    return say("tabulation") if delimiter == "\t" else delimiter


def _cut(cell: str) -> str:
    return cell if len(cell) <= MAX_CELL else cell[: SHOWN_CELL - 1] + "…"
