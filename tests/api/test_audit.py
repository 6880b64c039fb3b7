"""The audit trail over the API: what one may see of it, and the way back."""

from typing import Any

import pytest
from cast import list_of


@pytest.fixture
def moved(editor: Any, company: Any, make_list: Any) -> tuple[Any, int]:
    """A company that was moved by hand, and the act that did it."""
    acme, target = company("Acme"), make_list("client", "grands")
    done = editor.post("/companies/move", {"list": target.pk, "companies": [acme.pk]}).json()
    assert list_of(acme) == "client-grands"
    return acme, done["act"]


def test_a_move_is_taken_back(editor: Any, moved: tuple[Any, int]) -> None:
    acme, act = moved
    assert editor.get(f"/acts/{act}")["undoable"] is True
    assert editor.post(f"/acts/{act}/undo").json() == {"undone": act, "back": 1, "left": 0}
    assert list_of(acme) == "prospect-default"
    again = editor.get(f"/acts/{act}")
    assert again["undoable"] is False
    assert again["undone_by"] == editor.get("/acts")["items"][0]["id"]
    assert editor.post(f"/acts/{act}/undo").json()["error"]["code"] == "undo.twice"


def test_a_merge_is_taken_back(editor: Any, company: Any) -> None:
    acme, bolt = company("Acme"), company("Bolt")
    editor.post(f"/companies/{acme.pk}/merge", {"absorbed": bolt.pk})
    act = editor.get("/acts?kind=companies.merged")["items"][0]["id"]
    assert editor.post(f"/acts/{act}/undo").json()["back"] == 1
    assert editor.get(f"/companies/{bolt.pk}")["name"] == "Bolt"


def test_an_act_says_what_it_moved(viewer: Any, moved: tuple[Any, int]) -> None:
    acme, act = moved
    [move] = viewer.get(f"/acts/{act}/moves")["items"]
    assert (move["company"], move["from"], move["to"]) == (acme.pk, "prospect-default", "client-grands")


def test_nothing_else_is_taken_back(editor: Any, make_list: Any) -> None:
    make_list("prospect", "salons")
    act = editor.get("/acts?kind=list.created")["items"][0]["id"]
    assert editor.post(f"/acts/{act}/undo").json()["error"]["code"] == "undo.kind"


def test_what_was_done_to_accounts_is_for_admins(admin: Any, editor: Any, viewer: Any, account: Any) -> None:
    admin.post("/users/editor/password-link")
    [act] = admin.get("/acts?kind=user.changed")["items"]
    for program in (editor, viewer):
        assert program.get("/acts?kind=user.changed")["items"] == []
        assert program("GET", f"/acts/{act['id']}").status_code == 404
        assert b"user.changed" not in program("GET", "/acts/export").getvalue()
    assert editor.post(f"/acts/{act['id']}/undo").status_code == 404
    assert admin.get(f"/acts/{act['id']}")["what"] == "Lien de mot de passe fait pour « editor »"
    assert b"user.changed" in admin("GET", "/acts/export").getvalue()


def test_a_day_that_is_none(viewer: Any) -> None:
    assert viewer.get("/acts?since=2000-01-01&until=2001-01-01")["items"] == []
    error = viewer("GET", "/acts?since=hier").json()["error"]
    assert (error["code"], error["where"]) == ("filter.date", "query")
