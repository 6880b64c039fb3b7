"""Writing what a record says onto a company: names, identifiers and domains add up; of a value, the newest stays.

Every written value remembers its source. Older news never overwrites newer; of the same day, the later word counts.
An empty cell says nothing and erases nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from tamis.app.models import (
    Act,
    Company,
    CompanyDomain,
    CompanyIdentifier,
    CompanyName,
    Contact,
    List,
    Source,
)
from tamis.app.services import company_values
from tamis.identity.domains import domain_key, parse_host
from tamis.identity.folding import name_key
from tamis.sources.companies import CompanyRecord
from tamis.sources.company_fields import FIELDS, Part


@dataclass
class Pen:
    """Where values come from and as of when; the source's row is written with the first value."""

    kind: Source.Kind
    label: str
    as_of: date
    act: Callable[[], Act]
    _source: Source | None = None

    def source(self) -> Source:
        """The row that written values point to."""
        if self._source is None:
            self._source = Source.objects.create(
                kind=self.kind, label=self.label[:255], as_of=self.as_of, act=self.act()
            )
        return self._source


@dataclass
class Known:
    """A company with its parts, as loaded for writing, and the dates of the sources of its values."""

    company: Company
    names: set[tuple[str, str]] = field(default_factory=set)
    identifiers: set[tuple[str, str]] = field(default_factory=set)
    domains: set[tuple[str, str]] = field(default_factory=set)


def load(ids: Iterable[int]) -> tuple[dict[int, Known], dict[int, date]]:
    """The companies of these ids with their parts, and the date of each source that they mention."""
    known = {company.pk: Known(company) for company in Company.objects.filter(pk__in=ids)}
    for id, kind, key in CompanyName.objects.filter(company__in=known).values_list("company_id", "kind", "key"):
        known[id].names.add((kind, key))
    for id, type, value in CompanyIdentifier.objects.filter(company__in=known).values_list(
        "company_id", "type", "value"
    ):
        known[id].identifiers.add((type, value))
    for id, use, host in CompanyDomain.objects.filter(company__in=known).values_list("company_id", "use", "host"):
        known[id].domains.add((use, host))
    mentioned = {source for each in known.values() for source in each.company.provenance.values()}
    return known, dict(Source.objects.filter(pk__in=mentioned).values_list("pk", "as_of"))


def create(records: Sequence[CompanyRecord], pen: Pen, unclassified: List) -> list[Company]:
    """New companies from records, in ``prospect-default``."""
    if not records:
        return []
    now, source = timezone.now(), pen.source()
    companies = Company.objects.bulk_create([_new_company(record, source, unclassified, now) for record in records])
    _add_parts([(company, record, Known(company)) for company, record in zip(companies, records, strict=True)], source)
    company_values.keep(company for company in companies if company.extra)
    return companies


def _new_company(record: CompanyRecord, source: Source, unclassified: List, now: Any) -> Company:
    values = {"first_seen": source.as_of} | record.values
    given = [*values, *(f"extra.{key}" for key in record.extra), "name", *(["siren"] if record.siren else [])]
    return Company(
        name=record.name,
        name_key=name_key(record.name),
        list=unclassified,
        siren=record.siren,
        extra=record.extra,
        provenance=dict.fromkeys(given, source.pk),
        created_at=now,
        updated_at=now,
        **values,
    )


def update(known: Known, record: CompanyRecord, pen: Pen, dates: dict[int, date]) -> bool:
    """Write a record onto a known company; whether anything changed. ``dates`` are those that :func:`load` gave."""
    written = _write_values(known.company, record, pen, dates)
    if _has_new_parts(known, record):
        _add_parts([(known.company, record, known)], pen.source())
        written = True
    if written:
        dates[pen.source().pk] = pen.as_of
        known.company.updated_at = timezone.now()
        known.company.save()
        if record.extra:
            company_values.keep([known.company])
    return written


