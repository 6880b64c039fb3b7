"""Who is in which audience, and was: a Delta table with a row for each entry and each exit, a partition an audience.

    audience, subject, entered (or left), instant (as of which the run was), run (its number)

Nothing is ever changed, only added: one commit a run, which carries the run's number as a Delta transaction, so that a
run is in the table once or not at all. Members after a run are the subjects whose latest edge, up to it, is an entry.
Decision 032 says why edges and not intervals.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.errors import Busy
from tamis.lake import delta
from tamis.lake.delta import exists
from tamis.lake.engine import parquet
from tamis.messages import say

if TYPE_CHECKING:
    from deltalake import DeltaTable

MOMENT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("audience", pa.int64(), nullable=False),
        pa.field("subject", pa.int64(), nullable=False),
        pa.field("entered", pa.bool_(), nullable=False),
        pa.field("instant", MOMENT, nullable=False),
        pa.field("run", pa.int64(), nullable=False),
        pa.field("part", pa.string(), nullable=False),
    ]
)
"""Every column; ``part``, the partition, is the audience's number as a text."""
EDGES = pa.schema([("subject", pa.int64()), ("entered", pa.bool_())])
"""What a run changes: who enters, who leaves."""
_STORED = SCHEMA.remove(len(SCHEMA) - 1)  # the partition is in the path, not in the file

NOW = "SELECT audience, subject FROM {edges} GROUP BY audience, subject HAVING arg_max(entered, run)"
"""The SQL of the present members, from a table of edges."""
MANY = 200
"""So many files of an audience are put together."""


def app_of(audience: int, epoch: str) -> str:
    """The name under which the table knows the runs of an audience."""
    return f"tamis-audience-{audience}-{epoch}"


def open_table(folder: Path) -> "DeltaTable":
    """The table as it is now, made when it is not there."""
    from deltalake import DeltaTable

    if not exists(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        DeltaTable.create(str(folder), schema=SCHEMA, mode="ignore", partition_by=["part"], name="members",
                          configuration={"delta.dataSkippingStatsColumns": "run,instant"})  # fmt: skip
    return DeltaTable(str(folder))


def last_run(table: "DeltaTable", audience: int, epoch: str) -> int | None:
    """The number of the latest run of an audience that the table has; ``None`` for none."""
    return table.transaction_version(app_of(audience, epoch))


def commit(table: "DeltaTable", audience: int, epoch: str, run: int, now: datetime, edges: pa.Table) -> None:
    """Add the edges of a run in one commit that carries its number.

    Raises :class:`~tamis.errors.Busy` when another run of this audience came in since the table was opened.
    """
    from deltalake import CommitProperties, Transaction, WriterProperties, write_deltalake
    from deltalake.exceptions import CommitFailedError

    rows = _rows(audience, run, now, edges)
    properties = CommitProperties(app_transactions=[Transaction(app_of(audience, epoch), run)])
    try:
        write_deltalake(table, rows, mode="append", writer_properties=WriterProperties(compression="ZSTD"),
                        commit_properties=properties)  # fmt: skip
    except CommitFailedError as error:
        raise Busy(say("Quelqu'un d'autre rafraîchit cette audience : recommencez dans un instant."),
                   "audience.busy") from error  # fmt: skip


def _rows(audience: int, run: int, now: datetime, edges: pa.Table) -> pa.Table:
    n = edges.num_rows
    columns = {
        "audience": pa.repeat(pa.scalar(audience, pa.int64()), n), "subject": edges.column("subject"),
        "entered": edges.column("entered"), "instant": pa.repeat(pa.scalar(now, MOMENT), n),
        "run": pa.repeat(pa.scalar(run, pa.int64()), n), "part": pa.repeat(str(audience), n),
    }  # fmt: skip
    return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA).sort_by("subject")


def files_of(folder: Path, audiences: Iterable[int] | None = None) -> list[str]:
    """The paths of the files of some audiences, or of all."""
    among = None if audiences is None else [str(each) for each in audiences]
    if among == [] or not delta.exists(folder):
        return []
    return delta.files_of(open_table(folder), "part", among)


