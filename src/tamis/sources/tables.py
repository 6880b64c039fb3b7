"""Files of rows as people really have them, opened as tables: a CSV file or a workbook, whatever its name says."""

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from tamis.errors import Unreadable
from tamis.messages import say
from tamis.sources.delimited import delimited_table
from tamis.sources.file_kinds import HEAD, is_workbook, not_a_table
from tamis.sources.headings import KnownHeading
from tamis.sources.records import BadRow, Row, Table
from tamis.sources.workbooks import workbook_table

__all__ = ["BadRow", "Row", "Table", "open_table", "opened"]


@contextmanager
def open_table(path: Path, *, name: str | None = None, known_heading: KnownHeading | None = None) -> Iterator[Table]:
    """The table in a file, for the length of the block; memory does not follow the size of a CSV file.

    ``name`` is the file's name for people, ``known_heading`` tells the headings that the caller looks for: they decide
    on the delimiter, and on which lines above them are titles. Raises :class:`Unreadable` for a file that is no table.
    """
    name = name or path.name
    with opened(path, name) as stream, ExitStack() as stack:
        before = _state(stream)
        try:
            table = stack.enter_context(_table(stream, name, known_heading))
        except OSError as error:
            raise _failed(name, error) from None
        yield replace(table, rows=_watched(table, stream, before))


def _table(stream: BinaryIO, name: str, known: KnownHeading | None) -> AbstractContextManager[Table]:
    head = stream.read(HEAD)
    _refuse_other_kinds(head, name)
    stream.seek(0)
    return (workbook_table if is_workbook(head) else delimited_table)(stream, name, known)


@contextmanager
def opened(path: Path, name: str) -> Iterator[BinaryIO]:
    """The bytes of a regular file for the length of the block. Raises :class:`Unreadable` when that cannot be."""
    try:
        # Asked before opening: opening a pipe would wait for somebody to write to it.
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unreadable(
                say("« {name} » n'est pas un fichier : donnez le chemin d'un fichier CSV ou Excel.", name=name),
                "file.not-a-file",
            )
        stream = path.open("rb")
    except FileNotFoundError:
        raise Unreadable(
            say("Le fichier « {name} » n'existe pas : vérifiez son chemin.", name=name), "file.missing"
        ) from None
    except PermissionError:
        raise Unreadable(
            say("Le fichier « {name} » n'est pas autorisé en lecture : demandez-en le droit.", name=name),
            "file.forbidden",
        ) from None
    except (OSError, ValueError) as error:
        raise _failed(name, error) from None
    with stream:
        yield stream


def _refuse_other_kinds(head: bytes, name: str) -> None:
    if not head:
        raise Unreadable(say("Le fichier « {name} » est vide : choisissez-en un autre.", name=name), "file.empty")
    if what := not_a_table(head):
        raise Unreadable(
            say(
                "« {name} » est {what}, pas un tableau : enregistrez le tableau en CSV ou au format Excel (.xlsx).",
                name=name, what=what,
            ),
            "file.other-kind",
        )  # fmt: skip


def _watched(table: Table, stream: BinaryIO, before: tuple[int, int]) -> Iterator[Row | BadRow]:
    """The rows, with an error instead of a silent end for a file that fails or changes while it is read."""
    try:
        yield from table.rows
        after = _state(stream)
    except OSError as error:
        raise _failed(table.name, error) from None
    if after != before:
        raise Unreadable(
            say("Le fichier « {name} » a changé pendant la lecture : recommencez.", name=table.name), "file.changed"
        )


def _state(stream: BinaryIO) -> tuple[int, int]:
    status = os.fstat(stream.fileno())
    return status.st_size, status.st_mtime_ns


def _failed(name: str, error: Exception) -> Unreadable:
    return Unreadable(
        say(
            "Le fichier « {name} » ne se laisse pas lire ({cause}) : copiez-le ailleurs et recommencez.",
            name=name, cause=getattr(error, "strerror", None) or str(error),
        ),
        "file.failed",
    )  # fmt: skip
