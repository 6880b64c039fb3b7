"""The fields of companies: those that every company has, and those that users added."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import Asked
from tamis.app.gates import Right
from tamis.app.models import CustomField
from tamis.app.services import custom_fields as service
from tamis.sources.company_fields import FIELDS

router = Router(tags=["fields"])

TypeWord = Literal["text", "number", "date", "yes-no", "choice"]
Choices = list[str]


class BuiltIn(Schema):
    """A field that every company has."""

    key: str
    heading: str = Field(description="The heading of its column in files.")
    also: list[str] = Field(description="Other headings that are recognised.")


class OwnField(Schema):
    """A field that users added."""

    key: str = Field(examples=["segment_crm"])
    label: str
    type: TypeWord
    choices: list[str]


class FieldsOut(Schema):
    """The fields of companies."""

    built_in: list[BuiltIn]
    own: list[OwnField]


class FieldIn(Asked):
    """A field to add."""

    label: str = Field(min_length=1, max_length=service.MAX_LABEL, examples=["Score CRM"])
    type: TypeWord = "text"
    key: str = Field("", max_length=50, description="Made from the label when left out.")
    choices: Choices = Field(default_factory=list, max_length=200, description="Of a field of type `choice` only.")


class FieldChange(Asked):
    """What to change of a field."""

    label: str = Field(min_length=1, max_length=service.MAX_LABEL, description="Its new name; its key stays.")


class ChoicesIn(Asked):
    """Choices to add."""

    choices: Choices = Field(min_length=1, max_length=200)


class FieldDeleted(Schema):
    """What deleting a field did, or would do."""

    key: str
    deleted: bool
    companies: int = Field(description="Companies that had a value in it.")


@operation(router, "GET", "/fields", Right.READ, FieldsOut)
def get_fields(request: HttpRequest) -> Any:
    """The fields that companies have, the users' own included."""
    built_in = [{"key": each.key, "heading": each.heading, "also": [*each.others]} for each in FIELDS]
    own = [service.as_json(each) for each in CustomField.objects.order_by("label")]
    return {"built_in": built_in, "own": own}


@operation(router, "POST", "/fields", Right.ADMINISTER, OwnField, status=201)
def add_field(request: HttpRequest, data: FieldIn) -> Any:
    """Add a field to companies."""
    made = service.add(actor_of(request), data.label, CustomField.Type(data.type), key=data.key, choices=data.choices)
    return service.as_json(made)


@operation(router, "PATCH", "/fields/{str:key}", Right.ADMINISTER, OwnField)
def rename_field(request: HttpRequest, key: str, data: FieldChange) -> Any:
    """Give one of the users' own fields another name."""
    return service.as_json(service.rename(actor_of(request), service.find(key), data.label))


@operation(router, "POST", "/fields/{str:key}/choices", Right.ADMINISTER, OwnField)
def add_field_choices(request: HttpRequest, key: str, data: ChoicesIn) -> Any:
    """Add choices to a field of type `choice`; those that it has stay."""
    return service.as_json(service.add_choices(actor_of(request), service.find(key), data.choices))


@operation(router, "DELETE", "/fields/{str:key}", Right.ADMINISTER, FieldDeleted)
def delete_field(request: HttpRequest, key: str, dry_run: Query[bool] = False) -> Any:
    """Delete one of the users' own fields, and its value in every company.

    With `dry_run=true` it says how many companies have a value, and changes nothing.
    """
    field = service.find(key)
    held = service.holders(field) if dry_run else service.delete(actor_of(request), field)
    return {"key": key, "deleted": not dry_run, "companies": held}
