"""Long work in the background: started, found, cancelled. :mod:`~tamis.app.services.work` does it.

    start → queued → running → done | failed | cancelled

A kind of job is a function registered with :func:`kind` in one of :data:`MODULES`.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tamis.app.models import Job, User
from tamis.app.services.acting import Actor
from tamis.app.services.leases import forget_dead, held_leases
from tamis.errors import Busy, NotFound, Refused, did_you_mean
from tamis.messages import Message, language, say

MODULES = (
    "tamis.app.services.audience_jobs", "tamis.app.services.company_jobs", "tamis.app.services.contact_jobs",
    "tamis.app.services.double_jobs", "tamis.app.services.erasing", "tamis.app.services.event_jobs",
    "tamis.app.services.housekeeping", "tamis.app.services.lake_jobs", "tamis.app.services.list_jobs",
    "tamis.app.services.outbox_jobs", "tamis.app.services.sheet_jobs",
)  # fmt: skip
"""Where kinds of jobs and periodic work are registered; imported when somebody asks for them."""

KEPT = timedelta(days=7)
"""How long after a job has ended its files stay."""
REMEMBERED = timedelta(days=90)
"""How long after a job has ended it is still listed; what it changed is in the audit trail, which stays."""
MOST_ACTIVE = 20
"""How many jobs of one person may wait or run."""
LEASE = "job:"


class Progress(Protocol):
    """What a kind is given to tell how far it is; calling it may raise to end the work, which then cleans up."""

    def __call__(self, done: int, total: int | None = None) -> None:
        """Tell how many are done, and of how many where that is known."""

    def say(self, phase: Message) -> None:
        """Tell what the work is at."""

    def settle(self, result: dict[str, Any]) -> None:
        """Note the result within the very transaction that changes things: from then on the job is done.

        A worker that dies later leaves nothing to do again. Ends the work, as a call does, when it was cancelled.
        """


Work = Callable[[Actor, Job, Progress], dict[str, Any]]
"""Does a job and returns its result, a JSON object."""


@dataclass(frozen=True)
class Kind:
    """A kind of job: its name, its heading for people, whether it may be run again after its worker died, its work."""

    name: str
    heading: Message
    repeatable: bool
    work: Work


_kinds: dict[str, Kind] = {}


def kind(name: str, heading: Message, *, repeatable: bool) -> Callable[[Work], Work]:
    """Register a function as a kind of job.

    ``repeatable``: run anew from its start after half of it was done, it leaves what one run would have left.
    """

    def registered(work: Work) -> Work:
        _kinds[name] = Kind(name, heading, repeatable, work)
        return work

    return registered


def kinds() -> Mapping[str, Kind]:
    """Every kind of job by its name."""
    for module in MODULES:
        import_module(module)
    return _kinds


def find_kind(name: str) -> Kind:
    """A kind by its name. Raises :class:`~tamis.errors.NotFound`."""
    known = kinds()
    if name not in known:
        hint = did_you_mean(name, known)
        raise NotFound(say("Aucun travail ne s'appelle « {kind} ».{hint}", kind=name, hint=hint), "job.kind")
    return known[name]


class Readable(Protocol):
    """An open file, or an upload."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes."""


def start(
    actor: Actor, kind: str, arguments: Mapping[str, Any] | None = None, files: Mapping[str, Readable] | None = None
) -> Job:
    """Put work in the queue, with copies of the files that it needs, each under a name that the kind knows.

    Raises :class:`~tamis.errors.NotFound` for an unknown kind, :class:`~tamis.errors.Busy` when too much of this
    person's work waits already.
    """
    find_kind(kind)
    if Job.objects.filter(state__in=Job.ACTIVE, by=actor.by).count() >= MOST_ACTIVE:
        raise Busy(
            say("Vous avez déjà {max} travaux en attente : laissez-les finir ou annulez-en.", max=MOST_ACTIVE),
            "job.many",
        )
    home().mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = Path(tempfile.mkdtemp(prefix=".new-", dir=home()))
    try:
        for name, file in (files or {}).items():
            with (kept / name).open("xb") as copy:
                shutil.copyfileobj(file, copy)
        with transaction.atomic():
            now = timezone.now()
            job = Job.objects.create(
                kind=kind, arguments=dict(arguments or {}), user=actor.user, by=actor.by, via=actor.via,
                language=language.get(), created_at=now, not_before=now,
            )  # fmt: skip
            kept.rename(job.folder)
    finally:
        shutil.rmtree(kept, ignore_errors=True)
    return job


def start_once(actor: Actor, kind: str, arguments: Mapping[str, Any]) -> Job:
    """The very same work of the same person that waits or runs already, as after a second click, or new work."""
    same = Job.objects.filter(state__in=Job.ACTIVE, kind=kind, by=actor.by, cancelled_by="").order_by("pk")
    return next((job for job in same if job.arguments == arguments), None) or start(actor, kind, arguments)


