"""Who owns an account is told by mail what changed of it, over a real SMTP server."""

from email import message_from_bytes, policy
from queue import Queue
from typing import Any

import pytest

from tamis.app.models import Role
from tamis.app.services import password_links, users
from tamis.errors import Refused

pytestmark = pytest.mark.django_db(transaction=True)
Box = Queue[Any]


def next_mail(box: Box) -> tuple[list[str], str, str]:
    """To whom, the subject, the text."""
    envelope = box.get(timeout=30)
    mail = message_from_bytes(envelope.content, policy=policy.default)
    return envelope.rcpt_tos, str(mail["Subject"]), mail.get_content()


def test_a_password_that_changed_is_told(lea: Any, alice: Any, box: Box) -> None:
    users.change_password(alice, lea, "cheval agrafe pile correct")
    to, subject, text = next_mail(box)
    assert (to, subject) == (["lea@exemple.fr"], "Votre compte Tamis a changé")
    assert "Le mot de passe de votre compte « lea » vient de changer." in text
    assert "cheval" not in text
    users.reset_password(alice, "lea")
    assert "vient de changer" in next_mail(box)[2]
    password_links.use(*password_links.make(users.find("lea")), "un autre bien long")
    assert "vient de changer" in next_mail(box)[2]


def test_a_role_that_changed_is_told_in_the_owners_language(lea: Any, ada: Any, alice: Any, box: Box) -> None:
    users.change_role(alice, lea, Role.ADMIN)
    assert "Le rôle de votre compte « lea » est maintenant : Administrateur." in next_mail(box)[2]
    lea.language = "en"
    lea.save()
    users.change_role(alice, lea, Role.VIEWER)
    _to, subject, text = next_mail(box)
    assert subject == "Your Tamis account has changed"
    assert "The role of your account “lea” is now: Viewer." in text


def test_an_address_that_changed_is_told_to_both(lea: Any, alice: Any, box: Box) -> None:
    users.change_email(alice, lea, "nouvelle@exemple.fr")
    told = {to[0] for to, _subject, _text in (next_mail(box), next_mail(box))}
    assert told == {"lea@exemple.fr", "nouvelle@exemple.fr"}


def test_a_browser_that_is_new_to_the_account_is_told(lea: Any, browser_of: Any, box: Box) -> None:
    first = browser_of(lea)
    browser_of(lea, address="203.0.113.9")
    assert "depuis un navigateur nouveau, à l'adresse 203.0.113.9" in next_mail(box)[2]
    first.post("/sign-out/")
    again = first.post("/sign-in/", {"username": "lea", "password": "un-long-secret"})
    assert again.status_code == 302
    users.change_role(_actor(lea), lea, Role.VIEWER)
    assert "Le rôle" in next_mail(box)[2]  # nothing before it: neither the first browser nor a known one is told


def _actor(user: Any) -> Any:
    from tamis.app.services.acting import Actor

    return Actor(user.username, "page", user)


def test_what_did_not_come_to_be_is_not_told(ada: Any, alice: Any, box: Box) -> None:
    with pytest.raises(Refused, match="dernier administrateur"):
        users.change(alice, ada, email="autre@exemple.fr", role=Role.VIEWER)
    users.reset_password(alice, "ada")
    to, _subject, text = next_mail(box)
    assert to == ["ada@exemple.fr"]  # the change of address was taken back with the role
    assert "mot de passe" in text


def test_without_a_mail_server_everything_goes_on(lea: Any, alice: Any, settings: Any) -> None:
    settings.MAIL = {}
    users.change_role(alice, lea, Role.VIEWER)
    assert users.find("lea").role == "viewer"
