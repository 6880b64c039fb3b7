"""Why, and why not: asked about a company or a contact by name, from the builder, an audience or their own page."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.usefixtures("transactional_db", "own_inbox")

LYON = 'companies where city = "Lyon"'


@pytest.fixture
def cast(transactional_db: None, company: Any, alice: Any) -> dict[str, Any]:
    """Two companies called Bolt, an Acme whose name another one begins with, and Léa Morel."""
    from tamis.app.services import contacts

    made = {"acme": company("Acme", city="Lyon"), "sud": company("Acme Sud", city="Albi", website="acme-sud.fr")}
    made |= {"bolt": company("Bolt", city="Lyon"), "other": company("BOLT", city="Albi")}
    return made | {"lea": contacts.add(alice, {"email": "lea@a.fr", "first_name": "Léa", "last_name": "Morel"})}


def audience(alice: Any, name: str, rule: str) -> Any:
    from tamis.app.models import Mode
    from tamis.app.services import audiences, refreshing

    made = audiences.create(alice, name, audiences.Definition(rule, Mode.DYNAMIC))
    assert refreshing.refresh(alice, [made])[0].ok
    return made


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split()).replace("&#x27;", "'")


def why(client: Client, rule: str, who: str) -> str:
    return words(client.get("/rules/", {"rule": rule, "do": "explain", "who": who}))


def test_the_builder_explains_whoever_is_named(victor: Client, cast: Any) -> None:
    for named in ("acme", " ACMÉ ", str(cast["acme"].pk)):  # exactly that name, though another one begins with it
        assert f'href="/companies/{cast["acme"].pk}/">Acme</a>' in why(victor, LYON, named)
    for named in ("sud", "acme-sud.fr"):
        assert f'href="/companies/{cast["sud"].pk}/">Acme Sud</a>' in why(victor, LYON, named)
    for named in ("Morel Léa", "lea morel", "lea@a.fr"):
        assert f'href="/contacts/{cast["lea"].pk}/">' in why(victor, "contacts where city is known", named)


def test_a_name_of_several_is_refused_with_their_numbers(victor: Client, cast: Any) -> None:
    page = why(victor, LYON, "bolt")
    assert f"peut désigner Bolt (n° {cast['bolt'].pk}), BOLT (n° {cast['other'].pk}) : écrivez son numéro" in page
    assert "Aucune entreprise n'a ce nom, ce SIREN ou ce numéro : « zz »" in why(victor, LYON, "zz")
    assert "Aucun contact n'a ce nom" in why(victor, "contacts where city is known", "zz@a.fr")
    assert "Écrivez de qui il s'agit" in why(victor, LYON, "")


def test_an_audience_explains_whoever_is_named(victor: Client, alice: Any, cast: Any) -> None:
    made = audience(alice, "Lyon", LYON)
    assert "Acme est dans « Lyon »" in words(victor.get(f"/audiences/{made.pk}/explain/", {"who": "ACME"}))
    assert "Acme Sud n'est pas dans « Lyon »" in words(victor.get(f"/audiences/{made.pk}/explain/", {"who": "sud"}))


def test_the_page_of_a_company_asks_why_it_is_not_in_an_audience(victor: Client, alice: Any, cast: Any) -> None:
    made = audience(alice, "Lyon", LYON)
    people = audience(alice, "Gens", "contacts where email is known")
    link = f'href="/audiences/{made.pk}/explain/?who={cast["sud"].pk}"'
    outside = words(victor.get(f"/companies/{cast['sud'].pk}/audiences/"))
    assert "Dans aucune audience" in outside
    assert "Pourquoi pas dans une autre" in outside
    assert link in outside
    assert f"/audiences/{people.pk}/" not in outside  # it is made of contacts
    assert "Acme Sud n'est pas dans" in words(victor.get(link.removeprefix('href="').removesuffix('"')))
    assert "Pourquoi pas" not in words(victor.get(f"/companies/{cast['acme'].pk}/audiences/"))
    assert "Pourquoi pas" not in words(victor.get(f"/contacts/{cast['lea'].pk}/audiences/"))
