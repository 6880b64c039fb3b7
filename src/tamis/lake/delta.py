"""What every Delta table of Tamis is asked: whether it is there, where it lies, what it consists of, what may go."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from deltalake import DeltaTable


def exists(folder: Path) -> bool:
    """Whether there is a table."""
    if not folder.exists():
        return False
    from deltalake import DeltaTable

    return DeltaTable.is_deltatable(str(folder))


def root_of(table: "DeltaTable") -> Path:
    """The folder of a table."""
    return _path(table.table_uri)


def files_of(table: "DeltaTable", partition: str, among: Sequence[str] | None = None) -> list[str]:
    """The paths of the files that a table consists of, or of those of some values of its partition."""
    wanted = None if among is None else [(partition, "in", [*among])]
    return [str(_path(uri)) for uri in table.file_uris(file_pruning_predicate=wanted)]


def clear(table: "DeltaTable", kept: timedelta) -> int:
    """Delete for good what a table left behind before ``kept``, files and entries of its log; how many files it was.

    Whatever somebody wrote who died before its commit goes as well, unless it may be just being written.
    """
    hours = int(kept.total_seconds() // 3600)
    deleted = table.vacuum(retention_hours=hours, dry_run=False, enforce_retention_duration=False, full=hours > 0)
    table.create_checkpoint()
    table.cleanup_metadata()
    return len(deleted)


def _path(uri: str) -> Path:
    return Path(unquote(uri.removeprefix("file://")))
