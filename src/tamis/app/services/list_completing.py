"""What a bare column leaves out: the name of a company known by its SIREN, a key of one known by its name."""

from collections.abc import Callable, Sequence

from tamis.app.models import Company, CompanyDomain
from tamis.app.services.matching import match_all
from tamis.identity.domains import read_email_domain, read_website
from tamis.identity.folding import name_key
from tamis.identity.identifiers import BadValue, Reading, read_siren
from tamis.identity.match import Sought
from tamis.messages import Message, say
from tamis.sources.lists import Cells

Completed = tuple[Cells, tuple[Message, ...]]


def complete(lines: Sequence[Cells]) -> list[Completed]:
    """Lines without names, or of names alone, with what the base knows of their companies.

    A line whose company nobody knows yet is called by its key; a name that no single company has stays alone.
    """
    found = [match.company for match in match_all([_sought(cells) for cells in lines])]
    companies = Company.objects.in_bulk({id for id in found if id is not None})
    hosts = _hosts(list(companies))
    return [
        _completed(cells, companies.get(company) if company else None, hosts)
        for cells, company in zip(lines, found, strict=True)
    ]


def _completed(cells: Cells, company: Company | None, hosts: dict[int, dict[str, str]]) -> Completed:
    name, siren, email_domain, website = cells
    keyed = bool(siren.strip() or email_domain.strip() or website.strip())
    if not name.strip() and keyed:
        called = company.name if company else _called_by(cells)
        said = say("nom pris de l'entreprise connue") if company else say("nom à venir : la ligne porte sa clé")
        return ((called, siren, email_domain, website), (said,)) if called else (cells, ())
    if name.strip() and not keyed and company:
        known = hosts.get(company.pk, {})
        filled = (name, company.siren or "", known.get("email", ""), known.get("website", ""))
        return (filled, (say("clés prises de l'entreprise connue"),)) if any(filled[1:]) else (cells, ())
    return cells, ()


def _called_by(cells: Cells) -> str:
    """The key of a line as a name, the best one first; nothing when none can be read."""
    for cell, read, form in (
        (cells[1], read_siren, "SIREN {}"),
        (cells[3], read_website, "{}"),
        (cells[2], read_email_domain, "{}"),
    ):
        if cell.strip() and (value := _value(read, cell)):
            return form.format(value)
    return ""


def _sought(cells: Cells) -> Sought:
    """What a line that may be wrong looks for: its cells that can be read."""
    return Sought.of(
        name_key(cells[0]), _value(read_siren, cells[1]), _value(read_website, cells[3]),
        _value(read_email_domain, cells[2]),
    )  # fmt: skip


def _value(read: Callable[[str], Reading[str]], cell: str) -> str | None:
    if not cell.strip():
        return None
    try:
        return read(cell).value
    except BadValue:
        return None


def _hosts(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """The first website and the first e-mail domain of each company."""
    hosts: dict[int, dict[str, str]] = {}
    rows = CompanyDomain.objects.filter(company__in=ids).order_by("pk").values_list("company_id", "use", "host")
    for company, use, host in rows:
        hosts.setdefault(company, {}).setdefault(use, host)
    return hosts
