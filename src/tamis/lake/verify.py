"""Does the table hold what the inbox acknowledged, each event once? Read from end to end."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tamis.lake.delta import exists
from tamis.lake.engine import duckdb_session
from tamis.lake.inbox import LAST, Inbox
from tamis.lake.table import files_of, open_table

SHOWN = 20
_PARTS = 16  # in which ids are looked at, so that memory does not follow their number


@dataclass
class Verified:
    """What was found; all is well when every list is empty."""

    events: int = 0
    waiting: int = 0
    files: int = 0
    unreadable: list[str] = field(default_factory=list)
    missing_batches: list[int] = field(default_factory=list)
    short_batches: list[dict[str, int]] = field(default_factory=list)
    unknown_batches: list[int] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not (
            self.unreadable or self.missing_batches or self.short_batches or self.unknown_batches or self.doubles
        )

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"ok": self.ok} | asdict(self)


def verify(inbox: Inbox, folder: Path) -> Verified:
    """Compare the inbox with the table; nobody should flush meanwhile, or a batch may look unknown."""
    found = Verified()
    files = files_of(open_table(folder)) if exists(folder) else []
    found.files = len(files)
    counts, good = _read(files, found)
    found.events = counts.total()
    expected = {each.number: each.events for each in inbox.flushed()}
    claimed = inbox.claimed()
    found.missing_batches = [number for number, events in expected.items() if events and number not in counts]
    found.short_batches = [
        {"batch": number, "expected": expected[number], "found": counts[number]}
        for number in sorted(counts)
        if number in expected and counts[number] != expected[number]
    ]
    found.unknown_batches = [number for number in sorted(counts) if number not in expected and number != claimed]
    waiting = [each for chunk in inbox.events(inbox.settled()[1] + 1, LAST) for each in chunk]
    found.waiting = len(waiting)
    found.doubles = _doubles(good)
    return found


def _read(files: list[str], found: Verified) -> tuple[Counter[int], list[str]]:
    """How many rows of each batch there are, and the files that could be read to their end."""
    counts: Counter[int] = Counter()
    good = []
    for file in files:
        try:
            of_file: Counter[int] = Counter()
            for numbers in _batches(Path(file)):
                of_file.update(numbers)
        except Exception:  # whatever is wrong with a file, the others are looked at too
            found.unreadable.append(file)
        else:
            counts += of_file
            good.append(file)
    return counts, good


def _batches(file: Path) -> Iterator[dict[int, int]]:
    for rows in pq.ParquetFile(file).iter_batches():  # every column: that it can be read
        counted = rows.column("batch").value_counts()
        yield {each["values"]: each["counts"] for each in counted.to_pylist()}


def _doubles(files: list[str]) -> list[str]:
    doubles: list[str] = []
    with duckdb_session(files) as connection:
        for part in range(_PARTS):
            rows = connection.execute(
                f"SELECT id FROM events WHERE hash(id) % {_PARTS} = {part} GROUP BY id, ts HAVING count(*) > 1 "
                f"ORDER BY id LIMIT {SHOWN}"
            ).fetchall()
            doubles += [id for (id,) in rows]
    return doubles[:SHOWN]
