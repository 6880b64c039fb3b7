"""DuckDB over the files of the table: closed to the network, to extensions, and to every other file.

It never opens a database of the state: a second SQLite library in a process drops the locks of the first.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "1GB"


@contextmanager
def duckdb_session(files: list[str]) -> Iterator["DuckDBPyConnection"]:
    """A connection with a view ``events`` over these files of the table, which must not be empty."""
    import duckdb

    from tamis.lake.table import SCHEMA

    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False, "autoload_known_extensions": False, "memory_limit": MEMORY,
            "preserve_insertion_order": False,
        }
    )  # fmt: skip
    try:
        if files:
            names = ", ".join(quoted(file) for file in files)
            connection.execute(
                f"CREATE VIEW events AS SELECT * FROM read_parquet([{names}], union_by_name = true, "
                "hive_partitioning = false)"
            )
        else:
            connection.register("events", SCHEMA.remove(len(SCHEMA) - 1).empty_table())
        yield connection
    finally:
        connection.close()


def quoted(file: str) -> str:
    """A path as SQL writes it, without patterns."""
    plain = re.sub(r"([*?\[])", r"[\1]", file)
    return "'" + plain.replace("'", "''") + "'"
