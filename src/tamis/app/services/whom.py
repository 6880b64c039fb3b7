"""The company or the contact that somebody asks about: by number, SIREN, address or key; else by name."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from tamis.app.models import Company, Contact
from tamis.app.services import companies, contacts
from tamis.app.services.company_conditions import named as company_named
from tamis.app.services.contact_table import named as contact_named
from tamis.errors import NotFound, Refused
from tamis.identity.folding import fold
from tamis.messages import Message, say

Party = TypeVar("Party", Company, Contact)
FEW = 5
"""So many of those that a name may mean are told."""
LOOKED_AT = 50


def company(word: str) -> Company:
    """The company that a word means. Raises :class:`~tamis.errors.NotFound`, ``Refused`` where it may be several."""
    nobody = say("Aucune entreprise n'a ce nom, ce SIREN ou ce numéro : « {word} ».", word=word[:60])
    return _meant(word, companies.find, companies.existing(), company_named, nobody)


def contact(word: str) -> Contact:
    """The contact that a word means. Raises as :func:`company`."""
    nobody = say("Aucun contact n'a ce nom, cette adresse, ce numéro ou cette clé : « {word} ».", word=word[:60])
    return _meant(word, contacts.find, contacts.existing(), contact_named, nobody)


def _meant(
    word: str, find: Callable[[str], Party], everybody: "QuerySet[Party]", named: Callable[[str], Q], nobody: Message
) -> Party:
    """Who is found by a word that names one alone, else by name: the only one who has it, or has it in it."""
    try:
        return find(word)
    except NotFound:
        some = list(everybody.filter(named(word)).order_by("name_key", "pk")[:LOOKED_AT])
    same = [each for each in some if _words(each.name) == _words(word)]
    meant: list[Party] = same or some
    if not meant:
        raise NotFound(nobody)
    if len(meant) > 1:
        names = [*map(_told, meant[:FEW]), *(["…"] if len(meant) > FEW else [])]
        raise Refused(
            say("« {word} » peut désigner {names} : écrivez son numéro.", word=word[:60], names=", ".join(names)),
            "rule.whom",
        )
    return meant[0]


def _words(name: str) -> list[str]:
    """A name without its order: first and last names are written in either."""
    return sorted(fold(name).split())


def _told(party: Any) -> str:
    return f"{party.name} (n° {party.pk})"
