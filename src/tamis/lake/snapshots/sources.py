"""The database that a snapshot is taken of, read in one transaction: rows as lines of CSV, and the change log.

Python's own SQLite is the one that Django has, so a second connection is safe in any process. On PostgreSQL numbers of
the log are not in the order of commits: each row of the log says its transaction, and a snapshot remembers the oldest
transaction of the database that was still open. Changes from that one on are looked at again.
"""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from tamis.lake.snapshots.tables import Table

LOG = "tamis_change"
_AT_ONCE = 8192  # rows handed over at a time


class Source(Protocol):
    """A database within one reading transaction."""

    def watermark(self) -> int:
        """Up to which change of the log the transaction sees."""

    def database(self) -> str:
        """What tells this database from others that number their changes alike."""

    def changes(self, after: int) -> list[tuple[str, int | None]]:
        """The relations and ids changed since a watermark; an id of ``None`` is a whole relation."""

    def lines(self, table: Table, condition: str) -> bytes:
        """The rows of a table for which a condition holds, as CSV."""

    def next_id(self, relation: str, least: int) -> int | None:
        """The lowest id of a relation from ``least`` on."""

    def count(self, table: Table) -> int | None:
        """The number of ids of a table, where looking for lost changes is called for."""


@dataclass(frozen=True)
class Address:
    """Where the database is: its vendor, and an SQLite file or PostgreSQL's parameters."""

    vendor: str
    file: str = ""
    parameters: Mapping[str, Any] | None = None


@contextmanager
def reading(address: Address) -> Iterator[Source]:
    """The database in a transaction that sees one moment, and changes nothing."""
    source = SqliteSource(address.file) if address.vendor == "sqlite" else PostgresSource(address.parameters or {})
    try:
        yield source
    finally:
        source.close()


class SqliteSource:
    """An SQLite file; one of memory is given as its ``file:`` address."""

    def __init__(self, file: str) -> None:
        where = file if file.startswith("file:") else f"file:{quote(file)}?mode=ro"
        self._database = sqlite3.connect(where, uri=True, isolation_level=None, timeout=30)
        self._database.text_factory = bytes
        self._database.execute("BEGIN")
        self._watermark = int(self._one(f"SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = '{LOG}'"))

    def _one(self, sql: str) -> Any:
        return self._database.execute(sql).fetchone()[0]

    def watermark(self) -> int:
        """The highest number that the log ever gave."""
        return self._watermark

    def database(self) -> str:
        """Nothing: numbers go with the file."""
        return ""

    def changes(self, after: int) -> list[tuple[str, int | None]]:
        """What changed since."""
        rows = self._database.execute(f"SELECT DISTINCT relation, row_id FROM {LOG} WHERE id > ?", [after])
        return [(relation.decode(), row) for relation, row in rows]

    def lines(self, table: Table, condition: str) -> bytes:
        """Rows as CSV, each made by SQLite itself."""
        cursor = self._database.execute(table.select("sqlite", condition))
        made: list[bytes] = []
        while rows := cursor.fetchmany(_AT_ONCE):
            made += [line for (line,) in rows]
        return b"\n".join([*made, b""]) if made else b""

    def next_id(self, relation: str, least: int) -> int | None:
        """The lowest id from ``least`` on."""
        found = self._one(f"SELECT min(id) FROM {relation} WHERE id >= {least:d}")
        return None if found is None else int(found)

    def count(self, table: Table) -> int | None:
        """The rows there are: a program of another's may replace rows without a trigger seeing it."""
        return None if table.join else int(self._one(f"SELECT count(*) FROM {table.relation} t WHERE {table.where}"))

    def close(self) -> None:
        """End the transaction."""
        self._database.close()


class PostgresSource:
    """A PostgreSQL database."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        import psycopg

        self._database = psycopg.connect(**parameters, autocommit=True)
        self._database.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._watermark = self._oldest_open()

    def _one(self, sql: str) -> Any:
        row = self._database.execute(sql).fetchone()
        return row[0] if row else None

    def _column(self, sql: str, *given: Any) -> list[Any]:
        return [value for (value,) in self._database.execute(sql, given)]

    def _oldest_open(self) -> int:
        """The oldest transaction that this one cannot see and that may write here: numbers are the whole cluster's."""
        under_way = map(int, self._column("SELECT pg_snapshot_xip(pg_current_snapshot())::text"))
        # In this order, whoever is elsewhere was so when what it still holds began.
        elsewhere = self._column(
            "SELECT pid FROM pg_stat_activity "
            "WHERE datid <> (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        theirs = self._column(
            "SELECT transactionid::text::bigint FROM pg_locks "
            "WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted AND pid = ANY(%s)",
            elsewhere,
        )  # the lower 32 bits
        ours = (number for number in under_way if number % 2**32 not in theirs)
        return min(ours, default=int(self._one("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")))

    def watermark(self) -> int:
        """The oldest transaction of this database that may still be open."""
        return self._watermark

    def database(self) -> str:
        """The cluster and the database in it: transactions of others have numbers of their own."""
        return str(
            self._one(
                "SELECT system_identifier || ' ' || (SELECT oid FROM pg_database WHERE datname = current_database()) "
                "FROM pg_control_system()"
            )
        )

    def changes(self, after: int) -> list[tuple[str, int | None]]:
        """What changed by transactions from that one on."""
        rows = self._database.execute(f"SELECT DISTINCT relation, row_id FROM {LOG} WHERE xact >= {after:d}")
        return [(relation, row) for relation, row in rows]

    def lines(self, table: Table, condition: str) -> bytes:
        """Rows as CSV, by ``COPY``."""
        copying = f"COPY ({table.select('postgresql', condition)}) TO STDOUT WITH (FORMAT csv)"
        with self._database.cursor().copy(copying) as copy:
            return b"".join(bytes(block) for block in copy)

    def next_id(self, relation: str, least: int) -> int | None:
        """The lowest id from ``least`` on."""
        found = self._one(f"SELECT min(id) FROM {relation} WHERE id >= {least:d}")
        return None if found is None else int(found)

    def count(self, table: Table) -> int | None:
        """Nothing: no statement gets past PostgreSQL's triggers."""
        return None

    def close(self) -> None:
        """End the transaction."""
        self._database.close()


def among(ids: Collection[int]) -> str:
    """A condition: the row has one of these ids."""
    return f"t.id IN ({', '.join(map(str, map(int, ids)))})"


def within(low: int, high: int) -> str:
    """A condition: the row's id is at least ``low``, and below ``high``."""
    return f"t.id >= {low:d} AND t.id < {high:d}"


def chunks(ids: Sequence[int], size: int = 5_000) -> Iterator[Sequence[int]]:
    """The ids, so many at a time."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
