"""Writing what a record says onto a contact: of each value the newest stays, as with companies."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from tamis.app.models import Contact, Source
from tamis.app.services import company_values
from tamis.app.services.company_writing import Pen, is_newer
from tamis.app.services.contact_links import Ties, keys_of
from tamis.app.services.subjects import CONTACT
from tamis.identity.folding import name_key
from tamis.messages import Message
from tamis.sources.contact_fields import FIELDS, company_domain_key, email_key
from tamis.sources.contacts import ContactRecord

EMPTIABLE = frozenset(field.key for field in FIELDS) - {"origin"}
"""The fields that may be empty; one of the two keys always stays."""
_COLUMNS = [field.name for field in Contact._meta.concrete_fields if field.name != "id"]


def load_dates(contacts: Iterable[Contact]) -> dict[int, date]:
    """The date of each source that the contacts mention."""
    mentioned = {source for contact in contacts for source in contact.provenance.values()}
    return dict(Source.objects.filter(pk__in=mentioned).values_list("pk", "as_of"))


def create(records: Sequence[ContactRecord], pen: Pen, ties: Ties) -> list[tuple[Contact, Message | None]]:
    """New contacts from records, tied to their companies; each with the doubt that keeps its company away, if any."""
    if not records:
        return []
    now, source = timezone.now(), pen.source()
    contacts = [_new(record, source, now) for record in records]
    doubts = tie(contacts, ties)
    contacts = Contact.objects.bulk_create(contacts)
    company_values.keep((contact for contact in contacts if contact.extra), CONTACT)
    return [*zip(contacts, doubts, strict=True)]


def _new(record: ContactRecord, source: Source, now: datetime) -> Contact:
    given = [*record.values, *(f"extra.{key}" for key in record.extra)]
    contact = Contact(
        extra=record.extra, provenance=dict.fromkeys(given, source.pk), created_at=now, updated_at=now, **record.values
    )
    rekey(contact)
    return contact


def rekey(contact: Contact) -> None:
    """Write the keys that follow from what the contact holds."""
    contact.email_key = email_key(contact.email) if contact.email else None
    contact.external_key = contact.external_key or None
    contact.domain_key = company_domain_key(contact.email) if contact.email else ""
    contact.company_key = name_key(contact.company_name)


def update(contact: Contact, record: ContactRecord, pen: Pen, dates: dict[int, date]) -> bool:
    """Write a record onto a known contact, unsaved; whether anything changed."""
    before = contact.company_siren, contact.company_key
    values = dict(record.values)
    if record.email_key == contact.email_key:  # other capitals are no news
        values.pop("email", None)
    written = _write(contact, values, pen, dates) | _write_extra(contact, record.extra, pen, dates)
    if written:
        dates[pen.source().pk] = pen.as_of
        rekey(contact)
        _forget_other_company(contact, record, before, pen)
        contact.updated_at = timezone.now()
    return written


def _write(contact: Contact, values: Mapping[str, Any], pen: Pen, dates: dict[int, date]) -> bool:
    written = False
    for key, value in values.items():
        if getattr(contact, key) != value and is_newer(contact, key, pen, dates):
            setattr(contact, key, value)
            contact.provenance[key] = pen.source().pk
            written = True
    return written


def _write_extra(contact: Contact, values: Mapping[str, Any], pen: Pen, dates: dict[int, date]) -> bool:
    written = False
    for key, value in values.items():
        if contact.extra.get(key) != value and is_newer(contact, f"extra.{key}", pen, dates):
            contact.extra[key] = value
            contact.provenance[f"extra.{key}"] = pen.source().pk
            written = True
    return written


def _forget_other_company(contact: Contact, record: ContactRecord, before: tuple[str, str], pen: Pen) -> None:
    """Somebody who has another company now has neither the former one's SIREN nor its name, nor the tie by hand."""
    siren, name = contact.company_siren != before[0], contact.company_key != before[1]
    if siren and "company_name" not in record.values:
        _empty(contact, "company_name")
    if name and "company_siren" not in record.values:
        _empty(contact, "company_siren")
    if (siren or name) and contact.linked_by == Contact.Link.HAND and pen.kind != Source.Kind.HAND:
        contact.linked_by = ""
        contact.provenance.pop("company", None)
    contact.company_key = name_key(contact.company_name)


def _empty(contact: Contact, key: str) -> None:
    setattr(contact, key, "")
    contact.provenance.pop(key, None)


def empty(contact: Contact, keys: Iterable[str]) -> bool:
    """Take away values that somebody emptied by hand; whether any was filled."""
    emptied = False
    for key in keys:
        if key in contact.extra:
            del contact.extra[key]
            contact.provenance.pop(f"extra.{key}", None)
            emptied = True
        elif key in EMPTIABLE and getattr(contact, key):
            _empty(contact, key)
            emptied = True
    rekey(contact)
    return emptied


def tie(contacts: Sequence[Contact], ties: Ties) -> list[Message | None]:
    """Set the company of each contact that no person tied, unsaved; the doubts that keep companies away."""
    found = ties.of(keys_of(contact) for contact in contacts)
    doubts: list[Message | None] = []
    for contact in contacts:
        answer = found[keys_of(contact)]
        if contact.linked_by == Contact.Link.HAND:
            doubts.append(None)
            continue
        contact.company_id, contact.linked_by = answer.company, answer.by
        doubts.append(answer.doubt)
    return doubts


def save(contacts: Sequence[Contact]) -> None:
    """Write changed contacts, many at a time, with their shadows."""
    Contact.objects.bulk_create(contacts, update_conflicts=True, unique_fields=["id"], update_fields=_COLUMNS)
    company_values.keep(contacts, CONTACT)
