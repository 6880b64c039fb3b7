"""A rule among a table's filters: its rows, as of when, beside the other filters; moved, tagged, exported, kept."""

from typing import Any
from urllib.parse import quote, unquote

import pytest
from answers import words
from django.db import connection
from django.test import Client

from tamis.app.models import Company, Contact, Job, List, SavedView
from tamis.app.services import (
    companies,
    company_attributes,
    company_selection,
    contacts,
    lists,
    statuses,
    table_orders,
    tags,
)

pytestmark = pytest.mark.usefixtures("transactional_db", "own_inbox")

RULE = 'companies where city = "Lyon" or headcount > 40'
HERE = f"/companies/?rule={quote(RULE)}"


@pytest.fixture
def base(transactional_db: None, company: Any) -> dict[str, Any]:
    """Two companies in Lyon, a large one in Brest, a small one in Albi."""
    made = [
        company("Acme", city="Lyon", headcount="12", naf="62.01Z"),
        company("Bolt", city="Brest", headcount="48"),
        company("Crin", city="LYON", naf="25.62B"),
        company("Dune", city="Albi", headcount="3"),
    ]
    return {each.name: each for each in made}


def names(answer: Any) -> list[str]:
    return [each.name for each in answer.context["page"].companies]


def test_the_table_shows_whom_a_rule_selects_and_as_of_when(victor: Client, base: Any) -> None:
    answer = victor.get(HERE)
    assert names(answer) == ["Acme", "Bolt", "Crin"]
    page = words(answer)
    assert "<strong>3 entreprises</strong>" in page
    assert "La règle est appliquée à l'état du" in page
    assert "Entreprises dont la ville est « Lyon » ou dont l'effectif est de plus de 40" in page.replace("&#x27;", "'")
    assert 'href="/companies/" aria-label="Enlever le filtre' in page
    assert "La règle est appliquée" not in words(victor.get("/companies/?city=Lyon"))


def test_what_was_changed_a_moment_ago_is_in_the_answer(victor: Client, alice: Any, base: Any) -> None:
    assert names(victor.get(HERE)) == ["Acme", "Bolt", "Crin"]
    companies.edit(alice, base["Dune"], {"city": "Lyon"})
    companies.edit(alice, base["Acme"], {"city": "Albi"})
    assert names(victor.get(HERE)) == ["Bolt", "Crin", "Dune"]


def test_many_changes_wait_for_the_worker(victor: Client, alice: Any, base: Any, monkeypatch: Any) -> None:
    from tamis.app.services import table_rules

    monkeypatch.setattr(table_rules, "FEW_CHANGES", 0)
    before = victor.get(HERE)
    companies.edit(alice, base["Dune"], {"city": "Lyon"})
    after = victor.get(HERE)
    assert names(after) == names(before) == ["Acme", "Bolt", "Crin"]
    told = [answer.context["filters"].rule.found.as_of for answer in (before, after)]
    assert told[1] <= told[0]  # it says that it is no newer


def test_a_rule_search_and_conditions_are_joined_by_and(victor: Client, base: Any) -> None:
    assert names(victor.get(f"{HERE}&naf.known=")) == ["Acme", "Crin"]
    assert names(victor.get(f"{HERE}&naf.known=&q=cri")) == ["Crin"]
    assert names(victor.get(f"{HERE}&sort=-headcount")) == ["Bolt", "Acme", "Crin"]
    assert words(victor.get(f"/companies/count/?naf.known=&rule={quote(RULE)}")) == "2"


def test_where_many_match_the_order_is_walked_and_pages_go_on(victor: Client, company: Any, monkeypatch: Any) -> None:
    for n in range(120):
        company(f"N{n:03}", city="Lyon" if n % 2 else "Albi", headcount="5")
    rule = quote('companies where headcount > 4 and not city = "Albi"')
    address = f"/companies/?rule={rule}"
    expected = [f"N{n:03}" for n in range(1, 120, 2)]
    for few, horizon in ((5_000, 10_000), (3, 10_000), (3, 20)):  # found and sorted; walked; walked too far
        monkeypatch.setattr(table_orders, "FEW", few)
        monkeypatch.setattr(table_orders, "HORIZON", horizon)
        first = victor.get(address)
        assert names(first) == expected[:50]
        last = first.context["page"].companies[-1].pk
        second = victor.get(f"{address}&after={last}&page=2")
        assert names(second) == expected[50:]
        back = second.context["page"].companies[0].pk
        assert names(victor.get(f"{address}&before={back}&page=1")) == expected[:50]
        assert names(victor.get(f"{address}&sort=-name")) == expected[:-51:-1]


