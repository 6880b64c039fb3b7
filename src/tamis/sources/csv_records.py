"""Records of delimited text, one at a time, in flat memory, whatever the text holds.

The csv module parses, strictly: what it cannot make sense of is refused with a reason rather than guessed at. A record
that goes wrong costs only its first line. Reading resumes on the line after it, so that a quote which is opened and
never closed does not swallow the rest of the file.
"""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TextIO

from tamis.messages import say
from tamis.sources.limits import MAX_LINE, MAX_RECORD, MAX_RECORD_LINES
from tamis.sources.records import Flaw, Record, too_long
from tamis.sources.text_encoding import UNDECODABLE


class _Unclosed(Exception):
    """A record goes on for too long, or to the end of the file."""


class _Lines:
    """The lines of a text, numbered from 1. One over the limit is cut just past it, and its rest is passed over."""

    def __init__(self, text: TextIO, number: int) -> None:
        self.number = number  # of the line taken last
        self._text = text
        self._back: deque[str] = deque()

    def take(self) -> str:
        """The next line with its line break; the empty text at the end."""
        line = self._back.popleft() if self._back else self._read()
        self.number += bool(line)
        return line

    def put_back(self, lines: Sequence[str]) -> None:
        """Take these lines, the last ones taken, once more."""
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)

    def _read(self) -> str:
        line = piece = self._text.readline(MAX_LINE + 1)
        while len(piece) > MAX_LINE and piece[-1] not in "\r\n":
            piece = self._text.readline(MAX_LINE + 1)
        return line


class _Parser:
    """The records of a text under one delimiter."""

    def __init__(self, lines: _Lines, delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._held: list[str] = []  # the lines of the record being read
        self._begin()

    def records(self) -> Iterator[Record]:
        while True:
            self._held.clear()
            first = self._lines.number + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except (csv.Error, _Unclosed) as error:
                yield self._refused(first, error)
            else:
                yield Record(first, cells) if self._clean() else self._marred(first, cells)

    def _begin(self) -> None:
        self._reader = csv.reader(self._feed(), delimiter=self._delimiter, strict=True)

    def _feed(self) -> Iterator[str]:
        held = self._held
        while line := self._lines.take():
            held.append(line)
            if len(held) > 1 and (len(held) > MAX_RECORD_LINES or sum(map(len, held)) > MAX_RECORD):
                raise _Unclosed
            if len(line) > MAX_LINE:
                raise csv.Error
            yield line
        if held:
            raise _Unclosed

    def _refused(self, number: int, error: Exception) -> Record:
        """The first line of the record that went wrong; the lines after it are read again."""
        line, quoted = self._held[0], False
        if len(self._held) > 1 or isinstance(error, _Unclosed):
            flaw = _unclosed()
        elif len(line) > csv.field_size_limit():
            flaw, quoted = too_long(), True
        else:
            flaw = _stray_quote()
        self._lines.put_back(self._held[1:])
        self._begin()
        return Record(number, _roughly(line, self._delimiter, quoted), flaw)

    def _clean(self) -> bool:
        return not any("\0" in line or UNDECODABLE in line for line in self._held)

    def _marred(self, number: int, cells: list[str]) -> Record:
        nul = any("\0" in line for line in self._held)
        return Record(number, [_legible(cell) for cell in cells], _nul() if nul else _undecodable())


def read_records(text: TextIO, delimiter: str, passed: int = 0) -> Iterator[Record]:
    """The records of a text opened with ``newline=""``, blank ones included, those that cannot be read with a flaw.

    ``passed`` is the number of lines already taken from the text.
    """
    return _Parser(_Lines(text, passed), delimiter).records()


def _roughly(line: str, delimiter: str, quoted: bool) -> list[str]:
    """The cells of a line that may be no proper one, cut where the csv module would give up."""
    start = [line[: csv.field_size_limit() - 1]]
    reader = csv.reader(start, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    return [_legible(cell) for cell in next(reader, [])]


def _legible(cell: str) -> str:
    return cell.replace("\0", "").replace(UNDECODABLE, "\ufffd")


def _unclosed() -> Flaw:
    return Flaw(
        "row.unclosed-quote",
        say("un guillemet est ouvert et jamais fermé : fermez-le, ou doublez-le s'il fait partie du texte"),
    )


def _stray_quote() -> Flaw:
    return Flaw(
        "row.stray-quote",
        say("un guillemet est mal placé : dans une case entre guillemets, doublez ceux qui font partie du texte"),
    )


def _nul() -> Flaw:
    return Flaw("row.nul", say("la ligne contient un caractère nul, signe d'un fichier abîmé : retapez-la"))


def _undecodable() -> Flaw:
    return Flaw(
        "row.undecodable",
        say("la ligne contient des caractères illisibles : enregistrez le fichier en « CSV UTF-8 », ou retapez-la"),
    )
