"""``tamis identity match`` and ``evaluate``."""

import pytest

DIRECTORY = "siren,name\n1,MUTUELLE GENERALE EDUCATION NATIONALE\n2,EURO PISCINE SERVICES\n"


@pytest.fixture
def directory(bare_shell):
    return bare_shell.file("directory.csv", DIRECTORY)


def test_names_come_one_a_line(bare_shell, directory):
    names = bare_shell.file("names.txt", "Mut gén éduc nat\nZorglub\n")
    found = bare_shell.json("identity", "match", "--directory", directory, "--names", names)
    assert [(answer["decision"], answer["siren"]) for answer in found] == [("auto", "1"), ("none", None)]
    assert found[0].keys() == {
        "name", "decision", "siren", "company", "score", "method", "evidence", "candidates",
    }  # fmt: skip
    assert found[0]["evidence"]


def test_names_come_as_a_list_file_from_a_french_spreadsheet(bare_shell, directory):
    text = "Nom;SIREN;Domaine email;Website\r\nMutuelle générale éducation nationale;;;x.fr\r\n"
    names = bare_shell.file("liste.csv", text, "cp1252")
    assert bare_shell.json("identity", "match", "--directory", directory, "--names", names)[0]["siren"] == "1"


def test_a_table_says_why(bare_shell, directory):
    names = bare_shell.file("names.txt", "Europiscine services\n")
    shown = bare_shell("identity", "match", "--directory", directory, "--names", names).out
    assert "Décision" in shown
    assert "EURO PISCINE SERVICES" in shown


def test_evaluate_counts(bare_shell, directory):
    pairs = bare_shell.file("pairs.csv", "siren,variant_name,reference_name\n1,MUT GEN EDUC NAT,x\n2,Zorglub,x\n")
    found = bare_shell.json("identity", "evaluate", "--directory", directory, "--pairs", pairs)
    assert found.pop("seconds") >= 0
    assert found == {"pairs": 2, "top1": 1, "auto": 1, "auto_correct": 1, "review": 0, "none": 1}


def test_a_file_without_the_columns_is_refused_naming_them(bare_shell, directory):
    pairs = bare_shell.file("pairs.csv", "a,b\n1,2\n")
    ran = bare_shell("identity", "evaluate", "--directory", directory, "--pairs", pairs, ok=False)
    assert ran.code == 2
    assert "variant_name" in ran.err
