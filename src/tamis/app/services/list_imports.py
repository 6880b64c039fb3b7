"""A file into a list: read and staged line by line, then applied in one transaction.

    open → read, match and stage in chunks → swap → report

Killed before the swap, the list is the old one, and what was staged is swept away by the next import; after it, the
new one. A dry run does all of it and undoes the swap.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef

from tamis.app.models import Act, Claim, ClaimKind, LineStatus, List, ListLine, ListVersion
from tamis.app.services import sorting
from tamis.app.services.acting import Actor, acting
from tamis.app.services.leases import Held, lease
from tamis.app.services.list_completing import complete
from tamis.app.services.list_reports import Report
from tamis.app.services.list_staging import CHUNK, LEASE, Progress, stage, staged_version
from tamis.app.services.list_versions import content, find_version, refused_lines
from tamis.app.services.lists import quota, refuse_gone
from tamis.errors import Refused
from tamis.identity.folding import fold
from tamis.messages import Message, say
from tamis.sources import lists as list_files
from tamis.sources.headings import KnownHeading
from tamis.sources.list_layouts import Layout
from tamis.sources.tables import Table, open_table

Kind = ListVersion.Kind
Lines = Iterator[list_files.ListLine | list_files.RefusedLine]
Columns = Layout | Mapping[str, str] | None
"""How a file's columns are to be read: a layout, some headings sent to one of the four by hand, or as headed."""
Within = Callable[[ListVersion, Act, Report], None]
"""Called within the transaction that sorts, when every company is where the import puts it; undoes it by raising."""


def import_file(
    actor: Actor,
    target: List,
    path: Path,
    *,
    file_name: str = "",
    append: bool = False,
    dry_run: bool = False,
    strict: bool = False,
    columns: Columns = None,
    mended: Mapping[int, list_files.Cells] | None = None,
    progress: Progress | None = None,
    refused_to: Callable[[Iterator[list_files.RefusedLine]], None] | None = None,
    within: Within | None = None,
) -> Report:
    """Import a list file: replace what the list held, or with ``append`` add to it.

    With ``strict`` nothing is applied if any line is refused. ``mended`` holds by line number what a person wrote in
    the place of refused lines. ``refused_to`` is given the refused lines, also of a dry run. Raises
    :class:`~tamis.errors.Unreadable` for a file that cannot be read at all, :class:`~tamis.errors.Refused` over quota,
    :class:`~tamis.errors.Busy` during another import into the list.
    """
    name = file_name or path.name
    with (
        lease(f"{LEASE}{target.pk}", actor.by) as held,
        open_table(path, name=name, known_heading=known_heading(columns)) as table,
    ):
        lines = _with_mended(_read(table, columns), mended or {})
        report = Report(target.name, name, dry_run=dry_run)
        _import(
            actor, target, lines, report, held, append=append, strict=strict,
            progress=progress, total=table.expected_rows, refused_to=refused_to, within=within,
        )  # fmt: skip
    return report


def import_lines(
    actor: Actor,
    target: List,
    lines: Sequence[list_files.Cells],
    *,
    name: str,
    append: bool = False,
    dry_run: bool = False,
    strict: bool = False,
    refused_to: Callable[[Iterator[list_files.RefusedLine]], None] | None = None,
) -> Report:
    """Import lines that come in no file, numbered from 1; ``name`` says where from. As :func:`import_file`."""
    read = (list_files.check_line(number, cells) for number, cells in enumerate(lines, 1))
    with lease(f"{LEASE}{target.pk}", actor.by) as held:
        report = Report(target.name, name, dry_run=dry_run)
        _import(
            actor, target, read, report, held, append=append, strict=strict, total=len(lines), refused_to=refused_to
        )
    return report


