"""The tables that rules are asked of: a snapshot of the state, and the events as they are right now.

    what waits in the inbox, too much? → flush → events → who visitors are → snapshot

In this order: so everything acknowledged before the question was asked is in the answer.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Max

from tamis.app.models import Erasure
from tamis.app.services import identities, lake, snapshots
from tamis.app.services.leases import patiently
from tamis.errors import Busy

if TYPE_CHECKING:
    import pyarrow as pa

    from tamis.engines.contract import Stored, Tables
    from tamis.lake.read import View
    from tamis.lake.snapshots.reading import Snapshot

PATIENCE = 20.0  # seconds that somebody else's flush or snapshot is waited for
MANY = 50_000
"""So many events that wait are flushed first: a question reads them all from the inbox each time."""


@dataclass(frozen=True)
class Asked:
    """Tables for an engine, and as of when they are: everything acknowledged before is in them.

    ``snapshot`` is the state's, ``mark`` says up to what they look: what is not an append since makes it another.
    """

    tables: "Tables"
    as_of: datetime
    snapshot: "Snapshot | None" = None
    mark: "Mark | None" = None


@dataclass(frozen=True)
class Mark:
    """Up to what tables look: a snapshot's number in its chain, a batch of events in the life of an inbox, an erasure.

    ``erasure`` is the last person's who was erased; ``None`` while one is under way.
    """

    chain: str
    number: int
    batch: int
    epoch: str
    erasure: int | None


def members_folder() -> Path:
    """Where the table of audiences' members is."""
    return Path(settings.HOME) / "lake" / "members"


def current(audiences: Collection[int] = ()) -> Asked:
    """The tables with everything that was acknowledged before, and the members of some audiences.

    Raises :class:`~tamis.errors.Busy`, ``Unreadable``.
    """
    _flush_many()
    erasure = _last_erasure()  # before: one that begins from now on makes another mark
    with lake.readable():
        view = lake.view()
    patiently(lambda: identities.refresh(waiting=_identifies(view)), PATIENCE)
    asked = _of(snapshots.take(patience=PATIENCE), view, audiences)
    if asked.snapshot is None:
        return asked
    made = asked.snapshot.manifest
    return replace(asked, mark=Mark(made.chain, made.number, view.settled, view.epoch, erasure))


def _last_erasure() -> int | None:
    """The number of the last erasure, 0 without any; ``None`` while one has events left to delete."""
    if any("events" not in each.steps for each in Erasure.objects.filter(finished_at=None).only("steps")):
        return None
    return Erasure.objects.aggregate(last=Max("pk"))["last"] or 0


def recent(audiences: Collection[int] = ()) -> Asked:
    """The tables with the last snapshot there is, at once, for previews; the events are those of now."""
    with lake.readable():
        view = lake.view()
    return _of(snapshots.recent(patience=PATIENCE), view, audiences)


def _flush_many() -> None:
    """Bring what waits into the table where it is much; whoever is at it already does the same."""
    with lake.inbox() as opened:
        waiting = opened.waiting().events
    if waiting > MANY:
        try:
            patiently(lake.flush, PATIENCE)
        except Busy:
            return


def _identifies(view: "View") -> bool:
    """Whether what waits in the inbox says who a visitor is."""
    if not view.pending.num_rows:
        return False
    import pyarrow as pa
    import pyarrow.compute as pc

    from tamis.sources.event_kinds import IDENTIFY

    return bool(pc.any(pc.equal(view.pending.column("kind"), pa.scalar(IDENTIFY))).as_py())


def with_members(asked: Asked, audiences: Collection[int]) -> Asked:
    """The same tables with the members that audiences have now."""
    return replace(asked, tables={**asked.tables, "members": members_of(audiences)})


def members_of(audiences: Collection[int]) -> "Stored":
    """The table of the members that audiences have now."""
    from tamis.audiences import members
    from tamis.engines.contract import Stored

    files = members.files_of(members_folder(), audiences) if audiences else []
    return Stored(members.empty(), tuple(files), made=members.NOW)


def _of(snapshot: "Snapshot", view: "View", audiences: Collection[int]) -> Asked:
    from tamis.app.services.snapshot_tables import tables
    from tamis.engines.contract import Stored

    made = {each.name: _stored(snapshot, each.name, each.schema) for each in tables()}
    made["events"] = Stored(view.pending, tuple(file for files in view.months.values() for file in files),
                            settled=view.settled)  # fmt: skip
    return with_members(Asked(made, snapshot.as_of, snapshot), audiences)


def _stored(snapshot: "Snapshot", name: str, schema: "pa.Schema") -> "Stored":
    from tamis.engines.contract import Stored

    files = {part: tuple(paths) for part, paths in snapshot.files(name).items()}
    key = snapshot.manifest.tables[name].key
    return Stored(schema.empty_table(), files["base"], files["changes"], files["gone"], key)
