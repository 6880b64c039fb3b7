"""DuckDB over the files of the table: closed to the network, to extensions, and to every other file.

It never opens a database of the state: a second SQLite library in a process drops the locks of the first.
"""

import atexit
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "1GB"


def closed(memory: str) -> dict[str, Any]:
    """How DuckDB is set up: no network, no extensions; what exceeds ``memory`` goes where only we may read."""
    return {
        "autoinstall_known_extensions": False, "autoload_known_extensions": False, "memory_limit": memory,
        "preserve_insertion_order": False, "temp_directory": _spill(os.getpid()),
    }  # fmt: skip


@cache
def _spill(_process: int) -> str:
    """A folder of a process's own, gone when it ends."""
    folder = tempfile.mkdtemp(prefix="tamis-duckdb-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextmanager
def duckdb_session(files: list[str]) -> Iterator["DuckDBPyConnection"]:
    """A connection with a view ``events`` over these files of the table, which must not be empty."""
    import duckdb

    from tamis.lake.table import SCHEMA

    connection = duckdb.connect(config=closed(MEMORY))
    try:
        if files:
            connection.execute(f"CREATE VIEW events AS SELECT * FROM {parquet(files, 'union_by_name = true')}")
        else:
            connection.register("events", SCHEMA.remove(len(SCHEMA) - 1).empty_table())
        yield connection
    finally:
        connection.close()


def parquet(files: Iterable[str], *options: str) -> str:
    """DuckDB's SQL of the rows of files, whose names are no patterns."""
    names = (re.sub(r"([*?\[])", r"[\1]", file).replace("'", "''") for file in files)
    listed = ", ".join(f"'{name}'" for name in names)
    return f"read_parquet({', '.join([f'[{listed}]', *options, 'hive_partitioning = false'])})"
