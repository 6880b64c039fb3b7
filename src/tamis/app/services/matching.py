"""The known companies that share a key with a record, brought to the pure matcher."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from tamis.app.models import Company, CompanyDomain, CompanyIdentifier, CompanyName, Judgement
from tamis.app.services import name_directory
from tamis.identity.domains import domain_key
from tamis.identity.match import (
    NOBODY,
    SCORES,
    Candidate,
    Decision,
    Known,
    Match,
    Sought,
    heed,
    match,
    match_by_likeness,
)
from tamis.identity.names.index import NameIndex
from tamis.identity.names.matcher import REVIEW, Answer, match_name
from tamis.messages import in_turn

MOST_CANDIDATES = 20  # per key: beyond that a person could not choose either


def match_all(records: Sequence[Sought], *, unknown_sirens_may_resemble: bool = True) -> list[Match]:
    """The match of each record, in order: by its keys, and where they answer nothing by what its name resembles.

    With ``unknown_sirens_may_resemble`` false a SIREN that nobody has is not compared by name with companies without.
    """
    said = _said_by_people({record.fingerprint for record in records})
    found = match_by_keys(records)
    some_without = unknown_sirens_may_resemble and Company.objects.filter(siren=None, merged_into=None).exists()
    left = [
        place
        for place, (record, each) in enumerate(zip(records, found, strict=True))
        if each is NOBODY and record.name_key and (some_without or not record.siren)
    ]
    answers = _match_by_likeness([records[place] for place in left], said)
    for place, answer in zip(left, answers, strict=True):
        found[place] = answer
    return [heed(each, said.get(record.fingerprint, {})) for record, each in zip(records, found, strict=True)]


def match_by_keys(records: Sequence[Sought]) -> list[Match]:
    """What identifiers, domains and equal names say, with a handful of questions to the database for all records."""
    by_siren = _holders_of_sirens({record.siren for record in records if record.siren})
    by_domain = _holders(CompanyDomain.objects.all(), "key", "company_id", _domain_keys(records))
    by_name = _holders(CompanyName.objects.all(), "key", "company_id", {r.name_key for r in records if r.name_key})
    found: list[set[int]] = []
    for record in records:
        ids = set(by_siren.get(record.siren or "", ())) | set(by_name.get(record.name_key, ()))
        for domain in record.domains:
            ids.update(by_domain.get(domain_key(domain), ()))
        found.append(ids)
    known = load_known(set().union(*found))
    return [match(record, [known[id] for id in sorted(ids)]) for record, ids in zip(records, found, strict=True)]


def _match_by_likeness(records: Sequence[Sought], said: Mapping[str, Mapping[int, bool]]) -> Iterator[Match]:
    """What the names of records say that no key answered."""
    index = name_directory.current() if records else NameIndex()
    found = [
        _as_match(match_name(index, record.name_key, {*map(str, said.get(record.fingerprint, ()))}))
        for record in records
    ]
    known = load_known({candidate.company for each in found for candidate in each.candidates})
    return (match_by_likeness(record, each, known) for record, each in zip(records, found, strict=True))


def _as_match(answer: Answer) -> Match:
    """The matcher's answer with companies for keys; a name alone is worth no more than an equal name."""
    if answer.decision is Decision.NONE:
        return NOBODY
    candidates = tuple(
        Candidate(int(each.key), each.method, each.score * SCORES["name"], in_turn([*each.evidence, *each.doubts]))
        for each in answer.candidates
        if each.score >= REVIEW
    )
    return Match(answer.decision, candidates, in_turn(answer.doubts) if answer.doubts else None)


def _said_by_people(fingerprints: set[str]) -> dict[str, dict[int, bool]]:
    """What people said of these records: for each, which company it is or is not."""
    said: dict[str, dict[int, bool]] = {}
    standing = Judgement.objects.filter(fingerprint__in=fingerprints, undone_by=None)
    for fingerprint, company, same in standing.values_list("fingerprint", "company_id", "same"):
        said.setdefault(fingerprint, {})[company] = same
    return said


def load_known(ids: set[int]) -> dict[int, Known]:
    """What matching needs to know of these companies."""
    sirens, websites, hosts, domain_keys, name_keys = (defaultdict[int, set[str]](set) for _ in range(5))
    for id, siren in Company.objects.filter(pk__in=ids).exclude(siren=None).values_list("pk", "siren"):
        sirens[id].add(siren or "")
    other = CompanyIdentifier.objects.filter(company__in=ids, type=CompanyIdentifier.Type.SIREN)
    for id, value in other.values_list("company_id", "value"):
        sirens[id].add(value)
    domains = CompanyDomain.objects.filter(company__in=ids).values_list("company_id", "use", "host", "key")
    for id, use, host, key in domains:
        hosts[id].add(host)
        domain_keys[id].add(key)
        if use == CompanyDomain.Use.WEBSITE:
            websites[id].add(host)
    for id, key in CompanyName.objects.filter(company__in=ids).values_list("company_id", "key"):
        name_keys[id].add(key)
    return {
        id: Known(id, *(frozenset(facts[id]) for facts in (sirens, websites, hosts, domain_keys, name_keys)))
        for id in ids
    }


def _domain_keys(records: Iterable[Sought]) -> set[str]:
    return {domain_key(domain) for record in records for domain in record.domains}


def _holders_of_sirens(sirens: set[str]) -> dict[str, list[int]]:
    holders = _holders(Company.objects.all(), "siren", "pk", sirens)
    merged = CompanyIdentifier.objects.filter(type=CompanyIdentifier.Type.SIREN)
    return holders | _holders(merged, "value", "company_id", sirens)


def _holders(rows: QuerySet[Any], key: str, id: str, keys: set[str]) -> dict[str, list[int]]:
    """Which companies have each key, at most :data:`MOST_CANDIDATES` of them, the oldest known first."""
    holders: dict[str, list[int]] = {}
    if keys:
        for value, company in rows.filter(**{f"{key}__in": keys}).order_by(id).values_list(key, id):
            ids = holders.setdefault(value, [])
            if len(ids) < MOST_CANDIDATES and company not in ids:
                ids.append(company)
    return holders
