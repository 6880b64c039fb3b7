"""Accounts, for admins: invited, given a role, switched off; there is always an admin left."""

import re
from typing import Any

import pytest

from tamis.app.models import Role, User
from tamis.app.services import users
from tamis.errors import Refused


def is_in(client: Any) -> bool:
    return client.get("/lists/").status_code == 200


def test_an_invitation_shows_a_link_once_that_lets_in(ada: Any, browser_of: Any, client: Any) -> None:
    given = {"username": "zoe", "email": "zoe@exemple.fr", "role": "editor"}
    page = browser_of(ada).post("/settings/users/invite/", given)
    assert page["Cache-Control"] == "no-store"
    [path] = re.findall(r'value="http://localhost(/password/[^"]+)"', page.content.decode())
    client.post(path, {"new_password1": "cheval agrafe pile", "new_password2": "cheval agrafe pile"})
    zoe = User.objects.get(username="zoe")
    assert (zoe.role, zoe.email, zoe.check_password("cheval agrafe pile")) == ("editor", "zoe@exemple.fr", True)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"username": "ada"}, "existe déjà"),
        ({"username": "a b"}, "n'a que des lettres"),
        ({"username": ""}, "n'a que des lettres"),
        ({"username": "x" * 151}, "150"),
        ({"username": "zoe", "email": "pas-une-adresse"}, "adresse e-mail"),
        ({"username": "zoe", "email": "ADA@exemple.fr"}, "déjà l'adresse de « ada »"),
        ({"username": "zoe", "role": "chef"}, "Choisissez un rôle"),
    ],
)
def test_an_invitation_that_will_not_do_keeps_what_was_typed(
    ada: Any, browser_of: Any, given: dict[str, str], why: str
) -> None:
    answer = browser_of(ada).post("/settings/users/invite/", {"role": "viewer"} | given)
    page = answer.content.decode().replace("&#x27;", "'")
    assert answer.status_code == 409
    assert why in page
    assert f'value="{given["username"]}"' in page
    assert User.objects.count() == 1


def test_a_changed_role_ends_the_sessions_at_once(ada: Any, lea: Any, browser_of: Any) -> None:
    hers = browser_of(lea)
    browser_of(ada).post(f"/settings/users/{lea.pk}/change/", {"role": "viewer", "email": "lea@exemple.fr"})
    lea.refresh_from_db()
    assert lea.role == "viewer"
    assert not is_in(hers)


def test_an_address_alone_ends_no_session(ada: Any, lea: Any, browser_of: Any) -> None:
    hers = browser_of(lea)
    browser_of(ada).post(f"/settings/users/{lea.pk}/change/", {"role": "editor", "email": "l.durand@exemple.fr"})
    lea.refresh_from_db()
    assert lea.email == "l.durand@exemple.fr"
    assert is_in(hers)


def test_a_deactivated_account_is_out_at_once_and_back_when_reactivated(ada: Any, lea: Any, browser_of: Any) -> None:
    hers, admin = browser_of(lea), browser_of(ada)
    admin.post(f"/settings/users/{lea.pk}/switch/")
    assert not is_in(hers)
    admin.post(f"/settings/users/{lea.pk}/switch/")
    assert is_in(browser_of(lea))


def test_a_link_for_a_closed_account_is_refused(ada: Any, lea: Any, browser_of: Any) -> None:
    admin = browser_of(ada)
    admin.post(f"/settings/users/{lea.pk}/switch/")
    assert "désactivé" in admin.post(f"/settings/users/{lea.pk}/link/").content.decode()


def test_the_last_admin_stays(ada: Any, lea: Any, alice: Any) -> None:
    for gone in (lambda: users.switch(alice, ada, active=False), lambda: users.change_role(alice, ada, Role.EDITOR)):
        with pytest.raises(Refused, match="dernier administrateur"):
            gone()
    users.change_role(alice, lea, Role.ADMIN)
    users.switch(alice, ada, active=False)
    with pytest.raises(Refused, match="dernier administrateur"):
        users.switch(alice, lea, active=False)


def test_an_inactive_admin_is_no_admin_left(ada: Any, lea: Any, alice: Any) -> None:
    users.change_role(alice, lea, Role.ADMIN)
    users.switch(alice, lea, active=False)
    with pytest.raises(Refused, match="dernier administrateur"):
        users.change_role(alice, ada, Role.VIEWER)


def test_the_command_line_does_the_same(shell: Any) -> None:
    link = shell.json("users", "invite", "zoe", "--role", "editor", "--email", "zoe@exemple.fr")["link"]
    assert re.fullmatch(r"http://127.0.0.1:8000/password/\w+/[\w-]+/", link)
    shell("users", "role", "zoe", "admin")
    shell("users", "deactivate", "admin")
    refused = shell("users", "role", "zoe", "viewer", ok=False)
    assert "dernier administrateur" in refused.err
    shell("users", "reactivate", "admin")
    shell("users", "email", "zoe", "z@exemple.fr")
    assert "/password/" in shell.json("users", "reset-link", "zoe")["link"]
    listed = {each["username"]: each for each in shell.json("users", "ls")}
    assert (listed["zoe"]["role"], listed["zoe"]["email"], listed["admin"]["active"]) == (
        "admin",
        "z@exemple.fr",
        True,
    )
    assert "zoé" not in shell("users", "reset-link", "zo", ok=False).out
