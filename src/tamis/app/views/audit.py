"""The audit trail: who did what, when and how; what it moved, and the way back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate, may
from tamis.app.models import Act, User
from tamis.app.services import audit as service
from tamis.app.services import undoing
from tamis.app.services.audit import ABOUT_PEOPLE, Filters
from tamis.app.services.companies import reason_of
from tamis.app.services.company_table import lists_by_segment
from tamis.app.views.downloads import download, wanted_format
from tamis.app.views.sign_in import next_page
from tamis.errors import NotFound
from tamis.messages import say


@gate(Right.READ)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The acts that the filters let through, a page at a time."""
    filters = Filters.read(request.GET.dict())
    page = service.page(service.acts(filters, everything=_sees_people(request)), _number(request, "before"))
    kinds = [kind for kind in Act.Kind if _sees_people(request) or kind not in ABOUT_PEOPLE]
    context = {
        "filters": filters, "asked": _address(filters.asked()), "page": page, "kinds": kinds, "vias": service.VIAS,
        "next": _address(filters.asked() | {"before": str(page.next)}) if page.next else "",
        "lists_by_segment": lists_by_segment(), "people": User.objects.values_list("username", flat=True),
        "undoable": undoing.undoable(page.acts), "older": "before" in request.GET,
    }  # fmt: skip
    return render(request, "audit/index.html", context)


def _sees_people(request: HttpRequest) -> bool:
    return may(request.user, Right.ADMINISTER)  # type: ignore[arg-type]


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _address(parameters: dict[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update(parameters)
    return query.urlencode()


@gate(Right.READ)
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Everything that the filters let through, as a file."""
    found = service.acts(Filters.read(request.GET.dict()), everything=_sees_people(request))
    return download(_("journal"), service.headings(), service.rows(found), wanted_format(request))


@gate(Right.READ)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One act, the moves that it made, and whether it can be taken back."""
    act = _the_act(request, pk)
    moves, after = service.moves_of(act, _number(request, "after"))
    context = {
        "act": act, "moves": [(move, reason_of(move)) for move in moves], "after": after, "vias": service.VIAS,
        "undoable": act.pk in undoing.undoable([act]), "undo": Act.objects.filter(undoes=act).first(),
    }  # fmt: skip
    return render(request, "audit/show.html", context)


def _the_act(request: HttpRequest, pk: int) -> Act:
    act = undoing.find(pk)
    if act.kind in ABOUT_PEOPLE and not _sees_people(request):
        raise NotFound(say("Le journal n'a pas d'acte n° {id}.", id=pk))
    return act


@gate(Right.SORT)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an act back."""
    done = undoing.undo(actor_of(request), undoing.find(pk))
    messages.success(request, str(done.sentence()))
    return redirect(next_page(request, reverse("act", args=[pk])))
