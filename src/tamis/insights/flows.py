"""From which segment to which: where each company stood at several moments, and how many went from where to where."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

NEW = "new"
"""Where companies come from that were not known yet."""


class Moved(NamedTuple):
    """A company went from one segment to another, or to another list of the same."""

    company: int
    at: datetime
    source: str | None
    target: str


class Appeared(NamedTuple):
    """A company became known; ``segment`` is where it is now."""

    company: int
    at: datetime
    segment: str


class Way(NamedTuple):
    """From one segment (or :data:`NEW`) to another, or to the same."""

    source: str
    target: str


@dataclass(frozen=True)
class Step:
    """Between two moments: how many went which way, and who they were, but for those who stayed."""

    since: datetime
    until: datetime
    ways: Mapping[Way, int]
    movers: Mapping[Way, Sequence[int]]


def flows(
    moments: Sequence[datetime], now: Mapping[str, int], moved: Iterable[Moved], appeared: Iterable[Appeared]
) -> list[Step]:
    """The steps between moments.

    ``now`` is how many are in each segment today; ``moved`` and ``appeared`` are all that happened after the first
    moment, up to today: the moves company by company, those of one in their order. Who has neither stood still.
    """
    still, newcomers = Counter(now), {each.company: each for each in appeared}
    ways: list[Counter[Way]] = [Counter() for _ in moments[1:]]
    movers: list[defaultdict[Way, list[int]]] = [defaultdict(list) for _ in moments[1:]]

    def note(company: int, stood: Sequence[str]) -> None:
        for place, way in enumerate(map(Way, stood, stood[1:])):
            if way.target != NEW:
                ways[place][way] += 1
                if way.source != way.target:
                    movers[place][way].append(company)

    for company, one_by_one in groupby(moved, key=lambda each: each.company):
        steps, newcomer = [*one_by_one], newcomers.pop(company, None)
        still[steps[-1].target] -= 1
        note(company, _stood(moments, steps, newcomer))
    for newcomer in newcomers.values():
        still[newcomer.segment] -= 1
        note(newcomer.company, [newcomer.segment if newcomer.at <= each else NEW for each in moments])
    for counted in ways:
        counted.update({Way(segment, segment): n for segment, n in still.items() if n > 0})
    return [Step(*each) for each in zip(moments, moments[1:], ways, movers, strict=False)]


def _stood(moments: Sequence[datetime], steps: Sequence[Moved], newcomer: Appeared | None) -> list[str]:
    """Where a company that moved stood at each moment."""
    found, place, here = [], 0, steps[0].source or NEW
    for moment in moments:
        while place < len(steps) and steps[place].at <= moment:
            here, place = steps[place].target, place + 1
        found.append(NEW if newcomer and newcomer.at > moment else here)
    return found
