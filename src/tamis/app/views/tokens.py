"""The tokens of the API: each person's own, everybody's for an admin."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tamis.app.gates import Right, actor_of, gate, may
from tamis.app.models import RIGHTS, User
from tamis.app.services import tokens as service
from tamis.errors import Refused


@gate(Right.READ)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The tokens; a new one's secret stands on the answer to the form that made it, and nowhere ever after."""
    user = _user(request)
    context: dict[str, Any] = {
        "rights": [right for right in Right if right in RIGHTS[user.role]],
        "name": request.POST.get("name", ""), "right": request.POST.get("right", Right.READ),
        "days": request.POST.get("days", str(service.USUAL_DAYS)), "most_days": service.MOST_DAYS,
    }  # fmt: skip
    if request.method == "POST":
        try:
            context["made"] = _create(request, user)
        except Refused as error:
            context["fault"] = error
    context["everybody"] = everybody = may(user, Right.ADMINISTER)
    context["tokens"] = service.seen_by(user, everybody=everybody)
    return render(request, "tokens/index.html", context, status=409 if "fault" in context else 200)


def _create(request: HttpRequest, user: User) -> service.Made:
    days, right = request.POST.get("days", ""), request.POST.get("right", "")
    return service.create(
        actor_of(request),
        user,
        request.POST.get("name", ""),
        Right(right) if right in Right.values else Right.READ,
        int(days) if days.isascii() and days.isdigit() and len(days) < 9 else 0,
    )


@gate(Right.READ)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token at once: one's own, anybody's for an admin."""
    user = _user(request)
    token = service.find(service.seen_by(user, everybody=may(user, Right.ADMINISTER)), pk)
    service.revoke(actor_of(request), token)
    messages.success(request, _("Jeton « %s » révoqué : il n'ouvre plus rien.") % token.name)
    return redirect("tokens")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
