"""The lists: seen together, made, named, locked and deleted."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import List, Segment
from tamis.app.models.lists import UNCLASSIFIED
from tamis.app.services import lists as service
from tamis.app.services import sorting
from tamis.app.services.first_steps import proposed_locks
from tamis.app.services.lists import Summary
from tamis.app.views.downloads import download
from tamis.app.views.sign_in import next_page
from tamis.errors import Refused
from tamis.messages import say, say_many
from tamis.sources.lists import COLUMNS, TEMPLATE_ROWS
from tamis.sources.writing import Format


def the_list(pk: int) -> List:
    """The list of a page's address. Raises :class:`~tamis.errors.NotFound`."""
    return service.find_by_id(pk)


@gate(Right.READ)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The lists by segment, with their figures."""
    figures = service.Figures()
    held, limit = service.quota(figures.lines)
    context = {
        "held": held,
        "limit": limit,
        "groups": _groups(service.summaries(figures)),
        "proposed_locks": proposed_locks(),
        "unclassified": UNCLASSIFIED,
    }
    return render(request, "lists/index.html", context)


def _groups(summaries: list[Summary]) -> list[dict[str, object]]:
    groups = []
    for segment in Segment:
        inside = [each for each in summaries if each.list.segment == segment]
        lockable = [each.list for each in inside if each.list.name != UNCLASSIFIED]
        groups.append(
            {
                "segment": segment,
                "summaries": inside,
                "companies": sum(each.companies for each in inside),
                "all_locked": all(each.locked for each in lockable),
                "any_locked": any(each.locked for each in lockable),
            }
        )
    return groups


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Make a list in a segment; a name that is refused comes back with the reason beside it."""
    given = request.POST if request.method == "POST" else request.GET
    context = {"segments": Segment, "segment": given.get("segment", Segment.PROSPECT), "label": given.get("label", "")}
    if request.method != "POST":
        return render(request, "lists/create.html", context)
    try:
        made = service.create(actor_of(request), service.find_segment(str(context["segment"])), str(context["label"]))
    except Refused as error:
        return render(request, "lists/create.html", context | {"fault": error}, status=409)
    messages.success(request, _("Liste « %s » créée. Importez-y un fichier.") % made.name)
    return redirect("list-import", made.pk)


@gate(Right.SORT)
@require_safe
def manage(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a list is renamed, locked and deleted."""
    return render(request, "lists/manage.html", {"list": the_list(pk), "unclassified": UNCLASSIFIED, "tab": "manage"})


@gate(Right.SORT)
@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a list another name within its segment."""
    target = the_list(pk)
    try:
        renamed = service.rename(actor_of(request), target, request.POST.get("label", ""))
    except Refused as error:
        context = {"list": target, "label": request.POST.get("label", ""), "fault": error, "tab": "manage"}
        return render(request, "lists/manage.html", context | {"unclassified": UNCLASSIFIED}, status=409)
    messages.success(request, _("La liste s'appelle maintenant « %s ».") % renamed.name)
    return redirect("list-manage", pk)


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Say where a list's companies would go; on consent, delete it."""
    target, actor = the_list(pk), actor_of(request)
    if request.method != "POST":
        planned = service.rehearse_deletion(actor, target)
        destinations = [(service.find(name), n) for name, n in planned.destinations.items()]
        context = {"list": target, "planned": planned, "destinations": destinations, "tab": "manage"}
        return render(request, "lists/delete.html", context)
    service.delete(actor, target)
    messages.success(request, _("Liste « %s » supprimée.") % target.name)
    return redirect("lists")


@gate(Right.SORT)
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Lock one list, a segment's, or those proposed at the start."""
    chosen = proposed_locks() if request.POST.get("proposed") else _chosen(request.POST)
    if not chosen:
        raise Refused(say("Ces listes sont déjà verrouillées."), "list.locked")
    service.lock(actor_of(request), chosen)
    sentence = say_many(
        "{n} liste verrouillée : {names}.", "{n} listes verrouillées : {names}.", n=len(chosen), names=_names(chosen)
    )
    messages.success(request, str(sentence))
    return redirect(next_page(request, reverse("lists")))


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """Say how many companies would leave; on consent, unlock one list or a segment's."""
    given = request.POST if request.method == "POST" else request.GET
    chosen = [each for each in _chosen(given) if each.locked]
    if not chosen:
        raise Refused(say("Aucune de ces listes n'est verrouillée."), "list.unlocked")
    if request.method != "POST":
        leaving = [(each, sorting.would_leave(each)) for each in chosen]
        context = {"leaving": leaving, "total": sum(n for _list, n in leaving), "given": given}
        return render(request, "lists/unlock.html", context)
    left = sum(service.unlock(actor_of(request), chosen).values())
    sentence = say_many(
        "Déverrouillé : {names}. {n} entreprise est partie ailleurs.",
        "Déverrouillé : {names}. {n} entreprises sont parties ailleurs.",
        n=left, names=_names(chosen),
    )  # fmt: skip
    messages.success(request, str(sentence))
    return redirect(next_page(request, reverse("lists")))


def _chosen(given: QueryDict) -> list[List]:
    """The list or the segment's lists that a form names."""
    if segment := given.get("segment"):
        return service.of_segment(service.find_segment(segment))
    number = given.get("list", "")
    return [the_list(int(number) if number.isascii() and number.isdigit() else 0)]


def _names(chosen: list[List]) -> str:
    return ", ".join(each.name for each in chosen)


@gate(Right.READ)
@require_safe
def template(request: HttpRequest) -> HttpResponseBase:
    """A file to fill in: the four columns and three examples, as a French Excel opens it."""
    return download("modele-tamis", COLUMNS, TEMPLATE_ROWS, Format.CSV_FR)
