"""The same list as people's programs save it: whatever the dialect, the lines and their companies are the same."""

import pytest
import xlsxwriter

from tamis.app.models import Company
from tamis.app.services import list_imports, list_versions, lists
from tamis.errors import Unreadable

HEADINGS = ["Nom", "SIREN", "Domaine email", "Website"]
ROWS = [
    ["Hôtel « Œuvre »", "732 829 320", "", ""],
    ["Boulangerie ; Pâtisserie, Père & Fils", "552100554", "", ""],
    ['Café "Le Paris"', "", "cafe-exemple.fr", ""],
    ["Deux\nlignes", "", "", "https://www.deux-exemple.fr/accueil"],
]


def quoted(cell):
    return '"' + cell.replace('"', '""') + '"'


def text(delimiter=";", end="\n", headings=HEADINGS, rows=ROWS):
    return end.join(delimiter.join(map(quoted, row)) for row in [headings, *rows]) + end


def ansi(content):
    return content.replace("Œ", "OE").encode("cp1252")


DIALECTS = {
    "comma, UTF-8": text(",").encode(),
    "semicolon, UTF-8 with BOM": text(";").encode("utf-8-sig"),
    "tab, UTF-16": text("\t").encode("utf-16"),
    "UTF-16 big endian": text(";").encode("utf-16-be"),
    "semicolon, Windows-1252": text(";").encode("cp1252"),
    "CRLF": text(";", "\r\n").encode("cp1252"),
    "old Mac line ends": text(";", "\r").encode(),
    "sep= line": ("sep=;\n" + text(";")).encode(),
    "titles above": ("Export du 31 mars;;;\n;;;\n" + text(";")).encode(),
    "other case, order and spaces": text(
        ";", headings=["  SITE   WEB ", "nom", "Domaine E-mail", "siren"], rows=[[r[3], r[0], r[2], r[1]] for r in ROWS]
    ).encode(),
    "more columns": text(";", headings=[*HEADINGS, "Motif", "Divers"], rows=[[*r, "x", ""] for r in ROWS]).encode(),
}


@pytest.fixture
def known(company):
    return company("Hôtel", siren="732829320"), company("Boulangerie", siren="552100554")


def import_bytes(alice, tmp_path, content, name="liste.csv", **options):
    file = tmp_path / name
    file.write_bytes(content)
    return list_imports.import_file(alice, lists.find("client-default"), file, **options)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_lines_are_the_same_in_every_dialect(alice, known, tmp_path, dialect):
    report = import_bytes(alice, tmp_path, DIALECTS[dialect])
    assert (report.lines, report.accepted, report.matched, report.waiting, report.moved) == (4, 4, 2, 2, 2), dialect
    names = [line.name for line in list_versions.content(lists.find("client-default")).order_by("number")]
    assert names == ["Hôtel « Œuvre »", "Boulangerie ; Pâtisserie, Père & Fils", 'Café "Le Paris"', "Deux lignes"]
    assert Company.objects.filter(list__name="client-default").count() == 2


def test_a_workbook_with_numbers_as_numbers(alice, known, tmp_path):
    file = tmp_path / "liste.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ["Hôtel", 732829320])
        sheet.write_row(2, 0, ["Boulangerie", 55210055400013])
        sheet.write_row(3, 0, ["Zéros perdus", 5520176])
    report = list_imports.import_file(alice, lists.find("client-default"), file)
    assert (report.accepted, report.matched, report.waiting, report.refused) == (3, 2, 1, 0), report.refusals


def test_bad_lines_are_refused_one_by_one_and_the_others_taken(alice, known, tmp_path):
    lines = [
        b"Nom;SIREN;Domaine email;Website",
        b"Bon;732829320;;",
        b"NUL\x00ici;552100554;;",
        b"Enorme;;" + b"x" * 5_000_000 + b";",
        b"Trop;732829320;;;de cases",
        b"Deux;732829320 / 552100554;;",
        b"Deux;;acme.fr, bolt.fr;",
        b"Mail;;gmail.com;",
        b"Mail;;sfr.fr;",
        b"Mot;;acme;",
        b'"Jamais ferm\xc3\xa9;;x-exemple.fr;',
        b"Encore bon;;y-exemple.fr;",
        b"Excel;3,26E+13;;",
        b"=1+1;;z-exemple.fr;",
    ]
    report = import_bytes(alice, tmp_path, b"\n".join(lines) + b"\n")
    assert [told.line for told in report.refusals] == [3, 4, 5, 6, 7, 8, 9, 10, 11, 13]
    assert (report.accepted, report.matched) == (3, 1)


def test_each_repaired_line_says_so(alice, workspace, tmp_path):
    rows = ["A;5520176;;", "B;732 829 320;;", "C;;;https://www.c-exemple.fr/x", "D;55210055400013;;", "E;542110291;;"]
    report = import_bytes(alice, tmp_path, ("Nom;SIREN;Domaine email;Website\n" + "\n".join(rows)).encode())
    said = {told.line: " ".join(map(str, told.messages)) for told in report.repairs}
    assert list(said) == [2, 3, 4, 5]
    assert "005520176" in said[2]
    assert "espaces" in said[3]
    assert "www." in said[4]
    assert "/x" in said[4]
    assert "SIRET 55210055400013" in said[5]


NO_TABLES = [b"", b"\xef\xbb\xbf", b"\n\n\n", b"\x89PNG\r\n\x1a\n\x00\x01", b"%PDF-1.7\n", b"\x00" * 5000]


@pytest.mark.parametrize("content", NO_TABLES)
def test_what_is_no_table_changes_nothing(alice, known, tmp_path, content):
    import_bytes(alice, tmp_path, text().encode())
    with pytest.raises(Unreadable):
        import_bytes(alice, tmp_path, content)
    assert list_versions.content(lists.find("client-default")).count() == 4


def test_headings_only_empty_the_list(alice, known, tmp_path):
    import_bytes(alice, tmp_path, text().encode())
    report = import_bytes(alice, tmp_path, b"Nom;SIREN;Domaine email;Website\n")
    assert (report.lines, report.released) == (0, 2)
