"""List files between their dry run and their import: kept in the home, each for the one who brought it, for a day."""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from tamis.app.models import List, User
from tamis.app.services.list_reports import Report
from tamis.errors import NotFound, Refused
from tamis.messages import say
from tamis.sources.lists import REFUSED_COLUMNS, RefusedLine, refused_cells
from tamis.sources.writing import Format, write_table

MAX_UPLOAD = 20_000_000  # bytes
KEPT = 24 * 3600  # seconds
SHOWN = 100  # lines told on the page; the refused ones are all in their file


@dataclass
class Upload:
    """A checked file: whose it is, for which list, and what its dry run found."""

    token: str
    user_id: int
    list_id: int
    file_name: str
    append: bool
    report: dict[str, int] = field(default_factory=dict)
    repaired: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where the file and what belongs to it are."""
        return _root() / self.token

    @property
    def path(self) -> Path:
        """The file as it was brought."""
        return self.folder / "file"

    @property
    def refused_path(self) -> Path:
        """The refused lines, to be mended."""
        return self.folder / "refused.csv"

    def keep_refused(self, lines: Iterator[RefusedLine]) -> None:
        """Write the refused lines to their file, and remember the first ones for the page."""

        def cells() -> Iterator[tuple[str, ...]]:
            for line in lines:
                if len(self.refused) < SHOWN:
                    self.refused.append(shown_refusal(line))
                yield refused_cells(line)

        write_table(self.refused_path, REFUSED_COLUMNS, cells(), Format.CSV)

    def keep_report(self, report: Report) -> None:
        """Remember beside the file what its dry run found."""
        self.report = report.counts()
        self.repaired = [
            {"number": told.line, "messages": [message.stored() for message in told.messages]}
            for told in report.repairs[:SHOWN]
        ]
        (self.folder / "upload.json").write_text(json.dumps(asdict(self)))

    def discard(self) -> None:
        """Forget the upload and its file."""
        shutil.rmtree(self.folder, ignore_errors=True)


def shown_refusal(line: RefusedLine) -> dict[str, Any]:
    """A refused line as pages show it, its reasons ready for any language."""
    faults = [{"column": fault.column, "reason": fault.reason.stored()} for fault in line.faults]
    return {"number": line.number, "cells": [*line.cells], "faults": faults}


def receive(user: User, target: List, file: "UploadedFile[Any]", append: bool) -> Upload:
    """Keep a file that somebody brought. Raises :class:`~tamis.errors.Refused` for one over the limit."""
    if (file.size or 0) > MAX_UPLOAD:
        raise Refused(
            say("Le fichier dépasse {max} Mo : importez-le en ligne de commande.", max=MAX_UPLOAD // 10**6), "file.big"
        )
    _sweep()
    upload = Upload(secrets.token_hex(16), user.pk, target.pk, file.name or "?", append)
    upload.folder.mkdir(parents=True, mode=0o700)
    with open(os.open(upload.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
    return upload


def find(token: str, user: User, target: List) -> Upload:
    """A checked file by its token. Raises :class:`~tamis.errors.NotFound` for somebody else's, or one that is gone."""
    if re.fullmatch(r"[0-9a-f]{32}", token):
        try:
            upload = Upload(**json.loads((_root() / token / "upload.json").read_text()))
        except FileNotFoundError:
            upload = None
        if upload and (upload.user_id, upload.list_id) == (user.pk, target.pk):
            return upload
    raise NotFound(say("Ce fichier vérifié n'est plus là : choisissez-le à nouveau."), "upload.gone")


def _root() -> Path:
    return Path(settings.HOME) / "uploads"


def _sweep() -> None:
    """Remove what was checked more than a day ago and never imported."""
    _root().mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in _root().iterdir():
        if folder.stat().st_mtime < time.time() - KEPT:
            shutil.rmtree(folder, ignore_errors=True)
