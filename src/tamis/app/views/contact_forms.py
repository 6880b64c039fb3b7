"""The form of a contact: its fields in groups, as they stand and as they were typed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from tamis.app.models import Contact, CustomField
from tamis.app.services.contact_labels import LABELS
from tamis.app.services.custom_fields import fields_of
from tamis.app.views.company_forms import OWN_GROUP, Group, Input
from tamis.messages import Message
from tamis.sources.contact_fields import BY_KEY, CIVILITIES
from tamis.sources.custom_fields import shown_value
from tamis.sources.lists import Fault

GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Personne"), ("civility", "first_name", "last_name", "email", "phone", "city", "country", "external_key")),
    (_("Métier"), ("job_title", "function", "level", "sector", "offer")),
    (_("Entreprise"), ("company_name", "company_siren")),
    (_("Origine"), ("origin", "origin_detail")),
)
"""The fields in the groups that pages show them in; the users' own come after."""
_EXAMPLES = {
    "email": "a.durand@atelier-exemple.fr", "phone": "06 12 34 56 78", "country": "FR", "company_siren": "732 829 320",
    "origin_detail": "salon, téléchargement, formulaire…",
}  # fmt: skip
_CHOICES: Mapping[str, Sequence[str]] = {"civility": CIVILITIES, "origin": ("statique", "dynamique")}


def form(contact: Contact | None, typed: Mapping[str, str], faults: Sequence[Fault] = ()) -> list[Group]:
    """The fields of a contact, filled with what was typed, else with what is known; faults beside their fields."""
    now = standing(contact)
    reasons = {fault.column: fault.reason for fault in faults}
    groups = [Group(title, [_input(key, now, typed, reasons) for key in keys]) for title, keys in GROUPS]
    own = [
        Input(
            each.key, each.label, typed.get(each.key, now.get(each.key, "")),
            choices=["oui", "non"] if each.type == CustomField.Type.YES_NO else each.choices,
            fault=reasons.get(each.key),
        )
        for each in fields_of("contact")
    ]  # fmt: skip
    return [*groups, Group(OWN_GROUP, own)] if own else groups


def _input(key: str, now: Mapping[str, str], typed: Mapping[str, str], reasons: Mapping[str, Message]) -> Input:
    return Input(
        key, LABELS[key], typed.get(key, now.get(key, "")), _EXAMPLES.get(key, ""), choices=_CHOICES.get(key, ()),
        fault=reasons.get(BY_KEY[key].heading),
    )  # fmt: skip


def standing(contact: Contact | None) -> dict[str, str]:
    """What the form shows of a contact as it stands."""
    if contact is None:
        return {}
    values = {key: getattr(contact, key) for key in BY_KEY} | contact.extra
    values["origin"] = {"static": "statique", "dynamic": "dynamique"}[contact.origin]
    return {key: shown_value(value) for key, value in values.items() if value not in (None, "")}


def typed_values(given: Mapping[str, str]) -> dict[str, str]:
    """What a form brings, by field."""
    known = {*BY_KEY, *fields_of("contact").values_list("key", flat=True)}
    return {key: str(text) for key, text in given.items() if key in known}


def changes(contact: Contact, typed: Mapping[str, str]) -> dict[str, str]:
    """What somebody changed: a field left as it was shown says nothing."""
    now = standing(contact)
    return {key: text for key, text in typed.items() if text.strip() != now.get(key, "")}
