"""What the worker does for the lake: events flushed every minute, visitors identified, files compacted."""

from tamis.app.services import identities, lake
from tamis.app.services.work import every

MOST_BATCHES = 5
"""Batches of one flush: jobs wait meanwhile, and the next minute brings more."""


@every(1)
def flush_events() -> None:
    """Bring what waits into the table, and tie visitors to whom they were identified as."""
    if lake.folder().exists() or lake.waits():
        lake.flush(MOST_BATCHES)
        identities.refresh()


@every(60)
def compact_events() -> None:
    """Put small files together where there are many."""
    if lake.folder().exists():
        lake.compact()
