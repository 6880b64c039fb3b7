"""Companies from segment to segment, month by month: where each stood at the end of each month."""

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from heapq import merge
from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.utils import timezone

from tamis.app.models import Company, Move, Segment
from tamis.errors import Refused
from tamis.messages import say

if TYPE_CHECKING:
    from tamis.insights.flows import Appeared, Moved, Step

LONGEST = 12
"""Months from the first column to the last."""
USUAL = 3


@dataclass(frozen=True)
class Months:
    """The months whose ends are looked at, the first day of each; of the present month, this moment."""

    firsts: Sequence[date]
    now: datetime

    @property
    def ends(self) -> list[datetime]:
        """The last instant of each month here, or this moment."""
        zone = timezone.get_current_timezone()
        after = (_later(each, 1) for each in self.firsts)
        return [min(datetime(each.year, each.month, 1, tzinfo=zone), self.now) for each in after]


@dataclass(frozen=True)
class SegmentFlows:
    """How companies went from segment to segment, between the ends of months."""

    months: Months
    steps: "Sequence[Step]"

    @property
    def moved(self) -> int:
        """How many times a company was in another segment at the end of a month than at that of the one before."""
        return sum(len(companies) for step in self.steps for companies in step.movers.values()) - self.arrived

    @property
    def arrived(self) -> int:
        """How many companies came that were not known before."""
        from tamis.insights.flows import NEW

        return sum(n for step in self.steps for way, n in step.ways.items() if way.source == NEW)

    def as_json(self) -> dict[str, Any]:
        """For programs: a row a step and way."""
        months = [_written(each) for each in self.months.firsts]
        return {
            "months": months,
            "ends": [each.astimezone(UTC) for each in self.months.ends],
            "flows": [
                {"since": since, "until": until, "from": way.source, "to": way.target, "companies": n}
                for step, since, until in zip(self.steps, months, months[1:], strict=False)
                for way, n in sorted(step.ways.items())
            ],
        }


def months(since: str = "", until: str = "") -> Months:
    """The months from one to another, as ``2026-03``; the last four without them.

    Raises :class:`~tamis.errors.Refused` for what is no month, fewer than two, more than thirteen, or some to come.
    """
    now = timezone.localtime()
    last = _read(until) if until else now.date().replace(day=1)
    first = _read(since) if since else _later(last, -USUAL)
    many = (last.year - first.year) * 12 + last.month - first.month
    if not 1 <= many <= LONGEST or last > now.date():
        raise Refused(say("Choisissez deux mois, le premier avant le second, écoulés ou en cours, et à {max} mois "
                          "l'un de l'autre au plus.", max=LONGEST), "flows.months")  # fmt: skip
    return Months([_later(first, n) for n in range(many + 1)], now)


def flows(wanted: Months) -> SegmentFlows:
    """How companies went between the ends of these months; companies merged or deleted since are left out."""
    from tamis.insights.flows import flows as flowing

    since = wanted.ends[0]
    there = Company.objects.filter(merged_into=None)
    now = dict(there.values_list("list__segment").annotate(n=Count("pk")))
    return SegmentFlows(wanted, flowing(wanted.ends, now, _moved(since), _appeared(since)))


def _moved(since: datetime) -> "Iterator[Moved]":
    from tamis.insights.flows import Moved

    rows = Move.objects.filter(act__at__gt=since, company__merged_into=None).order_by("company", "pk")
    columns = ("company", "act__at", "from_list__segment", "to_list__segment")
    yield from map(Moved._make, rows.values_list(*columns).iterator(chunk_size=10_000))


def _appeared(since: datetime) -> "Iterator[Appeared]":
    from tamis.insights.flows import Appeared

    rows = Company.objects.filter(merged_into=None, created_at__gt=since)
    yield from map(Appeared._make, rows.values_list("pk", "created_at", "list__segment").iterator(chunk_size=10_000))


def who_went(wanted: Months, source: str, target: str) -> Sequence[int]:
    """The companies that went one way, or stayed, between the ends of the first two of these months, by their numbers.

    Raises :class:`~tamis.errors.Refused` for what is no way.
    """
    from tamis.insights.flows import NEW, Way

    if source not in (NEW, *Segment.values) or target not in Segment.values:
        raise Refused(say("Nommez deux segments."), "flows.way")
    if source == target:
        after = set(_stood(wanted.ends[1], target))
        return [pk for pk in _stood(wanted.ends[0], target) if pk in after]
    [step, *_] = flows(wanted).steps
    return sorted(step.movers.get(Way(source, target), ()))


def who_stood(month: str, segment: str) -> Sequence[int]:
    """The companies that were in a segment at the end of a month, in the order of their numbers.

    Raises :class:`~tamis.errors.Refused` for what is no month, or no segment.
    """
    if segment not in Segment.values:
        raise Refused(say("Nommez un segment."), "flows.way")
    first = _read(month)
    if first > timezone.localdate():
        raise Refused(say("Choisissez un mois écoulé ou en cours."), "flows.months")
    return _stood(Months([first], timezone.localtime()).ends[0], segment)


def _stood(at: datetime, segment: str) -> Sequence[int]:
    """Those who are there and have not moved since, and those who left it first of all since; newcomers apart."""
    moved: dict[int, str | None] = {}
    for each in _moved(at):
        moved.setdefault(each.company, each.source)
    gone = {company for company, source in moved.items() if source == segment}
    known = Company.objects.filter(merged_into=None, created_at__lte=at).order_by("pk")
    here = known.filter(list__segment=segment).values_list("pk", flat=True).iterator(chunk_size=10_000)
    found = array("q", (pk for pk in here if pk not in moved))
    newcomers = {each.company for each in _appeared(at)} if gone else set()
    return array("q", merge(found, sorted(gone - newcomers)))


def _read(text: str) -> date:
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text.strip())
    if not found or not 1 <= int(found[2]) <= 12 or not 2000 <= int(found[1]) <= 2999:
        raise Refused(say("« {text} » n'est pas un mois : écrivez 2026-03.", text=text[:20]), "flows.month")
    return date(int(found[1]), int(found[2]), 1)


def _later(month: date, n: int) -> date:
    number = month.year * 12 + month.month - 1 + n
    return date(number // 12, number % 12 + 1, 1)


def _written(month: date) -> str:
    return f"{month:%Y-%m}"
