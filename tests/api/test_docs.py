"""The page that documents the API speaks the reader's language."""

from typing import Any

from tamis.app.api import docs, french, v1
from tamis.app.api.operations import REFUSALS


def _operations() -> list[dict[str, Any]]:
    return [operation for methods in v1.description()["paths"].values() for operation in methods.values()]


def test_every_operation_noun_and_status_has_its_french() -> None:
    assert set(french.SUMMARIES) == {each["operationId"] for each in _operations()}
    assert set(french.NOUNS) == {each["tags"][0] for each in _operations()}
    assert set(french.STATUSES) == {*REFUSALS, 405} == {status for status, _meaning in docs.STATUSES}


def test_the_page_comes_in_both_languages(account: Any) -> None:
    from django.test import Client

    browser = Client(HTTP_HOST="localhost")
    browser.force_login(account("viewer"))
    page = browser.get("/api/docs").content.decode()
    assert "Créer une liste vide dans un segment" in page
    assert "Make an empty list" not in page
    browser.post("/language/", {"language": "en"})
    page = browser.get("/api/docs").content.decode()
    assert "Make an empty list in a segment" in page
    assert "Créer une liste" not in page
