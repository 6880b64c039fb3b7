"""The table taken along at one version, and an inbox made to agree with a table that was brought back."""

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from tamis.errors import Refused
from tamis.lake.delta import exists
from tamis.lake.engine import duckdb_session
from tamis.lake.inbox import Flushed, Inbox
from tamis.lake.table import files_of, open_table
from tamis.messages import say_many

LOG = "_delta_log"


def version_of(folder: Path) -> int | None:
    """The version of the table now; ``None`` without one."""
    return open_table(folder).version() if exists(folder) else None


def copy_table(folder: Path, to: Path, version: int) -> int:
    """Copy the table as it was at a version, and return the number of its data files.

    Whoever writes meanwhile adds files; those of the version stay until they are vacuumed, days later.
    """
    from deltalake import DeltaTable

    table = DeltaTable(str(folder), version=version)
    files = files_of(table)
    for file in files:
        _copy(Path(file), to / Path(file).relative_to(folder.absolute()))
    for entry in sorted((folder / LOG).iterdir()):
        number = entry.name.partition(".")[0]
        if number.isdigit() and int(number) <= version and entry.suffix in (".json", ".parquet"):
            _copy(entry, to / LOG / entry.name)
    return len(files)


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copy2(file, to)


@dataclass(frozen=True)
class Reconciled:
    """How an inbox and a table that were brought back were made to agree."""

    adopted: int  # batches of the table that the inbox had not noted
    dropped: int  # events that waited, and that the table has
    waiting: int  # events that wait still
    epoch: str


def reconcile(inbox: Inbox, folder: Path, *, accept_ahead: bool = False) -> Reconciled:
    """Make an inbox that was brought back agree with its table, under a new epoch.

    Raises :class:`~tamis.errors.Refused`, before anything is changed, for a table that lacks batches of this inbox
    (``lake.behind``), or has batches that this inbox knows nothing of (``lake.ahead``) unless these are accepted: they
    are then noted, and what waits in the inbox and is in them is not brought twice.
    """
    in_table = _batches(folder)
    noted = {each.number: each.events for each in inbox.flushed()}
    behind = [number for number, events in noted.items() if events and number not in in_table]
    if behind:
        raise Refused(
            say_many(
                "Il manque au lac {n} versement que cet état connaît : prenez le lac de la même sauvegarde, "
                "ou d'une plus récente.",
                "Il manque au lac {n} versements que cet état connaît : prenez le lac de la même sauvegarde, "
                "ou d'une plus récente.",
                n=len(behind),
            ),
            "lake.behind",
        )
    claimed = inbox.claimed()
    new = [each for each in in_table.values() if each.number not in noted]
    ahead = [each for each in new if each.number != claimed]
    if ahead and not accept_ahead:
        raise Refused(
            say_many(
                "Le lac est en avance sur l'état : il a {n} événement que cet état n'a jamais reçu. Prenez le lac "
                "de la même sauvegarde, ou gardez cet événement avec --accept-ahead.",
                "Le lac est en avance sur l'état : il a {n} événements que cet état n'a jamais reçus. Prenez le lac "
                "de la même sauvegarde, ou gardez ces événements avec --accept-ahead.",
                n=sum(each.events for each in ahead),
            ),
            "lake.ahead",
        )
    dropped = inbox.drop(_ids(folder, {each.number for each in new})) if new else 0
    epoch = inbox.begin_epoch(new)
    return Reconciled(len(new), dropped, inbox.waiting().events, epoch)


def _batches(folder: Path) -> dict[int, Flushed]:
    """The batches that the table has."""
    if not exists(folder):
        return {}
    with duckdb_session(files_of(open_table(folder))) as connection:
        rows = connection.execute("SELECT batch, count(*) FROM events GROUP BY batch ORDER BY batch").fetchall()
    return {number: Flushed(number, "", events) for number, events in rows}


def _ids(folder: Path, batches: Collection[int]) -> set[str]:
    """The ids of events of these batches."""
    with duckdb_session(files_of(open_table(folder))) as connection:
        rows = connection.execute(
            "SELECT id FROM events WHERE batch IN (SELECT unnest(?))", [sorted(batches)]
        ).fetchall()
    return {id for (id,) in rows}
