"""How many will enter an audience in the next weeks: a level that follows the past, and an interval.

The model is the discounted Gamma-Poisson of A. C. Harvey & C. Fernandes, Time series models for count or qualitative
observations, Journal of Business & Economic Statistics 7 (1989), with counts that scatter more than Poisson's (negative
binomial). The level is what past weeks say of it, each week ago counting ``memory`` times as much; the counts of a week
scatter around it with variance ``m + m² · scatter``. Both are chosen as those under which each week of the past was
least of a surprise to those before it. It knows neither trend nor season: docs/reference/previsions.md says what that
costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import exp, lgamma, log, sqrt
from statistics import NormalDist

MEMORIES = (0.5, 0.65, 0.75, 0.85, 0.92, 0.97, 1.0)
SCATTERS = (0.0, 0.03, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5)
LEAST = 8
"""Weeks of past without which nothing is foretold."""
LONGEST_PAST = 104
"""Weeks of past that are looked at."""
SHARE = 0.8
"""Of the interval: it is meant to hold four weeks of five."""
_FAINT = 0.5
"""What is known of the level before the first week: half a week that had an entry."""
_LARGE = 400.0
"""Beyond this mean quantiles are those of the gamma distribution of the same mean and variance."""


@dataclass(frozen=True)
class Week:
    """Entries that refreshes found in the week that begins on a Monday; they came within so many weeks.

    A week without any refresh is not there; what came in it is found in a later one, which then covers both.
    """

    monday: date
    entered: int
    covers: int = 1


@dataclass(frozen=True)
class Expected:
    """What is expected of a week: the mean, and the interval from ``low`` to ``high``, both within it."""

    mean: float
    low: int
    high: int


@dataclass(frozen=True)
class _State:
    """What is known of the level: as if ``weeks`` weeks had been seen, with ``seen`` entries in all."""

    seen: float
    weeks: float

    def after(self, week: Week, memory: float, scatter: float) -> "_State":
        """What is known after a week; the more its count scatters, the less it says."""
        seen, weeks = memory * self.seen, memory * self.weeks
        worth = 1 / (1 + scatter * week.covers * self.seen / self.weeks)
        return _State(seen + worth * week.entered, weeks + worth * week.covers)

    def ahead(self, weeks: int, covers: int, memory: float, scatter: float) -> tuple[float, float]:
        """The mean and the variance of a count so many weeks ahead."""
        mean = covers * self.seen / self.weeks
        known = max(self.seen * memory**weeks, 1e-6)
        return mean, mean + mean * mean * (1 / known + scatter)


@dataclass(frozen=True)
class Model:
    """How the past is weighed: chosen for it by :func:`fitted`."""

    memory: float
    scatter: float

    def surprise(self, past: Sequence[Week]) -> float:
        """How unlikely each week was to those before it: minus the log of its probability, summed."""
        state, total = _start(past), 0.0
        for place, week in enumerate(past):
            if place >= LEAST // 2:
                total -= _log_probability(week.entered, *state.ahead(1, week.covers, self.memory, self.scatter))
            state = state.after(week, self.memory, self.scatter)
        return total

    def expect(self, past: Sequence[Week], weeks: int) -> list[Expected]:
        """What is expected of the weeks to come, the next one first."""
        state = _start(past)
        for week in past:
            state = state.after(week, self.memory, self.scatter)
        return [_expected(*state.ahead(n, 1, self.memory, self.scatter)) for n in range(1, weeks + 1)]


def _start(past: Sequence[Week]) -> _State:
    first = past[: LEAST // 2]
    rate = (sum(week.entered for week in first) + _FAINT) / sum(week.covers for week in first)
    return _State(rate * _FAINT, _FAINT)


def fitted(past: Sequence[Week]) -> Model:
    """The model under which the past was least of a surprise."""
    models = (Model(memory, scatter) for memory, scatter in product(MEMORIES, SCATTERS))
    return min(models, key=lambda model: model.surprise(past))


def forecast(past: Sequence[Week], weeks: int) -> list[Expected]:
    """What is expected of the weeks to come; nothing when there is not enough past."""
    past = past[-LONGEST_PAST:]
    return fitted(past).expect(past, weeks) if len(past) >= LEAST else []


@dataclass(frozen=True)
class Backtest:
    """How forecasts of the last weeks, each made from those before it, did: all of one week ahead.

    ``inside`` of ``weeks`` were in their interval; ``error`` is the mean distance of the count from the mean that was
    expected, ``naive`` that from the count of the week before.
    """

    weeks: int
    inside: int
    error: float
    naive: float


def backtest(past: Sequence[Week], most: int = 8) -> Backtest | None:
    """The last weeks held back one after the other; ``None`` where too little would be left."""
    held = min(most, len(past) - LEAST)
    if held < 1:
        return None
    inside, error, naive = 0, 0.0, 0.0
    for place in range(len(past) - held, len(past)):
        week, before = past[place], past[max(place - LONGEST_PAST, 0) : place]
        [expected] = _of_covered(before, week.covers)
        inside += expected.low <= week.entered <= expected.high
        error += abs(week.entered - expected.mean)
        naive += abs(week.entered - before[-1].entered * week.covers / before[-1].covers)
    return Backtest(held, inside, error / held, naive / held)


def _of_covered(past: Sequence[Week], covers: int) -> list[Expected]:
    model = fitted(past)
    state = _start(past)
    for week in past:
        state = state.after(week, model.memory, model.scatter)
    return [_expected(*state.ahead(1, covers, model.memory, model.scatter))]


# Counts that scatter


def _expected(mean: float, variance: float) -> Expected:
    return Expected(mean, quantile((1 - SHARE) / 2, mean, variance), quantile((1 + SHARE) / 2, mean, variance))


def _log_probability(n: int, mean: float, variance: float) -> float:
    """The log of the probability of a count: negative binomial, or Poisson where the variance is the mean."""
    over = (variance - mean) / (mean * mean)
    if over < 1e-9:
        return n * log(mean) - mean - lgamma(n + 1)
    r = 1 / over
    return lgamma(n + r) - lgamma(r) - lgamma(n + 1) + r * log(r / (r + mean)) + n * log(mean / (r + mean))


def quantile(share: float, mean: float, variance: float) -> int:
    """The least count that a count does not exceed with this probability."""
    if mean > _LARGE:
        return _of_gamma(share, mean, variance)
    n, reached = 0, exp(_log_probability(0, mean, variance))
    while reached < share and n < 1_000_000:
        n += 1
        reached += exp(_log_probability(n, mean, variance))
    return n


def _of_gamma(share: float, mean: float, variance: float) -> int:
    """By E. B. Wilson & M. M. Hilferty (1931)."""
    shape, z = mean * mean / variance, NormalDist().inv_cdf(share)
    return max(round(mean * (1 - 1 / (9 * shape) + z / (3 * sqrt(shape))) ** 3), 0)
