"""Contacts: found, typed in, brought by the thousand, changed, tied to companies."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from ninja import Field, File, Form, Query, Router, Schema, UploadedFile
from pydantic import create_model

from tamis.app.api.companies import MOST, RULE, Counted, StatusOf, TagOf, filters_among
from tamis.app.api.company_imports import Brought, Told, day_of, reported
from tamis.app.api.company_values import Values, Written
from tamis.app.api.cursors import Order, page
from tamis.app.api.errors import Invalid
from tamis.app.api.list_content import kept
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import All, Asked, Day, FormatWord, Id, Many, Page, Paging, Said
from tamis.app.gates import Right
from tamis.app.services import companies, contact_imports, erasing, exports
from tamis.app.services import company_filters as table
from tamis.app.services import contacts as service
from tamis.app.services.contact_sheet import row_as_json, sheet
from tamis.app.services.contact_table import ContactFilters
from tamis.app.views.downloads import download
from tamis.errors import did_you_mean
from tamis.messages import say
from tamis.rules.parsing import LONGEST
from tamis.sources.contact_fields import FIELDS
from tamis.sources.writing import Format

router = Router(tags=["contacts"])

SORTS: dict[str, Any] = {"name": F("name_key"), "created": F("created_at"), "updated": F("updated_at")}
"""What contacts can be sorted by; a hyphen in front turns the order round."""

_UNITS = {
    "email": "One address; a contact is known by it.", "external_key": "The key that another tool gave.",
    "civility": "M., Mme or Mx.", "phone": "Kept in E.164; national numbers are of the contact's country.",
    "country": "Two letters (ISO 3166-1), or its name.", "company_siren": "9 digits, or 14 of a SIRET.",
    "origin": "`static` (imported, bought, collected) or `dynamic` (opted in).",
}  # fmt: skip
_IN: dict[str, Any] = {
    field.key: (Written, Field(None, description=_UNITS.get(field.key, ""))) for field in FIELDS
}  # fmt: skip
ContactIn: Any = create_model("ContactIn", __base__=Values, **_IN)
ContactIn.__doc__ = "What is known of a contact, by field; users' own fields by their key, too."


class _Row(Schema):
    """What is about a contact, beside its fields."""

    id: int
    name: str
    company_id: int | None = Field(description="The company that it is tied to.")
    company: str | None
    status: str | None
    extra: dict[str, Any] = Field(description="The users' own fields, by key.")
    updated_at: datetime


_OUT: dict[str, Any] = {field.key: (str, Field(description=_UNITS.get(field.key, ""))) for field in FIELDS}
ContactRow: Any = create_model("ContactRow", __base__=_Row, **_OUT)
ContactRow.__doc__ = "A contact as a row of the table; texts are empty where nothing is known."


class ContactsWanted(Schema):
    """Which contacts."""

    q: str = Field("", max_length=300, description="In a name, an address or a number.")
    where: list[Annotated[str, Field(max_length=1_000)]] = Field(
        default_factory=list, max_length=20,
        description=(
            "A condition as the console's address says it, given as often as there are conditions, which are joined by "
            "and: `city=Lyon`, `function.in=achats|commercial`, `tag=Industrie`, `company_segment=client`."
        ),
    )  # fmt: skip
    rule: str = Field("", max_length=LONGEST, description=RULE)


class ContactsAsked(ContactsWanted, Paging):
    """Which contacts, in which order."""

    sort: str = Field(
        "name", max_length=20, description=f"By {', '.join(SORTS)}; a hyphen in front turns the order round."
    )


def _filters(asked: ContactsWanted) -> ContactFilters:
    """The filters asked for. Raises as :func:`~tamis.app.api.companies.filters_of`."""
    return filters_among(ContactFilters, asked.q, asked.where, asked.rule, "query")


@operation(router, "GET", "/contacts", Right.READ, Page[ContactRow], refuses=(404,))
def get_contacts(request: HttpRequest, asked: Query[ContactsAsked]) -> Any:
    """Contacts that the filters let through, sorted: the console's table."""
    name = asked.sort.removeprefix("-")
    if name not in SORTS:
        said = say("Aucun tri ne s'appelle « {name} ».{hint}", name=name, hint=did_you_mean(name, SORTS))
        raise Invalid(said, "sort", field="sort", where="query")
    order = Order(name, SORTS[name], asked.sort.startswith("-"))
    found, beyond = page(table.filtered(_filters(asked)).select_related("company", "status"), asked, order)
    return {"items": [row_as_json(contact) for contact in found], "next": beyond}


