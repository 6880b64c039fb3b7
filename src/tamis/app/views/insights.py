"""Pictures of audiences and segments: overlaps, differences, flows, what to expect; thin views over the services."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tamis.app.gates import Right, gate
from tamis.app.services import audiences, insights, overlaps
from tamis.errors import Busy, TamisError, Unreadable
from tamis.insights.overlap import upset

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


def rule_link(rule: str) -> str:
    """Where a rule is counted, and those whom it selects are shown."""
    return f"{reverse('rules')}?{urlencode({'rule': rule, 'do': 'show'})}"


def _status(error: TamisError) -> int:
    return 503 if isinstance(error, Busy | Unreadable) else 400
