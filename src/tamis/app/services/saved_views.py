"""Views of the company table or of the contact table under a name: kept for oneself, or shared with the workspace."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict

from tamis.app.models import Act, SavedView, User
from tamis.app.services.acting import Actor, acting
from tamis.app.services.company_filters import NOT_CONDITIONS, Filters
from tamis.app.services.contact_table import ContactFilters
from tamis.app.services.subjects import Subject
from tamis.errors import NotFound, Refused
from tamis.identity.folding import fold
from tamis.messages import Message, say, say_many

MAX_NAME, MOST = 60, 50
TABLES: Mapping[str, type[Filters]] = {each.subject.key: each for each in (Filters, ContactFilters)}
"""What each table is asked with, by the key of its subject."""


def seen_by(user: User, subject: Subject) -> QuerySet[SavedView]:
    """The views of a table that somebody sees: their own and the shared ones, in the order of their names."""
    return _every(user).filter(subject=subject.key)


def _every(user: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(Q(owner=user) | Q(shared=True)).select_related("owner").order_by("key", "pk")


def find(user: User, pk: int, subject: Subject | None = None) -> SavedView:
    """A view that somebody sees, of one table or of any. Raises :class:`~tamis.errors.NotFound`."""
    views = _every(user) if subject is None else seen_by(user, subject)
    if view := views.filter(pk=pk).first():
        return view
    raise NotFound(say("Cette vue n'existe pas, ou elle n'est plus partagée."))


def default_of(user: User, subject: Subject) -> SavedView | None:
    """The view of a table that somebody wants to see first."""
    return seen_by(user, subject).filter(default_of=user).first()


def filters_of(view: SavedView) -> Filters:
    """What a view asks of the table. Raises as :meth:`Filters.read` does, where a list of it has gone meanwhile."""
    return TABLES[view.subject].read(QueryDict(view.query))


def as_json(view: SavedView) -> dict[str, Any]:
    """A view as programs see it; its conditions as they were kept, also where a list of theirs has gone."""
    asked = QueryDict(view.query)
    columns = str(asked.get("cols", "")).split(",") if "cols" in asked else [*TABLES[view.subject].usual]
    return {
        "id": view.pk, "subject": view.subject, "name": view.name, "owner": view.owner.username, "shared": view.shared,
        "query": view.query, "q": asked.get("q", ""), "rule": asked.get("rule", ""), "sort": asked.get("sort", "name"),
        "columns": columns,
        "where": [f"{name}={text}" for name, texts in asked.lists() if name not in NOT_CONDITIONS for text in texts],
    }  # fmt: skip


def save(actor: Actor, name: str, filters: Filters, *, shared: bool = False) -> SavedView:
    """A new view of the actor. Raises :class:`~tamis.errors.Refused` for a name that they have already."""
    owner = _person(actor)
    subject = filters.subject.key
    name = _checked(owner, subject, name)
    if owner.views.filter(subject=subject).count() >= MOST:
        raise Refused(say("Au plus {max} vues à chacun : supprimez-en une.", max=MOST), "view.many")
    view = SavedView(name=name, key=fold(name), owner=owner, subject=subject, query=filters.query(), shared=shared)
    _keep(actor, view, say("Vue « {name} » partagée", name=name))
    return view


def change(actor: Actor, view: SavedView, *, name: str, shared: bool, filters: Filters | None = None) -> SavedView:
    """Rename a view, share it or keep it to oneself, and with ``filters`` make it show what they say."""
    _refuse_others(actor, view)
    told = view.shared or shared
    view.name = _checked(view.owner, view.subject, name, but=view)
    view.key, view.shared = fold(view.name), shared
    if filters is not None:
        view.query = filters.query()
    _keep(actor, view, say("Vue partagée « {name} » modifiée", name=view.name), told)
    if not shared:
        view.default_of.remove(*view.default_of.exclude(pk=view.owner_id))
    return view


def delete(actor: Actor, view: SavedView) -> None:
    """Delete a view."""
    _refuse_others(actor, view)
    if not view.shared:
        view.delete()
        return
    with acting(actor, Act.Kind.VIEW_SHARED, say("Vue partagée « {name} » supprimée", name=view.name)):
        view.delete()


def make_default(user: User, subject: Subject, view: SavedView | None) -> None:
    """Open a table with this view of it from now on, or with everything."""
    with transaction.atomic():
        first = SavedView.default_of.through._default_manager.filter(user=user)
        first.filter(savedview__subject=subject.key).delete()
        if view:
            view.default_of.add(user)


def may_change(user: User, view: SavedView) -> bool:
    """Whether a view is somebody's own."""
    return view.owner_id == user.pk


def _keep(actor: Actor, view: SavedView, note: Message, told: bool | None = None) -> None:
    """Write a view; what others see of it leaves a row in the audit trail, what is private is nobody's business."""
    if not (view.shared if told is None else told):
        view.save()
        return
    with acting(actor, Act.Kind.VIEW_SHARED, note):
        view.save()


def _person(actor: Actor) -> User:
    if actor.user is None:
        raise Refused(say("Une vue appartient à quelqu'un : connectez-vous."), "view.owner")
    return actor.user


def _refuse_others(actor: Actor, view: SavedView) -> None:
    if not may_change(_person(actor), view):
        raise Refused(
            say("« {name} » est à {owner} : enregistrez la vôtre.", name=view.name, owner=view.owner.username),
            "view.owner",
        )


def _checked(owner: User, subject: str, name: str, but: SavedView | None = None) -> str:
    name = " ".join(name.split())
    if not fold(name) or not name.isprintable():
        raise Refused(say("Donnez un nom à la vue."), "view.name")
    if len(name) > MAX_NAME:
        raise Refused(
            say_many("Le nom dépasse {n} caractère.", "Le nom dépasse {n} caractères.", n=MAX_NAME), "view.name"
        )
    if owner.views.filter(subject=subject, key=fold(name)).exclude(pk__in=[but.pk] if but else []).exists():
        raise Refused(say("Vous avez déjà une vue « {name} ».", name=name), "view.taken")
    return name
