"""Questions on the command line: counted, selected into files, said as sentences, explained."""

import csv
import json
import subprocess

import pytest
from shells import TAMIS, Shell

LYON = 'companies where city = "Lyon"'


@pytest.fixture(scope="module")
def first_lyon(tmp_path_factory, first_workspace):
    """Two companies in Lyon, one in Albi; a contact who bought."""
    shell = Shell(tmp_path_factory.mktemp("lyon") / "home", first_workspace)
    shell("companies", "add", "name=Acme", "siren=732829320", "city=Lyon", "headcount=12")
    shell("companies", "add", "name==SUM(1)", "city=Lyon")
    shell("companies", "add", "name=Bolt", "city=Albi")
    shell("contacts", "add", "email=lea@acme-exemple.fr", "last_name=Morel")
    sales = "Date;E-mail;Montant HT\n31/03/2026 18:00;lea@acme-exemple.fr;1200\n"
    shell("events", "append", shell.file("v.csv", sales), "--kind", "purchase", "--map", "Montant HT=value")
    shell("lake", "snapshot")
    return shell


@pytest.fixture
def lyon(tmp_path, first_lyon):
    """A copy of that workspace."""
    return Shell(tmp_path / "home", first_lyon)


def test_a_rule_is_counted(lyon):
    found = lyon.json("count", LYON)
    assert found["count"] == 2
    assert found["milliseconds"] > 0
    assert found["subject"] == "companies"
    assert found["note"] is None
    assert lyon("count", LYON).out.startswith("2 entreprises (état du ")
    assert lyon("count", 'companies where city = "Albi"').out.startswith("1 entreprise (état du ")


def test_a_count_sees_what_the_command_before_it_did(lyon):
    lyon("companies", "edit", "3", "city=Lyon")
    assert lyon.json("count", LYON)["count"] == 3


def test_as_of_an_instant_in_the_workspaces_zone(lyon):
    bought = "contacts where did purchase"
    assert lyon.json("count", bought)["count"] == 1
    assert lyon.json("count", bought, "--now", "2026-03-31T17:59")["count"] == 0
    at = lyon.json("count", bought, "--now", "2026-03-31T18:00")
    assert (at["count"], at["now"]) == (1, "2026-03-31T16:00:00+00:00")
    said = lyon("count", bought, "--now", "2026-03-31T18:00")
    assert "les champs tels qu'ils sont aujourd'hui" in said.err
    assert lyon("count", bought, "--now", "hier", ok=False).code == 1


def test_a_rule_is_read_from_a_file_or_the_standard_input(lyon):
    file = lyon.file("règle.txt", 'companies\nwhere city = "Lyon"\n')
    assert lyon.json("count", f"@{file}")["count"] == 2
    done = subprocess.run([*TAMIS, "count", "-", "--json"], env=lyon.env, input=LYON, capture_output=True, text=True)
    assert json.loads(done.stdout)["count"] == 2
    missing = lyon("count", "@nulle-part.txt", ok=False)
    assert (missing.code, "nulle-part.txt" in missing.err) == (2, True)


def test_a_mistake_shows_its_line_with_a_caret(lyon):
    wrong = lyon("count", 'companies where city = "Lyon"\n  and hedcount > 3', ok=False)
    assert wrong.code == 1
    assert "Ligne 2, colonne 7" in wrong.err
    assert "Vouliez-vous dire « headcount » ?" in wrong.err
    assert "  and hedcount > 3\n      ^^^^^^^^" in wrong.err
    told = lyon("count", "companies where hedcount > 3", "--json", ok=False).json["error"]
    assert (told["line"], told["column"], told["start"], told["end"]) == (1, 17, 16, 24)
    assert told["hint"] == "headcount"


def test_a_property_that_nobody_defined_is_noted(lyon):
    misspelt = 'contacts where did purchase (produit = "presse")'
    assert "Vouliez-vous dire « product » ?" in lyon.json("count", misspelt)["note"]
    assert "« produit » n'est pas définie" in lyon("select", misspelt).err


