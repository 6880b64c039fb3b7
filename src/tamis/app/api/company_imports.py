"""Companies brought by the thousand; what every import of companies, contacts or events says of lines."""

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, File, Form, Router, Schema, UploadedFile

from tamis.app.api.companies import MOST
from tamis.app.api.company_values import CompanyIn
from tamis.app.api.errors import Invalid
from tamis.app.api.list_content import Maps, kept, mapping
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import Asked, Day
from tamis.app.gates import Right
from tamis.app.services import company_imports, import_runs
from tamis.messages import Message, say

router = Router(tags=["companies"])


class Upsert(Asked):
    """Companies to bring."""

    companies: list[CompanyIn] = Field(min_length=1, max_length=MOST)
    as_of: Day | None = Field(None, description="The day that they speak of; today when left out.")
    dry_run: bool = Field(False, description="Say what would happen, and change nothing.")
    source: str = Field("API", min_length=1, max_length=200, description="What to call their source.")


class ProblemOut(Schema):
    """What there is to say about one company of many."""

    line: int = Field(description="Its place in the body or its line in the file, from 1.")
    what: Literal["refused", "dropped", "review"] = Field(
        description="The whole company was refused; a value was left out; or several known companies fit."
    )
    why: str


class Brought(Schema):
    """What bringing companies or contacts did, or would do."""

    file: str
    dry_run: bool
    lines: int
    created: int
    updated: int
    unchanged: int
    refused: int
    review: int
    dropped_cells: int = Field(description="Values left out.")
    repaired: int
    new_headings: list[dict[str, str]] = Field(description="Columns that no field takes.")
    problems: list[ProblemOut] = Field(description="The first hundred.")


class UpsertReport(Brought):
    """What bringing companies did, or would do."""

    review: int = Field(description="Left alone: several known companies fit.")
    answered_lines: int = Field(description="Lines of lists that found their company.")


Told = list[tuple[int, str, Message]]


def reported(report: import_runs.Report, said: Told) -> dict[str, Any]:
    """A report with the first hundred things that there are to say of lines."""
    problems = [{"line": line, "what": what, "why": str(why)} for line, what, why in said[:100]]
    return report.as_json() | {"problems": problems}


def day_of(text: str | None) -> date | None:
    """The day that a text says. Raises :class:`Invalid` for another text."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(
            say("« {text} » n'est pas un jour du calendrier.", text=text or ""), "day", field="as_of", where="body"
        ) from None


@operation(router, "POST", "/companies/upsert", Right.SORT, UpsertReport, together=False)
def upsert_companies(request: HttpRequest, data: Upsert) -> Any:
    """Bring companies: known ones (by SIREN, domain, name) are updated, the others are new, nobody is doubled."""
    said: Told = []
    report = company_imports.upsert(
        actor_of(request), [each.texts() for each in data.companies], name=data.source, as_of=day_of(data.as_of),
        dry_run=data.dry_run, told=lambda line, what, why: said.append((line, what, why)),
    )  # fmt: skip
    return reported(report, said)


class UpsertOptions(Schema):
    """How to import a file of companies."""

    map: Maps
    as_of: str = Field("", max_length=10, description="The day that it speaks of, as 2026-03-31; today when left out.")
    dry_run: Literal["true", "false"] = Field("false", description="Say what would happen, and change nothing.")


@operation(router, "POST", "/companies/import-file", Right.SORT, UpsertReport, together=False)
def import_companies(request: HttpRequest, options: Form[UpsertOptions], file: File[UploadedFile]) -> Any:
    """Import a CSV or Excel file of companies, as `multipart/form-data`; at most 20 MB, while the caller waits."""
    said: Told = []
    with kept(file) as path:
        report = company_imports.import_file(
            actor_of(request), path, file_name=file.name or "?", as_of=day_of(options.as_of),
            dry_run=options.dry_run == "true", mapping=mapping(options.map),
            told=lambda line, what, why: said.append((line, what, why)),
        )  # fmt: skip
    return reported(report, said)
