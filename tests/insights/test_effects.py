"""The measures of a difference, against worked examples."""

import numpy as np
import pytest

from tamis.insights.effects import cliff, cramer, difference, median_place, wilson


def counts(*numbers):
    return np.array(numbers, dtype=np.int64)


@pytest.mark.parametrize(
    ("a", "of_a", "b", "of_b", "low", "high"),
    [  # Newcombe (1998), table II, method 10, at 95 %
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 20, 0.6791, 1.0000),
        (0, 10, 0, 20, -0.1611, 0.2775),
    ],
)
def test_the_interval_of_a_difference_is_newcombe_s(a, of_a, b, of_b, low, high):
    found = difference(a, of_a, b, of_b, z=1.959964)
    assert found.points == pytest.approx(a / of_a - b / of_b)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


def test_of_nobody_everything_is_possible():
    assert wilson(0, 0) == (0, 1)
    assert not difference(0, 0, 5, 10).sure


def test_v_is_nothing_where_shares_are_equal_and_one_where_nothing_is_shared():
    assert cramer(counts(500, 500), counts(50, 50)) == 0
    assert cramer(counts(1000, 0), counts(0, 1000)) == pytest.approx(1, abs=1e-3)
    # 60 % against 40 %: phi is 0.2, its square 0.04, less what chance makes of it: 1/4 (1/1000 + 1/1000)
    assert cramer(counts(600, 400), counts(400, 600)) == pytest.approx((0.0395 / 0.9995) ** 0.5, abs=1e-5)
    chance = 0.25 * (1 / 1000 + 1 / 100)
    assert cramer(counts(600, 400), counts(40, 60)) == pytest.approx(((0.04 - chance) / (1 - chance)) ** 0.5, abs=1e-3)


def test_what_differs_in_everybody_tells_nothing_and_what_half_share_does():
    each_his_own = cramer(counts(*[1] * 100, *[0] * 900), counts(*[0] * 100, *[1] * 900))
    assert each_his_own == 0  # so it would be whoever is in which group
    # half of A share a value that nobody in B has, the others have each their own: nothing is in common
    half = cramer(counts(50, *[1] * 50, *[0] * 900), counts(0, *[0] * 50, *[1] * 900))
    assert half == pytest.approx(1, abs=1e-6)
    # rare values do not hide a frequent one: 35 of 100 against nobody, everything else once
    lyon = cramer(counts(35, *[1] * 65, *[0] * 1000), counts(0, *[0] * 65, *[1] * 1000))
    assert lyon > 0.3


def test_many_values_alone_are_no_difference():
    draw = np.random.default_rng(1)

    def sample():
        return np.bincount(draw.integers(0, 500, 1000), minlength=500)

    found = sorted(cramer(sample(), sample()) for _ in range(41))
    assert found[20] < 0.1  # without the correction half of them would be beyond 0.35
    assert found[5] == 0


def test_delta_counts_wins_less_losses():
    # A has 1 and 3, B has 2 and 3: of four pairs A wins one (3 over 2), loses two (1 to 2, 1 to 3), one is a tie
    assert cliff(counts(1, 0, 1), counts(0, 1, 1)) == -0.25
    assert cliff(counts(0, 0, 4), counts(2, 3, 0)) == 1
    assert cliff(counts(), counts()) is None


def test_the_median_is_the_value_that_half_do_not_exceed():
    assert median_place(counts(1, 1, 1)) == 1
    assert median_place(counts(1, 1, 1, 1)) == 1
    assert median_place(counts(0, 0)) is None
