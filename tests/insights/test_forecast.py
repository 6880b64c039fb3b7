"""Entries per week, and what is expected: left out as the audience is filled, honest about what it does not know."""

import runpy
from datetime import UTC, date, datetime, timedelta
from math import exp, factorial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tamis.app.services import audiences, forecasts
from tamis.errors import Refused
from tamis.insights.forecast import Week, backtest, fitted, forecast, quantile
from tamis.insights.weeks import Refresh, monday_of, picture, weekly

KNOWN = runpy.run_path(str(Path(__file__).parents[2] / "bench/forecasts.py"))
LEVELS, scores, series = (KNOWN[name] for name in ("LEVELS", "scores", "series"))
PARIS = ZoneInfo("Europe/Paris")
MONDAY = date(2026, 1, 5)


def weeks(*counts):
    return [Week(MONDAY + timedelta(weeks=n), count) for n, count in enumerate(counts)]


def at(day, hour=12):
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def test_the_filling_is_no_entry_like_the_others():
    runs = [
        Refresh(at(6), 1, 5000),
        Refresh(at(8), 1, 7),
        Refresh(at(13), 1, 3),
        Refresh(at(14), 1, 2),
        Refresh(at(20), 1, 4),
    ]
    # the week of the 5th is the filling's; that of the 19th is not over
    assert weekly(runs, at(21), PARIS) == ([Week(date(2026, 1, 12), 5)], 4)


def test_a_week_begins_on_monday_at_midnight_here():
    sunday_night = datetime(2026, 1, 11, 22, 59, tzinfo=UTC)  # 23:59 in Paris
    assert monday_of(sunday_night, PARIS) == date(2026, 1, 5)
    assert monday_of(sunday_night + timedelta(minutes=1), PARIS) == date(2026, 1, 12)


def test_a_week_without_refresh_is_part_of_the_next():
    runs = [Refresh(at(1), 1, 90), Refresh(at(6), 1, 2), Refresh(at(27), 1, 9)]
    now = datetime(2026, 2, 4, tzinfo=UTC)
    assert weekly(runs, now, PARIS)[0] == [Week(date(2026, 1, 5), 2), Week(date(2026, 1, 26), 9, covers=3)]


def test_who_enters_because_the_rule_changed_is_left_out_too():
    runs = [
        Refresh(at(1), 1, 90),
        Refresh(at(6), 1, 2),
        Refresh(at(14), 2, 400),
        Refresh(at(15), 2, 1),
        Refresh(at(20), 2, 3),
    ]
    assert weekly(runs, at(28), PARIS)[0] == [Week(date(2026, 1, 5), 2), Week(date(2026, 1, 19), 3)]


def test_without_refreshes_there_is_no_past():
    assert weekly([], at(28), PARIS) == ([], 0)


def test_quantiles_of_a_poisson_count_are_those_of_its_sums():
    # of mean 3: P(0..1) = 4 e^-3 = 0.199, P(0) = 0.0498; P(0..4) = 0.815, P(0..5) = 0.916
    assert (quantile(0.1, 3, 3), quantile(0.9, 3, 3)) == (1, 5)
    assert sum(exp(-3) * 3**n / factorial(n) for n in range(5)) == pytest.approx(0.815, abs=1e-3)


def test_quantiles_beyond_what_is_summed_agree_with_those_that_are():
    for share in (0.1, 0.9):
        summed, beyond = (quantile(share, mean, mean + mean**2 * 0.05) for mean in (399, 401))
        assert beyond == pytest.approx(summed, rel=0.02)


def test_what_never_varies_is_expected_to_go_on():
    [first, *_, last] = forecast(weeks(*[10] * 30), 4)
    assert first.mean == pytest.approx(10, abs=0.2)
    assert first.low < 10 < first.high
    assert (last.low, last.high) == (first.low, first.high)  # nothing is forgotten: the level is as sure as before


