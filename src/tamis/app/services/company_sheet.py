"""All that is known of one company, ready to be shown: on its page, by the command line, by the API."""

from collections.abc import Iterator
from typing import Any

from tamis.app.models import Claim, Company, Merge, Move, Source
from tamis.app.services.companies import (
    MOST_PAST,
    claims_at,
    past_claims,
    past_moves,
    reason,
    reason_of,
    standing_claims,
)
from tamis.app.services.custom_fields import fields_of
from tamis.app.services.labels import status_as_json, tags_as_json
from tamis.app.services.provenance import source_words
from tamis.sources.company_fields import FIELDS, Part
from tamis.sources.custom_fields import shown_value


def sheet(company: Company) -> dict[str, Any]:
    """The company with its fields, each with source and date, its claims, its moves and its merges."""
    return {
        "id": company.pk,
        "name": company.name,
        "siren": company.siren,
        "segment": company.list.segment,
        "list": company.list.name,
        "locked": company.list.locked,
        "fields": [*_fields(company)],
        "status": status_as_json(company),
        "tags": tags_as_json(company),
        "claims": [claim_as_json(claim) for claim in standing_claims(company)],
        "past_claims": [_past_claim(claim) for claim in past_claims(company)],
        "moves": [move_as_json(move) for move in past_moves(company)[:MOST_PAST]],
        "merges": [
            {"id": merge.pk, "absorbed": merge.absorbed_id, "name": merge.absorbed.name, "at": merge.act.at}
            for merge in Merge.objects.filter(kept=company, undone_by=None).select_related("absorbed", "act")
        ],
    }


def claim_as_json(claim: Claim) -> dict[str, Any]:
    """A claim as the command line and the API show it."""
    return {"list": claim.list.name, "kind": claim.get_kind_display(), "at": claim.at, "reason": reason(claim)}


def _past_claim(claim: Claim) -> dict[str, Any]:
    """A claim that no longer stands, with what withdrew it."""
    assert claim.withdrawn_by is not None
    return claim_as_json(claim) | {
        "until": claim.withdrawn_by.at,
        "why": claim.withdrawn_by.note,
        "by": claim.withdrawn_by.by,
    }


def move_as_json(move: Move) -> dict[str, Any]:
    """A move with its reason, and the claims that stood then, the strongest first."""
    return {
        "from": move.from_list.name if move.from_list else None,
        "to": move.to_list.name,
        "at": move.act.at,
        "by": move.act.by,
        "via": move.act.via,
        "what": move.act.note,
        "reason": reason_of(move),
        "claims_then": [
            {"list": claim.list.name, "kind": claim.get_kind_display(), "reason": reason(claim)}
            for claim in claims_at(move)
        ],
    }


def _fields(company: Company) -> Iterator[dict[str, Any]]:
    """Every filled field, in the order of the field table; names, identifiers and domains one row each."""
    sources = Source.objects.in_bulk({*company.provenance.values()} - {None})
    yield from _parts(company)
    for field in FIELDS:
        if field.key == "siren" and company.siren:
            yield _row("siren", "SIREN", company.siren, sources.get(company.provenance.get("siren")))
        elif field.part is Part.VALUE and (value := getattr(company, field.key)) not in (None, ""):
            source = sources.get(company.provenance.get(field.key))
            yield _row(field.key, field.heading, shown_value(value), source)
    for own in fields_of():
        if own.key in company.extra:
            source = sources.get(company.provenance.get(f"extra.{own.key}"))
            yield _row(own.key, own.label, shown_value(company.extra[own.key]), source)


def _parts(company: Company) -> Iterator[dict[str, Any]]:
    for name in company.names.select_related("source").order_by("pk"):
        leads = name.key == company.name_key
        yield _row(f"name.{name.kind}", name.get_kind_display(), name.text, name.source) | {"droppable": not leads}
    for identifier in company.identifiers.select_related("source").order_by("type", "value"):
        yield _row(identifier.type, identifier.get_type_display(), identifier.value, identifier.source) | DROPPABLE
    for domain in company.domains.select_related("source").order_by("use", "host"):
        yield _row(f"domain.{domain.use}", domain.get_use_display(), domain.host, domain.source) | DROPPABLE


DROPPABLE = {"droppable": True}
"""What may be taken away as wrong; plain values are emptied instead."""


def _row(key: str, label: str, value: str, source: Source | None) -> dict[str, Any]:
    return {
        "key": key,
        "label": str(label),
        "value": value,
        "source": source_words(source),
        "as_of": source.as_of if source else None,
        "droppable": False,
    }