def test_the_ids_are_one_parameter_however_many(victor: Client, company: Any) -> None:
    for n in range(40):
        company(f"N{n}", headcount="5")
    asked: list[tuple[str, int]] = []

    def told(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, len(params or ())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(told):
        victor.get(f"/companies/?rule={quote('companies where headcount > 4')}")
    about = [(sql, n) for sql, n in asked if "json_each" in sql or "ANY(" in sql]
    assert about
    assert all(n < 5 for _, n in about)


def test_where_nothing_matches_the_rule_may_be_given_up(victor: Client, base: Any) -> None:
    page = words(victor.get(f"/companies/relax/?city=Albi&rule={quote(RULE)}"))
    assert "Sans « Ville est Albi » :" in page
    assert "3 entreprises" in page
    assert "Sans la règle :" in page
    assert "1 entreprise<" in page


def test_everything_that_matches_is_moved_if_it_is_still_as_many(edith: Client, alice: Any, base: Any) -> None:
    target = List.objects.get(name="client-default")
    page = words(edith.get(f"/companies/selection/?rule={quote(RULE)}"))
    assert "3 entreprises correspondent" in page
    given = {"matching": f"rule={quote(RULE)}", "n": "3", "list": target.pk, "next": HERE}
    companies.edit(alice, base["Dune"], {"headcount": "41"})
    refused = edith.post("/companies/move/", given, follow=True)
    assert "La base a changé entre-temps : 4 entreprises correspondent, et non 3" in words(refused)
    assert not Company.objects.filter(list=target).exists()
    done = edith.post("/companies/move/", given | {"n": "4"}, follow=True)
    assert "4 entreprises épinglées" in words(done)
    assert Company.objects.filter(list=target).count() == 4


def test_a_job_asks_the_rule_again_when_it_runs(
    edith: Client, alice: Any, base: Any, work: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(company_selection, "AT_ONCE", 1)
    target = lists.find("client-default")
    given = {"matching": f"rule={quote(RULE)}", "n": "3", "list": target.pk, "next": HERE}
    edith.post("/companies/move/", given)
    companies.edit(alice, base["Bolt"], {"headcount": "2"})
    work()
    assert "2 entreprises correspondent, et non 3" in str(Job.objects.latest("pk").error)
    assert not Company.objects.filter(list=target).exists()
    edith.post("/companies/move/", given | {"n": "2"})
    work()
    assert {*Company.objects.filter(list=target).values_list("name", flat=True)} == {"Acme", "Crin"}


def test_what_a_rule_selects_is_taken_away(victor: Client, base: Any, work: Any) -> None:
    answer = victor.get(f"/companies/export/?format=csv&rule={quote(RULE)}")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert sorted(line.split(",")[3] for line in lines[1:]) == ["Acme", "Bolt", "Crin"]
    victor.post("/companies/export/job/", {"filters": f"rule={quote(RULE)}", "format": "csv"})
    work()
    assert Job.objects.latest("pk").result["companies"] == 3


def test_a_filter_with_a_rule_is_kept_as_a_view(victor: Client, base: Any) -> None:
    query = f"rule={quote(RULE)}&naf.known=&sort=-name"
    page = words(victor.get(f"/companies/views/new/?{query}"))
    assert "Entreprises dont la ville est « Lyon »" in page
    made = victor.post("/companies/views/new/", {"name": "Lyon ou grandes", "query": query})
    assert made.status_code == 302
    here = f"/companies/?view={SavedView.objects.get().pk}"
    shown = victor.get(here, follow=True)
    assert names(shown) == ["Crin", "Acme"]
    assert "Vue modifiée" not in words(shown)
    assert "Vue modifiée" in words(victor.get(f"{here}&naf.known="))


def test_a_view_whose_rule_names_what_has_gone_says_so(edith: Client, alice: Any, base: Any) -> None:
    salons = lists.create(alice, lists.find_segment("client"), "salons")
    rule = 'companies where not in list "client-salons" and headcount > 4'
    edith.post("/companies/views/new/", {"name": "Sans salons", "query": f"rule={quote(rule)}"})
    lists.delete(alice, salons)
    page = edith.get(f"/companies/?view={SavedView.objects.get().pk}", follow=True)
    assert page.status_code == 200
    assert "La vue « Sans salons » : Ligne 1, colonne" in words(page)


def test_a_filter_with_a_rule_becomes_an_audience(edith: Client, base: Any) -> None:
    answer = edith.get(f"/companies/as-audience/?naf.known=&rule={quote(RULE)}")
    asked = unquote(answer["Location"].replace("+", " "))
    assert asked == f"/audiences/new/?rule=companies where naf is known and ({RULE.removeprefix('companies where ')})"


def test_a_rule_that_cannot_be_read_is_a_sentence_everywhere(edith: Client, base: Any) -> None:
    wrong = "rule=companies%20where%20hedcount%20%3E%203"
    for page in ("count", "relax", "selection", "export", "views/new", "as-audience"):
        answer = edith.get(f"/companies/{page}/?{wrong}")
        assert answer.status_code in (302, 400, 409), page
    given = {"matching": wrong, "n": "3", "list": List.objects.get(name="client-default").pk}
    assert "Ligne 1, colonne 17" in words(edith.post("/companies/move/", given, follow=True))


@pytest.fixture
def people(alice: Any, base: Any) -> list[Any]:
    """Two people of Acme and one of nowhere."""
    made = [contacts.add(alice, {"email": f"{who}@a.fr", "last_name": who.title()}) for who in ("lea", "bob", "zoe")]
    for who in made[:2]:
        contacts.tie_to(alice, who, base["Acme"])
    return made


def test_contacts_are_filtered_and_labelled_by_a_rule(edith: Client, alice: Any, people: Any) -> None:
    rule = quote('contacts where company.headcount < 20 and not email = "bob@a.fr" or last_name = "Zoe"')
    answer = edith.get(f"/contacts/?rule={rule}")
    assert names(answer) == ["Lea", "Zoe"]
    assert "2 contacts" in words(edith.get(f"/contacts/selection/?rule={rule}"))
    tag, chaud = tags.add(alice, "Secteur", "Bois"), statuses.add(alice, "Chaud")
    given = {"matching": f"rule={rule}", "n": "2", "next": "/contacts/"}
    edith.post("/contacts/label/", given | {"do": "put", "tag": tag.pk})
    edith.post("/contacts/label/", given | {"do": "status", "status": chaud.pk})
    assert {*Contact.objects.filter(status=chaud).values_list("email", flat=True)} == {"lea@a.fr", "zoe@a.fr"}
    changed = edith.post("/contacts/label/", given | {"n": "3", "do": "status", "status": "none"}, follow=True)
    assert "La base a changé entre-temps" in words(changed)
    lines = edith.get(f"/contacts/export/?format=csv&rule={rule}").getvalue().decode()
    assert ("lea@a.fr" in lines, "bob@a.fr" in lines) == (True, False)


def test_a_rule_of_contacts_becomes_the_conditions_of_their_table(edith: Client, people: Any) -> None:
    given = {"rule": 'contacts where company.naf starts with "62" and city is missing', "on": ""}
    address = edith.post("/contacts/filter/", given)["Location"]
    assert address == "/contacts/?city.missing=&company_naf.starts-with=62"
    assert names(edith.get(address)) == ["Bob", "Lea"]
    assert "contacts where city is missing and company.naf starts with" in words(
        edith.get("/contacts/filter/", {"on": address.partition("?")[2]})
    )


def test_every_attribute_is_in_the_builder_or_beside_it(victor: Client, alice: Any, base: Any) -> None:
    assert "Tag" not in words(victor.get("/companies/filter/"))  # while there is none
    tags.add(alice, "Secteur", "Bois")
    known = {each["key"] for each in victor.get("/rules/words/").json()["fields"]["companies"]}
    page = victor.get("/companies/filter/").content.decode()
    for attribute in company_attributes.attributes():
        beside = f'value="{attribute.key}"' in page
        assert beside or attribute.key in known | {"segment", "list", "tag"}, attribute.key
