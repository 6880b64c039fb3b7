"""What the API answered to requests that came with a key, so that asking again does nothing twice."""

from django.db import models


class KeptAnswer(models.Model):
    """The answer to a request with an ``Idempotency-Key``: given again to the same request, for a day."""

    token = models.ForeignKey("Token", on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=200)
    request = models.CharField(max_length=64)
    """The SHA-256 of what was asked: method, address, body."""
    body = models.JSONField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="answered_once")]
