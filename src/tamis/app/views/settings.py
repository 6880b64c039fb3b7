"""The settings of the workspace."""

from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Plan, Workspace
from tamis.app.services import lists, workspace
from tamis.errors import Refused


@gate(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The plan and its quota, the language and the time zone; what was changed is kept, the rest left alone."""
    now = Workspace.objects.get()
    given = {name: request.POST.get(name, getattr(now, name)) for name in workspace.SETTINGS}
    if request.method != "POST":
        return render(request, "settings/show.html", _context(given))
    changed = {name: value for name, value in given.items() if value != getattr(now, name)}
    try:
        workspace.change(actor_of(request), changed)
    except Refused as error:
        return render(request, "settings/show.html", _context(given) | {"fault": error}, status=409)
    messages.success(request, _("Réglages enregistrés.") if changed else _("Rien n'avait changé."))
    return redirect("settings")


def _context(given: dict[str, str]) -> dict[str, object]:
    held, limit = lists.quota()
    return {
        "tab": "workspace", "given": given, "plans": Plan, "held": held, "limit": limit,
        "zones": sorted(available_timezones()),
    }  # fmt: skip
