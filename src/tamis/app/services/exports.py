"""What goes out as files: the same headings come in again, and import(export(x)) = x."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from tamis.app.models import Company, CompanyDomain, CompanyIdentifier, CompanyName, Contact, List, TagCategory
from tamis.app.services.custom_fields import fields_of
from tamis.app.services.list_versions import content
from tamis.app.services.subjects import COMPANY, CONTACT, Subject
from tamis.sources import contact_fields
from tamis.sources.company_fields import FIELDS, OUTWARD_COLUMNS, SEPARATOR, Field, Part
from tamis.sources.custom_fields import shown_value
from tamis.sources.labels import STATUS, tag_heading

CHUNK = 1000


def list_rows(target: List, number: int | None = None) -> Iterator[tuple[str, str, str, str]]:
    """The lines of a list, now or after an earlier version, as the four columns."""
    lines = content(target, number).order_by("version__number", "number")
    for name, siren, email_domain, website in lines.values_list("name", "siren", "email_domain", "website").iterator():
        yield name, siren or "", email_domain or "", website or ""


def company_headings() -> list[str]:
    """The headings of a company export: number, list, every field, status, the tags by category, the users' own."""
    own = fields_of().values_list("label", flat=True)
    return [*OUTWARD_COLUMNS, *(field.heading for field in FIELDS), *label_headings(), *own]


def company_rows(companies: QuerySet[Company]) -> Iterator[list[Any]]:
    """Companies as rows under :func:`company_headings`; several names, SIRETs or domains share a cell: ``a | b``."""
    yield from _company_rows(_by_id(companies.select_related("list", "status")))


def company_rows_of(chunks: Iterable[Sequence[int]]) -> Iterator[list[Any]]:
    """The companies of these ids, in chunks, as rows; one that is no longer there is left out."""
    rows = Company.objects.select_related("list", "status").order_by("pk")
    yield from _company_rows([*rows.filter(pk__in=ids)] for ids in chunks)


def _by_id(rows: "QuerySet[Any]") -> Iterator[list[Any]]:
    """Rows in chunks, in the order of their ids."""
    last = 0
    while chunk := [*rows.filter(pk__gt=last).order_by("pk")[:CHUNK]]:
        yield chunk
        last = chunk[-1].pk


def _company_rows(chunks: Iterable[list[Company]]) -> Iterator[list[Any]]:
    own = [*fields_of().values_list("key", flat=True)]
    labelled = _Labelled(COMPANY)
    for chunk in chunks:
        parts = _parts([company.pk for company in chunk])
        tags = labelled.tags([company.pk for company in chunk])
        for company in chunk:
            cells = [_cell(company, field, parts) for field in FIELDS]
            extra = [shown_value(company.extra[key]) if key in company.extra else "" for key in own]
            yield [
                str(company.pk),
                company.list.segment,
                company.list.name,
                *cells,
                *labelled.cells(company, tags),
                *extra,
            ]


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


def contact_headings() -> list[str]:
    """The headings of a contact export: where it stands, every field, status, the tags by category, the users' own."""
    own = fields_of("contact").values_list("label", flat=True)
    return [
        *contact_fields.OUTWARD_COLUMNS,
        *(field.heading for field in contact_fields.FIELDS),
        *label_headings(),
        *own,
    ]


def contact_rows(contacts: QuerySet[Contact]) -> Iterator[list[Any]]:
    """Contacts as rows under :func:`contact_headings`."""
    yield from _contact_rows(_by_id(contacts.select_related("company__list", "status")))


def contact_rows_of(chunks: Iterable[Sequence[int]]) -> Iterator[list[Any]]:
    """The contacts of these ids, in chunks, as rows; one that is no longer there is left out."""
    rows = Contact.objects.select_related("company__list", "status").order_by("pk")
    yield from _contact_rows([*rows.filter(pk__in=ids)] for ids in chunks)


def _contact_rows(chunks: Iterable[list[Contact]]) -> Iterator[list[Any]]:
    own = [*fields_of("contact").values_list("key", flat=True)]
    labelled = _Labelled(CONTACT)
    for chunk in chunks:
        tags = labelled.tags([contact.pk for contact in chunk])
        for contact in chunk:
            company = contact.company
            stands = (company.name, str(company.pk), company.list.segment, company.list.name) if company else ("",) * 4
            cells = [_contact_cell(contact, field.key) for field in contact_fields.FIELDS]
            extra = [shown_value(contact.extra[key]) if key in contact.extra else "" for key in own]
            yield [str(contact.pk), *stands, *cells, *labelled.cells(contact, tags), *extra]


def _contact_cell(contact: Contact, key: str) -> str:
    value = getattr(contact, key) or ""
    return {"static": "statique", "dynamic": "dynamique"}[value] if key == "origin" else value


def label_headings() -> list[str]:
    """The headings of status and tags, a column a category."""
    return [STATUS, *(tag_heading(name) for name in TagCategory.objects.values_list("name", flat=True))]


class _Labelled:
    """The cells of status and tags."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._categories = [*TagCategory.objects.values_list("pk", flat=True)]

    def tags(self, ids: Sequence[int]) -> dict[tuple[int, int], list[str]]:
        """The names of the tags by subject and category."""
        found: dict[tuple[int, int], list[str]] = defaultdict(list)
        name = f"{self._subject.key}_id"
        rows = self._subject.tags._default_manager.filter(**{f"{self._subject.key}__in": ids}).order_by("tag__key")
        for id, category, tag in rows.values_list(name, "tag__category_id", "tag__name"):
            found[id, category].append(tag)
        return found

    def cells(self, row: Company | Contact, tags: dict[tuple[int, int], list[str]]) -> list[str]:
        """The cells under :func:`label_headings`."""
        status = row.status.name if row.status else ""
        return [status, *(f" {SEPARATOR} ".join(tags.get((row.pk, each), ())) for each in self._categories)]
