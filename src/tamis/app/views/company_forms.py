"""The form of a company: its fields in groups, as they stand and as they were typed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from tamis.app.models import Company, CustomField
from tamis.app.services.company_labels import LABELS, Text
from tamis.app.services.custom_fields import fields_of
from tamis.messages import Message
from tamis.sources.company_fields import BY_KEY, Part
from tamis.sources.custom_fields import shown_value
from tamis.sources.lists import Fault

GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (_("Noms"), ("name", "usual_name", "acronym", "brand", "former_name")),
    (_("Identifiants"), ("siren", "siret", "vat", "neq", "lei", "parent_siren")),
    (_("Site et messagerie"), ("website", "email_domain")),
    (
        _("Activité et taille"),
        (
            "naf", "naf_2025", "naics", "legal_category", "headcount", "headcount_bracket", "revenue", "size_class",
            "founded", "first_seen",
        ),
    ),
    (_("Lieu"), ("address", "postal_code", "city", "department", "region", "country")),
)  # fmt: skip
"""The fields in the groups that pages show them in; the users' own come after."""
OWN_GROUP = _("Vos champs")

_EXAMPLES = {
    "siren": "732 829 320", "siret": "732 829 320 00074", "vat": "FR44732829320", "website": "atelier-exemple.fr",
    "email_domain": "atelier-exemple.fr", "naf": "62.01Z", "headcount": "120", "headcount_bracket": "20 à 49",
    "revenue": "1,2 M€", "size_class": "PME", "postal_code": "69003", "department": "69", "country": "FR",
    "founded": "31/03/2012", "first_seen": "31/03/2026", "legal_category": "5710",
}  # fmt: skip


@dataclass
class Input:
    """One field of the form. ``adds`` tells a field that only adds to what the company has already."""

    key: str
    label: Text
    value: str = ""
    example: str = ""
    required: bool = False
    adds: bool = False
    choices: Sequence[str] = ()
    fault: Message | None = None


@dataclass(frozen=True)
class Group:
    """Fields under a title."""

    title: Text
    inputs: list[Input]


def form(company: Company | None, typed: Mapping[str, str], faults: Sequence[Fault] = ()) -> list[Group]:
    """The fields of a company, filled with what was typed, else with what is known; faults beside their fields."""
    now = standing(company)
    reasons = {fault.column: fault.reason for fault in faults}
    groups = [Group(title, [*_inputs(keys, company, now, typed, reasons)]) for title, keys in GROUPS]
    own = [
        Input(
            each.key, each.label, typed.get(each.key, now.get(each.key, "")),
            choices=["oui", "non"] if each.type == CustomField.Type.YES_NO else each.choices,
            fault=reasons.get(each.key),
        )
        for each in fields_of()
    ]  # fmt: skip
    return [*groups, Group(OWN_GROUP, own)] if own else groups


def _inputs(
    keys: Sequence[str],
    company: Company | None,
    now: Mapping[str, str],
    typed: Mapping[str, str],
    reasons: Mapping[str, Message],
) -> Iterator[Input]:
    for key in keys:
        yield Input(
            key, LABELS[key], typed.get(key, now.get(key, "")), _EXAMPLES.get(key, ""), key == "name",
            company is not None and BY_KEY[key].part is not Part.VALUE and key not in ("name", "siren"),
            fault=reasons.get(BY_KEY[key].heading),
        )  # fmt: skip


def standing(company: Company | None) -> dict[str, str]:
    """What the form shows of a company as it stands."""
    if company is None:
        return {}
    keys = ["name", "siren", *(field.key for field in BY_KEY.values() if field.part is Part.VALUE)]
    values = {key: getattr(company, key) for key in keys} | company.extra
    return {key: _written(value) for key, value in values.items() if value not in (None, "")}


def _written(value: Any) -> str:
    """A value as somebody would type it: an amount without idle decimals."""
    text = shown_value(value)
    return text.removesuffix(".00")


def typed_values(given: Mapping[str, str]) -> dict[str, str]:
    """What a form brings, by field."""
    known = {*BY_KEY, *fields_of().values_list("key", flat=True)}
    return {key: str(text) for key, text in given.items() if key in known}


def changes(company: Company, typed: Mapping[str, str]) -> dict[str, str]:
    """What somebody changed: a field left as it was shown says nothing. With a new name comes the one that leads."""
    before = standing(company)
    changed = {key: text for key, text in typed.items() if text.strip() != before.get(key, "")}
    if any(BY_KEY[key].part is Part.NAME for key in changed if key in BY_KEY):
        changed = {"name": typed.get("name", "").strip() or company.name} | changed
    return changed
