"""Many small files into few large ones, a month at a time; what no version needs any more is deleted later.

A commit replaces files without changing what they hold, so it may come between any two flushes, and may die anywhere.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tamis.errors import Busy
from tamis.lake.table import PROPERTIES, RETENTION, exists, open_table
from tamis.messages import say

if TYPE_CHECKING:
    from deltalake import DeltaTable

SMALL = 32_000_000  # bytes: a smaller file is a small one
MANY = 200
"""So many small files of a month are put together."""
TARGET = 128_000_000  # bytes of a file made of others
KEPT = timedelta(days=7)
"""How long files that the table has left behind stay: readers and backups may still be at them."""


@dataclass(frozen=True)
class CompactReport:
    """Months whose files were put together, files before and after, and files deleted for good."""

    months: tuple[str, ...]
    files_before: int
    files_after: int
    vacuumed: int


def compact(folder: Path, *, many: int = MANY, kept: timedelta = KEPT) -> CompactReport:
    """Put together the small files of each month that has ``many``; delete files unused since ``kept``.

    Raises :class:`~tamis.errors.Busy` when somebody else compacts at the same time.
    """
    if not exists(folder):
        return CompactReport((), 0, 0, 0)
    table = open_table(folder)
    before = len(table.file_uris())
    months = tuple(month for month, count in sorted(small_files(table).items()) if count >= max(many, 2))
    for month in months:
        _compact_month(table, month)
    vacuumed = clear(table, kept)
    return CompactReport(months, before, len(table.file_uris()), vacuumed)


def clear(table: "DeltaTable", kept: timedelta) -> int:
    """Delete for good what the table left behind before ``kept``: files, and entries of its log; how many files.

    Entries of tables made before :data:`~tamis.lake.table.PROPERTIES` hold the least and greatest value of each column,
    addresses among them: they go too.
    """
    wanted = PROPERTIES | {RETENTION: f"interval {int(kept.total_seconds())} seconds"}
    if any(table.metadata().configuration.get(name) != value for name, value in wanted.items()):
        table.alter.set_table_properties(wanted)
    hours = int(kept.total_seconds() // 3600)
    deleted = table.vacuum(retention_hours=hours, dry_run=False, enforce_retention_duration=False)
    table.create_checkpoint()
    table.cleanup_metadata()
    return len(deleted)


def _compact_month(table: "DeltaTable", month: str) -> None:
    from deltalake.exceptions import CommitFailedError

    try:
        table.optimize.compact(partition_filters=[("month", "=", month)], target_size=TARGET, max_concurrent_tasks=1)
    except CommitFailedError as error:
        raise Busy(say("Quelqu'un d'autre compacte le lac : recommencez dans un instant."), "lake.busy") from error


def small_files(table: "DeltaTable") -> Counter[str]:
    """How many small files each month has."""
    files = table.get_add_actions(flatten=True)
    months, sizes = files.column("partition.month").to_pylist(), files.column("size_bytes").to_pylist()
    return Counter(str(month) for month, size in zip(months, sizes, strict=True) if size < SMALL)
