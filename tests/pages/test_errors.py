"""What goes wrong is told in the console's clothes, in the reader's language, and never as a stack trace."""

from typing import Any

import pytest
from django.test import Client


def test_an_address_that_leads_nowhere(edith: Client) -> None:
    answer = edith.get("/nulle-part/")
    assert answer.status_code == 404
    assert "Aucune page n'est à cette adresse" in answer.content.decode()
    assert "Content-Security-Policy" in answer


def test_a_host_that_is_not_ours(workspace: Any) -> None:
    answer = Client(HTTP_HOST="mechant.example").get("/sign-in/")
    assert answer.status_code == 400
    assert "Demande illisible" in answer.content.decode()


def test_a_role_without_the_right(victor: Client) -> None:
    assert "Votre rôle ne permet pas cela" in victor.get("/lists/new/").content.decode()


def test_a_fault_of_ours_shows_no_trace(edith: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from tamis.app.services import overview

    def broken() -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(overview, "overview", broken)
    edith.raise_request_exception = False
    answer = edith.get("/")
    assert answer.status_code == 500
    assert "Erreur de Tamis" in answer.content.decode()
    assert "secret" not in answer.content.decode()
    assert "Content-Security-Policy" in answer


def test_a_refusal_without_a_page_to_go_back_to_has_one_of_its_own(edith: Client, workspace: Any) -> None:
    answer = edith.post("/companies/move/", {})
    assert answer.status_code == 409
    assert "Cochez d&#x27;abord" in answer.content.decode()


def test_a_refusal_never_leads_to_another_site(edith: Client) -> None:
    answer = edith.post("/companies/move/", {}, HTTP_REFERER="https://mechant.example/")
    assert answer.status_code == 409
