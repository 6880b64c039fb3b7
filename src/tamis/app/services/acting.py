"""Doing something: one transaction, one row in the audit trail, one thing at a time where companies are sorted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from tamis.app.models import Act, List, User, Workspace
from tamis.errors import NotReady
from tamis.messages import Message, say


@dataclass(frozen=True)
class Actor:
    """Who acts, and through what: ``page``, ``cli`` or ``api``."""

    by: str
    via: str
    user: User | None = None


@contextmanager
def sorting_lock() -> Iterator[Workspace]:
    """A transaction in which nobody else changes companies, lines or claims.

    SQLite takes its one write lock when the transaction begins; on PostgreSQL the workspace's row is the lock.
    """
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().first()
        if workspace is None:
            raise NotReady(say("L'espace de travail n'est pas créé : lancez « tamis init »."))
        yield workspace


@contextmanager
def acting(actor: Actor, kind: Act.Kind, note: Message, target: List | None = None) -> Iterator[Act]:
    """A sorting transaction with its row in the audit trail; nothing of either stays if the block fails."""
    with sorting_lock():
        yield record(actor, kind, note, target)


def record(actor: Actor, kind: Act.Kind, note: Message, target: List | None = None) -> Act:
    """The audit row of something being done in the current transaction."""
    return Act.objects.create(
        kind=kind,
        at=timezone.now(),
        user=actor.user,
        by=actor.by,
        via=actor.via,
        list=target,
        note_stored=note.stored(),
    )
