"""A file into a list: read and staged line by line, then applied in one transaction.

    open → read, match and stage in chunks → swap → report

Killed before the swap, the list is the old one, and what was staged is swept away by the next import; after it, the
new one. A dry run does all of it and undoes the swap.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from tamis.app.models import (
    Act,
    Claim,
    ClaimKind,
    LineStatus,
    List,
    ListLine,
    ListVersion,
    RefusedLine,
    Workspace,
)
from tamis.app.models.workspace import Plan
from tamis.app.services import sorting
from tamis.app.services.acting import Actor, acting, sorting_lock
from tamis.app.services.leases import LASTS, Held, held_leases, lease
from tamis.app.services.lists import held_lines
from tamis.app.services.matching import match_all
from tamis.errors import NotFound, Refused
from tamis.identity.domains import domain_key
from tamis.identity.folding import name_key
from tamis.identity.match import Decision, Match, Sought
from tamis.messages import Message, say
from tamis.sources import lists as list_files
from tamis.sources.tables import open_table

CHUNK = 500
MOST_TOLD = 1000
Kind = ListVersion.Kind
Progress = Callable[[int, int | None], None]
"""Called with the lines done so far, and with how many there are when that is known."""


@dataclass(frozen=True)
class Told:
    """What there is to say about one line of the file."""

    line: int
    messages: tuple[Message, ...]

    def as_json(self) -> dict[str, Any]:
        """The line's number and what is said of it."""
        return {"line": self.line, "messages": [str(message) for message in self.messages]}


@dataclass
class Report:
    """What an import did, or would do. All are counts; a company is counted once however many lines name it."""

    list_name: str
    file: str
    version: int | None = None
    dry_run: bool = False
    applied: bool = False
    lines: int = 0
    accepted: int = 0
    refused: int = 0
    repaired: int = 0
    matched: int = 0
    waiting: int = 0
    review: int = 0
    moved: int = 0
    released: int = 0
    kept_locked: int = 0
    outranked: int = 0
    notes: list[Message] = field(default_factory=list)
    repairs: list[Told] = field(default_factory=list)
    """What was repaired, line by line: the first :data:`MOST_TOLD` lines."""
    refusals: list[Told] = field(default_factory=list)
    """Why lines were refused: the first :data:`MOST_TOLD`; all of them come through ``refused_to``."""

    def as_json(self) -> dict[str, Any]:
        """The report as one JSON object."""
        fields = asdict(replace(self, notes=[], repairs=[], refusals=[]))
        return {
            "list": fields.pop("list_name"),
            **fields,
            "notes": [str(note) for note in self.notes],
            "repairs": [told.as_json() for told in self.repairs],
            "refusals": [told.as_json() for told in self.refusals],
        }

    def counts(self) -> dict[str, int]:
        """The figures alone: what stays with the version."""
        return {key: value for key, value in asdict(replace(self, notes=[])).items() if type(value) is int}

    def tell(self, line: list_files.ListLine | list_files.RefusedLine) -> None:
        """Count a line that was read, and keep what there is to say about it."""
        self.lines += 1
        if isinstance(line, list_files.RefusedLine):
            self.refused += 1
            if len(self.refusals) < MOST_TOLD:
                self.refusals.append(Told(line.number, tuple(fault.sentence() for fault in line.faults)))
            return
        self.accepted += 1
        if line.repairs:
            self.repaired += 1
            if len(self.repairs) < MOST_TOLD:
                self.repairs.append(Told(line.number, line.repairs))


class _DryRun(Exception):
    """Ends a dry run, so that the swap's transaction leaves nothing behind."""


