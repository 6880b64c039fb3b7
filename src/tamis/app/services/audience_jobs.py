"""What the worker does for audiences: those that are due every minute, files put in order, what is old forgotten."""

from tamis.app.services import audience_upkeep, refreshing
from tamis.app.services.acting import Actor
from tamis.app.services.work import every

SCHEDULE = Actor(by="tamis", via="schedule")
DAILY = 24 * 60  # minutes


@every(1)
def refresh_due() -> None:
    """Refresh the audiences whose time has come."""
    refreshing.refresh_due(SCHEDULE)


@every(60)
def compact() -> None:
    """Put small files together where there are many."""
    audience_upkeep.compact()


every(DAILY)(audience_upkeep.sweep)
every(DAILY)(audience_upkeep.forget_old_runs)