def find(pk: int) -> Job:
    """A job by its number. Raises :class:`~tamis.errors.NotFound`."""
    job = Job.objects.select_related("user").filter(pk=pk).first()
    if job is None:
        raise NotFound(say("Aucun travail n° {id}.", id=pk), "job.none")
    return job


def cancel(actor: Actor, job: Job) -> Job:
    """Cancel what waits at once, ask what runs to stop. Raises :class:`~tamis.errors.Refused` for what has ended."""
    if not Job.objects.filter(pk=job.pk, state__in=Job.ACTIVE).update(cancelled_by=actor.by):
        raise Refused(say("Le travail n° {id} est déjà fini.", id=job.pk), "job.ended")
    _end_cancelled(Job.objects.filter(pk=job.pk, state=Job.State.QUEUED))
    running = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).first()  # before the leases: one that runs has one
    if running and lease_key(running) not in {each.key for each in held_leases(LEASE)}:
        _end_cancelled(Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, worker=running.worker))
    return find(job.pk)


def _end_cancelled(jobs: QuerySet[Job]) -> None:
    jobs.update(state=Job.State.CANCELLED, ended_at=timezone.now(), worker=None)


def lease_key(job: Job) -> str:
    """The lease that the worker of a job holds."""
    return f"{LEASE}{job.pk}"


def history() -> QuerySet[Job]:
    """Every job, the latest first."""
    return Job.objects.order_by("-pk")


def active() -> QuerySet[Job]:
    """The jobs that wait or run, the oldest first."""
    return Job.objects.filter(state__in=Job.ACTIVE).order_by("pk")


def announced(job: Job) -> bool:
    """Remember that who started a job has seen how it ended; whether they had not been told before."""
    return not job.active and bool(Job.objects.filter(pk=job.pk, announced=False).update(announced=True))


def announce(user: User) -> list[Job]:
    """The jobs of somebody that ended and that nobody has told them of yet; each is given once."""
    ended = Job.objects.filter(user=user, announced=False).exclude(state__in=Job.ACTIVE).order_by("pk")
    return [job for job in ended if Job.objects.filter(pk=job.pk, announced=False).update(announced=True)]


@dataclass(frozen=True)
class Mine:
    """How many jobs of somebody wait or run, and whether one has ended that they were not told of."""

    active: int
    news: bool


def mine(user: User) -> Mine:
    """What the top bar says of somebody's jobs."""
    states = [*Job.objects.filter(user=user, announced=False).values_list("state", flat=True)]
    active = sum(state in Job.ACTIVE for state in states)
    return Mine(active, len(states) > active)


def heading(job: Job) -> Message | str:
    """What kind of work it is, for people."""
    known = kinds().get(job.kind)
    return known.heading if known else job.kind


def file_of(job: Job, name: str) -> Path:
    """A file that a job produced. Raises :class:`~tamis.errors.NotFound` for one that is no more, or never was."""
    if name not in job.files:
        raise NotFound(say("Ce fichier n'est plus là : il est gardé {days} jours.", days=KEPT.days), "job.file")
    return job.produced(name)


def home() -> Path:
    """Where the files of jobs are."""
    return Path(settings.HOME) / "jobs"


def sweep() -> None:
    """Remove the files of jobs that ended some time ago or never came to be, and the leases of the dead."""
    forget_dead()
    old = timezone.now() - KEPT
    staying = {str(pk) for pk in Job.objects.exclude(ended_at__lt=old).values_list("pk", flat=True)}
    for folder in home().iterdir() if home().exists() else ():
        if folder.name not in staying and folder.stat().st_mtime < old.timestamp():
            shutil.rmtree(folder, ignore_errors=True)


def forget_old() -> None:
    """Delete the jobs that ended long ago, and whatever is left of their files."""
    for job in Job.objects.filter(ended_at__lt=timezone.now() - REMEMBERED).exclude(state__in=Job.ACTIVE):
        shutil.rmtree(job.folder, ignore_errors=True)
        job.delete()


def as_json(job: Job) -> dict[str, Any]:
    """A job for programs; messages are in the language of the moment."""
    return {
        "id": job.pk, "kind": job.kind, "state": job.state, "by": job.by, "via": job.via, "file": job.file_name or None,
        "created_at": job.created_at, "started_at": job.started_at, "ended_at": job.ended_at,
        "done": job.done, "total": job.total, "phase": str(job.phase) if job.phase else None,
        "cancelled_by": job.cancelled_by or None, "result": job.result or None, "files": job.files,
        "error": {"code": job.error_code, "message": str(job.error)} if job.error else None,
    }  # fmt: skip
