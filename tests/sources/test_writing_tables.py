"""Tables written as CSV and Excel files, and read back by Tamis as they were."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from tamis.errors import Refused
from tamis.sources.tables import Row, open_table
from tamis.sources.writing import Format, csv_lines, format_of, write_table

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
DANGEROUS = st.text(st.sampled_from("'=+-@\t\r\n＝＋－＠\";, x"), max_size=6)


def read_back(path: Path) -> list[tuple[str, ...]]:
    with open_table(path) as table:
        rows = list(table.rows)
    assert all(isinstance(row, Row) for row in rows)
    return [row.cells for row in rows]


@pytest.mark.parametrize(
    ("format", "content"),
    [
        (Format.CSV, b"\xef\xbb\xbfNom,Ville\r\nSoci\xc3\xa9t\xc3\xa9,Lyon\r\n"),
        (Format.CSV_FR, b"\xef\xbb\xbfNom;Ville\r\nSoci\xc3\xa9t\xc3\xa9;Lyon\r\n"),
    ],
)
def test_a_csv_file_opens_in_excel_with_its_accents(tmp_path, format, content):
    path = tmp_path / "export.csv"
    assert write_table(path, ["Nom", "Ville"], [["Société", "Lyon"]], format) == 1
    assert path.read_bytes() == content


def test_values_are_written_plainly(tmp_path):
    path = tmp_path / "export.csv"
    row = [
        None, True, False, 3, 3.0, 2.5, float("nan"), Decimal("1E+3"), Decimal("1.50"), date(2026, 3, 31),
        datetime(2026, 3, 31, 14, 30, tzinfo=UTC), "005520176",
    ]  # fmt: skip
    write_table(path, ["n"] * len(row), [row], Format.CSV)
    assert path.read_text("utf-8-sig").splitlines()[1] == (
        ",oui,non,3,3,2.5,,1000,1.50,2026-03-31,2026-03-31 14:30:00+00:00,005520176"
    )


@pytest.mark.parametrize("cell", ["=1+1", "+33 1 23", "-5", "@x", "\tx", "\rx", "\nx", "＝1", "'=1"])
def test_a_cell_that_excel_would_run_is_guarded(cell):
    text = "".join(csv_lines(["Nom"], [[cell]], Format.CSV))
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == ["'" + cell]


@pytest.mark.parametrize("cell", ["Acme", "'t Hof", "1+1", "a@b.fr", ""])
def test_a_harmless_cell_is_written_as_it_is(cell):
    text = "".join(csv_lines(["Nom", "x"], [[cell, "x"]], Format.CSV))
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == [cell, "x"]


def test_a_heading_is_guarded_too_and_read_back(tmp_path):
    path = tmp_path / "export.csv"
    write_table(path, ["=Nom", "x"], [], Format.CSV)
    with open_table(path) as table:
        assert table.headings == ("=Nom", "x")


@pytest.mark.parametrize("format", [Format.CSV, Format.CSV_FR])
@given(st.lists(st.tuples(TEXT | DANGEROUS, TEXT | DANGEROUS), max_size=5))
@example([("\r", "\n"), ("'\r\n", '"'), ("\ufeff", "\x1a")])
@example([(";\n", ";\n"), (";\n0", ";")])
@example([(";\n", ";\n"), (";\n", ";\n")])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_text_is_read_back_from_csv_as_it_was(tmp_path, format, rows):
    path = tmp_path / "export.csv"
    # The first cell is there because a line with nothing but spaces is passed over when it is read.
    write_table(path, ["clé", "a", "b"], [("x", *row) for row in rows], format)
    assert [row[1:] for row in read_back(path)] == rows


@given(st.lists(TEXT.filter(lambda text: not set(text) & {"\ufffe", "\uffff"}) | DANGEROUS, max_size=30))
@example(["_x000D_", "\x01\x1f", "a\r\nb", " x ", "=1+1", "http://acme.fr", "<b>&amp;"])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_text_that_xml_allows_is_read_back_from_excel_as_it_was(tmp_path, cells):
    path = tmp_path / "export.xlsx"
    write_table(path, ["clé", "a"], [("x", cell) for cell in cells], Format.XLSX)
    assert [row[1] for row in read_back(path)] == cells


def test_a_workbook_has_numbers_as_numbers_and_identifiers_as_texts(tmp_path):
    path = tmp_path / "export.xlsx"
    row = ["005520176", 12, Decimal("2.5"), 10**15, True, None, "=1+1", float("inf")]
    assert write_table(path, ["n"] * len(row), [row], Format.XLSX) == 1
    sheet = load_workbook(path).get_sheet_by_index(0)
    assert sheet.to_python()[1] == ["005520176", 12.0, 2.5, "1000000000000000", "oui", "", "=1+1", ""]


@pytest.mark.parametrize(("name", "format"), [("a.csv", Format.CSV), ("A.CSV", Format.CSV), ("a.xlsx", Format.XLSX)])
def test_the_format_follows_the_ending(name, format):
    assert format_of(Path(name)) is format


@pytest.mark.parametrize("name", ["a.xls", "a", ".csv", "a.csv.zip"])
def test_another_ending_is_refused(name):
    with pytest.raises(Refused, match="donnez au fichier un nom qui finit par"):
        format_of(Path(name))


@pytest.mark.parametrize("format", list(Format))
def test_a_failure_leaves_the_file_that_was_there_and_nothing_else(tmp_path, format):
    def rows() -> Iterator[list[str]]:
        yield ["Acme"]
        raise RuntimeError("the rows gave out")

    path = tmp_path / "export"
    path.write_text("avant")
    with pytest.raises(RuntimeError, match="the rows gave out"):
        write_table(path, ["Nom"], rows(), format)
    assert path.read_text() == "avant"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("format", list(Format))
def test_a_file_is_replaced(tmp_path, format):
    path = tmp_path / "export"
    path.write_text("avant")
    write_table(path, ["Nom", "x"], [["Acme", "y"]], format)
    assert read_back(path) == [("Acme", "y")]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("format", list(Format))
def test_a_folder_that_is_not_there_is_told(tmp_path, format):
    with pytest.raises(Refused, match=r"Impossible d'écrire « export\.csv »") as caught:
        write_table(tmp_path / "absent" / "export.csv", ["Nom"], [], format)
    assert caught.value.code == "file.unwritable"


@pytest.mark.parametrize(
    ("headings", "row", "code"),
    [(["Nom"], ["x" * 32_768], "file.cell-too-long"), (["n"] * 16_385, [], "file.too-big")],
)
def test_what_excel_cannot_hold_is_refused_rather_than_dropped(tmp_path, headings, row, code):
    with pytest.raises(Refused) as caught:
        write_table(tmp_path / "export.xlsx", headings, [row], Format.XLSX)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_a_long_export_comes_in_chunks_of_many_lines():
    chunks = list(csv_lines(["n"], ([n] for n in range(1_200)), Format.CSV))
    assert len(chunks) == 3
    assert "".join(chunks) == "\ufeffn\r\n" + "".join(f"{n}\r\n" for n in range(1_200))


def test_rows_are_taken_as_they_are_needed():
    taken = []

    def rows() -> Iterator[list[int]]:
        for number in range(10_000):
            taken.append(number)
            yield [number]

    next(csv_lines(["n"], rows(), Format.CSV))
    assert len(taken) == 500
