"""The events of a contact or a company, brought to its page once that is shown, and a page more on demand."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tamis.app.gates import Right, gate
from tamis.app.services import companies, contacts, event_kinds, timelines
from tamis.app.services.timelines import PHASE, Timeline
from tamis.errors import TamisError
from tamis.sources.event_kinds import Kind, Phase

UNANSWERED = ("lake.unreadable", "inbox.busy")
"""Errors that are nobody's mistake: the lake does not answer just now."""


@gate(Right.READ)
@require_safe
def of_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """The events of a contact."""
    return _shown(request, contacts.find_by_id(pk), timelines.of_contact, "contact")


@gate(Right.READ)
@require_safe
def of_company(request: HttpRequest, pk: int) -> HttpResponse:
    """The events of a company."""
    return _shown(request, companies.find_by_id(pk), timelines.of_company, "company")


def _shown(
    request: HttpRequest, party: Any, timeline_of: Callable[[Any, str, str, str], Timeline], of: str
) -> HttpResponse:
    """A page of a timeline: within the page of whose it is, or, without scripts, as a page of its own."""
    what, after, month = (request.GET.get(name, "") for name in ("what", "after", "month"))
    context: dict[str, Any] = {
        "party": party, "of": of, "back": reverse(of, args=(party.pk,)),
        "address": reverse(f"{of}-events", args=(party.pk,)), "what": what, "after": after, "month": month,
        "phases": _phases(),
    }  # fmt: skip
    status = 200
    try:
        timeline = timeline_of(party, what, after, month)
        context["timeline"] = timeline
        context["same_day"] = _day_of(after)
        context["of_month"] = timelines.bounds_of(month)
    except TamisError as error:
        context["fault"] = error
        status = 503 if error.code in UNANSWERED else 400
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "timeline/page.html", context, status=status)
    return render(request, "timeline/_more.html" if after else "timeline/_timeline.html", context, status=status)


def _day_of(after: str) -> Any:
    """The day that the page before ended on: its heading is not said twice."""
    place = timelines.place_of(after)
    return timezone.localtime(place.ts).date() if place else None


def _phases() -> list[tuple[str, Phase, list[Kind]]]:
    """The kinds that one can choose, under their phases."""
    kinds = event_kinds.kinds().values()
    return [(f"{PHASE}{phase}", phase, [each for each in kinds if each.phase == phase]) for phase in Phase]
