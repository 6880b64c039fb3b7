"""The people of the demo: contacts at companies of the base, as an Excel file of theirs would have them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from tamis.demo.companies import Company, register_name
from tamis.demo.files import EXCEL_FRENCH, SampleFile, write_table
from tamis.demo.words import FIRST_NAMES, SURNAMES

CONTACTS = 240
HEADINGS = (
    "Prénom", "Nom", "E-mail", "Portable", "Société", "SIREN", "Ville", "Poste", "Fonction",
    "Niveau hiérarchique", "Statut", "Tag:Intérêt", "Origine",
)  # fmt: skip
STATUSES = ("Froid", "Tiède", "Chaud", "Client", "Ancien client")
INTERESTS = ("Découpe laser", "Maintenance", "Formation", "Logiciel de gestion", "Sous-traitance")
JOBS = (
    ("Gérante", "Direction", "Dirigeant"), ("Directeur général", "Direction", "Dirigeant"),
    ("Directrice commerciale", "Commercial", "Direction"), ("Responsable des achats", "Achats", "Encadrement"),
    ("Acheteur", "Achats", "Employé"), ("Chargée de communication", "Marketing", "Employé"),
    ("Responsable marketing", "Marketing", "Encadrement"), ("Directeur technique", "Technique", "Direction"),
    ("Assistante de direction", "Administratif", "Employé"),
    ("Responsable informatique", "Informatique", "Encadrement"),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody at a company, with an address there."""

    first_name: str
    last_name: str
    email: str
    company: Company


def people(companies: Iterable[Company], rng: Random, count: int = CONTACTS) -> list[Person]:
    """One or two people at each company that has a domain of its own for its mail, ``count`` in all."""
    found: dict[str, Person] = {}
    for company in companies:
        if len(found) >= count:
            break
        if company.email_domain and not company.parent:
            for _ in range(1 + (rng.random() < 0.3)):
                first, last = rng.choice(FIRST_NAMES), rng.choice(SURNAMES)
                local = ".".join(register_name(name).lower().replace(" ", "-") for name in (first, last))
                person = Person(first, last, f"{local}@{company.email_domain}", company)
                found.setdefault(person.email, person)
    return [*islice(found.values(), count)]


def write_contacts(path: Path, known: Sequence[Person], rng: Random) -> SampleFile:
    """The contacts' file: most are tied to their company by their address, some by the SIREN."""
    rows = [_row(person, number, rng) for number, person in enumerate(known)]
    write_table(path, EXCEL_FRENCH, HEADINGS, rows)
    return SampleFile(path, len(rows))


def _row(person: Person, number: int, rng: Random) -> tuple[str, ...]:
    job, function, level = rng.choice(JOBS)
    phone = f"06 {rng.randrange(40, 89)} {rng.randrange(10, 99)} {rng.randrange(10, 99)} {rng.randrange(10, 99)}"
    company = person.company
    return (
        person.first_name, person.last_name, person.email,
        phone if rng.random() < 0.6 else "", company.spoken, company.siren if number % 3 == 0 else "", company.city,
        job, function, level, STATUSES[int(rng.random() ** 1.5 * len(STATUSES))],
        rng.choice(INTERESTS) if rng.random() < 0.5 else "", "statique" if rng.random() < 0.8 else "dynamique",
    )  # fmt: skip
