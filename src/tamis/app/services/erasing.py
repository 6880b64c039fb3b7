"""A person erased [C3, design §9] from the state, the inbox, the events, the files that Tamis keeps, and remains.

    ask → state → inbox → events → visitors → memberships → mentions → files → snapshots → remains
        → (old files of the lake) → cleared

An erasure is a row that holds which steps are done. Each step may die half-way and be done again: the worker goes on
with what is under way every minute. What arrives after it was asked is of somebody new: keeping a person from coming
back is a matter of consent, which comes later. See docs/decisions/029-traces.md.
"""

import hmac
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tamis.app.models import Act, Contact, Erasure, Job, Stay
from tamis.app.services import audience_upkeep, erased_places, identities, jobs, lake, snapshots
from tamis.app.services.acting import Actor, acting
from tamis.app.services.work import every
from tamis.errors import Busy, NotFound, Refused
from tamis.identity.identifiers import BadValue
from tamis.messages import Message, say
from tamis.sources.event_values import read_email

if TYPE_CHECKING:
    from tamis.lake.erase import Person

Result = dict[str, Any]
"""What a step did: counts by what they count."""
Step = Callable[[Erasure], Result | None]
"""Does a step; ``None`` when something must end first, and it is to be tried again later."""


@dataclass(frozen=True)
class Wanted:
    """Who is to be erased: the contact, where there is one, and the keys by which everything else is found."""

    contact: int | None
    emails: list[str]
    ids: list[str]
    stays: list[tuple[str, str | None, str | None]]


def wanted(word: str) -> Wanted:
    """Whom an address, a number or a key names. Raises :class:`~tamis.errors.NotFound` for nobody anywhere.

    An address may be of no contact, and be named by events all the same.
    """
    from tamis.app.services import contacts

    try:
        contact: Contact | None = contacts.find(word)
    except NotFound:
        if "@" not in word:
            raise
        contact = None
    if contact is not None:
        emails = sorted({each for each in (contact.email_key, contact.email.lower()) if each})
        return _with_stays(contact.pk, emails, [str(contact.pk)])
    try:
        return _with_stays(None, [read_email(word)], [])
    except BadValue as error:
        raise Refused(error.reason, error.code) from None


_OWN_TABLES = {"contact", "contactvalue", "stay"}
"""Tables whose rows go with the contact and its visits: they quote nobody."""


def _with_stays(contact: int | None, emails: list[str], ids: list[str]) -> Wanted:
    stays = [
        (each.visitor, _text(each.after), _text(each.until))
        for each in identities.contact_party(emails=emails, ids=ids).stays
    ]
    return Wanted(contact, emails, ids, stays)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def foresee(word: str) -> Result:
    """What erasing somebody would take away, place by place; nothing is changed."""
    from tamis.lake.erase import batches_of, waiting

    who = wanted(word)
    with suppress(Busy):
        identities.refresh(waiting=True)
    who = _with_stays(who.contact, who.emails, who.ids)
    person = _person(vars(who), timezone.now())
    with lake.readable():
        in_table = sum(batches_of(lake.folder(), person).values())
    with lake.inbox() as inbox:
        in_inbox = len(waiting(inbox, person))
    tables = erased_places.count_mentions(who.emails)
    quoted = {name: rows for name, rows in tables.items() if name not in _OWN_TABLES}
    return {
        "contact": who.contact, "state": {"contacts": int(who.contact is not None)},
        "inbox": {"events": in_inbox}, "events": {"events": in_table}, "visitors": {"stays": len(who.stays)},
        "memberships": audience_upkeep.traces_of(who.contact),
        "mentions": {"tables": quoted},
        "files": {"files": len(erased_places.files(who.emails))},
    }  # fmt: skip


def ask(actor: Actor, word: str) -> Erasure:
    """Erase somebody from the state at once, and note what else is to be done: :func:`go_on` does it.

    Asked again while one of the same person is under way, it is that one. Raises as :func:`wanted`.
    """
    who = wanted(word)
    digest = digest_of(who.emails[0] if who.emails else f"id:{who.contact}")
    under_way = Erasure.objects.filter(digest=digest, finished_at=None).first()
    if under_way and who.contact is None:
        return under_way
    note = say("Contact n° {id} effacé", id=who.contact) if who.contact else say("Adresse effacée")
    with acting(actor, Act.Kind.CONTACT_ERASED, note):
        erasure = Erasure.objects.create(
            at=timezone.now(), by=actor.by, via=actor.via, digest=digest, contact=who.contact,
            subject={"emails": who.emails, "ids": who.ids, "stays": who.stays},
        )  # fmt: skip
        contacts, _rows = Contact.objects.filter(pk=who.contact).delete() if who.contact else (0, {})
        _done(erasure, "state", {"contacts": int(bool(contacts))})
    return erasure


def digest_of(key: str) -> str:
    """By what an erasure is told from others without saying who it was."""
    return hmac.new(settings.SECRET_KEY.encode(), key.encode(), "sha256").hexdigest()


