"""Members of audiences: who is in, who was, who came and went, why, and by whose hand."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponseBase
from ninja import Field, Path, Query, Router, Schema

from tamis.app.api.audience_actions import EdgeWord
from tamis.app.api.audiences import INSTANT, MemberOut, ModeWord, PinOut, RunOut, WayWord, the_audience
from tamis.app.api.cursors import place_of, written_place
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.rules import RuleExplained
from tamis.app.api.shapes import All, Asked, Day, FormatWord, Id, Paging
from tamis.app.gates import Right
from tamis.app.services import (
    audience_edges,
    audience_explaining,
    audience_history,
    audience_members,
    audience_reports,
    companies,
    contacts,
    refreshing,
)
from tamis.app.services import audiences as service
from tamis.app.services.rules import instant
from tamis.app.views.downloads import download
from tamis.rules.nodes import Subject
from tamis.sources.writing import Format

router = Router(tags=["audiences"])

AS_OF = Field(
    "", max_length=40, examples=[INSTANT],
    description="Members as of this instant, under the rule of then; without it, after the last refresh.",
)  # fmt: skip


class AsOf(Schema):
    """As of when."""

    as_of: str = AS_OF

    @property
    def instant(self) -> datetime | None:
        """The instant, if one is named."""
        return instant(self.as_of) if self.as_of else None


class MembersAsked(Paging, AsOf):
    """Which page of the members, as of when."""


class Interval(Paging):
    """From when to when, and which page."""

    start: str = Field(alias="from", max_length=40, examples=["2026-03-01"])
    end: str = Field(alias="to", max_length=40, examples=[INSTANT])
    what: Literal["", "entered", "left", "stayed"] = Field("", description="Only these.")


class PlacedOut(Schema):
    """The refresh after which members are told, and what was in force; all null before the first."""

    as_of: datetime | None
    run: int | None
    version: int | None
    rule: str | None
    mode: ModeWord | None


class EnteredOut(MemberOut):
    """A member, and since when."""

    entered: datetime


class MembersPage(PlacedOut):
    """A page of members, in the order of their numbers; every page is after the first one's refresh."""

    audience: str
    subject: Subject
    items: list[EnteredOut]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


class DifferentOut(MemberOut):
    """Somebody, and what became of them."""

    what: Literal["entered", "left", "stayed"]


class DifferencePage(Schema):
    """Who entered, left and stayed: how many, and a page of them."""

    audience: str
    subject: Subject
    start: PlacedOut = Field(alias="from")
    end: PlacedOut = Field(alias="to")
    entered: int
    left: int
    stayed: int
    items: list[DifferentOut]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


