"""The columns of a file before it is imported: what each holds, and the field that it seems to be."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tamis.app.services.import_layouts import COMPANIES, SAMPLES, Layout
from tamis.identity.folding import fold
from tamis.sources.companies import suggested_field
from tamis.sources.tables import open_table

SHOWN = 3
"""How many of a column's cells are shown."""
MOST = 200
"""How many columns a person is asked about; beyond them, what is recognised is taken and the rest ignored."""


@dataclass(frozen=True)
class SeenColumn:
    """A column: its heading, a few of its filled cells, the key of its field if it has one, the type of a new one."""

    heading: str
    samples: tuple[str, ...]
    field: str
    type: str
    outward: bool
    """Whether Tamis's own exports have it to say where a company stood."""


def seen_columns(path: Path, name: str, layout: Layout = COMPANIES) -> list[SeenColumn]:
    """The columns of a file that have a heading. Raises :class:`~tamis.errors.Unreadable`."""
    with open_table(path, name=name, known_heading=layout.recognised({})) as table:
        rows = [*islice(table.rows, SAMPLES)]
        found = []
        for place, heading in enumerate(table.headings[:MOST]):
            if not heading:
                continue
            cells = [row.cells[place] for row in rows if row.cells[place].strip()]
            field = layout.key_of(layout.columns_of([heading], {})[0])
            type = suggested_field(heading, cells)["type"]
            found.append(SeenColumn(heading, tuple(cells[:SHOWN]), field, type, fold(heading) in layout.outward))
    return found
