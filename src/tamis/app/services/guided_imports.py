"""The guided import, step by step on a kept file: look at its columns, rehearse, apply.

Each step takes who acts and the upload, and leaves what it found with the upload, so that it can run anywhere: within a
request, or in the background when :mod:`~tamis.app.services.list_background` says that it would be waited for.
"""

from collections.abc import Mapping
from itertools import islice

from django.db.models import Max

from tamis.app.models import Act, List, ListVersion
from tamis.app.services import list_imports, lists
from tamis.app.services.acting import Actor
from tamis.app.services.list_imports import Within
from tamis.app.services.list_outcomes import outcomes
from tamis.app.services.list_reports import Report
from tamis.app.services.list_staging import Progress
from tamis.app.services.list_uploads import Upload
from tamis.errors import Refused
from tamis.messages import say
from tamis.sources.list_layouts import LOOKED_AT, Layout, Look, look
from tamis.sources.lists import Cells
from tamis.sources.tables import open_table

MAX_LINES = 5_000
"""What the page takes [A4]; larger files go through the command line."""


class Changed(Refused):
    """Somebody imported into the list since the dry run: what it said may not hold any more."""

    code = "list.changed"


def look_at(upload: Upload) -> Look:
    """What the columns of the file seem to be. Raises :class:`~tamis.errors.Unreadable` for a file that is no table."""
    with open_table(upload.path, name=upload.file_name, known_heading=list_imports.known_heading()) as table:
        return look(table, upload.pasted)


def take(upload: Upload) -> Look:
    """Look at a file that was just brought, and count its lines. Raises as :func:`look_at`, and for too many lines."""
    with open_table(upload.path, name=upload.file_name, known_heading=list_imports.known_heading()) as table:
        seen = look(table, upload.pasted)
        others = sum(1 for _ in islice(table.rows, MAX_LINES))
    upload.size = LOOKED_AT + others
    if upload.size > MAX_LINES:
        raise _too_long(_target(upload))
    upload.save()
    return seen


def rehearse(actor: Actor, upload: Upload, progress: Progress | None = None, *, changed: bool = False) -> None:
    """Do everything and undo it; what it said of every line stays with the upload. Raises as an import does.

    ``changed`` when it is because somebody else imported into the list since the last time.
    """
    target = _target(upload)

    def keep(version: ListVersion, act: Act, _report: Report) -> None:
        upload.keep_lines(outcomes(version, act))

    after = last_version(target)
    report = list_imports.import_file(
        actor, target, upload.path, file_name=upload.file_name, append=upload.append, dry_run=True,
        columns=upload.columns, mended=upload.mended_cells(), progress=_counting(target, progress),
        refused_to=upload.keep_refused, within=keep,
    )  # fmt: skip
    upload.before = None if changed else upload.report.get("refused")
    upload.report, upload.after, upload.changed = report.counts(), after, changed
    upload.save()


def choose_columns(upload: Upload, layout: Layout) -> None:
    """Remember how the columns are to be read; what was found before, with others, is forgotten."""
    upload.layout, upload.report, upload.before = layout.as_json(), {}, None
    upload.save()


def type_lines(upload: Upload, typed: Mapping[int, Cells]) -> None:
    """Remember what a person wrote in the place of refused lines, for the next rehearsal, even if that fails."""
    upload.mended |= {str(number): [*cells] for number, cells in typed.items()}
    upload.save()


def apply(
    actor: Actor, upload: Upload, progress: Progress | None = None, within: Within | None = None
) -> Report | None:
    """Import the very same file; nothing if somebody else imported since the dry run, which is then made anew.

    ``within`` is called in the transaction that changes the list. Raises as an import does.
    """
    try:
        report = _apply(actor, upload, progress, within)
    except Changed:
        rehearse(actor, upload, progress, changed=True)
        return None
    assert report.version is not None
    upload.applied(report.version)
    return report


def _apply(actor: Actor, upload: Upload, progress: Progress | None, within: Within | None) -> Report:
    target = _target(upload)

    def check(version: ListVersion, act: Act, report: Report) -> None:
        if last_version(target, but=version.pk) != upload.after:
            raise Changed(say("« {name} » a reçu un autre import depuis cette vérification.", name=target.name))
        if within:
            within(version, act, report)

    return list_imports.import_file(
        actor, target, upload.path, file_name=upload.file_name, append=upload.append, columns=upload.columns,
        mended=upload.mended_cells(), progress=_counting(target, progress), within=check,
    )  # fmt: skip


def _target(upload: Upload) -> List:
    target = List.objects.get(pk=upload.list_id)
    lists.refuse_gone(target)
    return target


def last_version(target: List, but: int = 0) -> int:
    """The number of the last import into a list, not counting the version of id ``but``; 0 before the first."""
    return target.versions.exclude(act=None).exclude(pk=but).aggregate(last=Max("number"))["last"] or 0


def _counting(target: List, progress: Progress | None) -> Progress:
    """What tells how far a file is, and stops one that is too long for the page."""

    def counted(done: int, total: int | None) -> None:
        if done > MAX_LINES:
            raise _too_long(target)
        if progress:
            progress(done, total)

    return counted


def _too_long(target: List) -> Refused:
    return Refused(
        say(
            "Le fichier a plus de {max} lignes, le maximum de cette page. En ligne de commande, il n'y a pas "
            "de maximum : tamis lists import \"{list}\" FICHIER",
            max=MAX_LINES, list=target.name,
        ),
        "file.long",
    )  # fmt: skip
