"""What goes out as files: the same headings come in again, and import(export(x)) = x."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from tamis.app.models import Company, CompanyDomain, CompanyIdentifier, CompanyName, CustomField, List
from tamis.app.services.list_versions import content
from tamis.sources.company_fields import FIELDS, OUTWARD_COLUMNS, SEPARATOR, Field, Part
from tamis.sources.custom_fields import shown_value

CHUNK = 1000


def list_rows(target: List, number: int | None = None) -> Iterator[tuple[str, str, str, str]]:
    """The lines of a list, now or after an earlier version, as the four columns."""
    lines = content(target, number).order_by("version__number", "number")
    for name, siren, email_domain, website in lines.values_list("name", "siren", "email_domain", "website").iterator():
        yield name, siren or "", email_domain or "", website or ""


def company_headings() -> list[str]:
    """The headings of a company export: number, list, then every field, then the users' own."""
    own = CustomField.objects.order_by("label").values_list("label", flat=True)
    return [*OUTWARD_COLUMNS, *(field.heading for field in FIELDS), *own]


def company_rows(companies: QuerySet[Company]) -> Iterator[list[Any]]:
    """Companies as rows under :func:`company_headings`; several names, SIRETs or domains share a cell: ``a | b``."""
    own = [*CustomField.objects.order_by("label").values_list("key", flat=True)]
    last = 0
    while chunk := [*companies.filter(pk__gt=last).select_related("list").order_by("pk")[:CHUNK]]:
        parts = _parts([company.pk for company in chunk])
        for company in chunk:
            cells = [_cell(company, field, parts) for field in FIELDS]
            extra = [shown_value(company.extra[key]) if key in company.extra else "" for key in own]
            yield [str(company.pk), company.list.segment, company.list.name, *cells, *extra]
        last = chunk[-1].pk


Parts = dict[tuple[int, str, str], list[str]]


def _parts(ids: Sequence[int]) -> Parts:
    parts: Parts = defaultdict(list)
    for id, kind, text in (
        CompanyName.objects.filter(company__in=ids).order_by("pk").values_list("company_id", "kind", "text")
    ):
        parts[id, Part.NAME, kind].append(text)
    identifiers = CompanyIdentifier.objects.filter(company__in=ids).order_by("pk")
    for id, type, value in identifiers.values_list("company_id", "type", "value"):
        parts[id, Part.IDENTIFIER, type].append(value)
    for id, use, host in (
        CompanyDomain.objects.filter(company__in=ids).order_by("pk").values_list("company_id", "use", "host")
    ):
        parts[id, Part.DOMAIN, use].append(host)
    return parts


def _cell(company: Company, field: Field, parts: Parts) -> Any:
    if field.part is Part.VALUE or field.key == "siren":
        return getattr(company, field.key)
    found = parts.get((company.pk, field.part, field.kind), [])
    if field.key == "name" and company.name in found:
        found = [company.name, *(name for name in found if name != company.name)]
    return f" {SEPARATOR} ".join(found)
