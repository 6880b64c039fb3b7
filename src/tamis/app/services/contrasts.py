"""Two audiences compared field by field, or one with everybody else."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tamis.app.models import Audience
from tamis.app.services import insights
from tamis.app.services.audience_history import Freshness, freshness_of
from tamis.app.services.vocabulary import vocabulary
from tamis.errors import Refused
from tamis.messages import say

if TYPE_CHECKING:
    from tamis.insights.contrast import Contrast, Contrasts, Pair, Value


@dataclass(frozen=True)
class Contrasted:
    """Two audiences (or one and everybody else), as of when each is, and what sets them apart."""

    pair: "Pair"
    one: Freshness
    other: Freshness | None
    found: "Contrasts"
    as_of: datetime

    def rule(self, value: "Value", *, first: bool) -> str:
        """The rule that selects those of a group who have a value; empty when there is none."""
        from tamis.insights.contrast import rule_of
        from tamis.rules.rendering import render

        rule = rule_of(self.pair, value, first)
        return render(rule) if rule else ""

    def as_json(self) -> dict[str, Any]:
        """For programs, in the language of the moment."""
        return {
            "subject": self.pair.subject, "as_of": self.as_of.astimezone(UTC),
            "a": insights.shown(self.one) | {"size": self.found.of_a},
            "b": (insights.shown(self.other) if self.other else NOBODY_S | {"name": str(EVERYBODY_ELSE)})
            | {"size": self.found.of_b},
            "both": self.found.both, "few": self.found.few,
            "fields": [self._field(each) for each in self.found.fields],
        }  # fmt: skip

    def _field(self, each: "Contrast") -> dict[str, Any]:
        return {
            "field": f"company.{each.trait.key}" if each.trait.of_company else each.trait.key,
            "label": str(each.trait.label), "effect": round(each.effect, 4), "strength": each.strength,
            "delta": None if each.delta is None else round(each.delta, 4),
            "medians": each.medians, "sure": each.sure, "hidden": each.hidden,
            "values": [self._value(value) for value in each.values],
        }  # fmt: skip

    def _value(self, value: "Value") -> dict[str, Any]:
        points, low, high = (round(100 * each, 2) for each in value.difference)
        return {
            "label": str(value.label), "a": value.a, "b": value.b, "share_a": round(100 * value.share_a, 2),
            "share_b": round(100 * value.share_b, 2), "difference": points, "low": low, "high": high,
            "sure": value.difference.sure, "since": value.since, "rule_a": self.rule(value, first=True) or None,
            "rule_b": self.rule(value, first=False) or None,
        }  # fmt: skip


EVERYBODY_ELSE = say("tous les autres")
NOBODY_S = {"id": None, "freshness": None}


def contrast(one: Audience, other: Audience | None) -> Contrasted:
    """What sets an audience apart from another, or from everybody else of its kind.

    Raises :class:`~tamis.errors.Refused` when they are not of one kind, or are the same.
    """
    from tamis.insights.contrast import Pair
    from tamis.insights.contrast import contrast as contrasted

    chosen = [one] if other is None else [one, other]
    subject = insights.subject_of(chosen)
    if other is not None and other.pk == one.pk:
        raise Refused(say("Choisissez deux audiences différentes."), "insight.same")
    pair = Pair(subject, one.pk, one.name, other.pk if other else None, other.name if other else "")
    known, now = vocabulary(), timezone.now()
    found, as_of = insights.asked(chosen, lambda engine: contrasted(engine, pair, known, now))
    return Contrasted(pair, freshness_of(one), freshness_of(other) if other else None, found, as_of)
