"""Changing the filter of the table, acting on all that match, and giving one up where nothing matches."""

from typing import Any
from urllib.parse import unquote

import pytest
from answers import words
from django.test import Client
from django.utils.html import escape

from tamis.app.models import Company, List


@pytest.fixture
def base(company: Any) -> None:
    company("Acme", city="Lyon", naf="62.01Z", headcount="12")
    company("Bolt", city="Saint-Étienne", naf="25.62B")


def applied(client: Client, **given: Any) -> str:
    """Where the filter's form leads to."""
    answer = client.post("/companies/filter/", given)
    assert answer.status_code == 302, words(answer)
    return unquote(answer["Location"].replace("+", " "))


def test_the_panel_shows_the_filters_as_a_rule_and_the_rest_beside_it(victor: Client, base: None) -> None:
    page = words(victor.get("/companies/filter/", {"on": "q=ac&city=Lyon&naf.starts-with=62&pinned=yes&view=7"}))
    assert "companies where naf starts with &quot;62&quot; and city = &quot;Lyon&quot;</textarea>" in page
    assert 'name="on" value="q=ac&amp;pinned=yes&amp;view=7"' in page
    assert '<option value="yes" selected>Oui</option>' in page
    for name in ("Liste verrouillée", "Épinglée", "Réclamée par un CRM pour la liste"):
        assert name in page


def test_a_rule_that_the_table_can_ask_becomes_its_conditions(victor: Client, base: None) -> None:
    rule = 'companies where city = "Lyon" and naf starts with "62"'
    given = {"rule": rule, "on": "sort=-name&cols=name,city&view=7&pinned=yes", "q": "acme"}
    address = applied(victor, **given, a0="pinned", v0="")
    assert address == "/companies/?q=acme&naf.starts-with=62&city=Lyon&sort=-name&cols=name,city&view=7"
    kept = applied(victor, rule="", on="pinned=yes&sort=city", a0="pinned", v0="yes")
    assert kept == "/companies/?pinned=yes&sort=city"


def test_any_other_rule_stays_a_rule(victor: Client, base: None) -> None:
    rule = 'companies where city = "Lyon"   or city ends with "ne"'
    address = applied(victor, rule=rule, on="q=a", a0="locked", v0="no")
    assert address == '/companies/?q=a&rule=companies where city = "Lyon" or city ends with "ne"&locked=no'


def test_what_no_rule_says_has_rows_of_its_own(victor: Client, base: None) -> None:
    lists = [str(each.pk) for each in List.objects.order_by("pk")[:2]]
    given = {"a0": "claim_hand", "o0": "is", "v0": lists, "a1": "claim", "o1": "not", "v1": lists}
    address = applied(victor, **given, a2="tag_rule", o2="known", v2="", a3="name", o3="contains", v3="jean dupont")
    both = "|".join(lists)
    assert address == (
        f"/companies/?name.contains=jean dupont&claim.not={lists[0]}&claim.not={lists[1]}"
        f"&claim_hand.in={both}&tag_rule.known="
    )
    page = words(victor.get("/companies/filter/", {"on": address.partition("?")[2]}))
    assert 'value="jean dupont"' in page
    assert page.count(f'value="{lists[1]}" checked') == 2  # each in a row of its own


def test_a_value_that_cannot_be_read_comes_back_with_the_reason(victor: Client, base: None) -> None:
    given = {"a0": "name", "o0": "contains", "v0": "!!!", "on": "q=ac&sort=city"}
    given["rule"] = "companies where city is known"
    answer = victor.post("/companies/filter/", given)
    page = words(answer)
    assert answer.status_code == 409
    assert "companies where city is known</textarea>" in page
    assert 'value="!!!"' in page
    assert 'name="on" value="q=ac&amp;sort=city"' in page


def test_a_filter_too_long_for_an_address_is_refused_and_kept(victor: Client, base: None) -> None:
    cities = ", ".join(f'"Ville {n}"' for n in range(800))
    answer = victor.post("/companies/filter/", {"rule": f"companies where not city in ({cities})", "on": ""})
    assert answer.status_code == 409
    assert "trop long pour une adresse" in words(answer)
    assert "Ville 799" in words(answer)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("companies where hedcount > 3", "Vouliez-vous dire « headcount »"),
        ("companies where (city", "Ligne 1, colonne 22"),
        ("contacts where city is known", "Cette règle parle de contacts"),
    ],
)
def test_a_rule_that_cannot_be_read_leaves_the_other_filters(
    victor: Client, base: None, rule: str, reason: str
) -> None:
    address = applied(victor, rule=rule, on="", a0="pinned", v0="no")
    assert address == f"/companies/?pinned=no&rule={rule}"
    answer = victor.get("/companies/", {"pinned": "no", "city": "Lyon", "rule": rule})
    page = words(answer)
    assert answer.status_code == 400
    assert reason in page
    assert [each.name for each in answer.context["page"].companies] == ["Acme"]
    assert escape(f"{rule}</textarea>").replace("&lt;/textarea&gt;", "</textarea>") in page
    assert 'name="on" value="city=Lyon&amp;pinned=no"' in page.replace(
        "pinned=no&amp;city=Lyon", "city=Lyon&amp;pinned=no"
    )


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
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert [line.split(",")[3] for line in lines] == ["Raison sociale", "Acme"]


def test_columns_are_chosen_and_ordered(victor: Client, base: None) -> None:
    answer = victor.get("/companies/?cols=city&cols=naf&cols=name&density=compact")
    assert answer["Location"] == "/companies/?cols=name,city,naf&density=compact"
    page = victor.get(answer["Location"]).content.decode()
    headings = page.split("<thead>")[1].split("</thead>")[0]
    assert headings.index("Ville") < headings.index("NAF")
    assert "Effectif" not in headings
    assert "compact" in page
