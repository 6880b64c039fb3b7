"""What entering and leaving an audience sets off: seen, added, deleted, and tried anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Audience, AudienceAction, AudienceDelivery, Segment, User
from tamis.app.services import audience_actions as service
from tamis.app.services import (
    audience_deliveries,
    audience_effects,
    audience_webhooks,
    audiences,
    lists,
    statuses,
    tags,
)
from tamis.app.views.audiences import about, the_audience
from tamis.errors import TamisError
from tamis.messages import Message, say, say_many

Kind, Edge = AudienceAction.Kind, AudienceAction.Edge
SHOWN = 50
"""Deliveries that are shown, the latest."""
MOST = 5_000
"""For more members than this, what a new action does is left to the worker."""
SAYS = {
    Kind.LIST: gettext_lazy("de l'entrée à la sortie ; une réclamation plus forte l'emporte"),
    Kind.TAG: gettext_lazy("de l'entrée à la sortie"),
    Kind.UNTAG: gettext_lazy("quelle que soit la main qui l'a posé"),
    Kind.STATUS: gettext_lazy("le dernier donné l'emporte"),
    Kind.ADD: gettext_lazy("ce qu'une personne y a fait à la main reste plus fort"),
    Kind.REMOVE: gettext_lazy("ce qu'une personne y a fait à la main reste plus fort"),
    Kind.WEBHOOK: gettext_lazy("une requête signée vers une autre machine, cent membres au plus chacune"),
    Kind.MAIL: gettext_lazy("un seul e-mail par rafraîchissement, avec tous les membres"),
}
UNDOES = {
    Kind.LIST: gettext_lazy("Les entreprises ne sont plus réclamées : chacune va où ses autres réclamations la "
                            "placent."),
    Kind.TAG: gettext_lazy("Le tag est retiré, sauf à qui une personne, un import ou une autre audience l'a donné."),
    Kind.UNTAG: gettext_lazy("Les tags déjà retirés ne reviennent pas."),
    Kind.STATUS: gettext_lazy("Les statuts déjà donnés restent."),
    Kind.ADD: gettext_lazy("Ceux qu'elle avait ajoutés n'y sont plus tenus : la règle de l'autre audience décide."),
    Kind.REMOVE: gettext_lazy("Ceux qu'elle avait retirés n'en sont plus tenus dehors : la règle de l'autre audience "
                              "décide."),
    Kind.WEBHOOK: gettext_lazy("Ce qui est parti reste parti. Ses envois et son secret disparaissent."),
    Kind.MAIL: gettext_lazy("Ce qui est parti reste parti. Ses envois disparaissent d'ici."),
}  # fmt: skip
NONE = {
    Kind.TAG: gettext_lazy("Aucun tag pour l'instant : un administrateur en ajoute dans les réglages."),
    Kind.UNTAG: gettext_lazy("Aucun tag pour l'instant : un administrateur en ajoute dans les réglages."),
    Kind.STATUS: gettext_lazy("Aucun statut pour l'instant : un administrateur en ajoute dans les réglages."),
    Kind.ADD: gettext_lazy("Aucune autre audience n'est faite des mêmes."),
    Kind.REMOVE: gettext_lazy("Aucune autre audience n'est faite des mêmes."),
}
Groups = Sequence[tuple[str, Sequence[tuple[str, str]]]]
"""What may be chosen, as values with their labels, under headings that may be empty."""


@dataclass(frozen=True)
class Typed:
    """What somebody asked for, and why it was refused."""

    kind: str = ""
    target: str = ""
    edge: str = Edge.ENTER
    fault: TamisError | None = None

    @property
    def wanted(self) -> service.Wanted:
        """The action to be. Raises :class:`~tamis.errors.Refused`."""
        edge = Edge.LEAVE if self.edge == Edge.LEAVE else Edge.ENTER
        return service.Wanted(service.read_kind(self.kind), self.target, edge)


@dataclass(frozen=True)
class Form:
    """The small form of one kind of action; ``groups`` is ``None`` where an address is typed."""

    kind: AudienceAction.Kind
    groups: Groups | None
    typed: Typed | None

    @property
    def says(self) -> str:
        """What one has to know of it."""
        return str(SAYS[self.kind])

    @property
    def none(self) -> str:
        """Why there is nothing to choose."""
        return str(NONE.get(self.kind, ""))

    @property
    def lasts(self) -> bool:
        """Whether it has no edge to choose."""
        return service.lasts(self.kind)


@gate(Right.READ)
@require_safe
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The actions of an audience, a form to add one, and what was sent."""
    return _page(request, the_audience(pk), Typed())


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an action; what is refused comes back with the reason and all that was typed."""
    audience = the_audience(pk)
    if request.method != "POST":
        return redirect("audience-actions", pk)
    given = request.POST
    typed = Typed(given.get("kind", ""), given.get("target", ""), given.get("edge", Edge.ENTER))
    try:
        made = audience_effects.add(actor_of(request), audience, typed.wanted, MOST)
    except TamisError as error:
        return _page(request, audience, Typed(typed.kind, typed.target, typed.edge, error), 409)
    messages.success(request, str(say("Action ajoutée : {what}.", what=service.sentence(made))))
    return redirect("audience-actions", pk)


@gate(Right.SORT)
@require_POST
def delete(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Delete an action with what it holds."""
    audience = the_audience(pk)
    try:
        action = service.find(audience, number)
        said = say("Action supprimée : {what}.", what=service.sentence(action))
        audience_effects.remove(actor_of(request), action)
    except TamisError as error:  # somebody else was first, or a refresh is under way
        messages.error(request, str(error))
    else:
        messages.success(request, str(said))
    return redirect("audience-actions", pk)


