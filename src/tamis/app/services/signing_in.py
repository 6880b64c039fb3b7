"""Signing in: how often it may be tried, and what the audit trail says of it.

Failures slow down the account's name and the address they come from. A browser in which somebody has signed in before
holds a signed cookie, and is counted by itself: whoever guesses at an account from elsewhere does not keep its owner
out. Names that no account has are counted alike, so that the answer does not tell.
"""

import secrets
from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import transaction

from tamis.app.models import Act, Session, User
from tamis.app.services import tries
from tamis.app.services.acting import Actor, acting, record
from tamis.app.services.addresses import neighbourhood
from tamis.app.services.mails import tell_owner
from tamis.app.services.tries import Counted, Limit
from tamis.messages import say

DEVICE_AGE = timedelta(days=365)
_SALT = "tamis.device"
_LONGEST = timedelta(minutes=2)
_ACCOUNT, _ADDRESS = Limit(5, _LONGEST), Limit(20, _LONGEST)
_ASKED_ACCOUNT, _ASKED_ADDRESS = Limit(3, timedelta(minutes=30)), Limit(10, timedelta(minutes=30))


def counted(name: str, address: str, device: str) -> list[Counted]:
    """What a try at an account counts for: the browser alone where it is known, else the name and the address."""
    if known := _known_device(name, device):
        return [Counted("device", known, _ACCOUNT)]
    return [Counted("account", name, _ACCOUNT), Counted("address", neighbourhood(address), _ADDRESS)]


def counted_for_links(name: str, address: str) -> list[Counted]:
    """What asking for a password link counts for: a mailbox is not to be filled by a stranger."""
    return [Counted("link", name, _ASKED_ACCOUNT), Counted("link-address", neighbourhood(address), _ASKED_ADDRESS)]


def counted_for_change(user: User) -> list[Counted]:
    """What a wrong old password counts for: whoever found a screen unlocked does not guess on."""
    return [Counted("change", user.username, _ACCOUNT)]


def _known_device(name: str, device: str) -> str:
    """The name of a browser in which this account has signed in before, none for any other."""
    try:
        said = signing.loads(device, salt=_SALT, max_age=DEVICE_AGE)
    except signing.BadSignature:
        return ""
    known = User.objects.filter(username=name, pk=said["user"]).exists()
    return str(said["device"]) if known else ""


def new_device(user: User) -> str:
    """What a browser keeps to be known again for this account."""
    return signing.dumps({"user": user.pk, "device": secrets.token_urlsafe(12)}, salt=_SALT)


def succeeded(user: User, tried: list[Counted], address: str, how: str = "page") -> None:
    """Forgive the tries, forget ended sessions, and remember the sign-in. The address's tries stay counted."""
    tries.forgive([each for each in tried if each.kind != "address"])
    if any(each.kind == "account" for each in tried):
        _tell_unknown_browser(user, address)
    Session.get_session_store_class().clear_expired()
    _record(
        Actor(user.username, how, user), Act.Kind.USER_SIGNED_IN, say("Connexion depuis {address}", address=address)
    )


def _tell_unknown_browser(user: User, address: str) -> None:
    """Mail the owner of an account that it was signed in to from a browser new to it; not at the first sign-in."""
    if Act.objects.filter(user=user, kind=Act.Kind.USER_SIGNED_IN).exists():
        said = say(
            "Connexion à votre compte « {name} » depuis un navigateur nouveau, à l'adresse {address}.",
            name=user.username, address=address,
        )  # fmt: skip
        tell_owner(user, said)


def unblock(actor: Actor, user: User) -> None:
    """End the waits that wrong passwords, and links asked for, have put on an account's name and address."""
    names = {user.username, user.email} - {""}
    with acting(actor, Act.Kind.USER_CHANGED, say("Attente de « {name} » levée", name=user.username)):
        tries.forgive([Counted(kind, name, _ACCOUNT) for kind in ("account", "link", "change") for name in names])


def failed(name: str, address: str) -> None:
    """Remember a sign-in that failed; a name that no account has is not kept: it may be a password."""
    user = User.objects.filter(username=name).first()
    if user:
        note = say("Connexion à « {name} » refusée depuis {address}", name=user.username, address=address)
    else:
        note = say("Connexion à un compte inconnu refusée depuis {address}", address=address)
    _record(Actor("", "page"), Act.Kind.USER_REFUSED, note)


def asked_for_link(name: str) -> User | None:
    """Whose password link somebody asks for, by account name or e-mail address; either way the trail has a row."""
    user = User.objects.filter(username=name).first() or User.objects.filter(email__iexact=name or None).first()
    if user is None or not user.is_active or not user.email:
        _record(Actor("", "page"), Act.Kind.USER_REFUSED, say("Lien de mot de passe demandé pour un compte inconnu"))
        return None
    note = say("Lien de mot de passe demandé pour « {name} »", name=user.username)
    _record(Actor("", "page"), Act.Kind.USER_CHANGED, note)
    return user


def _record(actor: Actor, kind: Act.Kind, note: Any) -> None:
    """An audit row without the sorting lock: nobody waits for an import to sign in."""
    with transaction.atomic():
        record(actor, kind, note)
