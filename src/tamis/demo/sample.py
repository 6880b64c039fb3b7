"""The demo's files: a company base, the companies that come next month, and the lists of a marketing team."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from random import Random

from tamis.demo.companies import OLDEST_BLOCK, Company, check_digit, generate_companies, register_name, registrations
from tamis.demo.files import EXCEL_UTF8, WORKBOOK, Cell, ListFile, Planted, SampleFile, write_table
from tamis.demo.lists import write_lists, wrong_siren
from tamis.demo.plans import OWN_NAMES
from tamis.demo.words import FREE_MAIL

HEADINGS = (
    "Raison sociale", "Nom commercial", "Sigle", "SIREN", "SIRET siège", "Site web", "Domaine email", "Code NAF",
    "Effectif", "Tranche effectif", "Chiffre d'affaires", "Adresse", "Code postal", "Ville", "Catégorie juridique",
    "Date de création", "Maison mère",
)  # fmt: skip

NEWCOMERS = 60
STRANGERS = 20
OLDEST = 10  # companies whose SIREN begins with a zero

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
    subsidiaries: int
    shared_domains: int  # of the subsidiaries, those that write from their group's e-mail domain


def write_sample(folder: Path, companies: int = 2000, seed: int = 2026) -> Sample:
    """Write the base, the newcomers and the list files into ``folder``: the same files for the same seed."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = Random(seed)
    stream = _without_borrowed_domains(generate_companies(companies + 40 * (NEWCOMERS + STRANGERS), seed))
    base = _with_oldest(list(islice(stream, companies)), seed)
    own, base = _with_own_group(base)
    later = _later_arrivals(stream, base)
    newcomers, strangers = list(islice(later, NEWCOMERS)), list(islice(later, STRANGERS))
    lists, named = write_lists(folder, own, base, newcomers, strangers, rng)
    return Sample(
        folder=folder,
        base=_write_base(folder / "entreprises.csv", base, named, rng),
        newcomers=_write_newcomers(folder / "nouvelles-entreprises.xlsx", newcomers),
        lists=lists,
        subsidiaries=sum(bool(company.parent) for company in base),
        shared_domains=_shared_domains(base),
    )


def _without_borrowed_domains(companies: Iterable[Company]) -> Iterator[Company]:
    """The companies, those without a group cleared of the domains somebody else already has."""
    seen: set[str] = set()
    for company in companies:
        hosts = {company.website, company.email_domain} - {""}
        if not company.parent and hosts & seen:
            company = replace(company, website="", email_domain="")
        seen |= hosts
        yield company


def _with_oldest(companies: Sequence[Company], seed: int) -> list[Company]:
    """The companies, the first manufacturers among them given numbers from the register's first years."""
    numbers = registrations(OLDEST, seed, OLDEST_BLOCK)
    return [
        _renumbered(company, *number)
        if company.sector == "industry" and not company.parent and (number := next(numbers, None))
        else company
        for company in companies
    ]


def _renumbered(company: Company, siren: str, created: object) -> Company:
    payload = siren + company.siret[9:13]
    return replace(company, siren=siren, siret=payload + check_digit(payload), created=created)


def _with_own_group(companies: Sequence[Company]) -> tuple[list[Company], list[Company]]:
    """Our own group, which takes the place of a holding and of two software firms, and the whole base with it."""
    holdings = [company for company in companies if company.sector == "holding" and not _owns(company, companies)]
    firms = [company for company in companies if company.naf in ("58.29C", "62.01Z") and not company.parent]
    renamed = {
        company.siren: _own(company, spoken, holdings[0].siren if number else "")
        for number, (company, spoken) in enumerate(zip(holdings[:1] + firms[:2], OWN_NAMES, strict=False))
    }
    return list(renamed.values()), [renamed.get(company.siren, company) for company in companies]


def _owns(company: Company, companies: Sequence[Company]) -> bool:
    return any(other.parent == company.siren for other in companies)


def _own(company: Company, spoken: str, parent: str) -> Company:
    host = register_name(spoken).lower().replace(" ", "-") + ".fr"
    return replace(
        company, name=register_name(spoken), spoken=spoken, trade_name="", acronym="", website=host, email_domain=host, parent=parent
    )


def _later_arrivals(companies: Iterable[Company], base: Sequence[Company]) -> Iterator[Company]:
    """The companies of the stream that could turn up at a trade fair and have no double in the base."""
    names = {company.spoken for company in base}
    for company in companies:
        if company.sector in ("industry", "wholesale", "engineering", "tech", "advice") and not company.parent and company.website and company.spoken not in names:
            yield company


def _shared_domains(companies: Sequence[Company]) -> int:
    mail = {company.siren: company.email_domain for company in companies}
    return sum(bool(company.email_domain) and company.email_domain == mail.get(company.parent) for company in companies)


def _row(company: Company) -> dict[str, Cell]:
    blank = "" 
    return dict(
        zip(
            HEADINGS,
            (
                company.name, company.trade_name, company.acronym, company.siren, company.siret, company.website,
                company.email_domain, company.naf, blank if company.headcount is None else company.headcount,
                company.bracket, blank if company.revenue is None else company.revenue, company.address,
                company.postal_code, company.city, company.legal_category, company.created, company.parent,
            ),
            strict=True,
        )
    )  # fmt: skip


def _write_newcomers(path: Path, companies: Sequence[Company]) -> SampleFile:
    write_table(path, WORKBOOK, HEADINGS, [list(_row(company).values()) for company in companies])
    return SampleFile(path, len(companies))
