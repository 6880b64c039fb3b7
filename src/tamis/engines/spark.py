"""Spark, for what one machine does not hold: the same queries, brought to its dialect.

Tables are read from the files that DuckDB reads; Spark's session zone must be UTC.
"""

from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Self

import pyarrow as pa

from tamis.engines.contract import Stored, Tables
from tamis.errors import Unreadable
from tamis.messages import say
from tamis.rules.sql.query import Query

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_NAMES = (
    ("EPOCH_US(", "UNIX_MICROS("),
    ("INT128", "DECIMAL(38, 0)"),
    (" AS MATERIALIZED (", " AS ("),
    ("ROW_NUMBER() OVER ()", "e.id"),
)
"""What sqlglot leaves in DuckDB's words. Rows have no number that stays: an event's id tells it from the others."""


class Spark:
    """An engine over tables, in a session that the caller has opened and closes."""

    def __init__(self, tables: Tables, session: "SparkSession") -> None:
        if session.conf.get("spark.sql.session.timeZone") != "UTC":
            raise ValueError("spark.sql.session.timeZone must be UTC")
        self.session = session
        self.views: list[str] = []
        for name, stored in tables.items():
            raw = f"{name}__raw" if stored.made else name
            self._view(raw, _frame(session, stored))
            if stored.made:
                self._view(name, session.sql(in_spark(stored.made.format(edges=raw))))

    def _view(self, name: str, frame: "DataFrame") -> None:
        frame.createOrReplaceTempView(name)
        self.views.append(name)

    def ask(self, query: Query) -> pa.Table:
        """The rows of the answer. Raises :class:`~tamis.errors.Unreadable` when Spark fails."""
        from pyspark.errors import PySparkException

        try:
            for name, sql in query.needs.items():
                if name not in self.views:
                    self._view(name, self.session.sql(in_spark(sql)).cache())
            return self.session.sql(in_spark(query.sql), args=dict(query.values)).toArrow()
        except PySparkException as error:
            said = str(error).partition("\n")[0]
            raise Unreadable(say("Le moteur n'a pas pu répondre : {said}", said=said[:300]), "engine.failed") from error

    def close(self) -> None:
        """Let the tables go; the session stays."""
        for name in self.views:
            self.session.catalog.uncacheTable(name)
            self.session.catalog.dropTempView(name)
        self.views.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@lru_cache(1_000)
def in_spark(sql: str) -> str:
    """SQL of DuckDB's dialect in Spark's; parameters ``$p1`` become ``:p1``."""
    import sqlglot

    (made,) = sqlglot.transpile(sql, read="duckdb", write="spark")
    return reduce(lambda text, pair: text.replace(*pair), _NAMES, made)


def _frame(session: "SparkSession", stored: Stored) -> "DataFrame":
    frames = []
    if stored.rows.num_rows or not (stored.files or stored.added):
        frames.append(session.createDataFrame(stored.rows))
    if stored.files:
        frame = session.read.option("mergeSchema", "true").parquet(*stored.files)
        if stored.gone:
            gone = session.read.parquet(*stored.gone).withColumnRenamed("id", "gone__id")
            frame = frame.join(gone, frame[stored.key] == gone["gone__id"], "left_anti")
        frames.append(frame if stored.settled is None else frame.where(f"batch <= {stored.settled}"))
    if stored.added:
        frames.append(session.read.parquet(*stored.added))
    frame = frames[0]
    for other in frames[1:]:
        frame = frame.unionByName(other, allowMissingColumns=True)
    return frame
