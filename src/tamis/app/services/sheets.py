"""Lists that follow a Google sheet [A8]: a sheet's content goes through the same import as a file, on its own.

    claim (a lease) → fetch → the same bytes? nothing → import, checked before it commits → note how it went

What the sheet became is noted in the very transaction that changes the list: killed anywhere, the next reading finds
either the old list and the old note, or both new. A sheet that cannot be read, is empty, or has lost too much changes
nothing: the list keeps its content, and says since when and why.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from tamis.app.models import Act, FollowedSheet, List, ListVersion
from tamis.app.services import sheet_contents
from tamis.app.services.acting import Actor, acting
from tamis.app.services.leases import Held, lease
from tamis.app.services.list_reports import Report
from tamis.app.services.list_staging import Progress
from tamis.app.services.lists import refuse_gone
from tamis.app.services.sheet_contents import Content, HeldBack
from tamis.errors import Busy, NotFound, Refused, TamisError
from tamis.messages import Message, say, say_many
from tamis.sources.google_addresses import read_address
from tamis.sources.google_sheets import Google, fetch

LEASE = "sheet:"
EVERY = 60  # minutes, unless somebody says
LEAST, LONGEST = 5, 7 * 24 * 60  # minutes
_DAY = 24 * 60  # minutes: failures put a sheet off so far at most, unless it is read even less often

State = FollowedSheet.State
SCHEDULE = Actor(by="tamis", via="sheet")
"""Who acts when a sheet is read because its time has come."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fetched:
    """What reading a sheet came to: ``applied``, ``unchanged``, ``held`` or ``failed``, in words, and its report."""

    list_name: str
    outcome: str
    message: Message
    code: str = ""
    report: Report | None = field(default=None, repr=False)

    def as_json(self) -> dict[str, Any]:
        """The outcome as one JSON object."""
        report = self.report.as_json() if self.report else None
        return {
            "list": self.list_name, "outcome": self.outcome, "code": self.code, "message": str(self.message),
            "report": report,
        }  # fmt: skip


def google() -> Google:
    """How Google is reached from here, with the service account if there is one."""
    return getattr(settings, "GOOGLE", None) or Google(key=settings.GOOGLE_KEY)


def account_email() -> str:
    """The address to share private sheets with; nothing without service account, or with one that is no account."""
    try:
        account = google().account
    except Refused:
        return ""
    return account.email if account else ""


def followed() -> QuerySet[FollowedSheet]:
    """The sheets that lists follow, by list."""
    return FollowedSheet.objects.filter(list__deleted_at=None).select_related("list").order_by("list__name")


def of_list(target: List) -> FollowedSheet:
    """The sheet that a list follows. Raises :class:`~tamis.errors.NotFound`."""
    sheet = followed().filter(list=target).first()
    if sheet is None:
        raise NotFound(say("« {list} » ne suit pas de feuille Google.", list=target.name), "sheet.none")
    return sheet


def as_json(sheet: FollowedSheet) -> dict[str, Any]:
    """A sheet as the command line and the API show it."""
    return {
        "list": sheet.list.name, "address": sheet.address, "every": sheet.every, "paused": sheet.paused,
        "state": sheet.state, "code": sheet.outcome_code, "message": sheet.outcome, "failures": sheet.failures,
        "held": sheet.held_fingerprint if sheet.state == State.HELD else None, "agreed_at": sheet.agreed_at,
        "changed_at": sheet.changed_at, "fetched_at": sheet.fetched_at, "due_at": sheet.due_at,
    }  # fmt: skip


def follow(actor: Actor, target: List, address: str, every: int = EVERY) -> FollowedSheet:
    """Let a list follow a sheet from now on, instead of the one that it followed, if any.

    ``every`` is in minutes. Raises :class:`~tamis.errors.Refused` for an address that is no sheet's.
    """
    link, every, now = read_address(address).link, _checked_every(every), timezone.now()
    note = say("« {list} » suit une feuille Google", list=target.name)
    with acting(actor, Act.Kind.SHEET_FOLLOWED, note, target):
        refuse_gone(target)
        FollowedSheet.objects.filter(list=target).exclude(address=link).delete()
        sheet, _ = FollowedSheet.objects.update_or_create(
            list=target,
            defaults={"every": every, "due_at": now, "paused": False},
            create_defaults={"address": link, "every": every, "due_at": now, "since": now, "by": actor.by},
        )
    return sheet