def test_a_level_that_wanders_is_less_sure_the_further_one_looks():
    found = forecast(weeks(*(20 + 15 * (n // 6 % 3) for n in range(40))), 8)
    assert found[-1].high - found[-1].low > found[0].high - found[0].low


def test_weeks_that_one_refresh_found_together_count_as_so_many():
    past = [Week(MONDAY + timedelta(weeks=2 * n), 20, covers=2) for n in range(20)]
    assert forecast(past, 1)[0].mean == pytest.approx(10, abs=0.3)


def test_nothing_is_foretold_from_too_little():
    assert forecast(weeks(3, 4, 5, 3, 4, 5, 3), 4) == []
    assert backtest(weeks(*[4] * 8)) is None


def test_a_past_without_entries_expects_hardly_any():
    [expected] = forecast(weeks(*[0] * 20), 1)
    assert expected.mean < 0.1
    assert (expected.low, expected.high) == (0, 0)


def test_holding_back_says_how_forecasts_did():
    found = backtest(weeks(*[10] * 12, 40))
    assert (found.weeks, found.inside) == (5, 4)  # the last week surprised
    assert found.naive == pytest.approx(6)  # 0, 0, 0, 0, 30
    assert found.error == pytest.approx(6, abs=0.3)


@pytest.mark.parametrize("name", LEVELS)
def test_intervals_hold_about_what_they_promise(name):
    found = scores(name, many=6)
    assert 0.62 <= found.coverage <= 0.97
    assert found.error <= found.naive * 1.1


def test_scatter_is_seen_where_it_is():
    assert fitted(series("plate, 40 par semaine", 1)).scatter < 0.05
    assert fitted(series("dispersée (variance m + 0,5 m²)", 1)).scatter >= 0.15


def test_the_picture_puts_weeks_side_by_side_and_intervals_beyond():
    past = [Week(MONDAY, 10), Week(MONDAY + timedelta(weeks=3), 30, covers=3)]
    expected = forecast(weeks(*[10] * 12), 1)
    drawn = picture(past, [(MONDAY + timedelta(weeks=4), expected[0])])
    first, second = drawn.bars
    assert first.height == second.height  # ten a week, both
    assert second.width == 3 * 24 - 4
    assert drawn.spans[0].x == second.x + 3 * 24
    assert drawn.spans[0].y < drawn.spans[0].mean < drawn.spans[0].y + drawn.spans[0].height
    assert drawn.scale[0] == (14, 18)


@pytest.fixture
def past(alice, audience):
    """An audience that was filled eleven weeks ago, and three entered each week since."""
    from tamis.app.models import AudienceRun

    one = audience("Nouveaux", "contacts where email is known")
    now = timezone.localtime()  # the same hour of each week, whether it is summer or winter
    for n in range(12):
        then = now - timedelta(weeks=11 - n)
        AudienceRun.objects.create(
            audience=one, version=one.version, state="done", way="full", now=then, started_at=then, ended_at=then,
            entered=3 if n else 500, by="alice", via="cli",
        )  # fmt: skip
    return one


def test_an_audience_tells_its_weeks_and_those_to_come(past):
    found = forecasts.forecast(past, 2)
    assert [each.entered for each in found.past] == [3] * 10
    assert found.so_far == 3
    this = monday_of(timezone.now(), PARIS)
    assert [monday for monday, _ in found.expected] == [this, this + timedelta(weeks=1)]
    assert found.expected[0][1].mean == pytest.approx(3, abs=0.3)
    assert found.tested.weeks == 2
    assert found.missing == 0


def test_failed_and_manual_refreshes_tell_nothing(past):
    past.runs.filter(entered=3).update(way="hand")
    found = forecasts.forecast(past)
    assert (found.past, found.expected, found.missing) == ([], [], 8)


def test_a_year_of_weeks_is_not_foretold(past):
    with pytest.raises(Refused):
        forecasts.forecast(past, 52)


def test_a_new_audience_has_no_past(audience, refresh):
    one = audience("Neuve", "contacts where email is known")
    assert forecasts.forecast(one).missing == 8
    refresh(one)
    assert forecasts.forecast(one).past == []
    assert audiences.is_filled(one)
