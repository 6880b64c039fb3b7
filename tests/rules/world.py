"""A small world that rules are asked about: written by hand, given to engines as tables, and to the oracle as it is.

The form of a world, the same in TOML (case files, see :mod:`rules.cases`) and as a Python mapping; all is optional::

    zone = "Europe/Paris"

    [companies.1]                       # by number; every built-in field by its key
    name = "Forges du Rhône"            # names, domains and identifiers: a text or several
    website = ["forges.fr", "shop.forges.fr"]
    siren = "552100554"
    headcount = 12
    headcount_bracket = "11"
    revenue = 1200.50
    founded = 2001-04-30
    created = 2026-01-01T08:00:00Z      # without Z: the local time of the zone
    list = "prospect-salons"            # by name; without, prospect-default
    status = "chaud"
    tags = ["Secteur/Industrie"]        # category/name
    merged_into = 2
    own = { taille_du_parc = 12, contrat = true, visite = 2026-01-31, gamme = "Pro" }

    [contacts.11]                       # the same; beside them:
    company = 1

    [[events]]
    at = 2026-06-01T10:00:00Z           # a comma and six digits more for microseconds; without Z: local time
    kind = "purchase"
    contact = 11                        # a number, or an address
    company = "552100554"               # a number, a SIREN in quotation marks, or a host
    visitor = "v1"
    value = 99.5                        # every other key is a property; {"not a column" = ..} as well

    [[stays]]                           # who a visitor was: after < moment <= until, both may be left out
    visitor = "v1"
    contact = 11                        # or company, as above
    until = 2026-06-02T00:00:00Z

    [lists]                             # beside the nine default ones (client-default ..)
    prospect-salons = "prospect"        # its segment

    [tags]
    Secteur = ["Industrie", "Services"]

    [audiences."En cours"]
    subject = "contacts"
    members = [11]

    [fields.companies]                  # the users' own fields: a type, or the choices
    taille_du_parc = "number"
    gamme = ["Pro", "Eco"]

    [kinds.install]                     # the users' own kinds: the types of their own properties
    machines = "number"

    statuses = ["chaud", "froid"]       # or {name = "froid", subjects = ["contacts"]}
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tamis.identity.domains import domain_key, parse_host
from tamis.rules.fields import BUILT_IN, own_field
from tamis.rules.nodes import Subject
from tamis.rules.vocabulary import AudienceWord, ListWord, StatusWord, TagWord, Vocabulary, Word
from tamis.sources import event_kinds
from tamis.sources.event_kinds import Kind, Phase, Property

LONG_AGO = datetime(2020, 1, 1, 12, tzinfo=UTC)
SEGMENTS = (
    "interne", "concurrent", "client", "distributeur", "prospect", "partenaire", "hors-cible", "fournisseur", "autre",
)  # fmt: skip
NAMES = {"name": "legal", "usual_name": "usual", "acronym": "acronym", "brand": "brand", "former_name": "former"}
IDENTIFIERS = ("siret", "vat", "neq", "lei", "merged_siren")
DOMAINS = {"website": "website", "email_domain": "email"}
_SEVERAL = (*NAMES, *IDENTIFIERS, *DOMAINS)


@dataclass(frozen=True)
class Named:
    """Whom an event, or an identification, names: as it arrived."""

    contact_id: str | None = None
    contact_email: str | None = None
    company_id: str | None = None
    company_siren: str | None = None
    company_domain: str | None = None

    @property
    def nobody(self) -> bool:
        return self == Named()


@dataclass(frozen=True)
class Event:
    at: datetime
    kind: str
    named: Named
    visitor: str | None
    properties: Mapping[str, Any]
    """Columns as they are; what is no column as text, as it is stored."""


@dataclass(frozen=True)
class Stay:
    visitor: str
    named: Named
    after: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Company:
    id: int
    values: Mapping[str, Any]
    """Fields that have one value at most, by key; without those that are not known."""
    several: Mapping[str, tuple[str, ...]]
    """Names, identifiers and domains, by key."""
    own: Mapping[str, Any]
    list: str
    tags: tuple[str, ...] = ()
    merged_into: int | None = None


@dataclass(frozen=True)
class Contact:
    id: int
    values: Mapping[str, Any]
    own: Mapping[str, Any]
    tags: tuple[str, ...] = ()
    company: int | None = None


@dataclass(frozen=True)
class Audience:
    subject: Subject
    members: tuple[int, ...]


@dataclass(frozen=True)
class World:
    """Everything that there is."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
    companies: Mapping[int, Company] = field(default_factory=dict)
    contacts: Mapping[int, Contact] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    stays: tuple[Stay, ...] = ()
    lists: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    statuses: tuple[StatusWord, ...] = ()
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    fields: Mapping[Subject, Mapping[str, Word]] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    def vocabulary(self) -> Vocabulary:
        """The words that rules may use here."""
        tags = [(name, category) for category, names in self.tags.items() for name in names]
        return Vocabulary(
            fields={subject: {**BUILT_IN[subject], **self.fields.get(subject, {})} for subject in BUILT_IN},
            kinds={**event_kinds.BUILT_IN, **self.kinds},
            lists=tuple(ListWord(number, name) for number, name in enumerate(self.lists, 1)),
            tags=tuple(TagWord(number, *tag) for number, tag in enumerate(tags, 1)),
            statuses=self.statuses,
            audiences=tuple(
                AudienceWord(number, name, audience.subject)
                for number, (name, audience) in enumerate(self.audiences.items(), 1)
            ),
            zone=self.zone,
        )


