"""The company table: found, filtered, sorted, moved, exported; and a company typed in."""

import re
from typing import Any

import pytest
from django.test import Client

from tamis.app.models import Company, List


def _names(answer: Any) -> list[str]:
    return [company.name for company in answer.context["page"].companies]


@pytest.fixture
def base(company: Any) -> dict[str, Any]:
    return {
        "acme": company("Acme Logiciels", siren="732829320", naf="62.01Z", postal_code="69003", city="Lyon",
                        headcount="120", revenue="2 M€", website="acme.fr"),
        "morel": company("Atelier Morel", naf="25.62B", postal_code="42000", city="Saint-Étienne",
                         headcount_bracket="11"),
        "zinc": company("Zinc et Cie", naf="62.02A", postal_code="01000", city="Bourg-en-Bresse", headcount="8"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, ["Acme Logiciels", "Atelier Morel", "Zinc et Cie"]),
        ({"q": "ÀTELIER"}, ["Atelier Morel"]),
        ({"q": "7328"}, ["Acme Logiciels"]),
        ({"q": "acme.fr"}, ["Acme Logiciels"]),
        ({"q": "!!"}, []),
        ({"naf.starts-with": "62"}, ["Acme Logiciels", "Zinc et Cie"]),
        ({"naf": "6201z"}, ["Acme Logiciels"]),
        ({"naf": "6201z", "q": "zinc"}, []),
        ({"department": "1"}, ["Zinc et Cie"]),
        ({"city": "saint-etienne"}, ["Atelier Morel"]),
        ({"segment": "client"}, []),
        ({"locked": "yes"}, []),
        ({"pinned": "yes"}, []),
        ({"sort": "-name"}, ["Zinc et Cie", "Atelier Morel", "Acme Logiciels"]),
        ({"sort": "headcount"}, ["Zinc et Cie", "Acme Logiciels", "Atelier Morel"]),
        ({"sort": "-headcount"}, ["Acme Logiciels", "Zinc et Cie", "Atelier Morel"]),
        ({"sort": "-revenue"}, ["Acme Logiciels", "Atelier Morel", "Zinc et Cie"]),
        ({"sort": "id; drop table"}, ["Acme Logiciels", "Atelier Morel", "Zinc et Cie"]),
    ],
)
def test_filters_and_orders(edith: Client, base: Any, given: dict[str, str], found: list[str]) -> None:
    assert _names(edith.get("/companies/", given)) == found


def test_a_company_with_several_domains_is_found_once(edith: Client, company: Any) -> None:
    company("Acme", website="acme.fr", email_domain="mail.acme.fr")
    answer = edith.get("/companies/?q=acme.fr")
    assert _names(answer) == ["Acme"]
    assert answer.context["page"].total == 1


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("headcount.at-least=dix", 409, "Effectif : « dix » n&#x27;est pas un nombre entier."),
        ("headcount.between=9", 409, "Effectif : donnez deux bornes."),
        ("headcount.between=9..3", 409, "la première borne dépasse la seconde"),
        ("list=999999", 404, "Cette liste n&#x27;existe pas"),
        ("segment=clients", 404, "Vouliez-vous dire « client » ?"),
        ("citi=Lyon", 404, "pas de filtre « citi ». Vouliez-vous dire « city » ?"),
        ("city.start=Lyon", 404, "ne se filtre pas par « start »"),
        ("own.note=x", 404, "pas de filtre « own.note »"),
        ("cols=name,towns", 404, "pas de colonne « towns »"),
        ("city.contains=%20", 409, "Ville : donnez une valeur."),
        ("city.in=" + "|".join(map(str, range(101))), 409, "de une à 100 valeurs"),
    ],
)
def test_a_filter_that_cannot_be_read_is_a_sentence(
    edith: Client, base: Any, address: str, status: int, sentence: str
) -> None:
    answer = edith.get(f"/companies/?{address}")
    assert answer.status_code == status
    assert sentence in answer.content.decode()


def test_a_sentence_reaches_htmx_as_a_fragment(edith: Client, base: Any) -> None:
    answer = edith.get("/companies/?headcount.at-least=dix", HTTP_HX_REQUEST="true")
    assert answer["HX-Retarget"] == "#flash"
    assert b"<html" not in answer.content


def test_a_search_without_answer_says_what_to_do(edith: Client, base: Any) -> None:
    assert "Enlevez un filtre" in edith.get("/companies/?q=zzzz").content.decode()


def test_an_empty_base_shows_the_first_steps(edith: Client) -> None:
    assert "Pour commencer" in edith.get("/companies/").content.decode()


def _address(answer: Any, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]*)"', answer.content.decode())
    return found and found[1].replace("&amp;", "&")


def test_fifty_companies_a_page(edith: Client, alice: Any, company: Any) -> None:
    for n in range(51):
        company(f"Société {n:02}")
    first = edith.get("/companies/")
    second = edith.get("/companies/" + _address(first, "next"))
    assert len(_names(first)) == 50
    assert _names(second) == ["Société 50"]
    assert first.context["page"].total == second.context["page"].total == 51
    assert _address(first, "prev") is None
    assert _address(second, "next") is None
    assert _names(edith.get("/companies/" + _address(second, "prev"))) == _names(first)


def test_a_page_after_a_company_that_is_gone_is_the_first(edith: Client, base: Any) -> None:
    assert _names(edith.get("/companies/?after=999999&page=9")) == ["Acme Logiciels", "Atelier Morel", "Zinc et Cie"]


