"""Two versions of a list side by side."""

from typing import Any, Literal

from django.http import HttpRequest, HttpResponseBase
from ninja import Field, Query, Router, Schema

from tamis.app.api.cursors import page_of
from tamis.app.api.lists import the_list
from tamis.app.api.operations import operation
from tamis.app.api.shapes import FormatWord, Id, Many, Paging, Whole
from tamis.app.gates import Right
from tamis.app.services import list_comparing as service
from tamis.app.services.list_comparing import Change, Comparison
from tamis.app.views.downloads import download
from tamis.sources.lists import Cells
from tamis.sources.writing import Format

router = Router(tags=["list content"])

LATEST = 2**31 - 1


class Versions(Schema):
    """Which versions; the last two when they are left out."""

    older: Whole | None = Field(None, ge=1, le=LATEST, description="The version to start from.")
    newer: Whole | None = Field(None, ge=1, le=LATEST, description="The version to compare it with.")


class CompareAsked(Versions, Paging):
    """Which versions, which changes."""

    what: Literal["", "added", "removed", "changed"] = Field("", description="Only changes of this kind.")


class CellsOut(Schema):
    """A line of one version."""

    name: str
    siren: str
    email_domain: str
    website: str


class ChangeOut(Schema):
    """A line that came, went, or says something else of the same company."""

    what: Literal["added", "removed", "changed"]
    before: CellsOut | None
    after: CellsOut | None
    columns: Many[str] = Field(description="The columns that changed, as files head them.")
    company: int | None


class ComparisonOut(Schema):
    """What changed between two versions, in the order of names."""

    older: int
    newer: int
    unchanged: int = Field(description="Lines that say the same in both.")
    added: int
    removed: int
    changed: int
    items: Many[ChangeOut]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


def _compared(list_id: int, asked: Versions) -> Comparison:
    return service.compare_last(the_list(list_id), asked.older, asked.newer)


@operation(router, "GET", "/lists/{int:list_id}/compare", Right.READ, ComparisonOut, refuses=(409,))
def compare_versions(request: HttpRequest, list_id: Id, asked: Query[CompareAsked]) -> Any:
    """What changed in a list from one version to another: lines added, removed, changed."""
    found = _compared(list_id, asked)
    wanted = [change for change in found.changes if not asked.what or change.what == asked.what]
    shown, beyond = page_of(wanted, asked, f"compare:{list_id}:{found.older}:{found.newer}:{asked.what}")
    return {
        "older": found.older, "newer": found.newer, "unchanged": found.unchanged,
        **{kind.value: found.count(kind) for kind in service.Difference},
        "items": [_change(each) for each in shown], "next": beyond,
    }  # fmt: skip


def _change(change: Change) -> dict[str, Any]:
    return {
        "what": change.what.value, "before": _cells(change.before), "after": _cells(change.after),
        "columns": change.columns, "company": change.company,
    }  # fmt: skip


def _cells(cells: Cells | None) -> dict[str, str] | None:
    return dict(zip(("name", "siren", "email_domain", "website"), cells, strict=True)) if cells else None


@operation(
    router, "GET", "/lists/{int:list_id}/compare/export", Right.READ, None, file="The changes as a file.",
    refuses=(409,),
)  # fmt: skip
def export_comparison(
    request: HttpRequest, list_id: Id, asked: Query[Versions], format: Query[FormatWord] = "csv"
) -> HttpResponseBase:
    """What changed from one version to another, as a file."""
    found = _compared(list_id, asked)
    name = f"{the_list(list_id).name}-v{found.older}-v{found.newer}"
    return download(name, service.EXPORT_COLUMNS, [*service.export_rows(found)], Format(format))
