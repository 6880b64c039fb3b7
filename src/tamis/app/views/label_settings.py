"""The users' own statuses and tags, for admins: added, renamed, put in order, deleted."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Status, Tag, TagCategory
from tamis.app.services import statuses as status_service
from tamis.app.services import tags as tag_service
from tamis.app.services.acting import Actor
from tamis.errors import Refused
from tamis.messages import say

T = TypeVar("T", Tag, TagCategory)
USES = {"both": (True, True), "companies": (True, False), "contacts": (False, True)}


@gate(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def statuses(request: HttpRequest) -> HttpResponse:
    """The statuses in their order, and the form for another."""
    fault: Refused | None = None
    if request.method == "POST":
        companies, contacts = USES.get(request.POST.get("use", ""), (True, True))
        try:
            made = status_service.add(
                actor_of(request), request.POST.get("name", ""), companies=companies, contacts=contacts
            )
            messages.success(request, _("Statut « %s » ajouté.") % made.name)
            return redirect("statuses")
        except Refused as error:
            fault = error
    rows = [status_service.as_json(each) for each in status_service.statuses_of()]
    context = {"tab": "statuses", "rows": rows, "fault": fault, "given": request.POST}
    return render(request, "settings/statuses.html", context, status=409 if fault else 200)


@gate(Right.ADMINISTER)
@require_POST
def move_status(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down."""
    status = status_service.find_by_id(pk)
    place = [each.pk for each in status_service.statuses_of()].index(pk) + 1
    step = -1 if request.POST.get("to") == "up" else 1
    status_service.move(actor_of(request), status, max(place + step, 1))
    return redirect("statuses")


@gate(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest, pk: int) -> HttpResponse:
    """One status: its name, what it is for; deleted on consent."""
    found = status_service.find_by_id(pk)
    fault: Refused | None = None
    if request.method == "POST":
        try:
            return _change_status(request, found)
        except Refused as error:
            fault = error
    context = {"tab": "statuses", "status": status_service.as_json(status_service.find_by_id(pk)), "fault": fault}
    return render(request, "settings/status.html", context, status=409 if fault else 200)


def _change_status(request: HttpRequest, found: Status) -> HttpResponse:
    if request.POST.get("do") == "delete":
        status_service.delete(actor_of(request), found)
        messages.success(request, _("Statut « %s » supprimé.") % found.name)
        return redirect("statuses")
    companies, contacts = USES.get(request.POST.get("use", ""), (None, None))
    status_service.change(
        actor_of(request), found, name=request.POST.get("name", ""), companies=companies, contacts=contacts
    )
    messages.success(request, _("Modifications enregistrées."))
    return redirect("statuses")


@gate(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def tags(request: HttpRequest) -> HttpResponse:
    """The categories with their tags, and the form for others."""
    fault: Refused | None = None
    if request.method == "POST":
        try:
            return _add_tags(request)
        except Refused as error:
            fault = error
    held = tag_service.counts()
    rows = [
        (category, [tag_service.as_json(tag, held) for tag in tags]) for category, tags in tag_service.by_category()
    ]
    context = {"tab": "tags", "rows": rows, "fault": fault, "given": request.POST}
    return render(request, "settings/tags.html", context, status=409 if fault else 200)


def _add_tags(request: HttpRequest) -> HttpResponse:
    names = [line.strip() for line in request.POST.get("names", "").splitlines() if line.strip()]
    if not names:
        raise Refused(say("Donnez au moins un tag."), "tag.name")
    for name in names:
        tag_service.add(actor_of(request), request.POST.get("category", ""), name)
    messages.success(request, _("Tags ajoutés."))
    return redirect("tags")


@gate(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def tag(request: HttpRequest, pk: int) -> HttpResponse:
    """One tag: its name; deleted on consent."""
    found = tag_service.find_by_id(pk)
    fault: Refused | None = None
    if request.method == "POST":
        try:
            return _change(request, found, tag_service.delete, tag_service.rename, _("Tag « %s » supprimé."))
        except Refused as error:
            fault = error
    found.refresh_from_db()
    told = tag_service.as_json(found, tag_service.counts())
    context = {"tab": "tags", "name": found.name, "over": found.category.name, "held": told, "fault": fault}
    return render(request, "settings/tag.html", context, status=409 if fault else 200)


@gate(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """One category: its name; deleted with its tags on consent."""
    found = tag_service.find_category_by_id(pk)
    fault: Refused | None = None
    if request.method == "POST":
        try:
            delete, rename = tag_service.delete_category, tag_service.rename_category
            return _change(request, found, delete, rename, _("Catégorie « %s » supprimée."))
        except Refused as error:
            fault = error
    found.refresh_from_db()
    held = tag_service.counts()
    sums = [held.get(pk, (0, 0)) for pk in found.tags.values_list("pk", flat=True)]
    told = {"companies": sum(each[0] for each in sums), "contacts": sum(each[1] for each in sums), "tags": len(sums)}
    context = {"tab": "tags", "name": found.name, "over": "", "held": told, "fault": fault}
    return render(request, "settings/tag.html", context, status=409 if fault else 200)


def _change(
    request: HttpRequest, found: T, delete: Callable[[Actor, T], Any], rename: Callable[[Actor, T, str], Any], gone: str
) -> HttpResponse:
    """Delete or rename what a form is about. Raises :class:`~tamis.errors.Refused` for a name that cannot be."""
    if request.POST.get("do") == "delete":
        delete(actor_of(request), found)
        messages.success(request, gone % found.name)
    else:
        rename(actor_of(request), found, request.POST.get("name", ""))
        messages.success(request, _("Modifications enregistrées."))
    return redirect("tags")
