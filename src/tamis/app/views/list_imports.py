"""A file into a list as a guided path: give it, confirm its columns, see what would happen, apply, mend."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import List, User
from tamis.app.services import guided_imports as service
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
from tamis.messages import say
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
        if not service.look_at(kept).clear:
            return redirect("list-import-columns", target.pk, kept.token)
        service.rehearse(actor_of(request), kept)
    except BaseException:
        kept.discard()
        raise
    return redirect("list-import-checked", target.pk, kept.token)


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


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Second step: what each column was taken for, to be confirmed or said."""
    target = the_list(pk)
    kept = uploads.find(token, _user(request), target)
    if kept.version:
        return _already(request, kept)
    seen, fault = service.look_at(kept), None
    chosen, headed = _chosen(request.POST, kept, seen)
    if request.method == "POST":
        try:
            kept.layout = Layout(placed(_titles(seen), chosen), headed).as_json()
            service.rehearse(actor_of(request), kept)
            return redirect("list-import-checked", pk, token)
        except TamisError as error:
            fault = error
    context = figures(target) | {
        "tab": "import", "step": 2, "upload": kept, "fault": fault, "headed": headed, "choices": COLUMNS,
        "columns": [(n, each, chosen[n]) for n, each in enumerate(seen.columns)],
    }  # fmt: skip
    return render(request, "lists/import_columns.html", context, status=409 if fault else 200)


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
def checked(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Third step: what the file would do, line by line; refused lines are mended here, and on consent it is applied."""
    target = the_list(pk)
    kept = uploads.find(token, _user(request), target)
    if kept.version:
        return _already(request, kept)
    if not kept.report:
        return redirect("list-import-columns", pk, token)
    if request.method == "POST":
        return _mend(request, kept) if request.POST.get("action") == "mend" else _apply(request, kept)
    lines = kept.lines()
    table = shown(lines, asked(request.GET))
    context = figures(target) | table | {
        "tab": "import", "step": 3, "upload": kept, "report": kept.report, "columns": COLUMNS,
        "tables": report_tables(kept.report), "mending": table["asked"].outcome == Outcome.REFUSED,
        "mendable": mendable_lines([each["line"] for each in table["lines"]], kept.mended_cells()),
    }  # fmt: skip
    return render(request, "lists/checked.html", context)


def _mend(request: HttpRequest, kept: Upload) -> HttpResponse:
    before = kept.report["refused"]
    service.mend(actor_of(request), kept, typed_cells(request.POST))
    after = kept.report["refused"]
    tell_mended(request, before - after, after)
    address = redirect("list-import-checked", kept.list_id, kept.token)
    if after:
        address["Location"] += f"?outcome={Outcome.REFUSED}#lines"
    return address


def _apply(request: HttpRequest, kept: Upload) -> HttpResponse:
    try:
        version = service.apply(actor_of(request), kept)
    except service.Changed as error:
        service.rehearse(actor_of(request), kept)
        messages.warning(request, f"{error} " + _("Voici ce qui se passerait maintenant."))
        return redirect("list-import-checked", kept.list_id, kept.token)
    messages.success(request, _("« %s » importé.") % kept.file_name)
    return redirect(reverse("list-version", args=(kept.list_id, version)) + "?imported=1")


def _already(request: HttpRequest, kept: Upload) -> HttpResponse:
    """The way to what a file has become, for whoever sends it twice or comes back to it."""
    messages.info(request, _("« %s » est déjà importé : voici son rapport.") % kept.file_name)
    return redirect("list-version", kept.list_id, kept.version)


@gate(Right.SORT)
@require_safe
def refused(request: HttpRequest, pk: int, token: str) -> HttpResponseBase:
    """The lines that the dry run refused, to be mended and imported again."""
    kept = uploads.find(token, _user(request), the_list(pk))
    if not kept.refused_path.exists():
        raise uploads.gone()
    name = f"{kept.file_name.rpartition('.')[0] or kept.file_name}-refus.csv"
    return FileResponse(kept.refused_path.open("rb"), as_attachment=True, filename=name, content_type="text/csv")
