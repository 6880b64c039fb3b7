"""Who entered an audience, or left it, on some days or by one refresh: what a bar of its pictures counts, by name.

A bar adds up what refreshes say of themselves; here are the edges of the same refreshes. Somebody who entered twice
counts twice on both sides. Whose data were erased since counts in the bar only: the page says how many they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tamis.app.models import Audience, AudienceAction, AudienceRun
from tamis.app.services import audiences, engine_tables
from tamis.app.services.audience_members import CHUNK, who
from tamis.app.services.days import midnight
from tamis.errors import Refused
from tamis.messages import say

if TYPE_CHECKING:
    from tamis.audiences.members import History

Edge = AudienceAction.Edge
Place = tuple[int, int]
"""A run and a subject: where a page ended."""
START: Place = (0, 0)


@dataclass(frozen=True)
class Period:
    """From the beginning of one day to the end of another, here; with what hands did, unless it is ``ruled``."""

    first: date
    last: date
    ruled: bool = False

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The first instant, and the one after the last."""
        return midnight(self.first), midnight(self.last + timedelta(days=1))


@dataclass(frozen=True)
class Crossed:
    """Those who went over an edge of an audience in some of its refreshes."""

    audience: Audience
    edge: Edge
    runs: Mapping[int, AudienceRun]

    @property
    def count(self) -> int:
        """How many the refreshes counted."""
        return sum(run.entered if self._entered else run.left for run in self.runs.values())

    @cached_property
    def erased(self) -> int:
        """How many of them are not known any more."""
        return self.count - self._history.counted([*self.runs], self._entered)

    def page(self, beyond: Place, most: int) -> tuple[list[dict[str, Any]], Place | None]:
        """Who they are, refresh by refresh, at most so many beyond a place; and where the next page begins.

        Each has ``id``, ``name`` (empty of who exists no more), ``siren`` or ``email``, ``instant`` and ``run``.
        """
        rows = self._history.crossed([*self.runs], self._entered, beyond, most + 1).to_pylist()
        shown = rows[:most]
        known = who(audiences.subject_of(self.audience), [row["subject"] for row in shown])
        end = (shown[-1]["run"], shown[-1]["subject"]) if len(rows) > most else None
        return [self._told(row, known) for row in shown], end

    def rows(self) -> Iterator[dict[str, Any]]:
        """All of them, for programs."""
        beyond: Place | None = START
        while beyond:
            rows, beyond = self.page(beyond, CHUNK)
            yield from map(row_json, rows)

    def as_json(self) -> dict[str, Any]:
        """What has to be known of them all, for programs."""
        return {
            "audience": self.audience.name, "subject": self.audience.subject, "edge": self.edge.value,
            "count": self.count, "erased": self.erased,
        }  # fmt: skip

    def _told(self, row: Mapping[str, Any], known: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
        nobody = {"id": row["subject"], "name": ""}
        run = {"instant": row["instant"].astimezone(UTC), "run": self.runs[row["run"]]}
        return known.get(row["subject"], nobody) | run

    @property
    def _entered(self) -> bool:
        return self.edge is Edge.ENTER

    @cached_property
    def _history(self) -> "History":
        from tamis.audiences.members import History

        return History(engine_tables.members_folder(), self.audience.pk)


def row_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody on a page, for programs."""
    run = row["run"]
    return {**row, "run": run.pk, "version": run.version.number, "way": run.way}


def in_period(audience: Audience, edge: Edge, period: Period) -> Crossed:
    """Who entered, or left, on some days. Raises :class:`~tamis.errors.Refused` when the last is before the first."""
    if period.last < period.first:
        raise Refused(say("Le dernier jour est avant le premier : échangez-les."), "audience.days")
    start, end = period.bounds
    found = _done(audience).filter(now__gte=start, now__lt=end)
    return _crossed(audience, edge, found.exclude(way=AudienceRun.Way.HAND) if period.ruled else found)


def by_run(audience: Audience, edge: Edge, run: int) -> Crossed:
    """Who entered, or left, by one refresh."""
    return _crossed(audience, edge, _done(audience).filter(pk=run))


def day(text: str) -> date:
    """A day as ISO 8601 writes it. Raises :class:`~tamis.errors.Refused`."""
    try:
        found = date.fromisoformat(text.strip())
        if not 2000 <= found.year <= 2999:
            raise ValueError(text)
        return found
    except ValueError:
        raise Refused(
            say("« {text} » n'est pas un jour : écrivez 2026-03-31.", text=text[:20]), "audience.day"
        ) from None


def _done(audience: Audience) -> Any:
    return audience.runs.filter(state=AudienceRun.State.DONE).select_related("version")


def _crossed(audience: Audience, edge: Edge, runs: Sequence[AudienceRun]) -> Crossed:
    return Crossed(audience, edge, {run.pk: run for run in runs})
