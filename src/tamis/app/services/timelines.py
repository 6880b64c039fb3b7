"""What happened with a contact or a company, in the order of time: read from the lake, and told for people."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tamis.app.models import Company, Contact, Stay
from tamis.app.services import event_kinds, identities, lake
from tamis.app.services.days import midnight
from tamis.errors import NotFound, Refused
from tamis.messages import Message, say
from tamis.sources.event_kinds import BY_KEY, Kind, Phase, find_kind

if TYPE_CHECKING:
    from tamis.lake.read import Party
    from tamis.lake.timeline import Place

PAGE = 30
"""Events on one page."""
MONTHS = 12
"""Months of the chart, this one included."""
FIRST = 5
"""Properties of an event that are shown at once; the others on demand."""
PHASE = "phase:"
"""Before a phase, where a kind could stand too."""
_WEIGHTY = (
    "title", "path", "form", "product", "offer", "deal", "stage", "order", "value", "margin", "quantity", "campaign",
    "keyword", "message", "link", "topic", "score", "reason", "place",
)  # fmt: skip
"""The properties that tell most, in the order in which they are shown; the others follow."""


@dataclass(frozen=True)
class Fact:
    """One property of an event: its label, its value, and for amounts the currency."""

    label: Message | str
    value: str | Decimal
    unit: str = ""


@dataclass(frozen=True)
class Trace:
    """An event as a timeline tells it: what, when, its properties, and what makes it this party's."""

    id: str
    at: datetime
    kind: Message | str
    phase: Phase | None
    facts: list[Fact]
    how: Message
    identified_at: datetime | None = None
    contact: Contact | None = None

    @property
    def first_facts(self) -> list[Fact]:
        """What is shown at once."""
        return self.facts[:FIRST]

    @property
    def other_facts(self) -> list[Fact]:
        """What is shown on demand."""
        return self.facts[FIRST:]


@dataclass(frozen=True)
class Month:
    """How many events a month has; ``first`` is its first day."""

    first: date
    events: int


@dataclass(frozen=True)
class Timeline:
    """A page of traces under their days, where the next one goes on, and on the first page the months of the chart."""

    days: list[tuple[date, list[Trace]]]
    next: str
    months: list[Month] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many events the chart shows."""
        return sum(each.events for each in self.months)

    @property
    def most(self) -> int:
        """Of the fullest month."""
        return max((each.events for each in self.months), default=0)


def of_contact(contact: Contact, what: str = "", after: str = "", month: str = "") -> Timeline:
    """A contact's events: those that name it, and those of the visitors that it was. Raises as :func:`of_company`."""
    return _timeline(partial(identities.party_of_contact, contact), what, after, month)


def of_company(company: Company, what: str = "", after: str = "", month: str = "") -> Timeline:
    """A company's events: those that name it, of its contacts, and of the visitors identified as one of these.

    ``what`` is a kind or ``phase:`` and a phase, ``after`` what the page before gave, ``month`` the only one that is
    wanted, as ``2026-03``. Raises :class:`~tamis.errors.NotFound` for a kind that is none, ``Refused`` for an ``after``
    or a month that is none, and :class:`~tamis.errors.Unreadable` when the lake does not answer.
    """
    return _timeline(partial(identities.party_of_company, company), what, after, month)


def _timeline(party_of: "Any", what: str, after: str, month: str) -> Timeline:
    from tamis.lake.timeline import counts_of, page_of

    known = event_kinds.kinds()
    wanted, place, within = kinds_of(what, known), place_of(after), bounds_of(month)
    with lake.readable():
        party: Party = party_of()
        view = lake.view()
        page = page_of(view, party, kinds=wanted, after=place, most=PAGE, within=within)
        months = [] if place or within else _months(lambda bounds: counts_of(view, party, bounds, kinds=wanted))
    traces = _told(page.events, party, known)
    return Timeline(_by_day(traces), f"{page.next.ts.isoformat()}~{page.next.id}" if page.next else "", months)


def kinds_of(what: str, known: Mapping[str, Kind]) -> list[str]:
    """The kinds that a choice stands for: one, those of a phase, or all (an empty list)."""
    if not what:
        return []
    if not what.startswith(PHASE):
        return [find_kind(what, known).key]
    phase = what.removeprefix(PHASE)
    kinds = [each.key for each in known.values() if each.phase == phase]
    if not kinds:
        raise NotFound(say("Aucune phase ne s'appelle « {phase} ».", phase=phase[:30]), "phase.unknown")
    return kinds


def place_of(text: str) -> "Place | None":
    """Where a page ended, from its text. Raises :class:`~tamis.errors.Refused`."""
    from tamis.lake.timeline import Place

    if not text:
        return None
    moment, _, id = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError(moment)
        return Place(at.astimezone(UTC), id)
    except (ValueError, OverflowError):
        raise Refused(
            say("Cette suite n'en est pas une : revenez aux derniers événements."), "timeline.place"
        ) from None


def bounds_of(month: str) -> tuple[datetime, datetime] | None:
    """The first instant of a month here, and the one after its last. Raises :class:`~tamis.errors.Refused`."""
    if not month:
        return None
    try:
        first = date.fromisoformat(f"{month}-01")
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    except ValueError:
        raise Refused(
            say("« {text} » n'est pas un mois : écrivez 2026-03.", text=month[:20]), "timeline.month"
        ) from None
    return midnight(first).astimezone(UTC), midnight(after).astimezone(UTC)


