"""The sample's files say of themselves what the readers then find in them."""

import csv
import io
import json
from collections import Counter
from itertools import islice

import pytest
from python_calamine import CalamineWorkbook
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

from tamis.demo.companies import generate_companies
from tamis.demo.sample import write_sample
from tamis.demo.trades import BRACKETS
from tamis.identity.domains import read_email_domain, read_website
from tamis.identity.folding import name_key
from tamis.identity.identifiers import BadValue, read_siren, read_siret

READERS = {
    "SIREN": read_siren,
    "SIRET siège": read_siret,
    "Domaine email": read_email_domain,
    "Website": read_website,
    "Site web": read_website,
}
LISTS = {
    "interne", "clients", "concurrents", "distributeurs", "partenaires", "fournisseurs", "in-pipe", "hors-cible",
    "salon-industrie-lyon", "salon-tech-paris",
}  # fmt: skip
DIALECTS = {
    "entreprises.csv": ("utf-8-sig", ";", b"\xef\xbb\xbf"),
    "interne.csv": ("utf-8", ",", b"Nom"),
    "clients.csv": ("cp1252", ";", b"Nom"),
    "concurrents.csv": ("utf-8", ",", b"Nom"),
    "distributeurs.csv": ("utf-8-sig", ",", b"\xef\xbb\xbf"),
    "partenaires.csv": ("utf-8-sig", ",", b"\xef\xbb\xbf"),
    "fournisseurs.csv": ("utf-8-sig", ",", b"\xef\xbb\xbf"),
    "in-pipe.csv": ("utf-8-sig", ",", b"\xef\xbb\xbf"),
    "hors-cible.csv": ("cp1252", ";", b"Nom"),
    "salon-tech-paris.csv": ("utf-16", "\t", b"\xff\xfe"),
    "cartes-de-visite.csv": ("cp1252", ";", b"Nom"),
    "ancien-crm.csv": ("utf-8-sig", ";", b"\xef\xbb\xbf"),
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return write_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def base(sample):
    return rows_of(sample.base.path)


def rows_of(path):
    """The rows by heading, headings brought to one case; line 2 of the file is the first."""
    headings, *rows = cells_of(path)
    columns = [next((c for c in READERS if c.lower() == heading.lower()), heading) for heading in headings]
    columns = ["Nom" if column.lower() == "nom" else column for column in columns]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def cells_of(path):
    if path.suffix == ".xlsx":
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        return [[str(int(cell)) if isinstance(cell, float) else cell for cell in row] for row in sheet.to_python()]
    encoding, delimiter, _ = DIALECTS[path.name]
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""), delimiter=delimiter))


def readings(path):
    """Every filled cell that has a reader: its line, its column, and the reading or the refusal."""
    for line, row in enumerate(rows_of(path), start=2):
        for column, reader in READERS.items():
            if row.get(column):
                try:
                    yield line, column, reader(row[column])
                except BadValue as bad:
                    yield line, column, bad


def refusals(path):
    return {(line, column, found.code) for line, column, found in readings(path) if isinstance(found, BadValue)}


def planted(cells):
    return {(cell.line, cell.column, cell.code) for cell in cells if cell.column in READERS}


def files_of(sample):
    return [sample.base, sample.newcomers, *sample.lists.values()]


def test_the_files_promised_are_written_with_the_lines_promised(sample):
    assert set(sample.lists) == LISTS
    assert sample.base.lines == 2000
    assert sample.newcomers.lines == 60
    for file in files_of(sample):
        assert len(rows_of(file.path)) == file.lines
    assert {stem: file.lines for stem, file in sample.lists.items()} == {
        "interne": 3, "clients": 180, "concurrents": 15, "distributeurs": 40, "partenaires": 25, "fournisseurs": 40,
        "in-pipe": 60, "hors-cible": 120, "salon-industrie-lyon": 250, "salon-tech-paris": 200,
    }  # fmt: skip


@pytest.mark.parametrize("name", DIALECTS)
def test_each_file_is_in_its_dialect(sample, name):
    encoding, delimiter, start = DIALECTS[name]
    content = (sample.folder / name).read_bytes()
    assert content.startswith(start)
    text = content.decode(encoding)
    assert {len(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)} in ({4}, {5}, {17})


def test_windows_accents_are_not_utf_8(sample):
    with pytest.raises(UnicodeDecodeError):
        sample.lists["clients"].path.read_bytes().decode("utf-8")


