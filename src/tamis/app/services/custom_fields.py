"""The fields that users add to companies."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from tamis.app.models import Act, CustomField
from tamis.app.services.acting import Actor, acting
from tamis.errors import Refused
from tamis.identity.folding import fold, name_key
from tamis.identity.identifiers import Reading
from tamis.messages import say
from tamis.sources import custom_fields
from tamis.sources.company_fields import field_of


def readers() -> dict[str, Callable[[str], Reading[Any]]]:
    """How each of the users' fields is read, by key."""
    return {each.key: custom_fields.reader(each.type, each.choices) for each in CustomField.objects.all()}


def as_json(field: CustomField) -> dict[str, Any]:
    """A field of the users' own as the command line and the API show it."""
    return {"key": field.key, "label": field.label, "type": field.type, "choices": field.choices}


def add(actor: Actor, label: str, type: CustomField.Type, *, key: str = "", choices: Sequence[str] = ()) -> CustomField:
    """A new field. Raises :class:`~tamis.errors.Refused` when its key or label is taken, or choices are missing."""
    label = " ".join(label.split())
    key = key or name_key(label).replace(" ", "_")[:50]
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,49}", key):
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
