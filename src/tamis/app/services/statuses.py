"""The users' own statuses [B1]: one list in their order, for companies, for contacts, or for both."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Max, QuerySet

from tamis.app.models import Act, Status
from tamis.app.services.acting import Actor, acting
from tamis.app.services.subjects import COMPANY, CONTACT, SUBJECTS, Subject
from tamis.errors import NotFound, Refused, did_you_mean
from tamis.identity.folding import fold
from tamis.messages import say

MAX_NAME = 60
MOST = 200


def statuses_of(subject: Subject | None = None) -> QuerySet[Status]:
    """The statuses in their order, all of them or those that a subject can have."""
    every = Status.objects.order_by("position", "pk")
    if subject is None:
        return every
    return every.filter(for_companies=True) if subject is COMPANY else every.filter(for_contacts=True)


def as_json(status: Status) -> dict[str, Any]:
    """A status as the command line and the API show it."""
    return {
        "id": status.pk, "name": status.name, "position": status.position,
        "for_companies": status.for_companies, "for_contacts": status.for_contacts,
        "companies": holders(status, COMPANY), "contacts": holders(status, CONTACT),
    }  # fmt: skip


def find(word: str, subject: Subject | None = None) -> Status:
    """A status by its name or number. Raises :class:`~tamis.errors.NotFound` with the nearest one."""
    known = {each.key: each for each in statuses_of(subject)}
    if found := known.get(fold(word)):
        return found
    if found := next((each for each in known.values() if str(each.pk) == word), None):
        return found
    hint = did_you_mean(fold(word), [each.name.casefold() for each in known.values()])
    raise NotFound(say("Aucun statut ne s'appelle « {name} ».{hint}", name=word[:60], hint=hint), "status.unknown")


def find_by_id(pk: int) -> Status:
    """The status of a number. Raises :class:`~tamis.errors.NotFound`."""
    if status := Status.objects.filter(pk=pk).first():
        return status
    raise NotFound(say("Ce statut n'existe pas ou plus."), "status.unknown")


def holders(status: Status, subject: Subject) -> int:
    """How many companies, or contacts, have a status."""
    return subject.existing().filter(status=status).count()


def add(actor: Actor, name: str, *, companies: bool = True, contacts: bool = True) -> Status:
    """A new status, the last one. Raises :class:`~tamis.errors.Refused` for a name that is taken."""
    _refuse_useless(companies, contacts)
    with acting(actor, Act.Kind.STATUSES_CHANGED, say("Statut « {name} » ajouté", name=name)):
        name = _checked(name)
        last = Status.objects.aggregate(last=Max("position"))["last"] or 0
        if Status.objects.count() >= MOST:
            raise Refused(say("Au plus {max} statuts : supprimez-en un.", max=MOST), "status.many")
        return Status.objects.create(
            name=name, key=fold(name), position=last + 1, for_companies=companies, for_contacts=contacts
        )


def change(
    actor: Actor,
    status: Status,
    *,
    name: str | None = None,
    companies: bool | None = None,
    contacts: bool | None = None,
) -> Status:
    """A status under another name, or for others. Raises ``Refused`` while somebody it is no longer for has it."""
    with acting(actor, Act.Kind.STATUSES_CHANGED, say("Statut « {name} » changé", name=status.name)):
        status = Status.objects.get(pk=status.pk)
        if name is not None:
            status.name = _checked(name, status)
            status.key = fold(status.name)
        status.for_companies = status.for_companies if companies is None else companies
        status.for_contacts = status.for_contacts if contacts is None else contacts
        _refuse_useless(status.for_companies, status.for_contacts)
        for subject, kept in ((COMPANY, status.for_companies), (CONTACT, status.for_contacts)):
            if not kept and subject.rows().filter(status=status).exists():
                raise Refused(
                    say("« {name} » est encore le statut de certains : changez-le d'abord.", name=status.name),
                    "status.held",
                )
        status.save()
    return status


def move(actor: Actor, status: Status, place: int) -> None:
    """Put a status at a place of the order, the first being 1; past the end it is the last."""
    with acting(actor, Act.Kind.STATUSES_CHANGED, say("Statut « {name} » déplacé", name=status.name)):
        order = [each for each in statuses_of() if each.pk != status.pk]
        order.insert(max(place - 1, 0), Status.objects.get(pk=status.pk))
        for number, each in enumerate(order, 1):
            each.position = number
        Status.objects.bulk_update(order, ["position"])


def delete(actor: Actor, status: Status) -> Mapping[str, int]:
    """Delete a status, which those who have it lose; how many had it, by subject."""
    with acting(actor, Act.Kind.STATUSES_CHANGED, say("Statut « {name} » supprimé", name=status.name)):
        held = {
            key: subject.rows().filter(status=status).update(status=None, status_source=None, status_since=None)
            for key, subject in SUBJECTS.items()
        }
        status.delete()
    return held


def _checked(name: str, but: Status | None = None) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME or not (name.isprintable() and fold(name)) or "|" in name or name.isdigit():
        raise Refused(
            say(
                "Donnez au statut un nom de {max} caractères au plus, sans « | », et pas un nombre seul.", max=MAX_NAME
            ),
            "status.name",
        )
    if Status.objects.filter(key=fold(name)).exclude(pk=but.pk if but else 0).exists():
        raise Refused(say("Un statut s'appelle déjà « {name} ».", name=name), "status.taken")
    return name


def _refuse_useless(companies: bool, contacts: bool) -> None:
    if not (companies or contacts):
        raise Refused(say("Un statut sert aux entreprises, aux contacts, ou aux deux."), "status.use")
