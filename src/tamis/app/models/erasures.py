"""People who were erased: what was done, place by place, without saying who they were."""

from typing import Any

from django.db import models


class Erasure(models.Model):
    """The erasure of one contact; ``subject`` says whom it is about until it is finished, then only ``digest`` does.

    ``steps`` holds what each step did, by its name, in the order in which they were done; ``plan`` what the step that
    is under way needs to be finished by another process.
    """

    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    via = models.CharField(max_length=10)
    digest = models.CharField(max_length=64)
    contact = models.BigIntegerField(null=True)
    subject = models.JSONField(default=dict)
    plan = models.JSONField(default=dict)
    steps = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["finished_at", "id"], name="erasure_under_way")]

    @property
    def done(self) -> dict[str, Any]:
        """What each step did."""
        return dict(self.steps)
