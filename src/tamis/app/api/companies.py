"""Companies: found, typed in, moved, merged, and asked why they are where they are."""

from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from django.db import models
from django.db.models import F
from django.db.models.functions import NullIf
from django.http import HttpRequest, HttpResponseBase
from ninja import Field, Query, Router, Schema

from tamis.app.api.company_values import CompanyIn, CompanyRow
from tamis.app.api.cursors import NEWEST, Order, page
from tamis.app.api.errors import Invalid, Where
from tamis.app.api.lists import the_list
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import MAX_ID, All, Asked, FormatWord, Id, Many, Page, Paging, Said, Whole
from tamis.app.gates import Right
from tamis.app.models import Company, List
from tamis.app.services import companies as service
from tamis.app.services import company_filters, company_table, exports, merging
from tamis.app.services.company_conditions import read_conditions
from tamis.app.services.company_filters import Filters
from tamis.app.services.company_sheet import claim_as_json, move_as_json, sheet
from tamis.app.views.downloads import download
from tamis.errors import NotFound, Refused, did_you_mean
from tamis.messages import say
from tamis.rules.errors import RuleError
from tamis.rules.parsing import LONGEST
from tamis.sources.writing import Format

router = Router(tags=["companies"])

MOST = 1_000
"""Companies in one body."""
RULE = (
    "A rule of the language (docs/reference/rules.md) about this table's rows, joined to the conditions by and: asked "
    "of the engine, with everything acknowledged before."
)
AnyFilters = TypeVar("AnyFilters", bound=Filters)

SORTS: dict[str, Any] = {
    "name": F("name_key"),
    "city": NullIf(F("city_key"), models.Value("")),
    "headcount": F("headcount"),
    "revenue": F("revenue"),
    "first_seen": F("first_seen"),
}
"""What companies can be sorted by; a hyphen in front turns the order round."""


class CompanyFilters(Schema):
    """Which companies."""

    q: str = Field("", max_length=300, description="In a name, an identifier or a domain.")
    where: list[Annotated[str, Field(max_length=1_000)]] = Field(
        default_factory=list,
        max_length=20,
        description=(
            "A condition as the console's address says it, given as often as there are conditions, which are joined by "
            "and: `city=Lyon`, `naf.starts-with=62`, `headcount.between=50..249`, `size_class.in=PME|ETI`, "
            "`siren.missing=`, `segment=client`."
        ),
    )
    rule: str = Field("", max_length=LONGEST, description=RULE)


class CompaniesAsked(CompanyFilters, Paging):
    """Which companies, in which order."""

    sort: str = Field(
        "name", max_length=20, description=f"By {', '.join(SORTS)}; a hyphen in front turns the order round. "
        "Unknown values come last.",
    )  # fmt: skip


def filters_of(asked: CompanyFilters) -> Filters:
    """The filters asked for. Raises :class:`Invalid` for a condition that is none, ``RuleError`` for such a rule."""
    return filters_among(Filters, asked.q, asked.where, asked.rule, "query")


def filters_among(table: type[AnyFilters], q: str, where: list[str], rule: str, place: Where) -> AnyFilters:
    """What is asked of a table in the query or the body. Raises as :func:`filters_of`."""
    field = "where"
    try:
        conditions = read_conditions((each.partition("=")[::2] for each in where), table.attributes)
        field = "rule"
        return table(q.strip(), conditions, rule=table.ruled(rule))
    except RuleError:  # which says the place itself
        raise
    except (NotFound, Refused) as error:
        raise Invalid(error.message, error.code, field=field, where=place) from error


def _company(pk: int) -> Company:
    return service.find_by_id(pk)


@operation(router, "GET", "/companies", Right.READ, Page[CompanyRow], refuses=(404,))
def get_companies(request: HttpRequest, asked: Query[CompaniesAsked]) -> Any:
    """Companies that the filters let through, sorted: the console's table."""
    name = asked.sort.removeprefix("-")
    if name not in SORTS:
        said = say("Aucun tri ne s'appelle « {name} ».{hint}", name=name, hint=did_you_mean(name, SORTS))
        raise Invalid(said, "sort", field="sort", where="query")
    order = Order(name, SORTS[name], asked.sort.startswith("-"), nullable=name != "name")
    found, beyond = page(company_filters.filtered(filters_of(asked)).select_related("list"), asked, order)
    return {"items": company_table.rows_as_json(found), "next": beyond}


