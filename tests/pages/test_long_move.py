"""Everything that matches, moved where somebody would have to wait for it: in the background, to be taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tamis.app.models import Act, Claim, Company, Job
from tamis.app.services import company_selection, lists


@pytest.fixture(autouse=True)
def base(company: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three companies in Lyon and one in Brest; two are already too many to be waited for."""
    for name, city in (("Acme", "Lyon"), ("Bolt", "Lyon"), ("Cric", "Lyon"), ("Dune", "Brest")):
        company(name, city=city)
    monkeypatch.setattr(company_selection, "AT_ONCE", 1)


@pytest.fixture
def move(edith: Client) -> Callable[..., Any]:
    """The editor moves everything in Lyon to autre-default; the answer."""

    def moved(expected: int = 3) -> Any:
        given = {"matching": "city=Lyon", "n": expected, "next": "/companies/?city=Lyon"}
        return edith.post("/companies/move/", given | {"list": lists.find("autre-default").pk})

    return moved


def _where() -> set[str]:
    return {*Company.objects.filter(city="Lyon").values_list("list__name", flat=True)}


def _job() -> Job:
    return Job.objects.latest("pk")


def test_it_is_moved_in_the_background_and_taken_back_from_the_notice(edith: Client, move: Any, work: Any) -> None:
    assert move()["Location"] == f"/jobs/{_job().pk}/"
    assert _where() == {"prospect-default"}
    page = edith.get(f"/jobs/{_job().pk}/").content.decode()
    assert "Déplacement d&#x27;entreprises « autre-default »" in page
    assert work() == 1
    assert _where() == {"autre-default"}
    told = edith.get(f"/jobs/{_job().pk}/", follow=True)
    assert told.redirect_chain == [("/companies/?city=Lyon", 302)]
    assert "3 entreprises épinglées dans « autre-default »." in told.content.decode()
    act = Act.objects.get(kind=Act.Kind.COMPANIES_MOVED)
    assert f'action="/audit/{act.pk}/undo/"' in told.content.decode()
    edith.post(f"/audit/{act.pk}/undo/")
    assert _where() == {"prospect-default"}


def test_told_elsewhere_it_is_taken_back_on_its_own_page(edith: Client, victor: Client, move: Any, work: Any) -> None:
    move()
    work()
    here = f"/jobs/{_job().pk}/"
    assert f'href="{here}"' in edith.get("/jobs/mine/", headers={"HX-Request": "true"}).content.decode()
    page = edith.get(here).content.decode()
    assert "3 entreprises épinglées" in page
    assert "Annuler ce déplacement" in page
    assert "Annuler ce déplacement" not in victor.get(here).content.decode()
    undone = edith.post(f"/audit/{_job().result['act']}/undo/", {"next": here}, follow=True)
    assert "3 entreprises remises où elles étaient." in undone.content.decode()
    assert "Annuler ce déplacement" not in undone.content.decode()


def test_a_number_that_changed_meanwhile_is_asked_again(edith: Client, move: Any, work: Any, company: Any) -> None:
    move()
    company("Elan", city="Lyon")
    work()
    assert _where() == {"prospect-default"}
    page = edith.get(f"/jobs/{_job().pk}/", follow=True)
    assert page.redirect_chain == [("/companies/selection/?city=Lyon", 302)]
    assert "4 entreprises correspondent, et non 3" in page.content.decode()


def test_asked_twice_it_is_one_move(move: Any, work: Any) -> None:
    assert move()["Location"] == move()["Location"]
    work()
    assert Act.objects.filter(kind=Act.Kind.COMPANIES_MOVED).count() == 1


def test_cancelled_before_it_began_nothing_moves(edith: Client, move: Any, work: Any) -> None:
    move()
    edith.post(f"/jobs/{_job().pk}/cancel/")
    assert work() == 0
    assert "rien n&#x27;a bougé" in edith.get(f"/jobs/{_job().pk}/", follow=True).content.decode()
    assert _where() == {"prospect-default"}


def test_killed_after_it_moved_it_is_not_moved_again(move: Any, work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tamis.app.services import company_jobs

    class Killed(BaseException):
        """The end of a process."""

    real = company_selection.move

    def die(*given: Any) -> Any:
        real(*given)
        raise Killed

    move()
    with monkeypatch.context() as patched:
        patched.setattr(company_jobs.company_selection, "move", die)
        with pytest.raises(Killed):
            work()
    assert _job().state == "running"
    work()
    assert (_job().state, _job().result["moved"]) == ("done", 3)
    assert Act.objects.filter(kind=Act.Kind.COMPANIES_MOVED).count() == 1


def test_pins_are_taken_away_in_the_background_too(edith: Client, move: Any, work: Any) -> None:
    move()
    work()
    given = {"matching": "city=Lyon", "n": 3, "next": "/companies/?city=Lyon"}
    assert edith.post("/companies/release/", given)["Location"] == f"/jobs/{_job().pk}/"
    assert Claim.objects.filter(kind=1, withdrawn_by=None).count() == 3
    work()
    told = edith.get(f"/jobs/{_job().pk}/", follow=True).content.decode()
    assert "Épingles retirées : 3 entreprises ont changé de liste." in told
    assert _where() == {"prospect-default"}
    assert "Épingles retirées" in edith.get(f"/jobs/{_job().pk}/").content.decode()


def test_a_few_are_moved_in_the_request(edith: Client, move: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company_selection, "AT_ONCE", 3)
    assert move()["Location"] == "/companies/?city=Lyon"
    assert not Job.objects.exists()
    assert _where() == {"autre-default"}


def test_a_list_that_is_gone_moves_nothing(edith: Client, work: Any, make_list: Any, alice: Any) -> None:
    target = make_list("client", "or")
    edith.post("/companies/move/", {"matching": "city=Lyon", "n": 3, "list": target.pk})
    lists.delete(alice, target)
    work()
    assert _job().state == "failed"
    assert "a été supprimée" in edith.get(f"/jobs/{_job().pk}/", follow=True).content.decode()
    assert _where() == {"prospect-default"}
