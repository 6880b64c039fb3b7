"""Imports into lists as background jobs.

=================  ====================================================================================  ==============
kind               arguments                                                                             files
=================  ====================================================================================  ==============
``list-import``    ``list`` (id), ``file_name``; ``append``, ``strict``, ``dry_run``: false if left out;  ``file``
                   ``mapping`` {heading: column or ""}
``list-restore``   ``list`` (id), ``number`` of the version; ``dry_run``
=================  ====================================================================================  ==============

The result has the counts of the report, ``list``, ``version`` once applied, what was told of lines as stored messages,
and under ``files`` the refused lines.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from tamis.app.models import Job, List
from tamis.app.services import list_imports, lists
from tamis.app.services.acting import Actor
from tamis.app.services.jobs import Progress, kind
from tamis.app.services.list_reports import Report, Told
from tamis.errors import NotFound
from tamis.messages import say
from tamis.sources.lists import REFUSED_COLUMNS, RefusedLine, refused_cells
from tamis.sources.writing import Format, write_table

SHOWN = 100
"""How many lines a result tells of; the refused ones are all in their file."""


@kind("list-import", say("Import dans une liste"), repeatable=True)
def import_list(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """A file into a list: one swap, so that cancelled before it nothing changes."""
    given = job.arguments
    report = list_imports.import_file(
        actor, _list(given["list"]), job.brought("file"), file_name=given.get("file_name", ""),
        append=bool(given.get("append")), strict=bool(given.get("strict")), dry_run=bool(given.get("dry_run")),
        progress=progress, refused_to=partial(_write_refused, job), columns=given.get("mapping") or None,
    )  # fmt: skip
    stem = report.file.rpartition(".")[0] or report.file
    return _result(given["list"], report, {"refused.csv": f"{stem}-refus.csv"} if report.refused else {})


@kind("list-restore", say("Retour à une version d'une liste"), repeatable=True)
def restore_list(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """An earlier version of a list brought back."""
    given = job.arguments
    report = list_imports.restore(
        actor, _list(given["list"]), int(given["number"]), dry_run=bool(given.get("dry_run")), progress=progress
    )
    return _result(given["list"], report, {})


def _list(pk: int) -> List:
    target = lists.existing().filter(pk=pk).first()
    if target is None:
        raise NotFound(say("Cette liste n'existe pas, ou elle a été supprimée."), "list.gone")
    return target


def _write_refused(job: Job, lines: Iterator[RefusedLine]) -> None:
    write_table(job.produced("refused.csv"), REFUSED_COLUMNS, map(refused_cells, lines), Format.CSV)


def _result(pk: int, report: Report, files: dict[str, str]) -> dict[str, Any]:
    return report.counts() | {
        "list": pk, "list_name": report.list_name, "file": report.file, "applied": report.applied, "files": files,
        "notes": [note.stored() for note in report.notes],
        "refusals": _stored(report.refusals), "repairs": _stored(report.repairs),
    }  # fmt: skip


def _stored(told: Sequence[Told]) -> list[dict[str, Any]]:
    return [{"line": each.line, "messages": [m.stored() for m in each.messages]} for each in told[:SHOWN]]