class Counted(Schema):
    """How many companies."""

    total: int


@operation(router, "GET", "/companies/count", Right.READ, Counted, refuses=(404,))
def count_companies(request: HttpRequest, asked: Query[CompanyFilters]) -> Any:
    """How many companies the filters let through."""
    return {"total": company_filters.count(filters_of(asked))}


class ExportAsked(CompanyFilters):
    """Which companies to take away."""

    id: list[Annotated[Whole, Field(ge=1, le=MAX_ID)]] = Field(
        default_factory=list, max_length=MOST, description="Only companies of these numbers."
    )


@operation(
    router, "GET", "/companies/export", Right.READ, None, file="Companies with every field, as a file.", refuses=(404,)
)
def export_companies(
    request: HttpRequest, asked: Query[ExportAsked], format: Query[FormatWord] = "csv"
) -> HttpResponseBase:
    """Companies that the filters let through, as a file that can be imported again."""
    chosen = company_filters.filtered(filters_of(asked))
    rows = exports.company_rows(chosen.filter(pk__in=asked.id) if asked.id else chosen)
    return download("entreprises", exports.company_headings(), rows, Format(format))


class Value(Schema):
    """A value with its source and date."""

    key: str
    label: Said
    value: str
    source: Said | None
    as_of: date | None = Field(description="The day that its source speaks of.")
    droppable: bool = Field(description="Whether it may be taken away as wrong; plain values are emptied instead.")


class ClaimOut(Schema):
    """Who says that the company belongs in a list."""

    list: str
    kind: Said
    at: datetime
    reason: Said


class PastClaim(ClaimOut):
    """A claim that no longer stands."""

    until: datetime
    why: Said | None = Field(description="What withdrew it.")
    by: str


class ClaimThen(Schema):
    """A claim as it stood at a move."""

    list: str
    kind: Said
    reason: Said


class MoveOut(Schema):
    """A company went from one list to another."""

    from_: str | None = Field(alias="from")
    to: str
    at: datetime
    by: str
    via: str
    what: Said | None
    reason: Said
    claims_then: list[ClaimThen] = Field(description="The claims that stood then, the strongest first.")


class MergeNote(Schema):
    """A merge that stands."""

    id: int
    absorbed: int
    name: str
    at: datetime


class StatusOf(Schema):
    """A status somebody has."""

    id: int
    name: str
    since: datetime | None
    source: Said | None
    as_of: date | None


class TagOf(Schema):
    """A tag on something, with who put it there: a rule's comes off by itself."""

    id: int
    category: str
    name: str
    by: Said
    source: Said | None
    at: datetime


class CompanyOut(Schema):
    """All that is known of a company, and why it is where it is."""

    id: int
    name: str
    siren: str | None
    segment: str
    list: str
    locked: bool
    status: StatusOf | None
    tags: Many[TagOf]
    fields: Many[Value]
    claims: Many[ClaimOut] = Field(description="The strongest first: it decides, unless a lock holds.")
    past_claims: Many[PastClaim] = Field(description="Those withdrawn, the latest first, a hundred at most.")
    moves: Many[MoveOut] = Field(description="The latest first.")
    merges: Many[MergeNote]


@operation(router, "POST", "/companies", Right.SORT, CompanyOut, status=201)
def add_company(request: HttpRequest, data: CompanyIn) -> Any:
    """Type a company in."""
    texts = {key: text for key, text in data.texts().items() if text.strip()}
    return sheet(service.add(actor_of(request), texts))


class MoveIn(Asked):
    """Companies to move by hand."""

    list: Id = Field(description="The number of the list to go to.")
    companies: Many[Id] = Field(min_length=1, max_length=MOST, description="Their numbers.")


class MovedOut(Schema):
    """What a move by hand did."""

    list: str
    moved: int
    already_there: int
    act: int = Field(description="Its number in the audit trail: `POST /acts/{act_id}/undo` takes it back.")