@gate(Right.SORT)
@require_POST
def replay(request: HttpRequest, pk: int, number: int | None = None) -> HttpResponse:
    """Try a delivery anew that was given up, or all that was; the worker does it."""
    audience = the_audience(pk)
    try:
        one = audience_deliveries.find(audience, number) if number is not None else None
        again = audience_deliveries.replay(actor_of(request), audience, one)
    except TamisError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, str(_told(again)))
    return redirect("audience-actions", pk)


def _told(n: int) -> Message:
    return say_many("{n} relancé : il repart dans la minute.", "{n} relancés : ils repartent dans la minute.", n=n)


def _page(request: HttpRequest, audience: Audience, typed: Typed, status: int = 200) -> HttpResponse:
    rows = [_row(each) for each in service.of(audience)]
    forms = _forms(audience, typed)
    deliveries = audience_deliveries.of(audience)
    context = about(audience, "actions") | {
        "rows": rows, "forms": forms, "dead": sum(each["told"]["dead"] for each in rows),
        "sent": [(each, _sending(each)) for each in deliveries[:SHOWN]], "shown": SHOWN,
        "fault": None if any(each.typed for each in forms) else typed.fault,
        "accounts": User.objects.filter(is_active=True).exclude(email="").order_by("username"),
    }  # fmt: skip
    return render(request, "audiences/actions.html", context, status=status)


def _sending(delivery: AudienceDelivery) -> Message:
    """What was sent to whom; of a webhook's address the machine, since the action tells the rest."""
    if delivery.action.kind == Kind.WEBHOOK:
        return say("webhook vers {name}", name=delivery.host)
    return service.deed(delivery.action)


def _row(action: AudienceAction) -> dict[str, Any]:
    """An action as the page shows it."""
    return {
        "pk": action.pk, "when": service.when(action), "deed": service.deed(action),
        "told": service.as_json(action), "undoes": UNDOES[Kind(action.kind)],
        "secret": audience_webhooks.secret(action) if action.kind == Kind.WEBHOOK else None,
    }  # fmt: skip


def _forms(audience: Audience, typed: Typed) -> list[Form]:
    """A form for each kind that suits the audience."""
    companies = audience.subject == Audience.Subject.COMPANIES
    others: Groups = [("", [(each.name, each.name) for each in audiences.every_audience()
                            if each.subject == audience.subject and each != audience])]  # fmt: skip
    of = audiences.subject_of(audience)
    known: Groups = [("", [(each.name, each.name) for each in statuses.statuses_of(of)])]
    choices: dict[AudienceAction.Kind, Groups | None] = {
        Kind.LIST: _lists(), Kind.TAG: _tags(), Kind.UNTAG: _tags(), Kind.STATUS: known, Kind.ADD: others,
        Kind.REMOVE: others, Kind.WEBHOOK: None, Kind.MAIL: None,
    }  # fmt: skip
    return [
        Form(kind, groups and [each for each in groups if each[1]], typed if typed.kind == kind else None)
        for kind, groups in choices.items() if companies or kind != Kind.LIST
    ]  # fmt: skip


def _lists() -> Groups:
    return [
        (str(Segment(segment).label), [(each.name, each.name) for each in found])
        for segment, found in groupby(lists.existing(), lambda each: each.segment)
    ]


def _tags() -> Groups:
    return [
        (category.name, [(f"{category.name}: {each.name}", each.name) for each in found])
        for category, found in tags.by_category()
    ]
