"""Who a bar of an audience's pictures counts: those who entered or left on some days, or by one refresh."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tamis.app.gates import Right, gate
from tamis.app.models import Audience
from tamis.app.services import audience_edges
from tamis.app.services.audience_edges import Crossed, Edge, Place
from tamis.app.views.audiences import about, the_audience
from tamis.app.views.companies import the_id
from tamis.errors import TamisError

PAGE = 50


@gate(Right.READ)
@require_safe
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """Who entered or left, a page at a time, by which refresh."""
    audience, given = the_audience(pk), request.GET
    edge, today = Edge.LEAVE if given.get("edge") == Edge.LEAVE else Edge.ENTER, timezone.localdate().isoformat()
    context = about(audience, "history") | {
        "edge": edge.value, "from": given.get("from") or today, "to": given.get("to") or given.get("from") or today,
        "ruled": "ruled" in given, "run": the_id(request, "run"), "beyond": given.get("after", ""),
    }  # fmt: skip
    status = 200
    try:
        found = _asked(audience, edge, context)
        rows, end = found.page(_place(context["beyond"]), PAGE)
        context |= {"found": found, "rows": rows, "end": f"{end[0]}-{end[1]}" if end else ""}
    except TamisError as error:
        context["fault"], status = error, 400
    return render(request, "audiences/edges.html", context, status=status)


def _asked(audience: Audience, edge: Edge, asked: dict[str, Any]) -> Crossed:
    if asked["run"]:
        return audience_edges.by_run(audience, edge, asked["run"])
    first, last = audience_edges.day(asked["from"]), audience_edges.day(asked["to"])
    return audience_edges.in_period(audience, edge, audience_edges.Period(first, last, asked["ruled"]))


def _place(text: str) -> Place:
    """The run and the subject after which a page begins; what is none begins with the first."""
    run, _, subject = text.partition("-")
    if all(each.isascii() and each.isdigit() and len(each) < 19 for each in (run, subject)):
        return int(run), int(subject)
    return audience_edges.START