class ReleaseIn(Asked):
    """Companies to let go."""

    companies: Many[Id] = Field(min_length=1, max_length=MOST, description="Their numbers.")


class Released(Schema):
    """What taking pins away did."""

    moved: int


@operation(router, "POST", "/companies/move", Right.SORT, MovedOut, refuses=(404,))
def move_companies(request: HttpRequest, data: MoveIn) -> Any:
    """Move companies to a list and pin them there: all of them or, when one does not exist, none."""
    target = the_list(data.list)
    return moved_as_json(target, service.move(actor_of(request), target, data.companies))


def moved_as_json(target: List, done: service.Moved) -> dict[str, Any]:
    """What a move did."""
    return {
        "list": target.name,
        "moved": done.moved,
        "already_there": done.already_there,
        "act": done.act.pk,
    }


@operation(router, "POST", "/companies/release", Right.SORT, Released)
def release_companies(request: HttpRequest, data: ReleaseIn) -> Any:
    """Take the pins of companies away: their other claims decide."""
    return {"moved": service.release(actor_of(request), data.companies)}


@operation(router, "GET", "/companies/{int:company_id}", Right.READ, CompanyOut)
def get_company(request: HttpRequest, company_id: Id) -> Any:
    """All that is known of a company; one that was merged answers as the one that it is part of."""
    return sheet(_company(company_id))


@operation(router, "PATCH", "/companies/{int:company_id}", Right.SORT, CompanyOut)
def edit_company(request: HttpRequest, company_id: Id, data: CompanyIn) -> Any:
    """Change fields of a company; null empties one, those left out stay."""
    service.edit(actor_of(request), _company(company_id), data.texts())
    return sheet(_company(company_id))


class DropIn(Asked):
    """A part to take away."""

    text: str = Field(min_length=1, max_length=300, description="A name, an identifier or a domain that it has.")


@operation(router, "POST", "/companies/{int:company_id}/drop", Right.SORT, CompanyOut)
def drop_part(request: HttpRequest, company_id: Id, data: DropIn) -> Any:
    """Take a wrong name, identifier or domain away from a company."""
    service.drop(actor_of(request), _company(company_id), data.text)
    return sheet(_company(company_id))


@operation(router, "GET", "/companies/{int:company_id}/claims", Right.READ, All[ClaimOut])
def get_claims(request: HttpRequest, company_id: Id) -> Any:
    """The claims on a company, the strongest first."""
    return {"items": [claim_as_json(claim) for claim in service.standing_claims(_company(company_id))]}


@operation(router, "GET", "/companies/{int:company_id}/moves", Right.READ, Page[MoveOut])
def get_moves(request: HttpRequest, company_id: Id, paging: Query[Paging]) -> Any:
    """The moves of a company, the latest first, each with its reason."""
    found, beyond = page(service.past_moves(_company(company_id)), paging, NEWEST)
    return {"items": [move_as_json(move) for move in found], "next": beyond}


class MergeIn(Asked):
    """Whom to merge."""

    absorbed: Id = Field(description="The number of the company that becomes part of this one.")


class MergeOut(Schema):
    """A merge."""

    merge: int = Field(description="Its number: `POST /merges/{merge_id}/split` undoes it.")
    kept: int
    absorbed: int


class SplitOut(Schema):
    """A merge that was undone."""

    kept: int
    restored: int


@operation(router, "POST", "/companies/{int:company_id}/merge", Right.SORT, MergeOut)
def merge_companies(request: HttpRequest, company_id: Id, data: MergeIn) -> Any:
    """Make another company part of this one, undoably."""
    merged = merging.merge(actor_of(request), _company(company_id), _company(data.absorbed))
    return {"merge": merged.pk, "kept": merged.kept_id, "absorbed": merged.absorbed_id}


@operation(router, "POST", "/merges/{int:merge_id}/split", Right.SORT, SplitOut)
def split_companies(request: HttpRequest, merge_id: Id) -> Any:
    """Undo a merge: each company has back what it had."""
    merged = merging.find(merge_id)
    back = merging.split(actor_of(request), merged)
    return {"kept": merged.kept_id, "restored": back.pk}
