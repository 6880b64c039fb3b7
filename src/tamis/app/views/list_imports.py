"""A file into a list as a guided path: give it, confirm its columns, see what would happen, apply, mend."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Job, List, User
from tamis.app.services import guided_imports as service
from tamis.app.services import list_background as background
from tamis.app.services import list_uploads as uploads
from tamis.app.services import lists
from tamis.app.services.guided_imports import MAX_LINES
from tamis.app.services.kept_files import MAX_UPLOAD
from tamis.app.services.list_outcomes import Outcome
from tamis.app.services.list_uploads import Upload
from tamis.app.views.import_lines import asked, mendable_lines, shown, tell_mended, typed_cells
from tamis.app.views.list_content import figures
from tamis.app.views.lists import the_list
from tamis.app.views.reports import report_tables
from tamis.errors import Refused, TamisError
from tamis.messages import Message, say
from tamis.sources.list_layouts import Layout, Look, pasted_file
from tamis.sources.lists import COLUMNS, placed


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """First step: give a file or paste lines; nothing is changed yet. What refuses it stands beside the form."""
    target = the_list(pk)
    fault: TamisError | None = None
    if request.method == "POST":
        try:
            return _take(request, target)
        except TamisError as error:
            fault = error
    held, limit = lists.quota()
    context = figures(target) | {
        "tab": "import", "step": 1, "fault": fault, "append": request.POST.get("mode") == "append",
        "text": request.POST.get("text", ""), "columns": COLUMNS, "max_lines": MAX_LINES, "max_bytes": MAX_UPLOAD,
        "room": None if limit is None else max(limit - held, 0), "limit": limit,
    }  # fmt: skip
    return render(request, "lists/import.html", context, status=409 if fault else 200)


def _take(request: HttpRequest, target: List) -> HttpResponse:
    """Keep what a form brings, and go on to its columns, or past them when its headings leave no question."""
    kept = _kept(request, target)
    try:
        if not service.take(kept).clear:
            return redirect("list-import-columns", target.pk, kept.token)
        return _rehearse(request, kept)
    except BaseException:
        kept.discard()
        raise


def _kept(request: HttpRequest, target: List) -> Upload:
    file, text = request.FILES.get("file"), request.POST.get("text", "")
    append = request.POST.get("mode") == "append"
    if file and text.strip():
        raise Refused(say("Un fichier ou des lignes collées : gardez l'un des deux."), "file.both")
    if file:
        return uploads.receive(_user(request), target, file.name or "", file.chunks(), append)
    if not text.strip():
        raise Refused(say("Choisissez un fichier CSV ou Excel, ou collez des lignes."), "file.none")
    name = _("Lignes collées")
    return uploads.receive(_user(request), target, name, [pasted_file(text)], append, pasted=True)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def in_hand(view: Callable[[HttpRequest, List, Upload, Job | None], HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a step the list, the file in hand and the job that was started for it last, or lead to where that has got.

    A file that is being worked on leads to the job, one that is imported to its report.
    """

    @wraps(view)
    def step(request: HttpRequest, pk: int, token: str) -> HttpResponse:
        target = the_list(pk)
        kept = uploads.find(token, _user(request), target)
        job = background.job_of(kept)
        if job and job.active:
            return redirect("job", job.pk)
        if version := kept.version or (job and job.result.get("version")):
            messages.info(request, _("« %s » est déjà importé : voici son rapport.") % kept.file_name)
            return redirect("list-version", pk, version)
        return view(request, target, kept, job)

    return step


def _rehearse(request: HttpRequest, kept: Upload) -> HttpResponse:
    """Rehearse a file, at once or in the background, and go where its report is, or will be."""
    if background.is_long(kept):
        return redirect("job", background.start_rehearsal(actor_of(request), kept).pk)
    service.rehearse(actor_of(request), kept)
    return _to_report(request, kept)