def import_file(
    actor: Actor,
    target: List,
    path: Path,
    *,
    file_name: str = "",
    append: bool = False,
    dry_run: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
    refused_to: Callable[[Iterator[list_files.RefusedLine]], None] | None = None,
) -> Report:
    """Import a list file: replace what the list held, or with ``append`` add to it.

    With ``strict`` nothing is applied if any line is refused. ``refused_to`` is given the refused lines, also of a
    dry run. Raises :class:`~tamis.errors.Unreadable` for a file that cannot be read at all,
    :class:`~tamis.errors.Refused` over quota, :class:`~tamis.errors.Busy` during another import into the list.
    """
    name = file_name or path.name
    kind = Kind.APPEND if append else Kind.REPLACE
    with (
        lease(_lease_key(target), actor.by) as held,
        open_table(path, name=name, known_heading=list_files.is_list_heading) as table,
    ):
        lines = list_files.read_lines(table)
        with _staged_version(target, kind, name) as version:
            report = Report(target.name, name, dry_run=dry_run)
            _stage(version, lines, report, held, progress, table.expected_rows)
            if refused_to:
                refused_to(refused_lines(version))
            if strict and report.refused:
                report.notes.append(say("Rien n'a été appliqué : une ligne au moins est refusée (--strict)."))
                return report
            _swap(actor, version, report, held)
    return report


def restore(
    actor: Actor, target: List, number: int, *, dry_run: bool = False, progress: Progress | None = None
) -> Report:
    """Bring back what the list held after an earlier version, as a new version. Raises as :func:`import_file` does."""
    with lease(_lease_key(target), actor.by) as held:
        past = find_version(target, number)
        source = content(target, number)
        lines = (_as_read(line) for line in source.order_by("version__number", "number").iterator(chunk_size=CHUNK))
        with _staged_version(target, Kind.RESTORE, past.file_name, past) as version:
            report = Report(target.name, past.file_name, dry_run=dry_run)
            _stage(version, lines, report, held, progress, source.count())
            _swap(actor, version, report, held)
    return report


def find_version(target: List, number: int) -> ListVersion:
    """A version of a list by its number. Raises :class:`~tamis.errors.NotFound`."""
    version = target.versions.filter(number=number).first()
    if version is None:
        raise NotFound(
            say(
                "« {list} » n'a pas de version {number}.",
                list=target.name,
                number=number,
            )
        )
    return version


def history(target: List) -> QuerySet[ListVersion]:
    """The versions of a list that were applied, the latest first."""
    return target.versions.exclude(act=None).select_related("act", "restored_from").order_by("-number")


def content(target: List, number: int | None = None) -> QuerySet[ListLine]:
    """The lines that a list holds now, or held after an earlier version."""
    lines = ListLine.objects.filter(version__list=target).exclude(version__act=None)
    if number is None:
        return lines.filter(removed_by=None)
    return lines.filter(version__number__lte=number).exclude(removed_by__number__lte=number)


def refused_lines(version: ListVersion) -> Iterator[list_files.RefusedLine]:
    """The lines that an import refused, in order."""
    for line in version.refused_lines.order_by("number", "pk").iterator():
        faults = tuple(
            list_files.Fault(fault["column"], fault["code"], Message.read(fault["reason"])) for fault in line.faults
        )
        name, siren, email_domain, website = line.cells
        yield list_files.RefusedLine(line.number, (name, siren, email_domain, website), faults)


def quota() -> tuple[int, int | None]:
    """How many lines the lists hold, and how many the plan allows (``None``: without limit)."""
    return held_lines().count(), Plan(Workspace.objects.get().plan).line_limit


def _lease_key(target: List) -> str:
    return f"list-import:{target.pk}"


