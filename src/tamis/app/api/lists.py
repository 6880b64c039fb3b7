"""Segments and lists: made, named, locked, deleted."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponseBase
from ninja import Field, Query, Router, Schema

from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import All, Asked, Id
from tamis.app.gates import Right
from tamis.app.models import List, Segment
from tamis.app.services import lists as service
from tamis.app.services import overview, sorting
from tamis.app.views.downloads import download
from tamis.errors import Refused
from tamis.messages import say
from tamis.sources.lists import COLUMNS, TEMPLATE_ROWS
from tamis.sources.writing import Format

router = Router(tags=["lists"])

SegmentWord = Literal[
    "interne", "concurrent", "client", "distributeur", "prospect", "partenaire", "hors-cible", "fournisseur", "autre"
]
assert SegmentWord.__args__ == tuple(Segment.values)  # type: ignore[attr-defined]


the_list = service.find_by_id


class SegmentOut(Schema):
    """One of the nine segments."""

    name: SegmentWord
    label: str = Field(description="Its name for people, in the language of the request.")
    companies: int
    left_out: bool = Field(description="Whether feeds, scores and figures leave it out unless asked.")


class ListOut(Schema):
    """A list with its figures."""

    id: int
    name: str = Field(examples=["prospect-salons"])
    segment: SegmentWord
    default: bool = Field(description="Whether it is its segment's own list, neither renamed nor deleted.")
    locked: bool = Field(description="Whether nothing but a person moves companies out of it.")
    companies: int = Field(description="Companies in it now.")
    lines: int = Field(description="Lines that it holds, those that wait included.")
    waiting: int = Field(description="Lines that wait for a company nobody knows yet.")
    review: int = Field(description="Lines that wait for a person.")
    refused: int = Field(description="Refused lines that nobody has mended or set aside yet.")
    last_import: datetime | None


class ListIn(Asked):
    """A list to make."""

    segment: SegmentWord
    label: str = Field(
        min_length=1, max_length=200, examples=["salons"],
        description="The list is called by its segment, a hyphen and this: `prospect-salons`.",
    )  # fmt: skip


class ListChange(Asked):
    """What to change of a list."""

    label: str = Field(
        min_length=1, max_length=200, examples=["salons 2026"], description="Its new name, after the segment."
    )


class Deleted(Schema):
    """What deleting a list did, or would do."""

    name: str
    deleted: bool
    companies: int = Field(description="Companies that it held.")
    destinations: dict[str, int] = Field(
        description="Where they went: companies by list.", examples=[{"prospect-default": 12}]
    )


class Chosen(Asked):
    """Lists: by number, or all of a segment in one gesture."""

    lists: list[Id] = Field(default_factory=list, max_length=500, description="Numbers of lists.")
    segment: SegmentWord | None = Field(None, description="Every list of this segment, but for prospect-default.")


class Unlocking(Chosen):
    """Lists to unlock."""

    dry_run: bool = Field(False, description="Say how many companies would leave, and change nothing.")


class Locked(Schema):
    """Lists that are locked now."""

    locked: list[str]


class Unlocked(Schema):
    """Lists that were unlocked, and what they let go."""

    unlocked: list[str]
    moved: int = Field(description="Companies that left, or would.")
    left: dict[str, int] = Field(description="The same by list.")


@operation(router, "GET", "/segments", Right.READ, All[SegmentOut])
def get_segments(request: HttpRequest) -> Any:
    """The nine segments with their companies."""
    return {
        "items": [
            {
                "name": each.segment.value,
                "label": str(each.segment.label),
                "companies": each.companies,
                "left_out": each.left_out,
            }
            for each in overview.overview().segments
        ]
    }


@operation(router, "GET", "/lists", Right.READ, All[ListOut])
def get_lists(request: HttpRequest) -> Any:
    """Every list with its figures, in the order of the segments."""
    return {"items": [each.as_json() for each in service.summaries()]}


@operation(router, "POST", "/lists", Right.SORT, ListOut, status=201)
def create_list(request: HttpRequest, data: ListIn) -> Any:
    """Make an empty list in a segment."""
    return service.summary(service.create(actor_of(request), Segment(data.segment), data.label)).as_json()


@operation(router, "GET", "/lists/template", Right.READ, None, file="A list file with example lines.")
def get_template(request: HttpRequest, format: Query[Literal["csv", "csv-fr", "xlsx"]] = "csv") -> HttpResponseBase:
    """A list file to start from, with its four columns and example lines."""
    return download("modele", COLUMNS, TEMPLATE_ROWS, Format(format))


@operation(router, "POST", "/lists/lock", Right.SORT, Locked, refuses=(404,))
def lock_lists(request: HttpRequest, data: Chosen) -> Any:
    """Lock lists, or all of a segment: nothing but a person moves companies out of them."""
    chosen = _chosen(data)
    service.lock(actor_of(request), chosen)
    return {"locked": [each.name for each in chosen]}


@operation(router, "POST", "/lists/unlock", Right.SORT, Unlocked, refuses=(404,))
def unlock_lists(request: HttpRequest, data: Unlocking) -> Any:
    """Unlock lists, or all of a segment: what only the lock held leaves at once."""
    chosen = _chosen(data)
    if data.dry_run:
        left = {each.name: sorting.would_leave(each) for each in chosen if each.locked}
    else:
        left = service.unlock(actor_of(request), chosen)
    unlocked = [] if data.dry_run else [each.name for each in chosen]
    return {"unlocked": unlocked, "moved": sum(left.values()), "left": left}


def _chosen(data: Chosen) -> list[List]:
    if not data.lists and data.segment is None:
        raise Refused(say("Nommez au moins une liste, ou un segment."), "list.none")
    of_segment = service.of_segment(Segment(data.segment)) if data.segment else []
    return [*{each.pk: each for each in [*(the_list(pk) for pk in data.lists), *of_segment]}.values()]


@operation(router, "GET", "/lists/{int:list_id}", Right.READ, ListOut)
def get_list(request: HttpRequest, list_id: Id) -> Any:
    """One list with its figures."""
    return service.summary(the_list(list_id)).as_json()


@operation(router, "PATCH", "/lists/{int:list_id}", Right.SORT, ListOut)
def rename_list(request: HttpRequest, list_id: Id, data: ListChange) -> Any:
    """Give a list another name within its segment."""
    return service.summary(service.rename(actor_of(request), the_list(list_id), data.label)).as_json()


@operation(router, "DELETE", "/lists/{int:list_id}", Right.SORT, Deleted)
def delete_list(request: HttpRequest, list_id: Id, dry_run: Query[bool] = False) -> Any:
    """Delete a list; its companies go where their other claims say.

    With `dry_run=true` it says where they would go, and changes nothing.
    """
    target, actor = the_list(list_id), actor_of(request)
    done = service.rehearse_deletion(actor, target) if dry_run else service.delete(actor, target)
    return {
        "name": target.name,
        "deleted": not dry_run,
        "companies": done.companies,
        "destinations": done.destinations,
    }
