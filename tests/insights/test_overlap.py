"""Who is in exactly these audiences: counted once each, as the rule that selects them counts."""

from itertools import pairwise

import pytest

from tamis.app.services import audiences, insights, overlaps
from tamis.errors import Refused
from tamis.insights.overlap import Intersection, Overlap, upset

CITIES = {"Lyon": 3, "Albi": 2, "Brest": 1}


@pytest.fixture
def cast(contact):
    """Three live in Lyon, two in Albi, one in Brest; the first of each city is a director."""
    return [
        contact(f"{city.lower()}{n}@a.fr", city=city, level="" if n else "Direction")
        for city, many in CITIES.items()
        for n in range(many)
    ]


@pytest.fixture
def three(cast, audience, refresh):
    """Lyon and Albi, directors, Lyon: 5, 3 and 3 members."""
    made = [
        audience("Sud", 'contacts where city in ("Lyon", "Albi")'),
        audience("Direction", 'contacts where level = "Direction"'),
        audience("Lyonnais", 'contacts where city = "Lyon"'),
    ]
    for each in made:
        refresh(each)
    return made


def test_each_is_in_exactly_one_intersection(three):
    found = overlaps.overlap(three).found
    assert found.sizes == (5, 3, 3)
    assert {each.inside: each.n for each in found.intersections} == {
        (True, False, True): 2,  # two of Lyon who direct nothing
        (True, True, True): 1,  # the director of Lyon
        (True, False, False): 1,  # of Albi
        (True, True, False): 1,  # the director of Albi
        (False, True, False): 1,  # the director of Brest
    }
    assert (found.anybody, found.everywhere) == (6, 1)
    sizes = [each.n for each in found.intersections]
    assert all(one >= other for one, other in pairwise(sizes))


def test_an_intersection_is_what_its_rule_selects(three, count):
    told = overlaps.overlap(three)
    rules = {told.rule(each): each.n for each in told.found.intersections}
    assert 'contacts where in audience "Sud" and in audience "Lyonnais" and not in audience "Direction"' in rules
    for rule, n in rules.items():
        assert count(rule) == n


def test_who_exists_no_more_is_not_counted(three, cast, count):
    cast[0].delete()
    assert overlaps.overlap(three).found.sizes == (4, 2, 2)


def test_merged_companies_are_not_counted(alice, audience, refresh, home):
    from tamis.app.services import companies, merging

    kept, gone = (companies.add(alice, {"name": name, "city": "Lyon"}) for name in ("Acme", "Acmé SA"))
    pair = [audience(name, 'companies where city = "Lyon"') for name in ("A", "B")]
    for each in pair:
        refresh(each)
    merging.merge(alice, kept, gone)
    assert overlaps.overlap(pair).found.sizes == (1, 1)


def test_as_of_is_said_of_each(three, audience):
    other = audience("Jamais remplie", "contacts where city is known")
    told = overlaps.overlap([*three, other])
    assert [each.as_of is not None for each in told.audiences] == [True, True, True, False]
    assert told.audiences[3].standing == "never"
    assert told.found.sizes[3] == 0


def test_what_waits_for_a_person_is_said(alice, three, cast, refresh):
    audiences.edit(alice, three[0], most_leaving=0)
    cast[0].delete()
    assert refresh(three[0]).state == "held"
    assert [each.standing for each in overlaps.overlap(three).audiences] == ["held", "fresh", "fresh"]


def test_audiences_of_two_kinds_do_not_overlap(three, audience):
    companies = audience("Firmes", "companies where city is known")
    with pytest.raises(Refused) as refused:
        overlaps.overlap([three[0], companies])
    assert refused.value.code == "insight.subject"


def test_from_two_to_eight(three, audience):
    for chosen in ([], three[:1], [*three, *(audience(f"N{n}", "contacts where city is known") for n in range(6))]):
        with pytest.raises(Refused) as refused:
            overlaps.overlap(chosen)
        assert refused.value.code == "insight.overlap"


def test_named_in_any_spelling_and_once(three):
    assert [each.name for each in insights.named(["SUD", "lyonnais", "sud", str(three[1].pk)])] == [
        "Sud", "Lyonnais", "Direction",
    ]  # fmt: skip


def test_bars_stand_on_one_floor_and_are_as_high_as_their_share():
    found = Overlap((30, 10), (Intersection((True, False), 20), Intersection((True, True), 10)))
    picture = upset(found, 5)
    first, second = picture.columns
    assert (first.bar_height, second.bar_height) == (170, 85)
    assert first.bar_y + first.bar_height == second.bar_y + second.bar_height == picture.floor
    assert [dot.inside for dot in first.dots] == [True, False]
    assert second.line == (second.dots[0].y, second.dots[1].y)
    assert first.x < second.x < picture.width
