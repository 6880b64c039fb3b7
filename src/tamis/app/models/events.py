"""The kinds of events that users added; the events themselves lie in the lake."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tamis.messages import Message


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


class Intake(models.Model):
    """What came from one source within an hour: how many events were taken, known already, refused."""

    hour = models.DateTimeField()
    via = models.CharField(max_length=10)
    source = models.CharField(max_length=200)
    accepted = models.PositiveBigIntegerField(default=0)
    repeated = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    last = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hour", "via", "source"], name="intake_once")]


class RefusalCount(models.Model):
    """How many events were refused within an hour for one reason."""

    hour = models.DateTimeField()
    code = models.CharField(max_length=40)
    events = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hour", "code"], name="refusals_once")]


class RefusedEvent(models.Model):
    """One event that was refused, without what it said: where it stood, the field at fault, and why."""

    at = models.DateTimeField()
    via = models.CharField(max_length=10)
    source = models.CharField(max_length=200)
    index = models.PositiveBigIntegerField()
    field = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=40)
    reason_stored = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="refused_in_order")]

    @property
    def reason(self) -> Message:
        """Why, with an ellipsis where the event's own words would stand."""
        return Message.read(self.reason_stored)
