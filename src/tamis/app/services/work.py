"""The worker: claims a job, acts, records. As many as one likes, each with one job at a time.

A worker holds the lease of its job. Killed, it leaves a running job without one: the next worker runs it again from its
start if its kind allows, else says that it was interrupted. Asked to stop, it puts its job back in the queue.
"""

import logging
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import OperationalError, close_old_connections, connection
from django.db.models import QuerySet
from django.utils import timezone, translation

from tamis.app.models import Due, Job, Workspace
from tamis.app.services import jobs
from tamis.app.services.acting import Actor
from tamis.app.services.leases import Held, held_leases, lease
from tamis.errors import Busy, TamisError, where
from tamis.messages import Message, say, speaking

LASTS = timedelta(minutes=10)
"""How long a worker may be silent before another takes its job over; one that died on this machine is seen at once."""
MOST_ATTEMPTS = 3
"""So many workers may die of a job before it is given up."""
LATER = timedelta(seconds=5)
"""When a job that found somebody else at its work tries again."""
TOLD_EVERY = 0.5  # seconds between two notes of how far a job is
IDLE = 1.0  # seconds between two looks into an empty queue

log = logging.getLogger("tamis.jobs")
Stop = Callable[[], bool]
"""Whether the worker is asked to stop."""


class Cancelled(BaseException):
    """Raised within the work when somebody cancelled it; no ``Exception``, so that no work takes it for a failure."""


class Stopped(BaseException):
    """Raised within the work when its worker is asked to stop."""


def run(stop: Stop, sleep: Callable[[float], Any] = time.sleep) -> None:
    """Do what comes into the queue, and periodic work when it is due, until asked to stop."""
    while not stop():
        worked = False
        with suppress(OperationalError):  # the database is busy or away: look again in a moment
            run_due()
            worked = run_next(stop)
        if not worked:
            close_old_connections()
            sleep(IDLE)


def run_queued(stop: Stop) -> int:
    """Do what waits now, and return how many jobs that was."""
    count = 0
    while not stop() and run_next(stop):
        count += 1
    return count


def run_next(stop: Stop) -> bool:
    """Do the oldest job that nobody is at; whether there was one."""
    now = timezone.now()
    waiting = [job for job in jobs.active() if job.not_before <= now]
    held = {each.key for each in held_leases(jobs.LEASE)} if waiting else set()
    for job in waiting:
        key = jobs.lease_key(job)
        if key not in held:
            with suppress(Busy), lease(key, f"{socket.gethostname()}:{os.getpid()}", LASTS) as in_hand:
                if _claim(job, in_hand):
                    _act(job, in_hand, stop)
                    return True
    return False


def _claim(job: Job, held: Held) -> bool:
    """Whether the job is ours to run; one whose worker died, and may not run again, is settled here."""
    job.refresh_from_db()  # under the lease: nobody else changes it now but who cancels it
    if not job.active:
        return False
    if job.state == Job.State.RUNNING:
        if job.result:  # settled, then its worker died before it could say so
            return not _record(job, Job.State.DONE, cancelled_by="")
        if job.cancelled_by:
            return not _record(job, Job.State.CANCELLED)
        repeatable = job.kind in jobs.kinds() and jobs.kinds()[job.kind].repeatable
        if not repeatable or job.attempts >= MOST_ATTEMPTS:
            sentence = say("Interrompu en plein travail : regardez ce qui a été fait avant de recommencer.")
            return not _record(job, Job.State.FAILED, error_stored=_stored_error("job.interrupted", sentence))
    taken = Job.objects.filter(pk=job.pk, state=job.state, worker=job.worker, cancelled_by="").update(
        state=Job.State.RUNNING, worker=held.token, attempts=job.attempts + 1, done=0, total=None, phase_stored={},
        started_at=timezone.now(),
    )  # fmt: skip
    job.refresh_from_db()
    return bool(taken)


def _act(job: Job, held: Held, stop: Stop) -> None:
    """Do a job that is ours, and record how it ended."""
    actor = Actor(job.by, job.via, job.user)
    workspace = Workspace.objects.get()
    record = partial(_record, job)
    try:
        with (
            speaking(job.language),
            translation.override(job.language),
            timezone.override(ZoneInfo(workspace.time_zone)),
        ):
            result = jobs.find_kind(job.kind).work(actor, job, _Progress(job, held, stop))
    except Cancelled:
        record(Job.State.CANCELLED)
    except Stopped:
        _put_back(job, timezone.now(), None)
    except Busy as error:
        _put_back(job, timezone.now() + LATER, error.message)
    except TamisError as error:
        record(Job.State.FAILED, error_stored=_stored_error(error.code, error.message))
    except OperationalError as error:
        _log(job, error)
        _again_or_failed(job)
    except Exception as error:
        _log(job, error)
        record(Job.State.FAILED, error_stored=_internal())
    else:
        record(Job.State.DONE, result=result, cancelled_by="")  # whoever cancelled it came too late


