"""The guided import, step by step on a kept file: look at its columns, rehearse, apply.

Each step takes who acts and the upload, and leaves what it found with the upload, so that it can run anywhere.
"""

from collections.abc import Mapping

from django.db.models import Max

from tamis.app.models import Act, List, ListVersion
from tamis.app.services import list_imports, lists
from tamis.app.services.acting import Actor
from tamis.app.services.list_outcomes import outcomes
from tamis.app.services.list_reports import Report
from tamis.app.services.list_staging import Progress
from tamis.app.services.list_uploads import Upload
from tamis.errors import Refused
from tamis.messages import say
from tamis.sources.list_layouts import Look, look
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


def rehearse(actor: Actor, upload: Upload) -> None:
    """Do everything and undo it; what it said of every line stays with the upload. Raises as an import does."""
    target = _target(upload)

    def keep(version: ListVersion, act: Act, _report: Report) -> None:
        upload.keep_lines(outcomes(version, act))

    after = _last_version(target)
    report = list_imports.import_file(
        actor, target, upload.path, file_name=upload.file_name, append=upload.append, dry_run=True,
        columns=upload.columns, mended=upload.mended_cells(), progress=_counting(target),
        refused_to=upload.keep_refused, within=keep,
    )  # fmt: skip
    upload.report, upload.after = report.counts(), after
    upload.save()


def mend(actor: Actor, upload: Upload, typed: Mapping[int, Cells]) -> None:
    """Rehearse again with what a person wrote in the place of refused lines; it is kept even if the rehearsal fails."""
    upload.mended |= {str(number): [*cells] for number, cells in typed.items()}
    upload.save()
    rehearse(actor, upload)


def apply(actor: Actor, upload: Upload) -> int:
    """Import the very same file, and return the number of the version that it became.

    Raises :class:`Changed` when somebody else imported into the list since the dry run.
    """
    target = _target(upload)

    def refuse_changed(version: ListVersion, _act: Act, _report: Report) -> None:
        if _last_version(target, but=version.pk) != upload.after:
            raise Changed(say("« {name} » a reçu un autre import depuis cette vérification.", name=target.name))

    report = list_imports.import_file(
        actor, target, upload.path, file_name=upload.file_name, append=upload.append, columns=upload.columns,
        mended=upload.mended_cells(), progress=_counting(target), within=refuse_changed,
    )  # fmt: skip
    assert report.version is not None
    upload.applied(report.version)
    return report.version


def _target(upload: Upload) -> List:
    target = List.objects.get(pk=upload.list_id)
    lists.refuse_gone(target)
    return target


def _last_version(target: List, but: int = 0) -> int:
    return target.versions.exclude(act=None).exclude(pk=but).aggregate(last=Max("number"))["last"] or 0


def _counting(target: List) -> Progress:
    """What stops a file that is too long for the page, with the way to import it."""

    def counted(done: int, total: int | None) -> None:
        if done > MAX_LINES:
            raise Refused(
                say(
                    "Le fichier a plus de {max} lignes, le maximum de cette page. En ligne de commande, il n'y a pas "
                    "de maximum : tamis lists import \"{list}\" FICHIER",
                    max=MAX_LINES, list=target.name,
                ),
                "file.long",
            )  # fmt: skip

    return counted
