"""Reads the workbook on standard input and writes its rows to standard output, in a process of its own.

A workbook can say in a few bytes that it fills terabytes, and the parser takes its word: one stray cell in the last
corner of a sheet is enough to end the process. So it is this process that ends, under limits on memory and time, and
its parent tells the person why.

Each line written is a JSON list: first the sheet, ``["sheet", kind, name, rows]``; then the rows,
``[number, [cell, ...]]``; then ``["end"]``. Instead of any of these, ``["error", code, value]``.
"""

import json
import re
import struct
import sys
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from tamis.sources.cells import typed_text
from tamis.sources.file_kinds import OLE
from tamis.sources.limits import MAX_CELL, MAX_COLUMNS, MAX_MEMORY, MAX_PARTS, MAX_SECONDS, MAX_UNPACKED

_ZIPPED_KINDS = (("xl/workbook.xml", "xlsx"), ("xl/workbook.bin", "xlsb"), ("content.xml", "ods"))
_BLOCK = 1 << 20

_BEGIN_OF_FILE = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]\x05\x00")
_FILE_PASS = 0x2F
_FIRST_RECORDS = 20  # among which FILEPASS stands


class Unfit(Exception):
    """The workbook cannot be read: a code that the parent has a sentence for, and a value to put into it."""

    def __init__(self, code: str, value: object = None) -> None:
        super().__init__(code)
        self.code = code
        self.value = value


def main() -> None:
    """Write what standard input holds; never raise."""
    _limit()
    try:
        for line in lines(sys.stdin.buffer):
            sys.stdout.write(json.dumps(line) + "\n")
    except Unfit as unfit:
        _tell(unfit.code, unfit.value)
    except PasswordError:
        _tell("password")
    except MemoryError:
        _tell("memory")
    except BaseException:  # a panic of the parser is no Exception
        _tell("corrupt")


def lines(stream: BinaryIO) -> Iterator[list[Any]]:
    """What to write, line by line. Raises :class:`Unfit` and whatever the parser raises."""
    stream.seek(0)
    kind = _kind_of_ole(stream) if stream.read(len(OLE)) == OLE else _kind_of_zip(stream)
    with _opened(stream, kind) as workbook:
        for sheet in _sheets(workbook):
            rows = _filled_rows(sheet)
            first = next(rows, None)
            if first is not None:
                yield ["sheet", kind, sheet.name, (sheet.start or (0, 0))[0] + sheet.height]
                yield list(first)
                yield from map(list, rows)
                yield ["end"]
                return
    raise Unfit("empty")


def _opened(stream: BinaryIO, kind: str) -> CalamineWorkbook:
    stream.seek(0)
    try:
        return CalamineWorkbook.from_filelike(stream)
    except CalamineError:
        if kind == "xls" and _has_password(stream):
            raise Unfit("password") from None
        raise


def _sheets(workbook: CalamineWorkbook) -> Iterator[CalamineSheet]:
    """The sheets of cells, those that people see first."""

    def hidden(sheet: SheetMetadata) -> bool:
        return sheet.visible != SheetVisibleEnum.Visible

    for sheet in sorted(workbook.sheets_metadata, key=hidden):
        if sheet.typ == SheetTypeEnum.WorkSheet:
            yield workbook.get_sheet_by_name(sheet.name)


def _filled_rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    if sheet.width > MAX_COLUMNS:
        raise Unfit("columns", sheet.width)
    for number, values in enumerate(sheet.iter_rows(), start=1):
        # One character over the limit is enough for the parent to refuse the cell.
        cells = [typed_text(value)[: MAX_CELL + 1] for value in values]
        if any(cell.strip() for cell in cells):
            yield number, cells


def _kind_of_zip(stream: BinaryIO) -> str:
    with zipfile.ZipFile(stream) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED:
            raise Unfit("size", unpacked)
        if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise Unfit("password")
        if "mimetype" in names and b"spreadsheet" not in archive.read("mimetype"):
            raise Unfit("document")
    kind = next((kind for part, kind in _ZIPPED_KINDS if part in names), None)
    if kind is None:
        raise Unfit(_other_kind(names))
    return kind


def _other_kind(names: Iterable[str]) -> str:
    for name in names:
        if name.startswith(("word/", "ppt/")):
            return "document"
        if name.endswith(".iwa") or name == "Index.zip":
            return "numbers"
    return "archive"


def _kind_of_ole(stream: BinaryIO) -> str:
    """``xls``, unless the container holds an encrypted workbook or none at all."""
    if _contains(stream, "EncryptedPackage"):
        raise Unfit("password")
    if not _contains(stream, "Workbook") and not _contains(stream, "Book"):
        raise Unfit("document")
    return "xls"


def _contains(stream: BinaryIO, name: str) -> bool:
    """Whether a name of a part, as the container's directory writes it, is anywhere in the file."""
    wanted = name.encode("utf-16-le")
    stream.seek(0)
    tail = b""
    while block := stream.read(_BLOCK):
        if wanted in tail + block:
            return True
        tail = block[-len(wanted) :]
    return False


def _has_password(stream: BinaryIO) -> bool:
    """Whether a FILEPASS record follows the one that opens an .xls. Source: [MS-XLS] 2.4.117."""
    stream.seek(0)
    data = stream.read()
    opening = _BEGIN_OF_FILE.search(data)
    at = opening.start() if opening else len(data)
    for _ in range(_FIRST_RECORDS):
        if at + 4 > len(data):
            return False
        record, size = struct.unpack_from("<HH", data, at)
        if record == _FILE_PASS:
            return True
        at += 4 + size
    return False


def _limit() -> None:
    """Cap memory and processor time, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, soft, hard in (
        (resource.RLIMIT_AS, MAX_MEMORY, MAX_MEMORY),
        (resource.RLIMIT_CPU, MAX_SECONDS, MAX_SECONDS + 5),  # ended at the first, by a signal that says why
        (resource.RLIMIT_CORE, 0, 0),
    ):
        try:
            resource.setrlimit(what, (soft, hard))
        except (OSError, ValueError):  # a lower limit is already set, or the system has none of this kind
            continue


def _tell(code: str, value: object = None) -> None:
    sys.stdout.write(json.dumps(["error", code, value]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
