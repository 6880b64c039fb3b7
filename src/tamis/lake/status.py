"""How the lake is: what came in, what waits, how the table lies on disk."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tamis.lake.compact import small_files
from tamis.lake.delta import exists
from tamis.lake.inbox import Inbox
from tamis.lake.ordering import COMPACTED
from tamis.lake.table import open_table

LOOKED_AT = 500  # commits among which the last compaction is looked for


@dataclass(frozen=True)
class LakeStatus:
    """Counts and moments; ``events`` are those in the table, ``months`` the files of each, small ones apart."""

    events: int
    waiting: int
    oldest_waiting: datetime | None
    batches: int
    last_flush: datetime | None
    known_ids: int
    version: int | None
    files: int
    small_files: int
    megabytes: float
    months: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def status(inbox: Inbox, folder: Path) -> LakeStatus:
    """How the lake is now. Counts of the table come from its log, without reading a file."""
    waiting = inbox.waiting()
    version: int | None = None
    rows: list[int] = []
    sizes: list[int] = []
    months, small = Counter[str](), 0
    if exists(folder):
        table = open_table(folder)
        files = table.get_add_actions(flatten=True)
        rows, sizes = [*files.column("num_records").to_pylist()], [*files.column("size_bytes").to_pylist()]
        months = Counter(files.column("partition.month").to_pylist())
        version, small = table.version(), small_files(table).total()
    return LakeStatus(
        events=sum(rows), waiting=waiting.events, oldest_waiting=_moment(waiting.oldest), batches=waiting.batches,
        last_flush=_moment(waiting.last_flush), known_ids=waiting.ids, version=version, files=months.total(),
        small_files=small, megabytes=round(sum(sizes) / 1e6, 1), months=dict(sorted(months.items())),
    )  # fmt: skip


def _moment(microseconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(microseconds / 1e6, UTC) if microseconds is not None else None


def compacted_at(folder: Path) -> datetime | None:
    """When files were last put together, of the latest commits; ``None`` when that was not among them."""
    if not exists(folder):
        return None
    for commit in open_table(folder).history(LOOKED_AT):
        if COMPACTED in commit or commit.get("operation") == "OPTIMIZE":
            return _moment(int(commit["timestamp"]) * 1000)
    return None
