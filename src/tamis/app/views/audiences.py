"""Audiences: seen together, one's life, refreshed, deleted."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Audience, AudienceVersion
from tamis.app.services import (
    audience_actions,
    audience_days,
    audience_history,
    audience_members,
    audience_previews,
    audience_reports,
    jobs,
    refreshing,
)
from tamis.app.services import audiences as service
from tamis.app.services.audience_days import Day
from tamis.app.services.audience_edges import Edge
from tamis.app.services.audience_jobs import REFRESH
from tamis.app.views.list_content import page_number
from tamis.errors import Refused, TamisError
from tamis.identity.folding import fold

FREQUENCIES = (
    ("", gettext_lazy("quand on le demande")), ("15m", gettext_lazy("toutes les 15 minutes")),
    ("1h", gettext_lazy("toutes les heures")), ("6h", gettext_lazy("toutes les 6 heures")),
    ("1d", gettext_lazy("tous les jours")), ("1w", gettext_lazy("toutes les semaines")),
)  # fmt: skip
PAGE = 50
WIDTH, HEIGHT = 900, 120
"""The drawing space of the pictures of a life."""


def the_audience(pk: int) -> Audience:
    """The audience of a page's address. Raises :class:`~tamis.errors.NotFound`."""
    return service.find_by_id(pk)


@gate(Right.READ)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Audiences with their size, its last month, and how fresh each is; found by name."""
    words, number = request.GET.get("q", "").strip(), page_number(request)
    found = service.every_audience()
    if words:
        found = found.filter(Q(key__contains=fold(words)))
    pks = [*found.values_list("pk", flat=True)[(number - 1) * PAGE : number * PAGE + 1]]
    shown = Audience.objects.filter(pk__in=pks[:PAGE]).order_by("position", "pk")
    fresh = audience_history.freshness(shown)
    sparks = audience_days.sparks([each.audience for each in fresh])
    context = {
        "rows": [(each, points(sparks.get(each.audience.pk, ()), 80, 20)) for each in fresh],
        "q": words, "any": bool(pks) or Audience.objects.exists(), "page": number, "has_next": len(pks) > PAGE,
        "previous": number - 1, "next": number + 1,
    }  # fmt: skip
    return render(request, "audiences/index.html", context)


def points(values: Sequence[int | None], width: int, height: int) -> str:
    """A line through values, as the points of a drawing of this size; zero is the ground, unknown ones are left out.

    A single value is a dash: a line of one point shows nothing.
    """
    most = max((each for each in values if each is not None), default=0) or 1
    step = width / max(len(values) - 1, 1)
    found = [
        (place * step, height - 1 - (height - 2) * value / most)
        for place, value in enumerate(values) if value is not None
    ]  # fmt: skip
    if len(found) == 1:
        [(x, y)] = found
        found = [(max(x - width / 90, 0), y), (max(x, width / 90), y)]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in found)


def about(audience: Audience, tab: str) -> dict[str, Any]:
    """What every page of an audience shows: what it is, how fresh, and whether it waits for a person."""
    fresh = audience_history.freshness_of(audience)
    return {
        "audience": audience, "fresh": fresh, "tab": tab, "version": fresh.version,
        "rule": audience_members.rule_of(fresh.version), "sentence": audience_reports.sentence(fresh),
        "every": frequency(audience), "held": refreshing.held(audience),
    }  # fmt: skip


def frequency(audience: Audience) -> str:
    """How often an audience is refreshed, in words."""
    said = service.every_said(audience.every)
    return str(dict(FREQUENCIES).get(said, _("toutes les %s") % said))


@gate(Right.READ)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The life of an audience: its size and who came and went, exclusions, who uses it, what it sets off."""
    audience = the_audience(pk)
    days = audience_days.days(audience)
    drawn = bars(audience, days)
    context = about(audience, "life") | {
        "days": days, "curve": points([each.size for each in days], WIDTH, HEIGHT), "bars": drawn,
        "points": [each for each in drawn if each["day"].size is not None],
        "most": max((each.size or 0 for each in days), default=0),
        "told": audience_reports.in_full(audience), "exclusions": service.exclusions_of(audience.version),
        "last_runs": audience_history.runs(audience)[:5],
        "actions": [*map(audience_actions.as_json, audience_actions.of(audience))],
    }  # fmt: skip
    return render(request, "audiences/show.html", context)


def bars(audience: Audience, days: Sequence[Day]) -> list[dict[str, Any]]:
    """A standing bar a day, those who entered above the middle, those who left below it; and where each leads."""
    most, step = max((max(each.entered, each.left) for each in days), default=0) or 1, WIDTH / max(len(days), 1)
    half, made = HEIGHT / 2, []
    for place, day in enumerate(days):
        up, down = (max((half - 2) * n / most, 1.5 if n else 0) for n in (day.entered, day.left))
        made.append({
            "day": day, "x": f"{place * step:.2f}", "width": f"{step * 0.8:.2f}", "top": f"{half - up:.2f}",
            "up": f"{up:.2f}", "middle": f"{half:.2f}", "down": f"{down:.2f}", **leads(audience, day.day),
        })  # fmt: skip
    return made


