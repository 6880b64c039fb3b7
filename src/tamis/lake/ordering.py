"""The rows of a month written anew in the order that readers like best: by kind, then by moment, in small row groups.

A reader passes over the row groups that cannot hold the kinds it asks for. DuckDB sorts, and what does not fit into
memory lies beside the table meanwhile; one commit then takes old files out and new ones in. It says that no data
changed, so it may come between any two flushes; who deletes or orders the same rows at the same time makes it fail.
"""

import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tamis.lake.delta import root_of
from tamis.lake.engine import closed, parquet
from tamis.lake.table import PROPERTIES, SCHEMA

if TYPE_CHECKING:
    from deltalake import DeltaTable

GROUP = 122_880  # rows of a row group: what DuckDB reads at a time
TARGET = 128_000_000  # bytes after which the next file begins
COMPACTED = "compacted"
"""Under this name the commit says which month it wrote anew."""

_MEMORY = "500MB"
_AT_ONCE = 8_192  # rows
_HEAVY = 128_000_000  # bytes in memory of a row group that is closed before it is full
_APP = "tamis-compact"
_BESIDE = ".ordering-"
_LEFT = timedelta(days=1)
_RANDOM = frozenset({"id", "ts", "received"})
"""Columns in which nearly every value is another: no dictionary makes them smaller."""
_STATISTICS = tuple(PROPERTIES["delta.dataSkippingStatsColumns"].split(","))


@dataclass(frozen=True)
class DataFile:
    """A file of the table as it lies: ``path`` below the table's folder, the kinds of each row group, its columns."""

    path: str
    size: int
    rows: int
    largest: int  # rows of its largest row group
    kinds: tuple[tuple[str, str], ...]
    columns: frozenset[str]

    @property
    def in_order(self) -> bool:
        """Whether its row groups are small, and each goes on by kind where the one before ended."""
        follow = all(before[1] <= after[0] for before, after in zip(self.kinds, self.kinds[1:], strict=False))
        return self.largest <= GROUP and follow


def data_files(table: "DeltaTable") -> dict[str, list[DataFile]]:
    """The files of each month, the newest month first: their footers are read."""
    added = table.get_add_actions(flatten=True)
    root = root_of(table)
    months: dict[str, list[DataFile]] = {}
    columns = (added.column(name).to_pylist() for name in ("path", "size_bytes", "partition.month"))
    for path, size, month in zip(*columns, strict=True):
        months.setdefault(str(month), []).append(_data_file(root, path, size))
    return dict(sorted(months.items(), reverse=True))


def _data_file(root: Path, path: str, size: int) -> DataFile:
    footer = pq.read_metadata(root / unquote(path))
    names = footer.schema.to_arrow_schema().names
    place = [footer.schema.column(n).path for n in range(footer.num_columns)].index("kind")
    groups = [footer.row_group(n) for n in range(footer.num_row_groups)]
    said = [group.column(place).statistics for group in groups]
    # A group that does not say which kinds it holds may hold any.
    kinds = tuple((each.min, each.max) if each and each.has_min_max else ("", "\U0010ffff") for each in said)
    return DataFile(path, size, footer.num_rows, max((g.num_rows for g in groups), default=0), kinds, frozenset(names))


def astray(files: Iterable[DataFile]) -> int:
    """How many rows of a month lie outside its largest run of files that are in order, and go on where others end."""
    run: list[tuple[str, str]] = []
    rows = 0
    for file in sorted(files, key=lambda each: each.rows, reverse=True):
        first, last = file.kinds[0][0] if file.kinds else "", file.kinds[-1][1] if file.kinds else ""
        if file.in_order and all(last <= other[0] or other[1] <= first for other in run):
            run.append((first, last))
        else:
            rows += file.rows
    return rows


def can_be_ordered(files: Sequence[DataFile]) -> bool:
    """Whether the files have the same columns, and all there are: those of an older table are upgraded first."""
    return set(SCHEMA.names[:-1]) <= files[0].columns and len({file.columns for file in files}) == 1


def put_in_order(table: "DeltaTable", month: str, files: Sequence[DataFile]) -> None:
    """Write some files of a month anew, in order.

    Raises ``deltalake.exceptions.CommitFailedError`` when somebody else deleted or ordered rows of the table since it
    was opened: it is then as they left it.
    """
    root = root_of(table)
    with tempfile.TemporaryDirectory(prefix=_BESIDE, dir=root.parent, ignore_cleanup_errors=True) as beside:
        rows = _ordered([str(root / unquote(file.path)) for file in files], beside)
        written = [*_written(rows, Path(beside))]
        _into_the_table(table, month, files, written)


