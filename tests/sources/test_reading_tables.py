"""Files as people have them: what is read of each, what is refused, and with which words."""

import os
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tamis.errors import Unreadable
from tamis.sources.tables import BadRow, Row, Table, open_table

LIST_HEADINGS = {"nom", "siren", "domaine email", "website"}


def is_known(heading: str) -> bool:
    return heading.casefold() in LIST_HEADINGS


@pytest.fixture
def a_file(tmp_path: Path) -> Callable[..., Path]:
    def write(content: bytes | str, name: str = "liste.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def a_workbook(tmp_path: Path) -> Callable[..., Path]:
    def write(*sheets: list[list[object]], name: str = "liste.xlsx") -> Path:
        path = tmp_path / name
        with xlsxwriter.Workbook(path) as workbook:
            workbook.set_properties({"created": datetime(2026, 3, 31)})
            dated = workbook.add_format({"num_format": "dd/mm/yyyy hh:mm"})
            for rows in sheets:
                sheet = workbook.add_worksheet()
                for number, row in enumerate(rows):
                    for column, value in enumerate(row):
                        if isinstance(value, date):
                            sheet.write_datetime(number, column, value, dated)
                        else:
                            sheet.write(number, column, value)
        return path

    return write


def read(path: Path, known: Callable[[str], bool] | None = is_known) -> tuple[Table, list[Row | BadRow]]:
    with open_table(path, known_heading=known) as table:
        return table, list(table.rows)


def cells(path: Path, known: Callable[[str], bool] | None = is_known) -> list[tuple[str, ...]]:
    return [row.cells for row in read(path, known)[1]]


def refusal(path: Path) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(path)
    return caught.value


def bad(row: Row | BadRow) -> BadRow:
    assert isinstance(row, BadRow)
    return row


# Delimiters and headings


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found(a_file, delimiter):
    table, rows = read(a_file(delimiter.join(["Nom", "SIREN"]) + "\n" + delimiter.join(["Acme", "732829320"]) + "\n"))
    assert table.delimiter == delimiter
    assert rows == [Row(2, ("Acme", "732829320"))]


def test_the_delimiter_is_the_one_that_gives_the_headings_people_look_for(a_file):
    table, _ = read(a_file("Nom;Adresse, code postal, ville, pays;SIREN\nAcme;1, rue Haute, 75001, Paris;732829320\n"))
    assert table.headings == ("Nom", "Adresse, code postal, ville, pays", "SIREN")


def test_without_known_headings_the_delimiter_is_the_one_that_agrees_on_the_most_columns(a_file):
    table, _ = read(a_file("a;b;c\n1,5;2;3\n2,5;2;3\n"), None)
    assert table.headings == ("a", "b", "c")


def test_a_list_of_one_column_may_have_commas_in_its_names(a_file):
    assert cells(a_file("Nom\nDupont, Durand et fils\nAcme\n")) == [("Dupont, Durand et fils",), ("Acme",)]


def test_the_line_in_which_excel_declares_its_delimiter_is_obeyed(a_file):
    table, rows = read(a_file("sep=|\nNom|SIREN;x\nAcme|1;2\n"))
    assert table.headings == ("Nom", "SIREN;x")
    assert rows == [Row(3, ("Acme", "1;2"))]


def test_title_and_blank_lines_above_the_headings_are_passed_over(a_file):
    table, rows = read(a_file("Clients du Sud\n\nExport du 31 mars;;\nNom;SIREN\nAcme;732829320\n"))
    assert (table.headings, table.heading_line) == (("Nom", "SIREN"), 4)
    assert rows == [Row(5, ("Acme", "732829320"))]


def test_with_no_known_heading_the_first_line_that_is_not_blank_holds_the_headings(a_file):
    table, rows = read(a_file("\n\nVille;Pays\nLyon;France\n"))
    assert (table.headings, rows) == (("Ville", "Pays"), [Row(4, ("Lyon", "France"))])


def test_headings_are_trimmed_and_doubled_ones_kept(a_file):
    table, _ = read(a_file('" Nom \n complet ";Nom;Nom\na;b;c\n'))
    assert table.headings == ("Nom complet", "Nom", "Nom")


def test_headings_alone_are_a_table_without_rows(a_file):
    assert cells(a_file("Nom;SIREN\n")) == []


def test_the_number_of_rows_to_expect_is_close(a_file):
    table, _ = read(a_file("Nom;SIREN\n" + "Acme;732829320\n" * 50))
    assert table.expected_rows == 50


# Encodings

PEOPLE = "Nom;Ville\r\nSociété Dupré;Besançon\r\nHélène Noël;Nîmes\r\n"


@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("cp1252", "cp1252"),
        ("mac_roman", "mac_roman"),
        ("cp850", "cp850"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_accents_are_read_in_every_usual_encoding(a_file, codec, told):
    table, rows = read(a_file(PEOPLE.encode(codec)))
    assert table.encoding == told
    assert [row.cells for row in rows] == [("Société Dupré", "Besançon"), ("Hélène Noël", "Nîmes")]


@pytest.mark.parametrize("codec", ["cp1252", "mac_roman", "cp850"])
@pytest.mark.parametrize("word", ["Café", "Société", "À côté", "Élève", "Garçon", "SOCIÉTÉ"])
def test_one_accented_word_is_enough_to_tell_the_encoding(a_file, codec, word):
    assert cells(a_file(f"Nom;SIREN\n{word};732829320\n".encode(codec)))[0][0] == word


@pytest.mark.parametrize("word", ["Hôtel", "HÔTEL", "Noël", "L’Oréal", "Prix 12 €", "À la une", "Bâle", "Île", "Cœur"])
def test_in_doubt_the_encoding_is_that_of_windows(a_file, word):
    assert cells(a_file(f"Nom;SIREN\n{word};732829320\n".encode("cp1252")))[0][0] == word


def test_bytes_that_mean_nothing_cost_their_line_only(a_file):
    path = a_file("Nom;SIREN\nSociété;1\n".encode("cp1252") + b"Caf\x81;2\n" + "Hélène;3\n".encode("cp1252"))
    _, rows = read(path)
    assert [row.cells for row in rows] == [("Société", "1"), ("Caf\ufffd", "2"), ("Hélène", "3")]
    assert bad(rows[1]).code == "row.undecodable"


def test_a_damaged_byte_does_not_make_windows_text_of_a_file_in_utf_8(a_file):
    path = a_file("Nom;SIREN\nSociété Dupré;1\nHélène;2\n".encode() + b"Ren\xe9;3\n")
    table, rows = read(path)
    assert table.encoding == "utf-8"
    assert rows[0] == Row(2, ("Société Dupré", "1"))
    assert bad(rows[2]).cells == ("Ren\ufffd", "3")


# Records


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_one(a_file, end):
    assert read(a_file(f"Nom;SIREN{end}Acme;1{end}Beta;2"))[1] == [Row(2, ("Acme", "1")), Row(3, ("Beta", "2"))]


def test_line_ends_may_be_mixed(a_file):
    assert cells(a_file("Nom;SIREN\r\nA;1\nB;2\rC;3")) == [("A", "1"), ("B", "2"), ("C", "3")]


def test_a_quoted_cell_holds_delimiters_quotes_and_line_breaks(a_file):
    _, rows = read(a_file('Nom;SIREN\n"Acme ; ""Le Grand""\r\nParis";1\nBeta;2\n'))
    assert rows == [Row(2, ('Acme ; "Le Grand"\r\nParis', "1")), Row(4, ("Beta", "2"))]


def test_a_quote_within_a_cell_is_text(a_file):
    assert cells(a_file('Nom;SIREN\nCafé "Le Paris";1\nTube 5";2\n')) == [('Café "Le Paris"', "1"), ('Tube 5"', "2")]


def test_spaces_around_a_cell_are_left_to_the_caller(a_file):
    assert cells(a_file("Nom;SIREN\n  Acme ;\xa01\n")) == [("  Acme ", "\xa01")]


def test_a_short_row_is_padded(a_file):
    assert cells(a_file("Nom;SIREN;Website\nAcme\n")) == [("Acme", "", "")]


def test_empty_cells_beyond_the_headings_are_dropped(a_file):
    assert read(a_file("Nom;SIREN\nAcme;1;;; \n"))[1] == [Row(2, ("Acme", "1"))]


def test_blank_lines_are_passed_over(a_file):
    assert read(a_file("Nom;SIREN\n\n   \n;;\nAcme;1\n\x1a"))[1] == [Row(5, ("Acme", "1"))]


def test_a_full_cell_beyond_the_headings_refuses_the_row_and_names_the_likely_cause(a_file):
    row = bad(read(a_file("Nom,SIREN\nDupont, Durand,1\nAcme,2\n"))[1][0])
    assert (row.code, row.cells) == ("row.too-many-cells", ("Dupont", " Durand"))
    assert str(row.reason) == (
        "3 cases pour 2 colonnes : une case contient sans doute « , », mettez-la entre guillemets"
    )


def test_a_zero_byte_refuses_its_row_only(a_file):
    _, rows = read(a_file("Nom;SIREN\nAc\0me;1\nBeta;2\n"))
    assert (bad(rows[0]).code, rows[0].cells) == ("row.nul", ("Acme", "1"))
    assert rows[1] == Row(3, ("Beta", "2"))


def test_a_quote_that_is_never_closed_refuses_its_line_only(a_file):
    _, rows = read(a_file('Nom;SIREN\nAcme;1\n"Beta;2\nGamma;3\nDelta;4\n'))
    assert [row.number for row in rows] == [2, 3, 4, 5]
    assert (bad(rows[1]).code, rows[1].cells) == ("row.unclosed-quote", ('"Beta', "2"))
    assert rows[3] == Row(5, ("Delta", "4"))


def test_a_quote_never_closed_does_not_run_into_a_quoted_cell_further_down(a_file):
    _, rows = read(a_file('Nom;SIREN\n"Beta;2\nGamma;3\n"Le ; Paris";4\n'))
    assert bad(rows[0]).code == "row.unclosed-quote"
    assert rows[1:] == [Row(3, ("Gamma", "3")), Row(4, ("Le ; Paris", "4"))]


def test_a_quote_never_closed_is_found_before_the_end_of_a_long_file(a_file):
    _, rows = read(a_file('Nom;SIREN\n"Beta;2\n' + "Gamma;3\n" * 5_000))
    assert len(rows) == 5_001
    assert [row.number for row in rows if isinstance(row, BadRow)] == [2]


def test_quotes_left_single_within_a_quoted_cell_refuse_the_row(a_file):
    _, rows = read(a_file('Nom;SIREN\n"Café "Le Paris"";1\nBeta;2\n'))
    assert (bad(rows[0]).code, rows[0].cells) == ("row.stray-quote", ('"Café "Le Paris""', "1"))
    assert rows[1] == Row(3, ("Beta", "2"))


@pytest.mark.parametrize("cell", ["x" * 5_000_000, '"' + "x;" * 2_500_000 + '"', "x" * 40_000])
def test_a_huge_cell_refuses_its_row_and_is_cut(a_file, cell):
    _, rows = read(a_file(f"Nom;SIREN\nAcme;{cell}\nBeta;2\n"))
    assert (bad(rows[0]).code, rows[0].cells[0], len(rows[0].cells[1])) == ("row.too-long", "Acme", 200)
    assert rows[1] == Row(3, ("Beta", "2"))


def test_the_longest_cell_that_excel_holds_is_read(a_file):
    assert cells(a_file(f"Nom;SIREN\nAcme;{'x' * 32_767}\n")) == [("Acme", "x" * 32_767)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("'=1+1", "=1+1"), ("'+33 1 23", "+33 1 23"), ("''@x", "'@x"), ("'-5", "-5"), ("'t Hof", "'t Hof"), ("=1", "=1")],
)
def test_exactly_the_guard_against_formulas_is_taken_off(a_file, written, meant):
    assert cells(a_file(f"Nom;SIREN\n{written};1\n")) == [(meant, "1")]


def test_memory_does_not_follow_the_size_of_the_file(a_file):
    def peak(rows: int) -> int:
        path = a_file("Nom;SIREN\n" + "Société anonyme de taille moyenne;732829320\n" * rows)
        tracemalloc.start()
        with open_table(path, known_heading=is_known) as table:
            assert sum(1 for _ in table.rows) == rows
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(60_000) < 1.1 * peak(15_000)


# Files that are no tables

BINARIES = {
    "une image": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "un document PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "une archive compressée": b"\x1f\x8b\x08\x00" + bytes(100),
    "une page web ou un document XML": b"\xef\xbb\xbf\n<html><table><tr><td>Nom</td></tr></table></html>",
}


@pytest.mark.parametrize("what", BINARIES)
def test_a_file_of_another_kind_is_named_whatever_its_name_says(a_file, what):
    error = refusal(a_file(BINARIES[what], "liste.csv"))
    assert error.code == "file.other-kind"
    assert str(error) == (
        f"« liste.csv » est {what}, pas un tableau : enregistrez le tableau en CSV ou au format Excel (.xlsx)."
    )


def test_a_heading_may_begin_like_a_picture(a_file):
    assert cells(a_file("BMW;SIREN\nAcme;1\n")) == [("Acme", "1")]


@pytest.mark.parametrize("content", [bytes(10_000), bytes(range(1, 32)) * 50])
def test_bytes_that_are_no_text_are_refused(a_file, content):
    assert refusal(a_file(content)).code == "file.binary"


@pytest.mark.parametrize("content", [b"", b"\n \r\n\t\n", b"\xef\xbb\xbf", b";;;\n;;;\n", b"sep=;\n"])
def test_an_empty_file_is_refused(a_file, content):
    assert str(refusal(a_file(content))) == "Le fichier « liste.csv » est vide : choisissez-en un autre."


def test_a_missing_file_is_refused(tmp_path):
    assert str(refusal(tmp_path / "liste.csv")) == "Le fichier « liste.csv » n'existe pas : vérifiez son chemin."


def test_a_folder_is_refused(tmp_path):
    assert refusal(tmp_path).code == "file.not-a-file"


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "liste.csv")
    assert refusal(tmp_path / "liste.csv").code == "file.not-a-file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(a_file):
    path = a_file("Nom\n")
    path.chmod(0)
    assert refusal(path).code == "file.forbidden"


