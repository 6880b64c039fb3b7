"""Insights over the API: overlaps, differences, forecasts, flows, and what is refused."""

from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("transactional_db")


@pytest.fixture
def pair(transactional_db: None, company: Any, alice: Any) -> list[int]:
    """Two in Lyon, of whom one has twelve people; one with twelve people in Albi."""
    from tamis.app.models import Mode
    from tamis.app.services import audiences, refreshing

    company("Acme", city="Lyon", headcount="12")
    company("Bolt", city="Lyon")
    company("Crin", city="Albi", headcount="12")
    rules = {"Lyon": 'companies where city = "Lyon"', "Douze": "companies where headcount = 12"}
    made = [audiences.create(alice, name, audiences.Definition(rule, Mode.DYNAMIC)) for name, rule in rules.items()]
    refreshing.refresh_all(alice)
    return [each.pk for each in made]


def test_an_overlap_has_a_rule_for_each_intersection(viewer: Any, pair: Any) -> None:
    found = viewer.get("/insights/overlap?audience=lyon&audience=Douze")
    assert [(each["name"], each["size"], each["freshness"]["state"]) for each in found["audiences"]] == [
        ("Lyon", 2, "fresh"), ("Douze", 2, "fresh"),
    ]  # fmt: skip
    assert (found["anybody"], found["everywhere"]) == (3, 1)
    assert {tuple(each["in"]): each["count"] for each in found["intersections"]} == {
        ("Lyon",): 1, ("Douze",): 1, ("Lyon", "Douze"): 1,
    }  # fmt: skip
    for each in found["intersections"]:
        assert viewer.post("/rules/count", {"rule": each["rule"]}).json()["count"] == each["count"]


def test_a_comparison_tells_shares_and_sizes(viewer: Any, pair: Any) -> None:
    found = viewer.get(f"/insights/compare?a={pair[0]}&b={pair[1]}")
    assert (found["a"]["size"], found["b"]["size"], found["both"], found["few"]) == (2, 2, 1, True)
    [city] = [each for each in found["fields"] if each["field"] == "city"]
    lyon = next(each for each in city["values"] if each["label"] == "Lyon")
    assert (lyon["share_a"], lyon["share_b"], lyon["difference"], lyon["sure"]) == (100.0, 50.0, 50.0, False)
    assert lyon["rule_b"] == 'companies where in audience "Douze" and city = "Lyon"'
    others = viewer.get("/insights/compare?a=Lyon")
    assert (others["b"]["id"], others["b"]["size"]) == (None, 1)


def test_a_forecast_says_how_much_past_is_missing(viewer: Any, pair: Any) -> None:
    found = viewer.get(f"/insights/audiences/{pair[0]}/forecast")
    assert (found["missing_weeks"], found["expected"], found["tested"]) == (8, [], None)


def test_flows_are_told_by_month(viewer: Any, pair: Any) -> None:
    found = viewer.get("/insights/segments/flows")
    assert len(found["months"]) == len(found["ends"]) == 4
    last = [each for each in found["flows"] if each["until"] == found["months"][-1]]
    assert [(each["from"], each["to"], each["companies"]) for each in last] == [("new", "prospect", 3)]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/insights/overlap?audience=Lyon", 409, "insight.overlap"),
        ("/insights/overlap?audience=Lyon&audience=Nantes", 404, "audience.unknown"),
        ("/insights/compare?a=Lyon&b=lyon", 409, "insight.same"),
        ("/insights/segments/flows?from=2026-05&to=2026-04", 409, "flows.months"),
        ("/insights/audiences/1/forecast?weeks=99", None, "forecast.weeks"),
    ],
)
def test_what_cannot_be_told_is_refused(viewer: Any, pair: Any, path: str, status: int | None, code: str) -> None:
    answer = viewer("GET", path.replace("/1/", f"/{pair[0]}/"))
    assert answer.status_code == (status or 409)
    assert answer.json()["error"]["code"] == code