def _months(count: "Any") -> list[Month]:
    """The last twelve months of the calendar here, each with its events; none at all before the first event."""
    today = timezone.localdate()
    number = today.year * 12 + today.month - MONTHS
    firsts = [date(each // 12, each % 12 + 1, 1) for each in range(number, number + MONTHS + 1)]
    counts: Sequence[int] = count([midnight(each).astimezone(UTC) for each in firsts])
    return [Month(first, events) for first, events in zip(firsts, counts, strict=False)] if any(counts) else []


def _by_day(traces: Iterable[Trace]) -> list[tuple[date, list[Trace]]]:
    days: dict[date, list[Trace]] = {}
    for trace in traces:
        days.setdefault(timezone.localtime(trace.at).date(), []).append(trace)
    return [*days.items()]


def _told(events: Sequence[dict[str, Any]], party: "Party", known: Mapping[str, Kind]) -> list[Trace]:
    """Events as traces; whoever is named is looked up once for the whole page."""
    stays = _stays_of(events)
    people = _people(events, [stay for stay in stays.values() if stay])
    traces = []
    for event in events:
        kind = known.get(event["kind"])
        how, contact = _how(event, party, stays[event["id"]], people)
        stay = stays[event["id"]] if how is _VISITOR else None
        traces.append(
            Trace(
                event["id"], event["ts"], kind.label if kind else event["kind"], kind.phase if kind else None,
                facts_of(event, kind), how, stay.at if stay else None, contact,
            )
        )  # fmt: skip
    return traces


def facts_of(event: Mapping[str, Any], kind: Kind | None) -> list[Fact]:
    """The properties of an event, the weightiest first, then the kind's own and any others."""
    own = kind.types if kind else {}
    columns = [*_WEIGHTY, *(key for key in BY_KEY if key not in _WEIGHTY)]
    facts = [
        Fact(BY_KEY[key].label, event[key], event.get("currency", "") if BY_KEY[key].type == "amount" else "")
        for key in columns
        if key in event
    ]
    others: Mapping[str, str] = event.get("more", {})
    return facts + [Fact(own[key].label if key in own else key, value) for key, value in others.items()]


_VISITOR = say("visiteur identifié")
_WAYS: tuple[tuple[str, str, Message], ...] = (
    ("contact_email", "emails", say("par l'e-mail")),
    ("contact_id", "contact_ids", say("par le numéro du contact")),
    ("company_siren", "sirens", say("par le SIREN")),
    ("company_id", "company_ids", say("par le numéro de l'entreprise")),
)
"""What an event may name, among which keys of the party, and how that is told."""

People = Mapping[tuple[str, str], Contact]


def _how(event: Mapping[str, Any], party: "Party", stay: Stay | None, people: People) -> tuple[Message, Contact | None]:
    """What makes an event this party's, and the contact that it is about where there is one."""
    contact = people.get(("contact_email", event.get("contact_email", ""))) or people.get(
        ("contact_id", event.get("contact_id", ""))
    )
    for column, keys, sentence in _WAYS:
        if event.get(column) in getattr(party, keys):
            return sentence, contact
    domain = event.get("company_domain", "")
    if any(domain == each or domain.endswith(f".{each}") for each in party.domains if domain):
        return say("par le domaine {domain}", domain=domain), contact
    if stay and not contact:
        contact = people.get(("contact_email", stay.contact_email)) or people.get(("contact_id", stay.contact_ref))
    return _VISITOR, contact


def people_of(events: Sequence[Mapping[str, Any]]) -> Callable[[Mapping[str, Any]], Contact | None]:
    """Who the contact of each of these events is: the one that it names, or that its visitor was then."""
    stays = _stays_of(events)
    people = _people(events, [stay for stay in stays.values() if stay])

    def of(event: Mapping[str, Any]) -> Contact | None:
        stay = stays[event["id"]]
        keys = [("contact_email", event.get("contact_email", "")), ("contact_id", event.get("contact_id", ""))]
        keys += [("contact_email", stay.contact_email), ("contact_id", stay.contact_ref)] if stay else []
        return next((people[key] for key in keys if key in people), None)

    return of


def _stays_of(events: Sequence[Mapping[str, Any]]) -> dict[str, Stay | None]:
    """For each event that names nobody but a visitor, who that visitor was then."""
    stays: dict[str, list[Stay]] = {}
    for stay in Stay.objects.filter(visitor__in={each["visitor"] for each in events if "visitor" in each}):
        stays.setdefault(stay.visitor, []).append(stay)

    def of(event: Mapping[str, Any]) -> Stay | None:
        for stay in stays.get(event.get("visitor", ""), ()):
            if (not stay.after or event["ts"] > stay.after) and (not stay.until or event["ts"] <= stay.until):
                return stay
        return None

    return {event["id"]: of(event) for event in events}


def _people(events: Sequence[Mapping[str, Any]], stays: Sequence[Stay]) -> People:
    """The contacts that events and stays name, by address and by number."""
    emails = {each["contact_email"] for each in events if "contact_email" in each}
    ids = {each["contact_id"] for each in events if "contact_id" in each}
    emails |= {each.contact_email for each in stays if each.contact_email}
    ids |= {each.contact_ref for each in stays if each.contact_ref}
    numbers = [int(each) for each in ids if each.isascii() and each.isdigit() and len(each) < 19]
    found = [*Contact.objects.filter(email_key__in=emails), *Contact.objects.filter(pk__in=numbers)]
    by_email = {("contact_email", each.email_key): each for each in found if each.email_key}
    return by_email | {("contact_id", str(each.pk)): each for each in found}
