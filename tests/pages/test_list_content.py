"""The lines of a list, and its export."""

from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def target(company: Any, make_list: Any, import_lines: Any) -> Any:
    company("Acme", siren="732829320")
    company("Lefèvre", website="lefevre.fr", city="Lyon")
    company("Lefèvre", website="lefevre-nord.fr", city="Lille")
    made = make_list("prospect", "salons")
    import_lines(made, "Acme;732 829 320;;", "Inconnue;;inconnue.fr;", "Lefèvre;;ailleurs.fr;")
    return made


def test_a_line_leads_to_its_company(edith: Client, target: Any) -> None:
    page = edith.get(f"/lists/{target.pk}/?status=matched").content.decode()
    assert ">Acme</a>" in page
    assert "Inconnue" not in page


def test_waiting_lines_are_found_by_their_state(edith: Client, target: Any) -> None:
    page = edith.get(f"/lists/{target.pk}/?status=waiting").content.decode()
    assert "Inconnue" in page
    assert "Acme" not in page


def test_a_line_to_review_shows_the_doubt_and_the_candidates(edith: Client, target: Any) -> None:
    page = edith.get(f"/lists/{target.pk}/?status=review").content.decode()
    assert page.count("même nom") >= 2
    assert page.count(">Lefèvre</a>") == 2


@pytest.mark.parametrize("text", ["acme", "732 829", "ACMÉ"])
def test_lines_are_found_by_name_or_siren(edith: Client, target: Any, text: str) -> None:
    page = edith.get(f"/lists/{target.pk}/", {"q": text}).content.decode()
    assert "Acme" in page
    assert "Inconnue" not in page


def test_lines_are_found_by_domain(edith: Client, target: Any) -> None:
    page = edith.get(f"/lists/{target.pk}/", {"q": "inconnue.f"}).content.decode()
    assert ">Inconnue<" in page
    assert ">Acme<" not in page


def test_a_search_without_answer_says_what_to_do(edith: Client, target: Any) -> None:
    assert "Aucune ligne ne correspond" in edith.get(f"/lists/{target.pk}/", {"q": "zzz"}).content.decode()


def test_an_empty_list_says_what_to_do(edith: Client, make_list: Any) -> None:
    assert "Importer un fichier" in edith.get(f"/lists/{make_list('autre', 'x').pk}/").content.decode()


@pytest.mark.parametrize(("form", "delimiter"), [("csv", ","), ("csv-fr", ";")])
def test_the_content_is_exported_as_it_can_be_imported(edith: Client, target: Any, form: str, delimiter: str) -> None:
    answer = edith.get(f"/lists/{target.pk}/export/", {"format": form})
    text = answer.getvalue().decode("utf-8-sig")
    assert text.splitlines()[:2] == [
        delimiter.join(["Nom", "SIREN", "Domaine email", "Website"]), delimiter.join(["Acme", "732829320", "", ""]),
    ]  # fmt: skip
    assert "prospect-salons.csv" in answer["Content-Disposition"]


def test_the_content_is_exported_as_a_workbook(edith: Client, target: Any) -> None:
    answer = edith.get(f"/lists/{target.pk}/export/?format=xlsx")
    assert answer.getvalue()[:2] == b"PK"


def test_an_unknown_format_is_a_sentence(edith: Client, target: Any) -> None:
    assert edith.get(f"/lists/{target.pk}/export/?format=pdf").status_code == 404
