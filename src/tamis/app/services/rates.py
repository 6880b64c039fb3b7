"""How many requests a token has left in a minute of the clock, counted over all server processes together.

A process takes a share of the minute's requests at a time, by one statement on the token's row, and spends it in
memory: a write for every twentieth of the rate, and over all processes never more than the rate. While somebody holds
SQLite's only write lock, nobody waits to be counted: a share is spent on credit, and settled with the next one.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from django.db import OperationalError, connection
from django.db.models import Case, F, Q, Value, When

from tamis.app.models import Token

MINUTE = 60  # seconds
SHARES, LARGEST = 20, 1_000
"""A share is a twentieth of the rate, but no more than so many requests."""
PATIENCE = 20  # milliseconds that a request waits for SQLite's write lock to be counted

clock = time.time


@dataclass
class _Share:
    """What a process may still spend in a minute, and what it spent on credit."""

    minute: int
    left: int = 0
    owed: int = 0


class Counter:
    """What one process has taken of each token's minute, by the column of the token that counts it."""

    def __init__(self, column: str = "spent") -> None:
        self._column = column
        self._shares: dict[int, _Share] = {}
        self._lock = Lock()

    def spend(self, token: int, rate: int) -> int:
        """Count a request; 0 when it may go on, else how many seconds to wait for the next minute."""
        minute, second = divmod(int(clock()), MINUTE)
        with self._lock:
            share = self._shares.get(token)
            if share is None or share.minute != minute:
                share = self._shares[token] = _Share(minute)
            if not share.left:
                self._take(token, share, rate)
            if not share.left:
                return MINUTE - second
            share.left -= 1
        return 0

    def _take(self, token: int, share: _Share, rate: int) -> None:
        """Take a share of the token's minute, or its last requests one by one; nothing when there are none left."""
        size = max(1, min(rate // SHARES, LARGEST))
        try:
            with _without_waiting():
                for wanted in dict.fromkeys((size, 1)):
                    if self._taken(token, share.minute, share.owed + wanted, rate):
                        share.left, share.owed = wanted, 0
                        return
        except OperationalError:
            if connection.vendor != "sqlite":
                raise
            if share.owed + size <= rate:
                share.left, share.owed = size, share.owed + size

    def _taken(self, token: int, minute: int, wanted: int, rate: int) -> bool:
        """Whether the token's minute had so many left. A process whose clock is behind counts in the later minute."""
        spent, spent_minute = self._column, f"{self._column}_minute"
        running = Q(**{f"{spent_minute}__gte": minute})
        room = ~running | Q(**{f"{spent}__lte": rate - wanted})
        now = {
            spent: Case(When(running, then=F(spent) + wanted), default=Value(wanted)),
            spent_minute: Case(When(running, then=F(spent_minute)), default=Value(minute)),
        }
        return wanted <= rate and bool(Token.objects.filter(room, pk=token).update(**now))


@contextmanager
def _without_waiting() -> Iterator[None]:
    """Let SQLite give up soon, instead of waiting for whoever holds its write lock."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        [usual] = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(usual)}")
