"""Guessing made slow: each counted thing may be tried a few times freely, then waits grow, kept in the database.

A try is counted before it is known to be wrong, so that a hundred at the same moment gain nothing over one after the
other; one that turns out right is forgiven. While a wait lasts nothing is tried and nothing is counted, so that nobody
can prolong the wait of somebody else. Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tamis.app.models import Tries
from tamis.identity.folding import fold

FORGOTTEN = timedelta(hours=1)
"""After so long without a try, counting starts again."""
KEPT = timedelta(days=1)
"""How long a count stays after its last try: it serves nothing once it has started again."""


@dataclass(frozen=True)
class Limit:
    """How many tries are free, and the longest wait that the following ones lead to: 1 s, 2 s, 4 s …"""

    free: int
    longest: timedelta

    def wait(self, count: int) -> timedelta:
        """How long to wait after so many tries."""
        if count < self.free:
            return timedelta(0)
        return min(timedelta(seconds=2 ** min(count - self.free, 30)), self.longest)


@dataclass(frozen=True)
class Counted:
    """Something that tries are counted for: an account's name, an address, a browser."""

    kind: str
    what: str
    limit: Limit

    @property
    def key(self) -> str:
        """What the database calls it: a keyed hash, as people type passwords where names belong."""
        text = f"{self.kind}:{fold(self.what)}"
        return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def begin(counted: Sequence[Counted]) -> int:
    """Count a try; 0 when it may go on now, else how many seconds to wait (then nothing was counted)."""
    now = timezone.now()
    with transaction.atomic():
        rows = [(each, _row(each, now)) for each in sorted(counted, key=lambda each: each.key)]
        wait = max(row.wait_until for _, row in rows) - now
        if wait > timedelta(0):
            return ceil(wait.total_seconds())
        for each, row in rows:
            row.count = 1 if now - row.last_at > FORGOTTEN else row.count + 1
            row.last_at, row.wait_until = now, now + each.limit.wait(row.count)
            row.save()
    return 0


def _row(counted: Counted, now: datetime) -> Tries:
    Tries.objects.get_or_create(key=counted.key, defaults={"last_at": now, "wait_until": now})
    return Tries.objects.select_for_update().get(key=counted.key)


def forgive(counted: Sequence[Counted]) -> None:
    """Forget the tries of these, as the last one was right; and whatever is a day old."""
    Tries.objects.filter(key__in=[each.key for each in counted]).delete()
    forget_old()


def forget_old() -> None:
    """Delete the counts whose last try is a day old."""
    Tries.objects.filter(last_at__lt=timezone.now() - KEPT).delete()
