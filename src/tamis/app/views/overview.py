"""The base at a glance."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tamis.app.gates import Right, gate
from tamis.app.services import overview as service
from tamis.app.services.companies import reason_of
from tamis.app.views.lists import proposed_locks


@gate(Right.READ)
def show(request: HttpRequest) -> HttpResponse:
    """Companies per segment, the plan's use, what waits, the latest moves; first steps while the base is empty."""
    found = service.overview()
    context = {
        "overview": found,
        "most": max(each.companies for each in found.segments),
        "moves": [(move, reason_of(move)) for move in service.latest_moves()],
        "proposed_locks": proposed_locks(),
    }
    return render(request, "overview.html", context)
