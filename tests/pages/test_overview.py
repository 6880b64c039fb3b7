"""The base at a glance."""

import re
from typing import Any

from django.test import Client


def _bar(page: str, segment: str) -> str:
    found = re.search(rf'<a class="bar seg-{segment}".*?</a>', page, re.S)
    assert found
    return found[0]


def test_an_empty_base_shows_the_first_steps(edith: Client) -> None:
    page = edith.get("/").content.decode()
    assert "Pour commencer" in page
    assert "/companies/import/" in page


def test_a_bar_leads_to_the_companies_of_its_segment(edith: Client, company: Any) -> None:
    company("Acme")
    page = edith.get("/").content.decode()
    assert 'href="/companies/?segment=prospect"' in _bar(page, "prospect")
    assert 'class="n">1<' in _bar(page, "prospect")
    assert "/companies/import/" not in page


def test_left_out_segments_are_not_in_the_headline(edith: Client, company: Any, alice: Any) -> None:
    from tamis.app.services import companies, lists

    company("Acme")
    rival = company("Rival")
    companies.move(alice, lists.find("concurrent-default"), [rival.pk])
    page = edith.get("/").content.decode()
    headline = re.search(r'class="headline"><strong>(\d+)</strong>', page)
    assert headline
    assert headline[1] == "1"
    assert "sur 2 en tout" in page
    assert page.index("Hors chiffres") < page.index('class="bar seg-concurrent"')
    assert page.index("Hors chiffres") > page.index('class="bar seg-autre"')


def test_a_plan_without_limit_says_so(edith: Client) -> None:
    assert "sans limite" in edith.get("/").content.decode()


def test_a_plan_with_a_limit_shows_a_meter(edith: Client, workspace: Any) -> None:
    workspace.plan = "starter"
    workspace.save()
    page = edith.get("/").content.decode()
    assert '<meter min="0" max="1000"' in page
    assert "1\u202f000 permises" in page


def test_the_latest_moves_say_why(edith: Client, company: Any, import_lines: Any) -> None:
    from tamis.app.services import lists

    company("Acme", siren="732829320")
    import_lines(lists.find("client-default"), "Acme;732829320;;", file_name="clients.csv")
    page = edith.get("/").content.decode()
    assert "import clients.csv, ligne 2" in page
    page = page.partition("<table")[2]
    assert page.index("prospect-default") < page.index("client-default")


def test_locking_is_proposed_until_something_is_locked(edith: Client) -> None:
    assert "Verrouiller ces listes" in edith.get("/").content.decode()
    edith.post("/lists/lock/", {"proposed": "1"})
    assert "Verrouiller ces listes" not in edith.get("/").content.decode()
