"""Files of companies and contacts between upload and rehearsal: kept in the home, each for the one who brought it."""

import json
import re
import secrets
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from tamis.app.models import User
from tamis.app.services.company_file_columns import SeenColumn, seen_columns
from tamis.app.services.import_layouts import COMPANIES, Layout
from tamis.app.services.list_uploads import KEPT, MAX_UPLOAD
from tamis.errors import NotFound, Refused
from tamis.messages import say


@dataclass
class CompanyFile:
    """A file that was brought: whose it is, and its columns."""

    token: str
    user_id: int
    file_name: str
    columns: list[SeenColumn]

    @property
    def folder(self) -> Path:
        """Where the file and what belongs to it are."""
        return _root() / self.token

    @property
    def path(self) -> Path:
        """The file as it was brought."""
        return self.folder / "file"


def receive(user: User, file: "UploadedFile[Any]", layout: Layout = COMPANIES) -> CompanyFile:
    """Keep a file and look at its columns.

    Raises :class:`~tamis.errors.Refused` for one over the limit, :class:`~tamis.errors.Unreadable` for one that is no
    table.
    """
    if (file.size or 0) > MAX_UPLOAD:
        raise Refused(
            say("Le fichier dépasse {max} Mo : importez-le en ligne de commande.", max=MAX_UPLOAD // 10**6), "file.big"
        )
    _sweep()
    kept = CompanyFile(secrets.token_hex(16), user.pk, (file.name or "?")[:200], [])
    kept.folder.mkdir(parents=True, mode=0o700)
    try:
        with kept.path.open("xb") as copy:
            for chunk in file.chunks():
                copy.write(chunk)
        kept.columns = seen_columns(kept.path, kept.file_name, layout)
        (kept.folder / "companies.json").write_text(json.dumps(asdict(kept)))
    except BaseException:
        shutil.rmtree(kept.folder, ignore_errors=True)
        raise
    return kept


def find(token: str, user: User) -> CompanyFile:
    """A file by its token. Raises :class:`~tamis.errors.NotFound` for somebody else's, or one that is gone."""
    if re.fullmatch(r"[0-9a-f]{32}", token):
        try:
            kept = CompanyFile(**json.loads((_root() / token / "companies.json").read_text()))
        except FileNotFoundError:
            kept = None
        if kept and kept.user_id == user.pk:
            kept.columns = [SeenColumn(**each) for each in kept.columns]  # type: ignore[arg-type]
            return kept
    raise NotFound(say("Ce fichier n'est plus là : choisissez-le à nouveau."), "upload.gone")


def _root() -> Path:
    return Path(settings.HOME) / "company-files"


def _sweep() -> None:
    """Remove what was brought more than a day ago; a rehearsal has its own copy."""
    _root().mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in _root().iterdir():
        if folder.stat().st_mtime < time.time() - KEPT:
            shutil.rmtree(folder, ignore_errors=True)
