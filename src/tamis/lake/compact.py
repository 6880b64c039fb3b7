"""Many small files into few large ones, in order of kind, a month at a time; what no version needs any more is deleted.

A commit replaces files without changing what they hold, so it may come between any two flushes, and may die anywhere.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tamis.errors import Busy
from tamis.lake import delta
from tamis.lake.delta import exists
from tamis.lake.ordering import GROUP, DataFile, astray, can_be_ordered, data_files, put_in_order, sweep
from tamis.lake.table import PROPERTIES, RETENTION, open_table
from tamis.messages import say

if TYPE_CHECKING:
    from deltalake import DeltaTable

SMALL = 32_000_000  # bytes: a smaller file is a small one
MANY = 200
"""So many small files of a month are put together."""
SHARE = 4
"""A month is written anew, whole, when more than one row in so many lies outside of its order."""
KEPT = timedelta(days=7)
"""How long files that the table has left behind stay: readers and backups may still be at them."""


@dataclass(frozen=True)
class CompactReport:
    """Months whose files were put together, files before and after, and files deleted for good."""

    months: tuple[str, ...]
    files_before: int
    files_after: int
    vacuumed: int


def compact(folder: Path, *, many: int = MANY, kept: timedelta = KEPT, whole: bool = False) -> CompactReport:
    """Put together the small files of each month that has ``many``; delete files unused since ``kept``.

    Beside these one month is put in order whole, the newest that wants it; ``whole``: every one in which a row lies
    outside of the order. Raises :class:`~tamis.errors.Busy` when somebody else compacts at the same time.
    """
    if not exists(folder):
        return CompactReport((), 0, 0, 0)
    sweep(folder)
    table = open_table(folder)
    before = len(table.file_uris())
    months = []
    for month, files in _due(data_files(table), max(many, 2), whole):
        _compact_month(table, month, files)
        months.append(month)
    vacuumed = clear(table, kept)
    return CompactReport(tuple(sorted(months)), before, len(table.file_uris()), vacuumed)


def _due(months: Mapping[str, Sequence[DataFile]], many: int, whole: bool) -> Iterator[tuple[str, Sequence[DataFile]]]:
    """Which files of which months are to be written anew.

    A month that grows is written whole each time it has grown by a share, so each row is written a few times in all.
    """
    once = False
    for month, files in months.items():
        if not can_be_ordered(files):
            continue
        outside, small = astray(files), [file for file in files if file.size < SMALL]
        enough = 1 if whole else max(GROUP, sum(file.rows for file in files) // SHARE)
        if outside >= enough and (whole or not once):
            once = True
            yield month, files
        elif len(small) >= many:
            yield month, small


def clear(table: "DeltaTable", kept: timedelta) -> int:
    """Delete for good what the table left behind before ``kept``: files, and entries of its log; how many files.

    Entries of tables made before :data:`~tamis.lake.table.PROPERTIES` hold the least and greatest value of each column,
    addresses among them: they go too.
    """
    wanted = PROPERTIES | {RETENTION: f"interval {int(kept.total_seconds())} seconds"}
    if any(table.metadata().configuration.get(name) != value for name, value in wanted.items()):
        table.alter.set_table_properties(wanted)
    return delta.clear(table, kept)


def _compact_month(table: "DeltaTable", month: str, files: Sequence[DataFile]) -> None:
    from deltalake.exceptions import CommitFailedError

    try:
        put_in_order(table, month, files)
    except CommitFailedError as error:
        raise Busy(say("Quelqu'un d'autre compacte le lac : recommencez dans un instant."), "lake.busy") from error


def small_files(table: "DeltaTable") -> Counter[str]:
    """How many small files each month has."""
    files = table.get_add_actions(flatten=True)
    months, sizes = files.column("partition.month").to_pylist(), files.column("size_bytes").to_pylist()
    return Counter(str(month) for month, size in zip(months, sizes, strict=True) if size < SMALL)
