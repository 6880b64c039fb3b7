"""Lines matched anew: when a company becomes known [A5], when a person has spoken, when a merge is undone."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Count, QuerySet, Sum

from tamis.app.models import (
    Act,
    Claim,
    ClaimKind,
    Company,
    CompanyDomain,
    CompanyIdentifier,
    CompanyName,
    LineStatus,
    ListLine,
)
from tamis.app.models.lists import OPEN_LINE
from tamis.app.services import contact_links, sorting
from tamis.app.services.list_staging import set_match
from tamis.app.services.matching import match_all
from tamis.identity.match import Match, Sought
from tamis.identity.names.index import NameIndex
from tamis.identity.names.matcher import REACH, REVIEW
from tamis.identity.names.reading import read_name

LINE_KEYS = ("siren", "email_key", "website_key", "name_key")


def answer_lines(act: Act, companies: Sequence[int]) -> int:
    """Match anew the open lines that share a key with these companies or resemble their names; how many found theirs.

    Lines still being staged by an import are matched too; they claim when the import is applied. Contacts that waited
    for one of the companies are tied to it.
    """
    contact_links.answer(companies)
    return rematch(act, _open_lines_about(companies))


def rematch(act: Act, lines: Sequence[ListLine]) -> int:
    """Match lines anew, claim for those that found their company, unclaim for those that lost it, and sort.

    How many of the lines are matched now.
    """
    touched: set[int] = set()
    matched: list[int] = []
    for line, found in zip(lines, match_all([sought_of(line) for line in lines]), strict=True):
        touched |= _set_anew(act, line, found)
        if line.status == LineStatus.MATCHED:
            matched.append(line.pk)
    sorting.claim_lines(act, sorting.ids_of_lines(matched))
    sorting.settle(act, sorted(touched))
    return len(matched)


def sought_of(line: ListLine) -> Sought:
    """The keys by which a stored line looks for its company."""
    return Sought.of(line.name_key, line.siren, line.website, line.email_domain)


def share_lines(act: Act, kept: int, back: int) -> None:
    """After a split, give back the lines, and their claims, that came since the merge but name the company back."""
    lines = [*ListLine.objects.filter(company=kept, removed_by=None)]
    found = match_all([sought_of(line) for line in lines])
    rematch(act, [line for line, match in zip(lines, found, strict=True) if match.company == back])


def _set_anew(act: Act, line: ListLine, found: Match) -> set[int]:
    """Write a line's new match; the companies whose claims that touches."""
    before = (line.status, line.company_id, line.candidates)
    set_match(line, found)
    if (line.status, line.company_id, line.candidates) == before:
        return {line.company_id} if line.company_id else set()
    line.save(update_fields=["status", "company", "method", "doubt", "candidates"])
    _status, former, _candidates = before
    if former is not None and former != line.company_id:
        _unclaim(act, line, former)
    return {id for id in (former, line.company_id) if id is not None}


def _unclaim(act: Act, line: ListLine, company: int) -> None:
    """Withdraw the claim that a line made on a company, unless another line of the list makes it too."""
    standing = {"list": line.version.list_id, "kind": ClaimKind.IMPORT, "withdrawn_by": None}
    if Claim.objects.filter(company=company, **standing).update(withdrawn_by=act):
        others = ListLine.objects.filter(company=company, version__list=line.version.list_id, removed_by=None)
        sorting.claim_lines(act, sorting.ids_of_lines([*others.values_list("pk", flat=True)]))


def _open_lines_about(companies: Sequence[int]) -> list[ListLine]:
    """The open lines that share a key with these companies, each looked up in its own index, or resemble a name."""
    sirens = {*Company.objects.filter(pk__in=companies).exclude(siren=None).values_list("siren", flat=True)}
    sirens |= {*_values(CompanyIdentifier.objects.filter(type="siren"), "value", companies)}
    domains = _values(CompanyDomain.objects.all(), "key", companies)
    names = _values(CompanyName.objects.all(), "key", companies)
    open_lines = _open_lines().select_related("version")
    lines = {
        line.pk: line
        for column, values in zip(LINE_KEYS, (sirens, domains, domains, names), strict=True)
        for line in open_lines.filter(**{f"{column}__in": values})
    }
    lines |= open_lines.in_bulk([pk for pk in _lines_resembling(names) if pk not in lines])
    return [lines[pk] for pk in sorted(lines)]


def _open_lines() -> QuerySet[ListLine]:
    return ListLine.objects.filter(OPEN_LINE, version__list__deleted_at=None)


RESEMBLES = REVIEW - REACH  # nearness below which no name is similar enough to be asked about
MOST_LINES = 50  # a name


def _lines_resembling(names: Collection[str]) -> set[int]:
    """The open lines whose names may mean a company of one of these names."""
    index = _index_of_open_lines()
    if not len(index):
        return set()
    found = (candidate for name in names for candidate in index.candidates(read_name(name), MOST_LINES))
    return {int(candidate.key) for candidate in found if candidate.nearness >= RESEMBLES}


_held: list[tuple[tuple[int, int], NameIndex]] = []


def _index_of_open_lines() -> NameIndex:
    """The names of all open lines: kept while the same ones are open."""
    facts = _open_lines().aggregate(n=Count("pk"), sum=Sum("pk"))
    these = (facts["n"], facts["sum"] or 0)
    for those, index in _held:
        if those == these:
            return index
    index = NameIndex((str(pk), key) for pk, key in _open_lines().values_list("pk", "name_key").iterator())
    _held[:] = [(these, index)]
    return index


def _values(rows: QuerySet[Any], column: str, companies: Sequence[int]) -> set[str]:
    return {*rows.filter(company__in=companies).values_list(column, flat=True)}
