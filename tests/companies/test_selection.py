"""Everything that a filter lets through, acted on at once."""

from typing import Any

import pytest
from django.http import QueryDict

from tamis.app.models import Act, Claim, Company
from tamis.app.services import company_selection, lists
from tamis.app.services.company_filters import Filters
from tamis.errors import Refused


def _asked(query: str) -> Filters:
    return Filters.read(QueryDict(query))


@pytest.fixture
def base(alice: Any, company: Any) -> None:
    """Three companies in Lyon, one of them in a locked list, and one in Brest."""
    for name, city in (("Acme", "Lyon"), ("Bolt", "Lyon"), ("Cric", "Lyon"), ("Dune", "Brest")):
        company(name, city=city)
    company_selection.move(alice, lists.find("client-default"), _asked("name=acme"), 1)
    lists.lock(alice, [lists.find("client-default")])


def _where() -> dict[str, str]:
    return dict(Company.objects.order_by("name").values_list("name", "list__name"))


def test_what_would_be_touched_is_counted(base: None) -> None:
    found = company_selection.selection(_asked("city=Lyon"))
    assert found.companies == 3
    assert [(target.name, n) for target, n in found.by_list] == [("prospect-default", 2), ("client-default", 1)]
    assert (found.locked, found.pinned) == (1, 1)


def test_all_of_them_move_out_of_a_locked_list_too(base: None, alice: Any) -> None:
    done = company_selection.move(alice, lists.find("autre-default"), _asked("city=Lyon"), 3)
    assert (done.moved, done.already_there) == (3, 0)
    assert _where() == dict.fromkeys(("Acme", "Bolt", "Cric"), "autre-default") | {"Dune": "prospect-default"}
    assert Claim.objects.filter(kind=1, withdrawn_by=None).count() == 3
    assert str(Act.objects.latest("pk").note) == "3 entreprises vers « autre-default »"


def test_a_number_that_changed_meanwhile_does_nothing(base: None, alice: Any, company: Any) -> None:
    company("Elan", city="Lyon")
    before = _where()
    with pytest.raises(Refused, match="4 entreprises correspondent, et non 3"):
        company_selection.move(alice, lists.find("autre-default"), _asked("city=Lyon"), 3)
    assert _where() == before


def test_more_than_one_gesture_may_touch_are_refused(base: None, alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company_selection, "MOST_AT_ONCE", 2)
    with pytest.raises(Refused, match="Au plus 2 entreprises"):
        company_selection.move(alice, lists.find("autre-default"), _asked("city=Lyon"), 3)


def test_pins_are_taken_away_from_all_of_them(base: None, alice: Any) -> None:
    company_selection.move(alice, lists.find("autre-default"), _asked("city=Lyon"), 3)
    assert company_selection.release(alice, _asked("pinned=yes"), 3) == 3
    assert set(_where().values()) == {"prospect-default"}
    with pytest.raises(Refused, match="Aucune de ces entreprises"):
        company_selection.release(alice, _asked("city=Lyon"), 3)


def test_many_go_in_several_handfuls(base: None, alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company_selection, "_CHUNK", 2)
    assert company_selection.move(alice, lists.find("autre-default"), _asked("city=Lyon"), 3).moved == 3
