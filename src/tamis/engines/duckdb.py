"""DuckDB, in this process: closed to the network, to extensions and to files that it was not given.

It never opens a database of the state: a second SQLite library in a process drops the locks of the first.
"""

from typing import Self

import duckdb
import pyarrow as pa

from tamis.engines.contract import Stored, Tables
from tamis.errors import Unreadable
from tamis.lake.engine import closed, parquet
from tamis.messages import say
from tamis.rules.sql.query import Query

MEMORY = "2GB"
BY_NAME = "union_by_name = true"
"""Files written before a column came lack it."""


_TYPES = {
    pa.string(): "VARCHAR", pa.bool_(): "BOOLEAN", pa.int32(): "INTEGER", pa.int64(): "BIGINT", pa.float64(): "DOUBLE",
    pa.date32(): "DATE", pa.timestamp("us"): "TIMESTAMP",
    pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip


class DuckDb:
    """An engine over tables; ``threads`` and ``memory`` are its limits."""

    def __init__(self, tables: Tables, *, memory: str = MEMORY, threads: int | None = None) -> None:
        self.connection = duckdb.connect(config=closed(memory) | ({"threads": threads} if threads else {}))
        self.connection.execute("SET parquet_metadata_cache = true")  # files never change
        self.made: set[str] = set()
        self._columns: dict[str, list[str]] = {}
        try:
            for name, stored in tables.items():
                self._view(name, stored)
        except duckdb.Error as error:
            self.connection.close()
            raise _failed(error) from error

    def put(self, name: str, stored: Stored) -> None:
        """Have a table, in place of one that there may be under its name. Raises as :meth:`ask`."""
        try:
            for view in (name, f"{name}__raw"):
                self.connection.execute(f"DROP VIEW IF EXISTS {view}")
            self._view(name, stored)
        except duckdb.Error as error:
            raise _failed(error) from error

    def columns(self, table: str) -> list[str]:
        """The names of the columns of a table."""
        if table not in self._columns:
            described = self.connection.execute(f"DESCRIBE {table}").fetchall()
            self._columns[table] = [str(row[0]) for row in described]
        return self._columns[table]

    def _view(self, name: str, stored: Stored) -> None:
        parts = []
        if stored.rows.num_rows:
            self.connection.register(f"{name}__rows", stored.rows)
            parts.append(f"SELECT * FROM {name}__rows")
        elif not (stored.files or stored.added):
            parts.append(_no_rows(stored.rows.schema))
        if stored.files:
            part = f"SELECT b.* FROM {parquet(stored.files, BY_NAME)} b"
            if stored.gone:
                part += f" ANTI JOIN {parquet(stored.gone)} g ON b.{stored.key} = g.id"
            if stored.settled is not None:
                part += f" WHERE b.batch <= {stored.settled}"
            parts.append(part)
        if stored.added:
            parts.append(f"SELECT * FROM {parquet(stored.added, BY_NAME)}")
        raw = f"{name}__raw" if stored.made else name
        self.connection.execute(f"CREATE VIEW {raw} AS {' UNION ALL BY NAME '.join(parts)}")
        if stored.made:
            self.connection.execute(f"CREATE VIEW {name} AS {stored.made.format(edges=raw)}")

    def ask(self, query: Query) -> pa.Table:
        """The rows of the answer. Raises :class:`~tamis.errors.Unreadable` when DuckDB fails."""
        try:
            for name, sql in query.needs.items():
                if name not in self.made:
                    self.connection.execute(f"CREATE TEMP TABLE {name} AS {sql}")
                    self.made.add(name)
            return self.connection.execute(query.sql, dict(query.values)).to_arrow_table()
        except duckdb.Error as error:
            raise _failed(error) from error

    def run(self, statement: str) -> None:
        """Do what a statement says. Raises as :meth:`ask`."""
        try:
            self.connection.execute(statement)
        except duckdb.Error as error:
            raise _failed(error) from error

    def close(self) -> None:
        """Let everything go."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _no_rows(schema: pa.Schema) -> str:
    """SQL of the columns without a row: to register a table of Arrow takes as long as to answer from a small one."""
    columns = (f'CAST(NULL AS {_written(field.type)}) AS "{field.name}"' for field in schema)
    return f"SELECT {', '.join(columns)} WHERE false"


def _written(type: pa.DataType) -> str:
    """A type as DuckDB writes it."""
    if pa.types.is_decimal(type):
        return f"DECIMAL({type.precision}, {type.scale})"
    if pa.types.is_map(type):
        return f"MAP({_written(type.key_type)}, {_written(type.item_type)})"
    return _TYPES[type]


def _failed(error: Exception) -> Unreadable:
    said = str(error).partition("\n")[0]
    return Unreadable(say("Le moteur n'a pas pu répondre : {said}", said=said[:300]), "engine.failed")
