"""The inbox in the PostgreSQL database of the state, in a schema of its own.

Sequences there are not in the order of commits, and a batch must never leave behind what commits later: writers take
turns, by an advisory lock that is held until the commit is durable.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

from tamis.lake.inbox import Inbox

SCHEMA = "tamis_inbox"
_LOCK = 0x7A6D6973  # any number that is nobody else's
_TABLES = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    f"SET search_path TO {SCHEMA}",
    "CREATE TABLE IF NOT EXISTS inbox_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS inbox_event (seq BIGSERIAL PRIMARY KEY, received BIGINT NOT NULL, body BYTEA NOT NULL)",
    "CREATE TABLE IF NOT EXISTS inbox_seen (key BYTEA PRIMARY KEY, content BYTEA NOT NULL, day INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS inbox_batch (number BIGINT PRIMARY KEY, epoch TEXT NOT NULL, first BIGINT NOT NULL,"
    " last BIGINT NOT NULL, events BIGINT, flushed BIGINT)",
)


class PostgresInbox(Inbox):
    """The inbox in a database; its tables are made when they are not there."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        import psycopg

        self._lock = RLock()
        self._database = psycopg.connect(**parameters, autocommit=True)
        with self._writing():
            for statement in _TABLES:
                self.run(statement)
            self.run("INSERT INTO inbox_meta VALUES ('epoch', ?) ON CONFLICT DO NOTHING", [uuid.uuid4().hex])
        self.run(f"SET search_path TO {SCHEMA}")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, self._database.transaction():
            self.run("SELECT pg_advisory_xact_lock(?)", [_LOCK])
            yield

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a statement gives."""
        with self._lock, self._database.cursor() as cursor:
            cursor.execute(sql.replace("?", "%s"), tuple(values) or None)
            return cursor.fetchall() if cursor.description else []

    def run_many(self, sql: str, rows: Collection[Sequence[Any]]) -> None:
        """A statement for each of these rows."""
        with self._lock, self._database.cursor() as cursor:
            cursor.executemany(sql.replace("?", "%s"), rows)

    def known(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Of these keys, those remembered."""
        rows = self.run("SELECT key, content FROM inbox_seen WHERE key = ANY(?)", [[*keys]])
        return {bytes(key): bytes(content) for key, content in rows}

    def close(self) -> None:
        """Close the connection."""
        self._database.close()
