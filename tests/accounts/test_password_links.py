"""Links to choose a password: mailed over a real SMTP server, or made by an admin; one use, one day, no telling."""

import io
import logging
import re
from datetime import timedelta
from queue import Empty, Queue
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tamis.app.models import Act, Session
from tamis.app.services import password_links, users

OLD, NEW = "un-long-secret", "cheval agrafe pile correct"


@pytest.fixture
def stranger() -> Client:
    return Client(HTTP_HOST="localhost")


def link_in(mail: Any) -> str:
    from email import message_from_bytes, policy

    text = message_from_bytes(mail.content, policy=policy.default).get_content()
    return re.search(r"http://localhost(/password/\S+)", text)[1]


def nothing_in(box: "Queue[Any]") -> bool:
    try:
        box.get(timeout=0.5)
    except Empty:
        return True
    return False


def choose(client: Client, address: str, password: str = NEW) -> Any:
    return client.post(address, {"new_password1": password, "new_password2": password})


def address_for(user: Any) -> str:
    return "/password/{}/{}/".format(*password_links.make(user))


def test_a_link_is_mailed_and_lets_choose_a_password(stranger: Client, lea: Any, box: Any) -> None:
    assert "un message lui est envoyé" in stranger.post("/password/", {"name": "lea"}).content.decode()
    mail = box.get(timeout=10)
    assert mail.rcpt_tos == ["lea@exemple.fr"]
    address = link_in(mail)
    assert "Pour le compte « lea »" in stranger.get(address).content.decode()
    assert choose(stranger, address)["Location"] == "/sign-in/"
    lea.refresh_from_db()
    assert lea.check_password(NEW)


def test_the_address_will_do_as_the_name(stranger: Client, lea: Any, box: Any) -> None:
    stranger.post("/password/", {"name": "LEA@exemple.fr"})
    assert box.get(timeout=10).rcpt_tos == ["lea@exemple.fr"]


def test_the_answer_does_not_tell_whether_there_is_an_account(stranger: Client, lea: Any, box: Any) -> None:
    pages = []
    for name in ("lea", "personne"):
        page = stranger.post("/password/", {"name": name}).content.decode()
        pages.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page))
    assert pages[0] == pages[1]
    box.get(timeout=10)
    assert nothing_in(box)
    assert Act.objects.filter(by="").count() == 2


def test_neither_a_closed_account_nor_one_without_address_is_mailed(stranger: Client, lea: Any, box: Any) -> None:
    lea.is_active = False
    lea.save()
    stranger.post("/password/", {"name": "lea"})
    lea.is_active, lea.email = True, ""
    lea.save()
    stranger.post("/password/", {"name": "lea"})
    assert nothing_in(box)


def test_a_mailbox_is_not_filled_by_a_stranger(stranger: Client, lea: Any, box: Any) -> None:
    statuses = [stranger.post("/password/", {"name": "lea"}).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_a_mail_server_that_is_down_is_not_told_to_strangers(stranger: Client, lea: Any, settings: Any) -> None:
    settings.MAIL = {"EMAIL_HOST": "127.0.0.1"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert stranger.post("/password/", {"name": "lea"}).status_code == 200


def test_without_mail_there_is_no_such_page(stranger: Client, workspace: Any, settings: Any) -> None:
    settings.MAIL = {}
    assert stranger.get("/password/").status_code == 404
    assert "L'administrateur fait un lien" in stranger.get("/sign-in/").content.decode().replace("&#x27;", "'")


def test_a_link_serves_once(stranger: Client, lea: Any) -> None:
    address = address_for(lea)
    choose(stranger, address)
    again = choose(stranger, address, "encore un autre secret")
    assert again.status_code == 410
    assert "n'est plus valable" in again.content.decode().replace("&#x27;", "'")
    lea.refresh_from_db()
    assert lea.check_password(NEW)


def test_opening_a_link_changes_nothing(stranger: Client, lea: Any) -> None:
    address = address_for(lea)
    for _ in range(3):
        assert stranger.get(address).status_code == 200
        assert stranger.head(address).status_code == 200
    assert choose(stranger, address).status_code == 302


def test_a_link_expires_after_a_day(stranger: Client, lea: Any, monkeypatch: Any) -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    real = PasswordResetTokenGenerator._now
    address = address_for(lea)
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: real(self) + timedelta(hours=23))
    assert stranger.get(address).status_code == 200
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: real(self) + timedelta(hours=25))
    assert stranger.get(address).status_code == 410


def test_a_link_is_of_one_account_and_for_one_purpose(stranger: Client, lea: Any) -> None:
    from django.contrib.auth.tokens import default_token_generator

    from tamis.app.models import User

    other = User.objects.create_user("max", password=OLD)
    whose, _ = password_links.make(other)
    assert stranger.get(f"/password/{whose}/{password_links.make(lea)[1]}/").status_code == 410
    whose, _ = password_links.make(lea)
    assert stranger.get(f"/password/{whose}/{default_token_generator.make_token(lea)}/").status_code == 410
    for address in ("/password/MQ/rien/", "/password/____/x-y/", "/password/OTk5OTk5/a-b/"):
        assert stranger.get(address).status_code == 410


def test_a_link_is_void_once_its_owner_signed_in_or_the_account_closed(stranger: Client, lea: Any) -> None:
    address = address_for(lea)
    lea.last_login = timezone.now()
    lea.save()
    assert stranger.get(address).status_code == 410
    address = address_for(lea)
    lea.is_active = False
    lea.save()
    assert stranger.get(address).status_code == 410


def test_a_weak_password_comes_back_with_the_reason_and_the_link_still_serves(stranger: Client, lea: Any) -> None:
    address = address_for(lea)
    for weak, why in (("court", "12"), ("password1234", "courant")):
        answer = choose(stranger, address, weak)
        assert answer.status_code == 409
        assert why in answer.content.decode()
    assert choose(stranger, address).status_code == 302


def test_every_session_ends_when_a_link_is_used(stranger: Client, lea: Any) -> None:
    own = Client(HTTP_HOST="localhost")
    own.force_login(lea)
    address = address_for(lea)
    lea.refresh_from_db()
    choose(stranger, address_for(lea))
    assert own.get("/lists/").status_code == 302
    assert not Session.objects.filter(user=lea).exists()
    assert stranger.get(address).status_code == 410


def test_who_used_a_link_is_let_in_though_somebody_guesses_at_the_account(stranger: Client, lea: Any) -> None:
    choose(stranger, address_for(lea))
    other = Client(HTTP_HOST="localhost", REMOTE_ADDR="192.0.2.9")
    for _ in range(6):
        other.post("/sign-in/", {"username": "lea", "password": "faux"})
    assert stranger.post("/sign-in/", {"username": "lea", "password": NEW}).status_code == 302


def test_an_invited_person_chooses_a_password_and_is_in(stranger: Client, alice: Any) -> None:
    user = users.invite(alice, "zoe", "editor")
    assert stranger.post("/sign-in/", {"username": "zoe", "password": ""}).status_code == 200
    choose(stranger, address_for(user))
    assert stranger.post("/sign-in/", {"username": "zoe", "password": NEW}).status_code == 302


def test_a_link_is_not_written_in_the_log(stranger: Client, lea: Any, monkeypatch: Any) -> None:
    written = io.StringIO()
    monkeypatch.setattr(logging.getLogger("django").handlers[0], "stream", written)
    address = address_for(lea)
    choose(stranger, address, "court")
    stranger.put(address)
    Client(HTTP_HOST="localhost", enforce_csrf_checks=True).post(address)
    said = written.getvalue()
    assert said.count("/password/…") >= 3
    assert address not in said
