"""What changed since the last snapshot for engines, and which snapshot that was."""

from django.db import models


class Change(models.Model):
    """A row of a watched table that was written or deleted; without ``row_id`` the whole table is to be read again.

    Rows are written by triggers (:mod:`tamis.app.triggers`), whoever the writer was. ``xact`` is PostgreSQL's number of
    the writer's transaction, because ids there are not in the order of commits; on SQLite they are.
    """

    relation = models.CharField(max_length=40)
    row_id = models.BigIntegerField(null=True)
    xact = models.BigIntegerField(default=0, db_default=0)


class LastSnapshot(models.Model):
    """The token of the last snapshot that this state knows of: one row.

    A snapshot with another token is of another life of the state, or its writer died: the next one is taken whole.
    """

    token = models.CharField(max_length=32)