def sweep(folder: Path) -> None:
    """Delete what somebody left beside the table who was killed."""
    for left in folder.parent.glob(f"{_BESIDE}*"):
        if time.time() - left.stat().st_mtime > _LEFT.total_seconds():
            shutil.rmtree(left, ignore_errors=True)


def _ordered(files: Sequence[str], spill: str) -> Iterator[pa.Table]:
    """All rows of files, in order, a row group at a time. One thread: each would need memory of its own."""
    import duckdb

    config = closed(_MEMORY) | {"temp_directory": spill, "threads": 1}
    with duckdb.connect(config=config) as connection:
        sql = f"SELECT * FROM {parquet(files, 'union_by_name = true')} ORDER BY kind, ts"
        reader = connection.execute(sql).to_arrow_reader(_AT_ONCE)
        known = {each.name: each for each in SCHEMA}
        schema = pa.schema([known.get(each.name, each) for each in reader.schema])
        group: list[pa.RecordBatch] = []
        for batch in reader:
            group.append(batch)
            if sum(map(len, group)) >= GROUP or sum(each.nbytes for each in group) >= _HEAVY:
                yield pa.Table.from_batches(group).cast(schema)
                group = []
        if group:
            yield pa.Table.from_batches(group).cast(schema)


@dataclass
class _Written:
    """A file that is written, and what the log is to say of it."""

    file: Path
    rows: int = 0
    least: dict[str, Any] = field(default_factory=dict)
    most: dict[str, Any] = field(default_factory=dict)

    def note(self, rows: pa.Table) -> None:
        self.rows += len(rows)
        for name in _STATISTICS:
            both = pc.min_max(rows.column(name)).as_py()
            self.least[name] = min(self.least.get(name, both["min"]), both["min"])
            self.most[name] = max(self.most.get(name, both["max"]), both["max"])

    def said(self) -> str:
        """The statistics as Delta's log has them."""
        least, most = ({name: _said(value) for name, value in each.items()} for each in (self.least, self.most))
        none = dict.fromkeys(_STATISTICS, 0)
        return json.dumps({"numRecords": self.rows, "minValues": least, "maxValues": most, "nullCount": none})


def _said(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _written(groups: Iterator[pa.Table], folder: Path) -> Iterator[_Written]:
    """Row groups written to files, each on the disk when it is given."""
    for first in groups:
        file = _Written(folder / f"part-{uuid.uuid4()}.zstd.parquet")
        dictionaries = [name for name in first.column_names if name not in _RANDOM]
        with (
            file.file.open("wb") as sink,
            pq.ParquetWriter(sink, first.schema, compression="zstd", use_dictionary=dictionaries) as writer,
        ):
            rows: pa.Table | None = first
            while rows is not None:
                writer.write_table(rows, row_group_size=GROUP)
                file.note(rows)
                rows = next(groups, None) if sink.tell() < TARGET else None
        _to_disk(file.file)
        yield file


def _to_disk(place: Path) -> None:
    number = os.open(place, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _into_the_table(table: "DeltaTable", month: str, old: Sequence[DataFile], new: Sequence[_Written]) -> None:
    """One commit: old files out, new ones in. Of two that do so at once, the later one fails."""
    from deltalake import CommitProperties, Transaction
    from deltalake.exceptions import CommitFailedError
    from deltalake.transaction import AddAction, RemoveAction

    now, partition = time.time_ns() // 1_000_000, f"month={month}"
    root = root_of(table)
    moved = [each.file.rename(root / partition / each.file.name) for each in new]
    _to_disk(root / partition)
    out = [RemoveAction(each.path, False, now, each.size, {"month": month}) for each in old]
    added = [
        AddAction(f"{partition}/{file.name}", file.stat().st_size, {"month": month}, now, False, each.said())
        for file, each in zip(moved, new, strict=True)
    ]
    # Delta looks for rows that others deleted, not for those that others ordered: a number that both want does it.
    turn = Transaction(_APP, (table.transaction_version(_APP) or 0) + 1)
    commit = CommitProperties(custom_metadata={COMPACTED: month}, app_transactions=[turn])
    try:
        table.create_write_transaction([*out, *added], "append", table.schema(), ["month"], commit_properties=commit)
    except CommitFailedError:
        for file in moved:
            file.unlink()
        raise
    table.update_incremental()
