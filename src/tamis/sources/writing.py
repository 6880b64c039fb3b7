"""Tables written as CSV or Excel files, whole or not at all, and read back by Tamis as they were."""

import csv
import io
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import islice, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from tamis.errors import Refused
from tamis.messages import say
from tamis.sources.cells import text_of
from tamis.sources.formula_guard import guarded
from tamis.sources.limits import MAX_CELL

_EXCEL_ROWS = 1_048_576  # headings included
_EXCEL_COLUMNS = 16_384
_EXACT_IN_EXCEL = 10**15  # from there on, a number loses digits
_ROWS_A_CHUNK = 500
_ROWS_MEASURED = 1_000  # whose cells decide on the widths of the columns
_WIDTHS = (10, 60)  # characters: the narrowest and the widest column


class Format(StrEnum):
    """How a table is written. Both kinds of CSV are UTF-8 with a byte order mark, so that Excel shows the accents."""

    CSV = "csv"  # comma
    CSV_FR = "csv-fr"  # semicolon: opens in columns in a French Excel
    XLSX = "xlsx"


_DELIMITERS = {Format.CSV: ",", Format.CSV_FR: ";"}


def format_of(path: Path) -> Format:
    """The format that a file's ending asks for. Raises :class:`Refused` for an ending that is none."""
    try:
        return {".csv": Format.CSV, ".xlsx": Format.XLSX}[path.suffix.lower()]
    except KeyError:
        raise Refused(
            say("« {name} » : donnez au fichier un nom qui finit par .csv ou .xlsx.", name=path.name), "file.format"
        ) from None


def write_table(path: Path, headings: Sequence[str], rows: Iterable[Sequence[object]], format: Format) -> int:
    """Write a file and return its number of rows, headings not counted.

    The file appears whole, in place of one of the same name, or not at all. Raises :class:`Refused` when it cannot be
    written there, or holds more than its format does.
    """
    write = _write_xlsx if format is Format.XLSX else _write_csv
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        part.open("xb").close()  # before any row is asked for
        count = write(part, headings, rows, format)
        os.replace(part, path)
    except OSError as error:
        raise Refused(
            say(
                "Impossible d'écrire « {name} » ({cause}) : vérifiez le dossier, vos droits et la place sur le disque.",
                name=path.name, cause=error.strerror or str(error),
            ),
            "file.unwritable",
        ) from error  # fmt: skip
    finally:
        part.unlink(missing_ok=True)
    return count


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[object]], format: Format) -> Iterator[str]:
    """The text of a CSV file, in chunks of many lines, to be encoded in UTF-8; cells are guarded against formulas."""
    buffer = io.StringIO(newline="")
    # The line ends are Windows' in both formats: with bare line feeds, a carriage return would go unquoted.
    writer = csv.writer(buffer, delimiter=_DELIMITERS[format], lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([guarded(heading) for heading in headings])
    rows = iter(rows)
    while True:
        chunk = list(islice(rows, _ROWS_A_CHUNK))
        writer.writerows([guarded(text_of(value)) for value in row] for row in chunk)
        yield buffer.getvalue()
        if len(chunk) < _ROWS_A_CHUNK:
            return
        buffer.seek(0)
        buffer.truncate()


def _write_csv(path: Path, headings: Sequence[str], rows: Iterable[Sequence[object]], format: Format) -> int:
    count = 0

    def counted() -> Iterator[Sequence[object]]:
        nonlocal count
        for row in rows:
            yield row
            count += 1

    # A lone surrogate has no UTF-8: it is shown as a question mark rather than losing the whole export.
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        file.writelines(csv_lines(headings, counted(), format))
    return count


def _write_xlsx(path: Path, headings: Sequence[str], rows: Iterable[Sequence[object]], _: Format) -> int:
    """One sheet of texts and numbers, its headings bold, frozen and with filters; a row at a time in memory."""
    import xlsxwriter  # type: ignore[import-untyped]

    try:
        # The rows wait in files of their own, which the writer leaves behind when it fails.
        with (
            TemporaryDirectory(prefix="tamis-") as waiting,
            xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": waiting}) as workbook,
        ):
            sheet = workbook.add_worksheet("Feuil1")
            widths = [len(heading) + 3 for heading in headings]  # 3 for the button of the filter
            _write_row(sheet, 0, headings, workbook.add_format({"bold": True}))
            count = 0
            for count, row in enumerate(rows, start=1):
                _write_row(sheet, count, row)
                if count <= _ROWS_MEASURED:
                    widths = [max(width, len(text_of(value))) for width, value in zip_longest(widths, row, fillvalue=0)]
            _dress(sheet, count, widths)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error
    return count


def _write_row(sheet: Any, number: int, row: Sequence[object], style: object = None) -> None:
    for column, value in enumerate(row):
        # The kind is said: left to choose, the writer makes formulas and links of some texts.
        if _is_excel_number(value):
            status = sheet.write_number(number, column, value, style)
        else:
            status = sheet.write_string(number, column, text_of(value), style)
        if status:
            raise _beyond_excel(status)


def _is_excel_number(value: object) -> bool:
    """Whether Excel keeps every digit of it; what it does not keep is written as text."""
    if isinstance(value, bool) or (isinstance(value, float | Decimal) and not math.isfinite(value)):
        return False
    return isinstance(value, int | float | Decimal) and -_EXACT_IN_EXCEL < value < _EXACT_IN_EXCEL


def _dress(sheet: Any, rows: int, widths: Sequence[int]) -> None:
    narrowest, widest = _WIDTHS
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(max(width, narrowest), widest))
    if widths:
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, rows, len(widths) - 1)


def _beyond_excel(status: int) -> Refused:
    """The error for what Excel cannot hold, where it would be dropped without a word."""
    if status == -2:
        return Refused(
            say("Une case dépasse {max} caractères, la limite d'Excel : choisissez le format CSV.", max=MAX_CELL),
            "file.cell-too-long",
        )
    return Refused(
        say(
            "Le tableau dépasse les limites d'Excel ({rows} lignes, {columns} colonnes) : choisissez le format CSV.",
            rows=_EXCEL_ROWS, columns=_EXCEL_COLUMNS,
        ),
        "file.too-big",
    )  # fmt: skip