def go_on(erasure: Erasure) -> Erasure:
    """Do the steps that are left; those that wait for something are left for the next time."""
    for name, step in STEPS.items():
        if name in erasure.steps:
            continue
        result = step(erasure)
        if result is None:
            return erasure
        _done(erasure, name, result)
    if not erasure.finished_at:
        erasure.finished_at, erasure.subject, erasure.plan = timezone.now(), {}, {}
        erasure.save()
    return erasure


def _done(erasure: Erasure, name: str, result: Result) -> None:
    erasure.steps |= {name: result | {"at": timezone.now().isoformat()}}
    erasure.save(update_fields=["steps", "plan", "subject"])


def _planned(erasure: Erasure, name: str, make: Callable[[], Any]) -> Any:
    """What a step set out to do, kept before it does it: a second process that does the rest still knows the whole."""
    if name not in erasure.plan:
        erasure.plan |= {name: make()}
        erasure.save(update_fields=["plan"])
    return erasure.plan[name]


def _person(subject: Mapping[str, Any], until: datetime) -> "Person":
    from tamis.lake.erase import Person
    from tamis.lake.read import Party
    from tamis.lake.read import Stay as Span

    def moment(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text) if text else None

    stays = [Span(visitor, moment(after), moment(until)) for visitor, after, until in subject["stays"]]
    return Person(Party(emails=subject["emails"], contact_ids=subject["ids"], stays=stays), until)


def _inbox(erasure: Erasure) -> Result | None:
    """Delete what waits; the rest goes into the lake, where addresses that others quote are taken out."""
    from tamis.lake.erase import drop_waiting, waiting
    from tamis.lake.flush import flush

    _look_up_visits(erasure)
    person = _person(erasure.subject, erasure.at)
    with lake.alone(), lake.inbox() as inbox:
        if inbox.claimed() is not None:
            flush(inbox, lake.folder(), batches=1)  # a flush that died is ended first: its rows are the table's
        events = _planned(erasure, "inbox", lambda: len(waiting(inbox, person)))
        drop_waiting(inbox, waiting(inbox, person))
        flush(inbox, lake.folder())
    return {"events": events}


def _look_up_visits(erasure: Erasure) -> None:
    """Note when which visitors were this person, the latest identifications included, before these go."""
    if "visits" not in erasure.plan:
        identities.refresh(waiting=True)
        subject = erasure.subject
        stays = _with_stays(None, subject["emails"], subject["ids"]).stays
        erasure.subject, erasure.plan = subject | {"stays": stays}, erasure.plan | {"visits": True}
        erasure.save(update_fields=["subject", "plan"])


def _events(erasure: Erasure) -> Result | None:
    """Delete the rows of the table, and take the address out of those of others."""
    from tamis.lake import erase as lake_erase

    person, folder = _person(erasure.subject, erasure.at), lake.folder()
    with lake.readable(), lake.alone(), lake.inbox() as inbox:
        batches = _planned(erasure, "events", lambda: [*lake_erase.batches_of(folder, person).items()])
        lake_erase.delete(folder, person)
        lake_erase.note(inbox, str(erasure.pk), dict(batches))
        quoting = lake_erase.redact(folder, person)
    return {"events": sum(events for _, events in batches), "quoting": quoting}


def _visitors(erasure: Erasure) -> Result | None:
    """Forget that visitors were this person: the events that said so are gone."""
    subject = erasure.subject
    stays = Stay.objects.filter(contact_email__in=subject["emails"] or ["-"])
    stays |= Stay.objects.filter(contact_ref__in=subject["ids"])
    with transaction.atomic():
        stays.delete()
    return {"stays": len(subject["stays"])}


def _memberships(erasure: Erasure) -> Result | None:
    """Take the contact out of the history of audiences, and out of what they have still to set off."""
    found = _planned(erasure, "memberships", lambda: audience_upkeep.traces_of(erasure.contact))
    if erasure.contact:
        audience_upkeep.forget(erasure.contact)
    return dict(found)


def _mentions(erasure: Erasure) -> Result | None:
    """Take the address out of what the state quotes of it: refused lines, notes, results of jobs, kept answers."""
    emails = erasure.subject["emails"]
    rows = _planned(erasure, "mentions", partial(erased_places.count_mentions, emails))
    erased_places.redact(emails)
    return {"tables": rows}


def _files(erasure: Erasure) -> Result | None:
    """Delete the files of jobs and uploads that name the person; those that work is at are waited for."""
    emails = erasure.subject["emails"]
    files = _planned(erasure, "files", lambda: len(erased_places.files(emails)))
    erased_places.delete_files(emails)
    return None if erased_places.files(emails) else {"files": files}


def _snapshots(erasure: Erasure) -> Result | None:
    """Write the snapshots anew without what the state has forgotten, and delete their former files."""
    try:
        return {"files": snapshots.forget()}
    except Busy:
        return None


def _remains(erasure: Erasure) -> Result | None:
    """Overwrite what databases keep of deleted rows, the row of this erasure included."""
    with transaction.atomic():
        erasure.plan = {}
        erasure.subject = {"emails": [], "ids": [], "stays": []}
        erasure.save(update_fields=["plan", "subject"])
    return erased_places.overwrite_remains()


