"""Files that people bring, kept in the home until they are used or a day has passed: each in a folder of its own.

A folder is named by a token that nobody guesses, and holds the file beside what is known of it.
"""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings

from tamis.errors import Refused
from tamis.messages import say

MAX_UPLOAD = 20_000_000  # bytes
KEPT = 24 * 3600  # seconds


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


def too_big() -> Refused:
    """The error for a file over the limit of the page."""
    return Refused(
        say("Le fichier dépasse {max} Mo : importez-le en ligne de commande.", max=MAX_UPLOAD // 10**6), "file.big"
    )
