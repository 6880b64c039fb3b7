"""People who use Tamis, and their roles."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody may do: a viewer reads, an editor sorts, an admin also decides who may."""

    ADMIN = "admin", _("Administrateur")
    EDITOR = "editor", _("Éditeur")
    VIEWER = "viewer", _("Lecteur")


class User(AbstractUser):
    """A person with a login."""

    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    language = models.CharField(max_length=2, choices=[("fr", "Français"), ("en", "English")], blank=True)
    first_steps_closed = models.BooleanField(default=False)
