"""The columns of the contact table, as :mod:`~tamis.app.services.company_columns` has them of companies."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from tamis.app.models import Contact, CustomField
from tamis.app.services.company_attributes import PREFIX
from tamis.app.services.company_columns import Parts, TableColumn, names_of_tags
from tamis.app.services.contact_labels import LABELS, shown
from tamis.app.services.custom_fields import fields_of
from tamis.app.services.subjects import CONTACT
from tamis.sources.custom_fields import shown_value


def _folded(key: str) -> TableColumn:
    return TableColumn(key, LABELS[key], (f"{key}_key",))


COLUMNS: tuple[TableColumn, ...] = (
    TableColumn("name", _("Contact"), ("name_key",)),
    TableColumn("civility", LABELS["civility"]),
    TableColumn("email", LABELS["email"], ("email_key",)),
    TableColumn("phone", LABELS["phone"], ("phone",)),
    TableColumn("company", _("Entreprise")),
    TableColumn("job_title", LABELS["job_title"], ("job_title_key",)),
    _folded("function"),
    _folded("level"),
    _folded("sector"),
    _folded("city"),
    TableColumn("country", LABELS["country"], ("country",)),
    _folded("offer"),
    TableColumn("status", _("Statut"), ("status",)),
    TableColumn("tags", _("Tags")),
    TableColumn("origin", LABELS["origin"], ("origin",)),
    TableColumn("origin_detail", LABELS["origin_detail"], ("origin_detail_key",)),
    TableColumn("external_key", LABELS["external_key"], ("external_key",)),
    TableColumn("created", _("Entré le"), ("created_at",)),
    TableColumn("updated", _("Modifié le"), ("updated_at",)),
)
USUAL = ("name", "email", "company", "job_title", "status", "tags", "updated")


def all_columns() -> list[TableColumn]:
    """The built-in columns and the users' own fields."""
    numeric = CustomField.Type.NUMBER
    return [*COLUMNS, *(TableColumn(PREFIX + f.key, f.label, numeric=f.type == numeric) for f in fields_of("contact"))]


def values(contacts: Sequence[Contact], columns: Sequence[TableColumn]) -> list[list[tuple[TableColumn, Any]]]:
    """What the columns show of each contact: a row of values as they are stored, a row a contact."""
    tags = names_of_tags(CONTACT, contacts) if any(column.key == "tags" for column in columns) else {}
    return [[(column, _value(contact, column, tags)) for column in columns] for contact in contacts]


def _value(contact: Contact, column: TableColumn, tags: Parts) -> Any:
    match column.key:
        case "tags":
            return tags.get((contact.pk, "tags"), [])
        case "created" | "updated":
            return getattr(contact, f"{column.key}_at")
        case "origin":
            return shown("origin", contact.origin)
    if column.key.startswith(PREFIX):
        held = contact.extra.get(column.key.removeprefix(PREFIX))
        return "" if held is None else held if column.numeric else shown_value(held)
    return getattr(contact, column.key)