STEPS: Mapping[str, Step] = {
    "inbox": _inbox, "events": _events, "visitors": _visitors, "memberships": _memberships,
    "mentions": _mentions, "files": _files,
    "snapshots": _snapshots, "remains": _remains,
}  # fmt: skip
"""What is left to do once the state has forgotten the contact, in order."""


def clear(erasure: Erasure) -> bool:
    """Delete the old files of the lake once they are due; whether nothing is left of the person."""
    from tamis.lake.erase import clear as clear_files

    due = clear_at(erasure)
    if erasure.finished_at is None or due is None or timezone.now() < due:
        return False
    with lake.alone():
        clear_files(lake.folder(), timedelta(days=settings.LAKE_KEPT_DAYS))
    audience_upkeep.clear()
    erasure.cleared_at = timezone.now()
    erasure.save(update_fields=["cleared_at"])
    return True


def clear_at(erasure: Erasure) -> datetime | None:
    """From when on no old file of the lake holds the person."""
    step = erasure.steps.get("events")
    if step is None:
        return None
    return datetime.fromisoformat(step["at"]) + timedelta(days=settings.LAKE_KEPT_DAYS)


def finish(erasure: Erasure, patience: float = 60) -> Erasure:
    """Do what is left, waiting at most so many seconds for whoever is at the lake or at a file."""
    end = time.monotonic() + patience
    while erasure.finished_at is None:
        with suppress(Busy):
            go_on(erasure)
        if erasure.finished_at or time.monotonic() > end:
            break
        time.sleep(0.5)
    with suppress(Busy):
        clear(erasure)
    return erasure


def start(actor: Actor, word: str) -> Erasure:
    """Erase somebody from the state at once, and the rest in the background. Raises as :func:`wanted`."""
    erasure = ask(actor, word)
    jobs.start_once(actor, "contact-erasure", {"erasure": erasure.pk})
    return erasure


@jobs.kind("contact-erasure", say("Effacement d'un contact"), repeatable=True)
def work_on(_actor: Actor, job: Job, _progress: jobs.Progress) -> dict[str, Any]:
    """Do what is left of an erasure; what waits for something is gone on with every minute."""
    erasure = finish(find(job.arguments["erasure"]), patience=5)
    return {"erasure": erasure.pk, "finished": erasure.finished_at is not None}


@every(1)
def continue_erasures() -> None:
    """Go on with what is under way, and clear what is due."""
    for erasure in Erasure.objects.filter(cleared_at=None).order_by("pk"):
        try:
            if erasure.finished_at is None:
                go_on(erasure)
            clear(erasure)
        except Busy:
            continue


def find(pk: int) -> Erasure:
    """An erasure by its number. Raises :class:`~tamis.errors.NotFound`."""
    erasure = Erasure.objects.filter(pk=pk).first()
    if erasure is None:
        raise NotFound(say("Aucun effacement n° {id}.", id=pk), "erasure.none")
    return erasure


def as_json(erasure: Erasure) -> Result:
    """An erasure for programs."""
    steps = {name: {k: v for k, v in step.items() if k != "at"} for name, step in erasure.steps.items()}
    return {
        "id": erasure.pk, "contact": erasure.contact, "asked_at": erasure.at, "by": erasure.by,
        "finished_at": erasure.finished_at, "cleared_at": erasure.cleared_at,
        "old_files_until": clear_at(erasure), "backups_until": backups_until(erasure),
        "steps": steps, "left": [name for name in STEPS if name not in erasure.steps],
        "stays": [str(each) for each in what_stays(erasure)],
    }  # fmt: skip


def count_of(step: Result) -> int:
    """How many things a step is about: rows, files, or rows of all tables together."""
    tables: Mapping[str, int] = step.get("tables", {})
    return sum(value for value in (*step.values(), *tables.values()) if type(value) is int)


def backups_until(erasure: Erasure) -> datetime:
    """Until when backups made before may hold the person, as this installation says of them."""
    return erasure.at + timedelta(days=settings.BACKUPS_KEPT_DAYS)


def what_stays(erasure: Erasure) -> list[Message]:
    """What an erasure does not reach, and why."""
    said = [
        say("Les sauvegardes d'avant : cette installation dit les garder {days} jours. Après un rétablissement, "
            "effacez à nouveau.", days=settings.BACKUPS_KEPT_DAYS),
        say("Les fiches d'entreprises : une entreprise n'est pas une personne ; si c'est un entrepreneur individuel, "
            "son nom y est, changez-le à la main."),
        say("Les empreintes des identifiants d'événements, {days} jours, pour ne pas compter deux fois : elles ne "
            "disent pas qui.", days=settings.EVENT_IDS_DAYS),
        say("Un compte Tamis de la même adresse : c'est celui d'un collègue, un administrateur le ferme."),
        say("Ce qui sera importé ou reçu plus tard avec cette adresse sera un contact nouveau."),
    ]  # fmt: skip
    if erasure.cleared_at is None:
        said.insert(0, say("Les fichiers délaissés du lac, que plus rien ne lit, pendant {days} jours.",
                           days=settings.LAKE_KEPT_DAYS))  # fmt: skip
    return said