class History:
    """The edges of an audience, to be asked of."""

    def __init__(self, folder: Path, audience: int) -> None:
        self.files = files_of(folder, [audience])

    def members(self, run: int | None = None, *, beyond: int = 0, most: int | None = None) -> pa.Table:
        """``subject`` and ``since`` (the instant of the run in which they entered) after a run, or after the last.

        In the order of subjects: those ``beyond`` one, at most so many.
        """
        until = "" if run is None else f" AND run <= {run:d}"
        return self._paged(
            f"SELECT subject, arg_max(instant, run) AS since FROM edges WHERE {_BETWEEN}{until}"
            " GROUP BY subject HAVING arg_max(entered, run) ORDER BY subject",
            beyond, most,
        )  # fmt: skip

    def between(self, older: int, newer: int, what: str = "", *, beyond: int = 0, most: int | None = None) -> pa.Table:
        """``subject`` and ``what`` of those in after either of two runs: entered, left, stayed; or only one of these.

        In the order of subjects: those ``beyond`` one, at most so many. Run 0 is before all.
        """
        return self._paged(
            f"SELECT subject, what FROM ({_STOOD.format(older=older, newer=newer, which=_BETWEEN)})"
            f" WHERE what IS NOT NULL{' AND what = $what' if what else ''} ORDER BY subject",
            beyond, most, {"what": what} if what else {},
        )  # fmt: skip

    def counted_between(self, older: int, newer: int) -> dict[str, int]:
        """How many entered, left and stayed from after one run to after another."""
        stood = _STOOD.format(older=older, newer=newer, which="true")
        found = self._ask(f"SELECT what, count(*) AS n FROM ({stood}) WHERE what IS NOT NULL GROUP BY what")
        counts = dict(zip(found.column("what").to_pylist(), found.column("n").to_pylist(), strict=True))
        return {what: int(counts.get(what, 0)) for what in ("entered", "left", "stayed")}

    def edges(self, run: int) -> pa.Table:
        """``subject`` and ``entered`` of a run, in the order of subjects."""
        return self._ask(f"SELECT subject, entered FROM edges WHERE run = {run:d} ORDER BY subject")

    def crossed(self, runs: Sequence[int], entered: bool, beyond: tuple[int, int], most: int) -> pa.Table:
        """``subject``, ``instant`` and ``run`` of those who entered, or left, in some runs, run by run.

        Those beyond a (run, subject), at most so many.
        """
        return self._ask(
            "SELECT subject, instant, run FROM edges WHERE run IN (SELECT unnest(?)) AND entered = ? "
            f"AND (run > ? OR run = ? AND subject > ?) ORDER BY run, subject LIMIT {most:d}",
            [[*runs], entered, beyond[0], *beyond],
        )

    def counted(self, runs: Sequence[int], entered: bool) -> int:
        """How many entries, or exits, of some runs the table has."""
        wanted = "SELECT count(*) AS n FROM edges WHERE run IN (SELECT unnest(?)) AND entered = ?"
        return int(self._ask(wanted, [[*runs], entered]).column("n")[0].as_py())

    def of(self, subjects: Sequence[int]) -> pa.Table:
        """Every edge of some subjects, the earliest first: ``subject``, ``entered``, ``instant``, ``run``."""
        return self._ask(
            "SELECT subject, entered, instant, run FROM edges "
            "WHERE subject IN (SELECT unnest(?)) ORDER BY subject, run",
            [[*subjects]],
        )

    def _paged(self, sql: str, beyond: int, most: int | None, values: dict[str, Any] | None = None) -> pa.Table:
        """The first rows of an answer in the order of subjects: looked for in a stretch of subjects, then a longer one.

        So a page costs what a page holds, not what the audience does.
        """
        with _opened(self.files) as connection:

            def stretch(beyond: int, last: int) -> pa.Table:
                bounds = {"beyond": beyond, "last": last}
                return connection.execute(sql, {**bounds, **(values or {})}).to_arrow_table()

            if most is None:
                return stretch(beyond, _LAST)
            parts, reach = list[pa.Table](), 8 * most
            while sum(map(len, parts)) < most and beyond < _LAST:
                last = _end_of(connection, beyond, reach)
                parts.append(stretch(beyond, last))
                beyond, reach = last, reach * 8
            return pa.concat_tables(parts)[:most]

    def _ask(self, sql: str, values: Sequence[Any] = ()) -> pa.Table:
        with _opened(self.files) as connection:
            return connection.execute(sql, [*values]).to_arrow_table()


@contextmanager
def _opened(files: Sequence[str]) -> Iterator[Any]:
    """A connection that has the rows of some files as ``edges``."""
    import duckdb

    from tamis.lake.engine import MEMORY, closed

    with duckdb.connect(config=closed(MEMORY)) as connection:
        if files:
            connection.execute(f"CREATE VIEW edges AS SELECT * FROM {parquet(files)}")
        else:
            connection.register("edges", empty())
        yield connection