@operation(router, "GET", "/contacts/count", Right.READ, Counted, refuses=(404,))
def count_contacts(request: HttpRequest, asked: Query[ContactsWanted]) -> Any:
    """How many contacts the filters let through."""
    return {"total": table.count(_filters(asked))}


class ContactsRelaxed(Schema):
    """A filter to give up."""

    sentence: Said
    contacts: int = Field(description=f"Contacts that the others let through; {table.FEW} means that many or more.")
    q: str
    where: Many[str] = Field(description="The conditions that are left.")
    rule: str = Field(description="The rule, where it is left.")


@operation(router, "GET", "/contacts/relaxed", Right.READ, All[ContactsRelaxed], refuses=(404,))
def relax_contact_filters(request: HttpRequest, asked: Query[ContactsWanted]) -> Any:
    """Which single filter to give up where nothing matches."""
    return {
        "items": [
            {
                "sentence": each.sentence, "contacts": each.companies, "q": each.filters.q,
                "where": ["=".join(condition.parameter) for condition in each.filters.conditions],
                "rule": each.filters.rule.text if each.filters.rule else "",
            }
            for each in table.relaxed(_filters(asked))
        ]
    }  # fmt: skip


@operation(
    router, "GET", "/contacts/export", Right.READ, None, file="Contacts with every field, as a file.", refuses=(404,)
)
def export_contacts(
    request: HttpRequest, asked: Query[ContactsWanted], format: Query[FormatWord] = "csv"
) -> HttpResponseBase:
    """Contacts that the filters let through, as a file that can be imported again."""
    rows = exports.contact_rows(table.filtered(_filters(asked)))
    return download("contacts", exports.contact_headings(), rows, Format(format))


class ContactValue(Schema):
    """A value with its source and date."""

    key: str
    label: Said
    value: str
    source: Said | None
    as_of: date | None = Field(description="The day that its source speaks of.")


class TieOut(Schema):
    """The company of a contact, and what says so."""

    id: int
    name: str
    segment: str
    list: str
    by: Literal["hand", "siren", "name", "domain"]
    how: Said
    source: Said | None
    as_of: date | None


class ContactOut(Schema):
    """All that is known of a contact."""

    id: int
    name: str
    email: str | None
    external_key: str | None
    origin: Literal["static", "dynamic"]
    company: TieOut | None
    status: StatusOf | None
    tags: list[TagOf]
    fields: Many[ContactValue]
    created_at: datetime
    updated_at: datetime


@operation(router, "POST", "/contacts", Right.SORT, ContactOut, status=201)
def add_contact(request: HttpRequest, data: ContactIn) -> Any:
    """Type a contact in; it is known by its address, else by its external key."""
    return sheet(service.add(actor_of(request), data.texts()))


class ContactUpsert(Asked):
    """Contacts to bring."""

    contacts: list[ContactIn] = Field(min_length=1, max_length=MOST)
    as_of: Day | None = Field(None, description="The day that they speak of; today when left out.")
    dry_run: bool = Field(False, description="Say what would happen, and change nothing.")
    create_tags: bool = Field(False, description="Make the tags that are not there yet; otherwise they refuse.")
    source: str = Field("API", min_length=1, max_length=200, description="What to call their source.")


class ContactReport(Brought):
    """What bringing contacts did, or would do."""

    review: int = Field(description="Without a company, since several would fit.")
    linked: int = Field(description="Tied to a company.")


