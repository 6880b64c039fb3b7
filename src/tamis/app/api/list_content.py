"""What a list holds, what it held, and the imports that filled it."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from ninja import Field, File, Form, Query, Router, Schema, UploadedFile

from tamis.app.api.cursors import OLDEST, Order, page
from tamis.app.api.errors import Invalid
from tamis.app.api.lists import the_list
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import Asked, DryRun, FormatWord, Id, Many, Page, Paging, Said, Whole
from tamis.app.gates import Right
from tamis.app.models import List, ListLine
from tamis.app.services import exports, list_imports
from tamis.app.services import list_versions as service
from tamis.app.services.list_reports import Report
from tamis.app.views.downloads import download
from tamis.errors import Refused
from tamis.messages import Message, say
from tamis.sources.lists import COLUMNS
from tamis.sources.lists import RefusedLine as Refusal
from tamis.sources.writing import Format

router = Router(tags=["list content"])

MAX_LINES = 5_000
"""Imported while the caller waits; longer files go through the command line."""
VersionNumber = Annotated[Whole, Field(ge=1, le=2**31 - 1)] | None


class LineOut(Schema):
    """A line that a list holds."""

    id: int
    number: int = Field(description="Its line in the file that it came in.")
    name: str
    siren: str | None = Field(description="Nine digits.")
    email_domain: str | None
    website: str | None = Field(description="The host of the company's website.")
    status: Literal["matched", "waiting", "review"] = Field(
        description="Its company is known; not known yet; or a person has to say."
    )
    company: int | None = Field(description="The company that it names.")
    company_name: str | None
    method: str = Field(description="What the company was found by: `siren`, `host`, `domain`, `name` ...")
    doubt: Said | None = Field(description="Why a person has to say.")
    repairs: list[Said] = Field(description="What was mended when it was read.")


class LinesAsked(Paging):
    """Which lines."""

    status: Literal["", "matched", "waiting", "review"] = Field("", description="Only lines that stand so.")
    version: VersionNumber = Field(None, description="As the list was after this version.")


@operation(router, "GET", "/lists/{int:list_id}/lines", Right.READ, Page[LineOut])
def get_lines(request: HttpRequest, list_id: Id, asked: Query[LinesAsked]) -> Any:
    """The lines that a list holds, those that wait included."""
    target = the_list(list_id)
    if asked.version is not None:
        service.find_version(target, asked.version)
    lines = service.content(target, asked.version).select_related("company")
    if asked.status:
        lines = lines.filter(status=asked.status)
    found, beyond = page(lines, asked, OLDEST)
    return {"items": [_line(line) for line in found], "next": beyond}


def _line(line: ListLine) -> dict[str, Any]:
    return {
        "id": line.pk, "number": line.number, "name": line.name, "siren": line.siren,
        "email_domain": line.email_domain, "website": line.website, "status": line.status, "company": line.company_id,
        "company_name": line.company.name if line.company else None, "method": line.method,
        "doubt": line.doubt_message, "repairs": [str(Message.read(repair)) for repair in line.repairs],
    }  # fmt: skip


@operation(router, "GET", "/lists/{int:list_id}/export", Right.READ, None, file="The lines as a list file.")
def export_list(
    request: HttpRequest,
    list_id: Id,
    format: Query[FormatWord] = "csv",
    version: Query[VersionNumber] = None,
) -> HttpResponseBase:
    """The lines of a list as a file that can be imported again.

    `csv-fr` opens in columns in a French Excel. With `version`, what the list held after it.
    """
    target = the_list(list_id)
    if version is not None:
        service.find_version(target, version)
    return download(target.name, COLUMNS, exports.list_rows(target, version), Format(format))


class LineIn(Asked):
    """A line to import: a name, and at least one of the others."""

    name: str = Field(max_length=1000, examples=["Menuiserie Lefèvre"])
    siren: str = Field("", max_length=1000, description="9 digits, or a SIRET of 14.", examples=["732 829 320"])
    email_domain: str = Field("", max_length=1000, description="Without @, never a free mail provider's.")
    website: str = Field("", max_length=1000, examples=["https://www.atelier-exemple.fr"])


class LinesIn(Asked):
    """Lines to import."""

    lines: list[LineIn] = Field(min_length=1, max_length=MAX_LINES)
    append: bool = Field(False, description="Add to what the list holds, instead of replacing it.")
    dry_run: bool = Field(False, description="Say what would happen, and change nothing.")
    strict: bool = Field(False, description="Change nothing if any line is refused.")
    source: str = Field("API", min_length=1, max_length=200, description="What to call these lines in the history.")


Maps = Annotated[
    list[Annotated[str, Field(max_length=300)]],
    Field(
        default_factory=list, max_length=100,
        description="What a column of the file is, as `Raison sociale=Nom`; `Remarque=` leaves it out. Repeatable.",
    ),
]  # fmt: skip
"""Columns sent elsewhere than their headings say."""


def mapping(maps: list[str]) -> dict[str, str]:
    """What columns are, by heading. Raises :class:`Invalid` for a text that says no such thing."""
    found = {}
    for text in maps:
        heading, equals, column = text.rpartition("=")
        if not (equals and heading.strip()):
            raise Invalid(say("« {text} » : écrivez TITRE=COLONNE.", text=text[:60]), "map", field="map", where="form")
        found[heading] = column
    return found


class FileOptions(Schema):
    """How to import a file."""

    map: Maps
    append: Literal["true", "false"] = Field("false", description="Add to the list, instead of replacing.")
    dry_run: Literal["true", "false"] = Field("false", description="Say what would happen, and change nothing.")
    strict: Literal["true", "false"] = Field("false", description="Change nothing if any line is refused.")


class ToldOut(Schema):
    """What there is to say about one line."""

    line: int
    messages: list[str]


class FaultOfLine(Schema):
    """One thing that is wrong with a line."""

    column: str = Field(description="The column of the file; empty when it is the line as a whole.")
    code: str = Field(examples=["siren.check"])
    reason: Said


class RefusedOut(Schema):
    """A refused line: its cells as they came, to be mended and sent again."""

    line: int
    name: str
    siren: str
    email_domain: str
    website: str
    faults: list[FaultOfLine]


class ReportFigures(Schema):
    """What an import did, or would do. A company counts once, however many lines name it."""

    list: str
    file: str
    version: int | None = Field(description="The version that it made; null when nothing was applied.")
    dry_run: bool
    applied: bool
    lines: int = Field(description="Lines read.")
    accepted: int
    refused: int
    repaired: int
    matched: int = Field(description="Lines whose company is known.")
    waiting: int = Field(description="Lines that wait for a company nobody knows yet.")
    review: int = Field(description="Lines that wait for a person.")
    moved: int = Field(description="Companies that came into the list.")
    released: int = Field(description="Companies that left it.")
    kept_locked: int = Field(description="Companies that a lock keeps elsewhere.")
    outranked: int = Field(description="Companies that a stronger claim keeps elsewhere.")
    notes: Many[str]
    repairs: Many[ToldOut] = Field(description="What was mended, line by line: the first thousand lines.")
    refusals: Many[ToldOut] = Field(description="Why lines were refused: the first thousand.")


class ReportOut(ReportFigures):
    """What an import did, or would do, with every line that it refused."""

    refused_lines: Many[RefusedOut] = Field(description="Every refused line of this import.")


@operation(router, "POST", "/lists/{int:list_id}/import", Right.SORT, ReportOut, together=False)
def import_lines(request: HttpRequest, list_id: Id, data: LinesIn) -> Any:
    """Import lines into a list: they replace what it holds, or are added to it.

    At most 5,000 lines, while the caller waits. Lines that cannot be taken are in the answer with the reasons.
    """
    cells = [(line.name, line.siren, line.email_domain, line.website) for line in data.lines]
    return _reported(
        lambda keep: list_imports.import_lines(
            actor_of(request), the_list(list_id), cells, name=data.source, append=data.append, dry_run=data.dry_run,
            strict=data.strict, refused_to=keep,
        )
    )  # fmt: skip


@operation(router, "POST", "/lists/{int:list_id}/import-file", Right.SORT, ReportOut, together=False)
def import_list_file(request: HttpRequest, list_id: Id, options: Form[FileOptions], file: File[UploadedFile]) -> Any:
    """Import a CSV or Excel file into a list, as `multipart/form-data`.

    The file has the columns Nom, SIREN, Domaine email, Website. At most 20 MB and 5,000 lines, while the caller
    waits; longer files go through `tamis lists import`.
    """
    target = the_list(list_id)
    with kept(file) as path:
        return _reported(
            lambda keep: list_imports.import_file(
                actor_of(request), target, path, file_name=file.name or "?", append=options.append == "true",
                dry_run=options.dry_run == "true", strict=options.strict == "true", progress=_counting(target),
                refused_to=keep, columns=mapping(options.map) or None,
            )
        )  # fmt: skip


def _counting(target: List) -> Callable[[int, int | None], None]:
    """What stops a file that is too long to be waited for."""

    def counted(done: int, total: int | None) -> None:
        if done > MAX_LINES:
            raise Refused(
                say(
                    "Le fichier a plus de {max} lignes. En ligne de commande, il n'y a pas de maximum : "
                    "tamis lists import \"{list}\" FICHIER",
                    max=MAX_LINES, list=target.name,
                ),
                "file.long",
            )  # fmt: skip

    return counted


@contextmanager
def kept(file: UploadedFile) -> Iterator[Path]:
    """An uploaded file in a folder of its own, for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="tamis-api-") as folder:
        path = Path(folder) / "file"
        with path.open("wb") as copy:
            for chunk in file.chunks():
                copy.write(chunk)
        yield path


