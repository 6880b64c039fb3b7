"""Files as people's programs write them, each in a dialect, and what was planted in them."""

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]

Cell = str | int | date


@dataclass(frozen=True)
class Dialect:
    """How a program writes a table: ``extension`` xlsx is a workbook, anything else is text."""

    extension: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\r\n"


EXCEL_FRENCH = Dialect(encoding="cp1252", delimiter=";")
EXCEL_UTF8 = Dialect(encoding="utf-8-sig", delimiter=";")
EXCEL_UNICODE = Dialect(encoding="utf-16", delimiter="\t")
EXCEL_ENGLISH = Dialect(encoding="utf-8-sig")
SCRIPT = Dialect(line_end="\n")
WORKBOOK = Dialect(extension="xlsx")


@dataclass(frozen=True)
class Planted:
    """A cell written badly on purpose: its line (the headings are line 1), its column, and what is wrong with it."""

    line: int
    column: str
    cell: str
    code: str


@dataclass(frozen=True)
class SampleFile:
    """A written file: its lines below the headings, the cells no reader may take, and those it must repair."""

    path: Path
    lines: int
    bad: tuple[Planted, ...] = ()
    repaired: tuple[Planted, ...] = ()

    @property
    def bad_lines(self) -> int:
        """How many lines have a cell that cannot be read; in a list file these are refused."""
        return len({planted.line for planted in self.bad})

    @property
    def clean_lines(self) -> int:
        """How many lines need neither refusal nor repair."""
        return self.lines - len({planted.line for planted in self.bad + self.repaired})


@dataclass(frozen=True)
class ListFile(SampleFile):
    """A list file, and whom its accepted lines name: ``lines`` is known, waiting, unknown and bad lines together."""

    known: int = 0  # in entreprises.csv
    waiting: int = 0  # in nouvelles-entreprises.xlsx, so they come next month
    unknown: int = 0  # in neither
    contested: int = 0  # known or waiting, and named by an earlier list file too
    respelled: int = 0  # not the register's spelling of the name


def write_table(path: Path, dialect: Dialect, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Write the rows below the headings, as the dialect has them."""
    if dialect.extension == "xlsx":
        _write_workbook(path, headings, rows)
    else:
        _write_text(path, dialect, [headings, *rows])


def _write_text(path: Path, dialect: Dialect, rows: Sequence[Sequence[Cell]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator=dialect.line_end)
    for row in rows:
        writer.writerow([f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell for cell in row])
    if dialect.encoding == "utf-16":  # Windows' byte order, on whatever machine this runs
        path.write_bytes(codecs.BOM_UTF16_LE + text.getvalue().encode("utf-16-le"))
    else:
        path.write_bytes(text.getvalue().encode(dialect.encoding))


def _write_workbook(path: Path, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as workbook:
        workbook.set_properties({"created": datetime(2026, 1, 5, 9, 0)})
        sheet = workbook.add_worksheet("Feuil1")
        for number, row in enumerate([headings, *rows]):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell)
                elif isinstance(cell, int):
                    sheet.write_number(number, column, cell)
                elif cell:
                    sheet.write_string(number, column, cell)