@operation(router, "POST", "/contacts/upsert", Right.SORT, ContactReport, together=False)
def upsert_contacts(request: HttpRequest, data: ContactUpsert) -> Any:
    """Bring contacts: known ones (by address, else by external key) are updated, the others are new.

    `Statut` and `Tags` (`Category: Tag`, several parted by `|`) are fields here as they are columns of files.
    """
    said: Told = []
    report = contact_imports.upsert(
        actor_of(request), [each.texts() for each in data.contacts], name=data.source, as_of=day_of(data.as_of),
        dry_run=data.dry_run, create_tags=data.create_tags,
        told=lambda line, what, why: said.append((line, what, why)),
    )  # fmt: skip
    return reported(report, said)


class ContactFile(Schema):
    """How to import a file of contacts."""

    as_of: str = Field("", max_length=10, description="The day that it speaks of, as 2026-03-31; today when left out.")
    key: str = Field("", max_length=200, description="The column by which contacts without an address are known.")
    dry_run: Literal["true", "false"] = Field("false", description="Say what would happen, and change nothing.")
    create_tags: Literal["true", "false"] = Field("false", description="Make the tags that are not there yet.")


@operation(router, "POST", "/contacts/import-file", Right.SORT, ContactReport, together=False)
def import_contacts(request: HttpRequest, options: Form[ContactFile], file: File[UploadedFile]) -> Any:
    """Import a CSV or Excel file of contacts, as `multipart/form-data`; at most 20 MB, while the caller waits."""
    said: Told = []
    with kept(file) as path:
        report = contact_imports.import_file(
            actor_of(request), path, file_name=file.name or "?", key=options.key, as_of=day_of(options.as_of),
            dry_run=options.dry_run == "true", create_tags=options.create_tags == "true",
            told=lambda line, what, why: said.append((line, what, why)),
        )  # fmt: skip
    return reported(report, said)


@operation(router, "GET", "/contacts/{int:contact_id}", Right.READ, ContactOut)
def get_contact(request: HttpRequest, contact_id: Id) -> Any:
    """All that is known of a contact."""
    return sheet(service.find_by_id(contact_id))


@operation(router, "PATCH", "/contacts/{int:contact_id}", Right.SORT, ContactOut)
def edit_contact(request: HttpRequest, contact_id: Id, data: ContactIn) -> Any:
    """Change fields of a contact; null empties one, those left out stay."""
    service.edit(actor_of(request), service.find_by_id(contact_id), data.texts())
    return sheet(service.find_by_id(contact_id))


class TieIn(Asked):
    """Which company."""

    company: Id | None = Field(description="Its number; null lets what the contact says decide again.")


@operation(router, "POST", "/contacts/{int:contact_id}/tie", Right.SORT, ContactOut)
def tie_contact(request: HttpRequest, contact_id: Id, data: TieIn) -> Any:
    """Tie a contact to a company by hand; it stays until newer news names another one."""
    company = companies.find_by_id(data.company) if data.company else None
    service.tie_to(actor_of(request), service.find_by_id(contact_id), company)
    return sheet(service.find_by_id(contact_id))


class ErasureOut(Schema):
    """An erasure: what was done, place by place, what is left to do, and what stays until when."""

    id: int
    contact: int | None
    asked_at: datetime
    by: str
    finished_at: datetime | None = Field(description="When every step was done.")
    cleared_at: datetime | None = Field(description="When the old files of the lake were deleted, too.")
    old_files_until: datetime | None
    backups_until: datetime
    steps: dict[str, Any] = Field(description="What each step did: counts by what they count.")
    left: list[str] = Field(description="Steps still to do; they are done in the background.")
    stays: list[Said] = Field(description="What the erasure does not reach, and why.")


@operation(router, "POST", "/contacts/{int:contact_id}/erase", Right.ADMINISTER, ErasureOut)
def erase_contact(request: HttpRequest, contact_id: Id) -> Any:
    """Erase a person everywhere: the contact at once, events, files and remains in the background."""
    service.find_by_id(contact_id)
    return erasing.as_json(erasing.start(actor_of(request), str(contact_id)))


@operation(router, "GET", "/erasures/{int:erasure_id}", Right.ADMINISTER, ErasureOut)
def get_erasure(request: HttpRequest, erasure_id: Id) -> Any:
    """How far an erasure is, and what it did."""
    return erasing.as_json(erasing.find(erasure_id))