def _to_report(request: HttpRequest, kept: Upload) -> HttpResponse:
    """The way to what a rehearsal found; what came of typed lines is told, and those still refused are shown."""
    address = redirect("list-import-checked", kept.list_id, kept.token)
    if kept.before is not None:
        before, after, kept.before = kept.before, kept.report["refused"], None
        kept.save()
        tell_mended(request, before - after, after)
        if after:
            address["Location"] += f"?outcome={Outcome.REFUSED}#lines"
    return address


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
@in_hand
def columns(request: HttpRequest, target: List, kept: Upload, job: Job | None) -> HttpResponse:
    """Second step: what each column was taken for, to be confirmed or said."""
    seen, fault = service.look_at(kept), None if kept.report else _fault(job)
    chosen, headed = _chosen(request.POST, kept, seen)
    if request.method == "POST":
        try:
            service.choose_columns(kept, Layout(placed(_titles(seen), chosen), headed))
            return _rehearse(request, kept)
        except TamisError as error:
            fault = error.message
    context = figures(target) | {
        "tab": "import", "step": 2, "upload": kept, "fault": fault, "headed": headed, "choices": COLUMNS,
        "columns": [(n, each, chosen[n]) for n, each in enumerate(seen.columns)],
    }  # fmt: skip
    return render(request, "lists/import_columns.html", context, status=409 if request.method == "POST" else 200)


def _fault(job: Job | None) -> Message | None:
    """Why what was last tried with a file in the background came to nothing."""
    return job.error if job else None


def _titles(seen: Look) -> list[str]:
    return [each.heading or str(n) for n, each in enumerate(seen.columns, start=1)]


def _chosen(given: QueryDict, kept: Upload, seen: Look) -> tuple[list[str], bool]:
    """For each column what it is taken for, and whether there are headings: as a form says, else as kept, else seen."""
    if any(key.startswith("column-") for key in given):
        wanted = [given.get(f"column-{n}", "") for n in range(len(seen.columns))]
        return [each if each in COLUMNS else "" for each in wanted], "headed" in given
    if layout := kept.columns:
        at = {place: column for column, place in zip(COLUMNS, layout.places, strict=True) if place is not None}
        return [at.get(n, "") for n in range(len(seen.columns))], layout.headed
    return [each.column for each in seen.columns], seen.headed


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
@in_hand
def checked(request: HttpRequest, target: List, kept: Upload, job: Job | None) -> HttpResponse:
    """Third step: what the file would do, line by line; refused lines are mended here, and on consent it is applied."""
    if not kept.report:
        return redirect("list-import-columns", target.pk, kept.token)
    if request.method == "POST":
        return _mend(request, kept) if request.POST.get("action") == "mend" else _apply(request, kept)
    if kept.before is not None:
        return _to_report(request, kept)
    lines = kept.lines()
    table = shown(lines, asked(request.GET))
    context = figures(target) | table | {
        "tab": "import", "step": 3, "upload": kept, "report": kept.report, "columns": COLUMNS, "fault": _fault(job),
        "tables": report_tables(kept.report), "mending": table["asked"].outcome == Outcome.REFUSED,
        "mendable": mendable_lines([each["line"] for each in table["lines"]], kept.mended_cells()),
    }  # fmt: skip
    return render(request, "lists/checked.html", context)


def _mend(request: HttpRequest, kept: Upload) -> HttpResponse:
    service.type_lines(kept, typed_cells(request.POST))
    return _rehearse(request, kept)


def _apply(request: HttpRequest, kept: Upload) -> HttpResponse:
    if background.is_long(kept):
        return redirect("job", background.start_import(actor_of(request), kept).pk)
    report = service.apply(actor_of(request), kept)
    if report is None:
        return redirect("list-import-checked", kept.list_id, kept.token)
    messages.success(request, _("« %s » importé.") % kept.file_name)
    return redirect(reverse("list-version", args=(kept.list_id, report.version)) + "?imported=1")


@gate(Right.SORT)
@require_safe
def refused(request: HttpRequest, pk: int, token: str) -> HttpResponseBase:
    """The lines that the dry run refused, to be mended and imported again."""
    kept = uploads.find(token, _user(request), the_list(pk))
    if not kept.refused_path.exists():
        raise uploads.gone()
    name = f"{kept.file_name.rpartition('.')[0] or kept.file_name}-refus.csv"
    return FileResponse(kept.refused_path.open("rb"), as_attachment=True, filename=name, content_type="text/csv")
