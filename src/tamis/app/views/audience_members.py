"""The members of an audience: who, since when and why; added and removed by hand, copied, taken away as a file."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Audience, AudiencePin, AudienceRun
from tamis.app.services import (
    audience_explaining,
    audience_history,
    audience_members,
    audience_reports,
    companies,
    contacts,
    refreshing,
)
from tamis.app.services import audiences as service
from tamis.app.services.audience_members import Members
from tamis.app.services.rules import instant
from tamis.app.views.audiences import about, the_audience
from tamis.app.views.companies import the_id
from tamis.app.views.downloads import download, wanted_format
from tamis.app.views.rules import steps
from tamis.errors import Refused, TamisError
from tamis.messages import say

PAGE = 50
PINS = 50
"""Hands that are shown."""


def _asked(request: HttpRequest, name: str) -> datetime | None:
    """The instant that an address asks for. Raises :class:`~tamis.errors.Refused`."""
    text = request.GET.get(name, "").strip()
    return instant(text) if text else None


@gate(Right.READ)
@require_safe
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """Members a page at a time, now or as of an instant, and whom hands added or removed."""
    audience, beyond = the_audience(pk), the_id(request, "after") or 0
    context = about(audience, "members") | {
        "as_of": request.GET.get("as_of", ""), "beyond": beyond, "pins": audience_reports.pinned(audience, PINS),
    }  # fmt: skip
    status = 200
    try:
        found = audience_members.members(audience, _asked(request, "as_of"))
        rows, end = found.page(beyond, PAGE)
        context |= {"found": found, "rows": why(found, rows), "end": end}
    except TamisError as error:
        context["fault"], status = error, 400
    return render(request, "audiences/members.html", context, status=status)


def why(found: Members, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Members, each with the run that let them in, and the hand that did."""
    if found.run is None:
        return []
    ids = [each["id"] for each in rows]
    pins = AudiencePin.objects.filter(audience=found.audience, subject__in=ids, inside=True)
    pins = pins.select_related("act", "by_action__audience")
    pinned = {each.subject: each for each in pins}
    entered = audience_members.let_in(found.audience, ids, found.run.pk)
    runs = AudienceRun.objects.select_related("version").in_bulk({*entered.values()})
    return [each | {"pin": pinned.get(each["id"]), "run": runs.get(entered.get(each["id"], 0))} for each in rows]


@gate(Right.READ)
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All members as a file."""
    audience = the_audience(pk)
    found = audience_members.members(audience, _asked(request, "as_of"))
    return download(audience.name, found.headings, found.cells(), wanted_format(request))


@gate(Right.SORT)
@require_POST
def pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Add members by hand, remove them, or let the rule decide again."""
    audience, actor, do = the_audience(pk), actor_of(request), request.POST.get("do", "")
    words = request.POST.get("who", "").replace(",", " ").replace(";", " ").split()
    if not words or do not in ("add", "remove", "release"):
        raise Refused(say("Nommez au moins un membre, et dites ce qu'il faut en faire."), "audience.pins")
    found = audience_members.find_who(audience, words)
    if do == "release":
        service.release(actor, audience, found)
    else:
        service.pin(actor, audience, found, inside=do == "add")
    outcome = refreshing.refresh_some(actor, audience, found)
    told = audience_history.outcome_json(outcome)
    if outcome.ok:
        numbers = {"entered": told["entered"], "left": told["left"]}
        messages.success(request, _("Noté : %(entered)s en plus, %(left)s en moins.") % numbers)
    else:
        messages.warning(request, told["error"]["message"] if told["error"] else _("Noté."))
    return redirect("audience-members", pk)


@gate(Right.SORT)
@require_POST
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Copy the members into a static audience."""
    audience, as_of = the_audience(pk), request.POST.get("as_of", "").strip()
    run = refreshing.freeze(
        actor_of(request), audience, request.POST.get("name", ""), instant(as_of) if as_of else None
    )
    messages.success(request, str(_copied(run)))
    return redirect("audience", run.audience_id)


def _copied(run: AudienceRun) -> Any:
    from tamis.messages import say_many

    return say_many("« {name} » : {n} membre copié.", "« {name} » : {n} membres copiés.",
                    n=run.size, name=run.audience.name)  # fmt: skip


@gate(Right.READ)
@require_safe
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    """Why a company or a contact is in an audience, or is not."""
    audience, word = the_audience(pk), request.GET.get("who", "").strip()
    context = about(audience, "members") | {"who": word}
    status = 200
    if word:
        named = {"company" if audience.subject == Audience.Subject.COMPANIES else "contact": word}
        try:
            found = audience_explaining.explain(audience, **named)
            context["found"], context["explained"] = found, found.explained
            if found.explained:
                context["steps"] = [*steps(found.explained.explanation)]
                context["question"] = found.explained.question
        except TamisError as error:
            context["fault"], status = error, 400
    return render(request, "audiences/explain.html", context, status=status)


@gate(Right.READ)
@require_safe
def diff(request: HttpRequest, pk: int) -> HttpResponse:
    """Who entered, left and stayed from one instant to another."""
    audience, beyond, what = the_audience(pk), the_id(request, "after") or 0, request.GET.get("what", "")
    context = about(audience, "history") | {
        "from": request.GET.get("from", ""), "to": request.GET.get("to", ""), "what": what, "beyond": beyond,
    }  # fmt: skip
    status = 200
    try:
        start, end = _asked(request, "from"), _asked(request, "to")
        if start and end:
            found = audience_members.difference(audience, start, end)
            rows, more = found.page(what if what in found.counts else "", beyond, PAGE)
            context |= {"found": found, "rows": rows, "end": more}
    except TamisError as error:
        context["fault"], status = error, 400
    return render(request, "audiences/diff.html", context, status=status)


@gate(Right.READ)
@require_safe
def of_company(request: HttpRequest, pk: int) -> HttpResponse:
    """The audiences that a company is in."""
    return _of(request, "companies", companies.find_by_id(pk))


@gate(Right.READ)
@require_safe
def of_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """The audiences that a contact is in."""
    return _of(request, "contacts", contacts.find_by_id(pk))


def _of(request: HttpRequest, subject: str, party: Any) -> HttpResponse:
    context = {"party": party, "rows": audience_explaining.audiences_of(subject, party.pk),
               "others": audience_explaining.other_audiences(subject, party.pk)}  # fmt: skip
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "audiences/_of.html", context)
    return render(request, "audiences/part.html", context | {"part": "audiences/_of.html"})
