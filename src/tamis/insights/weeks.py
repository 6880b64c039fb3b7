"""Entries week by week, from what refreshes found; and the picture of them with what is expected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tamis.insights.forecast import Expected, Week

WEEK = timedelta(weeks=1)


class Refresh(NamedTuple):
    """A refresh that was done: as of when, under which version of the audience, and how many entered."""

    at: datetime
    version: int
    entered: int


def monday_of(moment: datetime, zone: ZoneInfo) -> date:
    """The Monday with which the ISO week of a moment begins here."""
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def weekly(refreshes: Iterable[Refresh], now: datetime, zone: ZoneInfo) -> tuple[list[Week], int]:
    """The whole weeks after the one that filled the audience, and how many entered so far in the present one.

    Those who entered as it was filled, or by the first refresh under another version, entered because of the rule: the
    weeks of such refreshes are left out. A week without refresh is part of the next one that has one.
    """
    found: dict[date, int] = {}
    filling: set[date] = set()
    version = None
    for each in sorted(refreshes):
        monday = monday_of(each.at, zone)
        if each.version != version:
            filling.add(monday)
        else:
            found[monday] = found.get(monday, 0) + each.entered
        version = each.version
    this = monday_of(now, zone)
    return _whole(found, filling, this), 0 if this in filling else found.get(this, 0)


def _whole(found: dict[date, int], filling: set[date], this: date) -> list[Week]:
    weeks, covers = [], 0
    monday = min(filling, default=this)
    while monday < this:
        covers += 1
        if monday in filling:
            covers = 0
        elif monday in found:
            weeks.append(Week(monday, found[monday], covers))
            covers = 0
        monday += WEEK
    return weeks


# The picture

PITCH, HEIGHT, HEAD, SIDE, FOOT = 24, 150, 18, 44, 24
"""In pixels: of a week, of the highest bar, above it, room for the scale, below for the days."""
SHOWN = 26
"""Weeks of past that are drawn."""


@dataclass(frozen=True)
class Bar:
    """A week of the past, or several that one refresh found together: as high as a week's share of them."""

    week: Week
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Span:
    """A week to come: the interval, and the mean within it."""

    monday: date
    expected: Expected
    x: int
    y: int
    width: int
    height: int
    mean: int


@dataclass(frozen=True)
class Picture:
    """Its size, the bars, what is expected, marks of the scale (number, height) and of days (day, place)."""

    width: int
    height: int
    floor: int
    bars: Sequence[Bar]
    spans: Sequence[Span]
    scale: Sequence[tuple[int, int]]
    days: Sequence[tuple[date, int]]


def picture(past: Sequence[Week], expected: Sequence[tuple[date, Expected]]) -> Picture:
    """The last weeks of the past, and those to come."""
    past = past[-SHOWN:]
    mondays = [*(each.monday - (each.covers - 1) * WEEK for each in past[:1]), *(monday for monday, _ in expected[:1])]
    first = min(mondays)
    top = _top(max([each.entered / each.covers for each in past] + [each.high for _, each in expected], default=1))
    last = max([each.monday for each in past] + [monday for monday, _ in expected])
    floor = HEAD + HEIGHT

    def x(monday: date) -> int:
        return SIDE + (monday - first).days // 7 * PITCH

    def y(n: float) -> int:
        return round(floor - HEIGHT * n / top)

    bars = []
    for each in past:
        mean, start = each.entered / each.covers, each.monday - (each.covers - 1) * WEEK
        tall = max(floor - y(mean), 1 if each.entered else 0)
        bars.append(Bar(each, x(start) + 2, floor - tall, each.covers * PITCH - 4, tall))
    spans = [
        Span(monday, each, x(monday) + 2, y(each.high), PITCH - 4, max(y(each.low) - y(each.high), 2), y(each.mean))
        for monday, each in expected
    ]
    days = [(monday, x(monday) + PITCH // 2) for n in range(0, (last - first).days // 7 + 1, 4)
            for monday in [first + n * WEEK]]  # fmt: skip
    return Picture(x(last) + PITCH + 8, floor + FOOT, floor, bars, spans, [(n, y(n)) for n in (top, top // 2)], days)


def _top(highest: float) -> int:
    """A round even number that nothing exceeds."""
    step = 2
    while step * 10 < highest:
        step *= 10
    return max(step * -(-int(highest + 0.999) // step), 2)