def leads(audience: Audience, day: date) -> dict[str, str]:
    """Where the figures of a day lead: to those who entered, those who left, the members at its end."""
    as_of = urlencode({"as_of": f"{day.isoformat()}T23:59:59.999"})
    return {
        "enter": edges_address(audience.pk, Edge.ENTER, day), "leave": edges_address(audience.pk, Edge.LEAVE, day),
        "members": f"{reverse('audience-members', args=(audience.pk,))}?{as_of}",
    }  # fmt: skip


def edges_address(audience: int, edge: Edge, first: date, last: date | None = None, *, ruled: bool = False) -> str:
    """The page of those who entered, or left, on these days; with ``ruled`` without those whom hands put there."""
    asked = {"edge": edge.value, "from": first.isoformat(), "to": (last or first).isoformat()}
    return f"{reverse('audience-edges', args=(audience,))}?{urlencode(asked | ({'ruled': '1'} if ruled else {}))}"


@gate(Right.READ)
@require_safe
def exclusions(request: HttpRequest, pk: int) -> HttpResponse:
    """What each exclusion takes away; it follows the page, since the rule is asked once for each."""
    context: dict[str, Any] = {"audience": the_audience(pk)}
    status = 200
    try:
        context["taken"] = audience_previews.taken_away(context["audience"])
    except TamisError as error:
        context["fault"], status = error, 409
    return _part(request, "audiences/_exclusions.html", context, status)


@gate(Right.READ)
@require_safe
def waiting(request: HttpRequest, pk: int) -> HttpResponse:
    """Who would leave, and enter, with the refresh that waits for a person; asked as of now."""
    context: dict[str, Any] = {"audience": the_audience(pk), "asked": True}
    status = 200
    try:
        context["preview"] = audience_previews.preview(
            service.definition_of(context["audience"]), context["audience"],
            most_leaving=context["audience"].most_leaving,
        )  # fmt: skip
    except TamisError as error:
        context["fault"], status = error, 409
    return _part(request, "audiences/_preview.html", context, status)


def _part(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    """A part of a page, or, without scripts, a page of its own."""
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, template, context, status=status)
    return render(request, "audiences/part.html", context | {"part": template}, status=status)


@gate(Right.READ)
@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """What refreshes did, and what the audience was: every version with what it changed."""
    audience, number = the_audience(pk), page_number(request)
    found = [*audience_history.runs(audience)[(number - 1) * PAGE : number * PAGE + 1]]
    runs = [(each, audience_history.run_json(each)) for each in found[:PAGE]]
    for _run, told in runs:
        told["fault"] = told["error"]["message"].partition("\n")[0] if told["error"] else ""
    context = about(audience, "history") | {
        "runs": runs, "versions": differences(audience_history.versions(audience)), "page": number,
        "has_next": len(found) > PAGE, "previous": number - 1, "next": number + 1,
    }  # fmt: skip
    return render(request, "audiences/history.html", context)


def differences(versions: Sequence[AudienceVersion]) -> list[dict[str, Any]]:
    """Versions, the last first, each with what was otherwise in the one before it."""
    told = [audience_history.version_json(each) | {"mode_said": each.get_mode_display()} for each in versions]
    for later, earlier in zip(told, [*told[1:], None], strict=True):
        later["before"] = earlier
        later["changed"] = {
            name for name in ("rule", "mode", "exclusions") if earlier is None or later[name] != earlier[name]
        }
    return told


@gate(Right.SORT)
@require_POST
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh an audience in the background; with ``confirm``, let go whom a refresh held."""
    audience = the_audience(pk)
    return redirect("job", started(request, audience, confirm=bool(request.POST.get("confirm"))))


def started(request: HttpRequest, audience: Audience, *, confirm: bool = False) -> int:
    """The number of the job that refreshes an audience."""
    arguments = {"audience": audience.pk, "audience_name": audience.name, "confirm": confirm}
    return jobs.start_once(actor_of(request), REFRESH, arguments).pk


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what goes with an audience; on consent, delete it."""
    audience = the_audience(pk)
    context = about(audience, "edit")
    if request.method != "POST":
        return render(request, "audiences/delete.html", context)
    try:
        service.delete(actor_of(request), audience)
    except Refused as error:
        return render(request, "audiences/delete.html", context | {"fault": error}, status=409)
    messages.success(request, _("Audience « %s » supprimée.") % audience.name)
    return redirect("audiences")
