"""The kinds of events that users added; the events themselves lie in the lake."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventKind(models.Model):
    """A kind of event of the users' own; ``properties`` are the types of its properties by key."""

    class Phase(models.TextChoices):
        """When it happens around a purchase."""

        BEFORE = "before", _("avant l'achat")
        DURING = "during", _("pendant l'achat")
        AFTER = "after", _("après l'achat")
        PROFILE = "profile", _("profil")

    key = models.CharField(max_length=50, unique=True)
    label = models.CharField(max_length=80)
    phase = models.CharField(max_length=7, choices=Phase.choices)
    properties = models.JSONField(default=dict)
