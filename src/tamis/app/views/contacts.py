"""The contact table: found, ticked and labelled, taken away as a file; and a contact typed in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import push_url

from tamis.app.gates import Right, actor_of, gate
from tamis.app.services import company_columns, contact_columns, exports, jobs, labels, statuses, tags
from tamis.app.services import company_filters as table
from tamis.app.services import contacts as service
from tamis.app.services.companies import BadFields
from tamis.app.services.contact_table import ContactFilters, page
from tamis.app.services.subjects import CONTACT
from tamis.app.views import saved_views
from tamis.app.views.companies import the_id
from tamis.app.views.company_filter import TABLES, read, table_address
from tamis.app.views.contact_forms import form, typed_values
from tamis.app.views.downloads import download, wanted_format
from tamis.app.views.labels import ticked
from tamis.app.views.list_content import page_number
from tamis.errors import Refused


@gate(Right.READ)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The contacts that the filters let through, a page at a time; without a word, in the reader's own first view."""
    if elsewhere := saved_views.instead(request, CONTACT):
        return redirect(elsewhere)
    asked = read(request.GET, TABLES["contact"])
    filters = asked.filters
    assert isinstance(filters, ContactFilters)
    if len(request.GET.getlist("cols")) > 1:  # as the form of the columns sends them
        return redirect(table_address(filters, request.GET.get("view", ""), asked.misread))
    views = saved_views.context(request, filters)
    found = page(filters, page_number(request), after=the_id(request, "after"), before=the_id(request, "before"))
    columns = company_columns.find(filters.columns, contact_columns.all_columns)
    context = {
        "page": found,
        "rows": [*zip(found.companies, contact_columns.values(found.companies, columns), strict=True)],
        "columns": columns,
        "all_columns": company_columns.in_order(filters.columns, contact_columns.all_columns),
        "statuses": statuses.statuses_of(CONTACT),
        "tags_by_category": tags.by_category(),
        **asked.context(views["view_word"]),
        **views,
    }
    response = render(request, "contacts/index.html", context, status=400 if asked.fault else 200)
    if request.htmx:  # type: ignore[attr-defined]
        push_url(response, context["address"])
    return response


@gate(Right.READ)
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """The exact number of contacts, which follows the page where it takes longer than the page."""
    return render(request, "companies/_count.html", {"total": table.count(ContactFilters.read(request.GET).quickly())})


@gate(Right.READ)
@require_safe
def relax(request: HttpRequest) -> HttpResponse:
    """Which filter to give up where nothing matches."""
    found = [(each, table_address(each.filters)) for each in table.relaxed(ContactFilters.read(request.GET).quickly())]
    return render(request, "contacts/_relax.html", {"found": found, "most": table.FEW})


@gate(Right.SORT)
@require_safe
def selection(request: HttpRequest) -> HttpResponse:
    """How many contacts match, to be confirmed before all of them are labelled."""
    filters = ContactFilters.read(request.GET)
    context = {
        "filters": filters,
        "matching": filters.matching(),
        "address": table_address(filters),
        "total": table.count(filters),
        "most": labels.MOST_AT_ONCE,
        "statuses": statuses.statuses_of(CONTACT),
        "tags_by_category": tags.by_category(),
    }
    return render(request, "contacts/selection.html", context)


@gate(Right.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """What the filters let through, or what is ticked, as a file that can be imported again."""
    if request.method == "POST":
        chosen = service.existing().filter(pk__in=ticked(request, "contact"))
        form = wanted_format(request, request.POST.get("format", ""))
    else:
        chosen, form = table.filtered(ContactFilters.read(request.GET)), wanted_format(request)
    return download(_("contacts"), exports.contact_headings(), exports.contact_rows(chosen), form)


@gate(Right.READ)
@require_POST
def export_job(request: HttpRequest) -> HttpResponse:
    """What the filters let through, written to a file in the background."""
    form = wanted_format(request, request.POST.get("format", ""))
    filters = ContactFilters.read(QueryDict(request.POST.get("filters", ""))).matching()
    job = jobs.start(actor_of(request), "contact-export", {"filters": filters, "format": form.value})
    return redirect("job", job.pk)


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Type a contact in; what cannot be read comes back with the reason beside its field."""
    typed = typed_values(request.POST.dict())
    if request.method != "POST":
        return render(request, "contacts/add.html", {"groups": form(None, {})})
    try:
        contact = service.add(actor_of(request), typed)
    except BadFields as error:
        context = {"groups": form(None, typed, error.faults), "faults": error.faults}
        return render(request, "contacts/add.html", context, status=409)
    except Refused as error:
        return render(request, "contacts/add.html", {"groups": form(None, typed), "fault": error}, status=409)
    messages.success(request, _("« %s » ajouté.") % contact.name)
    return redirect("contact", contact.pk)
