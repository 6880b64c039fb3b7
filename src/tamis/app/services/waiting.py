"""Lines that wait for their company, answered on the day it becomes known [A5]."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from tamis.app.models import Act, Company, CompanyDomain, CompanyIdentifier, CompanyName, LineStatus, ListLine
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
        marks = ",".join(["%s"] * len(answered))
        sorting.claim_lines(act, sorting.Scope(f"SELECT id FROM tamis_listline WHERE id IN ({marks})", tuple(answered)))
        sorting.settle(act, sorted({line.company_id for line in lines if line.company_id}))
    return len(answered)


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
