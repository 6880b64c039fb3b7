"""Where a job leads the one who started it, once it has ended: to the page that the request would have led to.

A kind that has such a page has a function here; the others are read on the job's own page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tamis.app.models import Audience, Job, List
from tamis.app.services import list_uploads, lists
from tamis.app.services.audience_jobs import REFRESH
from tamis.app.services.company_selection import moved_sentence, released_sentence
from tamis.app.services.list_background import IMPORT, REHEARSAL, RESTORE
from tamis.app.services.list_uploads import Upload
from tamis.app.views.notices import undo_tag
from tamis.errors import NotFound
from tamis.messages import Message, say


@dataclass(frozen=True)
class Landing:
    """A page, and what to say on it."""

    address: str
    message: str = ""
    level: int = messages.SUCCESS
    tags: str = ""

    def tell(self, request: HttpRequest) -> None:
        """Say what there is to say on the next page."""
        if self.message:
            messages.add_message(request, self.level, self.message, self.tags)


def landing(job: Job) -> Landing | None:
    """Where what came of a job is seen, if elsewhere than on its own page."""
    find = _LANDINGS.get(job.kind)
    return None if find is None or job.active else find(job)


def guided(job: Job) -> dict[str, Any] | None:
    """The list, the file and the step of the guided import that a job belongs to, while the file is there."""
    if job.kind not in (REHEARSAL, IMPORT) or (found := _upload(job)) is None:
        return None
    return {"list": found[0], "upload": found[1], "step": 3}


def _upload(job: Job) -> tuple[List, Upload] | None:
    target = _list(job)
    if target is None or job.user is None or "upload" not in job.arguments:
        return None
    try:
        return target, list_uploads.find(job.arguments["upload"], job.user, target)
    except NotFound:
        return None


def _list(job: Job) -> List | None:
    return lists.existing().filter(pk=job.arguments.get("list")).first()


def _rehearsed(job: Job) -> Landing | None:
    """The report of a guided import; what kept it from being made stands beside its columns, or above the last one."""
    found = _upload(job)
    if found is None or found[1].version:
        return None
    target, upload = found
    address = reverse("list-import-checked" if upload.report else "list-import-columns", args=(target.pk, upload.token))
    if job.state == Job.State.CANCELLED:
        return Landing(address, _("« %s » : annulé, rien n'est changé.") % job.about, messages.INFO)
    return Landing(address)


def _imported(job: Job) -> Landing | None:
    if "upload" not in job.arguments:
        return None
    if job.state == Job.State.DONE and not job.result.get("changed"):
        address = _version(job)
        message = _("« %s » importé.") % job.about
        return Landing(f"{address}?imported=1", message) if address else None
    return _rehearsed(job)


def _restored(job: Job) -> Landing | None:
    if job.state != Job.State.DONE or (target := _list(job)) is None:
        return None
    number = job.arguments["number"]
    if job.arguments.get("dry_run"):
        return Landing(reverse("list-version-restore", args=(target.pk, number)))
    address = _version(job)
    return Landing(address, _("Version %(number)s rétablie.") % {"number": number}) if address else None


def _sheet_tried(job: Job) -> Landing | None:
    return Landing(f"{reverse('list-sheet', args=(job.arguments['list'],))}?tried={job.pk}") if _list(job) else None


def _sheet_read(job: Job) -> Landing | None:
    if (target := _list(job)) is None:
        return None
    sheet = reverse("list-sheet", args=(target.pk,))
    if job.state == Job.State.DONE:
        said = str(Message.read(job.result["message"]))
        level = messages.ERROR if job.result["outcome"] == "held" else messages.SUCCESS
        return Landing(_version(job) or sheet, said, level)
    return Landing(sheet, str(job.error or _("Lecture annulée.")), _level(job))


def _moved(job: Job) -> Landing | None:
    """The table that the companies were chosen in, with the way back; or their number, to be confirmed again."""
    if job.state != Job.State.DONE:
        again = f"{reverse('companies-selection')}?{job.arguments['filters']}"
        return Landing(again, str(job.error or _("Annulé : rien n'a bougé.")), _level(job))
    if job.kind == "company-release":
        return Landing(job.arguments["next"], str(released_sentence(job.result["moved"])))
    return Landing(job.arguments["next"], str(moved_message(job)), tags=undo_tag(job.result["act"]))


def _refreshed(job: Job) -> Landing | None:
    """The audience's page, with what came of it."""
    audience = Audience.objects.filter(pk=job.arguments["audience"]).first()
    if audience is None:
        return None
    address = reverse("audience", args=(audience.pk,))
    if job.state != Job.State.DONE:
        return Landing(address, str(job.error or _("Rafraîchissement annulé : rien n'a changé.")), _level(job))
    if job.result["state"] != "done":
        return Landing(address, job.result["message"] or "", messages.WARNING)
    return Landing(address, str(refreshed_message(job)))


def refreshed_message(job: Job) -> Message:
    """What a refresh in the background did."""
    result = job.result
    return say("« {name} » : {entered} en plus, {left} en moins, {size} en tout.", name=job.about,
               entered=result["entered"], left=result["left"], size=result["size"])  # fmt: skip


def moved_message(job: Job) -> Message:
    """What a move in the background did."""
    return moved_sentence(job.arguments["expected"], job.arguments["list_name"])


def _level(job: Job) -> int:
    return messages.ERROR if job.error else messages.INFO


def _version(job: Job) -> str:
    """The page of the version that a job made; nothing when its list is gone."""
    target, number = _list(job), job.result.get("version")
    return reverse("list-version", args=(target.pk, number)) if target and number else ""


_LANDINGS: Mapping[str, Callable[[Job], Landing | None]] = {
    REHEARSAL: _rehearsed,
    IMPORT: _imported,
    RESTORE: _restored,
    "company-move": _moved,
    "company-release": _moved,
    REFRESH: _refreshed,
    "sheet-rehearsal": _sheet_tried,
    "sheet-fetch": _sheet_read,
}
