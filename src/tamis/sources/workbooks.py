"""Workbooks (.xlsx, .xlsb, .xls, .ods) as tables, read by a child process with limits: see ``workbook_child``."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, BinaryIO

from tamis.errors import Unreadable
from tamis.messages import say
from tamis.sources.headings import KnownHeading, empty, find_headings, first_records, headings, too_many_columns
from tamis.sources.limits import MAX_MEMORY, MAX_UNPACKED
from tamis.sources.records import BadRow, Record, Row, Table, fitted

_CHILD = "tamis.sources.workbook_child"


@contextmanager
def workbook_table(stream: BinaryIO, name: str, known: KnownHeading | None) -> Iterator[Table]:
    """The first sheet that is not empty, visible ones first. Raises :class:`Unreadable` when there is none to read."""
    with _child(stream) as child:
        answers = _answers(child, name)
        _, kind, sheet, height = next(answers)
        records = (Record(number, cells) for number, cells in answers)
        sample = first_records(records)
        record = find_headings(sample, known).record
        titles = headings(record, name)
        yield Table(
            name=name, kind=kind, encoding=None, delimiter=None, sheet=sheet,
            headings=titles, heading_line=record.number, rows=_rows(chain(sample, records), record.number, len(titles)),
            expected_rows=max(height - record.number, 0),
        )  # fmt: skip


def _rows(records: Iterator[Record], heading_line: int, width: int) -> Iterator[Row | BadRow]:
    return (fitted(record, width, None) for record in records if record.number > heading_line)


@contextmanager
def _child(stream: BinaryIO) -> Iterator[subprocess.Popen[bytes]]:
    # -P keeps the current directory out of the module path: a file there could pass for a module.
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", _CHILD], stdin=stream, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def _answers(child: subprocess.Popen[bytes], name: str) -> Iterator[list[Any]]:
    """What the child writes, up to its end; its errors as exceptions."""
    for line in child.stdout or ():
        try:
            answer = json.loads(line)
        except ValueError:  # cut short by the child's end
            break
        if answer == ["end"]:
            return
        if answer[0] == "error":
            raise _error(answer[1], answer[2], name)
        yield answer
    raise _error(_cause_of_death(child.wait()), None, name)


def _cause_of_death(status: int) -> str:
    by = signal.Signals(-status).name if status < 0 else ""
    # The parser aborts when it is refused memory, and the system kills whoever takes too much of it.
    return {"SIGXCPU": "time", "SIGABRT": "memory", "SIGKILL": "memory"}.get(by, "corrupt")


def _error(code: str, value: int | None, name: str) -> Unreadable:
    if code == "empty":
        return empty(name)
    if code == "columns":
        return too_many_columns(value or 0, name)
    message = {
        "password": say(
            "« {name} » est protégé par un mot de passe : enlevez-le dans le tableur et enregistrez le fichier.",
            name=name,
        ),
        "size": say(
            "« {name} » occupe {size} Mo une fois décompressé, et Tamis en lit {max} au plus : "
            "enregistrez la feuille en CSV.",
            name=name, size=(value or 0) // 1_000_000, max=MAX_UNPACKED // 1_000_000,
        ),
        "memory": say(
            "« {name} » demande plus de {max} Mo de mémoire : supprimez les cases égarées loin du tableau, "
            "ou enregistrez la feuille en CSV.",
            name=name, max=MAX_MEMORY // 1_000_000,
        ),
        "time": say("« {name} » est trop long à lire : enregistrez la feuille en CSV.", name=name),
        "document": say(
            "« {name} » est un document, pas un classeur : enregistrez le tableau en CSV ou au format Excel (.xlsx).",
            name=name,
        ),
        "numbers": say(
            "« {name} » est un document Numbers : exportez-le au format Excel (.xlsx) ou CSV depuis Numbers.", name=name
        ),
        "archive": say(
            "« {name} » est une archive compressée, pas un tableau : extrayez-en le fichier CSV ou Excel.", name=name
        ),
    }.get(code) or say(
        "« {name} » est abîmé et ne s'ouvre pas : ouvrez-le dans un tableur et enregistrez-le de nouveau.", name=name
    )  # fmt: skip
    return Unreadable(message, f"file.{code}")
