"""What came in, what waits, what was refused and why; files of events brought, tried out, taken."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Job, User
from tamis.app.services import arrivals, event_arrivals, event_figures, event_files, event_kinds, jobs
from tamis.app.services.kept_files import MAX_UPLOAD
from tamis.app.services.rules import instant
from tamis.app.views.timelines import UNANSWERED
from tamis.errors import NotFound, Refused, TamisError
from tamis.lake.arrivals import Arrived
from tamis.messages import say
from tamis.sources.event_kinds import COLUMNS, find_kind
from tamis.sources.events import GIVEN


@gate(Right.READ)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What was refused and who sent what; the figures of the lake follow once the page is shown."""
    period = request.GET.get("period", "day")
    period = period if period in event_figures.PERIODS else "day"
    since = event_figures.bounds_of(period)[0]
    context = {
        "period": period,
        "sources": arrivals.sources(since),
        "refusals": arrivals.refusals(since),
        "refused": arrivals.last_refused(),
        "kept_days": arrivals.KEPT.days,
    }
    return render(request, "events/index.html", context)


@gate(Right.READ)
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """How the lake is, and what arrived in the period."""
    period = request.GET.get("period", "day")
    context: dict[str, Any] = {"period": period}
    status = 200
    try:
        context["figures"] = event_figures.figures(period)
    except TamisError as error:
        context["fault"], status = error, 503 if error.code in UNANSWERED else 404
    whole = not request.htmx  # type: ignore[attr-defined]
    return render(request, "events/figures.html" if whole else "events/_figures.html", context, status=status)


ARRIVED = 50
"""So many events stand on a page."""


@gate(Right.READ)
@require_safe
def arrived(request: HttpRequest) -> HttpResponse:
    """The events that a bar counts: what arrived in a span of time, of a kind or of all, and whom each is about."""
    given = {name: request.GET.get(name, "") for name in ("from", "to", "kind", "after")}
    context: dict[str, Any] = {"given": given}
    status = 200
    try:
        since, until = instant(given["from"]), instant(given["to"])
        kind = find_kind(given["kind"], event_kinds.kinds()) if given["kind"] else None
        found = event_arrivals.arrivals(since, until, kind.key if kind else "", _place(given["after"]), ARRIVED)
        end = f"{found.next.received.isoformat()}~{found.next.id}" if found.next else ""
        context |= {"since": since, "until": until, "kind": kind, "found": found, "end": end}
    except TamisError as error:
        context["fault"], status = error, 503 if error.code in UNANSWERED else 400
    return render(request, "events/arrived.html", context, status=status)


def _place(text: str) -> Arrived | None:
    """Where the page before ended, from its address. Raises :class:`~tamis.errors.Refused`."""
    if not text:
        return None
    received, _, id = text.partition("~")
    return Arrived(instant(received), id)


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; what refuses it stands beside the form."""
    fault: TamisError | None = None
    if request.method == "POST":
        try:
            file = request.FILES.get("file")
            if file is None:
                raise Refused(say("Choisissez un fichier CSV, Excel ou JSON."), "file.none")
            kept = event_files.receive(_user(request), file.name or "", file.chunks())
            return redirect("event-import-columns", kept.token)
        except TamisError as error:
            fault = error
    context = {"fault": fault, "max_bytes": MAX_UPLOAD, "step": "file"}
    return render(request, "events/import/file.html", context, status=409 if fault else 200)


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, token: str) -> HttpResponse:
    """Say what each column holds, and of which kind lines are; then the file is tried out in the background."""
    kept = event_files.find(token, _user(request))
    chosen, kind = {each.heading: each.field for each in kept.columns}, ""
    fault: TamisError | None = None
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        chosen = {each.heading: request.POST.get(f"column-{n}", "") for n, each in enumerate(kept.columns)}
        try:
            return redirect("job", _rehearse(request, kept, chosen, kind).pk)
        except TamisError as error:
            fault = error
    context = {
        "file": kept, "fault": fault, "step": "columns", "kind": kind,
        "columns": [(each, chosen[each.heading], f"column-{n}") for n, each in enumerate(kept.columns)],
        "given": GIVEN, "properties": COLUMNS, "kinds": event_kinds.kinds().values(),
        "known": {*GIVEN, *(each.key for each in COLUMNS)},
    }  # fmt: skip
    return render(request, "events/import/columns.html", context, status=409 if fault else 200)


def _rehearse(request: HttpRequest, kept: event_files.EventUpload, chosen: dict[str, str], kind: str) -> Job:
    if kind:
        find_kind(kind, event_kinds.kinds())
    taken = [field for field in chosen.values() if field]
    doubled = next((field for field in taken if taken.count(field) > 1), None)
    if doubled:
        raise Refused(say("Plusieurs colonnes vont à « {field} » : gardez-en une.", field=doubled[:60]), "map.double")
    missing = [field for field in ("ts", "kind") if field not in taken and not (field == "kind" and kind)]
    if kept.columns and missing:
        raise Refused(
            say("Dites quelle colonne donne l'instant (ts).")
            if missing[0] == "ts"
            else say("Choisissez le genre des lignes, ou la colonne qui le donne."),
            "map.missing",
        )
    arguments = {"file_name": kept.file_name, "columns": chosen, "kind": kind, "upload": kept.token}
    with kept.path.open("rb") as file:
        return jobs.start(actor_of(request), "event-rehearsal", arguments, {"file": file})


@gate(Right.SORT)
@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the very file that was tried out, in the background; asked twice, it is done once."""
    rehearsal = jobs.find(pk)
    if rehearsal.kind != "event-rehearsal" or rehearsal.state != Job.State.DONE:
        raise NotFound(say("Aucun essai d'import n° {id} n'est terminé.", id=pk), "job.none")
    going = Job.objects.filter(kind="event-import", arguments__rehearsal=pk)
    if already := going.filter(state__in=[*Job.ACTIVE, Job.State.DONE]).first():
        return redirect("job", already.pk)
    if not rehearsal.brought("file").exists():
        raise NotFound(say("Ce fichier n'est plus là : choisissez-le à nouveau."), "upload.gone")
    with rehearsal.brought("file").open("rb") as file:
        job = jobs.start(actor_of(request), "event-import", rehearsal.arguments | {"rehearsal": pk}, {"file": file})
    return redirect("job", job.pk)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
