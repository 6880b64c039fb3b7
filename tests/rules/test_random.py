"""Rules by chance about worlds by chance: the compiled rule and the oracle have the same answer.

Each world is a database; many rules are asked of it. ``TAMIS_RULES=20000`` asks so many, other ones every time.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from rules.oracle import Oracle
from rules.random_worlds import random_world
from rules.strategies import rules
from rules.tables import tables_of
from rules.world import World, read_world

from tamis.rules import nodes as n
from tamis.rules import storing

pytestmark = pytest.mark.sqlite_only  # no database is asked: once is enough

NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
RULES = 50
"""Of each world."""
FEW, MANY = 6, 34
ASKED = int(os.environ.get("TAMIS_RULES", "0"))
WORLDS = [
    pytest.param(seed, marks=[pytest.mark.soak] if seed > FEW and not ASKED else [])
    for seed in range(1, max(FEW + MANY, ASKED // RULES) + 1)
]


def by_chance(examples: int) -> settings:
    return settings(
        max_examples=examples,
        derandomize=not ASKED,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


class Asked:
    """A world that an engine holds, and the oracle of the same world."""

    def __init__(self, seed: int, engine: Any) -> None:
        self.world, self.now = random_world(seed)
        self.vocabulary = self.world.vocabulary()
        self.oracle = Oracle(self.world, self.now, self.vocabulary)
        self.engine = engine(tables_of(self.world))

    def check(self, rule: n.Rule) -> None:
        from tamis.rules.rendering import render
        from tamis.rules.sql.compiling import compile_rule

        ids = self.engine.ask(compile_rule(rule, self.vocabulary, self.now)).column("id").to_pylist()
        assert sorted(ids) == sorted(self.oracle.answer(rule)), f"{render(rule)}\n-- at {self.now}"


@pytest.fixture
def asked(request: pytest.FixtureRequest) -> Iterator[Asked]:
    from tamis.engines.duckdb import DuckDb

    made = Asked(request.param, DuckDb)
    with made.engine:
        yield made


@pytest.mark.parametrize("asked", WORLDS, indirect=True)
def test_a_compiled_rule_answers_as_the_oracle_does(asked: Asked) -> None:
    @by_chance(RULES)
    @given(rules())
    def ask(rule: n.Rule) -> None:
        asked.check(rule)

    ask()


@by_chance(200)
@given(rules())
def test_a_rule_is_read_back_as_it_was_written(rule: n.Rule) -> None:
    from tamis.rules.parsing import parse
    from tamis.rules.rendering import render

    assert parse(render(rule)) == rule


@by_chance(200)
@given(rules())
def test_a_rule_is_read_back_as_it_was_stored(rule: n.Rule) -> None:
    assert storing.read(storing.as_json(rule)) == rule
    assert storing.read(json.loads(json.dumps(storing.as_json(rule)))) == rule


@by_chance(200)
@given(rules())
def test_a_random_rule_is_one_that_may_be_asked(rule: n.Rule) -> None:
    from tamis.rules.checking import check

    check(rule, random_world(1)[0].vocabulary())


HISTORIES = 150
_STEP = timedelta(hours=6)
SEQUENCES = (
    "did form then purchase within 1 day",
    "did form then purchase within 12 hours",
    "did form then form within 6 hours",
    "did form then form then form within 1 day",
    "did form then purchase then form within 18 hours",
    "did form then purchase then form then purchase within 1 day",
    "did form then form then purchase then purchase within 36 hours",
    "did form then page_view then purchase within 2 days in last 48 hours",
    "did purchase then page_view (path = \"/\") then purchase within 2 days",
    "did page_view (path = \"/\") then page_view (path = \"/tarifs\") then page_view within 1 day",
    "did page_view then page_view then page_view then page_view within 30 hours",
    "did form then purchase within 1 day before 2026-06-15",
)  # fmt: skip


def histories(seed: int) -> World:
    """Contacts with up to nine events within three days, on a grid of six hours: many at one instant."""
    random = Random(seed)
    events = [
        {
            "at": NOW - random.randint(0, 12) * _STEP + random.choice((0, 0, 0, 1)) * timedelta(microseconds=1),
            "kind": random.choice(("form", "purchase", "page_view")),
            "path": random.choice(("/", "/tarifs")),
            "contact": contact,
        }
        for contact in range(1, HISTORIES + 1)
        for _ in range(random.randint(0, 9))
    ]
    return read_world({"contacts": {id: {} for id in range(1, HISTORIES + 1)}, "events": events})


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 10))])
def test_a_sequence_is_found_as_by_trying_every_choice_of_events(seed: int) -> None:
    from tamis.engines.duckdb import DuckDb
    from tamis.rules.parsing import parse
    from tamis.rules.sql.compiling import compile_rule

    world = histories(seed)
    oracle, asked = Oracle(world, NOW), 0
    with DuckDb(tables_of(world)) as engine:
        for sequence in SEQUENCES:
            rule = parse(f"contacts where {sequence}")
            found = engine.ask(compile_rule(rule, oracle.words, NOW)).column("id").to_pylist()
            wanted = oracle.answer(rule)
            asked += 0 < len(wanted) < HISTORIES
            assert {*found} == wanted, sequence
    assert asked >= len(SEQUENCES) - 2, "the histories ask too little"
