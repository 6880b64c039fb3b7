"""The merge queue on a page: pairs with evidence, merged or kept apart one by one or together, and taken back."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from tamis.app.models import Company, Double
from tamis.app.services import doubles


@pytest.fixture
def pairs(alice: Any, company: Any) -> dict[str, Any]:
    """Castelnau and Vieuville, each of them twice."""
    made = {
        "castelnau": company("Transports Castelnau", siren="732829320"),
        "again": company("Transports Castelnau SARL"),
        "vieuville": company("Menuiserie Vieuville"),
        "anew": company("Menuis. Vieuville"),
    }
    doubles.search(alice)
    return made


def shown(answer: Any) -> str:
    """A page as it reads, its entities resolved."""
    return unescape(answer.content.decode())


def answered(client: Client, verdict: str, *ids: int) -> str:
    sent = {"double": ids, "verdict": verdict, "next": "/doubles/"}
    return shown(client.post("/doubles/answer/", sent, follow=True))


def number_of(company: Any) -> int:
    return Double.objects.get(one=company).pk


def test_a_pair_stands_with_its_evidence(edith: Client, pairs: Any) -> None:
    page = shown(edith.get("/doubles/"))
    for text in ("2 paires attendent", "Transports Castelnau SARL", "732829320", "même nom, à la forme juridique près"):
        assert text in page


def test_an_empty_queue_says_what_comes_there(edith: Client, workspace: Any) -> None:
    assert "Aucun doublon proposé" in shown(edith.get("/doubles/"))
    assert "Aucune paire n'a été gardée à part" in shown(edith.get("/doubles/?refused=1"))


def test_the_one_to_keep_is_chosen(edith: Client, pairs: Any) -> None:
    page = answered(edith, f"merge:{pairs['again'].pk}", number_of(pairs["castelnau"]))
    assert "1 paire fusionnée." in page
    assert Company.objects.get(merged_into=pairs["again"]) == pairs["castelnau"]
    assert Company.objects.get(pk=pairs["again"].pk).siren == "732829320"


def test_several_are_answered_together(edith: Client, pairs: Any) -> None:
    both = [*Double.objects.values_list("pk", flat=True)]
    assert "2 paires fusionnées." in answered(edith, "merge", *both)
    assert "2 paires avaient déjà leur réponse." in answered(edith, "apart", *both)


def test_kept_apart_they_can_be_proposed_again(edith: Client, pairs: Any) -> None:
    pk = number_of(pairs["vieuville"])
    assert "1 paire gardée à part." in answered(edith, "apart", pk)
    apart = shown(edith.get("/doubles/?refused=1"))
    assert "Menuis. Vieuville" in apart
    assert "gardées à part par editor" in apart
    edith.post(f"/doubles/{pk}/reopen/")
    assert doubles.proposed().filter(pk=pk).exists()
    assert edith.post(f"/doubles/{pk}/reopen/").status_code == 409
    assert edith.post("/doubles/99999/reopen/").status_code == 404


@pytest.mark.parametrize("sent", [{}, {"verdict": "merge"}, {"verdict": "x", "double": 1}])
def test_a_form_without_an_answer_is_refused(edith: Client, pairs: Any, sent: Any) -> None:
    assert edith.post("/doubles/answer/", sent).status_code == 409
    assert Double.objects.filter(refused_by=None).count() == 2


def test_a_viewer_reads_but_may_not_answer(victor: Client, pairs: Any) -> None:
    assert "Garder celle-ci" not in shown(victor.get("/doubles/"))
    assert victor.post("/doubles/answer/", {"verdict": "apart", "double": 1}).status_code == 403