def test_the_rest_is_counted_only_where_there_is_one(edith: Client, base: Any, django_assert_num_queries: Any) -> None:
    from tamis.app.services.company_filters import Filters
    from tamis.app.services.company_table import page

    with django_assert_num_queries(5):  # up to five thousand, the horizon, the rows, their lists, their pins
        page(Filters())


def test_ticked_companies_are_moved_and_pinned(edith: Client, base: Any) -> None:
    target = List.objects.get(name="client-default")
    ids = [base["acme"].pk, base["zinc"].pk]
    answer = edith.post("/companies/move/", {"company": ids, "list": target.pk, "next": "/companies/?q=c"})
    assert answer["Location"] == "/companies/?q=c"
    page = edith.get("/companies/?pinned=yes")
    assert _names(page) == ["Acme Logiciels", "Zinc et Cie"]
    assert page.content.decode().count("épinglée</span>") == 2


def test_pins_are_taken_away(edith: Client, base: Any) -> None:
    target = List.objects.get(name="client-default")
    edith.post("/companies/move/", {"company": base["acme"].pk, "list": target.pk})
    edith.post("/companies/release/", {"company": base["acme"].pk})
    assert Company.objects.get(pk=base["acme"].pk).list.name == "prospect-default"


def test_companies_of_a_locked_list_look_different(edith: Client, base: Any) -> None:
    target = List.objects.get(name="client-default")
    edith.post("/companies/move/", {"company": base["acme"].pk, "list": target.pk})
    edith.post("/lists/lock/", {"list": target.pk})
    assert edith.get("/companies/").content.decode().count('<tr class="locked">') == 1
    assert _names(edith.get("/companies/?locked=yes")) == ["Acme Logiciels"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"list": "1"}, "Cochez d&#x27;abord"),
        ({"company": "x", "list": "1"}, "Cochez d&#x27;abord"),
        ({"company": "1"}, "Choisissez la liste"),
        ({"company": "1", "list": "9" * 9}, "Cette liste n&#x27;existe pas"),
        ({"company": "999999", "list": "1"}, "n&#x27;existe pas"),
    ],
)
def test_a_move_that_says_too_little_is_a_sentence(
    edith: Client, base: Any, given: dict[str, str], sentence: str
) -> None:
    given = given | ({"list": str(List.objects.get(name="client-default").pk)} if given.get("list") == "1" else {})
    answer = edith.post("/companies/move/", given, HTTP_REFERER="http://localhost/companies/", follow=True)
    assert sentence in answer.content.decode()


def test_nobody_is_sent_to_another_site_after_a_move(edith: Client, base: Any) -> None:
    target = List.objects.get(name="client-default")
    given = {"company": base["acme"].pk, "list": target.pk, "next": "//mechant.example/"}
    assert edith.post("/companies/move/", given)["Location"] == "/companies/"


def test_what_is_filtered_is_exported(victor: Client, base: Any) -> None:
    answer = victor.get("/companies/export/?naf.starts-with=62&format=csv-fr")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert answer.streaming
    assert lines[0].startswith("N°;Segment;Liste;Raison sociale")
    assert len(lines) == 3


def test_a_company_is_typed_in(edith: Client, workspace: Any) -> None:
    answer = edith.post("/companies/new/", {"name": "Acme", "siren": "732 829 320", "city": "", "unknown": "x"})
    acme = Company.objects.get()
    assert (acme.name, acme.siren) == ("Acme", "732829320")
    assert answer["Location"] == f"/companies/{acme.pk}/"


def test_faults_stand_beside_their_fields_with_what_was_typed(edith: Client, workspace: Any) -> None:
    answer = edith.post("/companies/new/", {"name": "Acme", "siren": "123", "headcount": "beaucoup"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert re.search(r'name="siren" value="123"[^>]*aria-invalid="true"', page)
    assert re.search(r'name="headcount" value="beaucoup"[^>]*aria-describedby="e-headcount"', page)
    assert not Company.objects.exists()


def test_a_double_is_named(edith: Client, base: Any) -> None:
    page = edith.post("/companies/new/", {"name": "Autre", "siren": "732829320"}).content.decode()
    assert "déjà celui de « Acme Logiciels »" in page


def test_lists_to_choose_from_are_written_as_text(edith: Client, company: Any, make_list: Any) -> None:
    company("Acme")
    target = make_list("client", "<b>or</b>")
    List.objects.filter(pk=target.pk).update(locked=True)
    page = edith.get("/companies/").content.decode()
    assert f'<option value="{target.pk}">client-&lt;b&gt;or&lt;/b&gt; (verrouillée)</option>' in page


def test_the_list_that_was_asked_for_stays_chosen(admin: Any, client_as: Any, make_list: Any) -> None:
    target = make_list("client", "or")
    page = client_as(admin).get(f"/audit/?list={target.pk}").content.decode()
    assert f'<option value="{target.pk}" selected>client-or</option>' in page


@pytest.mark.parametrize(("language", "told"), [("fr", "0 entreprise correspond"), ("en", "0 companies match")])
def test_none_is_singular_in_french(base: Any, edith: Client, language: str, told: str) -> None:
    edith.post("/language/", {"language": language, "next": "/"})
    assert f"<h1>{told}" in edith.get("/companies/selection/?city=Nulle-Part").content.decode()
