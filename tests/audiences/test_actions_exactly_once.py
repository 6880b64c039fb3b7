"""What a refresh sets off, killed at every step or by two workers at once: nothing is lost, nothing done twice."""

import itertools
import json
import signal
import subprocess
import sys
from pathlib import Path

import launcher
import pytest

PROGRAM = Path(__file__).parents[1] / "acting_audience.py"


def lives(shell, verb, step=0, round=0):
    """Run the program; what it said, or ``None`` when it was killed."""
    done = launcher.run([PROGRAM, verb, step, round], shell.env)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.stdout if done.returncode == 0 else None


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


def killed(shell, steps):
    """Kill what a refresh sets off at these steps, round after round; how often it died."""
    lives(shell, "make")
    deaths = 0
    for round, step in enumerate(steps):
        ended = lives(shell, "round", step, round) is not None
        each_thing_was_done_once(json.loads(lives(shell, "tell")))
        deaths += not ended
        if ended:
            break
    return deaths


def test_what_a_refresh_sets_off_is_killed_here_and_there(shell):
    assert killed(shell, [1, 12, 25, 40, 60, 80]) == 6


@pytest.mark.soak
def test_what_a_refresh_sets_off_is_killed_at_every_step(shell):
    assert killed(shell, itertools.count(1)) > 100


def worked_side_by_side(shell, rounds):
    lives(shell, "make")
    commands = ([sys.executable, str(PROGRAM), "rounds", str(n), str(rounds)] for n in (1, 2))
    workers = [subprocess.Popen(each, env=shell.env, stderr=subprocess.PIPE, text=True) for each in commands]
    said = [worker.communicate(timeout=900)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    each_thing_was_done_once(json.loads(lives(shell, "tell")))


def test_two_workers_at_once_do_nothing_twice(shell):
    worked_side_by_side(shell, 6)


@pytest.mark.soak
def test_two_workers_at_once_do_nothing_twice_through_a_hundred_rounds(shell):
    worked_side_by_side(shell, 50)
