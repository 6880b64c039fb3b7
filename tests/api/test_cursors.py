"""Pages by cursor: every item once, in order, whatever comes in between two pages."""

from typing import Any

import pytest


def _walk(program: Any, path: str, between: Any = None) -> list[Any]:
    """Every item, two at a time; something happens after the first page."""
    items: list[Any] = []
    cursor = ""
    while cursor is not None:
        sign = "&" if "?" in path else "?"
        page = program.get(f"{path}{sign}limit=2&cursor={cursor}")
        assert len(page["items"]) <= 2
        items += page["items"]
        cursor = page["next"]
        if between:
            between()
            between = None
    return items


@pytest.fixture
def five(company: Any) -> None:
    company("Acme", headcount="10", city="Lyon")
    company("Bolt", headcount="30")
    company("Crin", city="Albi")
    company("Dune", headcount="10", revenue="1000")
    company("Erg", headcount="20", revenue="500,50")


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", "Acme Bolt Crin Dune Erg"),
        ("-name", "Erg Dune Crin Bolt Acme"),
        ("headcount", "Acme Dune Erg Bolt Crin"),  # equal ones by number, unknown ones last
        ("-headcount", "Bolt Erg Acme Dune Crin"),
        ("revenue", "Erg Dune Acme Bolt Crin"),
        ("-revenue", "Dune Erg Acme Bolt Crin"),
        ("city", "Crin Acme Bolt Dune Erg"),
        ("-city", "Acme Crin Bolt Dune Erg"),
        ("first_seen", "Acme Bolt Crin Dune Erg"),
    ],
)
def test_every_company_once_in_the_order_asked_for(viewer: Any, five: None, sort: str, expected: str) -> None:
    assert [each["name"] for each in _walk(viewer, f"/companies?sort={sort}")] == expected.split()


def test_what_comes_in_before_the_cursor_repeats_nothing(viewer: Any, five: None, company: Any) -> None:
    names = [each["name"] for each in _walk(viewer, "/companies", lambda: company("Aa"))]
    assert names == ["Acme", "Bolt", "Crin", "Dune", "Erg"]


def test_what_comes_in_after_the_cursor_is_shown(viewer: Any, five: None, company: Any) -> None:
    names = [each["name"] for each in _walk(viewer, "/companies", lambda: company("Cz"))]
    assert names == ["Acme", "Bolt", "Crin", "Cz", "Dune", "Erg"]


def test_the_latest_acts_first_and_none_twice(viewer: Any, five: None, company: Any) -> None:
    ids = [each["id"] for each in _walk(viewer, "/acts", lambda: company("Aa"))]
    assert ids == sorted(set(ids), reverse=True)


def test_a_cursor_belongs_to_its_order(viewer: Any, five: None) -> None:
    cursor = viewer.get("/companies?sort=name&limit=2")["next"]
    for path in (f"/companies?sort=city&cursor={cursor}", f"/acts?cursor={cursor}", f"/companies?cursor={cursor}x"):
        refused = viewer("GET", path)
        assert refused.status_code == 422
        assert refused.json()["error"]["code"] == "cursor"


def test_lines_and_versions_come_in_pages(viewer: Any, make_list: Any, import_lines: Any) -> None:
    target = make_list("prospect", "salons")
    for _ in range(3):
        import_lines(target, *(f"Entreprise {n};;;e{n}.fr" for n in range(5)))
    lines = _walk(viewer, f"/lists/{target.pk}/lines")
    assert [line["name"] for line in lines] == [f"Entreprise {n}" for n in range(5)]
    assert [each["version"] for each in _walk(viewer, f"/lists/{target.pk}/versions")] == [3, 2, 1]
