"""Delimited text as a table: comma, semicolon, tabulation or bar, in whatever encoding."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from tamis.errors import Unreadable
from tamis.messages import say
from tamis.sources.csv_records import read_records
from tamis.sources.formula_guard import unguarded
from tamis.sources.headings import KnownHeading, empty, find_headings, first_records, headings
from tamis.sources.records import BadRow, Record, Row, Table, fitted
from tamis.sources.text_encoding import MARK_UNDECODABLE, survey

DELIMITERS = (";", ",", "\t", "|")  # French Excel's first: it wins ties

_SEPARATOR_LINE = re.compile(r"sep=([\t!#-/:-@\[-`{-~])\s*", re.IGNORECASE)


@contextmanager
def delimited_table(stream: BinaryIO, name: str, known: KnownHeading | None) -> Iterator[Table]:
    """The table in a byte stream at its start. Raises :class:`Unreadable` when there is none."""
    found = survey(stream)
    if found.binary:
        raise Unreadable(
            say(
                "« {name} » ne contient pas de texte : choisissez un fichier CSV ou Excel (.csv, .xlsx, .xls, .ods).",
                name=name,
            ),
            "file.binary",
        )
    stream.seek(0)
    text = io.TextIOWrapper(stream, found.encoding, errors=MARK_UNDECODABLE, newline="")
    try:
        delimiter, record = _layout(text, name, known)
        titles = headings(record, name)
        yield Table(
            name=name, kind="csv", encoding=found.encoding.removesuffix("-sig"), delimiter=delimiter, sheet=None,
            headings=titles, heading_line=record.number, rows=_rows(text, delimiter, record.number, len(titles)),
            expected_rows=max(found.line_breaks - record.number, 0),
        )  # fmt: skip
    finally:
        text.detach()


def _layout(text: TextIO, name: str, known: KnownHeading | None) -> tuple[str, Record]:
    """The delimiter, and the record of the headings."""
    samples = {delimiter: first_records(_records(text, delimiter)) for delimiter in _declared(text) or DELIMITERS}
    if not all(samples.values()):  # a line of delimiters alone is blank
        raise empty(name)
    found = {delimiter: find_headings(sample, known) for delimiter, sample in samples.items()}
    best = max(found, key=lambda delimiter: found[delimiter].merit)
    return best, found[best].record


def _declared(text: TextIO) -> tuple[str, ...]:
    """The delimiter that a first line like ``sep=;`` declares, as Excel writes it."""
    text.seek(0)
    declared = _SEPARATOR_LINE.fullmatch(text.readline(20))
    return (declared[1],) if declared else ()


def _records(text: TextIO, delimiter: str) -> Iterator[Record]:
    """The records from the start of the file, without a ``sep=`` line."""
    passed = len(_declared(text))
    if not passed:
        text.seek(0)
    for record in read_records(text, delimiter, passed):
        yield Record(record.number, [unguarded(cell) for cell in record.cells], record.flaw)


def _rows(text: TextIO, delimiter: str, heading_line: int, width: int) -> Iterator[Row | BadRow]:
    for record in _records(text, delimiter):
        if record.number > heading_line and not record.blank:
            yield fitted(record, width, delimiter)
