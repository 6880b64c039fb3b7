"""People who use Tamis, and their roles."""

from django.contrib.auth.models import AbstractUser
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
