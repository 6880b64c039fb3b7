"""The kinds of events, for admins: those that Tamis knows, and the users' own, which are added here."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tamis.app.gates import Right, actor_of, gate
from tamis.app.services import event_kinds as service
from tamis.errors import Refused
from tamis.messages import say
from tamis.sources.event_kinds import BUILT_IN, Phase


@gate(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The kinds under their phases, and the form for another."""
    fault: Refused | None = None
    if request.method == "POST":
        given = request.POST
        try:
            phase = given.get("phase", "")
            if phase not in [*Phase]:
                raise Refused(say("Choisissez une phase."), "kind.phase")
            properties = _properties(given.get("properties", ""))
            made = service.add(
                actor_of(request), given.get("key", "").strip(), given.get("label", ""), Phase(phase), properties
            )
            messages.success(request, _("Genre « %s » ajouté.") % made.label)
            return redirect("event-kinds")
        except Refused as error:
            fault = error
    kinds = service.kinds().values()
    context = {
        "tab": "event-kinds", "fault": fault, "given": request.POST, "phases": [*Phase],
        "own": [(each, service.as_json(each)) for each in kinds if each.key not in BUILT_IN],
        "built_in": [(phase, [each for each in kinds if each.phase == phase and each.key in BUILT_IN])
                     for phase in Phase],
    }  # fmt: skip
    return render(request, "settings/event_kinds.html", context, status=409 if fault else 200)


def _properties(text: str) -> dict[str, str]:
    """``key`` or ``key: type`` on each line."""
    lines = [line.partition(":") for line in text.splitlines() if line.strip()]
    return {key.strip(): type.strip() or "text" for key, _sign, type in lines}