def read_world(given: Mapping[str, Any]) -> World:
    """The world that a mapping describes. Raises ``ValueError`` for a word that is none."""
    zone = ZoneInfo(given.get("zone", "Europe/Paris"))
    kinds = {key: _kind(key, own) for key, own in given.get("kinds", {}).items()}
    world = World(
        zone=zone,
        companies={int(id): _company(int(id), body, zone) for id, body in given.get("companies", {}).items()},
        contacts={int(id): _contact(int(id), body, zone) for id, body in given.get("contacts", {}).items()},
        events=tuple(_event(body, zone, kinds) for body in given.get("events", ())),
        stays=tuple(_stay(body, zone) for body in given.get("stays", ())),
        lists={f"{segment}-default": segment for segment in SEGMENTS} | given.get("lists", {}),
        tags={category: tuple(names) for category, names in given.get("tags", {}).items()},
        statuses=tuple(_status(number, each) for number, each in enumerate(given.get("statuses", ()), 1)),
        audiences={
            name: Audience(body["subject"], tuple(body.get("members", ())))
            for name, body in given.get("audiences", {}).items()
        },
        fields={
            subject: dict(_own(subject, key, said) for key, said in fields.items())
            for subject, fields in given.get("fields", {}).items()
        },
        kinds=kinds,
    )
    _check(world, given)
    return world


_WORDS = (
    "zone", "companies", "contacts", "events", "stays", "lists", "tags", "statuses", "audiences", "fields", "kinds",
)  # fmt: skip


def _check(world: World, given: Mapping[str, Any]) -> None:
    """Raise ``ValueError`` where a hand slipped: a case that asks nothing passes for the wrong reason."""
    wrong = [word for word in given if word not in _WORDS]
    tags = {f"{category}/{name}" for category, names in world.tags.items() for name in names}
    statuses = {each.name for each in world.statuses}
    subjects: list[Company | Contact] = [*world.companies.values(), *world.contacts.values()]
    for each in subjects:
        subject: Subject = "companies" if isinstance(each, Company) else "contacts"
        several = each.several if isinstance(each, Company) else ()
        wrong += [key for key in (*each.values, *several) if key not in (*BUILT_IN[subject], "merged_siren")]
        wrong += [key for key in each.own if f"own.{key}" not in world.fields.get(subject, {})]
        wrong += [tag for tag in each.tags if tag not in tags]
        wrong += [each.values["status"]] if each.values.get("status", "") not in (*statuses, "") else []
    wrong += [each.list for each in world.companies.values() if each.list not in world.lists]
    wrong += [each.kind for each in world.events if each.kind not in {**event_kinds.BUILT_IN, **world.kinds}]
    numbers = [each.company for each in world.contacts.values()]
    numbers += [each.merged_into for each in world.companies.values()]
    wrong += [number for number in numbers if number is not None and number not in world.companies]
    if wrong:
        raise ValueError(f"unknown in this world: {wrong}")


def moment(given: datetime | str, zone: ZoneInfo) -> datetime:
    """An instant in UTC; a local time is the zone's, the first of two."""
    read = datetime.fromisoformat(given) if isinstance(given, str) else given
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)


