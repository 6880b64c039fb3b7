"""Facts of one subject: what the rule asks, and no more, from the same tables that engines answer from."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from rules.tables import tables_of
from rules.world import read_world

from tamis.engines.contract import Engine
from tamis.rules import nodes as n
from tamis.rules.evaluating import Facts
from tamis.rules.explaining import explain
from tamis.rules.facts import facts_of
from tamis.rules.parsing import parse
from tamis.rules.sql.compiling import compile_edge
from tamis.rules.sql.query import Query
from tamis.sources.event_kinds import BUILT_IN, Kind, Phase, Property

NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
WORLD = read_world({
    "companies": {
        "1": {
            "name": "Forges", "brand": ["F1", "F2"], "siret": "55210055400013", "city": "Lyon", "naf": "25.62B",
            "headcount_bracket": "12", "founded": date(2001, 4, 30), "status": "chaud", "list": "prospect-salons",
            "tags": ["Secteur/Industrie"], "own": {"parc": 12, "actif": True, "visite": date(2026, 6, 1)},
        },
        "2": {"name": "Fonderie", "headcount": 30, "merged_into": 3},
        "3": {"name": "Fonte", "headcount": 50},
    },
    "contacts": {
        "11": {"first_name": "Alice", "last_name": "Martin", "company": 1, "level": "direction"},
        "12": {"email": "bob@forges.fr", "company": 1},
        "13": {"first_name": "Chloé"},
    },
    "events": [
        {"at": "2026-06-01T10:00:00Z", "kind": "page_view", "contact": 11, "path": "/tarifs", "duration": 12.5},
        {"at": "2026-05-01T10:00:00Z", "kind": "page_view", "company": 1, "path": "/", "mood": "gai"},
        {"at": "2026-06-01T10:00:00Z", "kind": "call", "contact": 11},
        {"at": "2026-06-15T10:00:00.000001Z", "kind": "page_view", "contact": 11},
        {"at": "2026-06-01T10:00:00Z", "kind": "purchase", "contact": 12, "value": 100},
        {"at": "2026-06-01T10:00:00Z", "kind": "purchase", "contact": 12, "value": 101},
        {"at": "2026-06-01T10:00:00Z", "kind": "purchase", "contact": 11, "value": 50},
    ],
    "lists": {"prospect-salons": "prospect"},
    "tags": {"Secteur": ["Industrie", "Services"]},
    "statuses": ["chaud"],
    "audiences": {"A": {"subject": "companies", "members": [1]}, "B": {"subject": "companies", "members": [1, 3]}},
    "fields": {"companies": {"parc": "number", "actif": "yes-no", "visite": "date"}},
})  # fmt: skip
WORDS = WORLD.vocabulary()


class Listening:
    """An engine that remembers what it was asked."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.asked = engine, list[Query]()

    def ask(self, query: Query) -> Any:
        self.asked.append(query)
        return self.engine.ask(query)

    def __enter__(self) -> "Listening":
        return self

    def __exit__(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Engine]:
    from tamis.engines.duckdb import DuckDb

    with DuckDb(tables_of(WORLD)) as engine:
        yield engine


def found(engine: Engine, text: str, id: int) -> Facts:
    facts = facts_of(engine, parse(text), WORDS, id, NOW)
    assert facts is not None
    return facts


def test_nobody_has_no_facts(duckdb: Engine) -> None:
    assert facts_of(duckdb, parse('companies where city = "Lyon"'), WORDS, 99, NOW) is None


def test_a_company_that_was_merged_into_another_is_none(duckdb: Engine) -> None:
    assert facts_of(duckdb, parse("companies where headcount > 3"), WORDS, 2, NOW) is None


def test_fields_of_every_kind_of_place(duckdb: Engine) -> None:
    facts = found(
        duckdb,
        'companies where city = "x" and headcount > 3 and founded is known and status = "chaud" and brand = "F1" '
        "and siret is known and own.parc = 12 and own.actif = yes and visite in last 3 days",
        1,
    )

    assert facts.name == "Forges"
    assert {key: [*values] for key, values in facts.values.items()} == {
        "city": ["Lyon"], "headcount": [20], "founded": [date(2001, 4, 30)], "status": [1], "brand": ["F1", "F2"],
        "siret": ["55210055400013"], "own.parc": [Decimal(12)], "own.actif": ["oui"],
        "own.visite": [date(2026, 6, 1)],
    }  # fmt: skip
    assert facts.bracketed == {"headcount"}


def test_only_what_a_rule_names_is_asked_for(duckdb: Engine) -> None:
    engine = Listening(duckdb)

    facts = found(engine, 'companies where city = "Lyon"', 1)

    assert {*facts.values} == {"city"}
    assert (facts.events, facts.contacts, facts.tags) == ((), (), frozenset())
    (query,) = engine.asked
    assert not query.needs  # no events


