"""The commands ``identity match`` and ``identity evaluate``."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tamis.cli_identity import identity

DIRECTORY = "siren,name\n1,MUTUELLE GENERALE EDUCATION NATIONALE\n2,EURO PISCINE SERVICES\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "directory.csv"
    path.write_text(DIRECTORY, encoding="utf-8")
    return path


def test_match_reads_one_name_a_line(directory: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("Mut gén éduc nat\nZorglub\n", encoding="utf-8")
    result = CliRunner().invoke(identity, ["match", "--directory", str(directory), "--names", str(names), "--json"])
    assert [(answer["decision"], answer["siren"]) for answer in json.loads(result.stdout)] == [
        ("auto", "1"),
        ("none", None),
    ]


def test_match_reads_a_list_file_from_a_french_spreadsheet(directory: Path, tmp_path: Path) -> None:
    names = tmp_path / "liste.csv"
    names.write_bytes(
        "Nom;SIREN;Domaine email;Website\r\nMutuelle générale éducation nationale;;;x.fr\r\n".encode("cp1252")
    )
    result = CliRunner().invoke(identity, ["match", "--directory", str(directory), "--names", str(names), "--json"])
    assert json.loads(result.stdout)[0]["siren"] == "1"


def test_match_prints_a_table(directory: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("Europiscine services\n", encoding="utf-8")
    result = CliRunner().invoke(identity, ["match", "--directory", str(directory), "--names", str(names)])
    assert result.exit_code == 0
    assert "Décision" in result.stdout


def test_evaluate_counts(directory: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("siren,variant_name,reference_name\n1,MUT GEN EDUC NAT,x\n2,Zorglub,x\n", encoding="utf-8")
    result = CliRunner().invoke(identity, ["evaluate", "--directory", str(directory), "--pairs", str(pairs), "--json"])
    found = json.loads(result.stdout)
    assert found.pop("seconds") >= 0
    assert found == {"pairs": 2, "top1": 1, "auto": 1, "auto_correct": 1, "review": 0, "none": 1}


def test_a_file_without_the_columns_is_refused_with_the_reason(directory: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("a,b\n1,2\n", encoding="utf-8")
    result = CliRunner().invoke(identity, ["evaluate", "--directory", str(directory), "--pairs", str(pairs)])
    assert result.exit_code == 2
    assert "variant_name" in result.stderr
