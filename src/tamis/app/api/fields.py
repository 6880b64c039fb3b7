"""The fields of companies and contacts: those that all of them have, and those that users added."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import Asked, SubjectWord
from tamis.app.gates import Right
from tamis.app.models import CustomField
from tamis.app.services import custom_fields as service
from tamis.app.services.import_layouts import COMPANIES, CONTACTS

router = Router(tags=["fields"])

TypeWord = Literal["text", "number", "date", "yes-no", "choice"]
Choices = list[str]


class BuiltIn(Schema):
    """A field that every company has, or every contact."""

    key: str
    heading: str = Field(description="The heading of its column in files.")
    also: list[str] = Field(description="Other headings that are recognised.")


class OwnField(Schema):
    """A field that users added."""

    subject: SubjectWord
    key: str = Field(examples=["segment_crm"])
    label: str
    type: TypeWord
    choices: list[str]


class FieldsOut(Schema):
    """The fields of companies, or of contacts."""

    built_in: list[BuiltIn]
    own: list[OwnField]


class FieldIn(Asked):
    """A field to add."""

    subject: SubjectWord = Field("company", description="What has the field.")
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
    holders: int = Field(description="Companies, or contacts, that had a value in it.")


@operation(router, "GET", "/fields", Right.READ, FieldsOut)
def get_fields(request: HttpRequest, subject: Query[SubjectWord] = "company") -> Any:
    """The fields that companies have, or contacts, the users' own included."""
    known = COMPANIES if subject == "company" else CONTACTS
    built_in = [{"key": each.key, "heading": each.heading, "also": [*each.others]} for each in known.fields]
    own = [service.as_json(each) for each in service.fields_of(subject)]
    return {"built_in": built_in, "own": own}


@operation(router, "POST", "/fields", Right.ADMINISTER, OwnField, status=201)
def add_field(request: HttpRequest, data: FieldIn) -> Any:
    """Add a field to companies, or to contacts."""
    made = service.add(
        actor_of(request), data.label, CustomField.Type(data.type), key=data.key, choices=data.choices,
        subject=data.subject,
    )  # fmt: skip
    return service.as_json(made)


@operation(router, "PATCH", "/fields/{str:key}", Right.ADMINISTER, OwnField)
def rename_field(request: HttpRequest, key: str, data: FieldChange, subject: Query[SubjectWord] = "company") -> Any:
    """Give one of the users' own fields another name."""
    return service.as_json(service.rename(actor_of(request), service.find(key, subject), data.label))


@operation(router, "POST", "/fields/{str:key}/choices", Right.ADMINISTER, OwnField)
def add_field_choices(request: HttpRequest, key: str, data: ChoicesIn, subject: Query[SubjectWord] = "company") -> Any:
    """Add choices to a field of type `choice`; those that it has stay."""
    return service.as_json(service.add_choices(actor_of(request), service.find(key, subject), data.choices))


@operation(router, "DELETE", "/fields/{str:key}", Right.ADMINISTER, FieldDeleted)
def delete_field(
    request: HttpRequest, key: str, dry_run: Query[bool] = False, subject: Query[SubjectWord] = "company"
) -> Any:
    """Delete one of the users' own fields, and its value in every company, or contact.

    With `dry_run=true` it says how many have a value, and changes nothing.
    """
    field = service.find(key, subject)
    held = service.holders(field) if dry_run else service.delete(actor_of(request), field)
    return {"key": key, "deleted": not dry_run, "holders": held}
