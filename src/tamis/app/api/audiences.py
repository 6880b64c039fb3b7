"""Audiences: defined, rehearsed, refreshed, put in order."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema

from tamis.app.api.audience_actions import ActionOut, EdgeWord, KindWord
from tamis.app.api.cursors import NEWEST, page
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import All, Asked, Id, Page, Paging, Said
from tamis.app.gates import Right
from tamis.app.models import Audience, Mode
from tamis.app.services import audience_history, audience_previews, audience_reports, refreshing
from tamis.app.services import audiences as service
from tamis.app.services.rules import instant
from tamis.errors import Refused
from tamis.messages import say
from tamis.rules.nodes import Subject
from tamis.rules.parsing import LONGEST

router = Router(tags=["audiences"])

ModeWord = Literal["static", "add-only", "dynamic"]
assert ModeWord.__args__ == tuple(Mode.values)  # type: ignore[attr-defined]
StandingWord = Literal["never", "fresh", "changed", "late", "held", "failed"]
RunState = Literal["prepared", "done", "held", "failed", "abandoned", "busy"]
WayWord = Literal["full", "part", "hand", "check"]
INSTANT = "2026-03-31T18:00:00+02:00"

EVERY = Field(
    None, ge=service.LEAST, le=service.LONGEST,
    description="Minutes between two refreshes; null for an audience that is refreshed when somebody asks.",
)  # fmt: skip
MOST_LEAVING = Field(
    None, ge=0, le=100,
    description="The share of members, in percent, beyond which a refresh waits for a person; null for no breaker.",
)  # fmt: skip
RULE = Field(max_length=LONGEST, description="The rule; docs/reference/rules.md is its language.",
             examples=['contacts where city = "Lyon"'])  # fmt: skip
NAME = Field(min_length=1, max_length=service.MAX_NAME)
EXCLUSIONS: list[Id] = Field(
    default_factory=list, max_length=100, description="Numbers of audiences that are subtracted."
)

the_audience = service.find_by_id


class FreshnessOut(Schema):
    """As of when the members are right; when they are not what they should be, since when and why."""

    state: StandingWord
    as_of: datetime | None = Field(description="The instant of the last refresh that was done.")
    past: bool = Field(description="Whether that instant was past already when the refresh ran.")
    since: datetime | None
    why: str | None
    next: datetime | None = Field(description="When the next refresh is due.")


class AudienceOut(Schema):
    """An audience in short."""

    id: int
    name: str
    subject: Subject
    mode: ModeWord
    rule: str
    version: int = Field(description="The number of the rule, mode and exclusions in force.")
    size: int = Field(description="Members after the last refresh.")
    every: int | None
    most_leaving: int | None
    position: int = Field(description="Its rank among rules that claim lists; the first is the strongest.")
    created_at: datetime
    freshness: FreshnessOut


class MemberOut(Schema):
    """A company or a contact; what the other kind has is null."""

    id: int
    name: str
    siren: str | None = None
    email: str | None = None


class PinOut(MemberOut):
    """A member that somebody added or removed by hand, or another audience's action."""

    inside: bool
    at: datetime
    by: str
    audience: str | None = Field(description="The audience whose action it was; nothing for a hand.")


class AudienceFull(AudienceOut):
    """All there is of an audience but its members and its history."""

    sentence: str = Field(description="The rule in the language of `Accept-Language`.")
    exclusions: list[str]
    used_by: list[str] = Field(description="The audiences that need this one.")
    way: WayWord | None = Field(description="Whom the last refresh looked at.")
    why: str | None = Field(description="Why it looked at everybody, if it did.")
    pinned_in: int
    pinned_out: int
    pins: list[PinOut] = Field(description="The last of those added or removed by hand, 500 at most.")
    actions: list[ActionOut]


class AudienceIn(Asked):
    """An audience to define; it is empty until its first refresh."""

    name: str = NAME
    rule: str = RULE
    mode: ModeWord = "dynamic"
    exclusions: list[Id] = EXCLUSIONS
    every: int | None = EVERY
    most_leaving: int | None = MOST_LEAVING


class AudienceChange(Asked):
    """What to change of an audience; what is left out stays as it is."""

    name: str | None = Field(None, min_length=1, max_length=service.MAX_NAME)
    rule: str | None = Field(None, max_length=LONGEST)
    mode: ModeWord | None = None
    exclusions: list[Id] | None = Field(None, max_length=100)
    every: int | None = EVERY
    most_leaving: int | None = MOST_LEAVING


class PreviewIn(Asked):
    """A definition, of a new audience or of one there is, to be tried without saving it."""

    audience: Id | None = Field(None, description="The audience that would be changed; without it, a new one.")
    rule: str | None = Field(None, max_length=LONGEST, description="Left out, that of the audience.")
    mode: ModeWord | None = Field(None, description="Left out, that of the audience, or dynamic.")
    exclusions: list[Id] | None = Field(None, max_length=100, description="Left out, those of the audience.")
    most_leaving: int | None = MOST_LEAVING
    now: str | None = Field(None, max_length=40, examples=[INSTANT])


