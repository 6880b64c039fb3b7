"""From which segment to which: a history worked by hand, the picture's arithmetic, the state's own history."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from tamis.app.models import Act, Company
from tamis.app.services import companies, lists, segment_flows
from tamis.errors import Refused
from tamis.insights.flows import NEW, Appeared, Moved, Way, flows
from tamis.insights.sankey import GAP, HEIGHT, sankey


def day(month, number=15):
    return datetime(2026, month, number, tzinfo=UTC)


ENDS = [day(3, 31), day(4, 30), day(5, 31)]


def test_who_moves_is_where_the_last_move_put_them_and_the_rest_stand_still():
    moved = [
        Moved(1, day(4, 2), "prospect", "client"),
        Moved(1, day(5, 2), "client", "prospect"),
        Moved(2, day(4, 3), "prospect", "autre"),  # there and back within a month: stayed
        Moved(2, day(4, 9), "autre", "prospect"),
        Moved(3, day(6, 9), "client", "prospect"),  # after the last moment: was a client all the time
    ]
    april, may = flows(ENDS, {"prospect": 5, "client": 1}, moved, [])
    assert april.ways == {Way("prospect", "client"): 1, Way("prospect", "prospect"): 3, Way("client", "client"): 2}
    assert may.ways == {Way("client", "prospect"): 1, Way("prospect", "prospect"): 3, Way("client", "client"): 2}
    assert april.movers == {Way("prospect", "client"): [1]}
    assert may.movers == {Way("client", "prospect"): [1]}


def test_who_was_not_known_comes_from_nowhere():
    moved = [Moved(7, day(4, 3), "prospect", "client"), Moved(8, day(5, 20), "prospect", "client")]
    appeared = [Appeared(7, day(4, 2), "client"), Appeared(8, day(4, 4), "client"), Appeared(9, day(5, 2), "prospect"),
                Appeared(10, day(6, 1), "prospect")]  # fmt: skip
    april, may = flows(ENDS, {"prospect": 2, "client": 2}, moved, appeared)
    assert april.ways == {Way(NEW, "client"): 1, Way(NEW, "prospect"): 1}
    assert may.ways == {Way("client", "client"): 1, Way("prospect", "client"): 1, Way(NEW, "prospect"): 1}


def test_what_a_column_receives_is_what_the_next_one_gives():
    moved = [Moved(n, day(4 + n % 2, 1 + n), "prospect", "client" if n % 3 else "autre") for n in range(20)]
    steps = flows(ENDS, {"prospect": 30, "client": 13, "autre": 7}, moved, [])
    for one, other in pairwise(steps):
        received, given = ({}, {})
        for way, n in one.ways.items():
            received[way.target] = received.get(way.target, 0) + n
        for way, n in other.ways.items():
            given[way.source] = given.get(way.source, 0) + n
        assert received == given
    assert all(sum(step.ways.values()) == 50 for step in steps)


def test_bands_are_as_thick_as_what_they_carry_and_nodes_do_not_touch():
    picture = sankey([{("a", "a"): 60, ("a", "b"): 20, ("b", "b"): 20}, {("a", "b"): 60, ("b", "b"): 40}], ["a", "b"])
    nodes = {(node.column, node.key): node for node in picture.nodes}
    assert [node.n for node in picture.nodes] == [80, 20, 60, 40, 100]
    assert nodes[0, "a"].height == pytest.approx(HEIGHT * 0.8)
    assert nodes[0, "b"].y == pytest.approx(nodes[0, "a"].y + nodes[0, "a"].height + GAP)
    assert (2, "a") not in nodes
    first = next(band for band in picture.bands if (band.source, band.target) == ("a", "b"))
    top = nodes[0, "a"].y + HEIGHT * 0.6  # below the band that goes straight on
    assert first.path.startswith(f"M{nodes[0, 'a'].x + 14} {top:.1f}C")
    assert picture.columns == [110, 590, 1070]


def test_a_small_band_is_still_seen():
    picture = sankey([{("a", "a"): 100_000, ("a", "b"): 1}], ["a", "b"])
    assert {node.key: round(node.height, 1) for node in picture.nodes if node.column == 1} == {"a": 420.0, "b": 2.0}


def test_nothing_at_all_is_an_empty_picture():
    assert sankey([{}], ["a"]).nodes == []


@pytest.fixture
def history(alice, home):
    """Acme came four months ago and became a client two months ago; Bolt comes now and is a client at once."""
    client = lists.find("client-default")
    acme, bolt = (companies.add(alice, {"name": name}) for name in ("Acme", "Bolt"))
    companies.move(alice, client, [acme.pk])
    companies.move(alice, client, [bolt.pk])
    this = timezone.localtime().replace(day=1, hour=0, minute=0)
    ago = [this - timedelta(days=n) for n in (100, 40)]
    Company.objects.filter(pk=acme.pk).update(created_at=ago[0])
    moves = sorted(acme.moves.values_list("act", flat=True))
    Act.objects.filter(pk=moves[-1]).update(at=ago[1])
    Act.objects.filter(pk__in=moves[:-1]).update(at=ago[0])
    return acme, bolt


def test_the_state_tells_its_own_history(history):
    acme, _bolt = history
    found = segment_flows.flows(segment_flows.months())
    assert len(found.steps) == 3
    assert (found.moved, found.arrived) == (1, 1)
    ways = [dict(step.ways) for step in found.steps]
    when = next(n for n, each in enumerate(ways) if Way("prospect", "client") in each)
    assert ways[when] == {Way("prospect", "client"): 1}
    assert ways[-1] == {Way("client", "client"): 1, Way(NEW, "client"): 1}
    months = found.months.firsts
    wanted = segment_flows.months(f"{months[when]:%Y-%m}", f"{months[when + 1]:%Y-%m}")
    assert segment_flows.who_went(wanted, "prospect", "client") == [acme.pk]
    told = found.as_json()["flows"]
    assert told[-1] | {"from": "new", "to": "client", "companies": 1} == told[-1]


@pytest.mark.parametrize(
    ("since", "until"),
    [("2026-3", ""), ("2026-13", ""), ("2026-05", "2026-05"), ("2024-01", "2026-01"), ("", "2999-01")],
)
def test_months_that_are_none_are_refused(home, since, until):
    with pytest.raises(Refused):
        segment_flows.months(since, until)


def test_a_way_has_two_ends(history):
    for source, target in (("x", "client"), ("client", "new"), ("new", "new")):
        with pytest.raises(Refused):
            segment_flows.who_went(segment_flows.months(), source, target)


def test_who_stood_where_at_the_end_of_a_month_and_who_stayed(history):
    acme, bolt = history
    months = segment_flows.months().firsts
    then = {f"{month:%Y-%m}": segment_flows.who_stood(f"{month:%Y-%m}", "client") for month in months}
    ways = {month: segment_flows.who_stood(month, "prospect") for month in then}
    gone = next(n for n, month in enumerate(then) if acme.pk in then[month])
    assert [acme.pk in each for each in then.values()] == [n >= gone for n in range(4)]
    assert [[*each] for each in ways.values()] == [[acme.pk] if n < gone else [] for n in range(4)]
    assert [*[*then.values()][-1]] == [acme.pk, bolt.pk]
    last = segment_flows.months(f"{months[-2]:%Y-%m}", f"{months[-1]:%Y-%m}")
    assert segment_flows.who_went(last, "client", "client") == [acme.pk]
    for month, segment in (("2999-01", "client"), ("hier", "client"), ("2026-01", "new")):
        with pytest.raises(Refused):
            segment_flows.who_stood(month, segment)
