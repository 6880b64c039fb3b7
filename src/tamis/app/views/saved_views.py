"""The saved views of a table: tabs above it, and the pages where they are kept, renamed, shared, deleted."""

from dataclasses import dataclass
from typing import Any

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
from tamis.app.services.subjects import CONTACT, SUBJECTS, Subject
from tamis.app.views.company_filter import TABLES, table_address
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


def instead(request: HttpRequest, subject: Subject) -> str:
    """The address to go to: of the view that is asked for by its number alone, or of the reader's own first one."""
    word = request.GET.get("view", "")
    if set(request.GET) - {"view"} or word == EVERYTHING:
        return ""
    user = _user(request)
    view = service.find(user, int(word), subject) if _is_number(word) else service.default_of(user, subject)
    if view is None:
        return ""
    try:
        address = table_address(service.filters_of(view), str(view.pk))
    except (NotFound, Refused) as error:
        messages.error(request, _("La vue « %(view)s » : %(error)s") % {"view": view.name, "error": error})
        return table_address(service.TABLES[subject.key](), EVERYTHING)
    return address if address != request.get_full_path() else ""


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 19


def shown(request: HttpRequest, subject: Subject) -> SavedView | None:
    """The saved view that the address came from, where the reader sees it still."""
    word = request.GET.get("view", "")
    return service.seen_by(_user(request), subject).filter(pk=int(word)).first() if _is_number(word) else None


def view_word(view: SavedView | None) -> str:
    """A view as an address names it."""
    return str(view.pk) if view else ""


def is_changed(view: SavedView | None, filters: Filters) -> bool:
    """Whether the table shows something that the view does not, and that is worth keeping."""
    return filters.query() != (view.query if view else "")


def context(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    """What the templates of a table show of its views."""
    view = shown(request, filters.subject)
    word = view_word(view)
    return {
        "view": view, "view_word": word, "views": tabs(request, filters, view), "changed": is_changed(view, filters),
        "view_page": _address(view, "view") if view else "",
    }  # fmt: skip


def tabs(request: HttpRequest, filters: Filters, here: SavedView | None) -> list[Tab]:
    """Everything, then the views that the reader sees."""
    index = TABLES[filters.subject.key].at["index"]
    every = _("Tous") if filters.subject is CONTACT else _("Toutes")
    first = Tab(every, f"{index}?view={EVERYTHING}", here is None and not filters.narrowing)
    user = _user(request)
    return [
        first,
        *(
            Tab(view.name, f"{index}?view={view.pk}", view == here,
                view.owner.username if view.owner_id != user.pk else "")
            for view in service.seen_by(user, filters.subject)
        ),
    ]  # fmt: skip


def _address(view: SavedView, page: str) -> str:
    """The address of a page of a view."""
    return reverse(f"{TABLES[view.subject].name}-{page}", args=[view.pk])


def _query(request: HttpRequest, of: str) -> Filters:
    """The filters that a form carries, or an address."""
    given = QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET
    return service.TABLES[of].read(given)


@gate(Right.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, of: str = "company") -> HttpResponse:
    """Keep what the table shows under a name."""
    filters = _query(request, of)
    context = {"filters": filters, "query": filters.query(), "name": request.POST.get("name", ""), "of": of,
               "address": table_address(filters)}  # fmt: skip
    if request.method != "POST":
        return render(request, "companies/view_new.html", context)
    try:
        view = service.save(actor_of(request), str(context["name"]), filters, shared=_shared(request))
    except Refused as error:
        return render(request, "companies/view_new.html", context | {"fault": error}, status=409)
    if "default" in request.POST:
        service.make_default(_user(request), filters.subject, view)
    messages.success(request, _("Vue « %s » enregistrée.") % view.name)
    return redirect(table_address(filters, view_word(view)))


def _shared(request: HttpRequest) -> bool:
    """Whether a view is to be shared: what everybody sees is for those who may sort."""
    return "shared" in request.POST and may(_user(request), Right.SORT)


@gate(Right.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, pk: int, of: str = "company") -> HttpResponse:
    """Rename a view, share it, make it show what the table shows now."""
    view = service.find(_user(request), pk, SUBJECTS[of])
    filters, table = _query(request, of), TABLES[of]
    stored = QueryDict(view.query).urlencode(safe="|,")
    context = {
        "view": view, "mine": service.may_change(_user(request), view), "filters": filters, "query": filters.query(),
        "changed": filters.query() != stored and request.GET.keys() - {"view"}, "of": of, "at": table.at,
        "address": f"{table.at['index']}?view={view.pk}", "delete_address": _address(view, "view-delete"),
        "is_default": service.default_of(_user(request), SUBJECTS[of]) == view,
        "name": request.POST.get("name", view.name),
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
    return redirect(str(context["address"]))


@gate(Right.READ)
@require_POST
def make_default(request: HttpRequest, of: str = "company") -> HttpResponse:
    """Open the table with a view from now on, or with everything."""
    word, subject = request.POST.get("view", ""), SUBJECTS[of]
    view = service.find(_user(request), int(word), subject) if _is_number(word) else None
    service.make_default(_user(request), subject, view)
    everything = (
        _("La table s'ouvrira sur tous les contacts.")
        if subject is CONTACT
        else _("La table s'ouvrira sur toutes les entreprises.")
    )
    messages.success(request, _("La table s'ouvrira sur « %s ».") % view.name if view else everything)
    return redirect(f"{TABLES[of].at['index']}?view={view_word(view) or EVERYTHING}")


@gate(Right.READ)
@require_POST
def delete(request: HttpRequest, pk: int, of: str = "company") -> HttpResponse:
    """Delete a view of one's own."""
    view = service.find(_user(request), pk, SUBJECTS[of])
    service.delete(actor_of(request), view)
    messages.success(request, _("Vue « %s » supprimée.") % view.name)
    return redirect(f"{TABLES[of].at['index']}?view={EVERYTHING}")