class OverlapOut(Schema):
    """What an audience would have in common with another."""

    audience: str
    both: int
    here: int = Field(description="Members of this one alone.")
    there: int = Field(description="Members of the other alone.")


class ForeseenOut(Schema):
    """How often an action would fire on an edge."""

    id: int
    edge: EdgeWord
    kind: KindWord
    times: int
    sentence: Said


class PreviewOut(Schema):
    """What a refresh would do."""

    audience: str | None
    subject: Subject
    now: datetime
    as_of: datetime = Field(description="Everything acknowledged before this moment is in the answer.")
    before: int
    entered: int
    left: int
    size: int
    entering: list[MemberOut] = Field(description="Up to 20 of those who would enter.")
    leaving: list[MemberOut] = Field(description="Up to 20 of those who would leave.")
    overlaps: list[OverlapOut] = Field(description="The ten audiences that it would share most with.")
    actions: list[ForeseenOut]
    most_leaving: int | None
    held: bool = Field(description="Whether the breaker would hold it.")


class RunFault(Schema):
    """Why a refresh was not done."""

    code: str
    message: str


class RunOut(Schema):
    """A refresh: as of which instant, what came of it."""

    audience: str
    run: int | None
    state: RunState
    entered: int
    left: int
    size: int = Field(description="How many members there are after it; one that is held changes nobody.")
    now: datetime | None = Field(description="The instant that it took for now.")
    started_at: datetime | None
    ended_at: datetime | None
    milliseconds: float | None
    way: WayWord | None
    why: str | None
    looked_at: int | None = Field(description="How many were looked at, where not all were.")
    version: int | None
    by: str | None
    via: str | None
    confirmed_by: str | None
    error: RunFault | None


class VersionOfAudience(Schema):
    """What was in force together."""

    version: int
    rule: str
    mode: ModeWord
    exclusions: list[str]
    at: datetime
    by: str


class RefreshIn(Asked):
    """As of when, and whom to look at."""

    now: str | None = Field(None, max_length=40, examples=[INSTANT], description="Without it, this moment.")
    full: bool = Field(False, description="Look at everybody, also at those whose answer cannot have changed.")
    dry_run: bool = Field(False, description="Say what would happen, and change nothing.")


class RefreshManyIn(RefreshIn):
    """Which audiences to refresh."""

    audiences: list[Id] = Field(default_factory=list, max_length=500)
    all: bool = Field(False, description="Every audience.")


class RefreshOut(Schema):
    """What came of each audience, those that were needed before included; or what would come of them."""

    items: list[RunOut]
    previews: list[PreviewOut]


class OrderIn(Asked):
    """Audiences to put first, in this order."""

    audiences: list[Id] = Field(min_length=1, max_length=2000)


class AudienceGone(Schema):
    """An audience that was deleted."""

    name: str
    deleted: bool


def full(audience: Audience) -> Any:
    """An audience as the API tells it."""
    return audience_reports.in_full(service.find_by_id(audience.pk))


def _definition(rule: str, mode: str, exclusions: list[int]) -> service.Definition:
    return service.Definition(rule, Mode(mode), [the_audience(pk) for pk in exclusions])


def _changed(data: AudienceChange | PreviewIn, audience: Audience) -> service.Definition:
    now = service.definition_of(audience)
    excluded = [each.pk for each in now.exclusions] if data.exclusions is None else data.exclusions
    return _definition(data.rule if data.rule is not None else now.rule, data.mode or now.mode, excluded)


@operation(router, "GET", "/audiences", Right.READ, All[AudienceOut])
def get_audiences(request: HttpRequest) -> Any:
    """Every audience with its members counted and how fresh it is, in their order."""
    return {"items": audience_reports.listed()}


@operation(router, "POST", "/audiences", Right.SORT, AudienceFull, status=201, refuses=(404,))
def create_audience(request: HttpRequest, data: AudienceIn) -> Any:
    """Define an audience; its first refresh fills it."""
    definition = _definition(data.rule, data.mode, data.exclusions)
    made = service.create(
        actor_of(request), data.name, definition, every=data.every, most_leaving=data.most_leaving
    )  # fmt: skip
    return full(made)


