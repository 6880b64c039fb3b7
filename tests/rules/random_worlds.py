"""Small worlds by chance, full of what goes wrong: missing values, ties, equal instants, clock changes, odd letters."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from rules.world import World, read_world

PARIS_EDGES = (
    "2024-02-28T23:00:00", "2024-02-29T11:00:00", "2025-12-31T23:00:00", "2026-02-28T11:00:00", "2026-03-28T23:00:00",
    "2026-03-29T00:30:00", "2026-03-29T01:00:00", "2026-03-29T01:30:00", "2026-03-29T22:00:00", "2026-03-31T10:00:00",
    "2026-04-29T00:30:00", "2026-06-15T10:00:00", "2026-10-24T22:00:00", "2026-10-25T00:30:00", "2026-10-25T01:00:00",
    "2026-10-25T01:30:00", "2026-10-25T23:00:00", "2026-11-25T01:30:00",
)  # fmt: skip
EDGES = tuple(datetime.fromisoformat(f"{text}+00:00") for text in PARIS_EDGES)
NOWS = tuple(each for each in EDGES if each.year == 2026)
STEPS = tuple(
    timedelta(**step)
    for step in (
        {"days": 0}, {"hours": 1}, {"hours": 24}, {"days": 2}, {"days": 7}, {"days": 28}, {"days": 30}, {"days": 31},
        {"days": 90}, {"days": 365},
    )
)  # fmt: skip
TEXTS = (
    "Lyon", "LYON ", "lyo\u0308n", "Saint-Étienne", "SAINT\u2011ETIENNE", "Cœur", "coeur", "Straße", "STRASSE",
    "l\u2019œuvre", "l'oeuvre", "a\u202fb", "A  b", "\ufb01n", "fin", "E\u0301te\u0301", "été", "\u200b", "100%",
    "a_b", "a%b", "\u0130stanbul", "istanbul", "\U0001f600", "\ue000", "\u0149", "\u01c6", "Σίσυφος", "σισυφοσ",
    "x'; DROP TABLE companies; --", 'dit "oui"', "back\\slash", "$p1", "{x}", "\uff21\uff22", "ab", "東京", "0", "12",
)  # fmt: skip
COMMON = ("Lyon", "LYON ", "Cœur", "coeur", "été", "E\u0301te\u0301", "", "ab")
"""Texts that come often, so that some are the same."""
NUMBERS = ("-3", "-0.0001", "0", "0.3333", "0.3334", "1", "2", "3", "10", "12", "12.5", "99.9999", "1000000")
NOTES = ("12", "12.5", "-3", "3", "abc", "", "0", "douze", "12 km", "1.2.3", "\u200b", "Œ", "oe")
NAFS = ("62.01Z", "62.02A", "63.11Z", "01.11Z")
SIRENS = ("552100554", "732829320", "404833048", "441639465", "542065479")
HOSTS = ("forges.fr", "shop.forges.fr", "acier.ca", "grandesforges.fr", "dupont.free.fr", "free-bois.com")
EMAILS = ("Alice@forges.fr", "bob@acier.ca", "carla@gmail.com", "d.d@forges.fr")
KINDS = ("page_view", "purchase", "form", "email_open", "install")
MOMENT = timedelta(microseconds=1)

SETTING: dict[str, Any] = {
    "statuses": ["Chaud", "froid", {"name": "Présent", "subjects": ["contacts"]}],
    "lists": {"Prospect Salons": "prospect", "client-or": "client"},
    "tags": {"Secteur": ["Industrie", "Services"], "Centre": ["Industrie", "Été"]},
    "fields": {
        "companies": {"parc": "number", "visite": "date", "contrat": "yes-no", "gamme": ["Pro", "Éco"],
                      "machine": "text", "city": "text"},
        "contacts": {"score": "number", "rdv": "date", "vip": "yes-no", "machine": "text"},
    },
    "kinds": {"install": {"machines": "number", "prix": "amount", "le": "date", "urgent": "yes-no", "modele": "text"}},
}  # fmt: skip


def random_world(seed: int) -> tuple[World, datetime]:
    """A world and the instant at which it is asked, always the same for a seed."""
    made = _Maker(Random(seed))
    return made.world(), made.now


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.now = random.choice(NOWS)
        self.today = self.now.date()

    def world(self) -> World:
        companies, contacts = self.random.randint(3, 14), self.random.randint(2, 16)
        self.companies = [*range(1, companies + 1)]
        self.contacts = [*range(101, contacts + 101)]
        self.merged = {id: self.random.randint(1, id - 1) for id in self.companies[1:] if self.random.random() < 0.25}
        sirens = [*SIRENS]
        self.random.shuffle(sirens)
        return read_world({
            **SETTING,
            "companies": {id: self.company(id, sirens) for id in self.companies},
            "contacts": {id: self.contact(id) for id in self.contacts},
            "events": [self.event() for _ in range(self.random.choice((0, 40, 120, 240)))],
            "stays": self.stays(),
            "audiences": {
                "En cours": {"subject": "contacts", "members": self.some(self.contacts)},
                "Cibles": {"subject": "companies", "members": self.some(self.companies)},
            },
        })  # fmt: skip

    def some(self, of: Any) -> list[Any]:
        return [each for each in of if self.random.random() < 0.4]

    def maybe(self, chance: float, **values: Any) -> dict[str, Any]:
        """Each value with this chance; the others are missing."""
        return {key: value() for key, value in values.items() if self.random.random() < chance}

    def one(self, *of: Any) -> Any:
        return lambda: self.random.choice(of)

    def texts(self) -> str:
        return self.random.choice(COMMON if self.random.random() < 0.7 else TEXTS)

    def number(self) -> Decimal:
        return Decimal(self.random.choice(NUMBERS[2:8] if self.random.random() < 0.6 else NUMBERS))

    def day(self) -> date:
        near = self.random.choice((0, 1, 2, 6, 7, 29, 30, 31, 365, 400, -1, -30))
        return self.random.choice((self.today - timedelta(days=near), self.random.choice(EDGES).date()))

    def moment(self) -> datetime:
        """Instants at the edges of windows, of days, months and clock changes; often the same ones."""
        edge = self.random.choice((self.now, self.now, self.now, self.random.choice(EDGES)))
        near = self.random.choice((timedelta(), timedelta(), MOMENT, -MOMENT))
        return edge - self.random.choice(STEPS) + near

    def names(self) -> list[str]:
        return [self.texts() for _ in range(self.random.randint(0, 2))]

    def company(self, id: int, sirens: list[str]) -> dict[str, Any]:
        body = self.maybe(
            0.6, name=self.texts, usual_name=self.texts, brand=self.names, naf=self.one(*NAFS), city=self.texts,
            address=self.texts, region=self.texts, department=self.one("01", "2A", "69", ""), founded=self.day,
            country=self.one("FR", "CA"), headcount_bracket=self.one("01", "11", "12", "NN"),
            size_class=self.one("PME", "TPE"), revenue=lambda: round(self.number(), 2), created=self.moment,
            website=lambda: self.some(HOSTS), email_domain=lambda: self.some(HOSTS[:3]),
            siret=lambda: self.some(("55210055400013", "55210055400005")) if id == 1 else [],
            status=self.one("Chaud", "froid"), list=self.one("client-or", "client-default", "Prospect Salons"),
        )  # fmt: skip
        body |= self.maybe(0.4, headcount=self.one(0, 1, 3, 10, 12, 20))
        body |= self.maybe(0.3, siren=sirens.pop) if sirens else {}
        if id in self.merged:  # merging hands these over
            gone = ("siren", "siret", "website", "email_domain")
            body = {key: value for key, value in body.items() if key not in gone} | {"merged_into": self.merged[id]}
        body["tags"] = self.some(("Secteur/Industrie", "Secteur/Services", "Centre/Industrie", "Centre/Été"))
        body["own"] = self.maybe(
            0.6, parc=self.number, visite=self.day, contrat=self.one(True, False), gamme=self.one("Pro", "Éco", ""),
            machine=self.texts, city=self.texts,
        )  # fmt: skip
        return body

    def contact(self, id: int) -> dict[str, Any]:
        body = self.maybe(
            0.6, civility=self.one("M.", "Mme"), first_name=self.texts, city=self.texts, level=self.texts,
            country=self.one("FR", "CA"), phone=self.one("+33612345678", "+14185550123"), function=self.texts,
            origin=self.one("static", "dynamic"), created=self.moment, status=self.one("Chaud", "froid", "Présent"),
            company_siren=self.one(*SIRENS),
        )  # fmt: skip
        if id - 101 < len(EMAILS) and self.random.random() < 0.8:
            body["email"] = EMAILS[id - 101]
        if self.random.random() < 0.7:
            standing = [id for id in self.companies if id not in self.merged]  # merging hands contacts over
            body["company"] = self.random.choice(standing)
        body["tags"] = self.some(("Secteur/Industrie", "Secteur/Services", "Centre/Industrie", "Centre/Été"))
        body["own"] = self.maybe(0.6, score=self.number, rdv=self.day, vip=self.one(True, False), machine=self.texts)
        return body

    def named(self) -> dict[str, Any]:
        return self.random.choice((
            {"contact": self.random.choice(self.contacts)},
            {"contact": self.random.choice(self.contacts)},
            {"contact": self.random.choice((*EMAILS, "nobody@example.com")).lower()},
            {"company": self.random.choice(self.companies)},
            {"company": self.random.choice((*SIRENS, *HOSTS, "blog.forges.fr", "x.shop.forges.fr"))},
            {"contact": self.random.choice(self.contacts), "company": self.random.choice(self.companies)},
        ))  # fmt: skip

    def event(self) -> dict[str, Any]:
        kind = self.random.choice(KINDS)
        visitor = {"visitor": self.random.choice(("v1", "v2", "v3"))}
        who = self.random.choice((self.named(), self.named(), visitor, visitor | self.named()))
        body: dict[str, Any] = {"at": self.moment(), "kind": kind, **who}
        body |= self.maybe(
            0.6, path=self.one("/", "/tarifs", "/Tarifs", "/été", ""), channel=self.texts, value=self.number,
            quantity=self.number, note=self.one(*NOTES), device=self.one("Mobile", "mobile", "fixe"),
        )  # fmt: skip
        if kind == "install":
            body |= self.maybe(
                0.6, machines=self.number, prix=self.number, le=self.day, urgent=self.one(True, False),
                modele=self.texts,
            )  # fmt: skip
        return body

    def stays(self) -> list[dict[str, Any]]:
        """Of each visitor one after another, as identifications make them."""
        found = []
        for visitor in ("v1", "v2"):
            ends = sorted({self.moment() for _ in range(self.random.randint(0, 2))})
            starts = [None, *ends]
            for after, until in zip(starts, [*ends, None], strict=True):
                bounds = {"after": after, "until": until}
                given = {key: value for key, value in bounds.items() if value is not None}
                found.append({"visitor": visitor, **self.named(), **given})
        return found
