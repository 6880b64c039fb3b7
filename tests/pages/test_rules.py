"""The page of rules: counted, shown, explained; a mistake under its line; what can be said here."""

from typing import Any

import pytest
from answers import words
from django.test import Client

LYON = 'companies where city = "Lyon"'

pytestmark = pytest.mark.usefixtures("transactional_db", "own_inbox")


@pytest.fixture
def lyon(transactional_db: None, company: Any) -> Any:
    """Two companies in Lyon."""
    company("Bolt", city="Albi")
    return [company(name, city="Lyon", headcount="12") for name in ("Acme", "<b>Crin</b>")]


def asked(victor: Client, rule: str, do: str = "count", **given: str) -> str:
    answer = victor.post("/rules/", {"rule": rule, "do": do, **given})
    assert answer.status_code == 200
    return words(answer)


def test_a_rule_is_counted_and_said(victor: Client, lyon: Any) -> None:
    page = asked(victor, LYON)
    assert "<strong>2</strong> entreprises" in page
    assert "Entreprises dont la ville est « Lyon »" in page
    assert "état du" in page
    assert 'value="count"' in page
    assert "city = &quot;Lyon&quot;</textarea>" in page  # what was asked stays


def test_a_link_asks_a_rule_too(victor: Client, lyon: Any) -> None:
    page = words(victor.get("/rules/", {"rule": LYON, "do": "count"}))
    assert "<strong>2</strong> entreprises" in page


def test_what_is_typed_is_counted_on_the_last_snapshot(victor: Client, lyon: Any, company: Any) -> None:
    asked(victor, LYON)
    company("Dune", city="Lyon")
    typed = victor.post("/rules/", {"rule": LYON}, headers={"HX-Request": "true"})
    assert "<strong>2</strong>" in words(typed)
    assert "<textarea" not in words(typed)  # the part below the form alone
    assert "<strong>3</strong>" in asked(victor, LYON)


def test_half_a_rule_is_no_mistake_while_it_is_typed(victor: Client) -> None:
    typed = victor.post("/rules/", {"rule": "companies where cit"}, headers={"HX-Request": "true"})
    assert typed.status_code == 200
    assert "Ligne 1" in words(typed)


def test_the_first_examples_lead_to_their_pages(victor: Client, lyon: Any) -> None:
    page = asked(victor, LYON, "show")
    assert f'<a class="name" href="/companies/{lyon[0].pk}/">Acme</a>' in page
    assert "&lt;b&gt;Crin&lt;/b&gt;" in page
    assert "Bolt" not in page


def test_contacts_are_shown_with_their_company(victor: Client, alice: Any, company: Any) -> None:
    from tamis.app.services import contacts

    acme = company("Acme", website="acme-exemple.fr")
    contacts.add(alice, {"email": "lea@acme-exemple.fr", "last_name": "Morel"})
    page = asked(victor, "contacts where email is known", "show")
    assert "lea@acme-exemple.fr" in page
    assert f'href="/companies/{acme.pk}/">Acme</a>' in page


def test_fifty_are_shown_at_once_and_the_others_on_the_next_page(victor: Client, company: Any) -> None:
    for number in range(51):
        company(f"Société {number}", city="Lyon")
    page = asked(victor, LYON, "show")
    assert "<strong>51</strong> entreprises" in page
    assert "1 à 50 sur 51" in page
    assert page.count('<a class="name"') == 50
    next_page = page.partition('rel="next" href="')[2].partition("#")[0].replace("&amp;", "&")
    rest = " ".join(victor.get(next_page).content.decode().split())
    assert "51 à 51 sur 51" in rest
    assert rest.count('<a class="name"') == 1


def test_a_mistake_stands_under_its_line(victor: Client) -> None:
    answer = victor.post("/rules/", {"rule": 'companies where city = "Lyon"\n  and hedcount > 3', "do": "count"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Ligne 2, colonne 7" in page
    assert "  and hedcount &gt; 3\n      ^^^^^^^^" in page
    assert "Vouliez-vous dire « headcount »" in page


def test_why_one_is_in_and_another_is_not(victor: Client, lyon: Any) -> None:
    rule = LYON + " and headcount > 50"
    page = asked(victor, rule, "explain", who=str(lyon[0].pk))
    assert page.count("✗ faux") == 3  # the rule, both together, the headcount
    assert page.count("✓ vrai") == 1
    assert "<strong>12</strong>" in page
    assert page.count("<ul") == page.count("</ul>")
    assert page.count("<li>") + page.count("<li ") == page.count("</li>") == 4
    nobody = victor.post("/rules/", {"rule": rule, "do": "explain", "who": "552100554"})
    assert nobody.status_code == 400
    assert "552100554" in words(nobody)


def test_the_help_names_the_words_of_this_workspace(victor: Client, alice: Any) -> None:
    from tamis.app.models import CustomField
    from tamis.app.services import custom_fields, event_kinds

    custom_fields.add(alice, "Potentiel", CustomField.Type.CHOICE, choices=["fort", "faible"])
    event_kinds.add(alice, "webinar_question", "Question en webinaire", properties={"note_donnee": "number"})
    page = words(victor.get("/rules/"))
    for word in ("own.potentiel", "Potentiel", "webinar_question", "note_donnee", "contains any of", "page_view"):
        assert word in page


def test_an_empty_rule_asks_nothing(victor: Client) -> None:
    assert 'id="sentence"' not in asked(victor, "  ")
