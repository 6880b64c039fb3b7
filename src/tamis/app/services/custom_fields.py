"""The fields that users add to companies."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from tamis.app.models import Act, Company, CompanyValue, CustomField
from tamis.app.services.acting import Actor, acting
from tamis.errors import NotFound, Refused, did_you_mean
from tamis.identity.folding import fold, name_key
from tamis.identity.identifiers import Reading
from tamis.messages import say
from tamis.sources import custom_fields
from tamis.sources.company_fields import field_of

_KEY = re.compile("[a-z][a-z0-9_]{0,49}")
MAX_LABEL = 80


def readers() -> dict[str, Callable[[str], Reading[Any]]]:
    """How each of the users' fields is read, by key."""
    return {each.key: custom_fields.reader(each.type, each.choices) for each in CustomField.objects.all()}


def as_json(field: CustomField) -> dict[str, Any]:
    """A field of the users' own as the command line and the API show it."""
    return {"key": field.key, "label": field.label, "type": field.type, "choices": field.choices}


def add(actor: Actor, label: str, type: CustomField.Type, *, key: str = "", choices: Sequence[str] = ()) -> CustomField:
    """A new field. Raises :class:`~tamis.errors.Refused` when its key or label is taken, or choices are missing."""
    label = _checked_label(label)
    key = key or name_key(label).replace(" ", "_")[:50]
    if not _KEY.fullmatch(key):
        raise Refused(
            say("La clé « {key} » doit commencer par une lettre et n'avoir que a-z, 0-9 et _.", key=key), "field.key"
        )
    taken = {fold(text) for each in CustomField.objects.all() for text in (each.key, each.label)}
    if field_of(key) or field_of(label) or taken & {fold(key), fold(label)}:
        raise Refused(say("Un champ s'appelle déjà « {label} » ou « {key} ».", label=label, key=key), "field.taken")
    if (type == CustomField.Type.CHOICE) != bool(choices):
        raise Refused(say("Donnez les choix d'un champ de type choix, et d'aucun autre."), "field.choices")
    with acting(actor, Act.Kind.FIELD_ADDED, say("Champ « {label} » ajouté", label=label)):
        return CustomField.objects.create(key=key, label=label, type=type, choices=[*choices])


def _checked_label(label: str) -> str:
    label = " ".join(label.split())
    if not 0 < len(label) <= MAX_LABEL:
        raise Refused(say("Donnez au champ un nom de {max} caractères au plus.", max=MAX_LABEL), "field.label")
    return label


def find(key: str) -> CustomField:
    """The field of this key. Raises :class:`~tamis.errors.NotFound` with the nearest one."""
    field = CustomField.objects.filter(key=key).first()
    if field is None:
        keys = CustomField.objects.values_list("key", flat=True)
        raise NotFound(
            say("Aucun champ à vous n'a la clé « {key} ».{hint}", key=key[:60], hint=did_you_mean(key, keys))
        )
    return field


def rename(actor: Actor, field: CustomField, label: str) -> CustomField:
    """The field with another label; its key, which rules and files use, stays."""
    label = _checked_label(label)
    others = CustomField.objects.exclude(pk=field.pk)
    taken = {fold(text) for each in others for text in (each.key, each.label)}
    if field_of(label) or fold(label) in taken:
        raise Refused(say("Un champ s'appelle déjà « {label} ».", label=label), "field.taken")
    note = say("Champ « {before} » renommé « {label} »", before=field.label, label=label)
    with acting(actor, Act.Kind.FIELD_CHANGED, note):
        field.label = label
        field.save(update_fields=["label"])
    return field


def add_choices(actor: Actor, field: CustomField, choices: Sequence[str]) -> CustomField:
    """The field with more choices; those that it has stay, as companies hold them."""
    if field.type != CustomField.Type.CHOICE:
        raise Refused(say("« {label} » n'est pas un champ à choix.", label=field.label), "field.choices")
    with acting(actor, Act.Kind.FIELD_CHANGED, say("Choix ajoutés à « {label} »", label=field.label)):
        field = CustomField.objects.get(pk=field.pk)
        known = {fold(choice) for choice in field.choices}
        new = {fold(text): " ".join(text.split()) for text in choices if text.strip()}
        added = [text for key, text in new.items() if key not in known]
        if not added:
            raise Refused(say("Donnez au moins un choix que « {label} » n'a pas.", label=field.label), "field.choices")
        field.choices = [*field.choices, *added]
        field.save(update_fields=["choices"])
    return field


def holders(field: CustomField) -> int:
    """How many companies have a value in a field."""
    return Company.objects.filter(merged_into=None, extra__has_key=field.key).count()


def delete(actor: Actor, field: CustomField) -> int:
    """Delete a field and its value in every company; how many had one.

    The values go too: kept out of sight they could not be shown, exported or erased on request, and a field made later
    under the same key would find values of another type. Companies merged into others lose theirs as well.
    """
    with acting(actor, Act.Kind.FIELD_DELETED, say("Champ « {label} » supprimé", label=field.label)):
        field = find(field.key)
        held = holders(field)
        with connection.cursor() as cursor:
            cursor.execute(_WITHOUT_KEY[connection.vendor].format(key=field.key))
        CompanyValue.objects.filter(field=field.key).delete()
        field.delete()
    return held


_WITHOUT_KEY = {
    "sqlite": "UPDATE tamis_company SET extra = json_remove(extra, '$.{key}'),"
    " provenance = json_remove(provenance, '$.\"extra.{key}\"') WHERE json_type(extra, '$.{key}') IS NOT NULL",
    "postgresql": "UPDATE tamis_company SET extra = extra - '{key}', provenance = provenance - 'extra.{key}'"
    " WHERE jsonb_exists(extra, '{key}')",
}
"""A key has only a-z, 0-9 and _ (:data:`_KEY`), so it may stand in SQL."""
