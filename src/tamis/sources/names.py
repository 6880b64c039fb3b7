"""Files of names to look up: a directory of companies, names as somebody wrote them, pairs with the answer known."""

from collections.abc import Iterator
from pathlib import Path

from tamis.errors import Unreadable
from tamis.identity.folding import fold
from tamis.messages import say
from tamis.sources.company_fields import field_of
from tamis.sources.tables import open_table

WRITTEN = "variant_name"


def read_directory(path: Path) -> Iterator[tuple[str, str]]:
    """``(siren, name)`` for every company of a file with those columns. Raises :class:`~tamis.errors.Unreadable`."""
    return _columns(path, ("siren",), ("name",))


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """``(name as written, siren)`` for every line of a file of pairs. Raises :class:`~tamis.errors.Unreadable`."""
    return [*_columns(path, (WRITTEN, "name"), ("siren",))]


def read_names(path: Path) -> list[str]:
    """The names of a file: the column of names of a list, or one name a line. Raises ``Unreadable``."""
    with open_table(path, known_heading=lambda heading: _meaning(heading) == "name") as table:
        places = [place for place, heading in enumerate(table.headings) if _meaning(heading) == "name"]
        if places:
            return [name for row in table.rows if (name := row.cells[places[0]].strip())]
        encoding = table.encoding
    with path.open(encoding=encoding or "utf-8-sig", errors="replace") as file:
        return [name for line in file if (name := line.strip())]


def _columns(path: Path, one: tuple[str, ...], other: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The cells of two columns, each the first one there is of several meanings."""
    with open_table(path, known_heading=lambda heading: _meaning(heading) in (*one, *other)) as table:
        meanings = [_meaning(heading) for heading in table.headings]
        places = [
            next((meanings.index(meaning) for meaning in wanted if meaning in meanings), None)
            for wanted in (one, other)
        ]
        if None in places:
            raise Unreadable(
                say(
                    "{file} : colonnes « {one} » et « {other} » attendues, « {found} » trouvées",
                    file=path.name, one=one[0], other=other[0], found=", ".join(table.headings),
                ),
                "heading.missing",
            )  # fmt: skip
        first, second = (place for place in places if place is not None)
        for row in table.rows:
            yield row.cells[first].strip(), row.cells[second].strip()


def _meaning(heading: str) -> str:
    """The key of the field that a heading names, or the heading itself."""
    field = field_of(heading)
    return field.key if field else fold(heading)
