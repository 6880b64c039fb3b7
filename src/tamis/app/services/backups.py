"""A workspace taken along, and brought back: state, inbox, lake, in this order.

While the lake's lease is held nothing is flushed, so the inbox and the version of the lake that goes with it agree; the
lake's files are copied afterwards, while others work on.
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from tamis import __version__
from tamis.app.models import Lease
from tamis.app.services import audience_upkeep, engine_tables, lake, workspace
from tamis.errors import Busy, NotReady, Refused, Unreadable
from tamis.messages import say

FORMAT = 1
MANIFEST = "tamis-backup.json"
STATE = "tamis.sqlite3"
INBOX = "inbox.sqlite3"
BESIDE = ("secret.key", "google-key.json")
FOLDERS = ("jobs", "sheets")
LAKE = Path("lake") / "events"
MEMBERS = Path("lake") / "members"
SNAPSHOTS = Path("lake") / "snapshots"
PATIENCE = 60.0  # seconds to wait for somebody who works on the lake


def back_up(to: Path) -> dict[str, Any]:
    """Write a backup into a new folder, and return what it says of itself; the note is written last.

    On PostgreSQL the state and the inbox are ``pg_dump``'s, to be run before: only the lake is taken. Raises
    :class:`~tamis.errors.Refused` for a folder that is not empty.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise Refused(say("« {folder} » n'est pas un dossier vide : donnez-en un nouveau.", folder=to), "backup.folder")
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _lake_alone():
        if connection.vendor == "sqlite":
            _copy_state(to)
        version, members = _version(lake.folder()), _version(engine_tables.members_folder())
    files = _copy_table(lake.folder(), to / LAKE, version)
    _copy_table(engine_tables.members_folder(), to / MEMBERS, members)
    _copy_beside(to)
    note = {
        "format": FORMAT, "tamis": __version__, "made_at": timezone.now().isoformat(), "database": connection.vendor,
        "lake_version": version, "lake_files": files, "members_version": members,
    }  # fmt: skip
    (to / MANIFEST).write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
    return note


@contextmanager
def _lake_alone() -> Iterator[None]:
    """Nobody flushes or compacts within the block."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            held = lake.alone()
            held.__enter__()
        except Busy:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
        else:
            break
    try:
        yield
    finally:
        held.__exit__(None, None, None)


def _copy_state(to: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(to / STATE)) as copy:
        connection.connection.backup(copy)
    with lake.inbox() as inbox:
        inbox.copy_to(to / INBOX)  # type: ignore[attr-defined]
    for name in (STATE, INBOX):
        (to / name).chmod(0o600)


def _version(folder: Path) -> int | None:
    from tamis.lake.backup import version_of

    return version_of(folder)


def _copy_table(folder: Path, to: Path, version: int | None) -> int:
    from tamis.lake.backup import copy_table

    return copy_table(folder, to, version) if version is not None else 0


def _copy_beside(to: Path) -> None:
    for name in BESIDE:
        if (settings.HOME / name).exists():
            shutil.copy2(settings.HOME / name, to / name)
    for name in FOLDERS:
        if (settings.HOME / name).exists():
            shutil.copytree(settings.HOME / name, to / name, copy_function=_copy_if_there)


def _copy_if_there(file: str, to: str) -> None:
    """Copy a file, unless it was swept away just now."""
    with suppress(FileNotFoundError):
        shutil.copy2(file, to)


def restore(source: Path, *, accept_ahead: bool = False) -> dict[str, Any]:
    """Bring a backup back into an empty home, and return how its inbox and lake were made to agree.

    Everything is put together beside the home and looked at first. Raises :class:`~tamis.errors.Unreadable` for a
    folder that is no whole backup, :class:`~tamis.errors.Refused` when something is there already, or when the lake is
    ahead of the state.
    """
    note = _note(source)
    home = Path(settings.HOME)
    _refuse_full(home, note)
    staged = home.parent / f".{home.name}.restoring"
    shutil.rmtree(staged, ignore_errors=True)
    try:
        shutil.copytree(source, staged, ignore=shutil.ignore_patterns(MANIFEST))
        done = _agree(staged, accept_ahead)
        shutil.rmtree(home / SNAPSHOTS, ignore_errors=True)  # of another state: the next one is taken whole
        _move_in(staged, home)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    connections.close_all()
    workspace.require()
    Lease.objects.all().delete()  # of the processes of then
    audience_upkeep.reconcile()
    return asdict(done)


def _note(source: Path) -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Unreadable(
            say("« {folder} » n'est pas une sauvegarde entière : {file} manque.", folder=source, file=MANIFEST),
            "backup.unreadable",
        ) from None
    if note.get("format") != FORMAT:
        raise Unreadable(say("Cette sauvegarde est d'une version plus récente de Tamis."), "backup.format")
    return note


def _refuse_full(home: Path, note: dict[str, Any]) -> None:
    if note["database"] != connection.vendor:
        raise Refused(
            say("La sauvegarde est d'un espace sur {database} : réglez TAMIS_DATABASE_URL en conséquence.",
                database=note["database"]),
            "backup.database",
        )  # fmt: skip
    there = [name for name in (STATE, INBOX, str(LAKE), str(MEMBERS)) if (home / name).exists()]
    if there:
        raise Refused(
            say("{home} contient déjà {name} : déplacez-le, puis recommencez.", home=str(home), name=there[0]),
            "backup.home",
        )
    if connection.vendor != "sqlite":
        try:
            workspace.require()
        except NotReady:
            raise Refused(
                say("Restaurez d'abord l'état dans PostgreSQL avec pg_restore ou psql, puis recommencez."),
                "backup.database",
            ) from None


def _agree(staged: Path, accept_ahead: bool) -> Any:
    """Make the inbox and the lake agree. The inbox is the copy's; on PostgreSQL that of the state."""
    from tamis.lake.backup import reconcile
    from tamis.lake.inbox_sqlite import SqliteInbox

    if connection.vendor != "sqlite":
        with lake.inbox() as inbox:
            return reconcile(inbox, staged / LAKE, accept_ahead=accept_ahead)
    with closing(SqliteInbox(staged / INBOX)) as inbox:
        return reconcile(inbox, staged / LAKE, accept_ahead=accept_ahead)


def _move_in(staged: Path, home: Path) -> None:
    """Put what was staged into the home, the state last: without it there is no workspace."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for part in sorted(staged.iterdir(), key=lambda path: path.name == STATE):
        if part.is_dir():
            shutil.copytree(part, home / part.name, dirs_exist_ok=True)
        else:
            part.replace(home / part.name)