def _write_values(company: Company, record: CompanyRecord, pen: Pen, dates: dict[int, date]) -> bool:
    values: dict[str, Any] = dict(record.values)
    if legal := next((text for kind, text in record.names if kind == CompanyName.Kind.LEGAL), None):
        values["name"] = legal
    if record.siren and (not company.siren or pen.kind == Source.Kind.HAND):
        values["siren"] = record.siren
    written = False
    for key, value in values.items():
        if getattr(company, key) != value and is_newer(company, key, pen, dates):
            setattr(company, key, value)
            company.provenance[key] = pen.source().pk
            written = True
            if key == "name":
                _respell(company, value)
    for key, value in record.extra.items():
        if company.extra.get(key) != value and is_newer(company, f"extra.{key}", pen, dates):
            company.extra[key] = value
            company.provenance[f"extra.{key}"] = pen.source().pk
            written = True
    company.name_key = name_key(company.name)
    return written


def _respell(company: Company, name: str) -> None:
    """Give a name that is known already its newer spelling."""
    CompanyName.objects.filter(company=company, key=name_key(name)).update(text=name)


def is_newer(held: Company | Contact, key: str, pen: Pen, dates: dict[int, date]) -> bool:
    """Whether the pen's news is at least as new as what the company or contact holds."""
    source = held.provenance.get(key)
    return source is None or source not in dates or pen.as_of >= dates[source]


def _has_new_parts(known: Known, record: CompanyRecord) -> bool:
    return (
        any((kind, name_key(text)) not in known.names for kind, text in record.names)
        or any(identifier not in known.identifiers for identifier in record.identifiers)
        or any(domain not in known.domains for domain in record.domains)
    )


def _add_parts(additions: Sequence[tuple[Company, CompanyRecord, Known]], source: Source) -> None:
    """Add the names, identifiers and domains that companies do not have yet."""
    names: list[CompanyName] = []
    identifiers: list[CompanyIdentifier] = []
    domains: list[CompanyDomain] = []
    for company, record, known in additions:
        for kind, text in record.names:
            if (kind, key := name_key(text)) not in known.names:
                known.names.add((kind, key))
                names.append(CompanyName(company=company, kind=kind, text=text, key=key, source=source))
        for type, value in record.identifiers:
            if (type, value) not in known.identifiers:
                known.identifiers.add((type, value))
                identifiers.append(CompanyIdentifier(company=company, type=type, value=value, source=source))
        for use, host in record.domains:
            if (use, host) not in known.domains:
                known.domains.add((use, host))
                key = domain_key(parse_host(host))
                domains.append(CompanyDomain(company=company, use=use, host=host, key=key, source=source))
    CompanyName.objects.bulk_create(names)
    CompanyIdentifier.objects.bulk_create(identifiers)
    CompanyDomain.objects.bulk_create(domains)


def holders_of_identifiers(records: Sequence[CompanyRecord]) -> dict[tuple[str, str], int]:
    """Which company holds each of the records' identifiers that is known."""
    wanted = {identifier for record in records for identifier in record.identifiers}
    found = CompanyIdentifier.objects.filter(
        Q(type__in={type for type, _ in wanted}), Q(value__in={value for _, value in wanted})
    )
    return {
        (type, value): id
        for type, value, id in found.values_list("type", "value", "company_id")
        if (type, value) in wanted
    }


def empty(company: Company, keys: Iterable[str]) -> bool:
    """Take away plain values and users' fields that somebody emptied by hand; whether any was filled."""
    emptied = False
    for key in keys:
        if key in company.extra:
            del company.extra[key]
            company.provenance.pop(f"extra.{key}", None)
            company_values.keep([company])
            emptied = True
        elif key in EMPTIABLE and getattr(company, key) not in (None, ""):
            setattr(company, key, None if Company._meta.get_field(key).null else "")
            company.provenance.pop(key, None)
            emptied = True
    return emptied


EMPTIABLE = frozenset(f.key for f in FIELDS if f.part is Part.VALUE and f.key != "first_seen") | {"siren"}
"""The fields that may be empty."""