@contextmanager
def _staged_version(
    target: List, kind: Kind, file_name: str, restored_from: ListVersion | None = None
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


def _sweep_abandoned(mine: List) -> None:
    """Remove what killed imports had staged: all of it for the list whose lease is in hand, elsewhere what is dead."""
    busy = {int(each.key.rpartition(":")[2]) for each in held_leases("list-import:")}
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


def _stage(
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
            ListLine.objects.bulk_create(staged_lines(version, accepted))
            RefusedLine.objects.bulk_create(_stored_refusal(version, line) for line in refused)
        for line in chunk:
            report.tell(line)
        if progress:
            progress(report.lines, total)


def staged_lines(version: ListVersion, lines: Sequence[list_files.ListLine]) -> Iterator[ListLine]:
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


def _swap(actor: Actor, version: ListVersion, report: Report, held: Held) -> None:
    """Make the staged version the list's content and sort every company that it touches, in one transaction."""
    target = version.list
    for status, n in version.lines.values_list("status").annotate(n=Count("pk")):
        setattr(report, status, n)
    act_kind = Act.Kind.LIST_RESTORED if version.kind == Kind.RESTORE else Act.Kind.LIST_IMPORTED
    note = say("{file} importé dans « {list} »", file=version.file_name, list=target.name)
    if version.restored_from:
        note = say("version {number} de « {list} » rétablie", number=version.restored_from.number, list=target.name)
    try:
        with acting(actor, act_kind, note, target) as act:
            held.renew()
            _refuse_gone(target)
            _refuse_over_quota(version, report)
            number = (target.versions.aggregate(last=Max("number"))["last"] or 0) + 1
            ListVersion.objects.filter(pk=version.pk).update(act=act, number=number)
            _remove_former_lines(version)
            _renew_claims(act, version)
            scope = sorting.touched_by(act)
            report.kept_locked = sorting.held_by_lock(act, scope)
            sorting.resort(act, scope)
            report.moved = act.moves.filter(to_list=target).count()
            report.released = act.moves.filter(from_list=target).count()
            report.outranked = Claim.objects.filter(made_by=act).exclude(
                company__list=target
            ).count() - sorting.held_by_lock(act, sorting.claimed_by(act))
            if report.dry_run:
                raise _DryRun
            report.version, report.applied = number, True
            ListVersion.objects.filter(pk=version.pk).update(report=report.counts())
    except _DryRun:
        return
    version.refresh_from_db()


def _refuse_gone(target: List) -> None:
    if not List.objects.filter(pk=target.pk, deleted_at=None).exists():
        raise Refused(say("La liste « {name} » a été supprimée entre-temps.", name=target.name), "list.gone")


def _refuse_over_quota(version: ListVersion, report: Report) -> None:
    held, limit = quota()
    if limit is None:
        return
    if version.kind != Kind.APPEND:
        held -= content(version.list).count()
    room = max(limit - held, 0)
    if report.accepted > room:
        raise Refused(
            say(
                "L'abonnement permet {limit} lignes, les autres contenus en occupent {held} : il reste de la place "
                "pour {room} lignes, le fichier en a {accepted}. Rien n'a été appliqué.",
                limit=limit, held=held, room=room, accepted=report.accepted,
            ),
            "quota",
        )  # fmt: skip


def _remove_former_lines(version: ListVersion) -> None:
    """Take out what the version replaces: everything, or with an append the lines that it repeats."""
    former = content(version.list).exclude(version=version)
    if version.kind == Kind.APPEND:
        former = former.filter(Exists(ListLine.objects.filter(version=version, fingerprint=OuterRef("fingerprint"))))
    ListLine.objects.filter(pk__in=former.values("pk")).update(removed_by=version)


def _renew_claims(act: Act, version: ListVersion) -> None:
    """Withdraw the claims of the former content and make those of the new lines."""
    standing = Claim.objects.filter(list=version.list, kind=ClaimKind.IMPORT, withdrawn_by=None)
    if version.kind == Kind.APPEND:
        matched = version.lines.filter(status=LineStatus.MATCHED)
        standing = standing.filter(company__in=matched.values("company"))
    standing.update(withdrawn_by=act)
    sorting.claim_lines(act, sorting.Scope("SELECT id FROM tamis_listline WHERE version_id = %s", (version.pk,)))


def _stored_refusal(version: ListVersion, line: list_files.RefusedLine) -> RefusedLine:
    faults = [{"column": f.column, "code": f.code, "reason": f.reason.stored()} for f in line.faults]
    return RefusedLine(version=version, number=line.number, cells=[*line.cells], faults=faults)


def _as_read(line: ListLine) -> list_files.ListLine:
    """A line of an earlier version, as if it had just been read from its file."""
    repairs = tuple(Message.read(repair) for repair in line.repairs)
    return list_files.ListLine(line.number, line.name, line.siren, line.email_domain, line.website, repairs)
