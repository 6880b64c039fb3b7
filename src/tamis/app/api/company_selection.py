"""Every company that filters let through, acted on at once; and what companies can be filtered by."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from tamis.app.api.companies import RULE, CompanyFilters, MovedOut, Released, filters_among, filters_of, moved_as_json
from tamis.app.api.jobs import JobOut
from tamis.app.api.lists import the_list
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import All, Asked, FormatWord, Id, Many, Said
from tamis.app.gates import Right
from tamis.app.services import company_attributes, jobs
from tamis.app.services import company_filters as table
from tamis.app.services import company_selection as service
from tamis.app.services.company_attributes import Attribute
from tamis.app.services.company_conditions import Takes, operators_of
from tamis.app.services.company_filters import Filters
from tamis.rules.parsing import LONGEST

router = Router(tags=["companies"])

MOST_SUGGESTED = 12


class Choice(Schema):
    """A value that an attribute can have."""

    value: str
    label: Said


class OperatorOut(Schema):
    """A way to ask for an attribute: `{key}.{operator}={value}`; without operator it is `is`."""

    key: str = Field(examples=["starts-with"])
    label: Said
    takes: Literal["nothing", "one", "two", "any"] = Field(
        description="Values: `two` are written `50..249`, `any` are written `PME|ETI`."
    )


class AttributeOut(Schema):
    """Something that companies can be filtered by."""

    key: str = Field(examples=["headcount"])
    label: Said
    kind: Literal["text", "code", "number", "date", "choice", "yes-no"]
    group: Said
    operators: Many[OperatorOut]
    choices: Many[Choice] = Field(description="Its values, where there are few.")


_TAKES = {Takes.NOTHING: "nothing", Takes.ONE: "one", Takes.TWO: "two", Takes.ANY: "any"}


@operation(router, "GET", "/companies/attributes", Right.READ, All[AttributeOut])
def get_attributes(request: HttpRequest) -> Any:
    """What companies can be filtered by: what `where` takes."""
    return {"items": [_attribute(each) for each in company_attributes.attributes()]}


def _attribute(attribute: Attribute) -> dict[str, Any]:
    return {
        "key": attribute.key, "label": attribute.label, "kind": attribute.kind.value, "group": attribute.group,
        "operators": [
            {"key": each.key, "label": each.label, "takes": _TAKES[each.takes]} for each in operators_of(attribute)
        ],
        "choices": [{"value": each.value, "label": each.label} for each in attribute.choices()],
    }  # fmt: skip


class ValuesAsked(Schema):
    """Which values."""

    attribute: str = Field(max_length=100, description="The key of an attribute.")
    start: str = Field("", max_length=300, description="What they begin with.")


@operation(router, "GET", "/companies/values", Right.READ, All[str], refuses=(404,))
def get_values(request: HttpRequest, asked: Query[ValuesAsked]) -> Any:
    """A few values of an attribute that the base holds."""
    return {"items": company_attributes.seen(company_attributes.find(asked.attribute), asked.start, MOST_SUGGESTED)}


class RelaxedOut(Schema):
    """A filter to give up."""

    sentence: Said
    companies: int = Field(description=f"Companies that the others let through; {table.FEW} means that many or more.")
    q: str
    where: Many[str] = Field(description="The conditions that are left.")
    rule: str = Field(description="The rule, where it is left.")


@operation(router, "GET", "/companies/relaxed", Right.READ, All[RelaxedOut], refuses=(404,))
def relax_filters(request: HttpRequest, asked: Query[CompanyFilters]) -> Any:
    """Which single filter to give up where nothing matches."""
    return {
        "items": [
            {
                "sentence": each.sentence, "companies": each.companies, "q": each.filters.q,
                "where": ["=".join(condition.parameter) for condition in each.filters.conditions],
                "rule": each.filters.rule.text if each.filters.rule else "",
            }
            for each in table.relaxed(filters_of(asked))
        ]
    }  # fmt: skip


class ListCount(Schema):
    """Companies of a list."""

    list: str
    companies: int


class SelectionOut(Schema):
    """What a gesture on every company that matches would touch."""

    companies: int
    by_list: Many[ListCount] = Field(description="The largest first.")
    locked: int = Field(description="Of these, in locked lists.")
    pinned: int = Field(description="Of these, put where they are by hand.")


class Matching(Asked):
    """Every company that filters let through."""

    q: str = Field("", max_length=300, description="In a name, an identifier or a domain.")
    where: Many[str] = Field(default_factory=list, max_length=20, description="Conditions, as in `GET /companies`.")
    rule: str = Field("", max_length=LONGEST, description=RULE)

    def filters(self) -> Filters:
        """The filters. Raises as :func:`~tamis.app.api.companies.filters_of`."""
        return filters_among(Filters, self.q, self.where, self.rule, "body")


class MatchingNow(Matching):
    """Every company that filters let through, as many as they were when somebody looked."""

    expected: int = Field(
        ge=1, le=service.MOST_AT_ONCE, description="How many match: with another number nothing is done."
    )


class MoveMatching(MatchingNow):
    """Companies to move by hand."""

    list: Id = Field(description="The number of the list to go to.")


@operation(router, "GET", "/companies/selection", Right.READ, SelectionOut, refuses=(404,))
def get_selection(request: HttpRequest, asked: Query[CompanyFilters]) -> Any:
    """How many companies match, where they are, and what holds them."""
    found = service.selection(filters_of(asked))
    by_list = [{"list": target.name, "companies": n} for target, n in found.by_list]
    return {"companies": found.companies, "by_list": by_list, "locked": found.locked, "pinned": found.pinned}


@operation(router, "POST", "/companies/move-matching", Right.SORT, MovedOut, refuses=(404,))
def move_matching(request: HttpRequest, data: MoveMatching) -> Any:
    """Move every company that filters let through to a list and pin them there, up to 100,000."""
    target = the_list(data.list)
    return moved_as_json(target, service.move(actor_of(request), target, data.filters(), data.expected))


@operation(router, "POST", "/companies/release-matching", Right.SORT, Released, refuses=(404,))
def release_matching(request: HttpRequest, data: MatchingNow) -> Any:
    """Take the pins of every company that filters let through away."""
    return {"moved": service.release(actor_of(request), data.filters(), data.expected)}


class ExportIn(Matching):
    """What to write to a file."""

    format: FormatWord = "csv"


@operation(router, "POST", "/companies/export-job", Right.READ, JobOut, status=202, refuses=(404,))
def export_in_background(request: HttpRequest, data: ExportIn) -> Any:
    """Write every company that filters let through to a file, in the background.

    The job's `files` name it; `GET /jobs/{job_id}/files/{name}` gives it.
    """
    arguments = {"filters": data.filters().matching(), "format": data.format}
    return jobs.as_json(jobs.start(actor_of(request), "company-export", arguments))
