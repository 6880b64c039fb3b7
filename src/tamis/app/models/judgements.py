"""What people said of doubts."""

from django.db import models

from tamis.app.models.lists import LineStatus


class Judgement(models.Model):
    """A person's word that a line is, or is not, a company. It holds for every later import of the same line.

    ``status``, ``method`` and ``rank`` keep what matching had said (the place of the company among the candidates, from
    0; none if it was not among them), so that it can be told how good matching was.
    """

    fingerprint = models.CharField(max_length=32, db_index=True)
    company = models.ForeignKey("Company", on_delete=models.CASCADE, related_name="judgements")
    same = models.BooleanField()
    name = models.CharField(max_length=300)
    siren = models.CharField(max_length=9, blank=True)
    email_domain = models.CharField(max_length=253, blank=True)
    website = models.CharField(max_length=253, blank=True)
    status = models.CharField(max_length=8, choices=LineStatus.choices)
    method = models.CharField(max_length=20, blank=True)
    rank = models.PositiveSmallIntegerField(null=True)
    made_by = models.ForeignKey("Act", on_delete=models.PROTECT, related_name="judgements")
    undone_by = models.ForeignKey("Act", on_delete=models.PROTECT, null=True, related_name="judgements_undone")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint", "company"], condition=models.Q(undone_by=None), name="judged_once"
            )
        ]
