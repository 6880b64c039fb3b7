"""Companies in the background: a file tried out, a file imported, a table written, everything that matches moved.

=====================  ====================================================================================  ========
kind                   arguments                                                                             files
=====================  ====================================================================================  ========
``company-rehearsal``  ``file_name``, ``mapping`` {heading: field or ""}, ``new_fields`` {heading: type},    ``file``
                       ``as_of``, ``create_tags``
``company-import``     the same                                                                              ``file``
``company-export``     ``filters`` as the table's address has them, ``format``
``company-move``       ``list`` (id), ``list_name``, ``filters``, ``expected`` (how many), ``next`` (a page)
``company-release``    ``filters``, ``expected``, ``next``
=====================  ====================================================================================  ========

Everything but ``file_name`` may be left out of the first three. The result of the first two is the import's report,
with what was told of the first lines under ``problems`` and the files of all of them under ``files``; that of the last
two has ``moved``, how many changed list, and that of a move its ``act``.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Self

from django.db.models import QuerySet
from django.http import QueryDict

from tamis.app.models import Act, Job
from tamis.app.services import company_filters, company_imports, company_selection, exports
from tamis.app.services.acting import Actor
from tamis.app.services.jobs import Progress, kind
from tamis.app.services.list_jobs import list_of
from tamis.messages import Message, say
from tamis.sources.companies import RefusedRecord
from tamis.sources.lists import REASON
from tamis.sources.writing import Format, write_table

SHOWN = 100
"""How many things of each kind a result tells of; the others are in its files."""
WHAT = {"refused": say("refusée"), "review": say("à vérifier"), "dropped": say("case écartée")}
"""What can happen to a line, for people, the weightiest first."""
NOTED_EVERY = 1000  # companies between two notes of how far an export is


@kind("company-rehearsal", say("Essai d'un import d'entreprises"), repeatable=True)
def rehearse(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """What importing a file of companies would do."""
    return _import(actor, job, progress, dry_run=True)


@kind("company-import", say("Import d'entreprises"), repeatable=True)
def import_companies(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """A file of companies into the base; cancelled half-way, the chunks of lines that were written stay."""
    return _import(actor, job, progress, dry_run=False)


def _import(actor: Actor, job: Job, progress: Progress, dry_run: bool) -> dict[str, Any]:
    return run_import(company_imports.import_file, actor, job, progress, dry_run)


def run_import(importing: Any, actor: Actor, job: Job, progress: Progress, dry_run: bool) -> dict[str, Any]:
    """Import the job's file with a service's ``import_file``; the result of the job."""
    given = job.arguments
    with _Kept(job) as kept:
        report = importing(
            actor, job.brought("file"), file_name=given.get("file_name", ""), mapping=given.get("mapping"),
            new_fields=given.get("new_fields"), dry_run=dry_run, progress=progress, told=kept.tell,
            as_of=date.fromisoformat(given["as_of"]) if given.get("as_of") else None, refused_to=kept.refuse,
            create_tags=given.get("create_tags", False),
        )  # fmt: skip
        files = kept.write(report.file.rpartition(".")[0] or report.file)
    result: dict[str, Any] = report.as_json()
    return result | {"problems": kept.shown, "told": dict(kept.told), "files": files, "again": job.attempts}


class _Kept:
    """What an import told of lines: the first for the page, all of them in files, memory whatever their number."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.shown: list[dict[str, Any]] = []
        self.told: Counter[str] = Counter()
        self.headings: Sequence[str] = ()
        self._paths = {name: job.produced(f".{name}.part") for name in ("problems", "refused")}

    def __enter__(self) -> Self:
        self._files = {name: path.open("w", encoding="utf-8") for name, path in self._paths.items()}
        return self

    def __exit__(self, *_: object) -> None:
        for name, file in self._files.items():
            file.close()
            self._paths[name].unlink(missing_ok=True)

    def tell(self, line: int, what: str, why: Message) -> None:
        """Keep what happened on a line."""
        self.told[what] += 1
        if self.told[what] <= SHOWN:
            self.shown.append({"line": line, "what": what, "why": why.stored()})
        self._note("problems", [line, str(WHAT[what]), str(why)])

    def refuse(self, headings: Sequence[str], line: RefusedRecord) -> None:
        """Keep a refused line, to be mended."""
        self.headings = headings
        self._note("refused", [*line.cells, " ; ".join(str(fault.sentence()) for fault in line.faults)])

    def _note(self, name: str, row: list[Any]) -> None:
        self._files[name].write(json.dumps(row) + "\n")

    def write(self, stem: str) -> dict[str, str]:
        """Write the files to take away; how each is called, and the name to save it by."""
        files = {}
        if self.told:
            headings = (str(say("Ligne")), str(say("Quoi")), REASON)
            write_table(self.job.produced("problems.csv"), headings, self._rows("problems"), Format.CSV)
            files["problems.csv"] = f"{stem}-motifs.csv"
        if self.told["refused"]:
            write_table(self.job.produced("refused.csv"), (*self.headings, REASON), self._rows("refused"), Format.CSV)
            files["refused.csv"] = f"{stem}-refus.csv"
        return files

    def _rows(self, name: str) -> Iterator[list[Any]]:
        self._files[name].flush()
        with Path(self._paths[name]).open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


@kind("company-export", say("Export des entreprises"), repeatable=True)
def export_companies(_actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """The companies that filters let through, as a file that can be imported again."""
    chosen = company_filters.filtered(_filters(job))
    rows = exports.company_rows(chosen)
    return run_export(job, progress, chosen, exports.company_headings(), rows, "companies", say("entreprises"))


def run_export(
    job: Job,
    progress: Progress,
    chosen: QuerySet[Any],
    headings: Sequence[str],
    rows: Iterable[list[Any]],
    name: str,
    title: Message,
) -> dict[str, Any]:
    """Write what was chosen to a file of this name, saved as ``title``; the result of the job."""
    form = Format(job.arguments.get("format", Format.CSV))
    total = chosen.count()

    def counted() -> Iterator[list[Any]]:
        for number, row in enumerate(rows):
            if number % NOTED_EVERY == 0:
                progress(number, total)
            yield row

    file = f"{name}.xlsx" if form is Format.XLSX else f"{name}.csv"
    written = write_table(job.produced(file), headings, counted(), form)
    return {name: written, "files": {file: f"{title}{Path(file).suffix}"}}


def _filters(job: Job) -> company_filters.Filters:
    return company_filters.Filters.read(QueryDict(job.arguments.get("filters", "")))


@kind("company-move", say("Déplacement d'entreprises"), repeatable=True)
def move(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """Every company that matches into a list, in one act; cancelled before its end, nothing moves."""
    target, expected = list_of(job), int(job.arguments["expected"])

    def settle(moved: int, act: Act) -> None:
        progress.settle(_moved(moved, expected, act.pk))

    done = company_selection.move(actor, target, _filters(job), expected, progress, settle)
    return _moved(done.moved, expected, done.act.pk)


def _moved(moved: int, expected: int, act: int) -> dict[str, Any]:
    return {"moved": moved, "already_there": expected - moved, "act": act}


@kind("company-release", say("Retrait d'épingles"), repeatable=True)
def release(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """The pins of every company that matches taken away, in one act; cancelled before its end, they all stay."""

    def settle(moved: int, _act: Act) -> None:
        progress.settle({"moved": moved})

    expected = int(job.arguments["expected"])
    return {"moved": company_selection.release(actor, _filters(job), expected, progress, settle)}
