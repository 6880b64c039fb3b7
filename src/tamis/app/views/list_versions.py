"""The past of a list: every import, what it did, its content, and the way back to it."""

from itertools import islice

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.services import exports, list_imports
from tamis.app.services import list_versions as service
from tamis.app.views.downloads import download, wanted_format
from tamis.app.views.list_content import figures
from tamis.app.views.lists import the_list
from tamis.app.views.reports import refusals, report_tables
from tamis.app.views.uploads import SHOWN, shown_refusal
from tamis.sources.lists import COLUMNS, REFUSED_COLUMNS, refused_cells


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
    """What one import did, with the lines that it refused."""
    target = the_list(pk)
    version = service.find_version(target, number)
    refused_lines = islice(service.refused_lines(version), SHOWN)
    context = figures(target) | {
        "tab": "versions", "version": version, "report": version.report, "tables": report_tables(version.report),
        "refused": refusals(shown_refusal(line) for line in refused_lines), "columns": COLUMNS,
        "latest": service.history(target).values_list("number", flat=True).first() == number,
    }  # fmt: skip
    return render(request, "lists/version.html", context)


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
    if request.method == "POST":
        report = list_imports.restore(actor, target, number)
        messages.success(request, _("Version %(number)s rétablie.") % {"number": number})
        return redirect("list-version", pk, report.version)
    planned = list_imports.restore(actor, target, number, dry_run=True).counts()
    version = service.find_version(target, number)
    context = figures(target) | {
        "tab": "versions",
        "version": version,
        "report": planned,
        "tables": report_tables(planned),
    }
    return render(request, "lists/restore.html", context)
