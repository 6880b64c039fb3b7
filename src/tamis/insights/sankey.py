"""A Sankey picture: columns of nodes, and bands between neighbours, each as thick as what it carries.

The nodes of every column stand in one order, so that a band that goes straight on means that nothing changed; bands
leave a node in the order of where they go, and reach one in the order of whence they come, so that they cross as little
as that order lets them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NODE, HEIGHT, GAP, THIN = 14, 420, 12, 2.0
"""In pixels: the width of a node, all that a column carries, between nodes, the thinnest band."""
HEAD, SIDE = 30, 110
"""In pixels: room above for the columns' names, and on both sides for the nodes'."""
NEAR, ACROSS = 200, 960
"""In pixels: from column to column at least, and over all of them where they are few."""


@dataclass(frozen=True)
class Node:
    """A place in a column: what it is, how much it carries, and its box."""

    key: str
    column: int
    n: int
    x: int
    y: float
    height: float

    @property
    def middle(self) -> float:
        """Where its name stands."""
        return self.y + self.height / 2

    @property
    def box(self) -> dict[str, str]:
        """Its numbers as SVG writes them."""
        return {"y": f"{self.y:.1f}", "height": f"{self.height:.1f}", "middle": f"{self.middle + 4:.1f}"}


@dataclass(frozen=True)
class Band:
    """What goes from a node to one of the next column: how much, and its outline."""

    source: str
    target: str
    column: int
    n: int
    path: str


@dataclass(frozen=True)
class Sankey:
    """The picture: its size, its nodes, its bands."""

    width: int
    height: int
    columns: Sequence[int]
    nodes: Sequence[Node]
    bands: Sequence[Band]


def sankey(steps: Sequence[Mapping[tuple[str, str], int]], order: Sequence[str]) -> Sankey:
    """The picture of what goes from column to column; ``order`` is that of nodes, from the top."""
    rank = {key: place for place, key in enumerate(order)}
    ways = [sorted(((s, t, n) for (s, t), n in step.items() if n), key=lambda way: (rank[way[0]], rank[way[1]]))
            for step in steps]  # fmt: skip
    columns = len(steps) + 1
    carried = [[_carried(ways, column, key) for key in order] for column in range(columns)]
    scale = HEIGHT / max(1, *(sum(max(pair) for pair in column) for column in carried))
    thick = [[max(n * scale, THIN) for _, _, n in step] for step in ways]
    nodes = [node for column in range(columns) for node in _nodes(order, column, carried[column], ways, thick)]
    bands = _bands({(node.column, node.key): node for node in nodes}, ways, thick)
    height = max((node.y + node.height for node in nodes), default=HEAD)
    return Sankey(_x(len(steps), ways) + NODE + SIDE, round(height) + GAP,
                  [_x(column, ways) for column in range(columns)], nodes, bands)  # fmt: skip


Ways = Sequence[tuple[str, str, int]]


def _x(column: int, ways: Sequence[Ways]) -> int:
    """Where a column begins."""
    return SIDE + column * max(NEAR, ACROSS // max(len(ways), 1))


def _carried(ways: Sequence[Ways], column: int, key: str) -> tuple[int, int]:
    """How much comes into a node, and leaves it."""
    comes = sum(n for _, target, n in ways[column - 1] if target == key) if column else 0
    leaves = sum(n for source, _, n in ways[column] if source == key) if column < len(ways) else 0
    return comes, leaves


def _nodes(
    order: Sequence[str], column: int, carried: Sequence[tuple[int, int]], ways: Sequence[Ways],
    thick: Sequence[Sequence[float]],
) -> list[Node]:  # fmt: skip
    """The nodes of a column, one below the other; those that carry nothing are left out."""
    found, y = [], float(HEAD)
    for key, both in zip(order, carried, strict=True):
        if not max(both):
            continue
        sides = [
            sum(wide for (_, target, _), wide in zip(ways[column - 1], thick[column - 1], strict=True) if target == key)
            if column else 0.0,
            sum(wide for (source, _, _), wide in zip(ways[column], thick[column], strict=True) if source == key)
            if column < len(ways) else 0.0,
        ]  # fmt: skip
        found.append(Node(key, column, max(both), _x(column, ways), y, max(sides)))
        y += max(sides) + GAP
    return found


def _bands(
    nodes: Mapping[tuple[int, str], Node], ways: Sequence[Ways], thick: Sequence[Sequence[float]]
) -> list[Band]:  # fmt: skip
    made = []
    for column, step in enumerate(ways):
        left = {key: node.y for (place, key), node in nodes.items() if place == column}
        right = {key: node.y for (place, key), node in nodes.items() if place == column + 1}
        for (source, target, n), wide in zip(step, thick[column], strict=True):
            x, to_x = _x(column, ways) + NODE, _x(column + 1, ways)
            made.append(Band(source, target, column, n, _path(x, left[source], to_x, right[target], wide)))
            left[source] += wide
            right[target] += wide
    return made


def _path(x: int, y: float, to_x: int, to_y: float, wide: float) -> str:
    middle = (x + to_x) // 2
    return (
        f"M{x} {y:.1f}C{middle} {y:.1f} {middle} {to_y:.1f} {to_x} {to_y:.1f}V{to_y + wide:.1f}"
        f"C{middle} {to_y + wide:.1f} {middle} {y + wide:.1f} {x} {y + wide:.1f}Z"
    )
