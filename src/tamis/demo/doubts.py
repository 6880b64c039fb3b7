"""What only a person can settle: business cards whose cells disagree, companies once more in an old CRM."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

from tamis.demo.companies import Company
from tamis.demo.files import EXCEL_FRENCH, EXCEL_UTF8, Cell, SampleFile, write_table
from tamis.demo.plans import COLUMNS

CARDS = 6
TWICE = 5
CRM_HEADINGS = ("Nom", "Adresse", "Code postal", "Ville", "Domaine email")


def write_cards(path: Path, companies: Sequence[Company]) -> SampleFile:
    """Business cards: the name and SIREN of one company beside the website of the next one."""
    chosen = [*islice(_found_online(companies), 2 * CARDS)]
    pairs = zip(chosen[::2], chosen[1::2], strict=True)
    rows = [(one.spoken, one.siren if line % 2 else "", "", other.website) for line, (one, other) in enumerate(pairs)]
    write_table(path, EXCEL_FRENCH, COLUMNS, rows)
    return SampleFile(path, len(rows))


def write_old_crm(path: Path, companies: Sequence[Company]) -> SampleFile:
    """An old CRM's export: companies of the base without their SIREN, misspelt, writing from another domain."""
    chosen = [*islice(_found_online(reversed(companies)), TWICE)]
    rows: list[tuple[Cell, ...]] = [
        (misspell(company.spoken), company.address, company.postal_code, company.city, _former_domain(company))
        for company, misspell in zip(chosen, MISSPELT * TWICE, strict=False)
    ]
    write_table(path, EXCEL_UTF8, CRM_HEADINGS, rows)
    return SampleFile(path, len(rows))


def _found_online(companies: Iterable[Company]) -> Iterable[Company]:
    """Those with a site of their own and a name of two or three words, each of some length."""
    for company in companies:
        words = company.spoken.split()
        if company.website and not company.parent and 2 <= len(words) <= 3 and min(map(len, words)) > 3:
            yield company


def _former_domain(company: Company) -> str:
    return f"ancien-{company.website}"


MISSPELT: tuple[Callable[[str], str], ...] = (
    lambda name: f"{name}s",
    lambda name: name[:-1],
    lambda name: name.replace(" ", "-").lower(),
)
