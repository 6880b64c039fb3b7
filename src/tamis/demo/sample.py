"""The demo's files: a company base, those that come later, a marketing team's lists, and what is left to settle."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from random import Random

from tamis.demo.companies import OLDEST_BLOCK, Company, check_digit, generate_companies, register_name, registrations
from tamis.demo.doubts import write_cards, write_old_crm
from tamis.demo.files import EXCEL_UTF8, WORKBOOK, Cell, ListFile, Planted, SampleFile, write_table
from tamis.demo.lists import write_lists, wrong_siren
from tamis.demo.people import people, write_contacts
from tamis.demo.plans import OWN_NAMES
from tamis.demo.traces import write_events, write_sales
from tamis.demo.words import FREE_MAIL

HEADINGS = (
    "Raison sociale", "Nom commercial", "Sigle", "SIREN", "SIRET siège", "Site web", "Domaine email", "Code NAF",
    "Effectif", "Tranche effectif", "Chiffre d'affaires", "Adresse", "Code postal", "Ville", "Catégorie juridique",
    "Date de création", "Maison mère",
)  # fmt: skip

NEWCOMERS = 60
STRANGERS = 40
SMALLEST = 200  # below, some lists would have nobody to name
OLDEST = 10  # companies whose SIREN begins with a zero
FAIR_SECTORS = frozenset({"industry", "wholesale", "engineering", "tech", "advice"})

# cells that cannot be read, of companies that no list names: column, code, what the cell says
DIRTY_CELLS = (
    ("Effectif", "count.form", ("env. 12", "env. 30", "5 à 8", "plus de 50")),
    ("SIREN", "siren.check", ("", "", "")),
    ("SIREN", "number.form", ("en cours",)),
    ("Domaine email", "domain.free", FREE_MAIL[:6]),
    ("Chiffre d'affaires", "amount.form", ("NC", "confidentiel")),
    ("Date de création", "date.form", ("31/02/2015",)),
)


@dataclass(frozen=True)
class Sample:
    """The files of a sample and what each holds; ``lists`` goes by the file's name without its ending."""

    folder: Path
    base: SampleFile
    newcomers: SampleFile
    lists: Mapping[str, ListFile]
    cards: SampleFile  # a list whose lines each name two companies
    old_crm: SampleFile  # companies of the base once more
    contacts: SampleFile
    events: SampleFile
    sales: SampleFile
    subsidiaries: int
    shared_domains: int  # of the subsidiaries, those that write from their group's e-mail domain


def write_sample(folder: Path, companies: int = 2000, seed: int = 2026) -> Sample:
    """Write the base, the newcomers and the list files into ``folder``: the same files for the same seed.

    A base of fewer than 2,000 makes shorter lists; under 200 companies it raises ``ValueError``.
    """
    if companies < SMALLEST:
        raise ValueError(f"a sample needs at least {SMALLEST} companies, not {companies}")
    folder.mkdir(parents=True, exist_ok=True)
    rng = Random(seed)  # noqa: S311 - no secret, a sample
    stream = _without_borrowed_domains(generate_companies(companies + 40 * (NEWCOMERS + STRANGERS), seed))
    base = _with_oldest(list(islice(stream, companies)), seed)
    own, base = _with_own_group(base)
    later = _later_arrivals(stream, base)
    newcomers, strangers = list(islice(later, NEWCOMERS)), list(islice(later, STRANGERS))
    single = [company for company in base if company not in own]
    known = people(single, rng)
    lists, named = write_lists(folder, own, base, newcomers, strangers, rng)
    return Sample(
        folder=folder,
        base=_write_base(folder / "entreprises.csv", base, named, rng),
        newcomers=_write_newcomers(folder / "nouvelles-entreprises.xlsx", newcomers),
        lists=lists,
        cards=write_cards(folder / "cartes-de-visite.csv", single),
        old_crm=write_old_crm(folder / "ancien-crm.csv", single),
        contacts=write_contacts(folder / "contacts.csv", known, rng),
        events=write_events(folder / "traces.ndjson", known, rng),
        sales=write_sales(folder / "ventes.xlsx", known, rng),
        subsidiaries=sum(bool(company.parent) for company in base),
        shared_domains=_shared_domains(base),
    )


def _without_borrowed_domains(companies: Iterable[Company]) -> Iterator[Company]:
    """The companies, those outside a group cleared of domains that somebody else already has."""
    seen: set[str] = set()
    for company in companies:
        hosts = {company.website, company.email_domain} - {""}
        if not company.parent and hosts & seen:
            company = replace(company, website="", email_domain="")
        seen |= hosts
        yield company


