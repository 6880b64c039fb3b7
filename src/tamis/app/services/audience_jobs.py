"""Audiences refreshed in the background, for those who press a button on a page.

====================  ==========================================================================  =====
kind                  arguments                                                                   files
====================  ==========================================================================  =====
``audience-refresh``  ``audience`` (id), ``audience_name``; ``confirm``: let go whom one held     none
====================  ==========================================================================  =====

The result has ``state``, ``entered``, ``left``, ``size`` and, unless it is done, the ``message`` that says why.
"""

from typing import Any

from tamis.app.models import Job
from tamis.app.services import audience_history, audiences, refreshing
from tamis.app.services.acting import Actor
from tamis.app.services.jobs import Progress, kind
from tamis.messages import say

REFRESH = "audience-refresh"


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
