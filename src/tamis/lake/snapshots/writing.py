"""The files of a snapshot: tables whole, or what changed since the last one.

Rows that changed go into one small file beside the base, and the ids they had in the base into another; both are
written anew each time. A range of ids of which enough has changed gets a base file of its own again, made of files
alone. So a change costs what changed, however it lies among the ids, and readers never see more than two extra files.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tamis.lake.snapshots import touched
from tamis.lake.snapshots.manifest import Manifest, Part, Written
from tamis.lake.snapshots.sources import Source, among, chunks, within
from tamis.lake.snapshots.tables import SPAN, Table

LEAST = 2_000
SHARE = 1 / 32
"""A range is written anew when more than this share of its rows, and more than ``LEAST`` rows, have changed."""
WHOLE_SHARE = 1 / 3
"""A table of which more than this share has changed is read whole."""
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Request:
    """A snapshot to take: of which tables, into which folder, after which one; ``merge`` leaves base files only."""

    folder: Path
    tables: Sequence[Table]
    token: str
    as_of: datetime
    before: Manifest | None = None
    merge: bool = False


def build(request: Request, source: Source) -> Manifest:
    """Write the files of a new snapshot, and return it; it is not published yet."""
    before = request.before
    if before is not None and before.database != source.database():
        before = None
    changed = _changed(source.changes(before.watermark)) if before else {}
    writers = [_Writer(request, source, table) for table in request.tables]
    tables = {
        each.table.name: each.write(
            before.tables.get(each.table.name) if before else None, changed.get(each.table.relation, _Changed())
        )
        for each in writers
    }
    made = Manifest(request.token, request.as_of, source.watermark(), source.database(), tables)
    return _touching(made, before, request.folder, writers).after(request.before)


def _touching(made: Manifest, before: Manifest | None, folder: Path, writers: "Sequence[_Writer]") -> Manifest:
    """A snapshot that says whom the changes since the one before were about."""
    from tamis.lake.snapshots.reading import Snapshot

    if any(each.is_anew and touched.columns_of(each.table) for each in writers):
        before = None
    found = {}
    for each in writers if before else ():
        if each.touched is not None and each.table.name in touched.RESOLVED:
            now = {name: Snapshot(folder, made, made.as_of).sql(name) for name in made.tables}
            found[each.table.name] = touched.resolved(each.table.name, each.touched, now)
        elif each.touched is not None:
            found[each.table.name] = each.touched
        if each.known_by is not None:
            found[touched.keys_of(each.table.name)] = each.known_by
    return touched.chained(made, before, folder, found)


@dataclass
class _Changed:
    ids: list[int] = field(default_factory=list)
    whole: bool = False


def _changed(rows: Iterable[tuple[str, int | None]]) -> dict[str, _Changed]:
    made: dict[str, _Changed] = {}
    for relation, id in rows:
        found = made.setdefault(relation, _Changed())
        if id is None:
            found.whole = True
        else:
            found.ids.append(id)
    return made


class _Writer:
    """Writes one table; ``touched`` is whom changed rows were and are about, unless it is written ``anew``.

    ``known_by`` is whom those are about that came, went, or are known by something else.
    """

    def __init__(self, request: Request, source: Source, table: Table) -> None:
        self.request, self.source, self.table = request, source, table
        self.folder = request.folder
        self.number = 0
        self.is_anew = False
        self.touched: pa.Table | None = None
        self.known_by: pa.Table | None = None

    def write(self, before: Written | None, changed: _Changed) -> Written:
        """The table as it is now."""
        if before is None or changed.whole or before.print != self.table.print or not before.there(self.folder):
            return self.whole()
        if len(changed.ids) > max(LEAST, WHOLE_SHARE * before.rows):
            return self.whole()
        if not changed.ids and not (self.request.merge and (before.changes or before.gone)):
            return before
        made = self.patched(before, np.unique(np.array(changed.ids, np.int64)))
        count = self.source.count(self.table)
        return made if count is None or count == made.rows else self.whole()

    def whole(self) -> Written:
        """The table, read from end to end: files are written while the next rows are read."""
        self.is_anew = True
        base: list[Future[Part]] = []
        with ThreadPoolExecutor(2) as writing:
            least: int | None = None
            while (least := self.source.next_id(self.table.relation, -(2**63) if least is None else least)) is not None:
                range = least // SPAN
                least = (range + 1) * SPAN
                lines = self.source.lines(self.table, within(range * SPAN, least))
                if len(base) > 1:
                    base[-2].result()  # no more than two in memory
                if lines:
                    base.append(writing.submit(self._base, lines, range))
        parts = [each.result() for each in base] or [self._file(self.table.schema.empty_table())]
        return Written(self.table.print, self.table.key, tuple(parts))

    def _base(self, lines: bytes, range: int) -> Part:
        return replace(self._file(self.table.rows(lines)), range=range)

    def patched(self, before: Written, ids: Ids) -> Written:
        """The table after what was written before, with the rows of these ids read again."""
        fresh = [self.table.rows(self.source.lines(self.table, among(part))) for part in chunks(ids.tolist())]
        self._touch(before, ids, fresh)
        kept = _without(read_part(self.folder, before.changes), before.key, ids)
        changes = pa.concat_tables([*([kept] if kept else []), *fresh] or [self.table.schema.empty_table()])
        gone = np.sort(np.concatenate([_ids(_without(read_part(self.folder, before.gone), "id", ids), "id"), ids]))
        base = [self._hidden(part, gone, ids) for part in before.base]
        return self._settled(before, base, changes, gone)

    def _touch(self, before: Written, ids: Ids, fresh: Sequence[pa.Table]) -> None:
        """Note whom the rows of these ids were about, and are."""
        columns = [self.table.key, *(name for name in touched.columns_of(self.table) if name != self.table.key)]
        if len(columns) == 1 and not self.table.owners:
            return
        none = self.table.schema.empty_table().select(columns)
        after = pa.concat_tables([none, *(each.select(columns) for each in fresh)])
        was = after.slice(0, 0) if len(columns) == 1 else self._as_it_was(before, ids, columns)
        if len(columns) == 1:  # the id says it all, whether its row is still there or not
            was = pa.table({columns[0]: ids}).cast(none.schema)
        if self.table.name in touched.RESOLVED:
            rows = pa.concat_tables([was, after])
            self.touched = rows if rows.num_rows else None
        else:
            self.touched = touched.owners(self.table, was, after)
            self.known_by = touched.known_by(self.table, was, after)

    def _as_it_was(self, before: Written, ids: Ids, columns: Sequence[str]) -> pa.Table:
        """Some columns of the rows that these ids had."""
        import pyarrow.parquet as pq

        gone = _ids(read_part(self.folder, before.gone), "id")
        parts = [
            _without(pq.read_table(self.folder / part.file, columns=[*columns]), self.table.key, gone)
            for part in before.base
            if part.rows and np.any(ids // SPAN == part.range)
        ]
        changes = read_part(self.folder, before.changes)
        rows = [*(each for each in parts if each), *([changes.select(columns)] if changes else [])]
        kept = [each.filter(pa.array(_is_in(_ids(each, self.table.key), ids))) for each in rows]
        return pa.concat_tables([self.table.schema.empty_table().select(columns), *kept])

    def _hidden(self, part: Part, gone: Ids, ids: Ids) -> Part:
        """A base file, with how many of its rows are gone."""
        if not np.any(ids // SPAN == part.range):
            return part
        return replace(part, gone=int(_is_in(self._keys(part), gone).sum()))

    def _keys(self, part: Part) -> Ids:
        import pyarrow.parquet as pq

        return _ids(pq.read_table(self.folder / part.file, columns=[self.table.key]), self.table.key)

    def _settled(self, before: Written, base: list[Part], changes: pa.Table, gone: Ids) -> Written:
        """The files of a table: ranges of which enough has changed written anew, the rest kept beside."""
        ranges = _ids(changes, self.table.key) // SPAN
        parts = {part.range: part for part in base if part.rows}
        counted = dict(zip(*(each.tolist() for each in np.unique(ranges, return_counts=True)), strict=True))
        anew = [range for range in {*parts, *counted} if self._is_due(parts.get(range), counted.get(range, 0))]
        for range in anew:
            mine = changes.filter(pa.array(ranges == range))
            parts[range] = self._merged(parts.get(range), mine, gone, range)
        changes = changes.filter(pa.array(~_is_in(ranges, np.array(anew, np.int64))))
        gone = self._needed(gone, [part for part in parts.values() if part.gone])
        left = tuple(parts[range] for range in sorted(parts) if parts[range].rows)
        return Written(
            before.print, before.key, left or (self._empty(before),),
            self._file(changes.sort_by(self.table.key)) if changes.num_rows else None,
            self._file(pa.table({"id": gone})) if len(gone) else None,
        )  # fmt: skip

    def _empty(self, before: Written) -> Part:
        """A base file without rows: it says the columns."""
        return next((part for part in before.base if not part.rows), None) or self._file(
            self.table.schema.empty_table()
        )

    def _is_due(self, part: Part | None, changes: int) -> bool:
        """Whether a range should be written anew."""
        rows, gone = (part.rows, part.gone) if part else (0, 0)
        if self.request.merge:
            return changes + gone > 0
        return changes + gone > max(LEAST, SHARE * rows)

    def _merged(self, part: Part | None, changes: pa.Table, gone: Ids, range: int) -> Part:
        """A base file of what is left of another, and of changes."""
        old = _without(read_part(self.folder, part), self.table.key, gone)
        rows = pa.concat_tables([old, changes] if old else [changes]).sort_by(self.table.key)
        return replace(self._file(rows), range=range) if rows.num_rows else Part("", 0, 0, range)

    def _needed(self, gone: Ids, parts: Sequence[Part]) -> Ids:
        """The ids that hide rows of these base files."""
        keys = [self._keys(part) for part in parts]
        return gone[_is_in(gone, np.concatenate(keys))] if keys else gone[:0]

    def _file(self, rows: pa.Table) -> Part:
        """Write rows into a new file."""
        import pyarrow.parquet as pq

        self.number += 1
        name = f"{self.table.name}/{self.request.token}-{self.number}.parquet"
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pq.write_table(rows, file, compression="zstd", compression_level=1)
        return Part(name, rows.num_rows, file.stat().st_size)


def read_part(folder: Path, part: Part | None) -> pa.Table | None:
    """The rows of a file; ``None`` for no file."""
    if not part or not part.file:
        return None
    import pyarrow.parquet as pq

    return pq.read_table(folder / part.file)


def _ids(rows: pa.Table | None, column: str) -> Ids:
    return rows.column(column).to_numpy() if rows is not None else np.empty(0, np.int64)


def _is_in(values: Ids, among: Ids) -> npt.NDArray[np.bool_]:
    """For each value whether it is among some; much quicker than NumPy's own when many are asked about."""
    import pyarrow.compute as pc

    found: npt.NDArray[np.bool_] = pc.is_in(pa.array(values), value_set=pa.array(among)).to_numpy(zero_copy_only=False)
    return found


def _without(rows: pa.Table | None, column: str, ids: Ids) -> pa.Table | None:
    """Rows without those of these ids."""
    return rows.filter(pa.array(~_is_in(_ids(rows, column), ids))) if rows is not None else None
