"""Every case has the answer that was worked out by hand: from the oracle, and from each engine."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rules.cases import Case, CaseFile, case_files
from rules.oracle import answer
from rules.tables import tables_of
from rules.world import World

pytestmark = pytest.mark.sqlite_only  # no database is asked: once is enough

FILES = {each.name: each for each in case_files()}
CASES = [case for file in FILES.values() for case in file.cases]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@every_case
def test_the_oracle_answers(case: Case) -> None:
    from tamis.rules.checking import check
    from tamis.rules.parsing import parse

    world, rule = FILES[case.file].world, parse(case.rule)
    check(rule, world.vocabulary())

    assert answer(rule, world, case.now) == case.ids, case.source


def asked(engine: Any, case: Case, world: World) -> set[int]:
    from tamis.rules.parsing import parse
    from tamis.rules.sql.compiling import compile_rule

    ids = engine.ask(compile_rule(parse(case.rule), world.vocabulary(), case.now)).column("id").to_pylist()
    assert len(ids) == len({*ids}), "somebody is there twice"
    return {*ids}


@pytest.fixture(scope="module")
def duckdb_of() -> Iterator[Callable[[CaseFile], Any]]:
    """DuckDB with the tables of a file; the same for all cases of the file."""
    from tamis.engines.duckdb import DuckDb

    open: dict[str, Any] = {}

    def engine_of(file: CaseFile) -> Any:
        if file.name not in open:
            for each in open.values():
                each.__exit__(None, None, None)
            open.clear()
            open[file.name] = DuckDb(tables_of(file.world)).__enter__()
        return open[file.name]

    yield engine_of
    for each in open.values():
        each.__exit__(None, None, None)


@every_case
def test_duckdb_answers(case: Case, duckdb_of: Callable[[CaseFile], Any]) -> None:
    file = FILES[case.file]

    assert asked(duckdb_of(file), case, file.world) == case.ids, case.source


def test_spark_answers_every_twelfth_case(spark: Any) -> None:
    assert not differing(spark, CASES[::12])


@pytest.mark.soak
def test_spark_answers_every_case(spark: Any) -> None:
    assert not differing(spark, CASES)


def differing(spark: Any, cases: list[Case]) -> list[Any]:
    """The cases that Spark answers in another way; a world's together, so that they share its tables."""
    from tamis.engines.spark import Spark

    wrong: list[Any] = []
    for file in FILES.values():
        with Spark(tables_of(file.world), spark) as engine:
            wrong += [
                (case.name, case.rule, sorted(found), sorted(case.ids), case.source)
                for case in cases
                if case.file == file.name and (found := asked(engine, case, file.world)) != case.ids
            ]
    return wrong


@every_case
def test_an_explanation_says_the_same_of_everybody(case: Case, duckdb_of: Callable[[CaseFile], Any]) -> None:
    from tamis.rules.explaining import explain
    from tamis.rules.facts import facts_of
    from tamis.rules.parsing import parse

    file, rule = FILES[case.file], parse(case.rule)
    words, engine = file.world.vocabulary(), duckdb_of(file)
    everybody = file.world.companies if rule.subject == "companies" else file.world.contacts
    facts = {id: facts_of(engine, rule, words, id, case.now) for id in [*everybody][::2]}
    for id, known in facts.items():
        if known is not None:  # else merged into another
            assert explain(rule, words, known, case.now).holds == (id in case.ids), (id, case.source)
