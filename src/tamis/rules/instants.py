"""Windows of time and days as bounds: every instant is worked out here, in Python; engines only compare.

A bound is a pair: instants after the first (exclusive) and up to the second (inclusive); ``None`` where there is none.
Instants have whole microseconds, so "before noon" is "up to the last microsecond before noon".
"""

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tamis.rules.nodes import After, Before, Between, Last, Window

UNITS = {"hours": timedelta(hours=1), "days": timedelta(days=1), "weeks": timedelta(weeks=1)}
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
FIRST, END = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


class Bounds(NamedTuple):
    """After one instant and up to another."""

    after: datetime | None
    until: datetime


class Days(NamedTuple):
    """From one day to another, both included; ``None`` where there is no end."""

    first: date | None
    last: date | None


def bounds(window: Window | None, now: datetime, zone: ZoneInfo) -> Bounds:
    """The instants of a window as of ``now``; nothing later than now is ever in one."""
    match window:
        case None:
            return Bounds(None, now)
        case Last(n, "months"):
            return Bounds(months_before(now, n, zone), now)
        case Last(n, unit):
            return Bounds(earlier(now, n * UNITS[unit]), now)
        case Before(day):
            return Bounds(None, min(now, start_of(day, zone) - TICK))
        case After(day):
            return Bounds(start_of(next_day(day), zone) - TICK, now)
        case Between(first, last):
            return Bounds(start_of(first, zone) - TICK, min(now, start_of(next_day(last), zone) - TICK))


def earlier(now: datetime, span: timedelta) -> datetime:
    """The instant so long before, or the first there is."""
    return now - span if now - FIRST > span else FIRST


def months_before(now: datetime, n: int, zone: ZoneInfo) -> datetime:
    """The same local time so many calendar months earlier, clamped to the month's last day."""
    local = now.astimezone(zone)
    number = local.year * 12 + local.month - 1 - n
    year, month = number // 12, number % 12 + 1
    if year < 2:
        return FIRST
    day = min(local.day, calendar.monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day, fold=0).astimezone(UTC)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day."""
    if not FIRST.date() < day < END.date():
        return FIRST if day <= FIRST.date() else END
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def next_day(day: date) -> date:
    """The day after, or the last one there is."""
    return day + DAY if day < date.max else day


def today(now: datetime, zone: ZoneInfo) -> date:
    """The local day of an instant."""
    return now.astimezone(zone).date()


def days_ago(now: datetime, n: int, zone: ZoneInfo) -> date:
    """The day so many days before today, or the first there is."""
    day = today(now, zone)
    return day - timedelta(days=n) if (day - date.min).days >= n else date.min


def instants_of(days: Days, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """From the first instant of the first day (inclusive) to the first one after the last day (exclusive)."""
    first = start_of(days.first, zone) if days.first else None
    return first, start_of(next_day(days.last), zone) if days.last else None
