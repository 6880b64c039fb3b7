"""A sheet's content on its way into a list, and what keeps a broken sheet from emptying it."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from tamis.app.models import Act, List, ListVersion
from tamis.app.services import list_imports
from tamis.app.services.acting import Actor
from tamis.app.services.list_reports import Report
from tamis.app.services.list_staging import Progress
from tamis.errors import Refused
from tamis.messages import Message, say
from tamis.sources.google_sheets import Sheet
from tamis.sources.lists import RefusedLine

FEW = 10  # lines: a list this small may shrink as it likes
SHOWN = 100  # refused lines of a rehearsal
_KEPT = 3600  # seconds after which what a killed process left is swept away


class HeldBack(Refused):
    """A content that is plausible as a file and suspicious as a change: a person has to say."""


@dataclass(frozen=True)
class Content:
    """The bytes of a sheet, their name, and the fingerprint that tells whether they changed."""

    name: str
    data: bytes = field(repr=False)
    fingerprint: str

    @classmethod
    def of(cls, sheet: Sheet) -> "Content":
        """The content of a sheet that was fetched."""
        return cls(sheet.name, sheet.content, hashlib.sha256(sheet.content).hexdigest())


@dataclass
class Rehearsal:
    """What a sheet would do to a list: the report, the first refused lines, and why it would be held back, if so."""

    name: str
    fingerprint: str
    report: Report
    refused: list[RefusedLine]
    hold: Message | None = None


def rehearse(
    actor: Actor, target: List, content: Content, most_lines: int | None, progress: Progress | None = None
) -> Rehearsal:
    """Import a content without keeping anything of it. Raises as :func:`apply` does, but is never held back."""
    refused: list[RefusedLine] = []
    held: list[Message] = []
    counted = _counting(target, most_lines)

    def told(done: int, total: int | None) -> None:
        counted(done, total)
        if progress:
            progress(done, total)

    def look(version: ListVersion, _act: Act, report: Report) -> None:
        if reason := loss(version, report):
            held.append(reason)

    with _as_file(content) as path:
        report = list_imports.import_file(
            actor, target, path, file_name=content.name, dry_run=True, progress=told,
            refused_to=lambda lines: refused.extend(line for line, _ in zip(lines, range(SHOWN), strict=False)),
            within=look,
        )  # fmt: skip
    return Rehearsal(content.name, content.fingerprint, report, refused, held[0] if held else None)


def apply(
    actor: Actor,
    target: List,
    content: Content,
    progress: Progress,
    within: Sequence[Callable[[ListVersion, Report], Any]],
    most_lines: int | None,
) -> Report:
    """Replace what a list holds by a sheet's content, unless one of ``within`` raises.

    ``progress`` is told now and then.
    Raises as :func:`~tamis.app.services.list_imports.import_file` does.
    """
    counted = _counting(target, most_lines)

    def told(done: int, total: int | None) -> None:
        progress(done, total)
        counted(done, total)

    def settle(version: ListVersion, _act: Act, report: Report) -> None:
        for each in within:
            each(version, report)

    with _as_file(content) as path:
        return list_imports.import_file(actor, target, path, file_name=content.name, progress=told, within=settle)


def refuse_nothing_left(version: ListVersion, report: Report) -> None:
    """Refuse what would empty the list: no line, or none that can be accepted."""
    if not report.lines:
        raise Refused(say("La feuille n'a que ses titres, et aucune ligne."), "sheet.no-lines")
    if not report.accepted:
        raise Refused(
            say("Aucune ligne de la feuille n'est acceptée : essayez la feuille pour en voir les raisons."),
            "sheet.none-accepted",
        )


def refuse_loss(version: ListVersion, report: Report) -> None:
    """Refuse what would empty the list, and hold back what would cost it most of its lines."""
    refuse_nothing_left(version, report)
    if reason := loss(version, report):
        raise HeldBack(reason, "sheet.held")


def loss(version: ListVersion, report: Report) -> Message | None:
    """Why a content looks broken: most of its lines are refused, or it has less than half of what the list held."""
    if 2 * report.refused > report.lines:
        return say(
            "La feuille a {n} lignes, dont {refused} refusées, plus de la moitié : elle attend votre accord.",
            n=report.lines, refused=report.refused,
        )  # fmt: skip
    before = version.removed_lines.count()
    if before > FEW and 2 * report.accepted < before:
        return say(
            "La feuille n'a plus que {accepted} lignes acceptées, la liste en a {held} : elle attend votre accord.",
            accepted=report.accepted, held=before,
        )  # fmt: skip
    return None


def _counting(target: List, most: int | None) -> Progress:
    def counted(done: int, total: int | None) -> None:
        if most is not None and done > most:
            raise Refused(
                say(
                    "La feuille a plus de {max} lignes, le maximum de cette page. En ligne de commande, il n'y a pas "
                    "de maximum : tamis sheets fetch \"{list}\"",
                    max=most, list=target.name,
                ),
                "sheet.long",
            )  # fmt: skip

    return counted


@contextmanager
def _as_file(content: Content) -> Iterator[Path]:
    """The content as a file that nobody else may read, for as long as the block lasts."""
    root = Path(settings.HOME) / "sheets"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in root.iterdir():
        if left.stat().st_mtime < time.time() - _KEPT:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=root) as folder:
        path = Path(folder) / "content"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content.data)
        yield path
