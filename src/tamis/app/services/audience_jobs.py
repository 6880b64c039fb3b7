"""Audiences in the background: refreshed when a button is pressed, and when they are due; files put in order.

====================  ==========================================================================  =====
kind                  arguments                                                                   files
====================  ==========================================================================  =====
``audience-refresh``  ``audience`` (id), ``audience_name``; ``confirm``: let go whom one held     none
====================  ==========================================================================  =====

The result has ``state``, ``entered``, ``left``, ``size`` and, unless it is done, the ``message`` that says why.
"""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from tamis.app.models import AudienceRun, Job, Workspace
from tamis.app.services import audience_history, audience_upkeep, audiences, refreshing
from tamis.app.services.acting import Actor
from tamis.app.services.jobs import Progress, kind
from tamis.app.services.work import every
from tamis.messages import say

REFRESH = "audience-refresh"
SCHEDULE = Actor(by="tamis", via="schedule")
DAILY = 24 * 60  # minutes
NIGHT = range(2, 5)
"""The hours of the night in which every audience is checked, in the workspace's zone."""
CHECK = AudienceRun.Way.CHECK


@kind(REFRESH, say("Rafraîchissement d'une audience"), repeatable=True)
def refresh(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """One audience, after those that it needs; run twice, the second time changes nobody."""
    progress.say(say("Recherche de ceux qui entrent et de ceux qui sortent"))
    audience = audiences.find_by_id(job.arguments["audience"])
    if job.arguments.get("confirm"):
        outcome = refreshing.confirm(actor, audience)
    else:
        outcome = refreshing.refresh(actor, [audience])[-1]
    told = audience_history.outcome_json(outcome)
    message = told["error"]["message"] if told["error"] else None
    return {name: told[name] for name in ("state", "entered", "left", "size")} | {"message": message}


@every(1)
def refresh_due() -> None:
    """Refresh the audiences whose time has come."""
    refreshing.refresh_due(SCHEDULE)


@every(60)
def check_at_night() -> None:
    """Once a night, look at everybody in every audience, and put right what is wrong."""
    hour = timezone.localtime(timezone=ZoneInfo(Workspace.objects.get().time_zone)).hour
    since = timezone.now() - timedelta(hours=20)
    if hour in NIGHT and not AudienceRun.objects.filter(way=CHECK, started_at__gt=since).exists():
        refreshing.check_all(SCHEDULE)


@every(60)
def compact() -> None:
    """Put small files together where there are many."""
    audience_upkeep.compact()


every(DAILY)(audience_upkeep.sweep)
every(DAILY)(audience_upkeep.forget_old_runs)
