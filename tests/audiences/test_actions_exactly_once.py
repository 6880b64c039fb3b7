"""What a refresh sets off, killed at every step or by two workers at once: nothing is lost, nothing done twice."""

import itertools

import pytest
from audiences.lived import Lived


def each_thing_was_done_once(told):
    """What must hold of what was told, whatever happened before."""
    in_lyon, *others = told["there"]  # in the list, claimed, tagged, held, in the other audience
    assert others == [in_lyon] * 5
    left = told["edges"] - told["entered"]
    assert (told["claims"], told["withdrawn"], told["moves"]) == (told["entered"], left, told["edges"])
    assert told["states"] == ["done"]
    assert {*told["acted"]} == {1}
    assert told["acts"] == len(told["acted"])
    assert told["told"] == told["sizes"] == told["edges"]
    assert told["mails"] == told["mailed"]


@pytest.fixture
def lived(shell):
    return Lived(shell, "acting_audience.py", each_thing_was_done_once)


def test_what_a_refresh_sets_off_is_killed_here_and_there(lived):
    assert lived.killed([1, 12, 25, 40, 60, 80]) == 6


@pytest.mark.soak
def test_what_a_refresh_sets_off_is_killed_at_every_step(lived):
    assert lived.killed(itertools.count(1)) > 100


def test_two_workers_at_once_do_nothing_twice(lived):
    assert lived.side_by_side(6)["acts"]


@pytest.mark.soak
def test_two_workers_at_once_do_nothing_twice_through_a_hundred_rounds(lived):
    assert lived.side_by_side(50)["acts"]