def _texts(given: str | list[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _values(body: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    made = {key: value for key, value in body.items() if key not in _SEVERAL and value != ""}
    made |= {key: moment(made.get(key, LONG_AGO), zone) for key in ("created", "updated")}
    return {key: Decimal(str(value)) if isinstance(value, float) else value for key, value in made.items()}


def _plain(own: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value
        for key, value in own.items()
        if value != ""
    }


def _company(id: int, body: Mapping[str, Any], zone: ZoneInfo) -> Company:
    rest = {key: value for key, value in body.items() if key not in ("own", "list", "tags", "merged_into")}
    return Company(
        id=id,
        values={"first_seen": LONG_AGO.date(), **_values(rest, zone)},
        several={key: _texts(body[key]) for key in _SEVERAL if key in body},
        own=_plain(body.get("own", {})),
        list=body.get("list", "prospect-default"),
        tags=tuple(body.get("tags", ())),
        merged_into=body.get("merged_into"),
    )


def _contact(id: int, body: Mapping[str, Any], zone: ZoneInfo) -> Contact:
    rest = {key: value for key, value in body.items() if key not in ("own", "tags", "company")}
    return Contact(
        id=id,
        values={"origin": "static", **_values(rest, zone)},
        own=_plain(body.get("own", {})),
        tags=tuple(body.get("tags", ())),
        company=body.get("company"),
    )


def _named(body: Mapping[str, Any]) -> Named:
    contact, company = body.get("contact"), body.get("company")
    is_siren = isinstance(company, str) and company.isdigit()
    return Named(
        contact_id=str(contact) if isinstance(contact, int) else None,
        contact_email=contact if isinstance(contact, str) else None,
        company_id=str(company) if isinstance(company, int) else None,
        company_siren=str(company) if is_siren else None,
        company_domain=company if isinstance(company, str) and not is_siren else None,
    )


def _event(body: Mapping[str, Any], zone: ZoneInfo, kinds: Mapping[str, Kind]) -> Event:
    rest = {key: value for key, value in body.items() if key not in ("at", "kind", "contact", "company", "visitor")}
    kind = kinds.get(body["kind"]) or event_kinds.BUILT_IN.get(body["kind"])
    types = kind.types if kind else {}
    return Event(
        at=moment(body["at"], zone),
        kind=body["kind"],
        named=_named(body),
        visitor=body.get("visitor"),
        properties={key: _property(key, value, types) for key, value in rest.items()},
    )


def _property(key: str, value: Any, types: Mapping[str, Property]) -> Any:
    """A property as the lake keeps it (tamis.sources.event_values): numbers with four decimals, the rest as text."""
    if key in event_kinds.BY_KEY:
        return Decimal(str(value)) if event_kinds.BY_KEY[key].type in ("number", "amount") else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if key in types and types[key].type in ("number", "amount"):
        return str(Decimal(str(value)).quantize(Decimal("0.0001")))
    return value.isoformat() if isinstance(value, date) else str(value)


def _stay(body: Mapping[str, Any], zone: ZoneInfo) -> Stay:
    ends = {key: moment(body[key], zone) for key in ("after", "until") if key in body}
    return Stay(body["visitor"], _named(body), **ends)


def _status(number: int, said: str | Mapping[str, Any]) -> StatusWord:
    if isinstance(said, str):
        return StatusWord(number, said)
    return StatusWord(number, said["name"], tuple(said["subjects"]))


def _own(subject: Subject, key: str, said: str | list[str]) -> tuple[str, Word]:
    if isinstance(said, list):
        return own_field(subject, key, key, "choice", said)
    return own_field(subject, key, key, said)


def _kind(key: str, own: Mapping[str, Any]) -> Kind:
    return Kind(key, key, Phase.BEFORE, own=tuple(Property(name, name, type) for name, type in own.items()))


def domain_of(host: str) -> str:
    """The domain by which a host is a company's, as the state keeps it."""
    return domain_key(parse_host(host))


def survivor(world: World, company: int | None) -> int | None:
    """The company that another was merged into, at the end of the chain; itself when it stands."""
    while company is not None and (into := world.companies[company].merged_into) is not None:
        company = into
    return company


def standing(world: World) -> Iterator[Company]:
    """The companies that there are: those not merged into another."""
    return (each for each in world.companies.values() if each.merged_into is None)
