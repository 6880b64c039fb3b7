"""Questions over the API: counted, selected a page at a time, said, explained, checked; mistakes with their place."""

from typing import Any

import pytest
from django.utils import timezone

LYON = 'companies where city = "Lyon"'

pytestmark = pytest.mark.usefixtures("transactional_db")


@pytest.fixture
def lyon(transactional_db: None, company: Any) -> list[int]:
    """Three companies in Lyon, one in Albi."""
    company("Bolt", city="Albi")
    return [company(name, city="Lyon", headcount="12").pk for name in ("Acme", "Crin", "Dune")]


def test_a_rule_is_counted_with_what_was_there_before(viewer: Any, lyon: Any, company: Any) -> None:
    found = viewer.post("/rules/count", {"rule": LYON}).json()
    assert (found["count"], found["subject"], found["note"]) == (3, "companies", None)
    assert found["milliseconds"] > 0
    company("Erg", city="Lyon")
    assert viewer.post("/rules/count", {"rule": LYON}).json()["count"] == 4


def test_a_selection_comes_in_pages_as_of_one_instant(viewer: Any, lyon: Any) -> None:
    first = viewer.post("/rules/select", {"rule": LYON, "limit": 2}).json()
    assert [each["id"] for each in first["items"]] == lyon[:2]
    assert first["items"][0]["list"] == "prospect-default"
    rest = viewer.post("/rules/select", {"rule": LYON, "limit": 2, "cursor": first["next"]}).json()
    assert [each["id"] for each in rest["items"]] == lyon[2:]
    assert rest["next"] is None
    assert rest["now"] == first["now"]
    other = viewer.post("/rules/select", {"rule": "companies where city is known", "cursor": first["next"]})
    assert (other.status_code, other.json()["error"]["code"]) == (422, "cursor")


def test_contacts_are_selected_by_what_they_did(viewer: Any, editor: Any, alice: Any) -> None:
    from tamis.app.services import contacts

    contacts.add(alice, {"email": "lea@acme.fr", "last_name": "Morel"})
    bought = {"ts": timezone.now().isoformat(), "kind": "purchase", "contact_email": "lea@acme.fr", "value": 12}
    assert editor.post("/events", bought).json()["accepted"] == 1
    asked = {"rule": "contacts where sum(purchase.value) > 10"}
    [lea] = viewer.post("/rules/select", asked).json()["items"]
    assert (lea["name"], lea["email"], lea["siren"]) == ("Morel", "lea@acme.fr", None)
    then = viewer.post("/rules/count", asked | {"now": "2020-01-01T00:00:00Z"}).json()
    assert then["count"] == 0
    assert then["note"]


def test_a_rule_is_said_in_the_language_of_the_request(viewer: Any) -> None:
    french = viewer.post("/rules/describe", {"rule": LYON}).json()
    english = viewer.post("/rules/describe", {"rule": LYON}, Accept_Language="en").json()
    assert french["sentence"].startswith("Entreprises")
    assert english["sentence"].startswith("Companies")
    assert french["rule"] == LYON


def test_a_sentence_is_read_in_its_language(viewer: Any) -> None:
    english = {"sentence": 'companies whose city is "Lyon"', "language": "en"}
    told = viewer.post("/rules/read", english).json()
    assert told == {"rule": LYON, "subject": "companies", "sentence": "Companies whose city is “Lyon”"}
    french = {"sentence": viewer.post("/rules/describe", {"rule": LYON}).json()["sentence"]}
    assert viewer.post("/rules/read", french).json()["rule"] == LYON
    asked = {"sentence": "Companies whose city is “Lyon”"}
    assert viewer.post("/rules/read", asked, Accept_Language="en").json()["rule"] == LYON
    unknown = viewer.post("/rules/read", asked | {"language": "de"})
    assert unknown.status_code == 422


def test_a_sentence_that_does_not_read_has_its_place(viewer: Any) -> None:
    answer = viewer.post("/rules/read", {"sentence": "Entreprises dont la ville\nets « Lyon »"})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "rule.sentence"
    assert (error["place"]["line"], error["place"]["column"]) == (2, 1)
    assert error["place"]["hint"] == "est"


def test_why_one_is_in(viewer: Any, lyon: Any) -> None:
    asked = {"rule": LYON + " and headcount > 50", "company": str(lyon[0])}
    told = viewer.post("/rules/explain", asked).json()
    assert (told["id"], told["name"], told["holds"]) == (lyon[0], "Acme", False)
    [both] = told["explanation"]["parts"]
    assert [(part["holds"], part["values"]) for part in both["parts"]] == [(True, ["Lyon"]), (False, ["12"])]
    nobody = viewer.post("/rules/explain", asked | {"company": "999999"})
    assert nobody.status_code == 404
    mixed = viewer.post("/rules/explain", {"rule": LYON, "contact": "lea@acme.fr"})
    assert (mixed.status_code, mixed.json()["error"]["code"]) == (422, "rule.who")


def test_a_rule_is_checked(viewer: Any) -> None:
    good = viewer.post("/rules/check", {"rule": 'companies  where ( city="Lyon" )'}).json()
    assert good["rule"] == LYON
    assert good["tree"]["where"]["operator"] == "="


@pytest.mark.parametrize("operation", ["count", "select", "describe", "explain", "check"])
def test_a_mistake_has_its_place(viewer: Any, operation: str) -> None:
    answer = viewer.post(f"/rules/{operation}", {"rule": "companies where\n  hedcount > 3"})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "rule.field"
    place = error["place"]
    assert (place["line"], place["column"], place["start"], place["end"]) == (2, 3, 18, 26)
    assert place["hint"] == "headcount"
    assert "hedcount" in place["reason"]


def test_what_is_no_instant_is_refused(viewer: Any) -> None:
    answer = viewer.post("/rules/count", {"rule": LYON, "now": "hier"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "rule.now")
    assert answer.json()["error"]["place"] is None


def test_the_same_key_is_answered_as_the_first_time(viewer: Any, lyon: Any, company: Any) -> None:
    first = viewer.post("/rules/count", {"rule": LYON}, Idempotency_Key="un").json()
    company("Erg", city="Lyon")
    assert viewer.post("/rules/count", {"rule": LYON}, Idempotency_Key="un").json() == first
