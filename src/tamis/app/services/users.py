"""Accounts: made, invited, given a role, switched off and on. There is always an admin left."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tamis.app.models import Act, Role, Session, User
from tamis.app.services.acting import Actor, acting
from tamis.app.services.mails import tell_owner
from tamis.errors import NotFound, Refused, did_you_mean
from tamis.messages import Message, say, say_many


@dataclass(frozen=True)
class Login:
    """A login and its new password, to be shown once."""

    username: str
    password: str


def everybody() -> QuerySet[User]:
    """Every account, by name."""
    return User.objects.order_by("username")


def as_json(user: User) -> dict[str, Any]:
    """An account as the command line and the API show it."""
    return {
        "username": user.username, "first_name": user.first_name, "last_name": user.last_name, "email": user.email,
        "role": user.role, "active": user.is_active, "last_login": user.last_login,
    }  # fmt: skip


def find(username: str) -> User:
    """The account of this name. Raises :class:`~tamis.errors.NotFound` with the nearest name."""
    user = User.objects.filter(username=username).first()
    if user is None:
        names = User.objects.values_list("username", flat=True)
        raise NotFound(
            say("Aucun compte ne s'appelle « {name} ».{hint}", name=username, hint=did_you_mean(username, names))
        )
    return user


def add(actor: Actor, username: str, role: Role) -> Login:
    """A new login with a password made for it."""
    with acting(actor, Act.Kind.USER_CHANGED, say("Compte « {name} » créé", name=username)):
        return make(username, role)


def invite(actor: Actor, username: str, role: Role, email: str = "") -> User:
    """A new account without a password: a one-time link lets its owner choose one."""
    note = say("« {name} » invité comme {role}", name=username, role=Role(role).value)
    with acting(actor, Act.Kind.USER_CHANGED, note):
        return create(username, role, email)


def create(username: str, role: Role, email: str = "") -> User:
    """A new account without a password, within the caller's transaction."""
    return User.objects.create_user(_free_name(username), _free_email(email), None, role=role)


def make(username: str, role: Role) -> Login:
    """A login with a new password, within the caller's transaction."""
    login = Login(_free_name(username), secrets.token_urlsafe(12))
    User.objects.create_user(username=login.username, password=login.password, role=role)
    return login


def reset_password(actor: Actor, username: str) -> Login:
    """A new password for a login; its sessions end."""
    user = find(username)
    login = Login(username, secrets.token_urlsafe(12))
    with acting(actor, Act.Kind.USER_CHANGED, say("Mot de passe de « {name} » changé", name=username)):
        _set_password(user, login.password)
    return login


def change_password(actor: Actor, user: User, password: str, keep: str | None = None) -> None:
    """The password that somebody chose; their sessions end, but the one to keep."""
    with acting(actor, Act.Kind.USER_CHANGED, say("Mot de passe de « {name} » changé", name=user.username)):
        _set_password(user, password, keep)


def _set_password(user: User, password: str, keep: str | None = None) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    user.sessions.exclude(pk=keep or "").delete()
    tell_password(user)


def tell_password(user: User) -> None:
    """Mail somebody that their password is another one now."""
    tell_owner(user, say("Le mot de passe de votre compte « {name} » vient de changer.", name=user.username))


def link_made(actor: Actor, user: User) -> None:
    """Remember that somebody was given a link to choose a password. Raises ``Refused`` for a closed account."""
    if not user.is_active:
        raise Refused(say("Ce compte est désactivé : réactivez-le d'abord."), "user.inactive")
    with acting(actor, Act.Kind.USER_CHANGED, say("Lien de mot de passe fait pour « {name} »", name=user.username)):
        pass


def rename(actor: Actor, user: User, first_name: str, last_name: str) -> None:
    """What somebody is called."""
    with acting(actor, Act.Kind.USER_CHANGED, say("Nom de « {name} » changé", name=user.username)):
        user.first_name, user.last_name = first_name.strip()[:150], last_name.strip()[:150]
        user.save(update_fields=["first_name", "last_name"])


def change_own(
    actor: Actor, user: User, *, first_name: str | None = None, last_name: str | None = None, **shown: Any
) -> None:
    """What somebody changes of their own account: their names, and in ``shown`` how the console speaks to them."""
    first = user.first_name if first_name is None else first_name
    last = user.last_name if last_name is None else last_name
    if (first, last) != (user.first_name, user.last_name):
        rename(actor, user, first, last)
    for key, value in shown.items():
        setattr(user, key, value)
    user.save(update_fields=[*shown])


