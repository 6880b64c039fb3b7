"""Which of the state's tables engines see, and as what: read from the models, column by column.

A table more is a row more in ``tables``. Folded shadow columns are left out: every text gets a twin folded anew, which
is right even where somebody wrote to the database past the models.
"""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from django.db import models

from tamis.app.models import (
    AudiencePin,
    Claim,
    Company,
    CompanyDomain,
    CompanyIdentifier,
    CompanyName,
    CompanyTag,
    Contact,
    ContactTag,
    List,
    Status,
    Stay,
    Tag,
    TagCategory,
)
from tamis.app.models.companies import FoldedField
from tamis.lake.snapshots.tables import DAY, INSTANT, NUMBER, TEXT, YES_NO, Column, Kind, Table, decimal

_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (models.ForeignKey, NUMBER),
    (models.BooleanField, YES_NO),
    (models.IntegerField, NUMBER),
    (models.CharField, TEXT),
    (models.DateTimeField, INSTANT),
    (models.DateField, DAY),
)

_OF_COMPANY, _OF_CONTACT = (("company", "companies"),), (("contact", "contacts"),)
_OWNERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "companies": (("id", "companies"), ("merged_into", "companies")),
    "contacts": (("id", "contacts"), ("company", "companies")),
    **dict.fromkeys(
        ("company_fields", "company_names", "company_identifiers", "company_domains", "company_tags"), _OF_COMPANY
    ),
    **dict.fromkeys(("contact_fields", "contact_tags"), _OF_CONTACT),
    "lists": (("id", "segments"),),
    "audience_pins": (("subject", "audience"),),
}
"""Whom a row of a table is about: see ``Table.owners``. Those that rules do not read are about nobody."""


@cache
def tables() -> tuple[Table, ...]:
    """Every table of a snapshot, with the state's table that it is made of."""
    return (
        _table("companies", Company, {"name_key", "extra", "provenance", "status_source"}),
        _own_fields("company_fields", Company),
        _table("company_names", CompanyName, {"key", "source"}),
        _table("company_identifiers", CompanyIdentifier, {"source"}),
        _table("company_domains", CompanyDomain, {"source"}),
        _table("lists", List, {"key"}),
        _table(
            "claims",
            Claim,
            {"rank", "line", "audience", "made_by", "withdrawn_by", "restored_by"},
            "t.withdrawn_by_id IS NULL",
        ),
        _table("contacts", Contact, {"company_key", "extra", "provenance", "status_source"}),
        _own_fields("contact_fields", Contact),
        _table("statuses", Status, {"key"}),
        _table("tag_categories", TagCategory, {"key"}),
        _table("tags", Tag, {"key"}),
        _table("company_tags", CompanyTag, {"source"}),
        _table("contact_tags", ContactTag, {"source"}),
        _table("stays", Stay, ()),
        _table("audience_pins", AudiencePin, {"act", "by_action", "at"}),
    )


def relations() -> list[str]:
    """The state's tables that are watched."""
    return sorted({each.relation for each in tables()})


def _table(name: str, model: type[models.Model], left_out: Collection[str], where: str = "true") -> Table:
    """A model's rows, without some of its fields."""
    fields = [each for each in model._meta.concrete_fields if each.name not in left_out]
    columns = [_column(each) for each in fields if not isinstance(each, FoldedField)]
    return Table(name, model._meta.db_table, tuple(columns), where, owners=_OWNERS.get(name, ()))


def _column(field: Any) -> Column:
    of = f't."{field.column}"'
    return Column(field.name, _kind(field), of, of)


def _kind(field: Any) -> Kind:
    if isinstance(field, models.DecimalField):
        return decimal(field.max_digits, field.decimal_places)
    return next(kind for type, kind in _KINDS if isinstance(field, type))


def _own_fields(name: str, model: type[models.Model]) -> Table:
    """The users' own fields of a model: a row a value, as text or as a number; days are texts that have a day too."""
    return Table(
        name,
        model._meta.db_table,
        (
            Column(str(model._meta.model_name), NUMBER, "t.id", "t.id"),
            Column("field", TEXT, "e.key", "e.key"),
            Column("text", TEXT,
                   "CASE e.type WHEN 'true' THEN 'oui' WHEN 'false' THEN 'non' WHEN 'text' THEN e.value END",
                   "CASE jsonb_typeof(e.value) WHEN 'boolean' THEN CASE e.value #>> '{}' WHEN 'true' THEN 'oui' "
                   "ELSE 'non' END WHEN 'string' THEN e.value #>> '{}' END"),
            Column("number", decimal(18, 4),
                   "CASE WHEN e.type IN ('integer', 'real') THEN e.value END",
                   "CASE WHEN jsonb_typeof(e.value) = 'number' THEN (e.value #>> '{}')::numeric END"),
        ),
        where="t.extra <> '{}'",
        join=(
            ("sqlite", "JOIN json_each(t.extra) e ON e.value <> ''"),
            ("postgresql", "JOIN LATERAL jsonb_each(t.extra) e ON e.value::text NOT IN ('null', '\"\"')"),
        ),
        days=("text",),
        owners=_OWNERS[name],
    )  # fmt: skip
