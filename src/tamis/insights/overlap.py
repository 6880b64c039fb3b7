"""Who is in which of several audiences: how large each is, and how many are in exactly these and no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tamis.rules.nodes import AllOf, Condition, InAudience, Not, Rule, Subject
from tamis.rules.sql.query import Engine, Query, present

MOST = 8
"""So many audiences at once: with more, hardly anybody could tell the columns of the picture apart."""


@dataclass(frozen=True)
class Intersection:
    """Those who are in exactly some of the audiences: in these, and in none of the others; how many."""

    inside: tuple[bool, ...]
    n: int

    @property
    def degree(self) -> int:
        """In how many they are."""
        return sum(self.inside)

    @property
    def span(self) -> tuple[int, int]:
        """The places of the first and the last audience that they are in."""
        places = [place for place, inside in enumerate(self.inside) if inside]
        return places[0], places[-1]


@dataclass(frozen=True)
class Overlap:
    """The sizes of audiences, in the order in which they were named, and of their intersections, the largest first."""

    sizes: tuple[int, ...]
    intersections: tuple[Intersection, ...]

    @property
    def anybody(self) -> int:
        """How many are in at least one."""
        return sum(each.n for each in self.intersections)

    @property
    def everywhere(self) -> int:
        """How many are in all."""
        return sum(each.n for each in self.intersections if all(each.inside))


def overlap(engine: Engine, subject: Subject, audiences: Sequence[int]) -> Overlap:
    """How audiences of one subject overlap; who exists no more is left out, as a rule leaves them out.

    Raises :class:`~tamis.errors.Unreadable`.
    """
    rows = engine.ask(_query(subject, audiences)).to_pylist()
    found = [Intersection(_inside(row["mask"], len(audiences)), row["n"]) for row in rows]
    found.sort(key=lambda each: (-each.n, each.degree, [not inside for inside in each.inside]))
    sizes = (sum(each.n for each in found if each.inside[place]) for place in range(len(audiences)))
    return Overlap(tuple(sizes), tuple(found))


def _query(subject: Subject, audiences: Sequence[int]) -> Query:
    """Each subject has a mask: a bit an audience."""
    bits = " ".join(f"WHEN {each:d} THEN {1 << place}" for place, each in enumerate(audiences))
    named = ", ".join(f"{each:d}" for each in audiences)
    masks = (
        f"SELECT CAST(sum(CASE m.audience {bits} END) AS BIGINT) AS mask FROM members m "
        f"JOIN {subject} s ON s.id = m.subject WHERE {present(subject, 's')} AND m.audience IN ({named}) "
        "GROUP BY m.subject"
    )
    return Query(f"SELECT mask, count(*) AS n FROM ({masks}) x GROUP BY mask")


def _inside(mask: int, n: int) -> tuple[bool, ...]:
    return tuple(bool(mask >> place & 1) for place in range(n))


def rule_of(subject: Subject, names: Sequence[str], inside: Sequence[bool]) -> Rule:
    """The rule that selects those of an intersection of audiences with these names."""
    parts: list[Condition] = [InAudience(name) for name, here in zip(names, inside, strict=True) if here]
    parts += [Not(InAudience(name)) for name, here in zip(names, inside, strict=True) if not here]
    return Rule(subject, parts[0] if len(parts) == 1 else AllOf(tuple(parts)))


# The picture

PITCH, ROW, HEIGHT, HEAD = 46, 30, 170, 22
"""In pixels: from column to column, from row to row, of the highest bar, and above it for its number."""
WIDE = 26
"""In pixels: how wide a bar is."""


@dataclass(frozen=True)
class Dot:
    """An audience's place in a column, and whether those of the column are in it."""

    x: int
    y: int
    inside: bool


@dataclass(frozen=True)
class Column:
    """A column of the picture: a bar, its number above it, a dot an audience, a line through the dots that count."""

    intersection: Intersection
    left: int
    x: int
    bar_y: int
    bar_height: int
    dots: tuple[Dot, ...]
    line: tuple[int, int]

    @property
    def number_y(self) -> int:
        """Where the number stands."""
        return self.bar_y - 6


@dataclass(frozen=True)
class Upset:
    """The picture: its size, its columns, the tops of its rows, where bars stand."""

    columns: tuple[Column, ...]
    rows: tuple[int, ...]
    width: int
    height: int
    floor: int = HEAD + HEIGHT


def upset(overlap: Overlap, most: int) -> Upset:
    """The first so many intersections as an UpSet picture (Lex et al. 2014, IEEE TVCG 20(12))."""
    shown = overlap.intersections[:most]
    top = max((each.n for each in shown), default=1)
    rows = tuple(HEAD + HEIGHT + 12 + ROW * place for place in range(len(overlap.sizes)))
    columns = tuple(_column(each, place, top, rows) for place, each in enumerate(shown))
    return Upset(columns, rows, PITCH * max(len(shown), 1) + 8, HEAD + HEIGHT + 12 + ROW * len(rows))


def _column(each: Intersection, place: int, top: int, rows: Sequence[int]) -> Column:
    left = 4 + PITCH * place
    x = left + PITCH // 2
    height = max(round(HEIGHT * each.n / top), 2)
    dots = tuple(Dot(x, y + ROW // 2, inside) for y, inside in zip(rows, each.inside, strict=True))
    first, last = each.span
    return Column(each, left, x, HEAD + HEIGHT - height, height, dots, (dots[first].y, dots[last].y))


def as_json(overlap: Overlap, subject: Subject, names: Sequence[str]) -> list[dict[str, Any]]:
    """The intersections for programs, each with the rule that selects it."""
    from tamis.rules.rendering import render

    return [
        {
            "in": [name for name, inside in zip(names, each.inside, strict=True) if inside],
            "count": each.n,
            "rule": render(rule_of(subject, names, each.inside)),
        }
        for each in overlap.intersections
    ]
