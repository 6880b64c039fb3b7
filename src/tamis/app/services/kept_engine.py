"""An engine over the last snapshot that stays open between questions, so that a count while somebody types is at once.

It also keeps the answers of conditions on events, and stays at one instant for that. It is made anew when there is
another snapshot, after a minute when events came, after ten minutes anyway, and when it fails because files went away
under it. One question at a time has an engine. What nobody asks for a minute is let go; each process has its own.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.conf import settings
from django.utils import timezone

from tamis.app.models import Audience
from tamis.app.services import engine_tables, lake, snapshots
from tamis.errors import Refused, Unreadable
from tamis.messages import say

if TYPE_CHECKING:
    import pyarrow as pa

    from tamis.engines.duckdb import DuckDb
    from tamis.rules.sql.remembering import Remembered

T = TypeVar("T")
IDLE, FRESH, OLDEST = 60.0, 60.0, 600.0
"""Seconds after which an engine that nobody asks is closed, may miss no event, is made anew."""
MOST = 2
"""Engines that are kept in a process."""
LOOKED = 0.04
"""Seconds between two looks at whether an answer is still wanted."""
PATIENCE = 0.3
"""Seconds that an engine which is being asked is waited for, before another is opened."""
ROWS, TABLES = 15_000_000, 60
"""So much may be kept in an engine."""


class Version(NamedTuple):
    """What tells whether an engine made now would be another."""

    snapshot: tuple[Any, ...]
    """The state, and the members of audiences."""
    events: tuple[Any, ...]


@dataclass
class Kept:
    """An engine, what it was made of, as of when its state is, the instant of its questions, and what it keeps."""

    engine: "DuckDb"
    version: Version
    as_of: datetime
    now: datetime = field(default_factory=timezone.now)
    made: float = field(default_factory=time.monotonic)
    rows: dict[str, int] = field(default_factory=dict)

    def serves(self, version: Version) -> bool:
        """Whether it still may answer."""
        age = time.monotonic() - self.made
        return age < OLDEST and self.version.snapshot == version.snapshot and (age < FRESH or self.version == version)

    def ask(self, asked: "Remembered") -> "pa.Table":
        """The rows of a query, once the tables that it needs are kept; what was of use longest ago goes first."""
        for name, query in asked.tables:
            if name in self.rows:
                self.rows[name] = self.rows.pop(name)
            else:
                self.engine.ask(type(query)("SELECT 1", {}, query.needs))
                made = f"CREATE OR REPLACE TEMP TABLE {name} AS {query.sql}"
                self.rows[name] = int(self.engine.ask(type(query)(made, query.values)).column(0)[0].as_py())
        found = self.engine.ask(asked.query)
        self._make_room({each.name for each in asked.tables})
        return found

    def _make_room(self, used: set[str]) -> None:
        for name in [*self.rows]:
            if len(self.rows) <= TABLES and sum(self.rows.values()) <= ROWS:
                return
            if name not in used or sum(self.rows.values()) > 2 * ROWS:
                self.engine.connection.execute(f"DROP TABLE {name}")
                del self.rows[name]


_kept: list[Kept] = []
_changed = threading.Condition()
_asked = 0
_used = 0.0
_process = 0
_closer: threading.Timer | None = None


def ask(told: Callable[[Kept], T], wanted: Callable[[], bool] = lambda: True) -> tuple[T, datetime]:
    """What an engine says, and as of when. Raises ``Refused`` (``rule.late``) when it is no longer wanted."""
    for last in (False, True):
        kept = _taken()
        try:
            with _stopping(kept.engine, wanted):
                said = told(kept)
        except Unreadable:
            if not wanted():  # it was stopped, and is as good as before
                _give_back(kept)
                raise _late() from None
            _let_go(kept)
            if last:
                raise
            close()
        except BaseException:
            _let_go(kept)
            raise
        else:
            _give_back(kept)
            return said, kept.as_of
    raise AssertionError


def close() -> None:
    """Let every engine go that nobody is asking."""
    with _changed:
        while _kept:
            _kept.pop().engine.close()


def _late() -> Refused:
    return Refused(say("Cette question a été remplacée par une autre."), "rule.late")


def _taken() -> Kept:
    """An engine of one's own: one that is kept and still serves, else a new one."""
    global _process, _asked
    version = _version()
    until = time.monotonic() + PATIENCE
    with _changed:
        if _process != os.getpid():  # a fork must not touch the engines of its parent
            _kept.clear()
            _process, _asked = os.getpid(), 0
        while True:
            for old in [each for each in _kept if not each.serves(version)]:
                _kept.remove(old)
                old.engine.close()
            if _kept or not _asked or not _changed.wait(max(0.0, until - time.monotonic())):
                break
        _asked += 1
        if _kept:
            return _kept.pop()
    try:
        return _made(version)
    except BaseException:
        _no_longer_asked()
        raise


def _made(version: Version) -> Kept:
    from tamis.engines.duckdb import DuckDb

    found = engine_tables.recent([*Audience.objects.values_list("pk", flat=True)])
    engine = DuckDb(found.tables)
    engine.connection.execute("SET parquet_metadata_cache = true")
    return Kept(engine, version, found.as_of)


def _give_back(kept: Kept) -> None:
    global _used
    with _changed:
        _used = time.monotonic()
        _kept.append(kept)
        while len(_kept) > MOST:
            _kept.pop(0).engine.close()
    _no_longer_asked()
    _close_later(IDLE)


def _let_go(kept: Kept) -> None:
    kept.engine.close()
    _no_longer_asked()


def _no_longer_asked() -> None:
    global _asked
    with _changed:
        _asked = max(0, _asked - 1)
        _changed.notify()


def _close_later(seconds: float) -> None:
    """Have a thread look, after so long, whether nobody has asked for a while; there is one at most."""
    global _closer
    with _changed:
        if _closer is None or not _closer.is_alive():
            _closer = threading.Timer(seconds, _close_idle)
            _closer.daemon = True
            _closer.start()


def _close_idle() -> None:
    global _closer
    left = IDLE - (time.monotonic() - _used)
    with _changed:
        _closer = None
    if left <= 0:
        close()
    else:
        _close_later(left)


def _version() -> Version:
    """How things are now: cheap to find, and found before an engine is made."""
    with lake.inbox() as opened:
        settled = opened.settled()
        [(newest,)] = opened.run("SELECT coalesce(max(seq), 0) FROM inbox_event")
    members = _stamp(engine_tables.members_folder() / "_delta_log")
    state = str(settings.HOME), _stamp(snapshots.folder() / "manifest.json"), members
    return Version(state, (settled, newest, _stamp(lake.folder() / "_delta_log")))


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

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
