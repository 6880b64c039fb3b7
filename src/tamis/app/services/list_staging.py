"""A file's lines beside what the list holds: read, matched and written in chunks, seen by nobody until applied."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db.models import Q
from django.utils import timezone

from tamis.app.models import LineStatus, List, ListLine, ListVersion, RefusedLine
from tamis.app.services.acting import sorting_lock
from tamis.app.services.leases import LASTS, Held, held_leases
from tamis.app.services.list_reports import Report
from tamis.app.services.matching import match_all
from tamis.identity.domains import domain_key
from tamis.identity.folding import name_key
from tamis.identity.match import Decision, Match, Sought
from tamis.sources import lists as list_files

CHUNK = 500
LEASE = "list-import:"
Progress = Callable[[int, int | None], None]
"""Called with the lines done so far, and with how many there are when that is known."""


@contextmanager
def staged_version(
    target: List, kind: ListVersion.Kind, file_name: str, restored_from: ListVersion | None = None
) -> Iterator[ListVersion]:
    """A version to stage lines in: swept away when the block ends without having applied it."""
    _sweep_abandoned(target)
    version = ListVersion.objects.create(
        list=target, kind=kind, file_name=file_name[:255], started_at=timezone.now(), restored_from=restored_from
    )
    try:
        yield version
    finally:
        if version.act_id is None:
            _discard(version)


def stage(
    version: ListVersion,
    lines: Iterable[list_files.ListLine | list_files.RefusedLine],
    report: Report,
    held: Held,
    progress: Progress | None,
    total: int | None,
) -> None:
    """Write the lines of a file beside what the list holds, each with its match, a chunk a transaction."""
    remaining = iter(lines)
    while chunk := [*islice(remaining, CHUNK)]:
        accepted = [line for line in chunk if isinstance(line, list_files.ListLine)]
        refused = [line for line in chunk if isinstance(line, list_files.RefusedLine)]
        with sorting_lock():
            held.renew()
            ListLine.objects.bulk_create(_rows(version, accepted))
            RefusedLine.objects.bulk_create(_stored_refusal(version, line) for line in refused)
        for line in chunk:
            report.tell(line)
        if progress:
            progress(report.lines, total)


def _rows(version: ListVersion, lines: Sequence[list_files.ListLine]) -> Iterator[ListLine]:
    """The rows of accepted lines, each with the company that it names, or why none could be taken."""
    keys = [name_key(line.name) for line in lines]
    sought = [
        Sought.of(key, line.siren, line.website, line.email_domain) for key, line in zip(keys, lines, strict=True)
    ]
    for key, line, record, found in zip(keys, lines, sought, match_all(sought), strict=True):
        row = ListLine(
            version=version,
            number=line.number,
            name=line.name,
            name_key=key,
            fingerprint=record.fingerprint,
            siren=line.siren,
            email_domain=line.email_domain,
            email_key=domain_key(record.email_domain) if record.email_domain else None,
            website=line.website,
            website_key=domain_key(record.website) if record.website else None,
            repairs=[repair.stored() for repair in line.repairs],
        )
        set_match(row, found)
        yield row


STATUSES = {
    Decision.AUTO: LineStatus.MATCHED,
    Decision.REVIEW: LineStatus.REVIEW,
    Decision.NONE: LineStatus.WAITING,
}


def set_match(row: ListLine, found: Match) -> None:
    """Write onto a line what matching found."""
    row.status = STATUSES[found.decision]
    row.company_id = found.company
    row.doubt = found.doubt.stored() if found.doubt else {}
    row.method = found.candidates[0].method if found.candidates else ""
    row.candidates = [
        {
            "company": candidate.company,
            "method": candidate.method,
            "score": candidate.score,
            "evidence": candidate.evidence.stored(),
        }
        for candidate in found.candidates
    ]


def _stored_refusal(version: ListVersion, line: list_files.RefusedLine) -> RefusedLine:
    return RefusedLine(version=version, number=line.number, cells=[*line.cells], faults=stored_faults(line))


def stored_faults(line: list_files.RefusedLine) -> list[dict[str, Any]]:
    """Why a line is refused, as it is kept."""
    return [{"column": f.column, "code": f.code, "reason": f.reason.stored()} for f in line.faults]


def _sweep_abandoned(mine: List) -> None:
    """Remove what killed imports had staged: all of it for the list whose lease is in hand, elsewhere what is dead."""
    busy = {int(each.key.rpartition(":")[2]) for each in held_leases(LEASE)}
    staged = ListVersion.objects.filter(act=None)
    for version in staged.filter(Q(list=mine) | Q(started_at__lt=timezone.now() - LASTS)).select_related("list"):
        if version.list == mine or version.list_id not in busy:
            _discard(version)


def _discard(version: ListVersion) -> None:
    """Delete a staged version, chunk by chunk, so that nobody waits for it."""
    for model in (ListLine, RefusedLine):
        while ids := [*model.objects.filter(version=version).values_list("pk", flat=True)[:5000]]:
            model.objects.filter(pk__in=ids).delete()
    version.delete()
