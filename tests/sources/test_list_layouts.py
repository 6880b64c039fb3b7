"""What the columns of somebody's table seem to be, and what is read of them once that is said."""

import pytest

from tamis.errors import Refused
from tamis.sources.list_layouts import Layout, look, pasted_file
from tamis.sources.lists import ListLine, is_list_heading, mapped, read_lines
from tamis.sources.tables import open_table

ACME, BOLT = "732829320", "552100554"


@pytest.fixture
def seen(tmp_path):
    """Looks at a table that somebody pasted."""

    def looked(text, pasted=True):
        path = tmp_path / "pasted"
        path.write_bytes(pasted_file(text))
        with open_table(path, known_heading=is_list_heading) as table:
            found = look(table, pasted)
        return [column.column for column in found.columns], found.headed

    return looked


@pytest.mark.parametrize(
    ("text", "columns", "headed"),
    [
        (f"{ACME}\n552 100 554", ["SIREN"], False),
        ("acme.fr\nbolt.fr", ["Domaine email"], False),
        ("www.acme.fr\nbolt.fr", ["Website"], False),
        ("contact@acme.fr\njean@bolt.fr", ["Domaine email"], False),
        ("Dupont, Durand et fils\nMorel", ["Nom"], False),
        ("SIREN\n732829320", ["SIREN"], True),
        (f"Acme\t{ACME}\nBolt\t{BOLT}", ["Nom", "SIREN"], False),
        (f"Client\tIdentifiant\nAcme\t{ACME}", ["Nom", "SIREN"], True),
        (f"Raison sociale\tx\nAcme\t{ACME}", ["Nom", ""], True),
        ("Nom,SIREN,Domaine email,Website\nAcme,732829320,,", ["Nom", "SIREN", "Domaine email", "Website"], True),
    ],
)
def test_columns_are_told_by_headings_else_by_cells(seen, text, columns, headed):
    assert seen(text) == (columns, headed)


def test_a_first_line_that_is_no_heading_is_read(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(f"Acme;{ACME}\nBolt;{BOLT}\n")
    layout = Layout((0, 1, None, None), headed=False)
    with open_table(path, known_heading=is_list_heading) as table:
        lines = [*read_lines(layout.fits(table), layout.places)]
    assert lines == [ListLine(1, "Acme", ACME), ListLine(2, "Bolt", BOLT)]


def test_a_layout_is_kept_as_plain_values():
    layout = Layout((2, None, 0, None), headed=False)
    assert Layout.read(layout.as_json()) == layout


def test_headings_are_sent_to_columns_by_hand():
    headings = ["Client", "SIREN", "N° interne"]
    assert mapped(headings, {"client": "Nom"}) == (0, 1, None, None)
    assert mapped(headings, {"Client": "Nom", "SIREN": "", "N° interne": "siren"}) == (0, 2, None, None)


@pytest.mark.parametrize(
    ("mapping", "code"),
    [({"Clients": "Nom"}, "map.heading"), ({"Client": "Prénom"}, "map.field"), ({"Client": "SIREN"}, "map.doubled")],
)
def test_a_mapping_that_makes_no_sense_is_refused(mapping, code):
    with pytest.raises(Refused) as refused:
        mapped(["Client", "SIREN"], mapping)
    assert refused.value.code == code
