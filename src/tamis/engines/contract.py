"""What an engine is: tables go in, a query is asked, rows of Arrow come out.

An engine makes a view of each table of :data:`Tables` under its name. A query is SQL in DuckDB's dialect whose values
are parameters (``$p1``); another engine brings it to its own dialect. Instants are UTC, texts are compared by bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from tamis.rules.sql.query import Engine, Query

__all__ = ["Engine", "Query", "Stored", "Tables"]


@dataclass(frozen=True)
class Stored:
    """The rows of a table: in Parquet files, and beside them as Arrow.

    Rows of the files count unless their ``key`` is an ``id`` of the files in ``gone``, and only where ``batch`` is at
    most ``settled``, if given. Those of the files in ``added``, and ``rows``, all count; without files, these say which
    columns there are. With ``made``, the table is what this SQL makes of these rows, which it calls
    ``{edges}``; see ``audiences.members``.
    """

    rows: pa.Table
    files: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    key: str = "id"
    settled: int | None = None
    made: str = ""


Tables = Mapping[str, Stored]
