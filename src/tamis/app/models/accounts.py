"""People who use Tamis, their roles, and where they are signed in."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody may do: a viewer reads, an editor sorts, an admin also decides who may."""

    ADMIN = "admin", _("Administrateur")
    EDITOR = "editor", _("Éditeur")
    VIEWER = "viewer", _("Lecteur")


class Right(models.TextChoices):
    """What a page or an address lets somebody do, each right holding those before it."""

    READ = "read", _("lire")
    SORT = "sort", _("lire et trier")
    """Import, move, create, lock: everything that changes where companies are, and what is known of them."""
    ADMINISTER = "administer", _("tout, réglages et comptes compris")
    """Settings and accounts."""

    @property
    def held(self) -> frozenset["Right"]:
        """The right and those before it."""
        order = [*Right]
        return frozenset(order[: order.index(self) + 1])


RIGHTS: dict[str, frozenset[Right]] = {
    Role.VIEWER: Right.READ.held,
    Role.EDITOR: Right.SORT.held,
    Role.ADMIN: Right.ADMINISTER.held,
}


class User(AbstractUser):
    """A person with a login."""

    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    language = models.CharField(max_length=2, choices=[("fr", "Français"), ("en", "English")], blank=True)
    first_steps_closed = models.BooleanField(default=False)


class Session(AbstractBaseSession):
    """A browser in which somebody is signed in, or a stranger's notices. Deleting the row ends the session."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    browser = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=45, blank=True)
    started_at = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        db_table = "tamis_session"

    @classmethod
    def get_session_store_class(cls) -> Any:
        """The store that reads and writes these rows."""
        from tamis.app.sessions import SessionStore

        return SessionStore


class Tries(models.Model):
    """How often something that may be guessing was tried, and until when the next try has to wait.

    ``key`` is a keyed hash of what is counted (an account's name, an address), so that nothing typed is kept.
    """

    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    wait_until = models.DateTimeField()


class ExternalIdentity(models.Model):
    """Who somebody is for an identity provider (OIDC): its name for them never changes, their e-mail may."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="external_identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="external_identity_once")]