def _end_of(connection: Any, beyond: int, reach: int) -> int:
    """The subject at which a stretch of so many edges ends; the greatest there can be when fewer follow."""
    edges = f"SELECT subject FROM edges WHERE subject > {beyond:d} ORDER BY subject LIMIT {reach:d}"
    last, n = connection.execute(f"SELECT max(subject), count(*) FROM ({edges})").fetchone()
    return int(last) if n == reach else _LAST


_LAST = 2**63 - 1
_BETWEEN = "subject > $beyond AND subject <= $last"
_STOOD = (
    "SELECT subject, CASE WHEN was AND stands THEN 'stayed' WHEN stands THEN 'entered' WHEN was THEN 'left' END "
    "AS what FROM (SELECT subject, coalesce(arg_max(entered, run) FILTER (WHERE run <= {older:d}), false) AS was, "
    "coalesce(arg_max(entered, run) FILTER (WHERE run <= {newer:d}), false) AS stands FROM edges WHERE {which} "
    "GROUP BY subject)"
)
"""How everybody who was ever in stood after two runs."""


def standing(folder: Path, audiences: Iterable[int], subject: int) -> dict[int, datetime]:
    """The audiences of these that a subject is in, each with the instant of the run in which it entered."""
    files = files_of(folder, audiences)
    if not files:
        return {}
    with _opened(files) as connection:
        found = connection.execute(
            "SELECT audience, arg_max(instant, run) AS since FROM edges WHERE subject = ? "
            "GROUP BY audience HAVING arg_max(entered, run)", [subject],
        ).to_arrow_table()  # fmt: skip
    return dict(zip(found.column("audience").to_pylist(), found.column("since").to_pylist(), strict=True))


def empty() -> pa.Table:
    """No edges, with the columns that files have."""
    return _STORED.empty_table()


def compact(folder: Path, *, many: int = MANY, kept: timedelta) -> int:
    """Put together the files of each audience that has ``many``; how many did. Delete files unused since ``kept``."""
    if not exists(folder):
        return 0
    from collections import Counter

    table = open_table(folder)
    parts = table.get_add_actions(flatten=True).column("partition.part").to_pylist()
    due = [str(part) for part, n in Counter(parts).items() if n >= max(many, 2)]
    for part in due:
        table.optimize.compact(partition_filters=[("part", "=", part)], max_concurrent_tasks=1)
    delta.clear(table, kept)
    return len(due)


def audiences_in(folder: Path) -> set[int]:
    """The audiences of which the table has rows."""
    if not exists(folder):
        return set()
    return {int(part) for part in open_table(folder).get_add_actions(flatten=True).column("partition.part").to_pylist()}


def runs_in(folder: Path, audience: int) -> set[int]:
    """The numbers of the runs of which the table has edges."""
    runs = History(folder, audience)._ask("SELECT DISTINCT run FROM edges").column("run")
    return {*runs.to_pylist()}


def forget_runs(folder: Path, audience: int, runs: Iterable[int]) -> None:
    """Delete the edges of runs that a state which was brought back knows nothing of."""
    numbers = ", ".join(f"{each:d}" for each in sorted(runs))
    open_table(folder).delete(f"part = '{audience:d}' AND run IN ({numbers})")


def forget(folder: Path, *, audience: int) -> None:
    """Delete the rows of an audience that is no more; its files go when they are cleared."""
    if exists(folder):
        open_table(folder).delete(f"part = '{audience:d}'")


def forget_subject(folder: Path, subject: int, audiences: Iterable[int]) -> int:
    """Delete the rows of a subject in some audiences; in how many there were any. Their files go when they are cleared.

    Raises :class:`~tamis.errors.Busy` when a refresh adds rows at the same moment.
    """
    from deltalake.exceptions import CommitFailedError

    there = [each for each in audiences if History(folder, each).of([subject]).num_rows]
    if there:
        parts = ", ".join(f"'{each:d}'" for each in there)
        try:
            open_table(folder).delete(f"part IN ({parts}) AND subject = {subject:d}")
        except CommitFailedError as error:
            raise Busy(say("Quelqu'un rafraîchit des audiences : recommencez dans un instant."),
                       "audience.busy") from error  # fmt: skip
    return len(there)
