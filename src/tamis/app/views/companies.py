"""The company table: found, ticked and moved, taken away as a file; and a company typed in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import push_url

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Segment
from tamis.app.services import companies as service
from tamis.app.services import company_table as table
from tamis.app.services import exports, jobs
from tamis.app.services.companies import BadFields
from tamis.app.services.company_table import Filters
from tamis.app.views.company_forms import form, typed_values
from tamis.app.views.downloads import download, wanted_format
from tamis.app.views.list_content import page_number
from tamis.app.views.lists import the_list
from tamis.app.views.sign_in import next_page
from tamis.errors import Refused
from tamis.messages import say, say_many


@gate(Right.READ)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The companies that the filters let through, a page at a time."""
    filters = Filters.read(request.GET.dict())
    context = {
        "page": table.page(filters, page_number(request)),
        "filters": filters,
        "asked": _address(filters.asked()),
        "unsorted": _address({key: text for key, text in filters.asked().items() if key != "sort"}),
        "segments": Segment,
        "lists_by_segment": table.lists_by_segment(),
        "exported_at_once": EXPORTED_AT_ONCE,
    }
    response = render(request, "companies/index.html", context)
    if request.htmx:  # type: ignore[attr-defined]
        push_url(response, f"{reverse('companies')}?{context['asked']}")
    return response


def _address(parameters: dict[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update(parameters)
    return query.urlencode()


EXPORTED_AT_ONCE = 5_000
"""How many companies the page offers to export while somebody waits; more are written in the background."""


@gate(Right.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """Everything that the filters let through, as a file that can be imported again: at once, or as a job."""
    filters = Filters.read(request.GET.dict())
    if request.method == "POST":
        arguments = {"filters": filters.asked(), "format": wanted_format(request)}
        return redirect("job", jobs.start(actor_of(request), "company-export", arguments).pk)
    chosen = table.filtered(filters)
    return download(_("entreprises"), exports.company_headings(), exports.company_rows(chosen), wanted_format(request))


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Type a company in; what cannot be read comes back with the reason beside its field."""
    typed = typed_values(request.POST.dict())
    if request.method != "POST":
        return render(request, "companies/add.html", {"groups": form(None, {})})
    try:
        company = service.add(actor_of(request), {key: text for key, text in typed.items() if text.strip()})
    except BadFields as error:
        return render(
            request,
            "companies/add.html",
            {"groups": form(None, typed, error.faults), "faults": error.faults},
            status=409,
        )
    except Refused as error:
        return render(request, "companies/add.html", {"groups": form(None, typed), "fault": error}, status=409)
    messages.success(request, _("« %s » ajoutée.") % company.name)
    return redirect("company", company.pk)


@gate(Right.SORT)
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Move the ticked companies to a list, and pin them there."""
    ids = _ticked(request)
    number = request.POST.get("list", "")
    if not number.isdigit():
        raise Refused(say("Choisissez la liste où les déplacer."), "list.none")
    target = the_list(int(number))
    done = service.move(actor_of(request), target, ids)
    sentence = say_many(
        "{n} entreprise épinglée dans « {list} ».", "{n} entreprises épinglées dans « {list} ».",
        n=done.moved + done.already_there, list=target.name,
    )  # fmt: skip
    messages.success(request, str(sentence))
    return redirect(next_page(request, reverse("companies")))


@gate(Right.SORT)
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Take the pins of the ticked companies away."""
    moved = service.release(actor_of(request), _ticked(request))
    sentence = say_many(
        "Épingles retirées : {n} entreprise a changé de liste.",
        "Épingles retirées : {n} entreprises ont changé de liste.",
        n=moved,
    )
    messages.success(request, str(sentence))
    return redirect(next_page(request, reverse("companies")))


def _ticked(request: HttpRequest) -> list[int]:
    ids = [
        int(text) for text in request.POST.getlist("company") if text.isascii() and text.isdigit() and len(text) < 19
    ]
    if not ids:
        raise Refused(say("Cochez d'abord une entreprise au moins."), "company.none")
    return ids