def _with_oldest(companies: Sequence[Company], seed: int) -> list[Company]:
    """The companies, some manufacturers that have a site renumbered from the register's first years."""
    numbers = registrations(OLDEST, seed, OLDEST_BLOCK)
    makers = [company for company in companies if company.sector == "industry" and not company.parent]
    chosen = [company for company in makers if company.website]
    old = {company.siren: _renumbered(company, *number) for company, number in zip(chosen, numbers, strict=False)}
    return [old.get(company.siren, company) for company in companies]


def _renumbered(company: Company, siren: str, created: date) -> Company:
    payload = siren + company.siret[9:13]
    return replace(company, siren=siren, siret=payload + check_digit(payload), created=created)


def _with_own_group(companies: Sequence[Company]) -> tuple[list[Company], list[Company]]:
    """Our own group, which takes the places of a holding and two software firms, and the base with it."""
    parents = {company.parent for company in companies}
    holdings = [company for company in companies if company.sector == "holding" and company.siren not in parents]
    firms = [company for company in companies if company.naf in ("58.29C", "62.01Z") and not company.parent]
    own = {
        company.siren: _own(company, spoken, holdings[0].siren if company in firms else "")
        for company, spoken in zip(holdings[:1] + firms[:2], OWN_NAMES, strict=True)
    }
    return list(own.values()), [own.get(company.siren, company) for company in companies]


def _own(company: Company, spoken: str, parent: str) -> Company:
    name = register_name(spoken)
    host = name.lower().replace(" ", "-") + ".fr"
    named = replace(company, name=name, spoken=spoken, trade_name="", acronym="", parent=parent)
    return replace(named, website=host, email_domain=host)


def _later_arrivals(companies: Iterable[Company], base: Sequence[Company]) -> Iterator[Company]:
    """Those who might turn up at a trade fair, have a site and no namesake in the base."""
    names = {company.spoken for company in base}
    for company in companies:
        if company.sector in FAIR_SECTORS and company.website and not company.parent and company.spoken not in names:
            yield company


def _shared_domains(companies: Sequence[Company]) -> int:
    mail = {company.siren: company.email_domain for company in companies}
    return sum(bool(company.email_domain) and company.email_domain == mail.get(company.parent) for company in companies)


def _row(company: Company) -> dict[str, Cell]:
    cells: tuple[Cell | None, ...] = (
        company.name, company.trade_name, company.acronym, company.siren, company.siret, company.website,
        company.email_domain, company.naf, company.headcount, company.bracket, company.revenue, company.address,
        company.postal_code, company.city, company.legal_category, company.created, company.parent,
    )  # fmt: skip
    return {heading: "" if cell is None else cell for heading, cell in zip(HEADINGS, cells, strict=True)}


def _write_newcomers(path: Path, companies: Sequence[Company]) -> SampleFile:
    write_table(path, WORKBOOK, HEADINGS, [list(_row(company).values()) for company in companies])
    return SampleFile(path, len(companies))


def _write_base(path: Path, companies: Sequence[Company], named: frozenset[str], rng: Random) -> SampleFile:
    rows = [_row(company) for company in companies]
    repaired = [
        _with_prefix(row, line) for line, row in enumerate(rows, start=2) if row["Site web"] and rng.random() < 0.4
    ]
    parents = {company.parent for company in companies}
    free = [
        line
        for line, company in enumerate(companies, start=2)
        if company.siren not in named | parents and not company.parent
    ]
    bad = tuple(_soil(rows, rng.sample(free, len(free))))
    write_table(path, EXCEL_UTF8, HEADINGS, [list(row.values()) for row in rows])
    return SampleFile(path, len(rows), bad, tuple(repaired))


def _with_prefix(row: dict[str, Cell], line: int) -> Planted:
    row["Site web"] = cell = f"www.{row['Site web']}"
    return Planted(line, "Site web", cell, "website.www")


def _soil(rows: Sequence[dict[str, Cell]], lines: Iterable[int]) -> Iterator[Planted]:
    """Spoil one cell in each of some lines, as :data:`DIRTY_CELLS` says."""
    wanted = ((column, code, text) for column, code, texts in DIRTY_CELLS for text in texts)
    for (column, code, text), line in zip(wanted, lines, strict=False):
        row = rows[line - 2]
        cell = text or wrong_siren(str(row["SIREN"]))
        row[column] = cell
        if column == "SIREN":
            row["SIRET siège"] = ""
        yield Planted(line, column, cell, code)
