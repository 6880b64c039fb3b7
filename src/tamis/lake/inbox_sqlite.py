"""The inbox in a SQLite file of its own: a long import into the state never holds the collector up."""

import sqlite3
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from tamis.lake.inbox import Inbox

_TABLES = (
    "CREATE TABLE IF NOT EXISTS inbox_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS inbox_event"
    " (seq INTEGER PRIMARY KEY AUTOINCREMENT, received INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS inbox_seen"
    " (key BLOB PRIMARY KEY, content BLOB NOT NULL, day INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS inbox_batch (number INTEGER PRIMARY KEY, epoch TEXT NOT NULL, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL, events INTEGER, flushed INTEGER)",
)
_AT_ONCE = 500  # keys in one question


class SqliteInbox(Inbox):
    """The inbox in a file, which is made when it is not there."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        self._lock = RLock()
        self._database = sqlite3.connect(file, timeout=30, isolation_level=None, check_same_thread=False)
        for setting in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "cache_size = -131072",
            "wal_autocheckpoint = 10000",
        ):
            self.run(f"PRAGMA {setting}")
        with self._writing():
            for table in _TABLES:
                self.run(table)
            self.run("INSERT OR IGNORE INTO inbox_meta VALUES ('epoch', ?)", [uuid.uuid4().hex])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self.run("BEGIN IMMEDIATE")
            try:
                yield
                self.run("COMMIT")
            finally:
                if self._database.in_transaction:
                    self._database.rollback()

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a statement gives."""
        with self._lock:
            return self._database.execute(sql, tuple(values)).fetchall()

    def run_many(self, sql: str, rows: Collection[Sequence[Any]]) -> None:
        """A statement for each of these rows."""
        with self._lock:
            self._database.executemany(sql, rows)

    def known(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Of these keys, those remembered."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            found.update(self.run(f"SELECT key, content FROM inbox_seen WHERE key IN ({marks})", some))
        return found

    def copy_to(self, file: Path) -> None:
        """Write a copy of the whole inbox, as it is at one moment."""
        with self._lock, closing(sqlite3.connect(file)) as copy:
            self._database.backup(copy)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
