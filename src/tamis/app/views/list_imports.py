"""A file into a list, in two steps: a dry run that says everything, then the very same file applied."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import List, User
from tamis.app.services import list_imports as service
from tamis.app.services import lists
from tamis.app.services.acting import Actor
from tamis.app.services.list_staging import Progress
from tamis.app.views import uploads
from tamis.app.views.list_content import figures
from tamis.app.views.lists import the_list
from tamis.app.views.reports import refusals, repairs, report_tables
from tamis.errors import Refused, TamisError
from tamis.messages import say
from tamis.sources.lists import COLUMNS

MAX_LINES = 5_000
"""What the page takes [A4]; larger files go through the command line."""


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a file; it is read and matched, and nothing is changed yet. What refuses it stands beside the form."""
    target = the_list(pk)
    append = request.POST.get("mode") == "append"
    fault: TamisError | None = None
    if request.method == "POST":
        try:
            checked_file = _check(request, target, append)
            return redirect("list-import-checked", pk, checked_file.token)
        except TamisError as error:
            fault = error
    held, limit = lists.quota()
    context = figures(target) | {
        "tab": "import", "fault": fault, "append": append, "columns": COLUMNS, "max_lines": MAX_LINES,
        "room": None if limit is None else max(limit - held, 0), "limit": limit,
    }  # fmt: skip
    return render(request, "lists/import.html", context, status=409 if fault else 200)


def _check(request: HttpRequest, target: List, append: bool) -> uploads.Upload:
    """Keep the file that a form brings, with the outcome of its dry run."""
    file = request.FILES.get("file")
    if file is None:
        raise Refused(say("Choisissez un fichier CSV ou Excel."), "file.none")
    kept = uploads.receive(_user(request), target, file, append)
    try:
        report = service.import_file(
            actor_of(request), target, kept.path, file_name=kept.file_name, append=append, dry_run=True,
            progress=_counting(target), refused_to=kept.keep_refused,
        )  # fmt: skip
    except BaseException:
        kept.discard()
        raise
    kept.keep_report(report)
    return kept


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


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def checked(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """What the file would do; on consent, the very same file is imported."""
    target = the_list(pk)
    kept = uploads.find(token, _user(request), target)
    if request.method == "POST":
        return _apply(request, actor_of(request), target, kept)
    context = figures(target) | {
        "tab": "import", "upload": kept, "report": kept.report, "tables": report_tables(kept.report),
        "refused": refusals(kept.refused), "repaired": repairs(kept.repaired), "columns": COLUMNS,
    }  # fmt: skip
    return render(request, "lists/checked.html", context)


def _apply(request: HttpRequest, actor: Actor, target: List, kept: uploads.Upload) -> HttpResponse:
    report = service.import_file(
        actor, target, kept.path, file_name=kept.file_name, append=kept.append, progress=_counting(target)
    )
    kept.discard()
    messages.success(request, _("« %s » importé.") % kept.file_name)
    return redirect("list-version", target.pk, report.version)


@gate(Right.SORT)
@require_safe
def refused(request: HttpRequest, pk: int, token: str) -> HttpResponseBase:
    """The lines that the dry run refused, to be mended and imported again."""
    kept = uploads.find(token, _user(request), the_list(pk))
    name = f"{kept.file_name.rpartition('.')[0] or kept.file_name}-refus.csv"
    return FileResponse(kept.refused_path.open("rb"), as_attachment=True, filename=name, content_type="text/csv")