def test_a_workbook_has_its_numbers_as_numbers_and_its_headings_in_another_order(sample):
    headings, *rows = (
        CalamineWorkbook.from_path(sample.lists["salon-industrie-lyon"].path).get_sheet_by_index(0).to_python()
    )
    assert headings == ["WEBSITE", "nom", "Siren", "DOMAINE EMAIL"]
    assert {type(row[2]) for row in rows if row[2]} == {float}


def test_every_bad_cell_is_refused_for_its_reason_and_no_other_cell_is(sample):
    for file in files_of(sample):
        assert refusals(file.path) == planted(file.bad), file.path.name


def test_exactly_the_repaired_cells_need_repair(sample):
    for file in files_of(sample):
        repaired = {
            (line, column)
            for line, column, found in readings(file.path)
            if not isinstance(found, BadValue) and found.repairs
        }
        assert repaired == {(cell.line, cell.column) for cell in file.repaired}, file.path.name


def test_planted_cells_are_quoted_as_they_stand(sample):
    for file in files_of(sample):
        rows = rows_of(file.path)
        for cell in file.bad + file.repaired:
            assert not cell.column or rows[cell.line - 2][cell.column] == cell.cell


def test_a_list_line_has_a_name_and_another_cell_unless_planted(sample):
    for file in sample.lists.values():
        alone = {cell.line for cell in file.bad if cell.code == "key.missing"}
        for line, row in enumerate(rows_of(file.path), start=2):
            filled = [column for column, cell in row.items() if cell]
            assert "Nom" in filled
            assert (len(filled) == 1) is (line in alone)


def test_clients_have_the_dirt_of_real_files(sample):
    clients = sample.lists["clients"]
    assert {cell.code for cell in clients.bad} == {
        "siren.check", "number.scientific", "domain.address", "domain.free", "cell.several", "key.missing",
    }  # fmt: skip
    assert clients.bad_lines == 6
    assert Counter(cell.code.partition(".")[0] for cell in clients.repaired) == {"siren": 19, "website": 5, "email": 1}


def test_numbers_that_are_not_keys_are_soiled_too(sample, base):
    others = [cell for cell in sample.base.bad if cell.column not in READERS]
    assert Counter(cell.column for cell in others) == {"Effectif": 4, "Chiffre d'affaires": 2, "Date de création": 1}
    soiled = {(cell.line, cell.column) for cell in others}
    for line, row in enumerate(base, start=2):
        for column in ("Effectif", "Chiffre d'affaires"):
            assert not row[column] or row[column].isdigit() is ((line, column) not in soiled)


def test_every_siren_of_the_base_is_valid_and_its_own_except_the_planted(sample, base):
    bad = {cell.line for cell in sample.base.bad if cell.column == "SIREN"}
    sirens = [row["SIREN"] for line, row in enumerate(base, start=2) if line not in bad]
    assert all(stdnum_siren.is_valid(siren) for siren in sirens)
    assert len(set(sirens)) == len(sirens) == 2000 - len(bad)
    assert sum(siren.startswith("0") for siren in sirens) == 10
    assert all(row["SIRET siège"].startswith(row["SIREN"]) for row in base if row["SIRET siège"])


def test_newcomers_are_not_in_the_base(sample, base):
    newcomers = rows_of(sample.newcomers.path)
    for column in ("SIREN", "Site web", "Raison sociale"):
        assert not {row[column] for row in newcomers} & {row[column].removeprefix("www.") for row in base}


def test_a_subsidiary_belongs_to_a_company_of_the_base(sample, base):
    parents = [row["Maison mère"] for row in base if row["Maison mère"]]
    assert len(parents) == sample.subsidiaries >= 10
    assert set(parents) <= {row["SIREN"] for row in base}


def test_outside_groups_a_domain_is_one_companys(sample, base):
    clean = [row for row in base if not row["Maison mère"] and row["Domaine email"] not in planted_domains(sample)]
    holders = Counter(host for row in clean for host in {row["Site web"].removeprefix("www."), row["Domaine email"]})
    del holders[""]
    assert set(holders.values()) == {1}


def planted_domains(sample):
    return {cell.cell for cell in sample.base.bad if cell.column == "Domaine email"}


