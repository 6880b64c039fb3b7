"""How audiences of the same kind overlap, each as of its own last refresh."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis.app.models import Audience
from tamis.app.services import insights
from tamis.app.services.audience_history import Freshness, freshness_of
from tamis.errors import Refused
from tamis.messages import say

if TYPE_CHECKING:
    from tamis.insights.overlap import Intersection, Overlap
    from tamis.rules.nodes import Subject


@dataclass(frozen=True)
class Overlapping:
    """Several audiences, as of when each is, and how they overlap."""

    subject: "Subject"
    audiences: Sequence[Freshness]
    found: "Overlap"
    as_of: datetime

    @property
    def names(self) -> list[str]:
        """What they are called."""
        return [each.audience.name for each in self.audiences]

    def rule(self, intersection: "Intersection") -> str:
        """The rule that selects those of an intersection."""
        from tamis.insights.overlap import rule_of
        from tamis.rules.rendering import render

        return render(rule_of(self.subject, self.names, intersection.inside))

    def rule_of_one(self, name: str) -> str:
        """The rule that selects those of one of the audiences."""
        from tamis.rules.nodes import InAudience, Rule
        from tamis.rules.rendering import render

        return render(Rule(self.subject, InAudience(name)))

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        from tamis.insights.overlap import as_json

        sizes = zip(self.audiences, self.found.sizes, strict=True)
        return {
            "subject": self.subject, "as_of": self.as_of.astimezone(UTC), "anybody": self.found.anybody,
            "everywhere": self.found.everywhere,
            "audiences": [insights.shown(each) | {"size": size} for each, size in sizes],
            "intersections": as_json(self.found, self.subject, self.names),
        }  # fmt: skip


def overlap(chosen: Sequence[Audience]) -> Overlapping:
    """How two to eight audiences overlap.

    Raises :class:`~tamis.errors.Refused` for fewer, more, or some of another kind.
    """
    from tamis.insights.overlap import MOST
    from tamis.insights.overlap import overlap as overlapping

    if not 2 <= len(chosen) <= MOST:
        raise Refused(say("Choisissez de 2 à {max} audiences.", max=MOST), "insight.overlap")
    subject = insights.subject_of(chosen)
    ids = [each.pk for each in chosen]
    found, as_of = insights.asked(chosen, lambda engine: overlapping(engine, subject, ids))
    return Overlapping(subject, [freshness_of(each) for each in chosen], found, as_of)
