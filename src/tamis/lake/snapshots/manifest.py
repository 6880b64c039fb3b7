"""Which files make a snapshot: one small file, replaced as a whole.

Files of a new snapshot are written under names of their own; then the manifest is replaced. Files that it leaves behind
stay for a while, for whoever reads them, and so do files of a writer that died.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tamis.lake.snapshots.tables import FORMAT

NAME = "manifest.json"
KEPT = timedelta(hours=1)
"""How long files that no snapshot needs any more stay."""


@dataclass(frozen=True)
class Part:
    """A file and its rows; a base file also says which range of ids it has, and how many of its rows are gone."""

    file: str
    rows: int
    size: int
    range: int = 0
    gone: int = 0


@dataclass(frozen=True)
class Written:
    """The files of a table. ``print`` says by which rules they were written, ``key`` the column of ids."""

    print: str
    key: str
    base: tuple[Part, ...]
    changes: Part | None = None
    gone: Part | None = None

    @property
    def rows(self) -> int:
        """The rows that count."""
        return sum(each.rows - each.gone for each in self.base) + (self.changes.rows if self.changes else 0)

    def parts(self) -> Iterator[Part]:
        """Every file."""
        yield from self.base
        yield from (each for each in (self.changes, self.gone) if each)

    def there(self, folder: Path) -> bool:
        """Whether every file is there in its full size."""
        return all(_size(folder / each.file) == each.size for each in self.parts())


@dataclass(frozen=True)
class Manifest:
    """A snapshot: the state as of a moment (or a little later), up to the ``watermark`` of the change log.

    ``token`` tells it from every other; ``database`` says of which database it is. ``left`` maps files left behind to
    the seconds since 1970 when that was. ``touched`` are files of whom changes were about, back to the snapshot
    ``since`` of its ``chain``, in which it has a ``number`` (:mod:`tamis.lake.snapshots.touched`).
    """

    token: str
    as_of: datetime
    watermark: int
    database: str
    tables: Mapping[str, Written]
    left: Mapping[str, float] = field(default_factory=dict)
    chain: str = ""
    number: int = 0
    since: int = 0
    touched: tuple[Part, ...] = ()

    def files(self) -> set[str]:
        """The names of all files of the snapshot."""
        written = {part.file for table in self.tables.values() for part in table.parts()}
        return written | {part.file for part in self.touched}

    def after(self, before: "Manifest | None") -> "Manifest":
        """The same, knowing which files it leaves behind."""
        if before is None:
            return self
        now, mine = time.time(), self.files()
        left = {**before.left, **dict.fromkeys(before.files(), now)}
        return replace(self, left={file: since for file, since in left.items() if file not in mine})


def read(folder: Path) -> Manifest | None:
    """The last snapshot; ``None`` without one that this program can read."""
    try:
        stored = json.loads((folder / NAME).read_bytes())
        if stored.pop("format") != FORMAT:
            return None
        return from_json(stored)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def from_json(stored: dict[str, Any]) -> Manifest:
    """A manifest from what :func:`as_json` made of it."""
    tables = {name: _written(each) for name, each in stored["tables"].items()}
    as_of = datetime.fromisoformat(stored["as_of"])
    touched = tuple(Part(**each) for each in stored.get("touched", ()))
    return Manifest(**(stored | {"tables": tables, "as_of": as_of, "touched": touched}))


def _written(stored: dict[str, Any]) -> Written:
    parts = {name: Part(**stored[name]) if stored[name] else None for name in ("changes", "gone")}
    return Written(stored["print"], stored["key"], tuple(Part(**each) for each in stored["base"]), **parts)


def as_json(manifest: Manifest) -> dict[str, Any]:
    """A manifest as it is stored."""
    return asdict(manifest) | {"as_of": manifest.as_of.astimezone(UTC).isoformat()}


def publish(folder: Path, manifest: Manifest) -> None:
    """Make this the last snapshot, at once for every reader."""
    part = folder / f"{NAME}.{manifest.token}"
    with part.open("w", encoding="utf-8") as file:
        json.dump({"format": FORMAT} | as_json(manifest), file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / NAME)


def sweep(folder: Path, kept: timedelta = KEPT) -> int:
    """Delete files that the snapshot left behind longer ago than ``kept``, and those of dead writers; how many."""
    manifest = read(folder)
    if manifest is None:
        return 0
    until, needed, count = time.time() - kept.total_seconds(), manifest.files(), 0
    for file in [*folder.glob("*/*.parquet"), *folder.glob(f"{NAME}.*")]:
        name = str(file.relative_to(folder))
        since = manifest.left.get(name) or file.stat().st_mtime
        if name not in needed and since <= until:
            file.unlink(missing_ok=True)
            count += 1
    return count


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1
