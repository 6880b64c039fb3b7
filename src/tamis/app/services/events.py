"""Events taken: the good ones are durable when the answer is given, each bad one is told with its place and reason."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from tamis.app.models import Act, Company, Contact, Workspace
from tamis.app.services import arrivals, event_kinds, identities, lake
from tamis.app.services.acting import Actor, acting
from tamis.app.services.arrivals import Fault, From, Taken
from tamis.errors import Refused
from tamis.identity.identifiers import BadValue
from tamis.lake.append import append, foresee
from tamis.lake.inbox import Outcome
from tamis.messages import Message, say, say_many
from tamis.sources.event_kinds import find_kind
from tamis.sources.event_values import Setting, read_contact
from tamis.sources.events import BadEvent, Event, check

if TYPE_CHECKING:
    from tamis.lake.read import Party

MOST = 5_000
"""Events of one request."""
CHUNK = 5_000
"""Events of a file that become durable together."""
MOST_FAULTS = 1_000
"""Bad lines of a file that its report tells one by one."""


def setting() -> Setting:
    """What events are checked against at this moment."""
    workspace = Workspace.objects.get()
    return Setting(timezone.now(), ZoneInfo(workspace.time_zone), workspace.currency, event_kinds.kinds())


def take(raws: Sequence[Any], source: From) -> Taken:
    """Take the events of a request, at most :data:`MOST`: those accepted are durable on return."""
    if len(raws) > MOST:
        raise Refused(say("Plus de {max} événements : envoyez-les en plusieurs fois.", max=MOST), "events.many")
    against, taken = setting(), Taken()
    read: list[tuple[int, Event | BadEvent]] = []
    for index, raw in enumerate(raws):
        try:
            read.append((index, check(raw, against)))
        except BadEvent as error:
            read.append((index, error))
    _append(taken, read)
    arrivals.note(source, taken)
    taken.derived = [(index, each.id) for index, each in read if isinstance(each, Event) and each.derived]
    return taken


def _append(taken: Taken, read: Sequence[tuple[int, Event | BadEvent]], dry_run: bool = False) -> None:
    good = [(index, each) for index, each in read if isinstance(each, Event)]
    known = len(taken.faults)
    for index, each in read:
        if isinstance(each, BadEvent):
            _refuse(taken, Fault(index, each.field, each.code, each.reason))
    with lake.answering():
        taking = foresee if dry_run else append
        outcomes = taking(lake.shared_inbox(), lake.folder(), [each for _, each in good], settings.EVENT_IDS_DAYS)
    for (index, event), outcome in zip(good, outcomes, strict=True):
        if outcome is Outcome.CONFLICT:
            _refuse(taken, Fault(index, "id", "id.conflict", _conflict(event)))
            continue
        taken.accepted += outcome is Outcome.ACCEPTED
        taken.repeated += outcome is Outcome.REPEATED
        taken.without_zone += event.naive
    taken.faults[known:] = sorted(taken.faults[known:], key=lambda each: each.index)


def _refuse(taken: Taken, fault: Fault) -> None:
    taken.refused += 1
    taken.codes[fault.code] += 1
    taken.faults.append(fault)


def _conflict(event: Event) -> Message:
    return say("un autre événement porte l'id « {id} » : donnez-en un nouveau", id=event.id)


@dataclass
class FileReport(Taken):
    """What a file brought."""

    file: str = ""
    dry_run: bool = False
    lines: int = 0
    columns: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For programs; of very many bad lines the first are told."""
        shown = super().as_json()
        shown["faults"] = shown["faults"][:MOST_FAULTS]
        return {"file": self.file, "dry_run": self.dry_run, "lines": self.lines, "columns": self.columns} | shown


Told = Callable[[int, int | None], None]
Refusing = Callable[[Fault], None]


def append_file(
    actor: Actor,
    path: Path,
    *,
    columns: dict[str, str] | None = None,
    kind: str = "",
    file_name: str | None = None,
    dry_run: bool = False,
    refused: Refusing = lambda _fault: None,
    progress: Told = lambda _done, _total: None,
) -> FileReport:
    """Take the events of a file, some thousands at a time; killed half-way, the same file goes on where it was.

    ``dry_run``: say what would be taken and refused, and take nothing. ``refused`` is told of every bad line.

    Raises what :func:`~tamis.sources.event_files.open_events` raises, before anything is taken.
    """
    from tamis.sources.event_files import open_events

    against = setting()
    if kind:
        find_kind(kind, against.kinds)
    with open_events(path, against, columns=columns, kind=kind, name=file_name) as file:
        report = FileReport(file=file.name, dry_run=dry_run, columns=file.columns)
        rows = iter(file.rows)
        while chunk := [*islice(rows, CHUNK)]:
            known = len(report.faults)
            _append(report, chunk, dry_run)
            for fault in report.faults[known:]:
                refused(fault)
            del report.faults[MOST_FAULTS:]
            report.lines += len(chunk)
            progress(report.lines, file.expected)
    if dry_run:
        return report
    arrivals.note(From(actor.via, report.file), report)
    arrivals.write()  # whoever brought the file looks at once
    note = say_many(
        "« {file} » : {n} événement reçu", "« {file} » : {n} événements reçus", n=report.accepted, file=report.file
    )
    with acting(actor, Act.Kind.EVENTS_APPENDED, note):
        return report


def latest(
    *,
    visitor: str = "",
    contact: str = "",
    company: Company | None = None,
    kinds: Iterable[str] = (),
    before: datetime | None = None,
    most: int = 100,
) -> list[dict[str, Any]]:
    """The latest events, of everybody or of one party, those that still wait in the inbox included.

    Raises :class:`~tamis.errors.Refused` for a kind that does not exist, or a contact that is none.
    """
    from tamis.lake.read import Party
    from tamis.lake.timeline import events_of

    known = event_kinds.kinds()
    keys = [find_kind(each, known).key for each in kinds]
    party: Party | None = None
    if visitor:
        party = Party(visitors=[visitor])
    elif contact:
        party = _party(contact)
    elif company is not None:
        party = identities.party_of_company(company)
    return events_of(lake.view(), party, kinds=keys, before=before, most=most)


def _party(text: str) -> "Party":
    """Whose events a contact's are, in the base or not: both its address and its number find them."""
    column, key = _contact(text)
    if column == "contact_email":
        known = Contact.objects.filter(email_key=key).first()
        return identities.party_of_contact(known) if known else identities.contact_party(emails=[key])
    known = Contact.objects.filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 19 else None
    return identities.party_of_contact(known) if known else identities.contact_party(ids=[key])


def _contact(text: str) -> tuple[str, str]:
    try:
        return read_contact(text)
    except BadValue as error:
        raise Refused(error.reason, error.code) from None
