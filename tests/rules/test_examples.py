"""The documented examples, read from the page itself: each is a rule, reads as a sentence, and finds whom it should."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rules.cases import shared_world
from rules.oracle import answer
from rules.tables import tables_of

from tamis.messages import LANGUAGES, speaking
from tamis.rules.checking import check
from tamis.rules.explaining import explain
from tamis.rules.facts import facts_of
from tamis.rules.parsing import parse
from tamis.rules.rendering import render
from tamis.rules.sentences.describing import describe
from tamis.rules.sql.compiling import compile_rule
from tamis.sources.event_kinds import POINTS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rule-examples.md"
NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
WORLD = shared_world("examples")
WORDS = WORLD.vocabulary()
SEGMENTATION = [*POINTS][[*POINTS].index("mail-client") :]
"""The points of [C5]: those of [C4], which are touch points, stand before them."""

FOUND: dict[str, list[set[int]]] = {
    "mail-client": [{11}],
    "where": [{11, 14, 15}, {12}],
    "age": [{11}, {12}],
    "sex": [{11, 13, 15}],
    "persona": [{11}],
    "company-type": [{11, 15, 17}],
    "company-sector": [{14, 17}],
    "job-title": [{11, 17}],
    "education": [{11}],
    "level": [{11, 15}],
    "past-purchases": [{11}, {11, 12}],
    "buying-intent": [{17}, {12}],
    "buying-frequency": [{11}],
    "buying-cycle": [{17}],
    "buying-way": [{11, 12}],  # of Bruno's two the later one was on the web
    "content-topics": [{11}],
    "content-formats": [{12, 13}],
    "interest": [{11}],
    "interest-changes": [{12}, {11}],  # 1 < 0.1666 * 7; 70 > 1.2 * 55
    "buying-changes": [{12}],
    "sale-stage": [{11}],
    "satisfaction": [{12}],
    "referrers": [{15}],
    "no-review": [{12, 17}],
    "abandoned-basket": [{13}],
    "reads-opens": [{12}],
    "abandoned-form": [{15}],
    "use": [{12}],
    "attendance": [{12}, {11}],
    "page-views": [{11}],
    "cta-clicks": [{13}],
    "E1": [{1, 2}, {1, 2, 5}, {2, 3, 4, 6}, {1, 3, 5}, {1, 3, 4, 6}, {2}, {3}],
    "E2": [{3}, {3}],
    "E3": [{11, 16}],
    "E4": [{11}],
    "E5": [{11, 17}, {1}],
    "E6": [{2}],  # 5,000 of 1,000, 5,000, 60 and 10
}
"""Whom each rule of a point finds, worked out by hand from tests/rules/worlds/examples.toml."""


class Example(NamedTuple):
    point: str
    number: int
    rule: str


def examples() -> Iterator[Example]:
    """Every rule of the page, under the point of its heading."""
    for section in re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        point = re.match(r".* \(`([\w-]+)`\)\n", section)
        assert point, f"no point in « {section.splitlines()[0]} »"
        for number, rule in enumerate(re.findall(r"^```text\n(.*?)^```", section, re.MULTILINE | re.DOTALL)):
            yield Example(point[1], number, rule.strip())


EXAMPLES = [*examples()]
every_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.point}-{each.number}")


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    from tamis.engines.duckdb import DuckDb

    with DuckDb(tables_of(WORLD)) as made:
        yield made


def test_every_point_of_segmentation_has_an_example() -> None:
    assert {each.point for each in EXAMPLES} == {*SEGMENTATION, "E1", "E2", "E3", "E4", "E5", "E6"}
    assert {point: len(found) for point, found in FOUND.items()} == {
        point: sum(each.point == point for each in EXAMPLES) for point in FOUND
    }


def test_everybody_is_out_somewhere_and_nobody_everywhere() -> None:
    for found in (each for sets in FOUND.values() for each in sets):
        everybody = {*WORLD.companies} if found <= {*WORLD.companies} else {*WORLD.contacts}
        assert found
        assert found < everybody


@every_example
def test_an_example_finds_whom_it_should(example: Example, engine: Any) -> None:
    rule = parse(example.rule)
    check(rule, WORDS, example.rule)

    found = {*engine.ask(compile_rule(rule, WORDS, NOW)).column("id").to_pylist()}

    assert found == FOUND[example.point][example.number]
    assert answer(rule, WORLD, NOW) == found


@every_example
def test_an_example_is_told_and_written_again(example: Example) -> None:
    rule = parse(example.rule)
    told = []
    for language in LANGUAGES:
        with speaking(language):
            told.append(describe(rule, WORDS))

    assert told[0] != told[1]
    assert parse(render(rule)) == rule


@every_example
def test_an_example_is_explained_for_everybody(example: Example, engine: Any) -> None:
    rule = parse(example.rule)
    everybody = WORLD.companies if rule.subject == "companies" else WORLD.contacts

    held = set()
    for id in everybody:
        facts = facts_of(engine, rule, WORDS, id, NOW)
        assert facts is not None
        if explain(rule, WORDS, facts, NOW).holds:
            held.add(id)

    assert held == FOUND[example.point][example.number]