@operation(router, "POST", "/audiences/preview", Right.READ, PreviewOut, refuses=(404,), together=False)
def preview_audience(request: HttpRequest, data: PreviewIn) -> Any:
    """What saving a definition would do: who enters and leaves, overlaps, actions; nothing is written."""
    now = instant(data.now) if data.now else None
    if data.audience is None:
        if data.rule is None:
            raise Refused(say("Donnez une règle, ou le numéro d'une audience."), "audience.none")
        definition = _definition(data.rule, data.mode or Mode.DYNAMIC, data.exclusions or [])
        return audience_previews.preview(definition, now=now, most_leaving=data.most_leaving).as_json()
    audience = the_audience(data.audience)
    share = data.most_leaving if "most_leaving" in data.model_fields_set else audience.most_leaving
    return audience_previews.preview(_changed(data, audience), audience, now, most_leaving=share).as_json()


@operation(router, "POST", "/audiences/order", Right.SORT, All[AudienceOut], refuses=(404,))
def order_audiences(request: HttpRequest, data: OrderIn) -> Any:
    """Put audiences first, in this order; rules that claim lists rank so."""
    service.put_in_order(actor_of(request), [the_audience(pk) for pk in data.audiences])
    return {"items": audience_reports.listed()}


@operation(router, "POST", "/audiences/refresh", Right.SORT, RefreshOut, refuses=(404,), together=False)
def refresh_audiences(request: HttpRequest, data: RefreshManyIn) -> Any:
    """Refresh audiences, each after those that it needs; one that fails holds nobody up."""
    if not data.audiences and not data.all:
        raise Refused(say("Nommez une audience au moins, ou demandez toutes (« all »)."), "audience.none")
    wanted = [*service.every_audience()] if data.all else [the_audience(pk) for pk in data.audiences]
    return _refreshed(request, wanted, data)


@operation(router, "GET", "/audiences/{int:audience_id}", Right.READ, AudienceFull)
def get_audience(request: HttpRequest, audience_id: Id) -> Any:
    """One audience: what it is, how fresh it is, who uses it, whom hands added and removed."""
    return full(the_audience(audience_id))


@operation(router, "PATCH", "/audiences/{int:audience_id}", Right.SORT, AudienceFull)
def change_audience(request: HttpRequest, audience_id: Id, data: AudienceChange) -> Any:
    """Change an audience; another rule, mode or set of exclusions is a new version, which the next refresh follows."""
    audience = the_audience(audience_id)
    changed = any(each is not None for each in (data.rule, data.mode, data.exclusions))
    settings = {name: getattr(data, name) for name in ("every", "most_leaving") if name in data.model_fields_set}
    definition = _changed(data, audience) if changed else None
    return full(service.edit(actor_of(request), audience, name=data.name, definition=definition, **settings))


@operation(router, "DELETE", "/audiences/{int:audience_id}", Right.SORT, AudienceGone, together=False)
def delete_audience(request: HttpRequest, audience_id: Id) -> Any:
    """Delete an audience with its history; refused while another needs it."""
    audience = the_audience(audience_id)
    service.delete(actor_of(request), audience)
    return {"name": audience.name, "deleted": True}


@operation(router, "POST", "/audiences/{int:audience_id}/refresh", Right.SORT, RefreshOut, together=False)
def refresh_audience(request: HttpRequest, audience_id: Id, data: RefreshIn) -> Any:
    """Refresh one audience, and before it those that it needs."""
    return _refreshed(request, [the_audience(audience_id)], data)


def _refreshed(request: HttpRequest, wanted: list[Audience], data: RefreshIn) -> Any:
    now = instant(data.now) if data.now else None
    if data.dry_run:
        previews = audience_previews.preview_refresh(wanted, now)
        return {"items": [], "previews": [each.as_json() for each in previews]}
    outcomes = refreshing.refresh(actor_of(request), wanted, now, full=data.full)
    return {"items": [audience_history.outcome_json(each) for each in outcomes], "previews": []}


@operation(router, "POST", "/audiences/{int:audience_id}/confirm", Right.SORT, RunOut, together=False)
def confirm_audience(request: HttpRequest, audience_id: Id) -> Any:
    """Let those leave whom a held refresh waits to let go, and no more."""
    return audience_history.outcome_json(refreshing.confirm(actor_of(request), the_audience(audience_id)))


@operation(router, "GET", "/audiences/{int:audience_id}/history", Right.READ, Page[RunOut])
def get_audience_history(request: HttpRequest, audience_id: Path[Id], paging: Query[Paging]) -> Any:
    """The refreshes of an audience, the last first."""
    rows, more = page(audience_history.runs(the_audience(audience_id)), paging, NEWEST)
    return {"items": [audience_history.run_json(each) for each in rows], "next": more}


@operation(router, "GET", "/audiences/{int:audience_id}/versions", Right.READ, All[VersionOfAudience])
def get_audience_versions(request: HttpRequest, audience_id: Id) -> Any:
    """What an audience is and was: every rule, mode and set of exclusions, the last first."""
    versions = audience_history.versions(the_audience(audience_id))
    return {"items": [audience_history.version_json(each) for each in versions]}
