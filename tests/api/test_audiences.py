"""Audiences over the API: defined, rehearsed, refreshed, asked who was in, kept, copied, explained."""

from typing import Any

import pytest

from tamis.app.api import v1

LYON = 'contacts where city = "Lyon"'
MARCH, APRIL = "2026-03-31T18:00:00+02:00", "2026-04-30T18:00:00+02:00"

pytestmark = pytest.mark.usefixtures("transactional_db")


@pytest.fixture
def cast(transactional_db: None, alice: Any) -> list[int]:
    """Léa and Marc live in Lyon, Zoé in Albi."""
    from tamis.app.services import contacts

    who = (("lea", "Lyon"), ("marc", "Lyon"), ("zoe", "Albi"))
    return [contacts.add(alice, {"email": f"{name}@a.fr", "last_name": name, "city": city}).pk for name, city in who]


@pytest.fixture
def lyon(editor: Any, cast: list[int]) -> str:
    """The address of an audience of those in Lyon, that was filled on 31 March."""
    made = editor.post("/audiences", {"name": "Lyonnais", "rule": LYON})
    assert made.status_code == 201
    address = f"/audiences/{made.json()['id']}"
    assert editor.post(f"{address}/refresh", {"now": MARCH}).json()["items"][0]["entered"] == 2
    return address


def names(program: Any, address: str) -> list[str]:
    """The names of the members."""
    return [each["name"] for each in program.get(address)["items"]]


def test_an_audience_is_defined_and_its_first_refresh_fills_it(viewer: Any, editor: Any, lyon: str) -> None:
    told = viewer.get(lyon)
    assert (told["mode"], told["rule"], told["size"], told["version"]) == ("dynamic", LYON, 2, 1)
    assert told["sentence"] == "Contacts dont la ville est « Lyon »"
    assert (told["freshness"]["state"], told["freshness"]["as_of"]) == ("fresh", "2026-03-31T16:00:00Z")
    [listed] = viewer.get("/audiences")["items"]
    assert listed == {name: told[name] for name in listed}
    refused = editor.post("/audiences", {"name": "lyonnais", "rule": LYON})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "audience.taken")
    wrong = editor.post("/audiences", {"name": "X", "rule": "contacts where citi = 1"})
    assert (wrong.status_code, wrong.json()["error"]["place"]["hint"]) == (422, "city")


def test_members_come_in_pages_as_of_any_instant(viewer: Any, editor: Any, lyon: str, cast: list[int]) -> None:
    first = viewer.get(f"{lyon}/members?limit=1")
    assert first["items"] == [
        {"id": cast[0], "name": "lea", "siren": None, "email": "lea@a.fr", "entered": "2026-03-31T16:00:00Z"}
    ]
    assert editor("PATCH", lyon, {"rule": 'contacts where city = "Albi"'}).json()["version"] == 2
    editor.post(f"{lyon}/refresh", {"now": APRIL})
    rest = viewer.get(f"{lyon}/members?limit=1&cursor={first['next']}")  # after the first page's refresh
    assert ([each["name"] for each in rest["items"]], rest["next"], rest["version"]) == (["marc"], None, 1)
    assert names(viewer, f"{lyon}/members") == ["zoe"]
    then = viewer.get(f"{lyon}/members?as_of=2026-04-15")
    assert ([each["name"] for each in then["items"]], then["version"]) == (["lea", "marc"], 1)
    assert names(viewer, f"{lyon}/members?as_of=2026-03-01") == []
    other = viewer("GET", f"{lyon}/members?as_of=2026-03-01&cursor={first['next']}")
    assert other.status_code == 422
    [second, filled] = viewer.get(f"{lyon}/history")["items"]
    assert (second["entered"], second["left"], second["version"], filled["size"]) == (1, 2, 2, 2)
    assert [each["version"] for each in viewer.get(f"{lyon}/versions")["items"]] == [2, 1]


