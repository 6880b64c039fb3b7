"""The past of a list: every import, what it did, its content, and the way back to it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import List
from tamis.app.services import exports, list_imports, list_mending
from tamis.app.services import list_background as background
from tamis.app.services import list_versions as service
from tamis.app.views.downloads import download, wanted_format
from tamis.app.views.import_lines import PAGE, mendable_rows, tell_mended, typed_cells
from tamis.app.views.list_content import figures, page_number
from tamis.app.views.lists import the_list
from tamis.app.views.reports import report_tables
from tamis.errors import Refused
from tamis.messages import say_many
from tamis.sources.lists import COLUMNS, REFUSED_COLUMNS, Cells, refused_cells


@gate(Right.READ)
@require_safe
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The versions of a list, the latest first."""
    target = the_list(pk)
    return render(
        request, "lists/versions.html", figures(target) | {"tab": "versions", "versions": service.history(target)}
    )


@gate(Right.READ)
@require_safe
def show(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What one import did, with the lines that it refused, to be mended in place."""
    target = the_list(pk)
    return render(request, "lists/version.html", _version_context(request, target, number))


def _version_context(
    request: HttpRequest, target: List, number: int, typed: Mapping[int, Cells] | None = None
) -> dict[str, Any]:
    """What the page of a version shows; ``typed`` stands in the place of refused lines that could not be sent."""
    version, page = service.find_version(target, number), page_number(request)
    rows = service.open_refusals(version)
    here = [*(rows.filter(pk__in=typed) if typed else rows[(page - 1) * PAGE : page * PAGE])]
    total = rows.count()
    return figures(target) | {
        "tab": "versions", "step": 4, "version": version, "report": version.report, "columns": COLUMNS,
        "tables": report_tables(version.report), "mendable": mendable_rows(here, typed or {}), "refused_count": total,
        "settled": version.report.get("refused", 0) - total, "page": page, "has_next": page * PAGE < total,
        "latest": service.history(target).values_list("number", flat=True).first() == number,
    }  # fmt: skip


@gate(Right.SORT)
@require_POST
def mend(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Add the refused lines that were mended to the list; what is still wrong, or cannot be added now, stays typed."""
    target = the_list(pk)
    typed = typed_cells(request.POST)
    try:
        done = list_mending.mend(actor_of(request), service.find_version(target, number), typed)
    except Refused as error:
        context = _version_context(request, target, number, typed) | {"fault": error}
        return render(request, "lists/version.html", context, status=409)
    tell_mended(request, done.accepted, done.wrong)
    if done.wrong:
        return redirect(reverse("list-version", args=(pk, number)) + "#refused")
    return redirect("list-version", pk, done.version)


@gate(Right.SORT)
@require_POST
def set_aside(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Stop asking about the refused lines of an import."""
    n = list_mending.set_aside(actor_of(request), service.find_version(the_list(pk), number))
    messages.success(request, str(say_many("{n} ligne écartée.", "{n} lignes écartées.", n=n)))
    return redirect("list-version", pk, number)


@gate(Right.READ)
@require_safe
def open_refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The way to the refused lines of a list that are still open: the latest import that has some."""
    target = the_list(pk)
    number = service.history(target).filter(refused_lines__settled_by=None).exclude(refused_lines=None)
    latest = number.values_list("number", flat=True).first()
    if latest is None:
        messages.info(request, _("Aucune ligne refusée n'est à corriger."))
        return redirect("list", pk)
    return redirect(reverse("list-version", args=(pk, latest)) + "#refused")


@gate(Right.READ)
@require_safe
def refused(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """The lines that an import refused, to be mended and imported again."""
    version = service.find_version(the_list(pk), number)
    rows = [refused_cells(line) for line in service.refused_lines(version)]  # now: the reasons in the reader's language
    return download(f"{version.list.name}-v{number}-refus", REFUSED_COLUMNS, rows)


@gate(Right.READ)
@require_safe
def export(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """What a list held after a version, as a file that can be imported again."""
    target = the_list(pk)
    service.find_version(target, number)
    return download(f"{target.name}-v{number}", COLUMNS, exports.list_rows(target, number), wanted_format(request))


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Say what bringing a version back would do; on consent, bring it back."""
    target, actor = the_list(pk), actor_of(request)
    version, long = service.find_version(target, number), background.is_long_version(target, number)
    if request.method == "POST":
        if long:
            dry_run = request.POST.get("action") == "rehearse"
            return redirect("job", background.start_restore(actor, target, number, dry_run=dry_run).pk)
        report = list_imports.restore(actor, target, number)
        messages.success(request, _("Version %(number)s rétablie.") % {"number": number})
        return redirect("list-version", pk, report.version)
    job = background.rehearsed_restore(actor, target, number) if long else None
    if job and job.active:
        return redirect("job", job.pk)
    planned = None if long else list_imports.restore(actor, target, number, dry_run=True).counts()
    planned = job.result if job else planned
    context = figures(target) | {
        "tab": "versions",
        "version": version,
        "report": planned,
        "tables": report_tables(planned) if planned else None,
    }
    return render(request, "lists/restore.html", context)
