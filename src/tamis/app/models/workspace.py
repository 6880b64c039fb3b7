"""The workspace: one a database."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Plan(models.TextChoices):
    """How many imported lines all lists together may hold [A4]."""

    STARTER = "starter", "Starter"
    BUSINESS = "business", "Business"
    PREMIUM = "premium", "Premium"
    PLATINIUM = "platinium", "Platinium"
    UNLIMITED = "unlimited", _("Illimité")

    @property
    def line_limit(self) -> int | None:
        """The number of lines, or ``None`` without limit."""
        return _LINE_LIMITS.get(self)


_LINE_LIMITS = {Plan.STARTER: 1_000, Plan.BUSINESS: 5_000, Plan.PREMIUM: 10_000, Plan.PLATINIUM: 20_000}


class Workspace(models.Model):
    """The settings of this installation. Its only row is also the lock that every change of claims takes."""

    plan = models.CharField(max_length=10, choices=Plan.choices, default=Plan.UNLIMITED)
    language = models.CharField(max_length=2, choices=[("fr", "Français"), ("en", "English")], default="fr")
    time_zone = models.CharField(max_length=60, default="Europe/Paris")
    currency = models.CharField(max_length=3, default="EUR")
    created_at = models.DateTimeField(auto_now_add=True)
