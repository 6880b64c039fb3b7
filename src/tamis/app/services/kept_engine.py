"""An engine over the last snapshot that stays open between questions, so that a count while somebody types is at once.

It is made anew as soon as there is another snapshot, another version of the lake, or another event in the inbox; one
that fails, because files went away under it, is made anew too. One question at a time has an engine: another one that
comes meanwhile opens a second. What nobody asked for a minute is let go, and each process has its own.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

from tamis.app.services import engine_tables, lake, snapshots
from tamis.errors import Refused, Unreadable
from tamis.messages import say

if TYPE_CHECKING:
    from tamis.engines.duckdb import DuckDb

T = TypeVar("T")
IDLE = 60.0
"""Seconds after which an engine that nobody asks is closed."""
MOST = 2
"""Engines that are kept in a process."""
LOOKED = 0.1
"""Seconds between two looks at whether an answer is still wanted."""

Version = tuple[Any, ...]


@dataclass(frozen=True)
class Kept:
    """An engine, what it was made of, and as of when that is."""

    engine: "DuckDb"
    version: Version
    as_of: datetime


_kept: list[Kept] = []
_lock = threading.Lock()
_used = 0.0
_process = 0
_closer: threading.Timer | None = None


def ask(told: "Callable[[DuckDb], T]", wanted: Callable[[], bool] = lambda: True) -> tuple[T, datetime]:
    """What an engine says, and as of when. Raises ``Refused`` (``rule.late``) when it is no longer wanted."""
    for last in (False, True):
        kept = _taken()
        try:
            with _stopping(kept.engine, wanted):
                said = told(kept.engine)
        except Unreadable:
            kept.engine.close()
            if not wanted():
                raise _late() from None
            if last:
                raise
            close()
        except BaseException:
            kept.engine.close()
            raise
        else:
            _give_back(kept)
            return said, kept.as_of
    raise AssertionError


def close() -> None:
    """Let every engine go that nobody is asking."""
    with _lock:
        while _kept:
            _kept.pop().engine.close()


def _late() -> Refused:
    return Refused(say("Cette question a été remplacée par une autre."), "rule.late")


def _taken() -> Kept:
    """An engine of one's own: one that is kept and still up to date, else a new one."""
    global _process
    version = _version()
    with _lock:
        if _process != os.getpid():  # a fork must not touch the engines of its parent
            _kept.clear()
            _process = os.getpid()
        for old in [each for each in _kept if each.version != version]:
            _kept.remove(old)
            old.engine.close()
        if _kept:
            return _kept.pop()
    return _made(version)


def _made(version: Version) -> Kept:
    from tamis.engines.duckdb import DuckDb

    found = engine_tables.recent()
    engine = DuckDb(found.tables)
    engine.connection.execute("SET parquet_metadata_cache = true")
    return Kept(engine, version, found.as_of)


def _give_back(kept: Kept) -> None:
    global _used
    with _lock:
        _used = time.monotonic()
        if len(_kept) < MOST:
            _kept.append(kept)
            kept = None  # type: ignore[assignment]
    if kept is not None:
        kept.engine.close()
    _close_later(IDLE)


def _close_later(seconds: float) -> None:
    """Have a thread look, after so long, whether nobody has asked for a while; there is one at most."""
    global _closer
    with _lock:
        if _closer is None or _closer.finished.is_set() or not _closer.is_alive():
            _closer = threading.Timer(seconds, _close_idle)
            _closer.daemon = True
            _closer.start()


def _close_idle() -> None:
    global _closer
    left = IDLE - (time.monotonic() - _used)
    _closer = None
    if left <= 0:
        close()
    else:
        _close_later(left)


def _version() -> Version:
    """What tells whether an engine made now would be another: cheap to find, and found before the engine is made."""
    with lake.inbox() as opened:
        settled = opened.settled()
        [(newest,)] = opened.run("SELECT coalesce(max(seq), 0) FROM inbox_event")
    return (
        settings.HOME,
        settled,
        newest,
        _stamp(snapshots.folder() / "manifest.json"),
        _stamp(lake.folder() / "_delta_log"),
    )


def _stamp(path: Any) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino


@contextmanager
def _stopping(engine: "DuckDb", wanted: Callable[[], bool]) -> Iterator[None]:
    """Interrupt what the engine is at as soon as nobody wants the answer any more."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(LOOKED):
            if not wanted():
                engine.connection.interrupt()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
