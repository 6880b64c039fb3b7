"""Tokens of the API: made, shown once, found again by their secret, and revoked."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from tamis.app.models import RIGHTS, Act, Right, Token, User
from tamis.app.services.acting import Actor, acting
from tamis.errors import NotFound, Refused
from tamis.messages import say, say_many

PREFIX = "tamis_"
SHOWN = 12  # characters of the secret that stay readable
MAX_NAME = 80
MOST_DAYS = 365
USUAL_DAYS = 90
USE_NOTED_EVERY = timedelta(minutes=10)
"""``last_used_at`` is no finer than this, so that reading does not write each time."""


@dataclass(frozen=True)
class Made:
    """A new token, and its secret, to be shown once."""

    token: Token
    secret: str


class NotLetIn(Refused):
    """A token that opens nothing: unknown, expired, revoked, or its owner may not sign in any more."""

    code = "token.unknown"


def create(
    actor: Actor, owner: User, name: str, right: Right, days: int = USUAL_DAYS, *, by: Token | None = None
) -> Made:
    """A new token of this owner, for so many days.

    Raises :class:`~tamis.errors.Refused` for a right that the owner does not have. A token that makes another
    (``by``) gives it no wider a right, and no longer a life, than its own.
    """
    name, until = _checked_name(name), timezone.now() + timedelta(days=_checked_days(days))
    if right not in RIGHTS.get(owner.role, frozenset()):
        raise Refused(
            say("Le rôle de « {name} » ne permet pas un jeton « {right} ».", name=owner.username, right=right.label),
            "token.right",
        )
    if by is not None:
        until = _within(by, right, until)
    secret = PREFIX + secrets.token_urlsafe(32)
    note = say("Jeton « {token} » créé pour « {name} »", token=name, name=owner.username)
    with acting(actor, Act.Kind.TOKEN_CREATED, note) as act:
        token = Token.objects.create(
            owner=owner, name=name, prefix=secret[:SHOWN], digest=_digest(secret), right=right, created_at=act.at,
            expires_at=until,
        )  # fmt: skip
    return Made(token, secret)


def _within(by: Token, right: Right, until: datetime) -> datetime:
    if right not in Right(by.right).held:
        raise Refused(say("Un jeton n'en crée pas de plus puissant que lui."), "token.right")
    return min(until, by.expires_at)


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise Refused(say("Donnez un nom au jeton : le programme qui s'en servira."), "token.name")
    if len(name) > MAX_NAME:
        raise Refused(
            say_many("Le nom dépasse {n} caractère.", "Le nom dépasse {n} caractères.", n=MAX_NAME), "token.name"
        )
    return name


def _checked_days(days: int) -> int:
    if not 1 <= days <= MOST_DAYS:
        raise Refused(say("Un jeton vaut de 1 à {max} jours.", max=MOST_DAYS), "token.days")
    return days


def revoke(actor: Actor, token: Token) -> Token:
    """End a token at once; one that was revoked stays as it was."""
    if token.revoked_at is None:
        note = say("Jeton « {token} » de « {name} » révoqué", token=token.name, name=token.owner.username)
        with acting(actor, Act.Kind.TOKEN_REVOKED, note) as act:
            Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=act.at)
        token.refresh_from_db()
    return token


def seen_by(user: User, *, everybody: bool) -> QuerySet[Token]:
    """The tokens of a user, or of everybody, the latest first."""
    tokens = Token.objects.select_related("owner").order_by("-pk")
    return tokens if everybody else tokens.filter(owner=user)


def find(tokens: QuerySet[Token], pk: int) -> Token:
    """One of these tokens by its number. Raises :class:`~tamis.errors.NotFound`."""
    token = tokens.filter(pk=pk).first()
    if token is None:
        raise NotFound(say("Aucun jeton n° {id}.", id=pk), "token.none")
    return token


def let_in(secret: str) -> Token:
    """The token of this secret, noted as used. Raises :class:`NotLetIn`, saying why."""
    token = Token.objects.select_related("owner").filter(digest=_digest(secret)).first()
    if token is None:
        raise NotLetIn(say("Ce jeton n'existe pas : vérifiez qu'il est copié en entier."))
    if not token.owner.is_active:
        raise NotLetIn(say("Le compte de ce jeton est désactivé."), "token.inactive")
    if token.state == "revoked":
        raise NotLetIn(say("Ce jeton est révoqué : créez-en un autre."), "token.revoked")
    if token.state == "expired":
        raise NotLetIn(say("Ce jeton est périmé : créez-en un autre."), "token.expired")
    _note_use(token)
    return token


def _note_use(token: Token) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def as_json(token: Token) -> dict[str, Any]:
    """A token as the command line and the API show it: never its secret."""
    return {
        "id": token.pk,
        "name": token.name,
        "owner": token.owner.username,
        "prefix": token.prefix,
        "right": token.right,
        "state": token.state,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
    }