class Days(Paging):
    """Which days, which edge, and which page."""

    edge: EdgeWord = Field("enter", description="Those who entered, or those who left.")
    first: Day = Field(alias="from")
    last: str = Field("", alias="to", pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", description="Without it, the same.")
    ruled: bool = Field(False, description="Leave out those whom hands put there.")


class CrossedOut(Schema):
    """Somebody who entered, or left, and by which refresh; who exists no more has no name."""

    id: int
    name: str
    siren: str | None = None
    email: str | None = None
    instant: datetime
    run: int
    version: int
    way: WayWord


class CrossedPage(Schema):
    """Who entered, or left, on some days: how many, and a page of them, refresh by refresh."""

    audience: str
    subject: Subject
    edge: EdgeWord
    count: int = Field(description="How often somebody did; who did twice counts twice.")
    erased: int = Field(description="Of these, those whose data were erased since.")
    items: list[CrossedOut]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


class HandOut(Schema):
    """What a hand, or another audience's action, did to somebody."""

    inside: bool
    at: datetime
    by: str
    audience: str | None = Field(description="The audience whose action it was; nothing for a hand.")


class EdgeOut(Schema):
    """A time that somebody entered, or left."""

    entered: bool
    instant: datetime
    run: int | None
    version: int | None


class WhyOut(Schema):
    """Whether somebody is in an audience, and why."""

    audience: str
    id: int
    name: str
    inside: bool = Field(description="After the last refresh.")
    as_of: datetime | None
    since: datetime | None
    next: bool | None = Field(description="Whether a refresh now would leave them in; null where that cannot be said.")
    mode: ModeWord
    version: int
    matches: bool | None = Field(description="Whether the rule holds now; null where it cannot be asked.")
    excluded_by: list[str]
    pin: HandOut | None
    reasons: list[str] = Field(description="Why, in sentences, what decides first.")
    run: RunOut | None = Field(description="The refresh that let them in.")
    edges: list[EdgeOut]
    rule: RuleExplained | None


class MemberOfOut(Schema):
    """An audience that somebody is in, and since when."""

    id: int
    name: str
    mode: ModeWord
    since: datetime = Field(description="As of which instant they entered.")
    as_of: datetime | None = Field(description="The instant of its last refresh.")


class WhoAsked(Schema):
    """Of whom."""

    company: str = Field("", max_length=60, description="The company's number or SIREN.")
    contact: str = Field("", max_length=254, description="The contact's number, address or key.")


class PinsIn(Asked):
    """Members to add or to remove by hand."""

    subjects: list[Id] = Field(min_length=1, max_length=500, description="Numbers of companies or contacts.")
    inside: bool = Field(description="Whether they are to be in, whatever the rule says, or out.")


class FreezeIn(Asked):
    """How the copy is called, and as of when it is one."""

    name: str = Field(min_length=1, max_length=service.MAX_NAME)
    as_of: str = AS_OF


@operation(router, "GET", "/audiences/{int:audience_id}/members", Right.READ, MembersPage)
def get_members(request: HttpRequest, audience_id: Path[Id], asked: Query[MembersAsked]) -> Any:
    """The members after the last refresh, or as of an instant, each with when they entered."""
    audience = the_audience(audience_id)
    name = f"members:{audience.pk}:{asked.as_of}"
    run, beyond = place_of(asked.cursor, name) if asked.cursor else (None, 0)
    found = audience_members.members(audience, asked.instant, run=run)
    rows, end = found.page(beyond, asked.limit)
    place = [found.run.pk, end] if found.run and end is not None else None
    return found.placed() | {"items": rows, "next": written_place(place, name) if place else None}


@operation(router, "GET", "/audiences/{int:audience_id}/members/export", Right.READ, None,
           file="Number, name, e-mail or SIREN, and when they entered.")  # fmt: skip
def export_members(
    request: HttpRequest, audience_id: Path[Id], asked: Query[AsOf], format: Query[FormatWord] = "csv"
) -> HttpResponseBase:  # fmt: skip
    """All members as a file."""
    audience = the_audience(audience_id)
    found = audience_members.members(audience, asked.instant)
    return download(audience.name, found.headings, found.cells(), Format(format))


@operation(router, "GET", "/audiences/{int:audience_id}/diff", Right.READ, DifferencePage, refuses=(409,))
def get_difference(request: HttpRequest, audience_id: Path[Id], asked: Query[Interval]) -> Any:
    """Who entered, left and stayed from one instant to another."""
    audience, name = the_audience(audience_id), f"difference:{audience_id}:{asked.start}:{asked.end}:{asked.what}"
    runs, beyond = place_of(asked.cursor, name) if asked.cursor else (None, 0)
    found = audience_members.difference(audience, instant(asked.start), instant(asked.end))
    if runs:
        found = audience_members.between(audience, *runs)
    rows, end = found.page(asked.what, beyond, asked.limit)
    place = None if end is None else written_place([found.runs, end], name)
    return found.as_json() | {"items": rows, "next": place}


@operation(router, "GET", "/audiences/{int:audience_id}/edges", Right.READ, CrossedPage, refuses=(409,))
def get_edges(request: HttpRequest, audience_id: Path[Id], asked: Query[Days]) -> Any:
    """Who entered an audience, or left it, on some days: what a bar of its pictures counts."""
    first, last = audience_edges.day(asked.first), audience_edges.day(asked.last or asked.first)
    period = audience_edges.Period(first, last, asked.ruled)
    found = audience_edges.in_period(the_audience(audience_id), audience_edges.Edge(asked.edge), period)
    name = f"edges:{audience_id}:{asked.edge}:{first}:{last}:{asked.ruled}"
    beyond = tuple(place_of(asked.cursor, name)) if asked.cursor else audience_edges.START
    rows, end = found.page(beyond, asked.limit)
    return found.as_json() | {
        "items": [*map(audience_edges.row_json, rows)], "next": written_place([*end], name) if end else None,
    }  # fmt: skip


@operation(router, "GET", "/audiences/{int:audience_id}/explain", Right.READ, WhyOut, refuses=(409,))
def explain_member(request: HttpRequest, audience_id: Path[Id], asked: Query[WhoAsked]) -> Any:
    """Why a company or a contact is in an audience, or is not: exclusions, hands, the rule as a tree, the mode."""
    audience = the_audience(audience_id)
    return audience_explaining.explain(audience, company=asked.company, contact=asked.contact).as_json()


@operation(router, "GET", "/companies/{int:company_id}/audiences", Right.READ, All[MemberOfOut])
def get_company_audiences(request: HttpRequest, company_id: Id) -> Any:
    """The audiences that a company is in, each with since when."""
    return {"items": audience_explaining.memberships("companies", companies.find_by_id(company_id).pk)}


@operation(router, "GET", "/contacts/{int:contact_id}/audiences", Right.READ, All[MemberOfOut])
def get_contact_audiences(request: HttpRequest, contact_id: Id) -> Any:
    """The audiences that a contact is in, each with since when."""
    return {"items": audience_explaining.memberships("contacts", contacts.find_by_id(contact_id).pk)}


@operation(router, "GET", "/audiences/{int:audience_id}/pins", Right.READ, All[PinOut])
def get_pins(request: HttpRequest, audience_id: Id) -> Any:
    """Those whom hands added or removed, the last first, 10,000 at most."""
    return {"items": audience_reports.pinned(the_audience(audience_id), service.MOST_PINS)}


@operation(router, "POST", "/audiences/{int:audience_id}/pins", Right.SORT, RunOut, together=False)
def pin_members(request: HttpRequest, audience_id: Id, data: PinsIn) -> Any:
    """Add members by hand, or remove them: refreshes respect it until it is released."""
    audience, actor = the_audience(audience_id), actor_of(request)
    service.pin(actor, audience, data.subjects, inside=data.inside)
    return audience_history.outcome_json(refreshing.refresh_some(actor, audience, data.subjects))


@operation(router, "DELETE", "/audiences/{int:audience_id}/pins/{int:subject_id}", Right.SORT, RunOut, together=False)
def release_member(request: HttpRequest, audience_id: Id, subject_id: Id) -> Any:
    """Let the rule decide again of somebody whom a hand added or removed."""
    audience, actor = the_audience(audience_id), actor_of(request)
    service.release(actor, audience, [subject_id])
    return audience_history.outcome_json(refreshing.refresh_some(actor, audience, [subject_id]))


@operation(router, "POST", "/audiences/{int:audience_id}/freeze", Right.SORT, RunOut, status=201, together=False)
def freeze_audience(request: HttpRequest, audience_id: Id, data: FreezeIn) -> Any:
    """Copy the members, now or as of an instant, into a static audience of its own; the run that filled it."""
    at = instant(data.as_of) if data.as_of else None
    return audience_history.run_json(refreshing.freeze(actor_of(request), the_audience(audience_id), data.name, at))
