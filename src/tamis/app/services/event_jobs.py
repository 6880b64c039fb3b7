"""Events from a file in the background: tried out, taken.

The arguments of ``event-rehearsal`` and ``event-import`` are ``file_name``, ``columns`` {heading: field or ""} and
``kind``, that of lines that name none; the file is ``file``. The result is the report, the first bad lines with it, and
a file of all of them.
"""

import json
from collections.abc import Iterator
from typing import Any

from tamis.app.models import Job
from tamis.app.services import events
from tamis.app.services.acting import Actor
from tamis.app.services.arrivals import Fault
from tamis.app.services.jobs import Progress, kind
from tamis.messages import say
from tamis.sources.lists import REASON
from tamis.sources.writing import Format, write_table

SHOWN = 100
"""Bad lines that the page shows; the others are in the file."""


@kind("event-rehearsal", say("Essai d'un fichier d'événements"), repeatable=True)
def rehearse(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """What taking a file of events would do."""
    return _read(actor, job, progress, dry_run=True)


@kind("event-import", say("Réception d'un fichier d'événements"), repeatable=True)
def import_events(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """A file of events taken; what was taken before a killed worker is known, and not taken twice."""
    return _read(actor, job, progress, dry_run=False)


def _read(actor: Actor, job: Job, progress: Progress, dry_run: bool) -> dict[str, Any]:
    part, given = job.produced(".refused.part"), job.arguments
    shown: list[dict[str, Any]] = []
    try:
        with part.open("w", encoding="utf-8") as lines:

            def refuse(fault: Fault) -> None:
                if len(shown) < SHOWN:
                    shown.append(
                        {"line": fault.index, "field": fault.field, "code": fault.code, "why": fault.reason.stored()}
                    )
                lines.write(json.dumps([fault.index, fault.field, str(fault.reason)]) + "\n")

            report = events.append_file(
                actor, job.brought("file"), file_name=given.get("file_name"), columns=given.get("columns"),
                kind=given.get("kind", ""), dry_run=dry_run, refused=refuse, progress=progress,
            )  # fmt: skip
        files = {}
        if report.refused:

            def rows() -> Iterator[list[Any]]:
                with part.open(encoding="utf-8") as lines:
                    yield from map(json.loads, lines)

            headings = (str(say("Ligne")), str(say("Champ")), REASON)
            write_table(job.produced("problems.csv"), headings, rows(), Format.CSV)
            files["problems.csv"] = f"{report.file.rpartition('.')[0] or report.file}-motifs.csv"
    finally:
        part.unlink(missing_ok=True)
    told = report.as_json() | {"faults": []}
    return told | {"problems": shown, "told": report.refused, "files": files}
