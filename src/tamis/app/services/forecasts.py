"""What entered an audience week by week, and what is to be expected [D6]."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from tamis.app.models import Audience, AudienceRun, Workspace
from tamis.app.services import insights
from tamis.app.services.audience_history import Freshness, freshness_of
from tamis.errors import Refused
from tamis.messages import say

if TYPE_CHECKING:
    from tamis.insights.forecast import Backtest, Expected, Week

USUAL, MOST = 4, 12
"""Weeks to come."""


@dataclass(frozen=True)
class Forecast:
    """The whole weeks of an audience's past, what entered in the present one so far, and the weeks to come from it on.

    ``this`` is the present week's Monday. Without enough past nothing is ``expected``; ``tested`` says how such
    forecasts of the last weeks did.
    """

    audience: Freshness
    this: date
    past: "Sequence[Week]"
    so_far: int
    expected: "Sequence[tuple[date, Expected]]"
    tested: "Backtest | None"

    @property
    def missing(self) -> int:
        """How many weeks of past are missing."""
        from tamis.insights.forecast import LEAST

        return max(LEAST - len(self.past), 0)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        tested = self.tested
        return {
            "audience": insights.shown(self.audience), "so_far": self.so_far, "missing_weeks": self.missing,
            "past": [{"week": each.monday, "entered": each.entered, "covers": each.covers} for each in self.past],
            "expected": [
                {"week": monday, "mean": round(each.mean, 2), "low": each.low, "high": each.high}
                for monday, each in self.expected
            ],
            "tested": None if tested is None else {
                "weeks": tested.weeks, "inside": tested.inside, "error": round(tested.error, 2),
                "naive_error": round(tested.naive, 2),
            },
        }  # fmt: skip


def forecast(audience: Audience, weeks: int = USUAL) -> Forecast:
    """What is to be expected in the present week and those after it.

    Raises :class:`~tamis.errors.Refused` for no week, or more than twelve.
    """
    from tamis.insights.forecast import LEAST, backtest
    from tamis.insights.forecast import forecast as foretold
    from tamis.insights.weeks import Refresh, monday_of, weekly

    if not 1 <= weeks <= MOST:
        raise Refused(say("Demandez de 1 à {max} semaines.", max=MOST), "forecast.weeks")
    done = audience.runs.filter(state=AudienceRun.State.DONE).exclude(way=AudienceRun.Way.HAND)
    refreshes = [Refresh(*row) for row in done.values_list("now", "version__number", "entered")]
    zone, now = ZoneInfo(Workspace.objects.get().time_zone), timezone.now()
    past, so_far = weekly(refreshes, now, zone)
    expected: list[tuple[date, Expected]] = []
    this = monday_of(now, zone)
    if len(past) >= LEAST:
        ahead = (this - past[-1].monday).days // 7  # the present week is so many weeks after the last one known
        coming = foretold(past, ahead + weeks - 1)[ahead - 1 :]
        expected = [(this + timedelta(weeks=n), each) for n, each in enumerate(coming)]
    return Forecast(freshness_of(audience), this, past, so_far, expected, backtest(past))