def test_what_changed_between_two_instants(viewer: Any, editor: Any, lyon: str, cast: list[int], alice: Any) -> None:
    from tamis.app.models import Contact
    from tamis.app.services import contacts

    contacts.edit(alice, Contact.objects.get(pk=cast[0]), {"city": "Albi"})
    contacts.edit(alice, Contact.objects.get(pk=cast[2]), {"city": "Lyon"})
    editor.post(f"{lyon}/refresh", {"now": APRIL})
    between = "from=2026-04-01&to=2026-05-01"
    found = viewer.get(f"{lyon}/diff?{between}&limit=2")
    assert (found["entered"], found["left"], found["stayed"]) == (1, 1, 1)
    assert [(each["name"], each["what"]) for each in found["items"]] == [("lea", "left"), ("marc", "stayed")]
    rest = viewer.get(f"{lyon}/diff?{between}&limit=2&cursor={found['next']}")
    assert [(each["name"], each["what"]) for each in rest["items"]] == [("zoe", "entered")]
    assert [each["name"] for each in viewer.get(f"{lyon}/diff?{between}&what=left")["items"]] == ["lea"]
    reverse = viewer("GET", f"{lyon}/diff?from=2026-05-01&to=2026-04-01")
    assert (reverse.status_code, reverse.json()["error"]["code"]) == (409, "audience.instants")


def test_members_in_a_file(viewer: Any, lyon: str) -> None:
    answer = viewer("GET", f"{lyon}/members/export")
    text = answer.getvalue().decode("utf-8-sig")
    assert text.splitlines()[0] == "id,name,email,entered"
    assert text.splitlines()[1].endswith(",lea,lea@a.fr,2026-03-31 18:00:00+02:00")
    workbook = viewer("GET", f"{lyon}/members/export?format=xlsx")
    assert workbook.getvalue()[:2] == b"PK"
    workbook.close()


def test_hands_copies_and_why(viewer: Any, editor: Any, lyon: str, cast: list[int]) -> None:
    added = editor.post(f"{lyon}/pins", {"subjects": [cast[2]], "inside": True}).json()
    assert (added["entered"], added["size"], added["way"]) == (1, 3, "hand")
    [pin] = viewer.get(f"{lyon}/pins")["items"]
    assert (pin["name"], pin["inside"], pin["by"]) == ("zoe", True, "editor")
    why = viewer.get(f"{lyon}/explain?contact=zoe@a.fr")
    assert (why["inside"], why["matches"], why["next"], why["pin"]["inside"]) == (True, False, True, True)
    assert why["rule"]["explanation"]["parts"][0]["values"] == ["Albi"]
    copy = editor.post(f"{lyon}/freeze", {"name": "Copie", "as_of": MARCH})
    assert (copy.status_code, copy.json()["size"]) == (201, 2)
    released = editor("DELETE", f"{lyon}/pins/{cast[2]}").json()
    assert (released["left"], released["size"]) == (1, 2)
    assert viewer("GET", f"{lyon}/explain").status_code == 422
    assert viewer.get(f"{lyon}/explain?contact=ZOE")["inside"] is False
    twins = viewer("GET", f"{lyon}/explain?contact=a")  # in « lea » and in « marc »
    assert (twins.status_code, twins.json()["error"]["code"]) == (409, "rule.whom")
    described = v1.description()["paths"]["/api/v1/audiences/{audience_id}/explain"]["get"]
    assert "409" in {*map(str, described["responses"])}


def test_a_definition_is_tried_without_being_saved(viewer: Any, editor: Any, lyon: str) -> None:
    new = viewer.post("/audiences/preview", {"rule": "contacts where email is known"}).json()
    assert (new["entered"], new["overlaps"]) == (3, [{"audience": "Lyonnais", "both": 2, "here": 1, "there": 0}])
    number = int(lyon.rpartition("/")[2])
    asked = {"audience": number, "rule": 'contacts where city = "Albi"', "most_leaving": 20}
    edit = viewer.post("/audiences/preview", asked).json()
    assert (edit["entered"], edit["left"], edit["size"], edit["held"]) == (1, 2, 1, True)
    assert [each["name"] for each in edit["leaving"]] == ["lea", "marc"]
    assert viewer.post("/audiences/preview", {}).json()["error"]["code"] == "audience.none"
    [would] = editor.post(f"{lyon}/refresh", {"dry_run": True}).json()["previews"]
    assert (would["entered"], would["left"]) == (0, 0)
    assert viewer.get(lyon)["version"] == 1
    assert len(viewer.get(f"{lyon}/history")["items"]) == 1


def test_what_is_held_waits_for_a_person(viewer: Any, editor: Any, lyon: str) -> None:
    editor("PATCH", lyon, {"most_leaving": 20, "rule": 'contacts where city = "Albi"'})
    [held] = editor.post("/audiences/refresh", {"all": True}).json()["items"]
    assert (held["state"], held["left"], held["error"]["code"]) == ("held", 2, "audience.held")
    assert viewer.get(lyon)["freshness"]["state"] == "held"
    assert viewer.post(f"{lyon}/confirm").status_code == 403
    assert editor.post(f"{lyon}/confirm").json()["state"] == "done"
    assert editor.post(f"{lyon}/confirm").json()["error"]["code"] == "audience.not-held"


