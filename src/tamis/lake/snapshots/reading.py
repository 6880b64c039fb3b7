"""The rows of a snapshot: for engines as SQL or files, for tests and checks as Arrow."""

from bisect import insort
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.lake.engine import parquet
from tamis.lake.snapshots.manifest import Manifest, Written
from tamis.lake.snapshots.sources import Source, within
from tamis.lake.snapshots.tables import SPAN, Table
from tamis.lake.snapshots.writing import read_part

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SHOWN = 20


@dataclass(frozen=True)
class Snapshot:
    """A snapshot on disk; ``as_of`` is a moment before which everything acknowledged is in it."""

    folder: Path
    manifest: Manifest
    as_of: datetime

    def files(self, table: str) -> dict[str, list[str]]:
        """The paths of a table: ``base``, ``changes``, and ``gone``, whose ``id`` are those that no longer count."""
        written = self.manifest.tables[table]
        found = {"base": written.base, "changes": (written.changes,), "gone": (written.gone,)}
        return {name: [str(self.folder / part.file) for part in parts if part] for name, parts in found.items()}

    def sql(self, table: str) -> str:
        """The rows of a table as DuckDB's SQL."""
        files = self.files(table)
        rows = f"SELECT * FROM {parquet(files['base'])}"
        if files["gone"]:
            rows += f" b ANTI JOIN {parquet(files['gone'])} g ON b.{self.manifest.tables[table].key} = g.id"
        if files["changes"]:
            rows += f" UNION ALL SELECT * FROM {parquet(files['changes'])}"
        return rows

    def make_views(self, connection: "DuckDBPyConnection") -> None:
        """Make a view of each table."""
        for table in self.manifest.tables:
            connection.execute(f"CREATE OR REPLACE VIEW {table} AS {self.sql(table)}")

    def read(self, table: str) -> pa.Table:
        """All rows of a table, in the order of their ids."""
        written = self.manifest.tables[table]
        rows = [self.range(table, range) for range in sorted(self.ranges(table))]
        made = pa.concat_tables(rows or [read_part(self.folder, written.base[0])])
        return made.sort_by(written.key)

    def ranges(self, table: str) -> set[int]:
        """The ranges of ids that the table has files or changes of."""
        written = self.manifest.tables[table]
        changes = read_part(self.folder, written.changes)
        changed = set(_ranges(changes, written).to_pylist()) if changes is not None else set()
        return {part.range for part in written.base if part.rows} | changed

    def range(self, table: str, range: int) -> pa.Table:
        """The rows of a range, in the order of their ids."""
        import pyarrow.compute as pc

        written = self.manifest.tables[table]
        rows: list[Any] = [read_part(self.folder, part) for part in written.base if part.range == range and part.rows]
        gone = read_part(self.folder, written.gone)
        if gone is not None:
            ids = gone.column("id").combine_chunks()
            rows = [each.filter(pc.invert(pc.is_in(each.column(written.key), value_set=ids))) for each in rows]
        changes = read_part(self.folder, written.changes)
        if changes is not None:
            rows.append(changes.filter(pc.equal(_ranges(changes, written), range)))
        return pa.concat_tables(rows).sort_by(written.key)


def _ranges(rows: pa.Table, written: Written) -> Any:
    return pa.chunked_array([rows.column(written.key).to_numpy() // SPAN])


@dataclass
class Compared:
    """How a snapshot and the state differ, by table: ids missing, too many, or with other content; a few of each."""

    rows: int = 0
    waiting: int = 0
    unreadable: list[str] = field(default_factory=list)
    differences: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.unreadable or self.differences)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"ok": self.ok} | asdict(self)


def compare(snapshot: Snapshot, source: Source, tables: list[Table]) -> Compared:
    """Compare every row of a snapshot with the state; what waits in the change log is left out on both sides."""
    found = Compared()
    waiting: dict[str, set[int] | None] = {}
    for relation, id in source.changes(snapshot.manifest.watermark):
        ids = waiting.setdefault(relation, set())
        if id is None:
            waiting[relation] = None
        elif ids is not None:
            ids.add(id)
    found.waiting = sum(len(ids) if ids is not None else 1 for ids in waiting.values())
    for table in tables:
        ids = waiting.get(table.relation, set())
        if ids is not None:
            _compare_table(snapshot, source, table, ids, found)
    return found


def _compare_table(snapshot: Snapshot, source: Source, table: Table, left_out: set[int], found: Compared) -> None:
    try:
        known = snapshot.ranges(table.name)
        for range in sorted(known | {*_state_ranges(source, table)}):
            condition = within(range * SPAN, (range + 1) * SPAN)
            state = _others(table.rows(source.lines(table, condition)), table.key, left_out)
            kept = snapshot.range(table.name, range) if range in known else table.schema.empty_table()
            kept = _others(kept, table.key, left_out)
            found.rows += kept.num_rows
            if not state.equals(kept):
                _note(found, table.name, _by_id(state), _by_id(kept))
    except (OSError, pa.ArrowException, KeyError):
        found.unreadable.append(table.name)


def _state_ranges(source: Source, table: Table) -> Iterator[int]:
    least: int | None = source.next_id(table.relation, -(2**63))
    while least is not None:
        yield least // SPAN
        least = source.next_id(table.relation, (least // SPAN + 1) * SPAN)


def _others(rows: pa.Table, key: str, left_out: set[int]) -> pa.Table:
    """The rows without those of some ids, in the order of ids."""
    if left_out:
        import pyarrow.compute as pc

        rows = rows.filter(pc.invert(pc.is_in(rows.column(key), value_set=pa.array([*left_out], pa.int64()))))
    return rows.sort_by(key)


def _by_id(rows: pa.Table) -> dict[int, list[str]]:
    """The rows as text, sorted, by id: one id may have several."""
    made: dict[int, list[str]] = {}
    for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        insort(made.setdefault(row[0], []), repr(row))
    return made


def _note(found: Compared, table: str, state: dict[int, list[str]], kept: dict[int, list[str]]) -> None:
    kinds = {
        "missing": state.keys() - kept.keys(),
        "extra": kept.keys() - state.keys(),
        "different": {id for id in state.keys() & kept.keys() if state[id] != kept[id]},
    }
    if any(kinds.values()):
        noted = found.differences.setdefault(table, {})
        for kind, ids in kinds.items():
            if ids:
                noted[kind] = (noted.get(kind, []) + sorted(ids))[:SHOWN]
