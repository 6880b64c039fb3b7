"""The refused lines of imports: read, taken away as a file, mended in place, set aside."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from ninja import Field, Query, Router, Schema

from tamis.app.api.cursors import OLDEST, page
from tamis.app.api.list_content import LineIn, RefusedOut, refused_as_json
from tamis.app.api.lists import the_list
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import Asked, Id, Page, Paging
from tamis.app.gates import Right
from tamis.app.models import ListVersion, RefusedLine
from tamis.app.services import list_mending as service
from tamis.app.services import list_versions
from tamis.app.views.downloads import download
from tamis.sources.lists import REFUSED_COLUMNS, refused_cells

router = Router(tags=["refused lines"])

MOST = 500
"""Lines mended in one body."""


class OpenRefusal(RefusedOut):
    """A refused line that nobody has mended or set aside yet."""

    id: int
    version: int = Field(description="The import that refused it.")


class MendedLine(LineIn):
    """What to put in the place of a refused line."""

    id: Id = Field(description="The number of the refused line.")


class MendIn(Asked):
    """Lines as they should be."""

    lines: list[MendedLine] = Field(min_length=1, max_length=MOST)


class Mended(Schema):
    """What mending did."""

    version: int | None = Field(
        description="The version that the good lines made, added to the list; null without any."
    )
    accepted: int
    wrong: int = Field(description="Lines that are still refused: they stay, as they were written now.")


class SetAside(Schema):
    """Refused lines that nobody asks about any more."""

    lines: int


def _version(list_id: int, number: int) -> ListVersion:
    return list_versions.find_version(the_list(list_id), number)


def _page(lines: "QuerySet[RefusedLine]", paging: Paging) -> dict[str, Any]:
    found, beyond = page(lines.select_related("version"), paging, OLDEST)
    rows = [
        refused_as_json(list_versions.as_refused(line)) | {"id": line.pk, "version": line.version.number}
        for line in found
    ]
    return {"items": rows, "next": beyond}


@operation(router, "GET", "/lists/{int:list_id}/refused", Right.READ, Page[OpenRefusal])
def get_open_refused(request: HttpRequest, list_id: Id, paging: Query[Paging]) -> Any:
    """The refused lines of a list that nobody has mended or set aside yet, whichever import they came in."""
    lines = RefusedLine.objects.filter(version__list=the_list(list_id), settled_by=None).exclude(version__act=None)
    return _page(lines, paging)


@operation(router, "GET", "/lists/{int:list_id}/versions/{int:number}/refused", Right.READ, Page[OpenRefusal])
def get_refused(request: HttpRequest, list_id: Id, number: Id, paging: Query[Paging]) -> Any:
    """The lines that an import refused and that nobody has mended or set aside yet."""
    return _page(list_versions.open_refusals(_version(list_id, number)), paging)


@operation(
    router, "POST", "/lists/{int:list_id}/versions/{int:number}/mend", Right.SORT, Mended, together=False
)  # fmt: skip
def mend_refused(request: HttpRequest, list_id: Id, number: Id, data: MendIn) -> Any:
    """Put mended lines in the place of refused ones: those that are good now join the list."""
    typed = {line.id: (line.name, line.siren, line.email_domain, line.website) for line in data.lines}
    done = service.mend(actor_of(request), _version(list_id, number), typed)
    return {"version": done.version, "accepted": done.accepted, "wrong": done.wrong}


@operation(router, "POST", "/lists/{int:list_id}/versions/{int:number}/set-aside", Right.SORT, SetAside)
def set_refused_aside(request: HttpRequest, list_id: Id, number: Id) -> Any:
    """Stop asking about the refused lines of an import."""
    return {"lines": service.set_aside(actor_of(request), _version(list_id, number))}


@operation(
    router, "GET", "/lists/{int:list_id}/versions/{int:number}/refused-file", Right.READ, None,
    file="The refused lines with their reasons, as a list file.",
)  # fmt: skip
def export_refused(request: HttpRequest, list_id: Id, number: Id) -> HttpResponseBase:
    """The lines that an import refused, as a file to be mended and imported again."""
    version = _version(list_id, number)
    rows = [refused_cells(line) for line in list_versions.refused_lines(version)]  # now: the reasons in this language
    return download(f"{version.list.name}-v{number}-refus", REFUSED_COLUMNS, rows)
