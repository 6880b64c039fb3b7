"""What came in, what waits and how the lake lies on disk: the figures of the operators' page."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from django.utils import timezone

from tamis.app.services import event_kinds, lake, snapshots
from tamis.errors import NotFound
from tamis.messages import Message, say

if TYPE_CHECKING:
    from tamis.lake.status import LakeStatus

PERIODS = {"day": (24, timedelta(hours=1)), "month": (30, timedelta(days=1))}
"""How many spans of what length a period has."""


@dataclass(frozen=True)
class Span:
    """A span of time and how many events arrived in it."""

    since: datetime
    until: datetime
    events: int


@dataclass(frozen=True)
class Figures:
    """How the lake is, what arrived in each span of the period, and of each kind, the most frequent first."""

    status: "LakeStatus"
    compacted: datetime | None
    snapshot: datetime | None
    spans: list[Span]
    kinds: list[tuple[Message | str, int, str]]

    @property
    def since(self) -> datetime:
        """When the period begins."""
        return self.spans[0].since

    @property
    def until(self) -> datetime:
        """When it ends, the span under way being whole."""
        return self.spans[-1].until

    @property
    def total(self) -> int:
        """How many events arrived in the period."""
        return sum(each.events for each in self.spans)

    @property
    def most(self) -> int:
        """Of the fullest span."""
        return max((each.events for each in self.spans), default=0)


def figures(period: str) -> Figures:
    """The figures of a period. Raises :class:`~tamis.errors.NotFound` for one that is none, or ``Unreadable``."""
    from tamis.lake.arrivals import arrivals_of
    from tamis.lake.status import compacted_at

    bounds = bounds_of(period)
    with lake.readable():
        rows = arrivals_of(lake.view(), [each.astimezone(UTC) for each in bounds])
        status, compacted = lake.status(), compacted_at(lake.folder())
    by_span, by_kind = Counter[int](), Counter[str]()
    for place, kind, events in rows:
        by_span[place] += events
        by_kind[kind] += events
    known = event_kinds.kinds()
    kinds = [(known[key].label if key in known else key, n, key) for key, n in by_kind.most_common()]
    spans = [Span(since, until, by_span[place]) for place, (since, until) in enumerate(pairwise(bounds))]
    return Figures(status, compacted, snapshots.last(), spans, kinds)


def bounds_of(period: str) -> list[datetime]:
    """The moments between the spans of a period: whole hours or days of here, the last one under way."""
    if period not in PERIODS:
        raise NotFound(say("Aucune période ne s'appelle « {name} ».", name=period[:20]), "period.unknown")
    number, length = PERIODS[period]
    now = timezone.localtime()
    if period == "day":
        last = now.replace(minute=0, second=0, microsecond=0)
        return [last - length * (number - 1 - place) for place in range(number + 1)]
    midnight = datetime(now.year, now.month, now.day)
    return [timezone.make_aware(midnight - length * (number - 1 - place)) for place in range(number + 1)]
