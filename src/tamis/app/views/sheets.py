"""The Google sheet that a list follows: tried out, followed, read, paused."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import FollowedSheet, List
from tamis.app.services import sheets as service
from tamis.app.services.guided_imports import MAX_LINES
from tamis.app.services.list_versions import content, history
from tamis.app.services.sheet_contents import Rehearsal
from tamis.app.views.lists import the_list
from tamis.app.views.reports import report_tables
from tamis.errors import Refused, TamisError
from tamis.messages import say
from tamis.sources.lists import COLUMNS

SHOWN = 100  # repairs
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
    fault: TamisError | None = None
    tried: Rehearsal | None = None
    address = request.POST.get("address", sheet.address if sheet else "")
    if request.method == "POST":
        try:
            tried = service.rehearse(actor_of(request), target, address, MAX_LINES)
        except TamisError as error:
            fault = error
    context = _state(target, sheet) | {
        "address": address, "every": _every(request, sheet), "fault": fault, "tried": tried,
        "line_count": content(target).count(), "account_email": service.account_email(), "columns": COLUMNS,
    }  # fmt: skip
    if tried:
        context |= _told(tried)
    return render(request, "sheets/sheet.html", context, status=409 if fault else 200)


def _state(target: List, sheet: FollowedSheet | None) -> dict[str, object]:
    latest = history(target).first()
    frequencies = dict(FREQUENCIES)
    return {
        "list": target, "sheet": sheet, "tab": "sheet", "frequencies": FREQUENCIES,
        "frequency": sheet and frequencies.get(sheet.every),
        "elsewhere": latest if sheet and sheet.version_id and latest and latest.pk != sheet.version_id else None,
    }  # fmt: skip


def _told(tried: Rehearsal) -> dict[str, object]:
    report = tried.report.counts()
    repaired = [(each.line, each.messages) for each in tried.report.repairs[:SHOWN]]
    refused = [
        {"number": line.number, "cells": line.cells, "faults": [(fault.column, fault.reason) for fault in line.faults]}
        for line in tried.refused
    ]
    return {
        "report": report, "tables": report_tables(report), "repaired": repaired, "refused": refused,
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
    fetched = service.fetch_now(actor_of(request), target, consent=consent, most_lines=MAX_LINES)
    well = fetched.outcome in ("applied", "unchanged")
    tell = messages.success if well else messages.error
    tell(
        request,
        str(fetched.message if well else say("{message} La liste reste comme elle était.", message=fetched.message)),
    )
    if fetched.report:
        return redirect("list-version", target.pk, fetched.report.version)
    return redirect("list-sheet", target.pk)


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
