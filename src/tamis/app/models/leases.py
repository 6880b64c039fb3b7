"""Who is working on what right now."""

from django.db import models


class Lease(models.Model):
    """A promise to be the only one at something until it expires; renewed while the work goes on."""

    key = models.CharField(max_length=100, unique=True)
    token = models.UUIDField()
    holder = models.CharField(max_length=200)
    host = models.CharField(max_length=200)
    process = models.PositiveIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()
