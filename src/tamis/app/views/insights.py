"""Pictures of audiences and segments: overlaps, differences, flows, what to expect; thin views over the services."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tamis.app.gates import Right, gate
from tamis.app.services import audiences, contrasts, insights, overlaps
from tamis.errors import Busy, TamisError, Unreadable
from tamis.insights.contrast import Contrast
from tamis.insights.overlap import upset
from tamis.messages import Message, say

DRAWN = 40
"""So many intersections are drawn; the table below the picture has them all."""


@gate(Right.READ)
@require_safe
def overlap(request: HttpRequest) -> HttpResponse:
    """How the audiences that the address names overlap, drawn; and the choice of audiences."""
    words = [word for word in request.GET.getlist("audience") if word]
    context: dict[str, Any] = {"every": [*audiences.every_audience()]}
    status = 200
    if words:
        try:
            chosen = insights.named(words)
            context["chosen"] = {each.pk for each in chosen}
            context |= _overlapping(overlaps.overlap(chosen))
        except TamisError as error:
            context["fault"], status = error, _status(error)
    return render(request, "insights/overlap.html", context, status=status)


def _overlapping(told: overlaps.Overlapping) -> dict[str, Any]:
    picture = upset(told.found, DRAWN)
    links = {each: rule_link(told.rule(each)) for each in told.found.intersections}
    names = {
        each: [name for name, inside in zip(told.names, each.inside, strict=True) if inside]
        for each in told.found.intersections
    }
    return {
        "told": told,
        "picture": picture,
        "columns": [(each, links[each.intersection], names[each.intersection]) for each in picture.columns],
        "sets": [*zip(told.audiences, told.found.sizes, picture.rows, strict=True)],
        "most": max(told.found.sizes, default=0),
        "rows": [(each, names[each], links[each]) for each in told.found.intersections],
    }


STRENGTHS: dict[str, Message] = {
    "none": say("négligeable"), "small": say("faible"), "medium": say("moyenne"), "large": say("forte"),
}  # fmt: skip


@gate(Right.READ)
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """What sets two audiences apart, or one from everybody else, the most telling fields first; and the choice."""
    one, other = request.GET.get("a", ""), request.GET.get("b", "")
    context: dict[str, Any] = {"every": [*audiences.every_audience()], "a": one, "b": other}
    status = 200
    if one:
        try:
            context |= _contrasted(contrasts.contrast(audiences.find(one), audiences.find(other) if other else None))
        except TamisError as error:
            context["fault"], status = error, _status(error)
    return render(request, "insights/compare.html", context, status=status)


def _contrasted(told: contrasts.Contrasted) -> dict[str, Any]:
    fields = [(each, STRENGTHS[each.strength], _values(told, each)) for each in told.found.fields]
    return {
        "told": told,
        "names": (told.one.audience.name, told.other.audience.name if told.other else contrasts.EVERYBODY_ELSE),
        "telling": [row for row in fields if row[0].sure and row[0].strength != "none"],
        "others": [row for row in fields if not (row[0].sure and row[0].strength != "none")],
    }


def _values(told: contrasts.Contrasted, field: Contrast) -> list[dict[str, Any]]:
    """The values of a field as rows: shares and points in percent, and where each bar leads."""
    rules = ((value, told.rule(value, first=True), told.rule(value, first=False)) for value in field.values)
    return [
        {
            "value": value, "points": [100 * each for each in value.difference], "sure": value.difference.sure,
            "bars": [
                ("a", value.a, 100 * value.share_a, rule_link(of_a) if of_a else ""),
                ("b", value.b, 100 * value.share_b, rule_link(of_b) if of_b else ""),
            ],
        }
        for value, of_a, of_b in rules
    ]  # fmt: skip


def rule_link(rule: str) -> str:
    """Where a rule is counted, and those whom it selects are shown."""
    return f"{reverse('rules')}?{urlencode({'rule': rule, 'do': 'show'})}"


def _status(error: TamisError) -> int:
    return 503 if isinstance(error, Busy | Unreadable) else 400