Keep = Callable[[Iterator[Refusal]], None]


def _reported(run: Callable[[Keep], Report]) -> dict[str, Any]:
    """The report of an import, with the lines that it refused."""
    refused: list[dict[str, Any]] = []
    report = run(lambda lines: refused.extend(refused_as_json(line) for line in lines))
    return report.as_json() | {"refused_lines": refused}


def refused_as_json(line: Refusal) -> dict[str, Any]:
    """A refused line with its cells as they came."""
    name, siren, email_domain, website = line.cells
    faults = [{"column": fault.column, "code": fault.code, "reason": fault.reason} for fault in line.faults]
    return {
        "line": line.number, "name": name, "siren": siren, "email_domain": email_domain, "website": website,
        "faults": faults,
    }  # fmt: skip


class VersionOut(Schema):
    """One import into a list."""

    version: int
    kind: Literal["replace", "append", "restore"]
    file: str
    at: datetime | None
    by: str | None
    restored_from: int | None
    accepted: int | None = Field(description="Lines accepted.")
    refused: int | None = Field(description="Lines refused.")


class VersionFigures(VersionOut):
    """One import into a list, with its figures."""

    report: dict[str, int] = Field(description="The figures of its report.", examples=[{"lines": 120, "refused": 2}])


_BY_NUMBER = Order("version", key=F("number"), descending=True)


@operation(router, "GET", "/lists/{int:list_id}/versions", Right.READ, Page[VersionOut])
def get_versions(request: HttpRequest, list_id: Id, paging: Query[Paging]) -> Any:
    """The imports into a list, the latest first."""
    found, beyond = page(service.history(the_list(list_id)), paging, _BY_NUMBER)
    return {"items": [service.as_json(version) for version in found], "next": beyond}


@operation(router, "GET", "/lists/{int:list_id}/versions/{int:number}", Right.READ, VersionFigures)
def get_version(request: HttpRequest, list_id: Id, number: Id) -> Any:
    """One import into a list, with its figures."""
    version = service.find_version(the_list(list_id), number)
    return service.as_json(version) | {"report": version.report}


@operation(router, "POST", "/lists/{int:list_id}/versions/{int:number}/restore", Right.SORT, ReportOut, together=False)
def restore_version(request: HttpRequest, list_id: Id, number: Id, data: DryRun) -> Any:
    """Bring back what the list held after an earlier version, as a new version."""
    target = the_list(list_id)
    report = list_imports.restore(actor_of(request), target, number, dry_run=data.dry_run)
    return report.as_json() | {"refused_lines": []}
