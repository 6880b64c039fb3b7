"""The company table: found, ticked and moved, taken away as a file; and a company typed in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import push_url

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Job
from tamis.app.services import companies as service
from tamis.app.services import (
    company_columns,
    company_filters,
    company_selection,
    company_table,
    exports,
    jobs,
    statuses,
    tags,
)
from tamis.app.services.companies import BadFields
from tamis.app.services.company_filters import Filters
from tamis.app.services.company_selection import moved_sentence, released_sentence
from tamis.app.services.subjects import COMPANY
from tamis.app.views import saved_views
from tamis.app.views.company_filter import TABLES, read, table_address
from tamis.app.views.company_forms import form, typed_values
from tamis.app.views.downloads import download, wanted_format
from tamis.app.views.list_content import page_number
from tamis.app.views.lists import the_list
from tamis.app.views.notices import undoable
from tamis.app.views.sign_in import next_page
from tamis.errors import Refused
from tamis.messages import say


@gate(Right.READ)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The companies that the filters let through, a page at a time; without a word, in the reader's own first view."""
    if elsewhere := saved_views.instead(request, COMPANY):
        return redirect(elsewhere)
    asked = read(request.GET, TABLES["company"])
    filters = asked.filters
    if len(request.GET.getlist("cols")) > 1:  # as the form of the columns sends them
        return redirect(table_address(filters, request.GET.get("view", ""), asked.misread))
    views = saved_views.context(request, filters)
    found = company_table.page(
        filters, page_number(request), after=the_id(request, "after"), before=the_id(request, "before")
    )
    columns = company_columns.find(filters.columns)
    context = {
        "page": found,
        "rows": [*zip(found.companies, company_columns.values(found.companies, columns), strict=True)],
        "columns": columns,
        "all_columns": company_columns.in_order(filters.columns),
        "lists_by_segment": company_table.lists_by_segment(),
        "statuses": statuses.statuses_of(COMPANY),
        "tags_by_category": tags.by_category(),
        **asked.context(views["view_word"]),
        **views,
    }
    response = render(request, "companies/index.html", context, status=400 if asked.fault else 200)
    if request.htmx:  # type: ignore[attr-defined]
        push_url(response, context["address"])
    return response


def the_id(request: HttpRequest, name: str) -> int | None:
    """A number among the parameters of an address."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@gate(Right.READ)
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """The exact number of companies, which follows the page where it takes longer than the page."""
    total = company_filters.count(Filters.read(request.GET).quickly())
    return render(request, "companies/_count.html", {"total": total})


@gate(Right.READ)
@require_safe
def relax(request: HttpRequest) -> HttpResponse:
    """Which filter to give up where nothing matches."""
    less = company_filters.relaxed(Filters.read(request.GET).quickly())
    found = [(each, table_address(each.filters)) for each in less]
    return render(request, "companies/_relax.html", {"found": found, "most": company_filters.FEW})


@gate(Right.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """What the filters let through, or what is ticked, as a file that can be imported again."""
    if request.method == "POST":
        chosen = service.existing().filter(pk__in=_ticked(request))
        form = wanted_format(request, request.POST.get("format", ""))
    else:
        chosen, form = company_filters.filtered(Filters.read(request.GET)), wanted_format(request)
    return download(_("entreprises"), exports.company_headings(), exports.company_rows(chosen), form)


@gate(Right.READ)
@require_POST
def export_job(request: HttpRequest) -> HttpResponse:
    """What the filters let through, written to a file in the background."""
    filters = Filters.read(QueryDict(request.POST.get("filters", "")))
    arguments = {"filters": filters.matching(), "format": wanted_format(request, request.POST.get("format", ""))}
    return redirect("job", jobs.start(actor_of(request), "company-export", arguments).pk)


@gate(Right.SORT)
@require_safe
def selection(request: HttpRequest) -> HttpResponse:
    """How many companies match, where they are and what a lock holds: to be confirmed before anything happens."""
    filters = Filters.read(request.GET)
    context = {
        "filters": filters,
        "matching": filters.matching(),
        "address": table_address(filters),
        "selection": company_selection.selection(filters),
        "most": company_selection.MOST_AT_ONCE,
        "few": company_filters.FEW,
        "lists_by_segment": company_table.lists_by_segment(),
        "statuses": statuses.statuses_of(COMPANY),
        "tags_by_category": tags.by_category(),
    }
    return render(request, "companies/selection.html", context)


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
    """Move the ticked companies, or every one that matches, to a list, and pin them there."""
    ids = [] if _all_matching(request) else _ticked(request)
    number = request.POST.get("list", "")
    if not number.isdigit():
        raise Refused(say("Choisissez la liste où les déplacer."), "list.none")
    target = the_list(int(number))
    if job := _long(request, "company-move", {"list": target.pk, "list_name": target.name}):
        return redirect("job", job.pk)
    if _all_matching(request):
        done = company_selection.move(actor_of(request), target, *_confirmed(request))
    else:
        done = service.move(actor_of(request), target, ids)
    undoable(request, str(moved_sentence(done.moved + done.already_there, target.name)), done.act)
    return redirect(next_page(request, reverse("companies")))


@gate(Right.SORT)
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Take the pins of the ticked companies, or of every one that matches, away."""
    if job := _long(request, "company-release", {}):
        return redirect("job", job.pk)
    if _all_matching(request):
        moved = company_selection.release(actor_of(request), *_confirmed(request))
    else:
        moved = service.release(actor_of(request), _ticked(request))
    messages.success(request, str(released_sentence(moved)))
    return redirect(next_page(request, reverse("companies")))


def _long(request: HttpRequest, kind: str, arguments: dict[str, Any]) -> Job | None:
    """The job that acts on everything that matches, where somebody would have to wait for it."""
    if not _all_matching(request):
        return None
    filters, expected = _confirmed(request)
    if expected <= company_selection.AT_ONCE:
        return None
    page = next_page(request, reverse("companies"))
    asked = arguments | {"filters": filters.matching(), "expected": expected, "next": page}
    return jobs.start_once(actor_of(request), kind, asked)


def _all_matching(request: HttpRequest) -> bool:
    return "matching" in request.POST


def _confirmed(request: HttpRequest) -> tuple[Filters, int]:
    """The filters whose companies somebody agreed to act on, and how many they were then."""
    number = request.POST.get("n", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Refused(say("Confirmez d'abord le nombre d'entreprises."), "selection.unconfirmed")
    return Filters.read(QueryDict(request.POST["matching"])), int(number)


def _ticked(request: HttpRequest) -> list[int]:
    """The companies ticked on this page, and on others before it."""
    texts = [*request.POST.getlist("company"), *request.POST.get("ticked", "").split(",")]
    ids = {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19}
    if not ids:
        raise Refused(say("Cochez d'abord une entreprise au moins."), "company.none")
    return sorted(ids)
