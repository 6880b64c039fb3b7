"""One's own account: name, language, password, sessions."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tamis.app.models import Act, Session

OLD, NEW = "un-long-secret", "cheval agrafe pile correct"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"


def change(client: Client, old: str = OLD, new: str = NEW) -> Any:
    return client.post("/account/password/", {"old_password": old, "new_password1": new, "new_password2": new})


def is_in(client: Client) -> bool:
    return client.get("/lists/").status_code == 200


def test_signing_in_begins_a_new_session(lea: Any) -> None:
    client = Client(HTTP_HOST="localhost")
    client.get("/sign-in/oidc/")
    session = client.session
    session["kept"] = 1
    session.save()
    client.cookies["sessionid"] = session.session_key
    client.post("/sign-in/", {"username": "lea", "password": OLD})
    assert client.cookies["sessionid"].value != session.session_key
    assert not Session.objects.filter(pk=session.session_key).exists()


def test_my_sessions_say_browser_address_and_which_is_this_one(lea: Any, browser_of: Any) -> None:
    browser_of(lea, PHONE, "198.51.100.7")
    page = browser_of(lea).get("/account/").content.decode()
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</th><td class=\"code\">(.*?)</td>", page)
    assert [(re.sub("<.*?>", "", name).strip(), address) for name, address in rows] == [
        ("Firefox, Windows celle-ci", "192.0.2.1"), ("Safari, iPhone", "198.51.100.7"),
    ]  # fmt: skip


def test_a_page_does_not_show_what_would_open_a_session(lea: Any, browser_of: Any) -> None:
    page = browser_of(lea).get("/account/").content.decode()
    assert not [key for key in Session.objects.values_list("pk", flat=True) if key in page]


def test_one_session_is_ended(lea: Any, browser_of: Any) -> None:
    phone, desk = browser_of(lea, PHONE), browser_of(lea)
    page = desk.get("/account/").content.decode()
    [name] = re.findall(r'name="session" value="(\w+)"', page)
    desk.post("/account/sessions/end/", {"session": name})
    assert (is_in(phone), is_in(desk)) == (False, True)


def test_all_others_are_ended(lea: Any, browser_of: Any) -> None:
    others, desk = [browser_of(lea) for _ in range(3)], browser_of(lea)
    page = desk.post("/account/sessions/end-others/", follow=True).content.decode()
    assert "3 sessions terminées." in page
    assert ([is_in(each) for each in others], is_in(desk)) == ([False] * 3, True)


def test_nobody_ends_the_session_of_somebody_else(lea: Any, ada: Any, browser_of: Any) -> None:
    from tamis.app.services.users import session_name

    other, mine = browser_of(ada), browser_of(lea)
    theirs = Session.objects.get(user=ada)
    assert "déjà terminée" in mine.post("/account/sessions/end/", {"session": session_name(theirs)}).content.decode()
    mine.post("/account/sessions/end-others/")
    assert is_in(other)


def test_last_seen_is_kept_to_five_minutes(lea: Any, browser_of: Any) -> None:
    client = browser_of(lea)
    before = timezone.now() - timedelta(minutes=6)
    Session.objects.update(last_seen=before)
    client.get("/lists/")
    seen = Session.objects.get().last_seen
    assert seen > before
    client.get("/lists/")
    assert Session.objects.get().last_seen == seen


def test_a_changed_password_ends_the_other_sessions_only(lea: Any, browser_of: Any) -> None:
    other, mine = browser_of(lea), browser_of(lea)
    assert change(mine)["Location"] == "/account/"
    lea.refresh_from_db()
    assert lea.check_password(NEW)
    assert (is_in(other), is_in(mine)) == (False, True)
    assert str(Act.objects.get(kind="user.changed").note) == "Mot de passe de « lea » changé"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("faux", NEW, "ancien mot de passe"),
        (OLD, "court", "12"),
        (OLD, "x" * 129, "128"),
        (OLD, "password1234", "courant"),
    ],
)
def test_a_password_that_will_not_do_says_why(lea: Any, browser_of: Any, old: str, new: str, why: str) -> None:
    answer = change(browser_of(lea), old, new)
    lea.refresh_from_db()
    assert answer.status_code == 409
    assert lea.check_password(OLD)
    faults = re.findall(r'class="fault"[^>]*>([^<]*)', answer.content.decode())
    assert any(why in fault for fault in faults), faults


@pytest.mark.parametrize("new", ["mot de passe avec des espaces", "🐎🔋📎✅ été à la plage", "x9" * 64])
def test_any_character_and_length_up_to_128_will_do(lea: Any, browser_of: Any, new: str) -> None:
    assert change(browser_of(lea), OLD, new).status_code == 302
    lea.refresh_from_db()
    assert lea.check_password(new)


def test_guessing_the_old_password_on_an_unlocked_screen_is_slow(lea: Any, browser_of: Any) -> None:
    client = browser_of(lea)
    assert [change(client, "faux").status_code for _ in range(6)] == [409] * 5 + [429]


def test_name_and_language_are_kept(lea: Any, browser_of: Any) -> None:
    client = browser_of(lea)
    client.post("/account/change/", {"first_name": "Léa", "last_name": "Durand", "language": "en"})
    lea.refresh_from_db()
    assert (lea.get_full_name(), lea.language) == ("Léa Durand", "en")
    assert '<html lang="en">' in client.get("/account/").content.decode()


def test_a_page_for_who_is_signed_in_is_not_kept_by_caches(lea: Any, browser_of: Any) -> None:
    assert "no-store" in browser_of(lea).get("/companies/")["Cache-Control"]
