"""Snapshots of the state for engines: taken by one at a time, whole or from what changed since the last one.

    triggers in place? → write files → publish (the manifest, at once) → settle (the state knows; the log is pruned)

A writer that dies before it has published changes nothing; one that dies before it has settled leaves a snapshot that
is good, but whose token the state does not know: the next one is then taken whole.
"""

import os
import pickle
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from tamis.app import triggers
from tamis.app.models import Change, LastSnapshot
from tamis.app.services.leases import lease, patiently
from tamis.errors import Busy, NotReady, Unreadable
from tamis.messages import say

if TYPE_CHECKING:
    from tamis.lake.snapshots.manifest import Manifest
    from tamis.lake.snapshots.reading import Compared, Snapshot
    from tamis.lake.snapshots.sources import Address, Source
    from tamis.lake.snapshots.writing import Request

LEASE = "snapshot"
LASTS = timedelta(minutes=30)
APART = 50_000
"""From so many changes on, and for a whole one, a process of its own writes, and gives the memory back."""
PRUNED_AT_ONCE = 50_000
NOT_YET = "pg_snapshot_xmax(pg_current_snapshot())"


def folder() -> Path:
    """Where snapshots are."""
    return Path(settings.HOME) / "lake" / "snapshots"


def current() -> "Snapshot":
    """The last snapshot, and as of when it is. Raises :class:`~tamis.errors.NotReady` before the first one."""
    from tamis.lake.snapshots.manifest import read
    from tamis.lake.snapshots.reading import Snapshot

    manifest = read(folder())
    if manifest is None:
        raise NotReady(say("Il n'y a pas encore d'instantané : lancez « tamis lake snapshot »."), "snapshot.none")
    return Snapshot(folder(), manifest, manifest.as_of)


def take(*, whole: bool = False, merge: bool = False, patience: float = 0.0) -> "Snapshot":
    """A snapshot that sees everything acknowledged before this was called.

    ``whole`` reads everything again; ``merge`` leaves no row in a file that the state no longer has. Somebody else at
    it is waited for ``patience`` seconds. Raises :class:`~tamis.errors.Busy` afterwards.
    """

    def alone() -> "Snapshot":
        with _alone():
            return _taken(whole, merge)

    return patiently(alone, patience)


def recent(*, patience: float = 0.0) -> "Snapshot":
    """The last snapshot, however old, if it is of this state and has today's tables; else a new one."""
    from tamis.lake.snapshots.reading import Snapshot

    state = LastSnapshot.objects.first()
    last = _known(state) if state else None
    if last is None or not _same_tables(last):
        return take(patience=patience)
    return Snapshot(folder(), last, last.as_of)


def _alone() -> AbstractContextManager[Any]:
    return lease(LEASE, f"{socket.gethostname()}:{os.getpid()}", LASTS)


def _taken(whole: bool, merge: bool) -> "Snapshot":
    from tamis.lake.snapshots import manifest as manifests
    from tamis.lake.snapshots.reading import Snapshot

    as_of = timezone.now()
    triggers.install()
    state = LastSnapshot.objects.get_or_create(pk=1, defaults={"token": uuid.uuid4().hex})[0]
    foreign = _forget_foreign()
    before = None if whole or foreign else _known(state)
    waiting = _waiting(before)
    if before is not None and not waiting and _same_tables(before) and not (merge and _is_layered(before)):
        return Snapshot(folder(), before, as_of)
    made = _written(before, as_of, merge, waiting)
    manifests.publish(folder(), made)
    _settle(state, made)
    manifests.sweep(folder())
    return Snapshot(folder(), made, made.as_of)


def _known(state: LastSnapshot) -> "Manifest | None":
    """The last snapshot, if it is of this state."""
    from tamis.lake.snapshots.manifest import read

    last = read(folder())
    return last if last is not None and last.token == state.token else None


def _same_tables(before: "Manifest") -> bool:
    """Whether the snapshot has today's tables, written as they would be today, and every file of them."""
    from tamis.app.services.snapshot_tables import tables

    if before.tables.keys() != {each.name for each in tables()}:
        return False
    return all(
        before.tables[each.name].print == each.print and before.tables[each.name].there(folder()) for each in tables()
    )


def _is_layered(before: "Manifest") -> bool:
    """Whether changes lie beside the base files."""
    return any(table.changes or table.gone for table in before.tables.values())


def _since(before: "Manifest | None") -> Q:
    """What of the log a snapshot has not, or may not have."""
    if before is None:
        return Q()
    return Q(pk__gt=before.watermark) if connection.vendor == "sqlite" else Q(xact__gte=before.watermark)


def waiting() -> int:
    """How many changes the last snapshot has not; 0 where there is none yet."""
    state = LastSnapshot.objects.first()
    last = _known(state) if state else None
    return _waiting(last) if last else 0


def _waiting(before: "Manifest | None") -> int:
    return Change.objects.filter(_since(before)).count()


def _forget_foreign() -> bool:
    """Delete changes of transactions that this cluster has not had yet: they came in a copy of another's state."""
    if connection.vendor == "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM tamis_change WHERE xact >= {NOT_YET}::text::bigint")
        return bool(cursor.rowcount > 0)


