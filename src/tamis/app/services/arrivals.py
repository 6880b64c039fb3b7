"""What came in, and what was refused and why: counted by the hour, without a word of what the events said.

Events that arrive over the API are counted in memory and written every two seconds, so that no sender waits for the
state; a process that is killed forgets at most that long. Counts are for people: what is acknowledged is in the inbox.
"""

import atexit
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock, Timer
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Max, Sum
from django.utils import timezone

from tamis.app.models import Intake, RefusalCount, RefusedEvent
from tamis.messages import COUNTS, Message
from tamis.sources.event_kinds import BY_KEY
from tamis.sources.events import GIVEN

KEPT = timedelta(days=30)
"""How long counts and refusals stay."""
MOST_REFUSED = 100
"""Refused events of one source that are kept of one writing; the others are counted."""
MOST_KEPT = 5_000
"""Refused events that are kept at all."""
_NAMES = {*GIVEN, *BY_KEY}
_FIELD = re.compile(r"[a-z][a-z0-9_.]{0,59}")


class From(NamedTuple):
    """Where events came from: ``api``, ``page`` or ``cli``, and the name of the token or of the file."""

    via: str
    source: str


@dataclass(frozen=True)
class Fault:
    """An event that was not taken: its place (in a file its line), the field at fault, and why."""

    index: int
    field: str
    code: str
    reason: Message

    def as_json(self) -> dict[str, Any]:
        """For programs, in the language of the moment."""
        return {"index": self.index, "field": self.field, "code": self.code, "message": str(self.reason)}


@dataclass
class Taken:
    """What became of the events of a request or a file."""

    accepted: int = 0
    repeated: int = 0
    refused: int = 0
    without_zone: int = 0
    faults: list[Fault] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    derived: list[tuple[int, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "accepted": self.accepted, "repeated": self.repeated, "refused": self.refused,
            "without_zone": self.without_zone, "faults": [each.as_json() for each in self.faults],
        }  # fmt: skip


@dataclass
class _Tally:
    """What came from one source and is not written yet."""

    accepted: int = 0
    repeated: int = 0
    refused: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)


_pending: dict[From, _Tally] = {}
_lock = Lock()
_timer: Timer | None = None


def note(source: From, taken: Taken) -> None:
    """Count what became of events; written within :data:`ARRIVALS_DELAY` seconds, at once where that is 0."""
    global _timer
    with _lock:
        tally = _pending.setdefault(source, _Tally())
        tally.accepted += taken.accepted
        tally.repeated += taken.repeated
        tally.refused += taken.refused
        tally.codes.update(taken.codes)
        tally.faults += taken.faults[: max(0, MOST_REFUSED - len(tally.faults))]
        if settings.ARRIVALS_DELAY and _timer is None:
            _timer = Timer(settings.ARRIVALS_DELAY, _write_later)
            _timer.daemon = True
            _timer.start()
    if not settings.ARRIVALS_DELAY:
        write()


def _write_later() -> None:
    global _timer
    with _lock:
        _timer = None
    try:
        with suppress(DatabaseError):  # counts that cannot be written now go with the next ones
            write()
    finally:
        connection.close()


def write() -> None:
    """Write what was counted."""
    with _lock:
        pending = dict(_pending)
        _pending.clear()
    if not pending:
        return
    now = timezone.now()
    try:
        with transaction.atomic():
            for source, tally in pending.items():
                _write(source, tally, now)
    except DatabaseError:
        _put_back(pending)
        raise


def _put_back(pending: dict[From, _Tally]) -> None:
    with _lock:
        for source, tally in pending.items():
            later = _pending.setdefault(source, _Tally())
            for name in ("accepted", "repeated", "refused"):
                setattr(later, name, getattr(later, name) + getattr(tally, name))
            later.codes.update(tally.codes)
            later.faults = (tally.faults + later.faults)[:MOST_REFUSED]


def _write(source: From, tally: _Tally, now: datetime) -> None:
    hour = now.replace(minute=0, second=0, microsecond=0)
    via, name = source.via, source.source[:200]
    Intake.objects.get_or_create(hour=hour, via=via, source=name, defaults={"last": now})
    Intake.objects.filter(hour=hour, via=via, source=name).update(
        accepted=F("accepted") + tally.accepted, repeated=F("repeated") + tally.repeated,
        refused=F("refused") + tally.refused, last=now,
    )  # fmt: skip
    for code, events in tally.codes.items():
        RefusalCount.objects.get_or_create(hour=hour, code=code)
        RefusalCount.objects.filter(hour=hour, code=code).update(events=F("events") + events)
    RefusedEvent.objects.bulk_create(
        RefusedEvent(
            at=now, via=via, source=name, index=fault.index, code=fault.code, reason_stored=wordless(fault.reason),
            field=fault.field if _FIELD.fullmatch(fault.field) else "",
        )
        for fault in tally.faults
    )  # fmt: skip


def wordless(reason: Message) -> dict[str, object]:
    """A reason with an ellipsis where it quotes what came: nothing of an event stays."""
    values = {
        name: value
        if (name in COUNTS and isinstance(value, int)) or (name == "field" and value in _NAMES)
        else ""
        if name == "hint"
        else "…"
        for name, value in reason.values.items()
    }
    return dict(Message(reason.text, values, reason.many).stored())


def forget_old() -> None:
    """Delete the counts and refusals of long ago, and the oldest refusals where they are very many."""
    before = timezone.now() - KEPT
    for model in (Intake, RefusalCount):
        model._default_manager.filter(hour__lt=before).delete()
    RefusedEvent.objects.filter(at__lt=before).delete()
    if last := RefusedEvent.objects.order_by("-pk").values_list("pk", flat=True)[MOST_KEPT : MOST_KEPT + 1]:
        RefusedEvent.objects.filter(pk__lte=last[0]).delete()


class Source(NamedTuple):
    """What came from one source since a moment."""

    via: str
    source: str
    accepted: int
    repeated: int
    refused: int
    last: datetime


def sources(since: datetime, most: int = 50) -> list[Source]:
    """Who sent what, the latest sender first."""
    rows = (
        Intake.objects.filter(hour__gte=since).values_list("via", "source")
        .annotate(n=Sum("accepted"), known=Sum("repeated"), bad=Sum("refused"), latest=Max("last"))
        .order_by("-latest")[:most]
    )  # fmt: skip
    return [Source(*row) for row in rows]


def refusals(since: datetime) -> list[tuple[str, int, Message | None]]:
    """The codes for which events were refused, the most frequent first, each with how often and one reason."""
    rows = RefusalCount.objects.filter(hour__gte=since).values_list("code").annotate(n=Sum("events")).order_by("-n")
    told = {}
    for code, n in rows:
        latest = RefusedEvent.objects.filter(code=code).order_by("-pk").first()
        told[code] = (n, latest.reason if latest else None)
    return [(code, n, reason) for code, (n, reason) in told.items()]


def last_refused(most: int = 50) -> Sequence[RefusedEvent]:
    """The events that were refused last, the latest first."""
    return [*RefusedEvent.objects.order_by("-at", "-pk")[:most]]


@atexit.register
def _write_at_the_end() -> None:
    if _pending:
        with suppress(Exception):  # the process ends: counts are not worth an error
            write()
