"""The past of a list, and the way back to it."""

from typing import Any

import pytest
from django.test import Client

from tamis.app.models import ListLine


@pytest.fixture
def target(company: Any, make_list: Any, import_lines: Any) -> Any:
    company("Acme", siren="732829320")
    made = make_list("prospect", "salons")
    import_lines(made, "Acme;732829320;;", file_name="mars.csv")
    import_lines(made, "Morel;;;morel.fr", "Garnier;;garnier.fr;", file_name="avril.csv")
    return made


def test_every_version_is_listed_the_latest_first(victor: Client, target: Any) -> None:
    page = victor.get(f"/lists/{target.pk}/versions/").content.decode()
    assert page.index("avril.csv") < page.index("mars.csv")
    assert "Rétablir" not in page


def test_a_version_is_exported(victor: Client, target: Any) -> None:
    answer = victor.get(f"/lists/{target.pk}/versions/1/export/")
    assert b"Acme" in answer.getvalue()
    assert "prospect-salons-v1.csv" in answer["Content-Disposition"]


def test_restoring_says_first_what_it_would_do(edith: Client, target: Any) -> None:
    answer = edith.get(f"/lists/{target.pk}/versions/1/restore/")
    assert answer.context["report"]["accepted"] == 1
    assert answer.context["report"]["moved"] == 1
    assert ListLine.objects.filter(removed_by=None).count() == 2


def test_restoring_brings_the_content_back_as_a_new_version(edith: Client, target: Any) -> None:
    answer = edith.post(f"/lists/{target.pk}/versions/1/restore/")
    assert answer["Location"] == f"/lists/{target.pk}/versions/3/"
    assert ListLine.objects.get(removed_by=None).name == "Acme"


def test_a_version_that_never_was_is_a_sentence(edith: Client, target: Any) -> None:
    for address in ("9/", "9/export/", "9/restore/", "9/refused.csv"):
        assert edith.get(f"/lists/{target.pk}/versions/{address}").status_code == 404


def test_a_list_without_import_says_so(edith: Client, make_list: Any) -> None:
    target = make_list("autre", "x")
    assert "Rien n'a encore été importé" in edith.get(f"/lists/{target.pk}/versions/").content.decode()
