"""Companies that may be in the base twice: looked for, proposed with evidence, merged or kept apart by a person.

    pairs that share a domain or a name, or resemble each other → scored by the core → proposed

A search may be run at any time; what a person kept apart is not proposed again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain, combinations, islice
from typing import Any

from django.db.models import Count, Q, QuerySet

from tamis.app.models import Act, Company, CompanyDomain, CompanyIdentifier, CompanyName, Double, Merge
from tamis.app.services import merging, name_directory
from tamis.app.services.acting import Actor, acting, sorting_lock
from tamis.app.services.companies import existing
from tamis.app.services.leases import Held, lease
from tamis.errors import NotFound, Refused
from tamis.identity import doubles as core
from tamis.identity.folding import fold
from tamis.identity.names.index import NameIndex
from tamis.identity.names.matcher import REACH, REVIEW
from tamis.identity.names.reading import read_name
from tamis.messages import say

SHARED_BY = 5  # companies with one domain, or one name, above which that says nothing of any two of them
NEAR = 5  # names that each name is compared with
CHUNK = 500
Progress = Callable[[int, int | None], None]
Pair = tuple[int, int]


@dataclass
class Found:
    """What a search did: how many companies it looked at, how many pairs are proposed now, how many it merged."""

    companies: int = 0
    proposed: int = 0
    new: int = 0
    merged: int = 0

    def as_json(self) -> dict[str, int]:
        """The counts as one JSON object."""
        return asdict(self)


def search(actor: Actor, *, merge_above: float | None = None, progress: Progress | None = None) -> Found:
    """Look for doubles in the whole base; with ``merge_above``, merge those whose score reaches it.

    Of two companies with a SIREN each none is looked at. Raises :class:`~tamis.errors.Busy` during another search.
    """
    if merge_above is not None and not core.PROPOSED <= merge_above <= 1:
        raise Refused(say("Le score se donne entre {least} et 1.", least=core.PROPOSED), "doubles.score")
    found = Found()
    with lease("doubles", actor.by) as held:
        index = name_directory.current()
        seen: set[int] = set()
        pairs = _pairs(index, found, progress)
        while chunk := {*islice(pairs, CHUNK)}:
            seen |= _propose(index, chunk, held, found)
        open_now = {*Double.objects.filter(refused_by=None).values_list("pk", flat=True)}
        Double.objects.filter(pk__in=open_now - seen).delete()
        found.proposed = proposed().count()
        if merge_above is not None:
            found.merged = _merge_above(actor, merge_above)
    return found


def proposed() -> QuerySet[Double]:
    """The doubles that wait for a person, the surest first."""
    both = Q(one__merged_into=None, other__merged_into=None)
    one_without_siren = Q(one__siren=None) | Q(other__siren=None)
    waiting = Double.objects.filter(both, one_without_siren, refused_by=None)
    return waiting.select_related("one__list", "other__list").order_by("-score", "pk")


def kept_apart() -> QuerySet[Double]:
    """The pairs that a person kept apart, the latest first."""
    refused = Double.objects.exclude(refused_by=None)
    return refused.select_related("one__list", "other__list", "refused_by").order_by("-refused_by", "-pk")


def find(pk: int) -> Double:
    """A pair by its number. Raises :class:`~tamis.errors.NotFound`."""
    double = Double.objects.select_related("one__list", "other__list").filter(pk=pk).first()
    if double is None:
        raise NotFound(say("Le doublon n° {id} n'existe pas ou plus.", id=pk))
    return double


def keeper(double: Double) -> tuple[Company, Company]:
    """Which of the two to keep, and which becomes part of it: the one with a SIREN stays, else the older one."""
    if double.one.siren is None and double.other.siren is not None:
        return double.other, double.one
    return double.one, double.other


def as_json(double: Double) -> dict[str, Any]:
    """A pair as the command line and the API show it."""
    kept, absorbed = keeper(double)
    return {
        "id": double.pk, "score": round(double.score, 3), "kept": _side(kept), "absorbed": _side(absorbed),
        "evidence": double.evidence,
    }  # fmt: skip


def _side(company: Company) -> dict[str, Any]:
    return {"id": company.pk, "name": company.name, "siren": company.siren, "list": company.list.name}


def merge(actor: Actor, double: Double, kept: Company | None = None) -> Merge:
    """Make the two one. Raises ``Refused`` when one of them was merged meanwhile, or ``kept`` is neither."""
    stays, goes = keeper(double)
    if kept is not None and kept.pk == goes.pk:
        stays, goes = goes, stays
    elif kept is not None and kept.pk != stays.pk:
        raise Refused(say("L'entreprise à garder n'est pas l'une des deux."), "doubles.kept")
    return merging.merge(actor, stays, goes)


def keep_apart(actor: Actor, double: Double) -> None:
    """The two are two companies: no later search proposes them again."""
    note = say("« {one} » et « {other} » sont deux entreprises", one=double.one.name, other=double.other.name)
    with acting(actor, Act.Kind.DOUBLE_REFUSED, note) as act:
        if not Double.objects.filter(pk=double.pk, refused_by=None).update(refused_by=act):
            raise Refused(say("Quelqu'un a déjà répondu pour ces deux entreprises."), "doubles.answered")


def propose_again(actor: Actor, double: Double) -> None:
    """Take a person's word back: the pair waits for an answer again."""
    note = say("« {one} » et « {other} » de nouveau proposées", one=double.one.name, other=double.other.name)
    with acting(actor, Act.Kind.DOUBLE_REOPENED, note):
        if not Double.objects.filter(pk=double.pk).exclude(refused_by=None).update(refused_by=None):
            raise Refused(say("Ces deux entreprises attendent déjà une réponse."), "doubles.open")


