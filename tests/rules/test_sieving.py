"""What each condition takes away and who nearly passed: the same as asking each rule by itself."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from rules.oracle import Oracle
from rules.random_worlds import random_world
from rules.strategies import rules
from rules.tables import tables_of

from tamis.app.services.kept_engine import Kept, Version
from tamis.messages import speaking
from tamis.rules import nodes as n
from tamis.rules.parsing import parse
from tamis.rules.relaxing import relaxed
from tamis.rules.rendering import render
from tamis.rules.sql.remembering import Remembered
from tamis.rules.sql.sieving import Funnel, compile_first, compile_funnel, compile_gains, funnel, parts

pytestmark = pytest.mark.sqlite_only  # no database is asked: once is enough

COMPANIES = 'companies where headcount > 2 and city = "Lyon" and did page_view'


class Asked:
    """A world by chance, its engine, and the oracle of it."""

    def __init__(self, seed: int) -> None:
        from tamis.engines.duckdb import DuckDb

        self.world, self.now = random_world(seed)
        self.words = self.world.vocabulary()
        self.oracle = Oracle(self.world, self.now, self.words)
        self.engine = DuckDb(tables_of(self.world))
        self.kept: dict[str, int] = {}

    def rows(self, asked: Remembered) -> list[dict[str, Any]]:
        kept = Kept(self.engine, Version((), ()), self.now)
        kept.rows = self.kept
        return kept.ask(asked).to_pylist()

    def count(self, subject: n.Subject, where: n.Condition) -> int:
        return len([*self.oracle.answer(n.Rule(subject, where))])

    def funnel(self, rule: n.Rule) -> Funnel:
        return funnel(rule, self.rows(compile_funnel(rule, self.words, self.now)))


@pytest.fixture(scope="module", params=[1, 2, 3])
def asked(request: pytest.FixtureRequest) -> Iterator[Asked]:
    made = Asked(request.param)
    with made.engine:
        yield made


def some(examples: int) -> Any:
    return settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck]
    )


def test_a_funnel_is_what_each_rule_by_itself_says(asked: Asked) -> None:
    @some(40)
    @given(rules())
    def ask(rule: n.Rule) -> None:
        every, conditions = parts(rule)
        joined = n.AllOf if every else n.AnyOf

        def count(some: list[n.Condition]) -> int:
            if not some:
                return asked.count(rule.subject, n.AnyOf((rule.where, n.Not(rule.where)))) if every else 0
            return asked.count(rule.subject, joined(tuple(some)) if len(some) > 1 else some[0])

        made = asked.funnel(rule)
        assert made.whole == asked.count(rule.subject, n.AnyOf((rule.where, n.Not(rule.where))))
        for place, sieve in enumerate(made.sieves):
            assert sieve.alone == count([conditions[place]])
            assert sieve.left == count(conditions[: place + 1])
            others = conditions[:place] + conditions[place + 1 :]
            if others:
                assert sieve.without == abs(count(others) - count(conditions))
        assert made.sieves[-1].left == asked.count(rule.subject, rule.where)

    ask()


def test_near_misses_are_those_whom_the_variant_adds(asked: Asked) -> None:
    @some(25)
    @given(rules())
    def ask(rule: n.Rule) -> None:
        variants = [each.where for each in relaxed(rule)]
        if not variants:
            return
        [gains] = asked.rows(compile_gains(rule, variants, asked.words, asked.now))
        now = {*asked.oracle.answer(rule)}
        for number, where in enumerate(variants):
            assert gains[f"g{number}"] == len({*asked.oracle.answer(n.Rule(rule.subject, where))} - now)

    ask()


def test_the_first_are_the_least_ids(asked: Asked) -> None:
    @some(25)
    @given(rules())
    def ask(rule: n.Rule) -> None:
        [row] = asked.rows(compile_first(rule, asked.words, asked.now, 3))
        ids = sorted(asked.oracle.answer(rule))
        assert (row["n"], [*(row["first"] or ())]) == (len(ids), ids[:3])

    ask()


def told(text: str) -> list[tuple[str, str, str]]:
    rule = parse(text)
    return [(str(near.before), str(near.after), render(n.Rule(rule.subject, near.where))) for near in relaxed(rule)]


@pytest.mark.parametrize(
    ("rule", "before", "after", "then"),
    [
        ("contacts where did form in last 30 days", "30 jours", "45 jours", "contacts where did form in last 45 days"),
        ("contacts where did not form in last 30 days", "30 jours", "20 jours",
         "contacts where did not form in last 20 days"),
        ("contacts where not did form in last 30 days", "30 jours", "20 jours",
         "contacts where not did form in last 20 days"),
        ("contacts where did form at least 3 times", "3 fois", "2 fois", "contacts where did form at least 2 times"),
        ("contacts where did form at most 1 time", "1 fois", "2 fois", "contacts where did form at most 2 times"),
        ("companies where headcount >= 50", "50", "40", "companies where headcount >= 40"),
        ("companies where headcount < 10", "10", "15", "companies where headcount < 15"),
        ("companies where not headcount < 10", "10", "5", "companies where not headcount < 5"),
        ("companies where revenue in top 20%", "20\xa0%", "25\xa0%", "companies where revenue in top 25%"),
        ("companies where founded in last 30 days", "30 jours", "45 jours", "companies where founded in last 45 days"),
        ("companies where founded more than 30 days ago", "30 jours", "20 jours",
         "companies where founded more than 20 days ago"),
        ("contacts where did form then purchase within 14 days", "14 jours", "20 jours",
         "contacts where did form then purchase within 20 days"),
        ("companies where has at least 2 contacts", "2 contacts", "1 contact", "companies where has contact"),
        ("contacts where did form in last 2 months", "2 mois", "3 mois", "contacts where did form in last 3 months"),
    ],
)  # fmt: skip
def test_a_number_moves_to_the_next_round_one(rule: str, before: str, after: str, then: str) -> None:
    assert (before, after, then) in told(rule)


def test_both_ends_of_a_range_move() -> None:
    found = told("companies where headcount between 10 and 249")
    assert [each[:2] for each in found] == [("10", "5"), ("249", "250")]


def test_what_has_no_number_has_no_near_miss() -> None:
    assert told('companies where city = "Lyon" and in segment client') == []


def test_english_numbers_are_told_in_english() -> None:
    with speaking("en"):
        assert told("contacts where did form in last 30 days")[0][:2] == ("30 days", "45 days")


def test_none_of_is_all_of_their_denials() -> None:
    every, conditions = parts(parse('companies where not (city = "x" or headcount > 3)'))
    assert every
    assert conditions == [n.Not(each) for each in (
        n.Test(n.Field("city"), "=", ("x",)), n.Test(n.Field("headcount"), ">", (Decimal(3),)),
    )]  # fmt: skip


def test_conditions_beyond_the_sixteenth_are_one() -> None:
    text = "companies where " + " and ".join(f"headcount > {number}" for number in range(20))
    assert len(parts(parse(text))[1]) == 16
