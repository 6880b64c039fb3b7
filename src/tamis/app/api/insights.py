"""What audiences and segments tell: overlaps, differences field by field, entries to expect, flows between segments."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from tamis.app.api.audiences import FreshnessOut
from tamis.app.api.operations import operation
from tamis.app.api.shapes import Id, Many, Whole
from tamis.app.gates import Right
from tamis.app.services import audiences, contrasts, forecasts, insights, overlaps, segment_flows
from tamis.rules.nodes import Subject

router = Router(tags=["insights"])

MONTH = r"^([0-9]{4}-[0-9]{2})?$"


class OfAudience(Schema):
    """An audience, and as of when its members are."""

    id: int
    name: str
    freshness: FreshnessOut


class SizedOut(OfAudience):
    """An audience and how many of its members there are."""

    size: int


class OverlapAsked(Schema):
    """Which audiences."""

    audience: Many[str] = Field(
        [], max_length=20, description="The names or numbers of two to eight audiences of one kind, each once more."
    )


class IntersectionOut(Schema):
    """Those who are in exactly these audiences."""

    in_: Many[str] = Field(alias="in", description="The names of the audiences that they are in; they are in no other.")
    count: int
    rule: str = Field(description="The rule that selects them.")


class UpSetOut(Schema):
    """How audiences overlap."""

    subject: Subject
    as_of: datetime = Field(description="Who exists is as of this moment; members are as of each audience's refresh.")
    anybody: int = Field(description="How many are in at least one.")
    everywhere: int = Field(description="How many are in all.")
    audiences: Many[SizedOut]
    intersections: Many[IntersectionOut] = Field(description="The largest first; together they are `anybody`.")


class ContrastAsked(Schema):
    """Which audiences."""

    a: str = Field(max_length=100, description="The name or number of an audience.")
    b: str = Field("", max_length=100, description="That of another; without it, everybody else of its kind.")


class GroupOut(Schema):
    """One of the groups compared; everybody else has neither number nor freshness."""

    id: int | None
    name: str
    freshness: FreshnessOut | None
    size: int


class ValueOut(Schema):
    """A value of a field in both groups; shares and differences in percent."""

    label: str
    a: int
    b: int
    share_a: float
    share_b: float
    difference: float = Field(description="`share_a - share_b`.")
    low: float = Field(description="Of the interval that holds the difference with 99 % (Newcombe 1998).")
    high: float
    sure: bool = Field(description="Whether the interval leaves out that there is no difference.")
    since: Many[float | None] | None = Field(
        description="Of kinds of events: how many days ago the last was, the median of those who had one, in both."
    )
    rule_a: str | None = Field(description="The rule that selects those of the first group who have it.")
    rule_b: str | None


class FieldContrastOut(Schema):
    """How much two groups differ in a field."""

    field: str
    label: str
    effect: float = Field(description="Cramér's V, the groups weighed equally, less what chance makes of it: 0 to 1.")
    strength: Literal["none", "small", "medium", "large"]
    delta: float | None = Field(description="Cliff's delta, of numbers and days: -1 to 1.")
    medians: Many[float | None] | None = Field(description="Of numbers: of both groups.")
    sure: bool
    hidden: int = Field(description="How many values are measured and not told.")
    values: Many[ValueOut]


class ContrastOut(Schema):
    """What sets two groups apart, the most telling fields first."""

    subject: Subject
    as_of: datetime
    a: GroupOut
    b: GroupOut
    both: int = Field(description="How many are in both; they count on both sides.")
    few: bool = Field(description="Whether a group is too small to tell much of.")
    fields: Many[FieldContrastOut]


class PastWeek(Schema):
    """Entries that were found in a week."""

    week: date = Field(description="Its Monday.")
    entered: int
    covers: int = Field(description="Weeks in which they came: more than one after weeks without refresh.")


class ComingWeek(Schema):
    """What is expected of a week."""

    week: date
    mean: float
    low: int = Field(description="Of the interval that is meant to hold four weeks of five.")
    high: int


class TestedOut(Schema):
    """How forecasts of the last weeks, each from those before it, did."""

    weeks: int
    inside: int = Field(description="So many were in their interval.")
    error: float = Field(description="The mean distance from what was expected.")
    naive_error: float = Field(description="The mean distance from the week before.")


class ForecastOut(Schema):
    """Entries of an audience, week by week, and those to expect."""

    audience: OfAudience
    so_far: int = Field(description="How many entered in the present week.")
    missing_weeks: int = Field(description="Whole weeks of past that are missing; then nothing is expected.")
    past: Many[PastWeek]
    expected: Many[ComingWeek] = Field(description="The present week first.")
    tested: TestedOut | None


class WeeksAsked(Schema):
    """How far ahead."""

    weeks: Whole = Field(forecasts.USUAL, description="How many weeks, the present one included: 1 to 12.")


class MonthsAsked(Schema):
    """Between the ends of which months; the last four without them."""

    from_: str = Field("", alias="from", pattern=MONTH, examples=["2026-03"])
    to: str = Field("", pattern=MONTH, examples=["2026-06"])


class FlowOut(Schema):
    """Companies that went one way, or stayed, between the ends of two months."""

    since: str
    until: str
    from_: str = Field(alias="from", description="A segment, or `new`: not known yet.")
    to: str
    companies: int


class FlowsOut(Schema):
    """How companies went between segments, month by month."""

    months: Many[str]
    ends: Many[datetime] = Field(description="The last instant of each month; of the present one, this moment.")
    flows: Many[FlowOut]


@operation(router, "GET", "/insights/overlap", Right.READ, UpSetOut, refuses=(404, 409))
def overlap_audiences(request: HttpRequest, asked: Query[OverlapAsked]) -> Any:
    """How audiences overlap: how many are in exactly which of them."""
    return overlaps.overlap(insights.named(asked.audience)).as_json()


@operation(router, "GET", "/insights/compare", Right.READ, ContrastOut, refuses=(404, 409))
def compare_audiences(request: HttpRequest, asked: Query[ContrastAsked]) -> Any:
    """What sets two audiences apart, field by field, with the size of each difference."""
    other = audiences.find(asked.b) if asked.b else None
    return contrasts.contrast(audiences.find(asked.a), other).as_json()


@operation(router, "GET", "/insights/audiences/{int:audience_id}/forecast", Right.READ, ForecastOut, refuses=(409,))
def forecast_audience(request: HttpRequest, audience_id: Id, asked: Query[WeeksAsked]) -> Any:
    """The entries of an audience week by week, and those to expect with an interval."""
    return forecasts.forecast(audiences.find_by_id(audience_id), asked.weeks).as_json()


@operation(router, "GET", "/insights/segments/flows", Right.READ, FlowsOut, refuses=(409,))
def get_segment_flows(request: HttpRequest, asked: Query[MonthsAsked]) -> Any:
    """How companies went from segment to segment, between the ends of months."""
    return segment_flows.flows(segment_flows.months(asked.from_, asked.to)).as_json()
