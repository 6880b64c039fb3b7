"""The saved views of the company table: tabs above it, and the pages where they are kept, renamed, shared, deleted."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tamis.app.gates import Right, actor_of, gate, may
from tamis.app.models import SavedView, User
from tamis.app.services import saved_views as service
from tamis.app.services.company_filters import Filters
from tamis.app.views.company_filter import table_address
from tamis.errors import NotFound, Refused

EVERYTHING = "all"
"""The word of an address for no saved view at all, also for those who have a first view of their own."""


@dataclass(frozen=True)
class Tab:
    """A tab above the table."""

    name: str
    address: str
    here: bool
    shared_by: str = ""


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def instead(request: HttpRequest) -> str:
    """The address to go to: of the view that is asked for by its number alone, or of the reader's own first one."""
    word = request.GET.get("view", "")
    if set(request.GET) - {"view"} or word == EVERYTHING:
        return ""
    view = service.find(_user(request), int(word)) if _is_number(word) else service.default_of(_user(request))
    if view is None:
        return ""
    try:
        address = table_address(service.filters_of(view), str(view.pk))
    except (NotFound, Refused) as error:
        messages.error(request, _("La vue « %(view)s » : %(error)s") % {"view": view.name, "error": error})
        return table_address(Filters(), EVERYTHING)
    return address if address != request.get_full_path() else ""


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 19


def shown(request: HttpRequest) -> SavedView | None:
    """The saved view that the address came from, where the reader sees it still."""
    word = request.GET.get("view", "")
    return service.seen_by(_user(request)).filter(pk=int(word)).first() if _is_number(word) else None


def view_word(view: SavedView | None) -> str:
    """A view as an address names it."""
    return str(view.pk) if view else ""


def is_changed(view: SavedView | None, filters: Filters) -> bool:
    """Whether the table shows something that the view does not, and that is worth keeping."""
    return filters.query() != (view.query if view else "")


def tabs(request: HttpRequest, filters: Filters) -> list[Tab]:
    """Every company, then the views that the reader sees."""
    here = shown(request)
    first = Tab(_("Toutes"), f"{reverse('companies')}?view={EVERYTHING}", here is None and not filters.narrowing)
    user = _user(request)
    return [
        first,
        *(
            Tab(view.name, f"{reverse('companies')}?view={view.pk}", view == here,
                view.owner.username if view.owner_id != user.pk else "")
            for view in service.seen_by(user)
        ),
    ]  # fmt: skip


def _query(request: HttpRequest) -> Filters:
    """The filters that a form carries, or an address."""
    given = QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET
    return Filters.read(given)


@gate(Right.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Keep what the table shows under a name."""
    filters = _query(request)
    context = {"filters": filters, "query": filters.query(), "name": request.POST.get("name", ""),
               "address": table_address(filters)}  # fmt: skip
    if request.method != "POST":
        return render(request, "companies/view_new.html", context)
    try:
        view = service.save(actor_of(request), str(context["name"]), filters, shared=_shared(request))
    except Refused as error:
        return render(request, "companies/view_new.html", context | {"fault": error}, status=409)
    if "default" in request.POST:
        service.make_default(_user(request), view)
    messages.success(request, _("Vue « %s » enregistrée.") % view.name)
    return redirect(table_address(filters, view_word(view)))


def _shared(request: HttpRequest) -> bool:
    """Whether a view is to be shared: what everybody sees is for those who may sort."""
    return "shared" in request.POST and may(_user(request), Right.SORT)


@gate(Right.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a view, share it, make it show what the table shows now."""
    view = service.find(_user(request), pk)
    filters = _query(request)
    stored = QueryDict(view.query).urlencode(safe="|,")
    context = {
        "view": view, "mine": service.may_change(_user(request), view), "filters": filters, "query": filters.query(),
        "changed": filters.query() != stored and request.GET.keys() - {"view"},
        "address": f"{reverse('companies')}?view={view.pk}",
        "is_default": service.default_of(_user(request)) == view, "name": request.POST.get("name", view.name),
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "companies/view.html", context)
    try:
        changed = filters if "update" in request.POST else None
        view = service.change(
            actor_of(request), view, name=str(context["name"]), shared=_shared(request), filters=changed
        )
    except Refused as error:
        return render(request, "companies/view.html", context | {"fault": error}, status=409)
    messages.success(request, _("Vue « %s » enregistrée.") % view.name)
    return redirect(f"{reverse('companies')}?view={view.pk}")


@gate(Right.READ)
@require_POST
def make_default(request: HttpRequest) -> HttpResponse:
    """Open the table with a view from now on, or with every company."""
    word = request.POST.get("view", "")
    view = service.find(_user(request), int(word)) if _is_number(word) else None
    service.make_default(_user(request), view)
    said = (
        _("La table s'ouvrira sur « %s ».") % view.name if view else _("La table s'ouvrira sur toutes les entreprises.")
    )
    messages.success(request, said)
    return redirect(f"{reverse('companies')}?view={view_word(view) or EVERYTHING}")


@gate(Right.READ)
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a view of one's own."""
    view = service.find(_user(request), pk)
    service.delete(actor_of(request), view)
    messages.success(request, _("Vue « %s » supprimée.") % view.name)
    return redirect(f"{reverse('companies')}?view={EVERYTHING}")
