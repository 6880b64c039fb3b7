"""The fields that users add to companies and to contacts."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from tamis.app.models import Act, CustomField
from tamis.app.services.acting import Actor, acting
from tamis.app.services.subjects import subject_of
from tamis.errors import NotFound, Refused, did_you_mean
from tamis.identity.folding import fold, name_key
from tamis.identity.identifiers import Reading
from tamis.messages import say
from tamis.sources import company_fields, contact_fields, custom_fields
from tamis.sources.companies import Column
from tamis.sources.labels import label_of

_KEY = re.compile("[a-z][a-z0-9_]{0,49}")
MAX_LABEL = 80
COMPANY = CustomField.Subject.COMPANY


def fields_of(subject: str = COMPANY) -> QuerySet[CustomField]:
    """The users' own fields of companies, or of contacts, in the order of their labels."""
    return CustomField.objects.filter(subject=subject).order_by("label")


def readers(subject: str = COMPANY) -> dict[str, Callable[[str], Reading[Any]]]:
    """How each of the users' fields is read, by key."""
    return {each.key: custom_fields.reader(each.type, each.choices) for each in fields_of(subject)}


def typed_columns(values: Mapping[str, str], subject: str = COMPANY) -> list[tuple[Column, str]]:
    """Texts by field key as cells under their columns. Raises ``Refused`` for a key that is no field."""
    fields, own = company_fields if subject == COMPANY else contact_fields, readers(subject)
    columns: list[tuple[Column, str]] = []
    for key, text in values.items():
        if built_in := fields.field_of(key):
            columns.append((Column(built_in.heading, built_in), text))
        elif key in own:
            columns.append((Column(key, None, key, own[key]), text))
        else:
            hint = did_you_mean(key, [*fields.BY_KEY, *own])
            raise Refused(say("Aucun champ ne s'appelle « {field} ».{hint}", field=key, hint=hint), "field.unknown")
    return columns


def _built_in(subject: str, word: str) -> bool:
    """Whether a word names something that files hold anyway: a field of Tamis's, or labels."""
    fields = company_fields if subject == COMPANY else contact_fields
    return bool(fields.field_of(word) or label_of(word))


def as_json(field: CustomField) -> dict[str, Any]:
    """A field of the users' own as the command line and the API show it."""
    return {
        "key": field.key, "label": field.label, "type": field.type, "choices": field.choices,
        "subject": field.subject,
    }  # fmt: skip


def add(
    actor: Actor,
    label: str,
    type: CustomField.Type,
    *,
    key: str = "",
    choices: Sequence[str] = (),
    subject: str = COMPANY,
) -> CustomField:
    """A new field. Raises :class:`~tamis.errors.Refused` when its key or label is taken, or choices are missing."""
    label = _checked_label(label)
    key = key or name_key(label).replace(" ", "_")[:50]
    if not _KEY.fullmatch(key):
        raise Refused(
            say("La clé « {key} » doit commencer par une lettre et n'avoir que a-z, 0-9 et _.", key=key), "field.key"
        )
    taken = {fold(text) for each in fields_of(subject) for text in (each.key, each.label)}
    if _built_in(subject, key) or _built_in(subject, label) or taken & {fold(key), fold(label)}:
        raise Refused(say("Un champ s'appelle déjà « {label} » ou « {key} ».", label=label, key=key), "field.taken")
    if (type == CustomField.Type.CHOICE) != bool(choices):
        raise Refused(say("Donnez les choix d'un champ de type choix, et d'aucun autre."), "field.choices")
    with acting(actor, Act.Kind.FIELD_ADDED, say("Champ « {label} » ajouté", label=label)):
        return CustomField.objects.create(subject=subject, key=key, label=label, type=type, choices=[*choices])


def _checked_label(label: str) -> str:
    label = " ".join(label.split())
    if not 0 < len(label) <= MAX_LABEL:
        raise Refused(say("Donnez au champ un nom de {max} caractères au plus.", max=MAX_LABEL), "field.label")
    return label


def find(key: str, subject: str = COMPANY) -> CustomField:
    """The field of this key. Raises :class:`~tamis.errors.NotFound` with the nearest one."""
    field = fields_of(subject).filter(key=key).first()
    if field is None:
        keys = fields_of(subject).values_list("key", flat=True)
        raise NotFound(
            say("Aucun champ à vous n'a la clé « {key} ».{hint}", key=key[:60], hint=did_you_mean(key, keys))
        )
    return field


def rename(actor: Actor, field: CustomField, label: str) -> CustomField:
    """The field with another label; its key, which rules and files use, stays."""
    label = _checked_label(label)
    others = fields_of(field.subject).exclude(pk=field.pk)
    taken = {fold(text) for each in others for text in (each.key, each.label)}
    if _built_in(field.subject, label) or fold(label) in taken:
        raise Refused(say("Un champ s'appelle déjà « {label} ».", label=label), "field.taken")
    note = say("Champ « {before} » renommé « {label} »", before=field.label, label=label)
    with acting(actor, Act.Kind.FIELD_CHANGED, note):
        field.label = label
        field.save(update_fields=["label"])
    return field


def add_choices(actor: Actor, field: CustomField, choices: Sequence[str]) -> CustomField:
    """The field with more choices; those that it has stay, as companies or contacts hold them."""
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
    """How many companies, or contacts, have a value in a field."""
    return subject_of(field.subject).existing().filter(extra__has_key=field.key).count()


def delete(actor: Actor, field: CustomField) -> int:
    """Delete a field and its value in every company or contact; how many had one.

    The values go too: kept out of sight they could not be shown, exported or erased on request, and a field made later
    under the same key would find values of another type. Companies merged into others lose theirs as well.
    """
    with acting(actor, Act.Kind.FIELD_DELETED, say("Champ « {label} » supprimé", label=field.label)):
        field = find(field.key, field.subject)
        held, subject = holders(field), subject_of(field.subject)
        with connection.cursor() as cursor:
            table = subject.model._meta.db_table
            cursor.execute(_WITHOUT_KEY[connection.vendor].format(key=field.key, table=table))
        subject.values._default_manager.filter(field=field.key).delete()
        field.delete()
    return held


_WITHOUT_KEY = {
    "sqlite": "UPDATE {table} SET extra = json_remove(extra, '$.{key}'),"
    " provenance = json_remove(provenance, '$.\"extra.{key}\"') WHERE json_type(extra, '$.{key}') IS NOT NULL",
    "postgresql": "UPDATE {table} SET extra = extra - '{key}', provenance = provenance - 'extra.{key}'"
    " WHERE jsonb_exists(extra, '{key}')",
}
"""A key has only a-z, 0-9 and _ (:data:`_KEY`), so it may stand in SQL."""
