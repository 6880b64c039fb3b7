"""Refused lines of an import, mended in place: the good ones join the list, the others stay with their new reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from tamis.app.models import Act, ListVersion, RefusedLine
from tamis.app.services.acting import Actor, acting
from tamis.app.services.leases import lease
from tamis.app.services.list_imports import swap
from tamis.app.services.list_reports import Report
from tamis.app.services.list_staging import LEASE, stage, staged_version, stored_faults
from tamis.app.services.list_versions import open_refusals
from tamis.errors import Refused
from tamis.messages import say, say_many
from tamis.sources import lists as list_files


@dataclass(frozen=True)
class Mended:
    """What mending did: the new version, if any line was good, how many were, and how many are still wrong."""

    version: int | None
    accepted: int
    wrong: int


def mend(actor: Actor, version: ListVersion, typed: Mapping[int, list_files.Cells]) -> Mended:
    """Import what a person typed in the place of refused lines, by their ids, added to what the list holds.

    What is still wrong is kept as it was typed. Raises :class:`~tamis.errors.Refused` over quota or when somebody
    else has settled all these lines meanwhile, :class:`~tamis.errors.Busy` during an import into the list.
    """
    with lease(f"{LEASE}{version.list_id}", actor.by) as held:
        rows = {row.pk: row for row in open_refusals(version).filter(pk__in=typed)}
        if not rows:
            raise Refused(say("Ces lignes ont déjà été corrigées ou écartées."), "line.settled")
        checked = {id: list_files.check_line(row.number, typed[id]) for id, row in rows.items()}
        good = {id: line for id, line in checked.items() if isinstance(line, list_files.ListLine)}
        wrong = [_rewritten(rows[id], line) for id, line in checked.items() if isinstance(line, list_files.RefusedLine)]
        if not good:
            RefusedLine.objects.bulk_update(wrong, ["cells", "faults"], batch_size=500)
            return Mended(None, 0, len(wrong))
        name = str(say("{file}, lignes corrigées", file=version.file_name))
        with staged_version(version.list, ListVersion.Kind.APPEND, name) as added:
            report = Report(version.list.name, name)
            stage(added, good.values(), report, held, None, len(good))
            with transaction.atomic():
                swap(actor, added, report, held)
                RefusedLine.objects.filter(pk__in=good).update(settled_by=added.act)
                RefusedLine.objects.bulk_update(wrong, ["cells", "faults"], batch_size=500)
    return Mended(report.version, len(good), len(wrong))


def _rewritten(row: RefusedLine, line: list_files.RefusedLine) -> RefusedLine:
    row.cells, row.faults = [*line.cells], stored_faults(line)
    return row


def set_aside(actor: Actor, version: ListVersion) -> int:
    """Stop asking about the refused lines of an import that are still open; how many they were."""
    n = open_refusals(version).count()
    if not n:
        raise Refused(say("Ces lignes ont déjà été corrigées ou écartées."), "line.settled")
    note = say_many(
        "{n} ligne refusée de {file} écartée", "{n} lignes refusées de {file} écartées", n=n, file=version.file_name
    )
    with acting(actor, Act.Kind.LINES_SET_ASIDE, note, version.list) as act:
        return open_refusals(version).update(settled_by=act)
