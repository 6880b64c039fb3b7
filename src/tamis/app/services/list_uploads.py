"""List files between being given and being imported: kept in the home, each for the one who brought it, for a day."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tamis.app.models import List, User
from tamis.app.services.kept_files import KeptFiles
from tamis.app.services.list_outcomes import LineOutcome
from tamis.errors import NotFound
from tamis.messages import say
from tamis.sources.list_layouts import Layout
from tamis.sources.lists import REFUSED_COLUMNS, Cells, RefusedLine, refused_cells
from tamis.sources.writing import Format, write_table

FILES = KeptFiles("uploads", "upload.json")


@dataclass
class Upload:
    """A file on its way: whose it is, for which list, how its columns are read, and what its dry run found."""

    token: str
    user_id: int
    list_id: int
    file_name: str
    append: bool
    pasted: bool = False
    layout: dict[str, Any] | None = None
    mended: dict[str, list[str]] = field(default_factory=dict)
    """What a person wrote in the place of refused lines, by their numbers."""
    size: int = 0
    """About how many lines it has: under fifty, fifty."""
    report: dict[str, int] = field(default_factory=dict)
    after: int = 0
    """The list's last version when the dry run was made; 0 before the first."""
    changed: bool = False
    """Whether the dry run was made anew because somebody else had imported into the list."""
    before: int | None = None
    """How many lines were refused before what was typed in their place, until it is told."""
    version: int = 0
    """The version that the file became; 0 until it is applied."""

    @property
    def folder(self) -> Path:
        """Where the file and what belongs to it are."""
        return FILES.folder(self.token)

    @property
    def path(self) -> Path:
        """The file as it was brought."""
        return self.folder / "file"

    @property
    def refused_path(self) -> Path:
        """The refused lines, to be mended."""
        return self.folder / "refused.csv"

    @property
    def columns(self) -> Layout | None:
        """How the columns are read; ``None``: as the headings say."""
        return Layout.read(self.layout) if self.layout else None

    def mended_cells(self) -> dict[int, Cells]:
        """What a person wrote in the place of refused lines."""
        return {int(number): (cells[0], cells[1], cells[2], cells[3]) for number, cells in self.mended.items()}

    def keep_refused(self, lines: Iterator[RefusedLine]) -> None:
        """Write the refused lines to their file."""
        write_table(self.refused_path, REFUSED_COLUMNS, map(refused_cells, lines), Format.CSV)

    def keep_lines(self, lines: Iterable[LineOutcome]) -> None:
        """Write what would become of each line."""
        with (self.folder / "lines.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(line), ensure_ascii=False) + "\n" for line in lines)

    def lines(self) -> list[LineOutcome]:
        """What would become of each line, as the last dry run found."""
        try:
            with (self.folder / "lines.jsonl").open(encoding="utf-8") as file:
                return [LineOutcome(**json.loads(line)) for line in file]
        except FileNotFoundError:
            raise gone() from None

    def save(self) -> None:
        """Remember what is known of the file, whole or not at all."""
        FILES.know(self.token, asdict(self))

    def applied(self, version: int) -> None:
        """Forget the file and its lines; what it became is remembered for whoever sends it twice."""
        self.version, self.mended = version, {}
        self.save()
        for path in self.folder.iterdir():
            if path.name != FILES.known:
                path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Forget the upload and its file."""
        FILES.discard(self.token)


def receive(
    user: User, target: List, file_name: str, chunks: Iterable[bytes], append: bool, pasted: bool = False
) -> Upload:
    """Keep a file that somebody brought. Raises :class:`~tamis.errors.Refused` for one over the limit."""
    upload = Upload(FILES.receive(chunks), user.pk, target.pk, file_name or "?", append, pasted)
    upload.save()
    return upload


def find(token: str, user: User, target: List) -> Upload:
    """A file by its token. Raises :class:`~tamis.errors.NotFound` for somebody else's, or one that is gone."""
    known = FILES.find(token)
    if known is None or (known["user_id"], known["list_id"]) != (user.pk, target.pk):
        raise gone()
    return Upload(**known)


def gone() -> NotFound:
    """The error for a file that was applied, swept away, or never was."""
    return NotFound(say("Ce fichier vérifié n'est plus là : choisissez-le à nouveau."), "upload.gone")