def change(actor: Actor, target: List, *, every: int | None = None, paused: bool | None = None) -> FollowedSheet:
    """Read a list's sheet more or less often (``every``, in minutes), pause it, or take it up again."""
    sheet = of_list(target)
    note = {
        None: say("suivi de la feuille de « {list} » changé", list=target.name),
        True: say("« {list} » ne lit plus sa feuille", list=target.name),
        False: say("« {list} » lit sa feuille à nouveau", list=target.name),
    }[paused]
    with acting(actor, Act.Kind.SHEET_CHANGED, note, target):
        if every is not None:
            sheet.every = _checked_every(every)
        if paused is not None:
            sheet.paused = paused
        sheet.due_at = min(sheet.due_at, timezone.now() + timedelta(minutes=sheet.every))
        sheet.save(update_fields=["every", "paused", "due_at"])
    return sheet


def unfollow(actor: Actor, target: List) -> None:
    """Let a list follow its sheet no more; it keeps what it holds."""
    sheet = of_list(target)
    with acting(actor, Act.Kind.SHEET_UNFOLLOWED, say("« {list} » ne suit plus de feuille", list=target.name), target):
        sheet.delete()


def rehearse(
    actor: Actor, target: List, address: str, most_lines: int | None = None, progress: Progress | None = None
) -> sheet_contents.Rehearsal:
    """What following a sheet would do to a list: its report, and why it would be held back; nothing is changed."""
    content = Content.of(fetch(google(), read_address(address)))
    return sheet_contents.rehearse(actor, target, content, most_lines, progress)


def fetch_now(
    actor: Actor,
    target: List,
    *,
    consent: str = "",
    most_lines: int | None = None,
    progress: Progress | None = None,
) -> Fetched:
    """Read a list's sheet, paused or not, and import it if it changed.

    ``consent`` is the fingerprint of a content that somebody has seen and wants, held back or not, also instead of
    what was imported by hand since. A failure is noted and returned. Raises :class:`~tamis.errors.Busy` while somebody
    else reads the sheet or imports into the list, :class:`~tamis.errors.NotFound` for a list that follows none.
    """
    sheet = of_list(target)
    with lease(f"{LEASE}{sheet.pk}", actor.by) as held:
        return _read(actor, of_list(target), held, consent, most_lines, progress)


def due(now: datetime) -> QuerySet[FollowedSheet]:
    """The sheets whose time has come, those that have waited longest first."""
    return followed().filter(paused=False, due_at__lte=now).order_by("due_at", "pk")


def fetch_due(now: datetime | None = None) -> list[Fetched]:
    """Read every sheet whose time has come; several processes may do so at once, and none stops the others."""
    now = now or timezone.now()
    found = [_read_due(pk, now) for pk in due(now).values_list("pk", flat=True)]
    return [each for each in found if each]


def _read_due(pk: int, now: datetime) -> Fetched | None:
    """What a sheet came to, or nothing when somebody else is at it, or has been meanwhile."""
    try:
        with lease(f"{LEASE}{pk}", SCHEDULE.by) as held:
            sheet = due(now).filter(pk=pk).first()
            return _read(SCHEDULE, sheet, held) if sheet else None
    except Refused:  # busy, or followed no more
        return None


