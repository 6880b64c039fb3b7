"""The life of audiences in figures: for each day the size at its end, and how many entered and left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from tamis.app.models import Audience, AudienceRun

DAYS = 90
SPARK = 30
"""Days that the small picture of a list shows."""
WEEK = 7


@dataclass(frozen=True)
class Day:
    """A day of an audience: its size at the end, as far as known, and how many entered and left."""

    day: date
    size: int | None
    entered: int
    left: int


def days(audience: Audience, length: int = DAYS) -> list[Day]:
    """The last days, today the last; before the first refresh there is no size."""
    found = {row["day"]: row for row in _by_day(AudienceRun.objects.filter(audience=audience), length)}
    sizes = _sizes([audience], [row["last"] for row in found.values()])
    today = timezone.localdate()
    size, made = _size_before(audience, length), []
    for back in range(length - 1, -1, -1):
        row: dict[str, Any] = found.get(today - timedelta(days=back), {})
        size = sizes[audience.pk, row["last"]] if row else size
        made.append(Day(today - timedelta(days=back), size, row.get("entered", 0), row.get("left", 0)))
    return made


def sparks(audiences: Sequence[Audience]) -> dict[int, list[int]]:
    """The sizes of some audiences at the end of each day on which they were refreshed, by their number."""
    rows = [*_by_day(AudienceRun.objects.filter(audience__in=audiences), SPARK)]
    sizes = _sizes(audiences, [row["last"] for row in rows])
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row["audience"], []).append(sizes[row["audience"], row["last"]])
    return found


def moved_lately(length: int = WEEK) -> dict[int, tuple[int, int]]:
    """How many entered and left each audience, by its number, in the last days, today the last."""
    done = AudienceRun.objects.filter(state=AudienceRun.State.DONE, now__gte=_start(length)).order_by()
    sums = done.values("audience").annotate(n_entered=Sum("entered"), n_left=Sum("left"))
    return {row["audience"]: (row["n_entered"], row["n_left"]) for row in sums}


def _by_day(runs: "QuerySet[AudienceRun]", length: int) -> "QuerySet[Any, Any]":
    """What was done each day, by the instants of runs: the last instant of that day, entries, exits."""
    done = runs.filter(state=AudienceRun.State.DONE, now__gte=_start(length))
    by_day = done.annotate(day=TruncDate("now")).values("audience", "day")
    return by_day.annotate(last=Max("now"), entered=Sum("entered"), left=Sum("left")).order_by("audience", "day")


def _sizes(audiences: Sequence[Audience], instants: Sequence[datetime]) -> dict[tuple[int, datetime], int]:
    """The sizes after the runs of some instants, of several at one the last: as ``run_as_of`` tells them apart."""
    runs = AudienceRun.objects.filter(audience__in=audiences, now__in=instants, state=AudienceRun.State.DONE)
    return {(audience, now): size for audience, now, size in runs.order_by("pk").values_list("audience", "now", "size")}


def _size_before(audience: Audience, length: int) -> int | None:
    done = audience.runs.filter(state=AudienceRun.State.DONE, now__lt=_start(length)).order_by("-now", "-pk").first()
    return done.size if done else None


def _start(length: int) -> datetime:
    """The beginning of the first of the last days, in the zone of the moment."""
    now = timezone.localtime()
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=length - 1)
