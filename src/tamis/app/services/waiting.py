"""Lines that wait for their company, answered on the day it becomes known [A5]."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from tamis.app.models import Act, Claim, Company, CompanyDomain, CompanyIdentifier, CompanyName, LineStatus, ListLine
from tamis.app.models.lists import OPEN_LINE
from tamis.app.services import sorting
from tamis.app.services.list_imports import set_match
from tamis.app.services.matching import match_all
from tamis.identity.match import Sought


def answer_lines(act: Act, companies: Sequence[int]) -> int:
    """Match anew the open lines that share a key with these companies, claim for those that found theirs, and sort.

    Lines still being staged by an import are matched too; they claim when the import is applied. The number of lines
    that found their company.
    """
    answered: list[int] = []
    lines = _open_lines_about(companies)
    sought = [Sought.of(line.name_key, line.siren, line.website, line.email_domain) for line in lines]
    for line, found in zip(lines, match_all(sought), strict=True):
        before = (line.status, line.candidates)
        set_match(line, found)
        if (line.status, line.candidates) != before:
            line.save(update_fields=["status", "company", "method", "doubt", "candidates"])
        if line.status == LineStatus.MATCHED:
            answered.append(line.pk)
    if answered:
        sorting.claim_lines(act, sorting.ids_of_lines(answered))
        sorting.settle(act, sorted({line.company_id for line in lines if line.company_id}))
    return len(answered)


def share_lines(act: Act, kept: int, back: int) -> None:
    """After a split, give back the lines, and their claims, that came since the merge but name the company back."""
    lines = [*ListLine.objects.filter(company=kept, removed_by=None)]
    sought = [Sought.of(line.name_key, line.siren, line.website, line.email_domain) for line in lines]
    theirs = [
        line.pk for line, found in zip(lines, match_all(sought), strict=True) if found.company == back
    ]
    ListLine.objects.filter(pk__in=theirs).update(company=back)
    Claim.objects.filter(line__in=theirs, company=kept, withdrawn_by=None).update(withdrawn_by=act)
    if theirs:
        sorting.claim_lines(act, sorting.ids_of_lines(theirs))


def _open_lines_about(companies: Sequence[int]) -> list[ListLine]:
    sirens = {*Company.objects.filter(pk__in=companies).exclude(siren=None).values_list("siren", flat=True)}
    sirens |= {*_values(CompanyIdentifier.objects.filter(type="siren"), "value", companies)}
    domains = _values(CompanyDomain.objects.all(), "key", companies)
    names = _values(CompanyName.objects.all(), "key", companies)
    shared = Q(siren__in=sirens) | Q(email_key__in=domains) | Q(website_key__in=domains) | Q(name_key__in=names)
    open_lines = ListLine.objects.filter(OPEN_LINE, version__list__deleted_at=None)
    return [*open_lines.filter(shared).order_by("pk")]


def _values(rows: QuerySet[Any], column: str, companies: Sequence[int]) -> set[str]:
    return {*rows.filter(company__in=companies).values_list(column, flat=True)}
