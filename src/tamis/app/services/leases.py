"""One at a time: leases that a killed process cannot keep."""

import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from tamis.app.models import Lease
from tamis.errors import Busy
from tamis.messages import say

T = TypeVar("T")
LASTS = timedelta(seconds=60)
LOOKS_EVERY = 0.1  # seconds


_mine: set[uuid.UUID] = set()
"""What this process has in hand: a lease in its number that is not among them is that of a dead process before it."""


class Held:
    """A lease in hand: renew it while working, and check it before the step that counts."""

    def __init__(self, key: str, lasts: timedelta) -> None:
        self.key = key
        self.token = uuid.uuid4()
        self.lasts = lasts

    def renew(self) -> None:
        """Keep the lease for as long again. Raises :class:`~tamis.errors.Busy` when somebody else has taken it."""
        if not Lease.objects.filter(key=self.key, token=self.token).update(until=timezone.now() + self.lasts):
            raise Busy(say("Ce travail a été repris par quelqu'un d'autre : rien n'a été changé, recommencez."))


@contextmanager
def lease(key: str, holder: str, lasts: timedelta = LASTS) -> Iterator[Held]:
    """Be the only one at ``key`` within the block. Raises :class:`~tamis.errors.Busy`, naming who is at it."""
    held = Held(key, lasts)
    _mine.add(held.token)
    try:
        with transaction.atomic():
            _free_if_dead(key)
            _take(held, holder)
        yield held
    finally:
        _mine.discard(held.token)
        Lease.objects.filter(key=key, token=held.token).delete()


def patiently(work: Callable[[], T], patience: float) -> T:
    """What some work gives, begun again for ``patience`` seconds while somebody else is at it; then ``Busy`` stands."""
    until = time.monotonic() + patience
    while True:
        try:
            return work()
        except Busy:
            if time.monotonic() >= until:
                raise
            time.sleep(LOOKS_EVERY)


def refuse_held(key: str) -> None:
    """Raise :class:`~tamis.errors.Busy` when somebody is at ``key`` now, naming them."""
    for other in held_leases(key):
        if other.key == key:
            raise _taken(other)


def held_leases(prefix: str) -> list[Lease]:
    """The leases of this kind whose holders are at work."""
    return [each for each in Lease.objects.filter(key__startswith=prefix) if not _is_dead(each)]


def forget_dead() -> None:
    """Delete the leases whose holders are no more: nobody may ever ask for their keys again."""
    for other in Lease.objects.all():
        if _is_dead(other):
            Lease.objects.filter(pk=other.pk, token=other.token).delete()


def _take(held: Held, holder: str) -> None:
    now = timezone.now()
    try:
        with transaction.atomic():
            Lease.objects.create(
                key=held.key, token=held.token, holder=holder, host=socket.gethostname(), process=os.getpid(),
                since=now, until=now + held.lasts,
            )  # fmt: skip
    except IntegrityError:
        other = Lease.objects.filter(key=held.key).first()
        if other is None:  # given back just now
            raise Busy(say("Quelqu'un d'autre vient d'y travailler : recommencez.")) from None
        raise _taken(other) from None


def _taken(other: Lease) -> Busy:
    return Busy(
        say(
            "{holder} y travaille depuis {since}. Attendez la fin, puis recommencez.",
            holder=other.holder,
            since=timezone.localtime(other.since).strftime("%H:%M:%S"),
        )
    )


def _free_if_dead(key: str) -> None:
    for other in Lease.objects.select_for_update().filter(key=key):
        if _is_dead(other):
            other.delete()


def _is_dead(other: Lease) -> bool:
    """Whether a lease has expired, or its holder's process on this machine is no more."""
    return other.until < timezone.now() or (other.host == socket.gethostname() and not _alive(other))


def _alive(other: Lease) -> bool:
    if other.process == os.getpid():
        return other.token in _mine
    try:
        os.kill(other.process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
