"""Files that people bring, kept in the home until they are used or a day has passed: each in a folder of its own.

A folder is named by a token that nobody guesses, and holds the file beside what is known of it.
"""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import uuid4

from django.conf import settings

from tamis.app.models import User
from tamis.errors import NotFound, Refused
from tamis.messages import say

MAX_UPLOAD = 20_000_000  # bytes
KEPT = 24 * 3600  # seconds
C = TypeVar("C")


@dataclass(frozen=True)
class KeptFiles:
    """One kind of kept files: the folder of the home that they are in, and what what is known of them is called."""

    name: str
    known: str

    @property
    def root(self) -> Path:
        """Where the folders are."""
        return Path(settings.HOME) / self.name

    def folder(self, token: str) -> Path:
        """Where a file and what belongs to it are."""
        return self.root / token

    def receive(self, chunks: Iterable[bytes]) -> str:
        """Keep a file, and return its token. Raises :class:`~tamis.errors.Refused` for one over the limit."""
        self.sweep()
        token = secrets.token_hex(16)
        self.folder(token).mkdir(mode=0o700)
        size = 0
        with open(os.open(self.folder(token) / "file", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
            for chunk in chunks:
                kept.write(chunk)
                size += len(chunk)
                if size > MAX_UPLOAD:
                    self.discard(token)
                    raise too_big()
        return token

    def know(self, token: str, known: dict[str, Any]) -> None:
        """Remember what is known of a file, whole or not at all."""
        part = self.folder(token) / uuid4().hex
        part.write_text(json.dumps(known), encoding="utf-8")
        os.replace(part, self.folder(token) / self.known)

    def find(self, token: str) -> dict[str, Any] | None:
        """What is known of a file; nothing of one that is gone, or never was."""
        if not re.fullmatch(r"[0-9a-f]{32}", token):
            return None
        try:
            known: dict[str, Any] = json.loads((self.folder(token) / self.known).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return known

    def discard(self, token: str) -> None:
        """Forget a file."""
        shutil.rmtree(self.folder(token), ignore_errors=True)

    def sweep(self) -> None:
        """Remove what was brought, or last used, more than a day ago."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in self.root.iterdir():
            if folder.stat().st_mtime < time.time() - KEPT:
                shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Brought(Generic[C]):
    """A table that somebody brought: whose it is, where it lies, and its columns as they were seen."""

    token: str
    user_id: int
    file_name: str
    path: Path
    columns: list[C]


def receive(
    files: KeptFiles, user: User, file_name: str, chunks: Iterable[bytes], seen: Callable[[Path, str], list[C]]
) -> Brought[C]:
    """Keep a table and look at its columns.

    Raises :class:`~tamis.errors.Refused` for one over the limit, and what ``seen`` raises for one that is no table.
    """
    token, name = files.receive(chunks), (file_name or "?")[:200]
    path = files.folder(token) / "file"
    try:
        columns = seen(path, name)
        known = {"token": token, "user_id": user.pk, "file_name": name}
        files.know(token, known | {"columns": [asdict(each) for each in columns]})  # type: ignore[call-overload]
    except BaseException:
        files.discard(token)
        raise
    return Brought(token, user.pk, name, path, columns)


def find(files: KeptFiles, token: str, user: User, column: Callable[..., C]) -> Brought[C]:
    """A table by its token. Raises :class:`~tamis.errors.NotFound` for somebody else's, or one that is gone."""
    known = files.find(token)
    if known is None or known["user_id"] != user.pk:
        raise NotFound(say("Ce fichier n'est plus là : choisissez-le à nouveau."), "upload.gone")
    columns = [column(**each) for each in known.pop("columns")]
    return Brought(**known, path=files.folder(token) / "file", columns=columns)


def too_big() -> Refused:
    """The error for a file over the limit of the page."""
    return Refused(
        say("Le fichier dépasse {max} Mo : importez-le en ligne de commande.", max=MAX_UPLOAD // 10**6), "file.big"
    )
