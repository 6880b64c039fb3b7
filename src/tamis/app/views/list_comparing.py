"""Two versions of a list side by side."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tamis.app.gates import Right, gate
from tamis.app.models import Company, List
from tamis.app.services import list_comparing as service
from tamis.app.services import list_versions
from tamis.app.services.list_comparing import Comparison, Difference
from tamis.app.views.downloads import download, wanted_format
from tamis.app.views.list_content import figures, page_number
from tamis.app.views.lists import the_list
from tamis.sources.lists import COLUMNS

PAGE = 50


@gate(Right.READ)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed between two versions, by kind, a page at a time; the last two unless the address says."""
    target = the_list(pk)
    versions = [*list_versions.history(target)]
    context = figures(target) | {"tab": "versions", "versions": versions, "columns": COLUMNS}
    if len(versions) < 2:
        return render(request, "lists/compare.html", context)
    found = _asked(request, target)
    what, page = request.GET.get("what", ""), page_number(request)
    wanted = [change for change in found.changes if not what or change.what == what]
    here = wanted[(page - 1) * PAGE : page * PAGE]
    companies = Company.objects.in_bulk({change.company for change in here if change.company})
    context |= {
        "found": found, "what": what, "versions_asked": f"from={found.older}&to={found.newer}",
        "page": page, "has_next": page * PAGE < len(wanted),
        "changes": [(change, companies.get(change.company or 0)) for change in here],
        "counts": [(kind.value, service.WORDS[kind], found.count(kind)) for kind in Difference],
    }  # fmt: skip
    return render(request, "lists/compare.html", context)


@gate(Right.READ)
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What changed between two versions, as a file."""
    target = the_list(pk)
    found = _asked(request, target)
    rows = [*service.export_rows(found)]
    name = f"{target.name}-v{found.older}-v{found.newer}"
    return download(name, service.EXPORT_COLUMNS, rows, wanted_format(request))


def _asked(request: HttpRequest, target: List) -> Comparison:
    """The comparison that an address asks for: ``from`` and ``to``, else the last two versions."""
    return service.compare_last(target, _number(request, "from"), _number(request, "to"))


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