def _record(job: Job, state: Job.State, **values: Any) -> bool:
    """Write how a job ended, if it is still ours; whether it was."""
    ours = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, worker=job.worker)
    return bool(ours.update(state=state, ended_at=timezone.now(), worker=None, **values))


def _put_back(job: Job, not_before: Any, why: Message | None) -> None:
    """Back into the queue, as if this worker had never had it."""
    ours = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, worker=job.worker)
    ours.update(
        state=Job.State.QUEUED, worker=None, attempts=job.attempts - 1, not_before=not_before,
        phase_stored=why.stored() if why else {},
    )  # fmt: skip


def _again_or_failed(job: Job) -> None:
    """The database failed half-way: once more, unless this was the last time."""
    if jobs.find_kind(job.kind).repeatable and job.attempts < MOST_ATTEMPTS:
        ours = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, worker=job.worker)
        ours.update(state=Job.State.QUEUED, worker=None, not_before=timezone.now() + LATER)
    else:
        _record(job, Job.State.FAILED, error_stored=_internal())


def _internal() -> dict[str, Any]:
    return _stored_error("internal", say("Une erreur de Tamis a arrêté ce travail ; son journal dit laquelle."))


def _stored_error(code: str, message: Message) -> dict[str, Any]:
    return {"code": code, "message": message.stored()}


def _log(job: Job, error: Exception) -> None:
    """Where a job broke."""
    log.error("job %s (%s): %s\n%s", job.pk, job.kind, type(error).__name__, where(error))


class _Progress:
    """Notes how far a job is, now and then, and ends it when it was cancelled or its worker must stop."""

    def __init__(self, job: Job, held: Held, stop: Stop) -> None:
        self._job, self._held, self._stop = job, held, stop
        self._depth = len(connection.atomic_blocks)
        self._last = 0.0

    def __call__(self, done: int, total: int | None = None) -> None:
        self._check_stop()
        if time.monotonic() - self._last >= TOLD_EVERY:
            self._note(done=done, total=total)

    def say(self, phase: Message) -> None:
        self._check_stop()
        self._note(phase_stored=phase.stored())

    def settle(self, result: dict[str, Any]) -> None:
        if not self._ours().update(result=result):
            raise Cancelled

    def _check_stop(self) -> None:
        if self._stop():
            raise Stopped

    def _note(self, **values: Any) -> None:
        if len(connection.atomic_blocks) > self._depth:
            return  # within a transaction of the work: it would be seen by nobody, and could be rolled back
        self._last = time.monotonic()
        self._held.renew()
        running = Job.objects.filter(pk=self._job.pk, state=Job.State.RUNNING, worker=self._job.worker)
        if not running.update(**values) or not self._ours().exists():
            raise Cancelled

    def _ours(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self._job.pk, state=Job.State.RUNNING, worker=self._job.worker, cancelled_by="")


_periodic: dict[str, tuple[timedelta, Callable[[], None]]] = {}


def every(minutes: int) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function of a module in :data:`jobs.MODULES` to be called every so many minutes, by one worker."""

    def registered(function: Callable[[], None]) -> Callable[[], None]:
        _periodic[f"{function.__module__}.{function.__qualname__}"] = (timedelta(minutes=minutes), function)
        return function

    return registered


def run_due() -> int:
    """Do the periodic work that is due, and return how much that was. What fails is logged, and due again later."""
    jobs.kinds()
    now, count = timezone.now(), 0
    due = dict(Due.objects.values_list("name", "at"))
    for name, (period, function) in _periodic.items():
        if due.get(name, now) <= now and _move_date(name, due.get(name), now + period):
            count += 1
            _do(name, function)
    return count


def _move_date(name: str, seen: Any, to: Any) -> bool:
    """Whether it was we who moved the date that we saw."""
    if seen is not None:
        return bool(Due.objects.filter(name=name, at=seen).update(at=to))
    return Due.objects.get_or_create(name=name, defaults={"at": to})[1]


def _do(name: str, function: Callable[[], None]) -> None:
    try:
        function()
    except TamisError as error:
        log.warning("%s: %s", name, error.code)
    except Exception as error:
        log.error("%s: %s\n%s", name, type(error).__name__, where(error))


every(60)(jobs.sweep)
