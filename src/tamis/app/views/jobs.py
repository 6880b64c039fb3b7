"""Background jobs: how far they are, how they ended, and what they leave to take away."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Job, User
from tamis.app.services import jobs as service
from tamis.app.views.job_landings import guided, landing
from tamis.app.views.job_results import shown_result
from tamis.app.views.list_content import page_number
from tamis.app.views.sign_in import next_page

PAGE = 50


@gate(Right.READ)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What waits and runs, with how far it is; then what has ended, a page at a time."""
    number = page_number(request)
    ended = service.history().exclude(state__in=Job.ACTIVE)
    rows = [*ended[(number - 1) * PAGE : number * PAGE + 1]]
    context = {"active": service.active(), "ended": rows[:PAGE], "page": number, "has_next": len(rows) > PAGE}
    return render(request, "jobs/index.html", context)


@gate(Right.READ)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """A job: how far it is, or its report, or why it failed.

    Who started it and waits here, or comes to see how it ended, is led to the page that it was for.
    """
    job = service.find(pk)
    mine = job.user == request.user
    watched = request.htmx and request.htmx.target == "job"  # type: ignore[attr-defined]
    news = mine and service.announced(job)
    there = landing(job) if mine else None
    if there and (news or watched):
        there.tell(request)
        return HttpResponseClientRedirect(there.address) if watched else redirect(there.address)
    report = [f"jobs/results/{job.kind}.html", "jobs/results/any.html"] if job.state == Job.State.DONE else None
    context = {"job": job, "result": shown_result(job), "report": report, "there": there}
    return render(request, "jobs/show.html", context | {"guided": guided(job) if mine else None})


@gate(Right.READ)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The indicator in the top bar, with a notice for each of the reader's jobs that ended since they last looked."""
    assert isinstance(request.user, User)
    return render(request, "jobs/_mine.html", {"ended": service.announce(request.user), "polled": True})


@gate(Right.SORT)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel what waits, ask what runs to stop."""
    job = service.cancel(actor_of(request), service.find(pk))
    if job.active:
        messages.success(request, _("Le travail s'arrête."))
    elif job.user != request.user or landing(job) is None:  # else it is told there
        messages.success(request, _("Travail annulé."))
    return redirect(next_page(request, reverse("job", args=[pk])))


@gate(Right.READ)
@require_safe
def download(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """A file that a job produced."""
    job = service.find(pk)
    return FileResponse(service.file_of(job, name).open("rb"), as_attachment=True, filename=job.files[name])
