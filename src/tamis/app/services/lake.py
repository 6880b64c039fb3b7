"""The lake of this workspace: where it lies, and the work on it, one at a time."""

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection

from tamis.app.models import AudienceRun
from tamis.app.services.leases import lease
from tamis.errors import Busy, Unreadable
from tamis.lake.grouping import Grouped
from tamis.lake.inbox import Inbox
from tamis.messages import say
from tamis.sources.event_values import EPOCH

if TYPE_CHECKING:
    from tamis.lake.compact import CompactReport
    from tamis.lake.flush import FlushReport
    from tamis.lake.read import View
    from tamis.lake.status import LakeStatus
    from tamis.lake.verify import Verified

LEASE = "lake"
LASTS = timedelta(minutes=30)


def folder() -> Path:
    """Where the table of events is."""
    return Path(settings.HOME) / "lake" / "events"


def inbox_file() -> Path:
    """Where the inbox is, without PostgreSQL."""
    return Path(settings.HOME) / "inbox.sqlite3"


_shared: dict[tuple[int, str], Grouped] = {}
_opening = Lock()


def shared_inbox() -> Grouped:
    """The inbox of this process, for all its threads."""
    with _opening:
        key = _key()
        if key not in _shared:
            _shared[key] = Grouped(_opened())
        return _shared[key]


def _key() -> tuple[int, str]:
    """A forked process has connections of its own."""
    return os.getpid(), str(inbox_file() if connection.vendor == "sqlite" else connection.settings_dict["NAME"])


def close_shared() -> None:
    """Let the connection of this process go; the next append opens another."""
    with _opening:
        opened = _shared.pop(_key(), None)
    if opened is not None:
        opened.inbox.close()


def _opened() -> Inbox:
    if connection.vendor == "sqlite":
        from tamis.lake.inbox_sqlite import SqliteInbox

        return SqliteInbox(inbox_file())
    from tamis.lake.inbox_postgres import PostgresInbox

    known = ("dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey")
    parameters = connection.get_connection_params()
    return PostgresInbox({name: parameters[name] for name in known if parameters.get(name)})


@contextmanager
def inbox() -> Iterator[Inbox]:
    """An inbox of one's own, for work that is not an append."""
    with answering():
        opened = _opened()
    try:
        with answering():
            yield opened
    finally:
        opened.close()


@contextmanager
def answering() -> Iterator[None]:
    """Turn an inbox that does not answer into a sentence, and let its connection go: nothing was acknowledged."""
    try:
        yield
    except connection.Database.OperationalError as error:  # type: ignore[attr-defined]
        if connection.vendor == "postgresql":  # the connection may be lost
            close_shared()
        raise Busy(
            say("La boîte d'arrivée des événements ne répond pas ({said}) : rien n'a été pris, recommencez.",
                said=str(error).partition("\n")[0]),
            "inbox.busy",
        ) from error  # fmt: skip


@contextmanager
def readable() -> Iterator[None]:
    """Turn a table that cannot be read into :class:`~tamis.errors.Unreadable` (``lake.unreadable``)."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, _reading_fails()):
            raise
        raise Unreadable(
            say("Le lac des événements ne se lit pas en ce moment. Rien n'est perdu : recommencez dans un instant ; si "
                "cela dure, « tamis lake verify » dit ce qui manque."),
            "lake.unreadable",
        ) from error  # fmt: skip


def _reading_fails() -> tuple[type[Exception], ...]:
    """What is raised when a table cannot be read; imported when something was."""
    import duckdb
    import pyarrow as pa
    from deltalake.exceptions import DeltaError

    return OSError, duckdb.Error, pa.ArrowException, DeltaError


def alone() -> AbstractContextManager[Any]:
    """Be the only one at work on the lake within the block. Raises :class:`~tamis.errors.Busy`."""
    return lease(LEASE, f"{socket.gethostname()}:{os.getpid()}", LASTS)


def flush(batches: int | None = None) -> "FlushReport":
    """Bring what waits into the table. Raises :class:`~tamis.errors.Busy` while somebody else does."""
    from tamis.lake.flush import flush as flushed

    with alone(), inbox() as opened:
        return flushed(opened, folder(), batches=batches)


def compact(many: int | None = None, *, whole: bool = False) -> "CompactReport":
    """Put small files together, or (``whole``) every month in order, delete what was left behind, and forget old ids.

    Raises ``Busy`` as :func:`flush`.
    """
    from tamis.lake.compact import MANY
    from tamis.lake.compact import compact as compacted

    with alone(), inbox() as opened:
        opened.forget(settings.EVENT_IDS_DAYS)
        return compacted(folder(), many=many or MANY, kept=timedelta(days=settings.LAKE_KEPT_DAYS), whole=whole)


def upgrade() -> int:
    """Give the table the columns that came since it was made; how many months were written anew. Raises ``Busy``."""
    from tamis.lake.upgrade import upgrade as upgraded

    if not folder().exists():
        return 0
    with alone():
        months = upgraded(folder())
    if months:  # rows say more than they said: every audience looks at all again
        AudienceRun.objects.exclude(seen={}).update(seen={})
    return months


def verify() -> "Verified":
    """Compare the inbox with the table. Raises ``Busy`` as :func:`flush`."""
    from tamis.lake.verify import verify as verified

    with alone(), inbox() as opened:
        return verified(opened, folder())


def status() -> "LakeStatus":
    """How the lake is now."""
    from tamis.lake.status import status as found

    with inbox() as opened:
        return found(opened, folder())


def view() -> "View":
    """The events as they are right now, those not yet in the table included."""
    from tamis.lake.read import View

    with inbox() as opened:
        return View(opened, folder())


def waits() -> bool:
    """Whether events wait to be flushed; makes no inbox where there is none."""
    if connection.vendor == "sqlite" and not inbox_file().exists():
        return False
    with inbox() as opened:
        return opened.waiting().events > 0


def has_events() -> bool:
    """Whether an event was ever acknowledged here."""
    if connection.vendor == "sqlite" and not inbox_file().exists():
        return False
    with inbox() as opened:
        return opened.settled()[0] > 0 or opened.waiting().events > 0


def last_flush() -> datetime:
    """When events came into the table last; 1970 when none ever did."""
    with inbox() as opened:
        return EPOCH + timedelta(microseconds=opened.waiting().last_flush or 0)
