"""Who enters and who leaves, against sets in plain Python; and what hangs on what."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.audiences import members
from tamis.audiences.comparing import Wanted, compare, tables_for
from tamis.audiences.depends import LISTS, Cycle, Thing, needs, ordered, reads, with_needed
from tamis.engines.contract import Stored
from tamis.engines.duckdb import DuckDb
from tamis.rules.fields import BUILT_IN
from tamis.rules.parsing import parse
from tamis.rules.sql.query import Query
from tamis.rules.vocabulary import AudienceWord, TagWord, Vocabulary

NUMBERS = st.sets(st.integers(1, 12))


def edges_of(now):
    """A table of edges after which each audience has these members: some had left and come back, others left."""
    rows = [(audience, each, entered, run) for audience, inside in now.items() for each in range(1, 13)
            for run, entered in [(1, True), (2, False), *([(3, True)] if each in inside else [])]]  # fmt: skip
    columns = list(zip(*rows, strict=True))
    schema = pa.schema(
        [("audience", pa.int64()), ("subject", pa.int64()), ("entered", pa.bool_()), ("run", pa.int64())]
    )
    return Stored(pa.table([pa.array(each) for each in columns], schema=schema), made=members.NOW)


@settings(max_examples=150, deadline=None)
@given(
    mode=st.sampled_from(["static", "add-only", "dynamic"]), filled=st.booleans(), exist=NUMBERS, matching=NUMBERS,
    present=NUMBERS, excluded=st.lists(NUMBERS, max_size=2), pins=st.dictionaries(st.integers(1, 12), st.booleans()),
    among=st.none() | NUMBERS,
)  # fmt: skip
def test_the_difference_is_that_of_sets(mode, filled, exist, matching, present, excluded, pins, among):
    audiences = {1: present, **dict(enumerate(excluded, 2))}
    tables = {
        "contacts": Stored(pa.table({"id": pa.array(sorted(exist), pa.int64())})),
        "matching": Stored(pa.table({"id": pa.array(sorted(matching & exist), pa.int64())})),
        "members": edges_of(audiences),
    }
    wanted = Wanted(1, "contacts", mode, Query("SELECT id FROM matching WHERE id > $p0", {"p0": 0}), filled,
                    range(2, len(audiences) + 1), pins)  # fmt: skip
    with DuckDb(tables_for(wanted, tables, among)) as engine:
        found = compare(engine, wanted, bounded=among is not None)

    by_rule = matching & exist
    inside = {"dynamic": by_rule, "add-only": by_rule | present, "static": present if filled else by_rule}[mode]
    inside = (inside | {each for each, pinned in pins.items() if pinned}) & exist
    inside -= {each for each, pinned in pins.items() if not pinned}.union(*excluded)
    looked_at = {*range(1, 13)} if among is None else among
    expected = sorted(
        [(each, True) for each in (inside - present) & looked_at]
        + [(each, False) for each in (present - inside) & looked_at]
    )
    edges = [(row["subject"], row["entered"]) for row in found.edges.to_pylist()]
    assert edges == expected
    assert found.before == len(present)
    assert found.size == len(present) + found.entered - found.left


KNOWN = Vocabulary(
    BUILT_IN,
    tags=(TagWord(7, "Industrie", "Secteur"), TagWord(8, "Industrie", "Salon")),
    audiences=(AudienceWord(3, "Clients fidèles", "companies"),),
)


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ('companies where city = "Lyon"', set()),
        ("companies where not (in segment client)", {LISTS}),
        ('contacts where in list "prospect-salons"', {LISTS}),
        ('companies where in audience "clients FIDELES"', {Thing("audience", None, 3)}),
        ('contacts where company (in audience "Clients fidèles")', {Thing("audience", None, 3)}),
        ('contacts where has tag "Industrie"', {Thing("tag", "contacts", 7), Thing("tag", "contacts", 8)}),
        ('contacts where company (has tag "Industrie" in "Salon")', {Thing("tag", "companies", 8)}),
        ('companies where has contact (has tag "Industrie" in "Secteur")', {Thing("tag", "contacts", 7)}),
        ('contacts where status = "Chaud"', {Thing("status", "contacts")}),
        ('contacts where company.status = "Chaud"', {Thing("status", "companies")}),
        ('companies where has contact (status = "Chaud")', {Thing("status", "contacts")}),
        ('contacts where did form (status = "Chaud")', set()),  # a property of the event
        ('contacts where has tag "Inconnu"', set()),
    ],
)
def test_a_rule_reads_what_its_conditions_name(text, things):
    assert reads(parse(text), KNOWN) == things


def test_exclusions_are_read_too():
    assert reads(parse("companies where headcount > 3"), KNOWN, [5]) == {Thing("audience", None, 5)}


def test_who_writes_what_another_reads_comes_before_it():
    reading = {1: frozenset({LISTS}), 2: frozenset({Thing("tag", "contacts", 7)}), 3: frozenset(), 4: frozenset()}
    writing = {2: frozenset({LISTS}), 3: frozenset({Thing("tag", "contacts", 7)})}
    hanging = needs(reading, writing)
    assert hanging == {1: {2}, 2: {3}, 3: set(), 4: set()}
    order = ordered(hanging)
    assert order.index(3) < order.index(2) < order.index(1)
    assert with_needed([2], hanging) == {2, 3}


def test_a_cycle_through_what_is_written_says_its_way():
    """The first claims a list, which the second reads; the second puts a tag on, which the first reads."""
    tag = Thing("tag", "companies", 7)
    with pytest.raises(Cycle) as cycle:
        ordered(needs({1: frozenset({tag}), 2: frozenset({LISTS})}, {1: frozenset({LISTS}), 2: frozenset({tag})}))
    assert {*cycle.value.path} == {1, 2}
    assert cycle.value.path[0] == cycle.value.path[-1]


def test_one_that_reads_what_it_writes_hangs_on_itself():
    with pytest.raises(Cycle):
        ordered(needs({1: frozenset({LISTS})}, {1: frozenset({LISTS})}))
