"""Which imports into lists run in the background, and how they are started: those that one would have to wait for.

A small file stays in the request: its report is there at once. A longer one becomes a job, found again by its upload.
"""

from typing import Any

from tamis.app.models import Job, List
from tamis.app.services import jobs
from tamis.app.services.acting import Actor
from tamis.app.services.guided_imports import last_version
from tamis.app.services.leases import refuse_held
from tamis.app.services.list_staging import LEASE
from tamis.app.services.list_uploads import Upload
from tamis.app.services.list_versions import content
from tamis.errors import Busy
from tamis.messages import say

AT_ONCE = 500
"""Lines that a request imports while somebody waits: half a second on two cores; 5,000 take five."""
REHEARSAL, IMPORT, RESTORE = "list-rehearsal", "list-import", "list-restore"


def is_long(upload: Upload) -> bool:
    """Whether somebody would have to wait for a file."""
    return upload.size > AT_ONCE


def job_of(upload: Upload) -> Job | None:
    """The latest job that was started for a file."""
    found = Job.objects.filter(kind__in=(REHEARSAL, IMPORT), arguments__upload=upload.token)
    return found.order_by("-pk").first()


def start_rehearsal(actor: Actor, upload: Upload) -> Job:
    """Rehearse a file in the background."""
    return jobs.start_once(actor, REHEARSAL, _arguments(upload))


def start_import(actor: Actor, upload: Upload) -> Job:
    """Import a rehearsed file in the background. Raises :class:`~tamis.errors.Busy` during another import."""
    _refuse_busy(List.objects.get(pk=upload.list_id), actor, IMPORT, _arguments(upload))
    return jobs.start_once(actor, IMPORT, _arguments(upload))


def _arguments(upload: Upload) -> dict[str, Any]:
    return {"list": upload.list_id, "upload": upload.token, "file_name": upload.file_name}


def is_long_version(target: List, number: int) -> bool:
    """Whether somebody would have to wait for a version to be brought back."""
    return content(target, number).count() > AT_ONCE


def start_restore(actor: Actor, target: List, number: int, *, dry_run: bool) -> Job:
    """Bring a version back in the background. Raises :class:`~tamis.errors.Busy` during an import into the list."""
    arguments = {"list": target.pk, "list_name": target.name, "number": number, "dry_run": dry_run}
    if not dry_run:
        _refuse_busy(target, actor, RESTORE, arguments)
    return jobs.start_once(actor, RESTORE, arguments)


def rehearsed_restore(actor: Actor, target: List, number: int) -> Job | None:
    """The latest rehearsal of bringing a version back, if it is under way or what it found still holds."""
    asked = {"arguments__list": target.pk, "arguments__number": number, "arguments__dry_run": True}
    job = Job.objects.filter(kind=RESTORE, by=actor.by, **asked).order_by("-pk").first()
    if job and (job.active or (job.state == Job.State.DONE and job.result["after"] == last_version(target))):
        return job
    return None


def _refuse_busy(target: List, actor: Actor, kind: str, arguments: dict[str, Any]) -> None:
    """Raise :class:`~tamis.errors.Busy` while somebody imports into a list, or waits for their turn to.

    The very same import again is no other one: it is found by who starts it.
    """
    waiting = Job.objects.filter(state__in=Job.ACTIVE, kind__in=(IMPORT, RESTORE), arguments__list=target.pk)
    for job in waiting.order_by("pk"):
        if (job.by, job.kind, job.arguments) == (actor.by, kind, arguments):
            return
        if not job.arguments.get("dry_run"):
            raise Busy(
                say(
                    "{who} importe déjà dans « {list} » (travail n° {id}). Attendez la fin, puis recommencez.",
                    who=job.by, list=target.name, id=job.pk,
                )
            )  # fmt: skip
    refuse_held(f"{LEASE}{target.pk}")
