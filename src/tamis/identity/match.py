"""Which known company does a record name? Every answer carries its evidence; a doubt is a question, not a guess.

Keys in order of trust: identifier, then host, then registrable domain, then name. The caller brings as candidates the
known companies that share at least one key with the record; :func:`match` decides among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from tamis.identity.domains import Domain, domain_key, parse_host
from tamis.messages import Message, say


class Decision(StrEnum):
    """What to do with a record: take the company, ask a person, or wait because nobody fits."""

    AUTO = "auto"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True)
class Sought:
    """The keys of a record: its folded name, its SIREN, the hosts of its website and of its e-mail."""

    name_key: str
    siren: str | None = None
    website: Domain | None = None
    email_domain: Domain | None = None

    @classmethod
    def of(cls, name_key: str, siren: str | None, website: str | None, email_domain: str | None) -> "Sought":
        """The keys of a record whose hosts are in canonical form."""
        return cls(
            name_key,
            siren,
            (website and parse_host(website)) or None,
            (email_domain and parse_host(email_domain)) or None,
        )

    @property
    def fingerprint(self) -> str:
        """What two lines have in common when they say the same: a person's word on one holds for the other."""
        hosts = (domain.host if domain else "" for domain in (self.website, self.email_domain))
        text = "\x1f".join((self.name_key, self.siren or "", *hosts))
        return blake2b(text.encode(), digest_size=16).hexdigest()

    @property
    def domains(self) -> tuple[Domain, ...]:
        """The domains given, the website's first, each once."""
        return tuple(dict.fromkeys(domain for domain in (self.website, self.email_domain) if domain))


@dataclass(frozen=True)
class Known:
    """A known company as matching sees it: every name, every SIREN, its websites, every host with its domain key."""

    id: int
    sirens: frozenset[str] = frozenset()
    websites: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    domain_keys: frozenset[str] = frozenset()
    name_keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """A company that a record may mean, with the reason in a marketer's words. ``score`` is from 0 to 1."""

    company: int
    method: str
    score: float
    evidence: Message


@dataclass(frozen=True)
class Match:
    """The decision, the reason for it, and the candidates, best first; ``AUTO`` means the first candidate."""

    decision: Decision
    candidates: tuple[Candidate, ...] = field(default=())
    doubt: Message | None = None

    @property
    def company(self) -> int | None:
        """The company found, when the decision is automatic."""
        return self.candidates[0].company if self.decision is Decision.AUTO else None


SCORES = {"siren": 1.0, "host": 0.95, "domain": 0.9, "name": 0.8}
NOBODY = Match(Decision.NONE)


def match(sought: Sought, known: Sequence[Known]) -> Match:
    """The company that a record names, among those that share a key with it."""
    by_domain = _domain_holders(sought, known)
    by_name = [_by_name(company) for company in known if sought.name_key in company.name_keys]
    if sought.siren is None:
        return _without_siren(sought, known, by_domain, by_name)
    holder = next((company for company in known if sought.siren in company.sirens), None)
    if holder is None:
        return _unknown_siren(known, by_domain, by_name)
    found = Candidate(holder.id, "siren", SCORES["siren"], say("même SIREN : {siren}", siren=sought.siren))
    if by_domain and holder.id not in {candidate.company for candidate in by_domain}:
        return _ask(say("le SIREN désigne une entreprise, le domaine une autre"), [found, *by_domain])
    return Match(Decision.AUTO, (found,))


def match_by_likeness(sought: Sought, alike: Match, known: Mapping[int, Known]) -> Match:
    """What a record becomes that no key answered: ``alike`` is what its name alone says, ``known`` its candidates.

    A SIREN that nobody has makes it a company not known yet, unless one without SIREN fits; a domain that is not the
    company's own makes it a question.
    """
    if alike.decision is Decision.NONE:
        return NOBODY
    if sought.siren:
        fitting = [candidate for candidate in alike.candidates if not known[candidate.company].sirens]
        return _ask(say("nom voisin d'une entreprise dont le SIREN n'est pas connu"), fitting) if fitting else NOBODY
    if alike.decision is Decision.AUTO and sought.domains and known[alike.candidates[0].company].domain_keys:
        return Match(Decision.REVIEW, alike.candidates, say("nom voisin, mais un autre domaine"))
    return alike


