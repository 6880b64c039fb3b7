"""Imports into lists as background jobs.

=================  ====================================================================================  ==============
kind               arguments                                                                             files
=================  ====================================================================================  ==============
``list-rehearsal``  ``list`` (id), ``upload`` (token of a kept file), ``file_name``
``list-import``    ``list`` (id), ``file_name``; ``append``, ``strict``, ``dry_run``: false if left out;  ``file``
                   ``mapping`` {heading: column or ""}
the same           ``list``, ``upload``, ``file_name``: a kept file as its rehearsal found it
``list-restore``   ``list`` (id), ``number`` of the version; ``dry_run``
=================  ====================================================================================  ==============

The result has the counts of the report, ``list``, ``version`` once applied, what was told of lines as stored messages,
and under ``files`` the refused lines; that of a kept file that was rehearsed anew because somebody else imported
meanwhile has ``changed``.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from tamis.app.models import Act, Job, List, ListVersion
from tamis.app.services import guided_imports, list_imports, list_uploads, lists
from tamis.app.services.acting import Actor
from tamis.app.services.jobs import Progress, kind
from tamis.app.services.list_imports import Within
from tamis.app.services.list_reports import Report, Told
from tamis.app.services.list_uploads import Upload
from tamis.errors import NotFound, Refused
from tamis.messages import say
from tamis.sources.lists import REFUSED_COLUMNS, RefusedLine, refused_cells
from tamis.sources.writing import Format, write_table

SHOWN = 100
"""How many lines a result tells of; the refused ones are all in their file."""


@kind("list-import", say("Import dans une liste"), repeatable=True)
def import_list(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """A file into a list: one swap, so that cancelled before it nothing changes."""
    given = job.arguments
    if "upload" in given:
        return _import_upload(actor, job, progress)
    result = partial(_result, given["list"], refused=True)
    report = list_imports.import_file(
        actor, list_of(job), job.brought("file"), file_name=given.get("file_name", ""),
        append=bool(given.get("append")), strict=bool(given.get("strict")), dry_run=bool(given.get("dry_run")),
        progress=progress, refused_to=partial(_write_refused, job), columns=given.get("mapping") or None,
        within=_settling(progress, result),
    )  # fmt: skip
    return result(report)


def _import_upload(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """A kept file, once; or what it would do by now, when somebody else imported since it was looked at."""
    upload = _upload(job)
    result = partial(_result, upload.list_id)
    report = guided_imports.apply(actor, upload, progress, _settling(progress, result))
    return result(report) if report else _rehearsed(list_of(job), upload) | {"changed": True}


@kind("list-rehearsal", say("Vérification d'un import"), repeatable=True)
def rehearse(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """What importing a kept file would do; line by line it is kept with the file."""
    upload = _upload(job)
    guided_imports.rehearse(actor, upload, progress)
    return _rehearsed(list_of(job), upload)


def _rehearsed(target: List, upload: Upload) -> dict[str, Any]:
    return upload.report | {"list": target.pk, "list_name": target.name, "file": upload.file_name}


def _upload(job: Job) -> Upload:
    """The kept file that a job is about. Raises :class:`~tamis.errors.NotFound` for one that is gone."""
    if job.user is None:
        raise list_uploads.gone()
    upload = list_uploads.find(job.arguments["upload"], job.user, list_of(job))
    if upload.version:
        raise Refused(say("« {file} » est déjà importé.", file=upload.file_name), "upload.applied")
    return upload


def _settling(progress: Progress, result: Callable[[Report], dict[str, Any]]) -> Within:
    """What notes the result in the transaction that changes the list, so that a job killed after it is done."""

    def settle(_version: ListVersion, _act: Act, report: Report) -> None:
        if report.applied:
            progress.settle(result(report))

    return settle


@kind("list-restore", say("Retour à une version d'une liste"), repeatable=True)
def restore_list(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """An earlier version of a list brought back."""
    given = job.arguments
    target, dry_run = list_of(job), bool(given.get("dry_run"))
    after, result = guided_imports.last_version(target), partial(_result, target.pk)
    report = list_imports.restore(
        actor, target, int(given["number"]), dry_run=dry_run, progress=progress, within=_settling(progress, result)
    )
    return result(report) | {"after": after}


def list_of(job: Job) -> List:
    """The list that a job is about. Raises :class:`~tamis.errors.NotFound` for one that is gone."""
    target = lists.existing().filter(pk=job.arguments["list"]).first()
    if target is None:
        raise NotFound(say("Cette liste n'existe pas, ou elle a été supprimée."), "list.gone")
    return target


def _write_refused(job: Job, lines: Iterator[RefusedLine]) -> None:
    write_table(job.produced("refused.csv"), REFUSED_COLUMNS, map(refused_cells, lines), Format.CSV)


def _result(pk: int, report: Report, refused: bool = False) -> dict[str, Any]:
    """A report as a job's result; with ``refused`` when the refused lines were written to a file."""
    stem = report.file.rpartition(".")[0] or report.file
    files = {"refused.csv": f"{stem}-refus.csv"} if refused and report.refused else {}
    return report.counts() | {
        "list": pk, "list_name": report.list_name, "file": report.file, "applied": report.applied, "files": files,
        "notes": [note.stored() for note in report.notes],
        "refusals": stored_lines(report.refusals), "repairs": stored_lines(report.repairs),
    }  # fmt: skip


def stored_lines(told: Sequence[Told]) -> list[dict[str, Any]]:
    """What there is to say about the first lines, for a result."""
    return [{"line": each.line, "messages": [m.stored() for m in each.messages]} for each in told[:SHOWN]]
