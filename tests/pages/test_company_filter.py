"""Adding a filter to the table, acting on all that match, and giving one up where nothing matches."""

from typing import Any

import pytest
from django.test import Client

from tamis.app.models import Company, List


@pytest.fixture
def base(company: Any) -> None:
    company("Acme", city="Lyon", naf="62.01Z", headcount="12")
    company("Bolt", city="Saint-Étienne", naf="25.62B")


def test_every_attribute_is_offered(victor: Client, base: None) -> None:
    page = victor.get("/companies/filter/").content.decode()
    for name in ("Ville", "Code NAF", "Réclamée par la liste", "Épinglée", "Effectif"):
        assert name in page


def test_a_filter_is_chosen_step_by_step_without_a_script(victor: Client, base: None) -> None:
    page = victor.get("/companies/filter/", {"field": "city", "on": "naf=62.01Z"}).content.decode()
    assert '<option value="contains">contient</option>' in page
    answer = victor.get(
        "/companies/filter/",
        {"field": "city", "operator": "contains", "value": "lyo", "apply": "1", "on": "naf=62.01Z&view=7"},
    )
    assert answer["Location"] == "/companies/?naf=62.01Z&city.contains=lyo&view=7"


def test_with_a_script_the_browser_is_sent_on(victor: Client, base: None) -> None:
    given = {"field": "headcount", "operator": "between", "value": ["1", "20"], "apply": "1", "on": ""}
    answer = victor.get("/companies/filter/", given, HTTP_HX_REQUEST="true")
    assert answer["HX-Redirect"] == "/companies/?headcount.between=1..20"


def test_a_value_that_cannot_be_read_comes_back_with_the_reason(victor: Client, base: None) -> None:
    given = {"field": "headcount", "operator": "at-least", "value": "dix", "apply": "1", "on": "city=Lyon"}
    answer = victor.get("/companies/filter/", given, HTTP_HX_REQUEST="true")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "n&#x27;est pas un nombre entier" in page
    assert 'value="dix"' in page
    assert 'name="on" value="city=Lyon"' in page


def test_a_filter_is_changed_in_place(victor: Client, base: None) -> None:
    given = {"field": "city", "operator": "is", "value": "Brest", "apply": "1", "on": "city=Lyon", "was": "city"}
    assert victor.get("/companies/filter/", given)["Location"] == "/companies/?city=Brest"


def test_values_seen_are_suggested(victor: Client, base: None) -> None:
    def seen(**given: str) -> str:
        return victor.get("/companies/values/", given).content.decode()

    assert 'value="Saint-Étienne"' in seen(field="city", value="saint e")
    assert 'value="62.01Z"' in seen(field="naf", value="62")
    assert 'value="Brest | Lyon"' in seen(field="city", value="Brest | ly")
    assert "option" not in seen(field="headcount", value="1")


def test_every_chip_is_taken_away_by_itself(victor: Client, base: None) -> None:
    page = victor.get("/companies/?city=Lyon&naf.starts-with=62").content.decode()
    assert 'href="/companies/?city=Lyon" aria-label="Enlever le filtre : Code NAF commence par « 62 »"' in page


def test_where_nothing_matches_the_filter_to_give_up_is_named(victor: Client, base: None) -> None:
    page = victor.get("/companies/relax/?city=Lyon&naf=25.62B&headcount.at-least=5").content.decode()
    assert "Sans « Code NAF est 25.62B » :" in page
    assert "1 entreprise" in page
    assert "Sans « Ville" not in page


def test_the_count_follows(victor: Client, base: None) -> None:
    assert victor.get("/companies/count/?city=Lyon").content.decode().strip() == "1"


def test_all_that_match_are_confirmed_then_moved(edith: Client, base: None) -> None:
    target = List.objects.get(name="client-default")
    page = edith.get("/companies/selection/?city=Lyon&sort=-name").content.decode()
    assert "1 entreprise correspond" in page
    assert 'name="matching" value="city=Lyon"' in page
    given = {"matching": "city=Lyon", "n": "1", "list": target.pk, "next": "/companies/?city=Lyon"}
    answer = edith.post("/companies/move/", given, follow=True)
    assert "1 entreprise épinglée dans « client-default »" in answer.content.decode()
    assert Company.objects.get(name="Acme").list == target
    edith.post("/companies/release/", {"matching": "city=Lyon", "n": "1"})
    assert Company.objects.get(name="Acme").list.name == "prospect-default"


@pytest.mark.parametrize("n", ["", "x", "2"])
def test_a_number_that_nobody_confirmed_moves_nothing(edith: Client, base: None, n: str) -> None:
    target = List.objects.get(name="client-default")
    edith.post("/companies/move/", {"matching": "city=Lyon", "n": n, "list": target.pk})
    assert not Company.objects.filter(list=target).exists()


def test_companies_ticked_on_other_pages_move_too(edith: Client, base: None) -> None:
    target = List.objects.get(name="client-default")
    acme, bolt = Company.objects.order_by("name").values_list("pk", flat=True)
    edith.post("/companies/move/", {"company": acme, "ticked": f"{acme},{bolt},x", "list": target.pk})
    assert Company.objects.filter(list=target).count() == 2


def test_what_is_ticked_is_exported(victor: Client, base: None) -> None:
    acme = Company.objects.get(name="Acme").pk
    answer = victor.post("/companies/export/", {"ticked": str(acme), "format": "csv"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.split(",")[3] for line in lines] == ["Raison sociale", "Acme"]


def test_columns_are_chosen_and_ordered(victor: Client, base: None) -> None:
    answer = victor.get("/companies/?cols=city&cols=naf&cols=name&density=compact")
    assert answer["Location"] == "/companies/?cols=name,city,naf&density=compact"
    page = victor.get(answer["Location"]).content.decode()
    headings = page.split("<thead>")[1].split("</thead>")[0]
    assert headings.index("Ville") < headings.index("NAF")
    assert "Effectif" not in headings
    assert "compact" in page
