"""What happened to companies' names, so that the directory of names can follow without reading them all again."""

from django.db import models


class NameChange(models.Model):
    """A company whose names changed. Rows are written by triggers (:mod:`tamis.app.triggers`), whoever the writer was.

    ``token`` is a random number: a directory that has seen a row which was then rolled back finds another one in its
    place, and so knows that it is ahead of the database.
    """

    company = models.PositiveBigIntegerField()
    token = models.BigIntegerField()