def test_order_edit_and_deletion(viewer: Any, editor: Any, lyon: str) -> None:
    two = editor.post("/audiences", {"name": "Deux", "rule": 'contacts where in audience "Lyonnais"'}).json()["id"]
    ordered = editor.post("/audiences/order", {"audiences": [two]}).json()["items"]
    assert [each["name"] for each in ordered] == ["Deux", "Lyonnais"]
    assert viewer.get(lyon)["used_by"] == ["Deux"]
    assert editor("DELETE", lyon).json()["error"]["code"] == "audience.used"
    changed = editor("PATCH", f"/audiences/{two}", {"every": 60, "mode": "add-only", "name": "Trois"}).json()
    assert (changed["name"], changed["every"], changed["mode"], changed["version"]) == ("Trois", 60, "add-only", 2)
    assert editor("PATCH", f"/audiences/{two}", {"every": None}).json()["every"] is None
    assert editor("DELETE", f"/audiences/{two}").json() == {"name": "Trois", "deleted": True}
    assert viewer("GET", f"/audiences/{two}").status_code == 404
    assert editor.post("/audiences/refresh", {}).json()["error"]["code"] == "audience.none"


def test_those_who_entered_or_left_on_some_days_come_in_pages(editor: Any, viewer: Any, lyon: str, alice: Any,
                                                             cast: list[int]) -> None:  # fmt: skip
    from tamis.app.models import Contact
    from tamis.app.services import contacts

    contacts.edit(alice, Contact.objects.get(pk=cast[0]), {"city": "Albi"})
    editor.post(f"{lyon}/refresh", {"now": APRIL})
    first = viewer.get(f"{lyon}/edges?from=2026-03-31&limit=1")
    assert (first["edge"], first["count"], first["erased"]) == ("enter", 2, 0)
    rest = viewer.get(f"{lyon}/edges?from=2026-03-31&limit=1&cursor={first['next']}")
    assert [each["name"] for each in (*first["items"], *rest["items"])] == ["lea", "marc"]
    assert rest["next"] is None
    assert rest["items"][0] | {"instant": "2026-03-31T16:00:00Z", "version": 1, "way": "full"} == rest["items"][0]
    left = viewer.get(f"{lyon}/edges?edge=leave&from=2026-04-01&to=2026-04-30")
    assert [each["name"] for each in left["items"]] == ["lea"]
    assert viewer.get(f"{lyon}/edges?from=2026-04-30")["items"] == []
    wrong = viewer("GET", f"{lyon}/edges?from=2026-02-30")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (409, "audience.day")


def test_somebody_s_audiences_are_told_with_since_when(viewer: Any, lyon: str, cast: list[int], company: Any) -> None:
    [one] = viewer.get(f"/contacts/{cast[0]}/audiences")["items"]
    assert one == {
        "id": int(lyon.rpartition("/")[2]), "name": "Lyonnais", "mode": "dynamic", "since": "2026-03-31T16:00:00Z",
        "as_of": "2026-03-31T16:00:00Z",
    }  # fmt: skip
    assert viewer.get(f"/contacts/{cast[2]}/audiences")["items"] == []
    assert viewer.get(f"/companies/{company('Acme').pk}/audiences")["items"] == []
    assert viewer("GET", "/contacts/999/audiences").status_code == 404


def test_a_preview_refuses_what_would_hang_on_itself_and_names_the_way(editor: Any, viewer: Any, lyon: str) -> None:
    other = editor.post("/audiences", {"name": "Deux", "rule": 'contacts where in audience "Lyonnais"'}).json()["id"]
    one = int(lyon.rpartition("/")[2])
    for asked in ({"rule": 'contacts where in audience "Deux"'}, {"exclusions": [other]}):
        refused = viewer.post("/audiences/preview", {"audience": one, **asked})
        told = refused.json()["error"]
        assert (refused.status_code, told["code"]) == (409, "audience.cycle")
        assert "« Lyonnais »" in told["message"]
        assert "« Deux »" in told["message"]
    assert viewer.post("/audiences/preview", {"audience": one, "rule": LYON}).status_code == 200