def _merge_above(actor: Actor, least: float) -> int:
    """Merge every proposed pair of at least this score, the surest first; how many."""
    merged = 0
    for pk in [*proposed().filter(score__gte=least).values_list("pk", flat=True)]:
        if double := proposed().filter(pk=pk).first():  # an earlier merge may have taken one of the two
            merge(actor, double)
            merged += 1
    return merged


def _propose(index: NameIndex, pairs: Iterable[Pair], held: Held, found: Found) -> set[int]:
    """Score these pairs and write those worth a look; the ids of all that are written."""
    seen = set()
    with sorting_lock():
        held.renew()
        facts = _facts({id for pair in pairs for id in pair})
        for one, other in pairs:
            double = core.same_company(index, facts[one], facts[other]) if one in facts and other in facts else None
            if double:
                row, created = Double.objects.update_or_create(
                    one_id=double.one,
                    other_id=double.other,
                    defaults={"score": double.score, "evidence_stored": double.evidence.stored()},
                )
                found.new += created
                seen.add(row.pk)
    return seen


def _pairs(index: NameIndex, found: Found, progress: Progress | None) -> Iterator[Pair]:
    """Each pair worth comparing, once: one of the two has no SIREN."""
    without = {*existing().filter(siren=None).values_list("pk", flat=True)}
    known: set[Pair] = set()
    near = _near(index, without, found, progress)
    for one, other in chain(_sharing(CompanyDomain), _sharing(CompanyName), near):
        pair = (min(one, other), max(one, other))
        if one != other and pair not in known and not without.isdisjoint(pair):
            known.add(pair)
            yield pair


def _sharing(model: type[CompanyDomain] | type[CompanyName]) -> Iterator[Pair]:
    """The pairs of companies that have a key in common, where few have it."""
    rows: QuerySet[Any] = model._default_manager.filter(company__merged_into=None)
    shared = rows.values("key").annotate(n=Count("company", distinct=True)).filter(n__gt=1, n__lte=SHARED_BY)
    holders: dict[str, set[int]] = defaultdict(set)
    for key, company in rows.filter(key__in=shared.values("key")).values_list("key", "company"):
        holders[key].add(company)
    for companies in holders.values():
        yield from combinations(sorted(companies), 2)


def _near(index: NameIndex, without: set[int], found: Found, progress: Progress | None) -> Iterator[Pair]:
    """The companies without SIREN, each beside those whose names resemble one of its own."""
    names = CompanyName.objects.filter(company__merged_into=None, company__siren=None).order_by("company", "pk")
    last = None
    for company, text in names.values_list("company", "text").iterator(chunk_size=5_000):
        if company != last:
            last = company
            found.companies += 1
            if progress and not found.companies % 100:
                progress(found.companies, len(without))
        for candidate in index.candidates(read_name(text), NEAR + 1):
            if candidate.nearness >= REVIEW - REACH:
                yield company, int(candidate.key)


def _facts(ids: set[int]) -> dict[int, core.Facts]:
    """What is known of these companies, but for those that are gone or part of another."""
    sirens, names, hosts, domains = (defaultdict[int, list[str]](list) for _ in range(4))
    for id, text in CompanyName.objects.filter(company__in=ids).order_by("pk").values_list("company", "text"):
        names[id].append(text)
    for id, value in CompanyIdentifier.objects.filter(company__in=ids, type="siren").values_list("company", "value"):
        sirens[id].append(value)
    for id, host, key in CompanyDomain.objects.filter(company__in=ids).values_list("company", "host", "key"):
        hosts[id].append(host)
        domains[id].append(key)
    return {
        company.pk: core.Facts(
            company.pk,
            frozenset([*sirens[company.pk], *([company.siren] if company.siren else [])]),
            tuple(names[company.pk]),
            frozenset(hosts[company.pk]),
            frozenset(domains[company.pk]),
            company.postal_code,
            company.department,
            fold(company.address),
        )
        for company in existing().filter(pk__in=ids)
    }
