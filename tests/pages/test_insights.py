"""Pictures of audiences and segments: what they show, where their bars lead, and that bad choices lose nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from answers import words
from django.test import Client

pytestmark = pytest.mark.usefixtures("transactional_db", "own_inbox")


@pytest.fixture
def audience(alice: Any) -> Callable[..., Any]:
    """Defines an audience and fills it."""
    from tamis.app.models import Mode
    from tamis.app.services import audiences, refreshing

    def made(name: str, rule: str) -> Any:
        one = audiences.create(alice, name, audiences.Definition(rule, Mode.DYNAMIC))
        refreshing.refresh(alice, [one])
        return one

    return made


@pytest.fixture
def cast(company: Any) -> None:
    """Acme and Bolt are in Lyon, Crin in Albi; Acme and Crin have twelve people."""
    company("Acme", city="Lyon", headcount="12")
    company("Bolt", city="Lyon")
    company("Crin", city="Albi", headcount="12")


@pytest.fixture
def pair(transactional_db: None, cast: None, audience: Any) -> list[int]:
    """Those in Lyon, and those with twelve people."""
    return [
        audience("Lyon <b>", 'companies where city = "Lyon"').pk,
        audience("Douze", "companies where headcount = 12").pk,
    ]


def test_an_overlap_is_drawn_and_its_columns_lead_to_their_people(victor: Client, pair: list[int]) -> None:
    page = words(victor.get("/audiences/overlap/", {"audience": pair}))
    assert "3 entreprises dans au moins une" in page
    assert 'aria-label="Lyon &lt;b&gt; + Douze : 1"' in page
    link = "/companies/?rule=companies+where+in+audience+%22Lyon+%3Cb%3E%22+and+not+in+audience+%22Douze%22"
    assert link in page
    people = words(victor.get(link.replace("&amp;", "&")))
    assert "Bolt" in people
    assert "Acme" not in people
    assert page.count("état du") == 2


def test_a_choice_that_cannot_be_drawn_stays_to_be_changed(victor: Client, pair: list[int], audience: Any) -> None:
    other = audience("Gens", "contacts where email is known")
    for chosen in (pair[:1], [*pair, other.pk], [*pair, 999]):
        answer = victor.get("/audiences/overlap/", {"audience": chosen})
        assert answer.status_code == 400
        assert 'role="alert"' in words(answer)
        assert 'name="audience"' in words(answer)


def test_without_audiences_the_page_says_what_is_missing(victor: Client) -> None:
    assert "Rien à superposer" in words(victor.get("/audiences/overlap/"))


def test_two_audiences_are_compared_and_each_bar_leads_to_its_people(victor: Client, pair: list[int]) -> None:
    page = words(victor.get("/audiences/compare/", {"a": pair[0], "b": pair[1]}))
    assert "Lyon &lt;b&gt;" in page
    assert "1 est dans les deux et compte des deux côtés" in page
    assert "moins de 30 membres" in page
    rule = "companies+where+in+audience+%22Lyon+%3Cb%3E%22+and+city+%3D+%22Lyon%22"
    assert f'href="/companies/?rule={rule}"' in page
    assert "<strong>2 entreprises</strong>" in words(victor.get(f"/companies/?rule={rule}"))
    assert "100,0 %" in page


def test_an_audience_is_compared_with_everybody_else(victor: Client, pair: list[int]) -> None:
    page = words(victor.get("/audiences/compare/", {"a": pair[0], "b": ""}))
    assert '<strong class="name">tous les autres</strong> 1 ' in page


def test_a_comparison_that_cannot_be_made_says_why(victor: Client, pair: list[int]) -> None:
    answer = victor.get("/audiences/compare/", {"a": pair[0], "b": pair[0]})
    assert answer.status_code == 400
    assert "Choisissez deux audiences différentes" in words(answer)
    assert "Rien à comparer" not in words(victor.get("/audiences/compare/"))


def test_moves_between_segments_are_drawn_and_each_band_leads_to_its_companies(
    victor: Client, alice: Any, cast: None
) -> None:
    from tamis.app.models import Company
    from tamis.app.services import companies, lists

    one = Company.objects.get(name="Acme")
    Company.objects.filter(pk=one.pk).update(created_at="2026-01-01T00:00Z")
    companies.move(alice, lists.find("client-default"), [one.pk])
    page = words(victor.get("/segments/flows/"))
    [link] = {
        part.partition('"')[0] for part in page.split('href="')[1:] if "source=prospect" in part.partition('"')[0]
    }
    assert "Prospect → Client" in page
    assert "nouvelle → Prospect" in page
    people = words(victor.get(link.replace("&amp;", "&")))
    assert "<strong>1</strong>" in people
    assert "Acme" in people
    assert "Bolt" not in people
    assert "Prospect → Prospect" in words(victor.get("/segments/flows/", {"stay": "1"}))


def test_months_and_ways_that_are_none_are_refused(victor: Client) -> None:
    for address in ("/segments/flows/?from=hier", "/segments/flows/companies/?source=client&target=x"):
        answer = victor.get(address)
        assert answer.status_code == 400
        assert 'role="alert"' in words(answer)
    assert "Aucune entreprise n'a changé de segment" in words(victor.get("/segments/flows/")).replace("&#x27;", "'")


def test_a_forecast_is_a_page_and_a_part_of_one(victor: Client, pair: list[int], alice: Any) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from tamis.app.models import Audience, AudienceRun

    assert "une prévision en demande 8" in words(victor.get(f"/audiences/{pair[0]}/forecast/"))
    one = Audience.objects.get(pk=pair[0])
    one.runs.all().delete()
    for n in range(12):
        then = timezone.localtime() - timedelta(weeks=11 - n)
        AudienceRun.objects.create(
            audience=one, version=one.version, state="done", way="full", now=then, started_at=then, ended_at=then,
            entered=3 if n else 500, by="alice", via="cli",
        )  # fmt: skip
    part = words(victor.get(f"/audiences/{pair[0]}/forecast/", headers={"HX-Request": "true"}))
    assert "entrées attendues cette semaine" in part
    assert "Éprouvée sur les 2 dernières semaines" in part
    assert "<html" not in part
    assert "500" not in part
    assert victor.get("/audiences/999/forecast/").status_code == 404
