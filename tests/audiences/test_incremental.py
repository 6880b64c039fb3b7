"""Looking only at those whose answer can have changed comes to the same as looking at all [D3].

A history is one rule in one workspace: filled, then refreshed after each of some rounds of changes by chance and a step
of the clock, forward or back; after each, all are looked at again and nobody may be wrong.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from random import Random
from typing import Any

import pytest
from audiences.random_changes import Living
from hypothesis import HealthCheck, Phase, given, seed, settings
from rules.strategies import rules

from tamis.app.models import Mode
from tamis.app.services import audiences, refresh_bounds, refresh_passes, refreshing
from tamis.rules.nodes import Rule
from tamis.rules.rendering import render
from tamis.rules.sql.changing import unbounded

RULES, ROUNDS, MOST_ROUNDS = 30, 4, 20
"""Rules of a world, its rounds, and how many more there are until somebody has moved."""
FEW, MANY = 1, 34
ASKED = int(os.environ.get("TAMIS_HISTORIES", "0"))
WORLDS = [
    pytest.param(number, marks=[pytest.mark.soak] if number > FEW and not ASKED else [])
    for number in range(1, max(FEW + MANY, ASKED // RULES) + 1)
]
"""Thirty histories each: over a thousand in ``make soak``."""


def some_rules(number: int) -> list[Rule]:
    """Rules by chance; the simplest come first, so more are made than are used."""
    found: list[Rule] = []

    @seed(number)
    @settings(max_examples=RULES * 5, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])  # fmt: skip
    @given(rules())
    def draw(rule: Rule) -> None:
        found.append(rule)

    draw()
    ranked = [rule for rule in found if unbounded(rule)]
    return [*ranked[-2:], *[rule for rule in found if rule not in ranked][-RULES * 3 :]]


def started(living: Living, number: int) -> list[Any]:
    """Audiences of random rules that somebody is in and somebody is not; the two that rules name come first."""
    named = (("En cours", 'contacts where city = "lyon"'), ("Cibles", "companies where headcount > 2"))
    first = [audiences.create(living.alice, name, audiences.Definition(rule, Mode.DYNAMIC)) for name, rule in named]
    made = []
    for place, rule in enumerate(some_rules(number)):
        mode = living.one(Mode.DYNAMIC, Mode.DYNAMIC, Mode.DYNAMIC, Mode.DYNAMIC, Mode.ADD_ONLY, Mode.STATIC)
        excluded = [each for each in first if each.subject == rule.subject and living.random.random() < 0.15]
        made.append(audiences.create(living.alice, f"A{place}x", audiences.Definition(render(rule), mode, excluded)))
    filled = {each.audience.pk: each.run for each in refreshing.refresh(living.alice, [*first, *made], living.now)}
    assert all(run and run.state == "done" for run in filled.values())
    all_of = {subject: audiences.subject_of(one).existing().count() for one in first for subject in [one.subject]}
    telling = [each for each in made if 0 < filled[each.pk].size < all_of[each.subject]]
    return [*first, *telling[-RULES:]]


def pin_some(living: Living, among: list[Any]) -> str:
    """A hand puts somebody in, out, or lets the rule decide again, and dies before it refreshes."""
    one = living.random.choice(among)
    subject = living.standing() if one.subject == "companies" else living.contact()
    match living.one("in", "out", "release"):
        case "release":
            audiences.release(living.alice, one, [pin.subject for pin in one.pins.all()])
        case way:
            audiences.pin(living.alice, one, [subject.pk], inside=way == "in")
    if living.random.random() < 0.3:
        refreshing.refresh_some(living.alice, one, [subject.pk])
    return f"pin {one.name}"


def differences(living: Living, made: list[Any]) -> Iterator[str]:
    """Who would enter or leave if all were looked at."""
    from tamis.app.services import engine_tables
    from tamis.audiences import members
    from tamis.audiences.comparing import compare, tables_for

    with closing(refresh_passes.Pass(living.now)) as together:
        for each in made:
            table = members.open_table(engine_tables.members_folder())
            draft = refresh_passes.Draft(living.alice, each, each.version, living.now, living.now)
            wanted, question = refresh_passes.wanted_of(draft, table)
            engine = together.engine(question.runs.keys())
            for name, stored in tables_for(wanted, {}).items():
                engine.put(name, stored)
            if (edges := compare(engine, wanted).edges).num_rows:
                run = each.runs.latest("pk")
                yield f"{edges.to_pylist()} {wanted.mode} {run.way}: {run.why} {render(question.rule)}"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens to a million happens to a dozen; events may come from the future."""
    from datetime import timedelta

    from tamis.sources import event_values

    monkeypatch.setattr(refresh_bounds, "SHARE", 1)
    monkeypatch.setattr(refresh_bounds, "TURNED", float("inf"))
    monkeypatch.setattr(event_values, "TOLERANCE", timedelta(days=5_000))


@pytest.mark.parametrize("number", WORLDS)
def test_a_bounded_refresh_is_right_about_everybody(alice: Any, small: None, number: int) -> None:
    living = Living(alice, Random(number))
    made = started(living, number)
    ways: Counter[str] = Counter()
    said: list[str] = []
    for each in range(MOST_ROUNDS):
        if each >= ROUNDS and ways["moves"]:
            break
        for _ in range(living.one(0, 1, 2, 3)):
            said.append(pin_some(living, made) if living.random.random() < 0.1 else living.change())  # noqa: PERF401
        said.append(f"-- {living.tick()}")
        for outcome in refreshing.refresh(alice, made, living.now):
            assert outcome.ok, (said, render(outcome.audience.version.read), outcome.run and outcome.run.error)
            ways[outcome.run.way] += 1
            ways["moves"] += outcome.run.entered + outcome.run.left
        wrong = [*differences(living, made)]
        assert not wrong, "\n".join([*said, *wrong])
    print(len(made), dict(ways))  # noqa: T201 - shown by -rP
    assert ways["part"] > ways["full"]
    assert ways["moves"] > 0
