"""What a list holds: its lines, where each stands, and the file that brings them back."""

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tamis.app.gates import Right, gate
from tamis.app.models import Company, LineStatus, List, ListLine
from tamis.app.services import exports, list_versions, lists
from tamis.app.services.companies import existing
from tamis.app.views.downloads import download, wanted_format
from tamis.app.views.lists import the_list
from tamis.identity.folding import name_key
from tamis.messages import Message
from tamis.sources.lists import COLUMNS

PAGE = 50


@gate(Right.READ)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The lines of a list, a page at a time, by state and by what somebody looks for."""
    target = the_list(pk)
    status, text = request.GET.get("status", ""), request.GET.get("q", "").strip()
    page = page_number(request)
    found = _asked(list_versions.held(target), status, text)
    order = "siren" if _digits(text) else "name_key"  # whichever index finds them
    ids = [*found.order_by(order, "pk").values_list("pk", flat=True)[(page - 1) * PAGE : page * PAGE + 1]]
    lines = ListLine.objects.filter(pk__in=ids[:PAGE]).order_by(order, "pk").select_related("company__list")
    context = figures(target) | {
        "tab": "content", "lines": _dressed([*lines]), "status": status, "statuses": LineStatus, "q": text,
        "page": page, "has_next": len(ids) > PAGE,
    }  # fmt: skip
    return render(request, "lists/content.html", context)


@gate(Right.READ)
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The lines of a list as a file that can be imported again."""
    target = the_list(pk)
    return download(target.name, COLUMNS, exports.list_rows(target), wanted_format(request))


def page_number(request: HttpRequest) -> int:
    """The page that an address asks for, the first unless it says."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def figures(target: List) -> dict[str, object]:
    """A list with its companies and its lines by state."""
    by_status = dict(list_versions.held(target).order_by().values_list("status").annotate(n=Count("pk")))
    return {
        "list": target,
        "last_import": list_versions.history(target).values_list("act__at", flat=True).first(),
        "refused_open": lists.refused_counts().get(target.pk, 0),
        "companies": existing().filter(list=target).count(),
        "line_count": sum(by_status.values()),
        **{f"{status}_count": by_status.get(status, 0) for status in LineStatus.values},
    }


def _asked(lines: QuerySet[ListLine], status: str, text: str) -> QuerySet[ListLine]:
    if status in LineStatus.values:
        lines = lines.filter(status=status)
    if not text:
        return lines
    if digits := _digits(text):
        return lines.filter(siren__gte=digits, siren__lt=f"{digits}:")  # a range, which an index answers
    wanted = Q(name_key__contains=name_key(text)) if name_key(text) else Q(pk__in=[])
    if "." in text:
        wanted |= Q(email_domain__contains=text.lower()) | Q(website__contains=text.lower())
    return lines.filter(wanted)


def _digits(text: str) -> str:
    """The digits of a SIREN's beginning, when somebody typed nothing else; a name may have a few digits too."""
    digits = "".join(text.split())
    return digits if digits.isascii() and digits.isdigit() and len(digits) >= 4 else ""


def _dressed(lines: list[ListLine]) -> list[dict[str, object]]:
    """Lines with their repairs in words, and with the companies that they may mean."""
    ids = {candidate["company"] for line in lines for candidate in line.candidates}
    companies = Company.objects.in_bulk(ids)
    return [
        {
            "line": line,
            "repairs": [Message.read(repair) for repair in line.repairs],
            "candidates": [
                (companies[each["company"]], Message.read(each["evidence"]))
                for each in line.candidates
                if each["company"] in companies
            ],
        }
        for line in lines
    ]
