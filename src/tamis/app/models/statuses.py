"""Statuses: the users' own, in their order [B1]."""

from django.db import models


class Status(models.Model):
    """A status that companies, contacts or both can have; ``position`` orders them, ``key`` is the folded name."""

    name = models.CharField(max_length=60)
    key = models.CharField(max_length=120, unique=True)
    position = models.PositiveIntegerField()
    for_companies = models.BooleanField(default=True)
    for_contacts = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class WithStatus(models.Model):
    """What has a status: which one, where it came from, and since when."""

    status = models.ForeignKey(Status, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    status_source = models.ForeignKey(
        "tamis.Source", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    status_since = models.DateTimeField(null=True)

    class Meta:
        abstract = True
