"""Lists that follow a Google sheet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tamis.messages import Message


class FollowedSheet(models.Model):
    """The one sheet that a list follows: where it is, how often it is read, and how that went the last time."""

    class State(models.TextChoices):
        """How the list stands to its sheet."""

        NEW = "new", _("pas encore lue")
        FRESH = "fresh", _("à jour")
        HELD = "held", _("retenue")
        FAILED = "failed", _("pas à jour")

    list = models.OneToOneField("List", on_delete=models.CASCADE, related_name="sheet")
    address = models.CharField(max_length=500)
    every = models.PositiveIntegerField()  # minutes
    paused = models.BooleanField(default=False)
    by = models.CharField(max_length=150)
    since = models.DateTimeField()

    state = models.CharField(max_length=6, choices=State.choices, default=State.NEW)
    outcome_stored = models.JSONField(default=dict)
    outcome_code = models.CharField(max_length=40, blank=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    due_at = models.DateTimeField(db_index=True)
    fetched_at = models.DateTimeField(null=True)  # tried, with or without success
    agreed_at = models.DateTimeField(null=True)  # the list was last known to be as the sheet
    changed_at = models.DateTimeField(null=True)  # the sheet last changed the list

    fingerprint = models.CharField(max_length=64, blank=True)  # of the content that the list took
    held_fingerprint = models.CharField(max_length=64, blank=True)  # of the content held back
    version = models.ForeignKey("ListVersion", on_delete=models.SET_NULL, null=True, related_name="+")

    @property
    def outcome(self) -> Message | None:
        """How the last reading went, as a sentence."""
        return Message.read(self.outcome_stored) if self.outcome_stored else None

    @property
    def stale(self) -> bool:
        """Whether the list is known not to be as its sheet: the sheet failed, or was held back."""
        return self.state in (self.State.FAILED, self.State.HELD)
