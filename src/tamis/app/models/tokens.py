"""Tokens: what programs sign in with."""

from django.db import models
from django.utils import timezone

from tamis.app.models.accounts import Right


class Token(models.Model):
    """A key to the API, for a while. Only ``digest``, the SHA-256 of its secret, is kept; ``prefix`` tells it apart.

    ``right`` is the most that it may do, and never more than its owner may at that moment.
    """

    owner = models.ForeignKey("User", on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    right = models.CharField(max_length=10, choices=Right.choices)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    spent_minute = models.BigIntegerField(default=0)  # since 1970
    spent = models.PositiveIntegerField(default=0)  # requests taken in that minute, by all processes
    events_spent_minute = models.BigIntegerField(default=0)
    events_spent = models.PositiveIntegerField(default=0)  # the same of requests that bring events

    @property
    def state(self) -> str:
        """``active``, ``expired`` or ``revoked``."""
        if self.revoked_at is not None:
            return "revoked"
        return "active" if self.expires_at > timezone.now() else "expired"