def test_the_counts_of_each_list_are_what_its_lines_say(sample, base):
    known, waiting = index(base), index(rows_of(sample.newcomers.path))
    seen = set()
    for stem, file in sample.lists.items():
        named = [names(keys, known | waiting) for _, keys in accepted_lines(file)]
        assert sum(name in known for name in named) == file.known, stem
        assert sum(name in waiting for name in named) == file.waiting, stem
        assert sum(isinstance(name, frozenset) for name in named) == file.unknown, stem
        assert file.known + file.waiting + file.unknown + file.bad_lines == file.lines, stem
        assert sum(name in seen for name in named if isinstance(name, str)) == file.contested, stem
        seen |= set(named)


def names(keys, by_key):
    """The SIREN of the one company that the keys name, or the keys themselves when nobody has them."""
    found = {by_key[key] for key in keys if key in by_key}
    assert len(found) <= 1, f"{keys} name two companies"
    return found.pop() if found else frozenset(keys)


def index(rows):
    """The SIREN of the company that each key, a SIREN or a host, belongs to alone."""
    holders = {}
    for row in rows:
        for key in {row["SIREN"], row["Site web"].removeprefix("www."), row["Domaine email"]} - {""}:
            holders.setdefault(key, set()).add(row["SIREN"])
    return {key: next(iter(sirens)) for key, sirens in holders.items() if len(sirens) == 1}


def accepted_lines(file):
    """The accepted lines of a list file, each as its row and the keys that its cells give."""
    refused = {cell.line for cell in file.bad}
    keys = {}
    for line, _, found in readings(file.path):
        if line not in refused:
            keys.setdefault(line, set()).add(found.value)
    rows = rows_of(file.path)
    return [(rows[line - 2], keys[line]) for line in sorted(keys)]


def test_each_list_names_whom_such_a_list_would(sample, base):
    by_key = index(base)
    rows = {row["SIREN"]: row for row in base}

    def companies(stem):
        named = [names(keys, by_key) for _, keys in accepted_lines(sample.lists[stem])]
        return [rows[name] for name in named]

    assert {row["Code NAF"][:2] for row in companies("distributeurs")} == {"46"}
    assert {row["Catégorie juridique"][0] for row in companies("hors-cible")} == {"7", "9"}
    assert {row["Code NAF"][:2] for row in companies("concurrents")} <= {"58", "61", "62", "63", "72"}
    own = companies("interne")
    assert len({row["Maison mère"] or row["SIREN"] for row in own}) == 1 < len(own)


def test_lists_are_by_siren_or_by_domain_as_their_owner_had_it(sample):
    assert not any(row["SIREN"] for row in rows_of(sample.lists["concurrents"].path))
    assert not any(row["Website"] or row["Domaine email"] for row in rows_of(sample.lists["hors-cible"].path))
    in_pipe = rows_of(sample.lists["in-pipe"].path)
    assert sum(not row["SIREN"] for row in in_pipe) == 40


def test_one_name_in_ten_is_spelled_another_way(sample, base):
    respelled = sum(file.respelled for file in sample.lists.values())
    lines = sum(file.lines for file in sample.lists.values())
    assert 0.06 < respelled / lines < 0.14
    names = {row["Raison sociale"] for row in base}
    different = [row["Nom"] for row in rows_of(sample.lists["hors-cible"].path) if row["Nom"] not in names]
    assert len(different) == sample.lists["hors-cible"].respelled
    assert any(name_key(name).upper() in names for name in different)


def test_the_same_seed_writes_the_same_bytes(sample, tmp_path):
    again = write_sample(tmp_path)
    for file, twin in zip(files_of(sample), files_of(again), strict=True):
        assert file.path.read_bytes() == twin.path.read_bytes(), file.path.name
        assert (file.bad, file.repaired) == (twin.bad, twin.repaired)


def test_another_seed_writes_another_base(sample, tmp_path):
    other = write_sample(tmp_path, seed=7)
    assert other.base.path.read_bytes() != sample.base.path.read_bytes()
    for file in files_of(other):
        assert refusals(file.path) == planted(file.bad), file.path.name


def test_a_small_base_makes_short_lists_that_are_still_right(tmp_path):
    small = write_sample(tmp_path, companies=400)
    assert all(file.lines > 2 for file in small.lists.values())
    for file in files_of(small):
        assert refusals(file.path) == planted(file.bad), file.path.name


def test_too_small_a_base_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least 200"):
        write_sample(tmp_path, companies=50)


@pytest.fixture(scope="module")
def companies():
    return list(generate_companies(20_000, seed=1))