def _read(
    actor: Actor,
    sheet: FollowedSheet,
    held: Held,
    consent: str = "",
    most_lines: int | None = None,
    progress: Progress | None = None,
) -> Fetched:
    def told(done: int, total: int | None) -> None:
        held.renew()
        if progress:
            progress(done, total)

    try:
        content = Content.of(fetch(google(), read_address(sheet.address)))
        held.renew()
        if content.fingerprint != consent:
            if content.fingerprint == sheet.fingerprint:
                return _unchanged(sheet)
            if content.fingerprint == sheet.held_fingerprint:
                return _held(sheet, sheet.outcome or say("La feuille est retenue."), sheet.outcome_code, content)
        return _applied(actor, sheet, content, told, consent, most_lines)
    except HeldBack as error:
        return _held(sheet, error.message, error.code, content)
    except Busy:
        raise
    except TamisError as error:
        return _failed(sheet, error.message, error.code, getattr(error, "again_in", None))
    except Exception:  # one sheet must not stop the others
        logger.exception("reading the sheet of list %s", sheet.list_id)
        sentence = say(
            "Une erreur inattendue a arrêté la lecture : l'administrateur en trouve la trace dans le journal."
        )
        return _failed(sheet, sentence, "error")


def _applied(
    actor: Actor, sheet: FollowedSheet, content: Content, progress: Progress, consent: str, most_lines: int | None
) -> Fetched:
    def settle(version: ListVersion, report: Report) -> None:
        now = timezone.now()
        _note(
            sheet, State.FRESH, _counted(report), "sheet.applied", agreed_at=now, changed_at=now, version=version,
            fingerprint=content.fingerprint, held_fingerprint="",
        )  # fmt: skip

    check = sheet_contents.refuse_nothing_left if consent == content.fingerprint else sheet_contents.refuse_loss
    report = sheet_contents.apply(actor, sheet.list, content, progress, [check, settle], most_lines)
    return Fetched(sheet.list.name, "applied", _counted(report), "sheet.applied", report)


def _counted(report: Report) -> Message:
    return say_many(
        "{n} ligne acceptée ; refusées : {refused}.", "{n} lignes acceptées ; refusées : {refused}.",
        n=report.accepted, refused=report.refused,
    )  # fmt: skip


def _unchanged(sheet: FollowedSheet) -> Fetched:
    message = say("La feuille n'a pas changé.")
    _note(sheet, State.FRESH, message, "sheet.unchanged", agreed_at=timezone.now(), held_fingerprint="")
    return Fetched(sheet.list.name, "unchanged", message, "sheet.unchanged")


def _held(sheet: FollowedSheet, message: Message, code: str, content: Content) -> Fetched:
    _note(sheet, State.HELD, message, code, held_fingerprint=content.fingerprint)
    return Fetched(sheet.list.name, "held", message, code)


def _failed(sheet: FollowedSheet, message: Message, code: str, again_in: float | None = None) -> Fetched:
    _note(sheet, State.FAILED, message, code, failures=sheet.failures + 1, again_in=again_in)
    return Fetched(sheet.list.name, "failed", message, code)


def _note(
    sheet: FollowedSheet,
    state: State,
    message: Message,
    code: str,
    *,
    failures: int = 0,
    again_in: float | None = None,
    **values: Any,
) -> None:
    """Keep how reading a sheet went, and when its time comes again. Raises for a sheet that is followed no more."""
    now = timezone.now()
    kept = FollowedSheet.objects.filter(pk=sheet.pk, address=sheet.address).update(
        state=state, outcome_stored=message.stored(), outcome_code=code, failures=failures, fetched_at=now,
        due_at=now + _delay(sheet.every, failures, again_in), **values,
    )  # fmt: skip
    if not kept:
        raise Refused(
            say("« {list} » ne suit plus cette feuille : rien n'a été changé.", list=sheet.list.name), "sheet.none"
        )


def _delay(every: int, failures: int, again_in: float | None) -> timedelta:
    """How long until a sheet is read again: the failures after the first double the wait, up to a day."""
    minutes = min(every * 2 ** min(max(failures - 1, 0), 12), max(every, _DAY))
    return max(timedelta(minutes=minutes), timedelta(seconds=min(again_in or 0, _DAY * 60)))


def _checked_every(every: int) -> int:
    if not LEAST <= every <= LONGEST:
        raise Refused(
            say("La feuille se lit au plus toutes les {least} minutes, au moins tous les 7 jours.", least=LEAST),
            "sheet.every",
        )
    return every
