"""Forecasts of entries held against series whose truth is known: ``python -m bench.forecasts`` prints the table of
docs/reference/previsions.md. Every figure is the same each time: the draws are seeded.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from math import pi, sin
from typing import NamedTuple

import numpy as np

from tamis.insights.forecast import Week, forecast

WEEKS, HELD, SERIES = 60, 12, 40
MONDAY = date(2025, 1, 6)
Draw = np.random.Generator
Level = Callable[[int], float]

LEVELS: dict[str, tuple[Level, float]] = {
    "plate, 3 par semaine": (lambda _: 3.0, 0.0),
    "plate, 40 par semaine": (lambda _: 40.0, 0.0),
    "dispersée (variance m + 0,5 m²)": (lambda _: 30.0, 0.5),
    "tendance, +2 % par semaine": (lambda n: 20.0 * 1.02**n, 0.05),
    "tendance, −3 % par semaine": (lambda n: 60.0 * 0.97**n, 0.05),
    "saison de 13 semaines, ±50 %": (lambda n: 30.0 * (1 + 0.5 * sin(2 * pi * n / 13)), 0.05),
    "marche soudaine, 10 puis 40": (lambda n: 10.0 if n < 35 else 40.0, 0.05),
    "à trous (une semaine sur quatre sans rafraîchissement)": (lambda _: 25.0, 0.1),
}
"""What each series is around, and how much it scatters."""


class Scores(NamedTuple):
    """Of the weeks held back: the share within the interval, how wide it is, the mean error, that of last week's."""

    coverage: float
    width: float
    error: float
    naive: float


def series(name: str, seed: int) -> list[Week]:
    """A past of known truth."""
    level, scatter = LEVELS[name]
    draw = np.random.default_rng([seed, list(LEVELS).index(name)])
    counts = [_count(draw, level(n), scatter) for n in range(WEEKS)]
    return [*_with_gaps(counts)] if name.startswith("à trous") else [Week(_monday(n), c) for n, c in enumerate(counts)]


def _count(draw: Draw, mean: float, scatter: float) -> int:
    rate = draw.gamma(1 / scatter, mean * scatter) if scatter else mean
    return int(draw.poisson(rate))


def _with_gaps(counts: Sequence[int]) -> Iterator[Week]:
    """Every fourth week lacks a refresh: the next one finds what came in both."""
    for n, count in enumerate(counts):
        if n % 4 == 3:
            continue
        after_gap = n % 4 == 0 and n > 0
        yield Week(_monday(n), count + (counts[n - 1] if after_gap else 0), 1 + after_gap)


def _monday(n: int) -> date:
    return MONDAY + timedelta(weeks=n)


def scores(name: str, many: int = SERIES) -> Scores:
    """The last weeks of many such series held back, each foretold from those before it."""
    inside, widths, errors, naives = [], [], [], []
    for seed in range(many):
        past = series(name, seed)
        for place in range(len(past) - HELD, len(past)):
            week, before = past[place], past[:place]
            if week.covers > 1:
                continue
            [expected] = forecast(before, 1)
            inside.append(expected.low <= week.entered <= expected.high)
            widths.append(expected.high - expected.low)
            errors.append(abs(week.entered - expected.mean))
            naives.append(abs(week.entered - before[-1].entered / before[-1].covers))
    return Scores(*(float(np.mean(each)) for each in (inside, widths, errors, naives)))


def table() -> Iterator[str]:
    """The table of the documentation, line by line."""
    yield "| série | dans l'intervalle à 80 % | largeur | erreur moyenne | « comme la semaine d'avant » |"
    yield "|---|---|---|---|---|"
    for name in LEVELS:
        found = scores(name)
        figures = " | ".join(f"{each:.1f}".replace(".", ",") for each in found[1:])
        yield f"| {name} | {100 * found.coverage:.0f} % | {figures} |"


if __name__ == "__main__":
    for line in table():
        print(line)
