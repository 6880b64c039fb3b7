"""Pairs of companies that may be one."""

from django.db import models

from tamis.messages import Message


class Double(models.Model):
    """Two companies that may be one (``one`` is the older), why, and who has said that they are not."""

    one = models.ForeignKey("Company", on_delete=models.CASCADE, related_name="doubles")
    other = models.ForeignKey("Company", on_delete=models.CASCADE, related_name="doubles_of")
    score = models.FloatField()
    evidence_stored = models.JSONField()
    refused_by = models.ForeignKey("Act", on_delete=models.PROTECT, null=True, related_name="doubles_refused")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="double_proposed_once")]

    @property
    def evidence(self) -> Message:
        """Why the two may be one."""
        return Message.read(self.evidence_stored)