def _import(
    actor: Actor,
    target: List,
    lines: Iterable[list_files.ListLine | list_files.RefusedLine],
    report: Report,
    held: Held,
    *,
    append: bool,
    strict: bool,
    total: int | None,
    progress: Progress | None = None,
    refused_to: Callable[[Iterator[list_files.RefusedLine]], None] | None,
    within: Within | None = None,
) -> None:
    """Stage lines and make them the list's content, as far as the report's dry run and ``strict`` let it."""
    with staged_version(target, Kind.APPEND if append else Kind.REPLACE, report.file) as version:
        stage(version, lines, report, held, progress, total)
        if refused_to:
            refused_to(refused_lines(version))
        if strict and report.refused:
            report.notes.append(say("Rien n'a été appliqué : une ligne au moins est refusée (--strict)."))
            return
        swap(actor, version, report, held, within)


def known_heading(columns: Columns = None) -> KnownHeading:
    """What tells the headings of a list file: those of the four columns, and those that somebody names."""
    named = {fold(heading) for heading in columns} if isinstance(columns, Mapping) else set()
    return lambda heading: list_files.is_list_heading(heading) or fold(heading) in named


def _read(table: Table, columns: Columns) -> Lines:
    match columns:
        case Layout():
            return list_files.read_lines(columns.fits(table), columns.places, complete)
        case None:
            return list_files.read_lines(table)
        case mapping:
            return list_files.read_lines(table, list_files.mapped(table.headings, mapping), complete)


def _with_mended(
    lines: Iterable[list_files.ListLine | list_files.RefusedLine], mended: Mapping[int, list_files.Cells]
) -> Lines:
    for line in lines:
        known = isinstance(line, list_files.RefusedLine) and line.number in mended
        yield list_files.check_line(line.number, mended[line.number]) if known else line


def restore(
    actor: Actor,
    target: List,
    number: int,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    within: Within | None = None,
) -> Report:
    """Bring back what the list held after an earlier version, as a new version. Raises as :func:`import_file` does."""
    with lease(f"{LEASE}{target.pk}", actor.by) as held:
        past = find_version(target, number)
        source = content(target, number)
        lines = (_as_read(line) for line in source.order_by("version__number", "number").iterator(chunk_size=CHUNK))
        with staged_version(target, Kind.RESTORE, past.file_name, past) as version:
            report = Report(target.name, past.file_name, dry_run=dry_run)
            stage(version, lines, report, held, progress, source.count())
            swap(actor, version, report, held, within)
    return report


def swap(actor: Actor, version: ListVersion, report: Report, held: Held, within: Within | None = None) -> None:
    """Make the staged version the list's content and sort every company that it touches, in one transaction."""
    target = version.list
    for status, n in version.lines.values_list("status").annotate(n=Count("pk")):
        setattr(report, status, n)
    act_kind = Act.Kind.LIST_RESTORED if version.kind == Kind.RESTORE else Act.Kind.LIST_IMPORTED
    note = say("{file} importé dans « {list} »", file=version.file_name, list=target.name)
    if version.restored_from:
        note = say("version {number} de « {list} » rétablie", number=version.restored_from.number, list=target.name)
    with acting(actor, act_kind, note, target) as act:
        held.renew()
        refuse_gone(target)
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
        elsewhere = Claim.objects.filter(made_by=act).exclude(company__list=target).count()
        report.outranked = elsewhere - sorting.held_by_lock(act, sorting.claimed_by(act))
        if not report.dry_run:
            report.version, report.applied = number, True
        if within:
            within(version, act, report)
        if report.dry_run:
            transaction.set_rollback(True)
        else:
            ListVersion.objects.filter(pk=version.pk).update(report=report.counts())
    version.refresh_from_db()


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


def _as_read(line: ListLine) -> list_files.ListLine:
    """A line of an earlier version, as if it had just been read from its file."""
    repairs = tuple(Message.read(repair) for repair in line.repairs)
    return list_files.ListLine(line.number, line.name, line.siren, line.email_domain, line.website, repairs)
