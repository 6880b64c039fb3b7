"""The sheets that lists follow: read when their time has come, read now, tried out.

===================  =============================================================================  =====
kind                 arguments                                                                      files
===================  =============================================================================  =====
``sheet-rehearsal``  ``list`` (id), ``list_name``, ``address``, ``every`` (minutes)                 none
``sheet-fetch``      ``list``, ``list_name``, ``consent``: the fingerprint of a content to take     none
===================  =============================================================================  =====

The first has the counts of the report, ``name`` and ``fingerprint`` of the content, ``hold`` and what was told of lines
as stored messages; the second ``outcome``, ``message`` and, where the list changed, the counts and ``version``.
"""

from typing import Any

from tamis.app.models import Job
from tamis.app.services import sheets
from tamis.app.services.acting import Actor
from tamis.app.services.guided_imports import MAX_LINES
from tamis.app.services.jobs import Progress, kind
from tamis.app.services.list_jobs import list_of, stored_lines
from tamis.app.services.work import every
from tamis.errors import Refused
from tamis.messages import say

READING = say("Lecture de la feuille")


@every(5)
def read_due_sheets() -> None:
    """Read every sheet that is due; each has its own frequency."""
    sheets.fetch_due()


@kind("sheet-rehearsal", say("Essai d'une feuille"), repeatable=True)
def rehearse(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """What following a sheet would do to a list."""
    progress.say(READING)
    tried = sheets.rehearse(actor, list_of(job), job.arguments["address"], MAX_LINES, progress)
    return tried.report.counts() | {
        "name": tried.name, "fingerprint": tried.fingerprint, "hold": tried.hold.stored() if tried.hold else None,
        "repairs": stored_lines(tried.report.repairs),
        "refused_lines": [
            {"number": line.number, "cells": line.cells, "faults": [(f.column, f.reason.stored()) for f in line.faults]}
            for line in tried.refused
        ],
    }  # fmt: skip


@kind("sheet-fetch", say("Lecture d'une feuille"), repeatable=True)
def fetch(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """A sheet read now, and imported if it changed; one that cannot be read fails the job and leaves the list."""
    progress.say(READING)
    fetched = sheets.fetch_now(
        actor, list_of(job), consent=job.arguments["consent"], most_lines=MAX_LINES, progress=progress
    )
    said = fetched.message
    if fetched.outcome in ("failed", "held"):
        said = say("{message} La liste reste comme elle était.", message=said)
    if fetched.outcome == "failed":
        raise Refused(said, fetched.code)
    figures = fetched.report.counts() if fetched.report else {}
    return figures | {"outcome": fetched.outcome, "message": said.stored()}
