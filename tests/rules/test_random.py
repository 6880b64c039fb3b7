"""Rules by chance about worlds by chance: the compiled rule and the oracle have the same answer.

Each world is a database; many rules are asked of it. ``TAMIS_RULES=20000`` asks so many, other ones every time.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from rules.oracle import Oracle
from rules.random_worlds import random_world
from rules.strategies import rules
from rules.tables import tables_of

from tamis.rules import nodes as n

pytestmark = pytest.mark.sqlite_only  # no database is asked: once is enough

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
        from tamis.rules.compiling import compile_rule
        from tamis.rules.rendering import render

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
    assert n.read(n.as_json(rule)) == rule
    assert n.read(json.loads(json.dumps(n.as_json(rule)))) == rule


@by_chance(200)
@given(rules())
def test_a_random_rule_is_one_that_may_be_asked(rule: n.Rule) -> None:
    from tamis.rules.checking import check

    check(rule, random_world(1)[0].vocabulary())


