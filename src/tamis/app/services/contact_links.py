"""Which company a contact is of: the one given by SIREN or name, else the one that the address's domain says.

Only what is certain ties: a doubt leaves the contact without a company, and says why. A contact whose company nobody
knows yet waits for it, as a list's line does [A5].
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tamis.app.models import Company, CompanyDomain, CompanyIdentifier, CompanyName, Contact
from tamis.app.services.matching import match_by_keys
from tamis.identity.domains import parse_host
from tamis.identity.match import Decision, Match, Sought
from tamis.messages import Message

Keys = tuple[str, str, str]
"""What is known of a contact's company: SIREN, folded name, host of the address; empty where nothing is."""


@dataclass(frozen=True)
class Tie:
    """The company of a contact and what says so; without a company maybe the doubt that keeps it away."""

    company: int | None = None
    by: str = ""
    doubt: Message | None = None


NONE = Tie()


class Ties:
    """Finds the companies of contacts, and remembers what it found while nothing changes them."""

    def __init__(self) -> None:
        self._found: dict[Keys, Tie] = {}

    def of(self, wanted: Iterable[Keys]) -> dict[Keys, Tie]:
        """The tie that each of these keys makes."""
        wanted = {*wanted}
        new = [keys for keys in wanted if keys not in self._found and any(keys)]
        matches = match_by_keys([_sought(*keys) for keys in new])
        self._found |= {keys: _tie(keys, found) for keys, found in zip(new, matches, strict=True)}
        return {keys: self._found.get(keys, NONE) for keys in wanted}


def _sought(siren: str, name: str, host: str) -> Sought:
    """A SIREN says it alone; a name is held against the domain, which decides where no name is given."""
    if siren:
        return Sought("", siren)
    return Sought(name, None, None, parse_host(host) if host else None)


def _tie(keys: Keys, found: Match) -> Tie:
    siren, name, _host = keys
    if found.decision is Decision.REVIEW:
        return Tie(doubt=found.doubt)
    if found.decision is Decision.NONE:
        return NONE
    by = Contact.Link.SIREN if siren else Contact.Link.NAME if name and _by_name(found) else Contact.Link.DOMAIN
    return Tie(found.company, by)


def _by_name(found: Match) -> bool:
    return found.candidates[0].method == "name"


def answer(companies: Sequence[int]) -> int:
    """Tie the contacts that waited for one of these companies; how many. Runs within the caller's transaction."""
    waiting = _waiting_for(companies)
    if not waiting:
        return 0
    ties = Ties().of(keys_of(contact) for contact in waiting)
    tied = []
    for contact in waiting:
        tie = ties[keys_of(contact)]
        if tie.company:
            contact.company_id, contact.linked_by = tie.company, tie.by
            tied.append(contact)
    Contact.objects.bulk_update(tied, ["company", "linked_by"], batch_size=200)
    return len(tied)


def keys_of(contact: Contact) -> Keys:
    """What a contact says of its company."""
    return contact.company_siren, contact.company_key, contact.company_host


def _waiting_for(companies: Sequence[int]) -> list[Contact]:
    """The contacts without a company that share a key with these, each looked up in its own index."""
    waiting = Contact.objects.filter(company=None).exclude(linked_by=Contact.Link.HAND)
    if not waiting.exists():
        return []
    sirens = {*Company.objects.filter(pk__in=companies).exclude(siren=None).values_list("siren", flat=True)}
    identifiers = CompanyIdentifier.objects.filter(company__in=companies, type="siren")
    sirens |= {*identifiers.values_list("value", flat=True)}
    names = {*CompanyName.objects.filter(company__in=companies).values_list("key", flat=True)}
    domains = {*CompanyDomain.objects.filter(company__in=companies).values_list("key", flat=True)}
    found = {
        contact.pk: contact
        for column, values in (("company_siren", sirens), ("company_key", names), ("domain_key", domains))
        for contact in waiting.filter(**{f"{column}__in": {*values} - {""}})
    }
    return [found[pk] for pk in sorted(found)]
