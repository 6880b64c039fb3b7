"""Pictures of audiences and segments: what they show, where their bars lead, and that bad choices lose nothing."""

from collections.abc import Callable
from typing import Any

import pytest
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


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_an_overlap_is_drawn_and_its_columns_lead_to_their_people(victor: Client, pair: list[int]) -> None:
    page = words(victor.get("/audiences/overlap/", {"audience": pair}))
    assert "3 entreprises dans au moins une" in page
    assert 'aria-label="Lyon &lt;b&gt; + Douze : 1"' in page
    link = "/rules/?rule=companies+where+in+audience+%22Lyon+%3Cb%3E%22+and+not+in+audience+%22Douze%22&amp;do=show"
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
