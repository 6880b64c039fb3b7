"""The Google sheets that lists follow: tried out, followed, read, paused."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from tamis.app.api.list_content import RefusedOut, ReportFigures, refused_as_json
from tamis.app.api.lists import the_list
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import All, Asked, Id, Many, Said
from tamis.app.gates import Right
from tamis.app.services import sheets as service
from tamis.app.services.guided_imports import MAX_LINES
from tamis.errors import Refused
from tamis.messages import say

router = Router(tags=["sheets"])

Fingerprint = Field(
    "", max_length=64, pattern="^([0-9a-f]{64})?$",
    description="Of the content that you have seen and want, also when it would be held back: from a trial, or `held`.",
)  # fmt: skip


class SheetOut(Schema):
    """The sheet that a list follows, and how it goes."""

    list: str
    address: str
    every: int = Field(description="Minutes between two readings.")
    paused: bool
    state: Literal["new", "fresh", "held", "failed"]
    code: str = Field(description="How the last reading went, for programs.", examples=["sheet.unchanged"])
    message: Said | None = Field(description="The same in words.")
    failures: int = Field(description="Readings that failed in a row.")
    held: str | None = Field(description="The fingerprint of the content that is held back, when one is.")
    agreed_at: datetime | None = Field(description="When the list was last known to be as its sheet.")
    changed_at: datetime | None = Field(description="When the sheet last changed the list.")
    fetched_at: datetime | None = Field(description="When it was last read, with success or without.")
    due_at: datetime = Field(description="When it is read again, unless it is paused.")


class Address(Asked):
    """A sheet."""

    address: str = Field(
        min_length=1, max_length=500, description="The address of a Google sheet, published or shared by its link."
    )


class FollowIn(Address):
    """A sheet to follow."""

    every: int = Field(service.EVERY, ge=service.LEAST, le=service.LONGEST, description="Minutes between readings.")
    fingerprint: str = Fingerprint


class FetchIn(Asked):
    """How to read a sheet."""

    fingerprint: str = Fingerprint


class SheetChange(Asked):
    """What to change of how a sheet is read; what is left out stays."""

    every: int | None = Field(
        None, ge=service.LEAST, le=service.LONGEST, description="Minutes between two readings."
    )  # fmt: skip
    paused: bool | None = None


class Tried(Schema):
    """What following a sheet would do; nothing was changed."""

    name: str
    fingerprint: str = Field(description="Of the content: send it along to take this very content.")
    hold: Said | None = Field(description="Why it would be held back, if so.")
    report: ReportFigures
    refused_lines: Many[RefusedOut] = Field(description="The first hundred.")


class SheetRead(Schema):
    """What reading a sheet came to."""

    list: str
    outcome: Literal["applied", "unchanged", "held", "failed"]
    code: str
    message: Said
    report: ReportFigures | None = Field(description="What the import did, when there was one.")


class Unfollowed(Schema):
    """A list that follows no sheet any more."""

    list: str
    following: bool


@operation(router, "GET", "/sheets", Right.SORT, All[SheetOut])
def get_sheets(request: HttpRequest) -> Any:
    """The sheets that lists follow, and how they go."""
    return {"items": [service.as_json(each) for each in service.followed()]}


@operation(router, "GET", "/lists/{int:list_id}/sheet", Right.SORT, SheetOut)
def get_sheet(request: HttpRequest, list_id: Id) -> Any:
    """The sheet that a list follows."""
    return service.as_json(service.of_list(the_list(list_id)))


@operation(router, "POST", "/lists/{int:list_id}/sheet/try", Right.SORT, Tried, together=False)
def try_sheet(request: HttpRequest, list_id: Id, data: Address) -> Any:
    """Say what following a sheet would do to a list, and change nothing."""
    found = service.rehearse(actor_of(request), the_list(list_id), data.address, MAX_LINES)
    return {
        "name": found.name,
        "fingerprint": found.fingerprint,
        "hold": found.hold,
        "report": found.report.as_json(),
        "refused_lines": [refused_as_json(line) for line in found.refused],
    }


@operation(router, "PUT", "/lists/{int:list_id}/sheet", Right.SORT, SheetRead, together=False)
def follow_sheet(request: HttpRequest, list_id: Id, data: FollowIn) -> Any:
    """Let a list follow a sheet, instead of the one that it followed, and read it at once.

    A sheet whose reading fails, or is held back, is followed all the same: the answer's `outcome` says so.
    """
    target, actor = the_list(list_id), actor_of(request)
    service.follow(actor, target, data.address, data.every)
    return service.fetch_now(actor, target, consent=data.fingerprint, most_lines=MAX_LINES).as_json()


@operation(router, "POST", "/lists/{int:list_id}/sheet/fetch", Right.SORT, SheetRead, together=False)
def fetch_sheet(request: HttpRequest, list_id: Id, data: FetchIn) -> Any:
    """Read a list's sheet now, and import it if it changed."""
    target = the_list(list_id)
    found = service.fetch_now(actor_of(request), target, consent=data.fingerprint, most_lines=MAX_LINES)
    return found.as_json()


@operation(router, "PATCH", "/lists/{int:list_id}/sheet", Right.SORT, SheetOut)
def change_sheet(request: HttpRequest, list_id: Id, data: SheetChange) -> Any:
    """Read a list's sheet more or less often, pause it, or take it up again."""
    if data.every is None and data.paused is None:
        raise Refused(say("Dites ce qu'il faut changer : la fréquence, ou la pause."), "sheet.change")
    target = the_list(list_id)
    return service.as_json(service.change(actor_of(request), target, every=data.every, paused=data.paused))


@operation(router, "DELETE", "/lists/{int:list_id}/sheet", Right.SORT, Unfollowed)
def unfollow_sheet(request: HttpRequest, list_id: Id) -> Any:
    """Let a list follow its sheet no more; it keeps what it holds."""
    target = the_list(list_id)
    service.unfollow(actor_of(request), target)
    return {"list": target.name, "following": False}