def change(actor: Actor, user: User, *, email: str | None = None, role: Role | None = None) -> User:
    """The account with another address or role, both or neither; what is the same already is left alone."""
    with transaction.atomic():
        if email is not None and email.strip() != user.email:
            change_email(actor, user, email)
        if role is not None and role != user.role:
            return change_role(actor, user, role)
    return user


def change_email(actor: Actor, user: User, email: str) -> None:
    """Where password links are mailed, and what an identity provider knows somebody by: for admins to say."""
    with acting(actor, Act.Kind.USER_CHANGED, say("Adresse e-mail de « {name} » changée", name=user.username)):
        former, user.email = user.email, _free_email(email, but=user)
        user.save(update_fields=["email"])
        said = say("L'adresse e-mail de votre compte « {name} » vient de changer.", name=user.username)
        tell_owner(user, said, former)


def change_role(actor: Actor, user: User, role: Role) -> User:
    """The account in another role, at once: the sessions under the old one end."""
    note = say("« {name} » : rôle {role}", name=user.username, role=Role(role).value)
    with acting(actor, Act.Kind.USER_CHANGED, note):
        user = User.objects.get(pk=user.pk)
        if role != Role.ADMIN:
            _refuse_last_admin(user)
        user.role = role
        user.save(update_fields=["role"])
        user.sessions.all().delete()
        said = say("Le rôle de votre compte « {name} » est maintenant : {role}.", name=user.username, role=role.label)
        tell_owner(user, said)
    return user


def switch(actor: Actor, user: User, *, active: bool) -> User:
    """The account let in again, or no more, at once: its sessions end; what its owner did keeps their name."""
    sentences = {True: say("Compte « {name} » réactivé", name=user.username),
                 False: say("Compte « {name} » désactivé", name=user.username)}  # fmt: skip
    with acting(actor, Act.Kind.USER_CHANGED, sentences[active]):
        user = User.objects.get(pk=user.pk)
        if not active:
            _refuse_last_admin(user)
            user.sessions.all().delete()
        user.is_active = active
        user.save(update_fields=["is_active"])
    return user


def _refuse_last_admin(user: User) -> None:
    """Keep one: whoever is here holds the sorting lock, so two admins cannot demote each other at once."""
    others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=user.pk)
    if user.role == Role.ADMIN and user.is_active and not others.exists():
        raise Refused(
            say("« {name} » est le dernier administrateur : nommez-en d'abord un autre.", name=user.username),
            "user.last-admin",
        )


def _free_name(username: str) -> str:
    username = username.strip()
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError:
        raise Refused(
            say("« {name} » : un nom de compte n'a que des lettres, des chiffres et @ . + - _", name=username[:60]),
            "user.name",
        ) from None
    if len(username) > 150:
        raise Refused(say("Le nom de compte dépasse {max} caractères.", max=150), "user.name")
    if User.objects.filter(username=username).exists():
        raise Refused(say("Le compte « {name} » existe déjà.", name=username), "user.taken")
    return username


def _free_email(email: str, but: User | None = None) -> str:
    email = email.strip()
    if not email:
        return ""
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(say("« {email} » n'est pas une adresse e-mail.", email=email[:100]), "user.email") from None
    holder = User.objects.filter(email__iexact=email).first()
    if holder and holder != but:
        raise Refused(
            say("« {email} » est déjà l'adresse de « {name} ».", email=email, name=holder.username), "user.email-taken"
        )
    return email


def sessions(user: User) -> QuerySet[Session]:
    """Where somebody is signed in, the latest seen first."""
    return Session.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-last_seen")


def end_session(user: User, started: str) -> None:
    """End one of somebody's sessions, named by :func:`session_name`. Raises :class:`~tamis.errors.NotFound`."""
    row = next((each for each in user.sessions.all() if session_name(each) == started), None)
    if row is None:
        raise NotFound(say("Cette session est déjà terminée."))
    row.delete()


def end_other_sessions(user: User, keep: str | None) -> Message:
    """End every session of somebody's but one; what was done, in words."""
    ended, _rows = user.sessions.exclude(pk=keep or "").delete()
    return say_many("{n} session terminée.", "{n} sessions terminées.", n=ended)


def session_name(session: Session) -> str:
    """What a page calls a session: not its key, which would open it."""
    return salted_hmac("tamis.session-name", session.pk, algorithm="sha256").hexdigest()[:32]