def test_generated_companies_have_valid_numbers_of_their_own(companies):
    assert len({company.siren for company in companies}) == 20_000
    for company in companies:
        assert stdnum_siren.is_valid(company.siren)
        assert stdnum_siret.is_valid(company.siret)
        assert company.siret.startswith(company.siren)
        assert company.siren[0] in "3456789"
        assert not company.siren.startswith("356000000")


def test_a_larger_count_begins_with_the_same_companies(companies):
    assert list(islice(generate_companies(1_000_000, seed=1), 500)) == companies[:500]
    assert list(generate_companies(500, seed=2)) != companies[:500]


def test_generated_domains_can_be_read_without_repair(companies):
    for company in islice(companies, 5_000):
        assert not company.website or read_website(company.website).repairs == ()
        assert not company.email_domain or read_email_domain(company.email_domain).repairs == ()


def test_generated_names_are_the_registers(companies):
    for company in companies:
        assert company.name.isascii()
        assert company.name == company.name.upper()
        assert name_key(company.name).endswith(name_key(company.spoken))
    namesakes = sum(count for count in Counter(company.name for company in companies).values() if count > 1)
    assert namesakes < 0.05 * len(companies)


def test_generated_companies_are_mostly_small_and_mostly_on_the_web(companies):
    known = [company.headcount for company in companies if company.headcount is not None]
    assert 0.75 < sum(headcount < 10 for headcount in known) / len(known) < 0.95
    assert any(headcount >= 250 for headcount in known)
    assert 0.65 < sum(bool(company.website) for company in companies) / len(companies) < 0.75
    assert any(company.bracket and company.headcount is None for company in companies)


def test_a_bracket_holds_its_headcount(companies):
    for company in companies:
        if company.headcount and company.bracket:
            assert company.bracket == next(code for first, code in reversed(BRACKETS) if first <= company.headcount)


def test_generated_companies_are_all_over_france(companies):
    departments = {company.department for company in companies}
    assert len(departments) > 90
    assert {"2A", "2B", "75", "01", "974"} <= departments


def test_business_cards_name_one_company_and_show_the_site_of_another(sample, base):
    by_key, names_of = index(base), {row["SIREN"]: name_key(row["Raison sociale"]) for row in base}
    cards = rows_of(sample.cards.path)
    assert len(cards) == sample.cards.lines == 6
    for row in cards:
        other = by_key[row["Website"]]
        assert name_key(row["Nom"]) not in names_of[other]
        assert row["SIREN"] != other
        assert any(name_key(row["Nom"]) in name for name in names_of.values())


def test_the_old_crm_has_companies_of_the_base_once_more(sample, base):
    addresses = {(row["Adresse"], row["Code postal"]) for row in base}
    headings, *rows = cells_of(sample.old_crm.path)
    assert headings == ["Nom", "Adresse", "Code postal", "Ville", "Domaine email"]
    assert len(rows) == sample.old_crm.lines == 5
    assert {(row[1], row[2]) for row in rows} <= addresses
    assert not {row[4] for row in rows} & {row["Domaine email"] for row in base}


def test_contacts_are_at_companies_of_the_base_and_can_be_read(sample, base):
    from tamis.sources.contact_fields import read_email, read_phone

    headings, *rows = list(csv.reader(io.StringIO(sample.contacts.path.read_text("cp1252"), newline=""), delimiter=";"))
    contacts = [dict(zip(headings, row, strict=True)) for row in rows]
    assert len({each["E-mail"] for each in contacts}) == len(contacts) == sample.contacts.lines == 240
    domains = {row["Domaine email"] for row in base}
    for each in contacts:
        assert each["E-mail"].partition("@")[2] in domains
        assert read_email(each["E-mail"]).repairs == ()
        assert not each["Portable"] or read_phone(each["Portable"]).repairs == ()


def test_what_people_did_is_read_without_a_refusal(sample):
    from zoneinfo import ZoneInfo

    from tamis.demo.traces import UNTIL
    from tamis.sources.event_values import Setting
    from tamis.sources.events import check

    setting = Setting(now=UNTIL, zone=ZoneInfo("Europe/Paris"), currency="EUR")
    events = [json.loads(line) for line in sample.events.path.read_text(encoding="utf-8").splitlines()]
    assert len(events) == len({each["id"] for each in events}) == sample.events.lines > 2_000
    assert {each["kind"] for each in events} >= {"page_view", "email_open", "identify", "form", "deal_won", "deal_lost"}
    assert [each["ts"] for each in events] == sorted(each["ts"] for each in events)
    for each in events:
        check(each, setting)
