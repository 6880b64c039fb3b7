"""The audit trail: what was done, what it moved, and the way back."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from ninja import Field, Query, Router, Schema

from tamis.app.api.cursors import NEWEST, OLDEST, page
from tamis.app.api.errors import Invalid
from tamis.app.api.operations import actor_of, operation, token_of
from tamis.app.api.shapes import FormatWord, Id, Page, Paging, Said
from tamis.app.gates import Right, bearer_may
from tamis.app.models import Act
from tamis.app.services import audit as service
from tamis.app.services import undoing
from tamis.app.services.companies import reason_of
from tamis.app.views.downloads import download
from tamis.errors import NotFound, Refused
from tamis.messages import say
from tamis.sources.writing import Format

router = Router(tags=["audit trail"])


class ActOut(Schema):
    """Something done: by whom, how, when, and in words."""

    id: int
    at: datetime
    kind: str = Field(examples=["list.imported"])
    what: Said
    by: str = Field(examples=["alice"])
    via: str = Field(description="`page`, `cli`, `api` ...", examples=["api"])
    list: str | None = Field(description="The list that it was done to, if to one.")
    undone_by: int | None = Field(description="The act that took it back.")


class OneAct(ActOut):
    """Something done, and whether it can be taken back."""

    undoable: bool = Field(description="Whether `POST /acts/{act_id}/undo` would take it back now.")


class ActsFilters(Schema):
    """Which acts."""

    kind: str = Field("", max_length=30, description="Only this kind, as `list.imported`.")
    by: str = Field("", max_length=150, description="Only what this account did.")
    via: str = Field("", max_length=10, description="Only what was done through `page`, `cli` or `api`.")
    list_id: Id | None = Field(None, description="Only what was done to this list.")
    since: str = Field("", max_length=10, description="From this day on, as 2026-03-31.")
    until: str = Field("", max_length=10, description="Up to this day, itself included.")


class ActsAsked(ActsFilters, Paging):
    """Which acts, and where to read on."""


def _acts(request: HttpRequest, asked: ActsFilters) -> "QuerySet[Act]":
    """The acts asked for; those about accounts and settings are for tokens that may administer."""
    filters = service.Filters(
        kind=asked.kind, by=asked.by, via=asked.via, list=str(asked.list_id or ""), since=asked.since, until=asked.until
    )
    try:
        return service.acts(filters, everything=_sees_people(request))
    except Refused as error:
        raise Invalid(error.message, error.code, field="since/until", where="query") from error


def _sees_people(request: HttpRequest) -> bool:
    return bearer_may(token_of(request), Right.ADMINISTER)


def _act(request: HttpRequest, pk: int) -> Act:
    act = undoing.find(pk)
    if act.kind in service.ABOUT_PEOPLE and not _sees_people(request):
        raise NotFound(say("Le journal n'a pas d'acte n° {id}.", id=pk))
    return act


@operation(router, "GET", "/acts", Right.READ, Page[ActOut])
def get_acts(request: HttpRequest, asked: Query[ActsAsked]) -> Any:
    """The audit trail, the latest act first.

    What was done to accounts and settings is shown to tokens that may administer.
    """
    found, beyond = page(_acts(request, asked), asked, NEWEST)
    return {"items": [service.as_json(act) for act in found], "next": beyond}


@operation(router, "GET", "/acts/export", Right.READ, None, file="The audit trail as a file.")
def export_acts(request: HttpRequest, asked: Query[ActsFilters], format: Query[FormatWord] = "csv") -> HttpResponseBase:
    """The audit trail as a file: every act that the filters let through."""
    return download(str(say("journal")), service.headings(), service.rows(_acts(request, asked)), Format(format))


@operation(router, "GET", "/acts/{int:act_id}", Right.READ, OneAct)
def get_act(request: HttpRequest, act_id: Id) -> Any:
    """One act, and whether it can be taken back."""
    act = _act(request, act_id)
    return service.as_json(act) | {"undoable": act.pk in undoing.undoable([act])}


class MovedCompany(Schema):
    """A company that an act moved."""

    company: int
    name: str
    from_: str | None = Field(alias="from")
    to: str
    reason: Said


@operation(router, "GET", "/acts/{int:act_id}/moves", Right.READ, Page[MovedCompany])
def get_act_moves(request: HttpRequest, act_id: Id, paging: Query[Paging]) -> Any:
    """The companies that an act moved, each with its reason."""
    found, beyond = page(service.all_moves_of(_act(request, act_id)), paging, OLDEST)
    rows = [
        {
            "company": move.company_id,
            "name": move.company.name,
            "from": move.from_list.name if move.from_list else None,
            "to": move.to_list.name,
            "reason": reason_of(move),
        }
        for move in found
    ]
    return {"items": rows, "next": beyond}


class UndoneOut(Schema):
    """What taking an act back did."""

    undone: int = Field(description="The act that was taken back.")
    back: int = Field(description="Companies put back where they were, or parted again.")
    left: int = Field(description="Companies that somebody moved or released since: left alone.")


@operation(router, "POST", "/acts/{int:act_id}/undo", Right.SORT, UndoneOut)
def undo_act(request: HttpRequest, act_id: Id) -> Any:
    """Take back a move by hand or a merge."""
    done = undoing.undo(actor_of(request), _act(request, act_id))
    return {"undone": act_id, "back": done.back, "left": done.left}
