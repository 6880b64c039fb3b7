"""Accounts over the API: what the console's pages do to them, and nothing for those who may not."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tamis.app.models import Act, KeptAnswer, Tries, User


def test_somebody_is_invited_changed_closed_and_opened(admin: Any) -> None:
    made = admin.post("/invitations", {"username": "zoe", "email": "zoe@exemple.fr"}, Idempotency_Key="a").json()
    assert "/password/" in made["link"]
    assert "/password/" not in str(KeptAnswer.objects.values().get())
    assert admin("PATCH", "/users/zoe", {"role": "editor", "email": ""}).json() == {
        "username": "zoe", "first_name": "", "last_name": "", "email": "", "role": "editor", "active": True,
        "last_login": None,
    }  # fmt: skip
    assert "/password/" in admin.post("/users/zoe/password-link").json()["link"]
    assert admin.post("/users/zoe/deactivate").json()["active"] is False
    assert admin.post("/users/zoe/password-link").json()["error"]["code"] == "user.inactive"
    assert admin.post("/users/zoe/reactivate").json()["active"] is True
    assert admin.get("/users/zoe") in admin.get("/users")["items"]


def test_there_is_always_an_admin_left(admin: Any) -> None:
    for refused in (admin.post("/users/admin/deactivate"), admin("PATCH", "/users/admin", {"role": "viewer"})):
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "user.last-admin")
    both = admin("PATCH", "/users/admin", {"email": "a@exemple.fr", "role": "viewer"})
    assert both.status_code == 409
    assert User.objects.get(username="admin").email == ""  # neither, when one cannot be


def test_a_closed_account_takes_its_token_along(admin: Any, editor: Any) -> None:
    admin.post("/users/editor/deactivate")
    assert editor("GET", "/me").json()["error"]["code"] == "token.inactive"


def test_the_wait_of_an_account_is_lifted(admin: Any, account: Any) -> None:
    from django.test import Client

    lea, browser = account("editor", "lea"), Client(HTTP_HOST="localhost")
    for _ in range(6):
        answer = browser.post("/sign-in/", {"username": "lea", "password": "faux"})
    assert answer.status_code == 429
    assert admin.post(f"/users/{lea.username}/unblock").status_code == 200
    assert browser.post("/sign-in/", {"username": "lea", "password": "faux"}).status_code == 200
    assert Tries.objects.filter(wait_until__gt=timezone.now() + timedelta(hours=1)).count() == 0


def test_ones_own_name_and_language(viewer: Any) -> None:
    changed = viewer("PATCH", "/me", {"first_name": "Vic", "language": "en", "first_steps_closed": True}).json()
    assert (changed["first_name"], changed["language"], changed["first_steps_closed"]) == ("Vic", "en", True)
    assert viewer.get("/me")["first_name"] == "Vic"
    assert Act.objects.filter(kind="user.changed").count() == 1
    assert viewer("PATCH", "/me", {"role": "admin"}).status_code == 422
