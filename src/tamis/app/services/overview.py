"""The base at a glance."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from tamis.app.models import LineStatus, List, ListVersion, Move, Segment
from tamis.app.models.lists import LEFT_OUT
from tamis.app.services import audience_days, lists
from tamis.app.services.audience_history import Freshness


@dataclass(frozen=True)
class SegmentCount:
    """A segment with its companies; ``left_out`` of feeds, scores and figures unless asked for [A2]."""

    segment: Segment
    companies: int
    left_out: bool


@dataclass(frozen=True)
class Overview:
    """Companies per segment, in the order of the segments; lines held, waiting, in review; the plan's limit."""

    segments: list[SegmentCount]
    lines: int
    line_limit: int | None
    waiting: int
    review: int

    @property
    def total(self) -> int:
        """Every company."""
        return sum(each.companies for each in self.segments)

    @property
    def counted(self) -> int:
        """The companies that figures count."""
        return sum(each.companies for each in self.segments if not each.left_out)

    def as_json(self) -> dict[str, Any]:
        """The figures as the command line and the API show them."""
        return {
            "companies": self.total,
            "counted": self.counted,
            "segments": {each.segment.value: each.companies for each in self.segments},
            "lines": self.lines,
            "line_limit": self.line_limit,
            "waiting": self.waiting,
            "review": self.review,
        }


def overview(figures: lists.Figures | None = None) -> Overview:
    """The base at a glance."""
    figures = figures or lists.Figures()
    segments = dict(List.objects.values_list("pk", "segment"))
    by_segment: Counter[str] = Counter()
    for pk, n in figures.companies.items():
        by_segment[segments[pk]] += n
    held, limit = lists.quota(figures.lines)
    lines: Counter[str] = Counter()
    for of_list in figures.lines.values():
        lines.update(of_list)
    return Overview(
        [SegmentCount(segment, by_segment[segment.value], segment in LEFT_OUT) for segment in Segment],
        held,
        limit,
        lines[LineStatus.WAITING],
        lines[LineStatus.REVIEW],
    )


@dataclass(frozen=True)
class Living:
    """An audience, the sizes that its small picture shows, and how many entered and left it in the last seven days."""

    fresh: Freshness
    sizes: Sequence[int]
    entered: int
    left: int


def liveliest(audiences: Sequence[Freshness], limit: int = 6) -> list[Living]:
    """The audiences in which most moved in the last seven days, then the largest."""
    moved = audience_days.moved_lately()

    def rank(fresh: Freshness) -> tuple[int, int, int]:
        return (-sum(moved.get(fresh.audience.pk, (0, 0))), -fresh.size, fresh.audience.pk)

    chosen = sorted(audiences, key=rank)[:limit]
    sizes = audience_days.sparks([each.audience for each in chosen])
    return [Living(each, sizes.get(each.audience.pk, []), *moved.get(each.audience.pk, (0, 0))) for each in chosen]


def latest_moves(limit: int = 10) -> QuerySet[Move]:
    """The latest moves of companies between lists, their ids first: no planner then begins with what they name."""
    latest = [*Move.objects.order_by("-pk").values_list("pk", flat=True)[:limit]]
    moves = Move.objects.select_related(
        "company", "from_list", "to_list", "act", "claim__line__version", "claim__made_by"
    )
    return moves.filter(pk__in=latest).order_by("-pk")


def latest_imports(limit: int = 5) -> QuerySet[ListVersion]:
    """The latest imports into lists that there still are."""
    applied = ListVersion.objects.exclude(act=None).filter(list__deleted_at=None)
    return applied.select_related("list", "act").order_by("-act")[:limit]