def test_a_right_refused_by_the_system_is_told(a_file, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = a_file("Nom\n")
    monkeypatch.setattr(Path, "open", refuse)
    assert refusal(path).code == "file.forbidden"


def test_the_name_in_an_error_is_the_one_people_know(a_file):
    with pytest.raises(Unreadable, match=r"« clients\.csv »"), open_table(a_file(b"", "tmp7f3"), name="clients.csv"):
        pass


def test_too_many_columns_are_refused(a_file):
    error = refusal(a_file(";".join(f"c{n}" for n in range(10_000)) + "\n"))
    assert str(error) == (
        "« liste.csv » a 10\u202f000 colonnes, et Tamis en lit 2\u202f000 au plus : "
        "supprimez les colonnes vides ou inutiles."
    )


@pytest.mark.parametrize("heading", ["x" * 5_000_000, ";" * 5_000_000, '"Nom;SIREN'])
def test_headings_that_cannot_be_read_are_refused(a_file, heading):
    assert refusal(a_file(f"{heading}\nAcme;1\n")).code == "heading.unreadable"


def test_a_file_that_changes_while_it_is_read_ends_in_an_error(a_file):
    path = a_file("Nom;SIREN\n" + "Acme;1\n" * 10)
    with open_table(path, known_heading=is_known) as table:
        next(table.rows)
        with path.open("a") as file:
            file.write("Beta;2\n")
        with pytest.raises(Unreadable, match="a changé pendant la lecture"):
            list(table.rows)


MORSELS = [b"Nom", b"\xe9", b"\xc3\xa9", b";", b",", b'"', b"\n", b"\r", b"\0", b"\xff\xfe", b"'="]


@given(st.binary(max_size=300) | st.lists(st.sampled_from(MORSELS)).map(b"".join))
@example(b"\xff\xfe\x00")
@example(b"\xff\xfe\x00\xd8\n\x00")
@example(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1Workbook")
@example(b"PK\x03\x04")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_raise_anything_but_unreadable(a_file, content):
    path = a_file(content)
    for known in (is_known, None):
        with suppress(Unreadable):
            table, rows = read(path, known)
            assert all(len(row.cells) == len(table.headings) for row in rows)


# Workbooks


def test_a_workbook_is_read_as_people_typed_it(a_workbook):
    path = a_workbook(
        [
            ["Nom", "Valeur"],
            ["siren", 732829320],
            ["siret", 73282932000074],
            ["texte", "005520176"],
            ["décimal", 12.5],
            ["petit", 0.00001],
            ["perdu", 1.2345e20],
            ["vrai", True],
            ["faux", False],
            ["date", date(2026, 3, 31)],
            ["heure", datetime(2026, 3, 31, 14, 30)],
        ]
    )
    assert dict(cells(path)) == {
        "siren": "732829320",
        "siret": "73282932000074",
        "texte": "005520176",
        "décimal": "12.5",
        "petit": "0.00001",
        "perdu": "1.2345e+20",
        "vrai": "oui",
        "faux": "non",
        "date": "2026-03-31",
        "heure": "2026-03-31 14:30:00",
    }


def test_a_workbook_is_known_by_its_content(a_workbook):
    table, rows = read(a_workbook([["Nom", "SIREN"], ["Acme", 1]], name="liste.csv"))
    assert (table.kind, table.encoding, table.delimiter) == ("xlsx", None, None)
    assert rows == [Row(2, ("Acme", "1"))]


def test_the_first_sheet_that_is_not_empty_is_read_and_rows_keep_their_numbers(a_workbook):
    table, rows = read(a_workbook([], [["Ma liste"], [], ["Nom", "SIREN"], [], ["Acme", 1]]))
    assert (table.sheet, table.heading_line, table.expected_rows) == ("Sheet2", 3, 2)
    assert rows == [Row(5, ("Acme", "1"))]


def test_a_hidden_sheet_comes_after_those_people_see(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "liste.xlsx") as workbook:
        hidden, shown = workbook.add_worksheet("Caché"), workbook.add_worksheet("Clients")
        hidden.write(0, 0, "Secret")
        hidden.hide()
        shown.write(0, 0, "Nom")
        shown.activate()
        shown.set_first_sheet()
    assert read(tmp_path / "liste.xlsx")[0].sheet == "Clients"


def test_a_cell_of_a_workbook_is_not_unguarded(a_workbook):
    assert cells(a_workbook([["Nom"], ["'+33 1"]])) == [("'+33 1",)]


def test_a_cell_beside_a_workbooks_headings_stands_under_an_empty_one(a_workbook):
    table, rows = read(a_workbook([["Nom"], ["Acme", "note"]]))
    assert (table.headings, rows) == (("Nom", ""), [Row(2, ("Acme", "note"))])


def test_an_old_workbook_is_read(a_file):
    table, rows = read(a_file(old_workbook()))
    assert (table.kind, table.sheet, rows) == ("xls", "Feuil1", [Row(2, ("Café", "732829320"))])


def test_an_open_document_is_read(tmp_path):
    table, rows = read(open_document(tmp_path / "liste.ods"))
    assert (table.kind, table.sheet, rows) == ("ods", "Feuille1", [Row(2, ("Café", "732829320"))])


def test_a_workbook_without_a_filled_cell_is_empty(a_workbook):
    assert refusal(a_workbook([])).code == "file.empty"


def test_an_old_workbook_with_a_password_is_refused(a_file):
    assert str(refusal(a_file(old_workbook(password=True)))) == (
        "« liste.csv » est protégé par un mot de passe : enlevez-le dans le tableur et enregistrez le fichier."
    )


def test_a_new_workbook_with_a_password_is_refused(a_file):
    assert refusal(a_file(container("EncryptedPackage", b"x"))).code == "file.password"


def test_an_open_document_with_a_password_is_refused(tmp_path):
    path = open_document(tmp_path / "liste.ods", manifest="<manifest:encryption-data/>")
    assert refusal(path).code == "file.password"


@pytest.mark.parametrize(
    ("part", "code"),
    [("word/document.xml", "file.document"), ("Index/Document.iwa", "file.numbers"), ("photo.jpg", "file.archive")],
)
def test_an_archive_that_is_no_workbook_is_refused(tmp_path, part, code):
    with zipfile.ZipFile(tmp_path / "liste.xlsx", "w") as archive:
        archive.writestr(part, "x")
    assert refusal(tmp_path / "liste.xlsx").code == code


def test_a_text_document_is_refused(tmp_path):
    assert refusal(open_document(tmp_path / "liste.ods", kind="text")).code == "file.document"


@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_a_workbook_cut_short_is_refused(a_workbook, share):
    path = a_workbook([["Nom", "SIREN"], ["Acme", 1]])
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert str(refusal(path)) == (
        "« liste.xlsx » est abîmé et ne s'ouvre pas : ouvrez-le dans un tableur et enregistrez-le de nouveau."
    )


def test_a_workbook_that_swells_when_unpacked_is_refused(a_workbook):
    path = a_workbook([["Nom"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/bombe.xml", "w") as part:
        for _ in range(501):
            part.write(bytes(1_000_000))
    assert str(refusal(path)) == (
        "« liste.xlsx » occupe 501 Mo une fois décompressé, et Tamis en lit 500 au plus : "
        "enregistrez la feuille en CSV."
    )


def test_a_stray_cell_in_the_last_corner_of_a_sheet_does_not_take_the_memory_of_the_server(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "liste.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        sheet.write(0, 0, "Nom")
        sheet.write(1_048_575, 16_383, "x")
    assert refusal(tmp_path / "liste.xlsx").code == "file.memory"


def test_a_wide_workbook_is_refused(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "liste.xlsx") as workbook:
        workbook.add_worksheet().write_row(0, 0, [f"c{n}" for n in range(2_001)])
    assert refusal(tmp_path / "liste.xlsx").code == "file.too-wide"


def test_a_workbook_may_be_left_before_its_end(a_workbook):
    path = a_workbook([["Nom"], *([f"Société {n}"] for n in range(20_000))])
    with open_table(path, known_heading=is_known) as table:
        assert next(table.rows) == Row(2, ("Société 0",))


@given(st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_workbook_raises_nothing_but_unreadable(a_workbook, data):
    path = a_workbook([["Nom", "SIREN"], ["Acme", 1]])
    content = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(4, len(content) - 1), min_size=1, max_size=20)):
        content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with suppress(Unreadable):
        read(path)


# Formats that nothing installed here writes


def open_document(path: Path, kind: str = "spreadsheet", manifest: str = "") -> Path:
    """The smallest OpenDocument file of a kind, with one table of two rows."""
    space = "urn:oasis:names:tc:opendocument:xmlns"
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'.format
    number = (
        '<table:table-cell office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>'.format
    )
    rows = "".join(
        f"<table:table-row>{first}{second}</table:table-row>"
        for first, second in [(text("Nom"), text("SIREN")), (text("Café"), number(732829320))]
    )
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
        f'xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Feuille1">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
    return path


def old_workbook(password: bool = False) -> bytes:
    """The smallest .xls: two rows in one sheet. Source: [MS-XLS]."""

    def record(kind: int, body: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def begin(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))

    def label(row: int, column: int, text: str) -> bytes:
        return record(0x204, struct.pack("<HHHHB", row, column, 0, len(text), 0) + text.encode("latin-1"))

    def book(sheet_at: int) -> bytes:
        secret = record(0x2F, struct.pack("<HHH", 1, 1, 1) + bytes(48)) if password else b""
        return begin(5) + secret + record(0x85, struct.pack("<IBBBB", sheet_at, 0, 0, 6, 0) + b"Feuil1") + record(0x0A)

    sheet = begin(0x10) + record(0x200, struct.pack("<IIHHH", 0, 2, 0, 2, 0))
    sheet += label(0, 0, "Nom") + label(0, 1, "SIREN") + label(1, 0, "Café")
    sheet += record(0x203, struct.pack("<HHHd", 1, 1, 0, 732829320.0)) + record(0x0A)
    return container("Workbook", book(len(book(0))) + sheet)


def container(name: str, content: bytes) -> bytes:
    """A compound file with one stream. Source: [MS-CFB]."""
    content = content.ljust(4096, b"\0")
    content += bytes(-len(content) % 512)
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    sectors = len(content) // 512
    chain = [0xFFFFFFFD, end, *range(3, sectors + 2), end]
    chain += [free] * (128 - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<10I", 0, 1, 1, 0, 4096, end, 0, end, 0, 0) + struct.pack("<108I", *[free] * 108)

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        title = name.encode("utf-16-le") + b"\0\0"
        links = struct.pack("<HBBIII", len(title), kind, 1, free, free, child)
        return title.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)

    folder = entry("Root Entry", 5, 1, end, 0) + entry(name, 2, free, 2, len(content))
    return header + struct.pack("<128I", *chain) + folder.ljust(512, b"\0") + content
