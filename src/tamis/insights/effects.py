"""How large a difference between two groups is, and how sure one can be of it.

R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17
(1998), method 10. H. Cramér, Mathematical Methods of Statistics (1946), § 21.9; its bias: W. Bergsma, A bias-correction
for Cramér's V, J. Korean Statistical Society 42 (2013), here summed exactly where few have a value. N. Cliff, Dominance
statistics, Psychological Bulletin 114 (1993).
"""

from math import comb, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

MANY = 60
"""A value that more have than this adds by chance what it would in the limit."""
Z = 2.5758
"""Of an interval of 99 %: hundreds of shares are compared at once, of which one in twenty would err at 95 %."""


class Difference(NamedTuple):
    """A difference of two shares, and the interval that holds it with 99 %: all from -1 to 1."""

    points: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out that there is no difference."""
        return self.low > 0 or self.high < 0


def wilson(n: int, of: int, z: float = Z) -> tuple[float, float]:
    """The interval of a share, by Wilson's score; of nobody, everything is possible."""
    if not of:
        return 0.0, 1.0
    share = n / of
    middle, wide = share + z * z / (2 * of), z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max((middle - wide) / (1 + z * z / of), 0.0), min((middle + wide) / (1 + z * z / of), 1.0)


def difference(a: int, of_a: int, b: int, of_b: int, z: float = Z) -> Difference:
    """``a / of_a - b / of_b`` with its interval by Newcombe's method 10; the share of nobody is 0."""
    p, q = a / of_a if of_a else 0.0, b / of_b if of_b else 0.0
    (low_p, high_p), (low_q, high_q) = wilson(a, of_a, z), wilson(b, of_b, z)
    below, above = sqrt((p - low_p) ** 2 + (high_q - q) ** 2), sqrt((high_p - p) ** 2 + (q - low_q) ** 2)
    return Difference(p - q, max(p - q - below, -1.0), min(p - q + above, 1.0))


def cramer(a: Counts, b: Counts) -> float:
    """Cramér's V between being in a group and having a value, as if both groups were as large: from 0 to 1.

    ``a`` and ``b`` hold how many of each group have each value. What chance alone makes of it is taken off, of what can
    be as of what is, so that a field of many values does not come first because of that, and 1 can still be reached.
    """
    of_a, of_b = int(a.sum()), int(b.sum())
    there = (a + b) > 0
    if not of_a or not of_b:
        return 0.0
    p, q = a[there] / of_a, b[there] / of_b
    squared = float(((p - q) ** 2 / (2 * (p + q))).sum())
    chance = _of_chance((a + b)[there], of_a, of_b)
    return sqrt(min(max((squared - chance) / (1 - chance), 0.0), 1.0)) if chance < 1 else 0.0


def _of_chance(counts: Counts, of_a: int, of_b: int) -> float:
    """The square of V to expect where it is chance who is in which group, given how many have each value."""
    distinct, times = np.unique(counts, return_counts=True)
    return sum(_of_value(int(n), of_a, of_b) * int(k) for n, k in zip(distinct, times, strict=True))


def _of_value(n: int, of_a: int, of_b: int) -> float:
    """What a value that so many have adds by chance: summed over how many of them are in A, or the limit for many."""
    everybody = of_a + of_b
    rest = (everybody - n) / max(everybody - 1, 1)  # drawn without putting back: what all have tells nothing
    if n > MANY:
        return rest * (1 / of_a + 1 / of_b) / 4
    share, total = of_a / everybody, 0.0
    for x in range(n + 1):
        p, q = x / of_a, (n - x) / of_b
        total += comb(n, x) * share**x * (1 - share) ** (n - x) * (p - q) ** 2 / (2 * (p + q))
    return rest * total


def cliff(a: Counts, b: Counts) -> float | None:
    """Cliff's delta: how much likelier one of A has the higher value than one of B, less the contrary; from -1 to 1.

    ``a`` and ``b`` hold how many of each group have each value, in ascending order; ``None`` without values.
    """
    of_a, of_b = int(a.sum()), int(b.sum())
    if not of_a or not of_b:
        return None
    below = np.cumsum(b) - b
    wins = float((a * below.astype(np.float64)).sum())
    losses = float((a * (of_b - below - b).astype(np.float64)).sum())
    return (wins - losses) / of_a / of_b


def median_place(counts: Counts) -> int | None:
    """The place of the value that half of a group does not exceed; values stand in ascending order."""
    total = int(counts.sum())
    return int(np.searchsorted(np.cumsum(counts), total / 2)) if total else None
