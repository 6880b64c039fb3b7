"""What the worker does for the lake: events flushed and snapshots taken every minute, files compacted every hour."""

from tamis.app.services import identities, lake, snapshots
from tamis.app.services.work import every

MOST_BATCHES = 5
"""Batches of one flush: jobs wait meanwhile, and the next minute brings more."""


@every(1)
def flush_events() -> None:
    """Bring what waits into the table, and tie visitors to whom they were identified as."""
    if lake.folder().exists() or lake.waits():
        lake.flush(MOST_BATCHES)
        identities.refresh()


@every(1)
def take_snapshot() -> None:
    """Keep the snapshot of the state up to date, once there is one."""
    if snapshots.folder().exists():
        snapshots.take()


@every(60)
def compact_events() -> None:
    """Put small files together where there are many."""
    if lake.folder().exists():
        lake.compact()


@every(60)
def tidy_snapshot() -> None:
    """Have nothing in the snapshot's files that was deleted from the state."""
    snapshots.tidy()
