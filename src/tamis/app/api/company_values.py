"""The values of a company as the API takes and gives them: one field for each of the field table."""

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema
from pydantic import ConfigDict, create_model

from tamis.app.api.shapes import Asked
from tamis.sources.company_fields import FIELDS, Part

Written = str | int | float | bool | None
"""A value as somebody would type it; null or empty says nothing, or in a change empties the field."""

_UNITS = {
    "headcount": "People.",
    "headcount_bracket": "INSEE's code of a headcount bracket, or its words.",
    "revenue": "Euros; amounts as `1,2 M€` are read.",
    "size_class": "TPE, PME, ETI or GE.",
    "country": "Two letters (ISO 3166-1), or its name.",
    "naf": "NAF rév. 2, as 62.01Z.",
    "naf_2025": "NAF 2025.",
    "siren": "9 digits.",
    "siret": "14 digits.",
    "founded": "A day, as 2012-03-31.",
    "first_seen": "A day, as 2026-03-31.",
    "parent_siren": "9 digits.",
    "email_domain": "Without @, never a free mail provider's.",
    "website": "The home page, with or without scheme.",
}
_EXAMPLES = {"name": "Menuiserie Lefèvre", "siren": "732829320", "city": "Lyon", "headcount": 12}


def _written(key: str) -> Any:
    examples = [_EXAMPLES[key]] if key in _EXAMPLES else None
    return (Written, Field(None, description=_UNITS.get(key, ""), examples=examples))


class Values(Asked):
    """Values by the key of their field; users' own fields by theirs, too."""

    model_config = ConfigDict(extra="allow", strict=True)
    __pydantic_extra__: dict[str, Written]

    def texts(self) -> dict[str, str]:
        """What was given, as texts by field."""
        return {key: _text(value) for key, value in self.model_dump(exclude_unset=True).items()}


def _text(value: Written) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)


CompanyIn: Any = create_model("CompanyIn", __base__=Values, **{field.key: _written(field.key) for field in FIELDS})
CompanyIn.__doc__ = "What is known of a company, by field; several names, SIRETs or domains in one text, parted by `|`."

_TYPES: dict[str, Any] = {
    "headcount": int | None, "revenue": float | None, "founded": date | None, "first_seen": date,
}  # fmt: skip
_PLAIN: dict[str, Any] = {
    field.key: (_TYPES.get(field.key, str), Field(description=_UNITS.get(field.key, "")))
    for field in FIELDS
    if field.part is Part.VALUE
}


class _Place(Schema):
    """Where a company is."""

    id: int
    name: str
    siren: str | None = Field(description="9 digits.")
    segment: str
    list: str = Field(description="The name of the list that it is in.")
    list_id: int
    locked: bool = Field(description="Whether its list is locked.")
    pinned: bool = Field(description="Whether a person put it there.")
    extra: dict[str, Any] = Field(description="The users' own fields, by key.")
    updated_at: datetime


CompanyRow: Any = create_model("CompanyRow", __base__=_Place, **_PLAIN)
CompanyRow.__doc__ = "A company as a row of the table; texts are empty where nothing is known."