def test_a_selection_on_the_screen_and_as_json(lyon):
    shown = lyon("select", LYON).out
    assert "Acme" in shown
    assert "732829320" in shown
    assert "Bolt" not in shown
    found = lyon.json("select", LYON)
    assert found["count"] == 2
    assert [each["name"] for each in found["items"]] == ["Acme", "=SUM(1)"]
    assert len(lyon.json("select", LYON, "--limit", "1")["items"]) == 1
    assert "… et 1 autre " in lyon("select", LYON, "--limit", "1").out
    [lea] = lyon.json("select", "contacts where did purchase")["items"]
    assert (lea["name"], lea["email"]) == ("Morel", "lea@acme-exemple.fr")
    assert lyon.json("select", 'companies where city = "Brest"')["items"] == []


def test_a_selection_in_a_file_is_an_export_of_those_alone(lyon, tmp_path):
    lyon("select", LYON, "--csv", tmp_path / "lyon.csv")
    with (tmp_path / "lyon.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [*csv.DictReader(file)]
    assert [row["SIREN"] for row in rows] == ["732829320", ""]
    assert [row["Effectif"] for row in rows] == ["12", ""]
    assert not rows[1]["Raison sociale"].startswith("=")  # guarded against formulas
    report = lyon.json("companies", "import", tmp_path / "lyon.csv")
    assert (report["created"], report["updated"], report["refused"]) == (0, 0, 0)
    told = lyon.json("select", "contacts where did purchase", "--csv", tmp_path / "acheteurs.csv")
    assert told["written"] == 1
    assert lyon("select", LYON, "--csv", tmp_path / "lyon.pdf", ok=False).code == 1


def test_a_rule_is_said_in_french_or_in_english(lyon):
    french = lyon("describe", LYON).out
    english = lyon("describe", LYON, "--lang", "en").out
    assert french.startswith("Entreprises")
    assert english.startswith("Companies")
    assert "Lyon" in french
    assert lyon.json("describe", 'companies  where (city="Lyon")')["rule"] == LYON


def test_a_sentence_is_read_back_into_its_rule(lyon):
    french = lyon("describe", "--from-sentence", 'entreprises dont la ville est "Lyon"').out
    assert french == f"{LYON}\n"
    english = lyon.json("describe", "--from-sentence", "Companies whose city is “Lyon”", "--lang", "en")
    assert english == {"rule": LYON, "sentence": "Companies whose city is “Lyon”"}
    for sentence in (lyon("describe", LYON).out, lyon("describe", LYON, "--lang", "fr").out):
        assert lyon("describe", "--from-sentence", sentence).out == f"{LYON}\n"


def test_a_sentence_that_does_not_read_is_shown_with_its_place(lyon):
    refused = lyon("describe", "--from-sentence", "Entreprises dont la vile est « Lyon »", ok=False)
    assert refused.code == 1
    assert "Vouliez-vous dire « ville »" in refused.err
    assert "^^^^" in refused.err


def test_why_one_is_in_and_until_when(lyon):
    drawn = lyon("explain", LYON + " and headcount > 50", "--company", "732829320").out
    assert "✗ faux Acme (n° 1)" in drawn
    assert "✓ vrai dont la ville est « Lyon » → « Lyon »" in drawn
    assert "→ 12" in drawn
    year = "contacts where did purchase in last 12 months"
    drawn = lyon("explain", year, "--contact", "lea@acme-exemple.fr", "--now", "2026-05-01").out
    assert "31/03/2026 18:00 Achat" in drawn
    assert "deviendra faux tout seul le 31/03/2027 18:00" in drawn
    told = lyon.json("explain", year, "--contact", "lea@acme-exemple.fr", "--now", "2027-03-31T18:00")
    assert (told["holds"], told["explanation"]["parts"][0]["turns"]) == (False, None)
    assert lyon("explain", year, ok=False).code == 2
    assert lyon("explain", year, "--contact", "marc@acme-exemple.fr", ok=False).code == 1


def test_a_rule_is_a_filter_of_lists_and_exports(lyon):
    [found] = lyon.json("contacts", "ls", "--rule", "contacts where sum(purchase.value) > 1000")
    assert found["email"] == "lea@acme-exemple.fr"
    assert lyon.json("contacts", "ls", "--where", "city=Lyon", "--rule", "contacts where did purchase") == []
    file = lyon.home.parent / "lyon.csv"
    assert lyon.json("companies", "export", file, "--rule", LYON)["companies"] == 2
    wrong = lyon("companies", "export", file, "--rule", "contacts where did purchase", ok=False)
    assert "Cette règle parle de contacts" in wrong.err
    assert "Ligne 1, colonne 17" in lyon("companies", "export", file, "--rule", "companies where x = 1", ok=False).err
