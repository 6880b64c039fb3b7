"""Events: what companies and contacts do, taken one at a time or many, and read back."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, File, Form, Query, Router, Schema, UploadedFile
from pydantic import Field as Limit
from pydantic import RootModel

from tamis.app.api.company_imports import ProblemOut
from tamis.app.api.errors import FaultOut, Invalid
from tamis.app.api.list_content import Maps, kept, mapping
from tamis.app.api.operations import actor_of, operation, token_of
from tamis.app.api.shapes import All, Asked, Id, Said, Whole
from tamis.app.gates import Right
from tamis.app.services import arrivals, companies, event_figures, event_kinds
from tamis.app.services import events as service
from tamis.app.services.arrivals import Fault, From, Taken
from tamis.messages import say
from tamis.sources.event_kinds import Phase

router = Router(tags=["events"])

MOMENT = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2}))?$"
"""A moment with its zone, or nothing."""


class EventsIn(RootModel[dict[str, Any]]):
    """One event, or `{"events": [...]}`.

    An event has `kind`, `ts` (ISO 8601) and one at least of `visitor`, `contact` (an e-mail address) and `company`
    (SIREN or domain); `id` tells it from all others, and any number of properties say more.
    """

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "id": "5b1c", "ts": "2026-03-31T10:15:00+02:00", "kind": "page_view", "visitor": "v-81",
                    "path": "/tarifs", "channel": "google",
                }
            ]
        }
    }  # fmt: skip


class EventFault(FaultOut):
    """An event that was not taken."""

    index: int = Field(description="Its place in the batch, from 0.")


class DerivedId(Schema):
    """An event that came without an id."""

    index: int
    id: str = Field(description="Made from its content: the same content sent again has it too.")


class TakenOut(Schema):
    """What became of the events. Those accepted are on disk."""

    accepted: int
    repeated: int = Field(description="They came before, with the same content: nothing was done.")
    refused: int
    without_zone: int = Field(description="Their `ts` names no zone: the workspace's was taken.")
    faults: list[EventFault] = Field(description="Each event that was refused, and why.")
    derived: list[DerivedId] = Field(description="The ids of the events that came without one.")


@operation(router, "POST", "/events", Right.SORT, TakenOut, together=False, rate="EVENTS_RATE")
def add_events(request: HttpRequest, data: EventsIn) -> Any:
    """Take one event, or up to 5,000: the good ones are taken whatever the others are.

    When none could be taken, the answer is an error.
    """
    batch = _batch(data.root)
    taken = service.take(batch, From("api", token_of(request).name))
    if taken.refused == len(batch):
        raise _refused(taken, single="events" not in data.root)
    return taken.as_json() | {"derived": [{"index": index, "id": id} for index, id in taken.derived]}


def _batch(body: dict[str, Any]) -> list[Any]:
    if "events" not in body:
        return [body]
    events = body["events"]
    if len(body) > 1 or not isinstance(events, list) or not 0 < len(events) <= service.MOST:
        raise Invalid(
            say("« events » est une liste de 1 à {max} événements, et rien n'est à côté.", max=service.MOST),
            "events.form", field="events", where="body",
        )  # fmt: skip
    return events


class AllRefused(Invalid):
    """None of the events could be taken."""

    def __init__(self, faults: list[Fault], single: bool) -> None:
        first = faults[0]
        prefix = "" if single else f"events.{first.index}."
        super().__init__(first.reason, first.code, field=(prefix + first.field).rstrip("."), where="body")
        self.places = [
            {
                "field": (each.field if single else f"events.{each.index}.{each.field}").rstrip("."),
                "code": each.code, "message": str(each.reason),
            }
            for each in faults
        ]  # fmt: skip


def _refused(taken: Taken, single: bool) -> Invalid:
    return AllRefused(taken.faults, single)


class EventFile(Schema):
    """How to read a file of events."""

    map: Maps
    kind: str = Field("", max_length=60, description="The kind of lines that name none.", examples=["purchase"])
    dry_run: Literal["true", "false"] = Field("false", description="Say what would happen, and change nothing.")


class EventProblem(ProblemOut):
    """A line whose event was refused."""

    field: str
    code: str


class EventsBrought(Schema):
    """What a file of events brought, or would bring."""

    file: str
    dry_run: bool
    lines: int
    accepted: int
    repeated: int = Field(description="They came before, with the same content: nothing was done.")
    refused: int
    without_zone: int = Field(description="Their `ts` names no zone: the workspace's was taken.")
    columns: dict[str, str] = Field(description="What each column was taken for.")
    problems: list[EventProblem] = Field(description="The first hundred.")


@operation(router, "POST", "/events/import-file", Right.SORT, EventsBrought, together=False)
def import_events(request: HttpRequest, options: Form[EventFile], file: File[UploadedFile]) -> Any:
    """Take the events of a CSV, Excel or NDJSON file, as `multipart/form-data`; at most 20 MB, while the caller waits.

    The good ones are taken whatever the others are. The same file sent again is taken once.
    """
    with kept(file) as path:
        report = service.append_file(
            actor_of(request), path, file_name=file.name or "?", columns=mapping(options.map), kind=options.kind,
            dry_run=options.dry_run == "true",
        )  # fmt: skip
    problems = [
        {"line": each.index, "what": "refused", "field": each.field, "code": each.code, "why": str(each.reason)}
        for each in report.faults[:100]
    ]
    return report.as_json() | {"problems": problems}


class EventsAsked(Schema):
    """Which events."""

    visitor: str = Field("", max_length=200)
    contact: str = Field("", max_length=320, description="An e-mail address, or `id:` and a number.")
    company: Id | None = Field(None, description="A company's number: its own events, and those of its visitors.")
    kind: list[Annotated[str, Limit(max_length=60)]] = Field(default_factory=list, max_length=50)
    before: str = Field(
        "", pattern=MOMENT, examples=["2026-03-31T08:00:00Z"],
        description="Only events before this moment, with its zone: the `ts` of the last one shown.",
    )  # fmt: skip
    limit: Whole = Field(100, ge=1, le=1000, description="How many at most.")


@operation(router, "GET", "/events", Right.READ, All[dict[str, Any]], refuses=(404, 409))
def get_events(request: HttpRequest, asked: Query[EventsAsked]) -> Any:
    """The latest events of a visitor, a contact, a company, or all; those acknowledged a moment ago included."""
    company = companies.find_by_id(asked.company) if asked.company else None
    found = service.latest(
        visitor=asked.visitor, contact=asked.contact, company=company, kinds=asked.kind, before=_moment(asked.before),
        most=asked.limit,
    )  # fmt: skip
    return {"items": found}


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        reason = say("« {cell} » n'est pas un instant (exemple : 2026-03-31T10:15:00+02:00)", cell=text)
        raise Invalid(reason, "ts.form", field="before", where="query") from None


class SenderOut(Schema):
    """What came from a token or a file."""

    via: Literal["api", "page", "cli"]
    source: str = Field(description="The name of the token or of the file.")
    accepted: int
    repeated: int
    refused: int
    last: datetime


class RefusalOut(Schema):
    """How often events were refused for one reason."""

    code: str
    events: int
    reason: Said | None = Field(description="With an ellipsis where it would quote an event.")


class RefusedEventOut(Schema):
    """An event that was refused, without what it said."""

    at: datetime
    via: str
    source: str
    index: int = Field(description="Its place in the request, from 0, or its line in the file.")
    field: str
    code: str
    reason: Said


class IntakeAsked(Schema):
    """Of which time."""

    period: Literal["day", "month"] = Field("day", description="24 hours or 30 days.")


class IntakeOut(Schema):
    """What came in, and what was refused and why."""

    arrived: int
    kinds: dict[str, int] = Field(description="How many of each kind, by its label.")
    waiting: int
    oldest_waiting: datetime | None
    sources: list[SenderOut]
    refusals: list[RefusalOut]
    refused: list[RefusedEventOut] = Field(description="The last fifty.")


@operation(router, "GET", "/events/intake", Right.READ, IntakeOut, refuses=(409,))
def get_intake(request: HttpRequest, asked: Query[IntakeAsked]) -> Any:
    """What came in within 24 hours or 30 days, who sent it, what waits, what was refused and why."""
    found = event_figures.figures(asked.period)
    since = event_figures.bounds_of(asked.period)[0]
    return {
        "arrived": found.total, "kinds": {str(label): n for label, n, _kind in found.kinds},
        "waiting": found.status.waiting, "oldest_waiting": found.status.oldest_waiting,
        "sources": [each._asdict() for each in arrivals.sources(since)],
        "refusals": [
            {"code": code, "events": n, "reason": str(reason) if reason else None}
            for code, n, reason in arrivals.refusals(since)
        ],
        "refused": [
            {"at": each.at, "via": each.via, "source": each.source, "index": each.index, "field": each.field,
             "code": each.code, "reason": str(each.reason)}
            for each in arrivals.last_refused()
        ],
    }  # fmt: skip


TypeWord = Literal["text", "number", "amount", "date", "yes-no"]
PhaseWord = Literal["before", "during", "after", "profile"]


class KindOut(Schema):
    """A kind of event."""

    key: str = Field(examples=["page_view"])
    label: Said
    phase: PhaseWord = Field(description="When it happens around a purchase; `profile`: at any time.")
    properties: dict[str, TypeWord] = Field(description="Its usual properties, and their types.")
    required: list[str]
    built_in: bool


class KindIn(Asked):
    """A kind to add."""

    key: str = Field(min_length=1, max_length=50, examples=["webinar_question"])
    label: str = Field(min_length=1, max_length=80)
    phase: PhaseWord = "before"
    properties: dict[str, TypeWord] = Field(default_factory=dict, max_length=40)


@operation(router, "GET", "/event-kinds", Right.READ, All[KindOut])
def get_event_kinds(request: HttpRequest) -> Any:
    """The kinds of events: those that Tamis knows, and the users' own."""
    return {"items": [event_kinds.as_json(kind) for kind in event_kinds.kinds().values()]}


@operation(router, "POST", "/event-kinds", Right.SORT, KindOut, status=201)
def add_event_kind(request: HttpRequest, data: KindIn) -> Any:
    """Add a kind of event."""
    made = event_kinds.add(actor_of(request), data.key, data.label, Phase(data.phase), data.properties)
    return event_kinds.as_json(made)
