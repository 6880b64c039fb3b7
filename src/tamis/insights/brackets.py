"""Numbers and days put into brackets: what each is called, which values are in it, the condition that selects it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tamis.insights.effects import Counts
from tamis.messages import Message, say
from tamis.rules.instants import start_of, today
from tamis.rules.nodes import AllOf, Condition, Field, Test
from tamis.rules.vocabulary import Vocabulary

Values = NDArray[Any]
EPOCH = date(1970, 1, 1)
QUARTER = 900_000_000
"""Microseconds of a quarter of an hour: days begin at a whole one in every time zone."""

HEADCOUNTS = (0, 9, 49, 249, 4999)
"""Bounds of the size classes of the decree 2008-1354 (TPE, PME, ETI, GE); nobody, and those below fifty, in two."""
RECENT = (0, 30, 90, 365, 3 * 365, 10 * 365)
"""Bounds of spans of days, counted back from today."""
SHARES = (0.2, 0.4, 0.6, 0.8)


class Bracket(NamedTuple):
    """What a bracket is called, which of the values are in it, and the condition that selects it."""

    label: Message | str
    inside: NDArray[np.bool_]
    condition: Condition


def of_numbers(measure: Field, values: Values, counts: Counts) -> list[Bracket]:
    """Up to the first bound, beyond it and up to the second, .., beyond the last; the values are in order."""
    bounds = [Decimal(each) for each in HEADCOUNTS] if measure.name == "headcount" else _fifths(values, counts)
    if not bounds:  # all have the same
        only = _exact(values[0])
        return [Bracket(written(only), values == values[0], Test(measure, "=", (only,)))]
    first, last = bounds[0], bounds[-1]
    made = [Bracket(say("jusqu'à {to}", to=written(first)), values <= float(first), Test(measure, "<=", (first,)))]
    for low, high in pairwise(bounds):
        inside = (values > float(low)) & (values <= float(high))
        both = AllOf((Test(measure, ">", (low,)), Test(measure, "<=", (high,))))
        made.append(Bracket(say("plus de {of}, jusqu'à {to}", of=written(low), to=written(high)), inside, both))
    return [*made, Bracket(say("plus de {of}", of=written(last)), values > float(last), Test(measure, ">", (last,)))]


def _fifths(values: Values, counts: Counts) -> list[Decimal]:
    """The values that a fifth, two fifths ... of all do not exceed, each once, the highest left out."""
    heaped = np.cumsum(counts)
    places: Sequence[int] = np.searchsorted(heaped, np.array(SHARES) * heaped[-1]).tolist()
    return sorted({_exact(values[place]) for place in places} - {_exact(values[-1])})


def _exact(value: float) -> Decimal:
    """A number as rules write it: at most four places."""
    return Decimal(f"{value:.4f}").normalize() + 0


def written(value: Decimal) -> str:
    """A number as people read it, in the same way in both languages."""
    text = f"{value:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(",", "\u202f")


def of_days(measure: Field, values: Values, now: datetime, known: Vocabulary, *, instants: bool) -> Iterator[Bracket]:
    """What is to come, then spans that end today, the latest first; values are days, or quarters of an hour, UTC."""
    here = today(now, known.zone)
    days = [here - timedelta(days=n) for n in RECENT]

    def since(day: date) -> NDArray[np.bool_]:
        if not instants:
            return np.asarray(values >= (day - EPOCH).days)
        return np.asarray(values >= int(start_of(day, known.zone).timestamp()) * 1_000_000 // QUARTER)

    yield Bracket(say("à venir"), since(here + timedelta(days=1)), Test(measure, "after", (here,)))
    for (new, old), (last, first) in zip(pairwise(RECENT), pairwise(days), strict=True):
        first, after = first + timedelta(days=1), last + timedelta(days=1)
        yield Bracket(_span(new, old), since(first) & ~since(after), Test(measure, "between", (first, last)))
    oldest = days[-1] + timedelta(days=1)
    yield Bracket(say("il y a plus de {years} ans", years=RECENT[-1] // 365), ~since(oldest),
                  Test(measure, "before", (oldest,)))  # fmt: skip


def _span(new: int, old: int) -> Message:
    if not new:
        return say("ces {days} derniers jours", days=old)
    if old <= 365:
        return say("il y a {new} à {old} jours", new=new, old=old)
    return say("il y a {new} à {old} ans", new=new // 365, old=old // 365)
