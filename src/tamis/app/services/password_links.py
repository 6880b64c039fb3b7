"""One-time links to choose a password: mailed to who forgot theirs, or handed over by an admin.

The token is Django's: signed, good for ``PASSWORD_RESET_TIMEOUT`` seconds, and void once the password, the e-mail or
the last sign-in changed. Nothing of it is kept.
"""

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from tamis.app.models import Act, User
from tamis.app.services.acting import Actor, acting
from tamis.app.services.users import tell_password
from tamis.errors import Refused
from tamis.messages import say


class _Tokens(PasswordResetTokenGenerator):
    key_salt = "tamis.password-link"


_tokens = _Tokens()


def make(user: User) -> tuple[str, str]:
    """The two words of a link's address: whose, and the token."""
    return urlsafe_base64_encode(str(user.pk).encode()), _tokens.make_token(user)


def owner(whose: str, token: str) -> User:
    """Whose link it is. Raises :class:`~tamis.errors.Refused` when it expired, was used, or never was one."""
    try:
        user = User.objects.filter(pk=int(force_str(urlsafe_base64_decode(whose))), is_active=True).first()
    except (ValueError, OverflowError):
        user = None
    if user is None or not _tokens.check_token(user, token):
        raise Refused(
            say("Ce lien n'est plus valable : il a servi, il a expiré, ou il est incomplet. Demandez-en un autre."),
            "link.void",
        )
    return user


def use(whose: str, token: str, password: str) -> User:
    """Set the password that somebody chose through a link; every session of theirs ends, and the link with it."""
    user = owner(whose, token)
    note = say("Mot de passe de « {name} » choisi par un lien", name=user.username)
    with acting(Actor(user.username, "page", user), Act.Kind.USER_CHANGED, note):
        user = owner(whose, token)  # again, now that nobody else can use it at the same moment
        user.set_password(password)
        user.save(update_fields=["password"])
        user.sessions.all().delete()
        tell_password(user)
    return user
