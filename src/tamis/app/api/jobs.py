"""Work in the background: how far it is, what came of it."""

from datetime import datetime
from typing import Any, Literal

from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponseBase
from ninja import Field, Query, Router, Schema

from tamis.app.api.cursors import NEWEST, page
from tamis.app.api.operations import actor_of, operation, token_of
from tamis.app.api.shapes import Id, Page, Paging, Said
from tamis.app.gates import Right
from tamis.app.models import Job
from tamis.app.services import jobs as service

router = Router(tags=["jobs"])


class JobFault(Schema):
    """Why a job failed."""

    code: str
    message: Said


class JobOut(Schema):
    """A job."""

    id: int
    kind: str = Field(examples=["company-import"])
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    by: str
    via: str
    file: str | None = Field(description="The file that it is about.")
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    done: int = Field(description="How far it is: lines, companies.")
    total: int | None = Field(description="Of how many, when that is known.")
    phase: Said | None
    cancelled_by: str | None
    result: dict[str, Any] | None = Field(description="The report of a job that is done; its shape is its kind's.")
    files: dict[str, str] = Field(
        description="Files to take away on the console: the name of each, and a name to save it by."
    )
    error: JobFault | None


class JobsAsked(Paging):
    """Which jobs."""

    active: bool | None = Field(None, description="Only those that wait or run, or only those that have ended.")
    mine: bool = Field(False, description="Only those of this token's owner.")


@operation(router, "GET", "/jobs", Right.READ, Page[JobOut])
def get_jobs(request: HttpRequest, asked: Query[JobsAsked]) -> Any:
    """The jobs, the latest first."""
    jobs = service.history()
    if asked.active is not None:
        waiting = Q(state__in=Job.ACTIVE)
        jobs = jobs.filter(waiting if asked.active else ~waiting)
    if asked.mine:
        jobs = jobs.filter(user=token_of(request).owner)
    found, beyond = page(jobs, asked, NEWEST)
    return {"items": [service.as_json(each) for each in found], "next": beyond}


@operation(router, "GET", "/jobs/{int:job_id}", Right.READ, JobOut)
def get_job(request: HttpRequest, job_id: Id) -> Any:
    """One job."""
    return service.as_json(service.find(job_id))


@operation(router, "GET", "/jobs/{int:job_id}/files/{str:name}", Right.READ, None, file="A file of the job.")
def get_job_file(request: HttpRequest, job_id: Id, name: str) -> HttpResponseBase:
    """A file that a job produced, kept for seven days."""
    job = service.find(job_id)
    return FileResponse(service.file_of(job, name).open("rb"), as_attachment=True, filename=job.files[name])


@operation(router, "POST", "/jobs/{int:job_id}/cancel", Right.SORT, JobOut)
def cancel_job(request: HttpRequest, job_id: Id) -> Any:
    """Ask a job to stop: what it had not finished is undone, or left as its kind says."""
    service.cancel(actor_of(request), service.find(job_id))
    return service.as_json(service.find(job_id))
