"""A rule while it is built: text and tree are the same rule, what is unfinished is left out, mistakes have a place."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from rules.random_worlds import random_world
from rules.strategies import rules

from tamis.errors import Refused
from tamis.rules import nodes as n
from tamis.rules.building import from_draft, from_text
from tamis.rules.parsing import parse
from tamis.rules.rendering import render

pytestmark = pytest.mark.sqlite_only  # no database is asked: once is enough

WORLD, NOW = random_world(1)
WORDS = WORLD.vocabulary()
LYON = {"node": "test", "measure": {"node": "field", "name": "city"}, "operator": "=", "values": ["Lyon"]}
BIG = {"node": "test", "measure": {"node": "field", "name": "headcount"}, "operator": ">", "values": [{"number": "9"}]}
BLANK = {"node": ""}


def draft(where: Any, subject: str = "companies") -> dict[str, Any]:
    return {"node": "rule", "subject": subject, "where": where}


def every(*conditions: Any, **marks: Any) -> dict[str, Any]:
    return {"node": "all", "conditions": [*conditions], **marks}


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(rules())
def test_text_and_tree_are_the_same_rule_there_and_back(rule: n.Rule) -> None:
    built, tree = from_text(render(rule))
    again = from_draft(tree)
    assert built.rule == again.rule == rule
    assert again.text == render(rule)
    assert again.unfinished == ()
    assert {id for id, _ in again.places} == {id for id, _ in built.places}
    for id, at in again.places:
        assert dict(built.places)[id] == at


def test_what_is_not_finished_is_left_out_and_named() -> None:
    nothing = {"node": "test", "measure": {"node": "field", "name": "city"}, "operator": "=", "values": [], "id": "b"}
    built = from_draft(draft(every(LYON, {**BLANK, "id": "a"}, nothing)))
    assert built.text == 'companies where city = "Lyon"'
    assert built.unfinished == ("a", "b")


def test_what_is_switched_off_is_left_out_even_where_it_is_not_finished() -> None:
    built = from_draft(draft(every(LYON, {**BIG, "off": True}, {**BLANK, "off": True})))
    assert (built.text, built.unfinished) == ('companies where city = "Lyon"', ())


def test_a_group_that_keeps_one_condition_is_that_condition() -> None:
    none = {"node": "not", "condition": {"node": "any", "conditions": [LYON, BLANK]}}
    assert from_draft(draft(every(none, BIG))).text == 'companies where not city = "Lyon" and headcount > 9'
    assert from_draft(draft(every(every(), LYON))).text == 'companies where city = "Lyon"'


def test_nothing_finished_is_no_rule() -> None:
    built = from_draft(draft(every(BLANK), "contacts"))
    assert (built.rule, built.text, built.subject) == (None, "", "contacts")


def test_an_event_keeps_what_of_its_conditions_is_finished() -> None:
    where = every(
        {"node": "test", "measure": {"node": "field", "name": "path"}, "operator": "=", "values": ["/"]}, BLANK
    )
    did = {"node": "did", "kind": "page_view", "where": where}
    assert from_draft(draft(every(did))).text == 'companies where did page_view (path = "/")'
    assert from_draft(draft(every({**did, "where": every(BLANK)}))).text == "companies where did page_view"
    company = {"node": "company", "where": every(BLANK), "id": "c"}
    assert from_draft(draft(every(company), "contacts")).unfinished == ("", "c")  # it says nothing by itself


def test_every_condition_at_fault_is_told_at_its_own_node() -> None:
    text = 'companies where (citi = "x" or city = "y") and did purchase (value contains "2") and headcount > 3'
    built, tree = from_text(text)
    first, second, _ = tree["where"]["conditions"]
    faults = built.faults(WORDS)
    assert [id for id, _ in faults] == [first["conditions"][0]["measure"]["id"], second["where"]["id"]]
    assert "« city »" in str(faults[0][1].reason)


@pytest.mark.parametrize(
    "value",
    [
        {"number": "12,5"}, {"number": "NaN"}, {"number": "1e999999999"}, {"number": ""}, {"number": 3},
        {"day": "2026-02-30"}, {"number": "1", "id": "x", "more": 1}, None, 3.5, ["a"], {"node": "last"},
    ],
)  # fmt: skip
def test_a_value_that_is_none_leaves_its_condition_unfinished(value: Any) -> None:
    test = {"node": "test", "measure": {"node": "field", "name": "headcount"}, "operator": ">", "values": [value]}
    assert from_draft(draft(every(LYON, {**test, "id": "v"}))).unfinished == ("v",)


@pytest.mark.parametrize(
    "given",
    [
        None, 3, [], {}, {"subject": "persons", "where": LYON}, draft(None), draft([]), draft("x"),
        draft({"node": "all", "conditions": "x"}), draft({"node": "not"}), draft({**every(LYON, BIG), "colour": "red"}),
    ],
)  # fmt: skip
def test_what_is_no_tree_is_refused(given: Any) -> None:
    with pytest.raises(Refused):
        from_draft(given)


def test_a_tree_that_is_too_deep_is_refused() -> None:
    where: Any = LYON
    for _ in range(60):
        where = {"node": "not", "condition": where}
    with pytest.raises(Refused, match="50"):
        from_draft(draft(where))


def test_names_cannot_leave_their_place_in_the_text() -> None:
    test = {**LYON, "measure": {"node": "field", "name": "city` = 1 or `name"}, "id": "x"}
    assert from_draft(draft(every(test, BIG))).unfinished == ("x",)
    tag = {"node": "tag", "name": 'a" or city = "b'}
    assert parse(from_draft(draft(every(tag))).text).where == n.HasTag('a" or city = "b')
