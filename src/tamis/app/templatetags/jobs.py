"""What pages say of background jobs."""

from datetime import timedelta
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone

from tamis.app.models import Job, User
from tamis.app.services import jobs
from tamis.app.views.job_landings import landing
from tamis.messages import Message, say

register = template.Library()


@register.inclusion_tag("jobs/_mine.html", takes_context=True)
def my_jobs(context: template.Context) -> dict[str, Any]:
    """The indicator of the top bar: quiet while the reader's jobs run, nothing otherwise."""
    user = context.get("user")
    return {"user": user, "ended": []}


@register.simple_tag
def jobs_of(user: Any) -> jobs.Mine:
    """How many of somebody's jobs are active, and whether there is news for them."""
    return jobs.mine(user) if isinstance(user, User) else jobs.Mine(0, news=False)


@register.filter
def titled(job: Job) -> Message | str:
    """What kind of work it is, and on which file."""
    heading = jobs.heading(job)
    return say("{heading} « {about} »", heading=heading, about=job.about) if job.about else heading


@register.filter
def leads_to(job: Job) -> str:
    """Where who started a job sees what came of it; what can be taken back, on the job's own page."""
    there = landing(job)
    return there.address if there and not there.tags else reverse("job", args=[job.pk])


@register.filter
def lasted(job: Job) -> Message | str:
    """How long a job has been at work, or was."""
    if job.started_at is None:
        return ""
    seconds = round(((job.ended_at or timezone.now()) - job.started_at) / timedelta(seconds=1))
    if seconds < 60:
        return say("{seconds} s", seconds=seconds)
    if seconds < 3600:
        return say("{minutes} min {seconds} s", minutes=seconds // 60, seconds=seconds % 60)
    return say("{hours} h {minutes} min", hours=seconds // 3600, minutes=seconds // 60 % 60)


@register.filter
def state_class(job: Job) -> str:
    """The colour of a job's state."""
    return {Job.State.DONE: "good", Job.State.FAILED: "bad", Job.State.RUNNING: "pin"}.get(Job.State(job.state), "")
