"""Saved views: one's own, shared by those who may sort, changed by nobody else."""

from typing import Any

import pytest

LYON = {"name": "PME de Lyon", "where": ["city=Lyon", "headcount.between=50..249"], "sort": "-headcount"}


@pytest.fixture
def lyon(editor: Any) -> int:
    """A view that an editor shares."""
    return int(editor.post("/views", LYON | {"shared": True}).json()["id"])


def test_a_view_is_kept_as_the_table_keeps_it(viewer: Any) -> None:
    made = viewer.post("/views", LYON | {"columns": ["name", "city"]}).json()
    assert made["where"] == ["headcount.between=50..249", "city=Lyon"]  # in the order of the table's attributes
    assert made["query"] == "headcount.between=50..249&city=Lyon&sort=-headcount&cols=name,city"
    assert (made["sort"], made["columns"], made["mine"], made["shared"]) == (
        "-headcount",
        ["name", "city"],
        True,
        False,
    )
    assert viewer.get(f"/views/{made['id']}") == made


def test_what_a_view_says_can_be_asked_of_the_companies(viewer: Any, company: Any) -> None:
    company("Acme", city="Lyon", headcount="120")
    company("Bolt", city="Lyon", headcount="12")
    view = viewer.post("/views", LYON).json()
    where = "&".join(f"where={each}" for each in view["where"])
    found = viewer.get(f"/companies?{where}&sort={view['sort']}")
    assert [each["name"] for each in found["items"]] == ["Acme"]


def test_a_shared_view_is_seen_by_all_and_changed_by_its_owner(viewer: Any, editor: Any, lyon: int) -> None:
    [seen] = viewer.get("/views")["items"]
    assert (seen["owner"], seen["mine"]) == ("editor", False)
    assert viewer("PATCH", f"/views/{lyon}", {"name": "x"}).status_code == 403
    assert editor("PATCH", f"/views/{lyon}", {"name": "Lyon", "shows": {"q": "acme"}}).json()["q"] == "acme"
    assert editor("PATCH", f"/views/{lyon}", {"shared": False}).json()["name"] == "Lyon"
    assert viewer("GET", f"/views/{lyon}").status_code == 404


def test_a_token_that_reads_shares_nothing_even_an_editors(account: Any, program: Any, editor: Any, lyon: int) -> None:
    from tamis.app.models import User

    reading = program(User.objects.get(username="editor"), "read")
    assert reading.post("/views", LYON | {"name": "x", "shared": True}).status_code == 403
    assert reading("PATCH", f"/views/{lyon}", {"name": "x"}).status_code == 403
    assert reading("DELETE", f"/views/{lyon}").status_code == 403
    mine = reading.post("/views", {"name": "à moi"}).json()["id"]
    assert reading("DELETE", f"/views/{mine}").json() == {"id": mine, "name": "à moi"}


def test_a_view_of_contacts_is_kept_beside_one_of_companies(editor: Any, lyon: int) -> None:
    shows = {"where": ["city=Lyon"], "columns": ["email"], "sort": "-status"}
    made = editor.post("/views", {"name": "PME de Lyon", "subject": "contact"} | shows).json()
    assert made["query"] == "city=Lyon&sort=-status&cols=name,email"
    assert [each["id"] for each in editor.get("/views")["items"]] == [lyon]
    assert [each["id"] for each in editor.get("/views?subject=contact")["items"]] == [made["id"]]
    assert editor("PUT", "/views/default", {"view": lyon, "subject": "contact"}).status_code == 404
    shown = editor("PUT", "/views/default", {"view": made["id"], "subject": "contact"}).json()["items"]
    assert [each["default"] for each in shown] == [True]
    changed = editor("PATCH", f"/views/{made['id']}", {"shows": {"where": ["origin=static"]}}).json()
    assert (changed["where"], changed["columns"][1]) == (["origin=static"], "email")
    wrong = editor.post("/views", {"name": "x", "subject": "contact", "where": ["naf=62.01Z"]}).json()["error"]
    assert (wrong["field"], wrong["code"]) == ("where", "filter.unknown")


def test_the_view_to_see_first(viewer: Any, lyon: int) -> None:
    assert [each["default"] for each in viewer("PUT", "/views/default", {"view": lyon}).json()["items"]] == [True]
    assert [each["default"] for each in viewer("PUT", "/views/default", {}).json()["items"]] == [False]


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"where": ["town=Lyon"]}, "where", "filter.unknown"),
        ({"columns": ["town"]}, "columns", "column.unknown"),
        ({"columns": [""]}, "columns", "column.unknown"),
        ({"sort": "website"}, "sort", "sort"),
    ],
)
def test_what_the_table_does_not_have_is_refused(viewer: Any, wrong: dict[str, Any], field: str, code: str) -> None:
    error = viewer.post("/views", {"name": "x"} | wrong).json()["error"]
    assert (error["field"], error["code"]) == (field, code)