def test_what_people_type_is_no_part_of_the_question(duckdb: Engine) -> None:
    engine = Listening(duckdb)

    found(engine, 'companies where did page_view (`x"; drop` = "y") and has contact (did call)', 1)

    assert all("drop" not in query.sql for query in engine.asked)


def test_memberships(duckdb: Engine) -> None:
    facts = found(duckdb, 'companies where in list "prospect-salons" and has tag "Services" and in audience "B"', 1)

    lists = {each.name: each.id for each in WORDS.lists}
    assert facts.segment == "prospect"
    assert facts.lists == {lists["prospect-salons"]}
    assert facts.tags == {1}
    assert facts.audiences == {2}  # only the one that the rule names was looked at


def test_events_of_the_kinds_that_are_named_with_what_they_say(duckdb: Engine) -> None:
    facts = found(duckdb, 'companies where did page_view (mood = "gai")', 1)

    assert [(each.ts, each.kind, each.values) for each in facts.events] == [
        (datetime(2026, 5, 1, 10, tzinfo=UTC), "page_view", {"path": "/", "mood": "gai"}),
        (datetime(2026, 6, 1, 10, tzinfo=UTC), "page_view", {"path": "/tarifs", "duration": Decimal("12.5")}),
    ]


def test_a_contact_has_its_company(duckdb: Engine) -> None:
    rule = "contacts where in segment prospect and company.headcount > 3 and did page_view"

    alice, chloe = found(duckdb, rule, 11), found(duckdb, rule, 13)

    assert (alice.name, len(alice.events), chloe.name, chloe.company) == ("Alice Martin", 1, "Chloé", None)
    assert alice.company
    assert (alice.company.name, alice.company.segment, alice.company.values) == (
        "Forges",
        "prospect",
        {"headcount": [20]},
    )


def test_a_company_has_its_contacts(duckdb: Engine) -> None:
    rule = 'companies where has contact (level = "direction" and did page_view and in segment prospect)'

    facts = found(duckdb, rule, 1)

    assert [(each.id, each.name, len(each.events)) for each in facts.contacts] == [
        (11, "Alice Martin", 1), (12, "bob@forges.fr", 0),
    ]  # fmt: skip
    assert explain(parse(rule), WORDS, facts, NOW).holds


@pytest.mark.parametrize(
    ("rank", "edge"),
    [
        ("headcount in top 50%", Fraction(50)),  # of 20 and 50: the highest
        ("headcount in bottom 100%", Fraction(50)),
    ],
)
def test_the_edge_of_a_rank_of_companies(duckdb: Engine, rank: str, edge: Fraction) -> None:
    facts = found(duckdb, f"companies where {rank}", 1)

    assert [*facts.edges.values()] == [edge]


def test_the_edge_of_a_rank_of_events_is_exact(duckdb: Engine) -> None:
    facts = found(duckdb, "contacts where avg(purchase.value) in top 1%", 11)

    (node,) = facts.edges
    assert facts.edges[node] == Fraction(201, 2)
    assert node == n.Test(n.Aggregate("avg", "purchase", "value"), "in top", (Decimal(1),))


def test_a_rank_of_what_nobody_has_has_no_edge(duckdb: Engine) -> None:
    facts = found(duckdb, "companies where sum(refund.value) in top 10%", 1)

    assert facts.edges == {}
    assert not explain(parse("companies where sum(refund.value) in top 10%"), WORDS, facts, NOW).holds


@pytest.mark.sqlite_only  # once is enough: no database is asked
def test_spark_gives_the_same_facts(duckdb: Engine, spark: Any) -> None:
    from tamis.engines.spark import Spark

    rule = (
        'companies where city = "Lyon" and brand = "F1" and own.parc = 12 and did page_view (mood = "gai") '
        'and has contact (level = "direction" and sum(purchase.value) in top 50%) and in audience "A"'
    )
    with Spark(tables_of(WORLD), spark) as engine:
        assert found(engine, rule, 1) == found(duckdb, rule, 1)


def test_the_edge_of_events_that_never_are_is_asked_without_a_value_too_many(duckdb: Engine) -> None:
    installed = Kind("install", "Installation", Phase.AFTER, own=(Property("le", "le", "date"),))
    words = replace(WORLD.vocabulary(), kinds={**BUILT_IN, "install": installed})
    rule = parse("contacts where count(install) (le between 2026-06-15 and 2026-05-15) in top 10%")

    assert duckdb.ask(compile_edge(rule.where, "contacts", words, NOW)).num_rows == 0
