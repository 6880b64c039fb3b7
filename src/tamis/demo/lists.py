"""The list files: which companies each names, as whose hands would have written them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tamis.demo.companies import Company, check_digit
from tamis.demo.files import Cell, ListFile, Planted, write_table
from tamis.demo.plans import COLUMNS, EMAIL_DOMAIN, HOSTS, NAME, OWN_GROUP, PLANS, SIREN, WEBSITE, Plan

Keys = Mapping[str, Mapping[str, str]]
"""For each SIREN the cells that name this company and no other, by column."""


@dataclass(frozen=True)
class Dirt:
    """A way of writing the cell of a column that its reader repairs or refuses."""

    column: str
    write: Callable[[Company, Mapping[str, str]], str]


@dataclass(frozen=True)
class Entry:
    """A line to be: its company, and the code of what is wrong with it."""

    company: Company
    repair: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Line:
    """A written line: the cells by column, and its entry."""

    cells: Mapping[str, str]
    entry: Entry


def _spaced(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:9]} {number[9:]}".strip()


def vat_number(siren: str) -> str:
    """The French VAT number of a SIREN."""
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def wrong_siren(siren: str) -> str:
    """The SIREN with a check digit that cannot be."""
    return siren[:8] + str((int(check_digit(siren[:8])) + 3) % 10)


REPAIRS = {
    "siren.zeros": Dirt(SIREN, lambda company, keys: company.siren.lstrip("0")),
    "siren.spaces": Dirt(SIREN, lambda company, keys: _spaced(company.siren)),
    "siren.siret": Dirt(SIREN, lambda company, keys: company.siret),
    "siren.siret_spaces": Dirt(SIREN, lambda company, keys: _spaced(company.siret)),
    "siren.vat": Dirt(SIREN, lambda company, keys: vat_number(company.siren)),
    "email.www": Dirt(EMAIL_DOMAIN, lambda company, keys: f"www.{keys[EMAIL_DOMAIN]}"),
    "website.www": Dirt(WEBSITE, lambda company, keys: f"www.{keys[WEBSITE]}"),
    "website.path": Dirt(WEBSITE, lambda company, keys: f"https://www.{keys[WEBSITE]}/contact"),
}

FAULTS = {
    "siren.check": Dirt(SIREN, lambda company, keys: wrong_siren(company.siren)),
    "number.scientific": Dirt(SIREN, lambda company, keys: "3,26E+13"),
    "domain.address": Dirt(EMAIL_DOMAIN, lambda company, keys: f"contact@{keys[EMAIL_DOMAIN]}"),
    "domain.free": Dirt(EMAIL_DOMAIN, lambda company, keys: "orange.fr"),
    "cell.several": Dirt(WEBSITE, lambda company, keys: f"{keys[WEBSITE]}, {keys[WEBSITE]}/boutique"),
    "website.platform": Dirt(WEBSITE, lambda company, keys: "https://www.linkedin.com/company/" + company.siren),
    "key.missing": Dirt("", lambda company, keys: ""),
}


class Pool:
    """Companies not yet named by any list, each given once."""

    def __init__(self, companies: Iterable[Company], keys: Keys) -> None:
        self.left = list(companies)
        self.keys = keys

    def take(self, count: int, plan: Plan, dirt: Dirt | None = None, zeros: bool = False) -> list[Company]:
        """The next companies, at most ``count``, that suit the plan and can be written with this dirt."""
        taken: list[Company] = []
        kept: list[Company] = []
        for company in self.left:
            chosen = len(taken) < count and self._suits(company, plan, dirt, zeros)
            (taken if chosen else kept).append(company)
        self.left = kept
        return taken

    def _suits(self, company: Company, plan: Plan, dirt: Dirt | None, zeros: bool) -> bool:
        keys = self.keys[company.siren]
        return (
            _suits(company, plan.sectors, zeros)
            and (not plan.by_host or not HOSTS.isdisjoint(keys))
            and (dirt is None or not dirt.column or dirt.column in keys)
        )


def _suits(company: Company, sectors: str, zeros: bool = False) -> bool:
    return company.sector in sectors.split() and company.siren.startswith("0") is zeros


def keys_of(companies: Sequence[Company]) -> Keys:
    """The cells that name each company, leaving out the domains that several share."""
    holders = Counter(host for company in companies for host in {company.website, company.email_domain})
    return {
        company.siren: {SIREN: company.siren}
        | {
            column: host
            for column, host in ((EMAIL_DOMAIN, company.email_domain), (WEBSITE, company.website))
            if host and holders[host] == 1
        }
        for company in companies
    }


def write_lists(
    folder: Path,
    own: Sequence[Company],
    base: Sequence[Company],
    newcomers: Sequence[Company],
    strangers: Sequence[Company],
    rng: Random,
) -> tuple[dict[str, ListFile], frozenset[str]]:
    """Write every list file; returns them by stem, and the SIRENs of the companies they were drawn from."""
    keys = keys_of([*base, *newcomers, *strangers])
    pools = [Pool(rng.sample(some, len(some)), keys) for some in (base, newcomers, strangers)]
    pools[0].left = [company for company in pools[0].left if company not in own]
    arrival = {company.siren: "known" for company in base} | {company.siren: "waiting" for company in newcomers}
    drawn: dict[str, list[Entry]] = {OWN_GROUP.stem: [Entry(company) for company in own]}
    files: dict[str, ListFile] = {}
    for plan in (OWN_GROUP, *PLANS):
        if plan is not OWN_GROUP:
            drawn[plan.stem] = _entries(plan.for_base_of(len(base)), pools, drawn, rng)
        lines = [
            _line(entry, plan.fills[index % len(plan.fills)], keys[entry.company.siren], rng)
            for index, entry in enumerate(drawn[plan.stem])
        ]
        rng.shuffle(lines)
        earlier = {e.company.siren for stem in files for e in drawn[stem] if not e.fault}
        files[plan.stem] = _write(folder, plan, lines, arrival, earlier)
    return files, frozenset(entry.company.siren for entries in drawn.values() for entry in entries)


def _entries(plan: Plan, pools: Sequence[Pool], drawn: Mapping[str, list[Entry]], rng: Random) -> list[Entry]:
    base, newcomers, strangers = pools
    repaired = [
        Entry(company, repair=code)
        for code, count in plan.repairs
        for company in base.take(count, plan, REPAIRS[code], zeros=code == "siren.zeros")
    ]
    plain = base.take(plan.known - len(repaired), plan)
    plain += newcomers.take(plan.newcomers, plan) + strangers.take(plan.strangers, plan)
    for stem, count, sectors in plan.again:
        named = [e.company for e in drawn[stem] if not e.fault and e.company not in plain]
        fitting = [company for company in named if _suits(company, sectors)]
        plain += rng.sample(fitting, min(count, len(fitting)))
    faulty = [Entry(company, fault=code) for code in plan.faults for company in base.take(1, plan, FAULTS[code])]
    return [Entry(company) for company in plain] + repaired + faulty


def _line(entry: Entry, fill: Sequence[str], keys: Mapping[str, str], rng: Random) -> Line:
    """The line as somebody wrote it; a faulty one has nothing but the name and the bad cell."""
    company = entry.company
    if entry.fault:
        dirt = FAULTS[entry.fault]
        return Line({NAME: company.name, dirt.column: dirt.write(company, keys)}, entry)
    spelled = _respelled(company, rng) if rng.random() < 0.1 else company.name
    cells = {NAME: spelled} | _filled(fill, keys)
    if WEBSITE in cells and rng.random() < 0.4:
        cells[WEBSITE] = f"https://{cells[WEBSITE]}{'/' if rng.random() < 0.5 else ''}"
    if entry.repair:
        dirt = REPAIRS[entry.repair]
        cells[dirt.column] = dirt.write(company, keys)
    return Line(cells, entry)


def _filled(fill: Sequence[str], keys: Mapping[str, str]) -> dict[str, str]:
    """The cells of these columns, or of another domain column or the SIREN when the company has none of them."""
    wanted = [column for column in fill if column in keys]
    if not wanted:
        wanted = [column for column in (EMAIL_DOMAIN, WEBSITE, SIREN) if column in keys][:1]
    return {column: keys[column] for column in wanted}


def _respelled(company: Company, rng: Random) -> str:
    spoken = company.spoken
    spellings = [name for name in (spoken, spoken, spoken.lower(), spoken.upper()) if name != company.name]
    return spellings[int(rng.random() * len(spellings))]


def _write(folder: Path, plan: Plan, lines: Sequence[Line], arrival: Mapping[str, str], earlier: set[str]) -> ListFile:
    path = folder / f"{plan.stem}.{plan.dialect.extension}"
    columns = [_column_of(heading) for heading in plan.headings]
    rows = [[_cell(line.cells.get(column, ""), plan) for column in columns] for line in lines]
    write_table(path, plan.dialect, plan.headings, rows)
    accepted = [line for line in lines if not line.entry.fault]
    named = [line.entry.company for line in accepted]
    count = Counter(arrival.get(company.siren, "unknown") for company in named)
    return ListFile(
        path=path,
        lines=len(lines),
        bad=_planted(lines, FAULTS, lambda entry: entry.fault),
        repaired=_planted(lines, REPAIRS, lambda entry: entry.repair),
        known=count["known"],
        waiting=count["waiting"],
        unknown=count["unknown"],
        contested=sum(company.siren in earlier and company.siren in arrival for company in named),
        respelled=sum(line.cells[NAME] != line.entry.company.name for line in accepted),
    )


def _column_of(heading: str) -> str:
    return next(column for column in COLUMNS if column.lower() == heading.lower())


def _cell(cell: str, plan: Plan) -> Cell:
    """The cell, as a number where a workbook would have made one of it."""
    return int(cell) if plan.dialect.extension == "xlsx" and cell.isdigit() else cell


def _planted(lines: Sequence[Line], dirt: Mapping[str, Dirt], code_of: Callable[[Entry], str]) -> tuple[Planted, ...]:
    found = ((number, line, code_of(line.entry)) for number, line in enumerate(lines, start=2))
    return tuple(
        Planted(number, dirt[code].column, line.cells.get(dirt[code].column, ""), code)
        for number, line, code in found
        if code
    )