def _written(before: "Manifest | None", as_of: datetime, merge: bool, waiting: int) -> "Manifest":
    """The manifest of a new snapshot, whose files are written."""
    from tamis.app.services.snapshot_tables import tables
    from tamis.lake.snapshots.writing import Request

    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    request = Request(folder(), tables(), uuid.uuid4().hex, as_of, before, merge)
    apart = (before is None or waiting > APART) and not _in_memory()
    return _build_apart(request) if apart else _build_here(request)


def _build_here(request: "Request") -> "Manifest":
    from tamis.lake.snapshots.writing import build

    with _reading() as source:
        return build(request, source)


def _build_apart(request: "Request") -> "Manifest":
    """As :func:`_build_here`, in a child. A parent that dies leaves at most files that nobody knows of."""
    done = subprocess.run(
        [sys.executable, "-m", "tamis.lake.snapshots"], input=pickle.dumps((_address(), request)), capture_output=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise _failed(done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    made: Manifest = pickle.loads(done.stdout)  # noqa: S301 - from our own child
    return made


@contextmanager
def _reading() -> Iterator["Source"]:
    """The state in a reading transaction; what the database or Arrow object to is said in a sentence."""
    import pyarrow as pa

    from tamis.lake.snapshots.sources import reading

    try:
        with reading(_address()) as source:
            yield source
    except (connection.Database.Error, pa.ArrowException, OSError) as error:  # type: ignore[attr-defined]
        raise _failed(str(error).partition("\n")[0]) from error


def _failed(said: str) -> Unreadable:
    return Unreadable(say("L'état n'a pas pu être lu pour l'instantané : {said}", said=said), "snapshot.failed")


def _in_memory() -> bool:
    return connection.vendor == "sqlite" and str(connection.settings_dict["NAME"]).startswith("file:")


def _address() -> "Address":
    """Where the state is, for a connection of its own."""
    from tamis.lake.snapshots.sources import Address

    if connection.vendor == "sqlite":
        return Address("sqlite", str(connection.settings_dict["NAME"]))
    known = ("dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey")
    parameters = connection.get_connection_params()
    return Address("postgresql", parameters={name: parameters[name] for name in known if parameters.get(name)})


def _settle(state: LastSnapshot, made: "Manifest") -> None:
    """Have the state know of a published snapshot, and prune the log. Raises ``Busy`` when another came first."""
    if not LastSnapshot.objects.filter(pk=state.pk, token=state.token).update(token=made.token):
        raise Busy(say("Quelqu'un d'autre a pris un instantané entre-temps : recommencez."), "snapshot.busy")
    _prune(Change.objects.exclude(_since(made)))


def _prune(changes: QuerySet[Change]) -> None:
    """Delete changes, not so many at a time that writers wait."""
    while ids := [*changes.order_by("pk").values_list("pk", flat=True)[:PRUNED_AT_ONCE]]:
        changes.filter(pk__lte=ids[-1]).delete()


def forget() -> int:
    """Leave nothing in any file that the state no longer has, at once; how many files were deleted.

    Who reads a former file at this moment fails and reads again: a person's erasure does not wait for readers.
    """
    from tamis.lake.snapshots.manifest import read, sweep

    if read(folder()) is None:
        return 0
    with _alone():  # nobody else's files are half-way while what is unknown is deleted
        _taken(whole=False, merge=True)
        return sweep(folder(), timedelta(0))


def tidy() -> int:
    """Leave nothing in the files that the state no longer has, and delete files left behind; how many these were.

    Before the first snapshot, which is whole, the log of changes is of no use: it is emptied.
    """
    from tamis.lake.snapshots.manifest import read, sweep

    if read(folder()) is None:
        with _alone():
            if read(folder()) is None:
                _prune(Change.objects.all())
        return 0
    take(merge=True)
    return sweep(folder())


def verify() -> "Compared | None":
    """Compare the last snapshot with the state; ``None`` where there is none. Raises ``Busy`` while one is taken."""
    from tamis.app.services.snapshot_tables import tables
    from tamis.lake.snapshots.reading import compare

    with _alone():
        try:
            last = current()
        except NotReady:
            return None
        with _reading() as source:
            return compare(last, source, [each for each in tables() if each.name in last.manifest.tables])


def last() -> datetime | None:
    """As of when the last snapshot is, if there is one."""
    from tamis.lake.snapshots.manifest import read

    manifest = read(folder())
    return manifest.as_of if manifest else None


def status() -> dict[str, Any] | None:
    """As of when the last snapshot is, its rows and size, and how many changes wait; ``None`` without one."""
    try:
        last = current()
    except NotReady:
        return None
    parts = [part for table in last.manifest.tables.values() for part in table.parts()]
    return {
        "as_of": last.as_of,
        "waiting": _waiting(last.manifest),
        "tables": {name: table.rows for name, table in last.manifest.tables.items()},
        "files": len(parts),
        "megabytes": round(sum(part.size for part in parts) / 1e6, 1),
    }