def heed(found: Match, said: Mapping[int, bool]) -> Match:
    """The match, after what people said of this very record: which company it is, and which ones it is not."""
    for company, same in said.items():
        if same:
            return Match(Decision.AUTO, (Candidate(company, "judgement", 1.0, say("une personne l'a dit")),))
    left = tuple(candidate for candidate in found.candidates if said.get(candidate.company, True))
    if len(left) == len(found.candidates):
        return found
    return Match(Decision.REVIEW, left, say("une personne a écarté les autres")) if left else NOBODY


def _unknown_siren(known: Sequence[Known], by_domain: list[Candidate], by_name: list[Candidate]) -> Match:
    """Nobody has this SIREN: wait, unless a domain says otherwise or a company without SIREN fits."""
    unidentified = {company.id for company in known if not company.sirens}
    if by_domain:
        doubt = say("le domaine est connu, mais avec un autre SIREN ou sans SIREN")
        return _ask(doubt, by_domain + by_name)
    fitting = [candidate for candidate in by_name if candidate.company in unidentified]
    if fitting:
        return _ask(say("même nom qu'une entreprise dont le SIREN n'est pas connu"), fitting)
    return NOBODY


def _without_siren(
    sought: Sought, known: Sequence[Known], by_domain: list[Candidate], by_name: list[Candidate]
) -> Match:
    companies = {candidate.company for candidate in by_domain}
    if len(companies) == 1:
        if by_name and companies.isdisjoint(candidate.company for candidate in by_name):
            return _ask(say("le domaine désigne une entreprise, le nom une autre"), [*by_domain, *by_name])
        return Match(Decision.AUTO, (by_domain[0],))
    if companies:
        return _ask(say("plusieurs entreprises ont ce domaine"), by_domain)
    if len(by_name) > 1:
        return _ask(say("plusieurs entreprises portent ce nom"), by_name)
    if not by_name:
        return NOBODY
    with_domains = {company.id for company in known if company.domain_keys}
    if sought.domains and by_name[0].company in with_domains:
        return _ask(say("même nom, mais un autre domaine"), by_name)
    return Match(Decision.AUTO, (by_name[0],))


def _domain_holders(sought: Sought, known: Sequence[Known]) -> list[Candidate]:
    """The companies that every given and known domain agrees on, or all of them when the domains disagree."""
    holders = [found for domain in sought.domains if (found := _holders(domain, known, domain == sought.website))]
    agreed = set.intersection(*({candidate.company for candidate in found} for found in holders)) if holders else set()
    return [
        candidate
        for candidate in {c.company: c for found in reversed(holders) for c in found}.values()
        if not agreed or candidate.company in agreed
    ]


def _holders(domain: Domain, known: Sequence[Known], is_website: bool) -> list[Candidate]:
    """The companies whose website is at this host, else those at this host in any way, else at its registrable domain.

    A mail domain is no such sign: several companies of a group write from the website of one of them.
    """
    same_site = say("même site : {host}", host=domain.host)
    sites = [Candidate(c.id, "host", SCORES["host"], same_site) for c in known if domain.host in c.websites]
    if is_website and sites:
        return sites
    same_host = say("même hôte : {host}", host=domain.host)
    exact = [Candidate(c.id, "host", SCORES["host"], same_host) for c in known if domain.host in c.hosts]
    if exact:
        return exact
    key = domain_key(domain)
    same_domain = say("même domaine : {domain}", domain=key)
    return [Candidate(c.id, "domain", SCORES["domain"], same_domain) for c in known if key in c.domain_keys]


def _by_name(company: Known) -> Candidate:
    return Candidate(company.id, "name", SCORES["name"], say("même nom"))


def _ask(doubt: Message, candidates: Sequence[Candidate]) -> Match:
    best: dict[int, Candidate] = {}
    for candidate in sorted(candidates, key=lambda c: -c.score):
        best.setdefault(candidate.company, candidate)
    return Match(Decision.REVIEW, tuple(best.values()), doubt)
