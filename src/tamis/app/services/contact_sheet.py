"""All that is known of one contact, ready to be shown: on its page, by the command line, by the API."""

from collections.abc import Iterator
from typing import Any

from tamis.app.models import Contact, Source
from tamis.app.services.contact_labels import LABELS, shown
from tamis.app.services.custom_fields import fields_of
from tamis.app.services.labels import status_as_json, tags_as_json
from tamis.app.services.provenance import source_words
from tamis.sources.contact_fields import FIELDS
from tamis.sources.custom_fields import shown_value


def sheet(contact: Contact) -> dict[str, Any]:
    """The contact with its fields, each with source and date, its company, its status and its tags."""
    sources = Source.objects.in_bulk({*contact.provenance.values()} - {None})
    return {
        "id": contact.pk,
        "name": contact.name,
        "email": contact.email or None,
        "external_key": contact.external_key,
        "origin": contact.origin,
        "company": _company(contact, sources),
        "status": status_as_json(contact),
        "tags": tags_as_json(contact),
        "fields": [*_fields(contact, sources)],
        "created_at": contact.created_at,
        "updated_at": contact.updated_at,
    }


_TIES = {"siren": "company_siren", "name": "company_name", "domain": "email", "hand": "company"}
"""For what ties a contact to its company, the field whose source that is."""


def _company(contact: Contact, sources: dict[Any, Source]) -> dict[str, Any] | None:
    company = contact.company
    if company is None:
        return None
    source = sources.get(contact.provenance.get(_TIES.get(contact.linked_by, "")))
    return {
        "id": company.pk, "name": company.name, "segment": company.list.segment, "list": company.list.name,
        "by": contact.linked_by, "how": contact.get_linked_by_display(), "source": source_words(source),
        "as_of": source.as_of if source else None,
    }  # fmt: skip


def _fields(contact: Contact, sources: dict[Any, Source]) -> Iterator[dict[str, Any]]:
    """Every filled field, in the order of the field table, then the users' own."""
    for field in FIELDS:
        if value := getattr(contact, field.key):
            source = sources.get(contact.provenance.get(field.key))
            yield _row(field.key, LABELS[field.key], shown(field.key, value), source)
    for own in fields_of("contact"):
        if own.key in contact.extra:
            source = sources.get(contact.provenance.get(f"extra.{own.key}"))
            yield _row(own.key, own.label, shown_value(contact.extra[own.key]), source)


def _row(key: str, label: Any, value: str, source: Source | None) -> dict[str, Any]:
    return {
        "key": key, "label": str(label), "value": value, "source": source_words(source),
        "as_of": source.as_of if source else None,
    }  # fmt: skip


def row_as_json(contact: Contact) -> dict[str, Any]:
    """A contact as a row of the table; its status and company are there already."""
    return {
        "id": contact.pk,
        "name": contact.name,
        **{field.key: getattr(contact, field.key) or "" for field in FIELDS},
        "company_id": contact.company_id,
        "company": contact.company.name if contact.company else None,
        "status": contact.status.name if contact.status else None,
        "extra": contact.extra,
        "updated_at": contact.updated_at,
    }
