"""The Google sheet that a list follows: tried out, followed, read, paused."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import FollowedSheet, Job, List
from tamis.app.services import jobs
from tamis.app.services import sheets as service
from tamis.app.services.list_versions import content, history
from tamis.app.views.lists import the_list
from tamis.app.views.reports import report_tables
from tamis.errors import Refused, TamisError
from tamis.messages import Message, say
from tamis.sources.google_addresses import read_address
from tamis.sources.lists import COLUMNS

FREQUENCIES = (
    (15, _("toutes les 15 minutes")),
    (60, _("toutes les heures")),
    (6 * 60, _("toutes les 6 heures")),
    (24 * 60, _("tous les jours")),
    (7 * 24 * 60, _("toutes les semaines")),
)


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """How a list's sheet goes, and a sheet tried out: what it would do, before anything is followed."""
    target = the_list(pk)
    sheet = service.followed().filter(list=target).first()
    tried = _tried_out(request, target)
    fault = tried.error if tried else None
    address = request.POST.get("address") or (tried.arguments["address"] if tried else sheet.address if sheet else "")
    if request.method == "POST":
        try:
            return redirect("job", _try_out(request, target, address, _every(request, sheet)).pk)
        except TamisError as error:
            fault = error.message
    context = _state(target, sheet) | {
        "address": address, "every": tried.arguments["every"] if tried else _every(request, sheet), "fault": fault,
        "line_count": content(target).count(), "account_email": service.account_email(), "columns": COLUMNS,
    }  # fmt: skip
    if tried and tried.state == Job.State.DONE:
        context |= _told(tried.result)
    return render(request, "sheets/sheet.html", context, status=409 if request.method == "POST" else 200)


def _try_out(request: HttpRequest, target: List, address: str, every: int) -> Job:
    """Try a sheet out in the background. Raises :class:`~tamis.errors.Refused` for what is no sheet's address."""
    read_address(address)
    arguments = {"list": target.pk, "list_name": target.name, "address": address, "every": every}
    return jobs.start_once(actor_of(request), "sheet-rehearsal", arguments)


def _tried_out(request: HttpRequest, target: List) -> Job | None:
    """The trial that an address asks for: the reader's own, of this list, and ended."""
    number = request.GET.get("tried", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    mine = Job.objects.filter(pk=number, kind="sheet-rehearsal", by=actor_of(request).by, arguments__list=target.pk)
    return mine.exclude(state__in=Job.ACTIVE).first()


def _state(target: List, sheet: FollowedSheet | None) -> dict[str, object]:
    latest = history(target).first()
    frequencies = dict(FREQUENCIES)
    return {
        "list": target, "sheet": sheet, "tab": "sheet", "frequencies": FREQUENCIES,
        "frequency": sheet and frequencies.get(sheet.every),
        "elsewhere": latest if sheet and sheet.version_id and latest and latest.pk != sheet.version_id else None,
    }  # fmt: skip


def _told(result: Mapping[str, Any]) -> dict[str, object]:
    """What a trial found, as the page shows it."""
    repaired = [(each["line"], [Message.read(m) for m in each["messages"]]) for each in result["repairs"]]
    refused = [
        line | {"faults": [(column, Message.read(reason)) for column, reason in line["faults"]]}
        for line in result["refused_lines"]
    ]
    hold = Message.read(result["hold"]) if result["hold"] else None
    return {
        "tried": result, "hold": hold, "report": result, "tables": report_tables(result), "repaired": repaired,
        "refused": refused,
    }  # fmt: skip


def _every(request: HttpRequest, sheet: FollowedSheet | None) -> int:
    text = request.POST.get("every", "")
    if text.isascii() and text.isdigit() and len(text) < 7:
        return int(text)
    return sheet.every if sheet else service.EVERY


@gate(Right.SORT)
@require_POST
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow the sheet that was tried out, and take the very content that was seen."""
    target, actor = the_list(pk), actor_of(request)
    service.follow(actor, target, request.POST.get("address", ""), _every(request, None))
    return _read(request, target, request.POST.get("fingerprint", ""))


@gate(Right.SORT)
@require_POST
def fetch(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a list's sheet now; with the fingerprint of a content that was held back, take that one all the same."""
    return _read(request, the_list(pk), request.POST.get("fingerprint", ""))


def _read(request: HttpRequest, target: List, consent: str) -> HttpResponse:
    service.of_list(target)
    arguments = {"list": target.pk, "list_name": target.name, "consent": consent}
    return redirect("job", jobs.start_once(actor_of(request), "sheet-fetch", arguments).pk)


@gate(Right.SORT)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause a list's sheet, take it up again, or read it more or less often."""
    target, wanted = the_list(pk), request.POST
    if wanted.get("paused") in ("0", "1"):
        service.change(actor_of(request), target, paused=wanted["paused"] == "1")
        said = _("Lecture de la feuille en pause.") if wanted["paused"] == "1" else _("Lecture de la feuille reprise.")
    elif "every" in wanted:
        service.change(actor_of(request), target, every=_every(request, None))
        said = _("Fréquence changée.")
    else:
        raise Refused(say("Dites ce qu'il faut changer : la fréquence, ou la pause."), "sheet.change")
    messages.success(request, said)
    return redirect("list-sheet", pk)


@gate(Right.SORT)
@require_POST
def unfollow(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a list follow its sheet no more."""
    target = the_list(pk)
    service.unfollow(actor_of(request), target)
    messages.success(request, _("La liste ne suit plus de feuille ; elle garde ce qu'elle contient."))
    return redirect("list-sheet", pk)
