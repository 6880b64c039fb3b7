"""Static: filled once. Add-only: who matches joins, nobody leaves. Dynamic: joins and leaves with the data [D1]."""

import pytest

from tamis.app.services import audiences, companies, contacts, merging, refreshing
from tamis.errors import Refused

LYON = 'contacts where city = "Lyon"'


@pytest.fixture
def cast(contact):
    """Léa and Marc live in Lyon, Zoé in Albi."""
    return [contact("lea@a.fr", city="Lyon"), contact("marc@a.fr", city="Lyon"), contact("zoe@a.fr", city="Albi")]


def move_around(alice, cast):
    """Marc leaves Lyon, Zoé comes."""
    contacts.edit(alice, cast[1], {"city": "Albi"})
    contacts.edit(alice, cast[2], {"city": "Lyon"})


@pytest.mark.parametrize(
    ("mode", "afterwards", "entered", "left"),
    [
        ("static", ["lea@a.fr", "marc@a.fr"], 0, 0),
        ("add-only", ["lea@a.fr", "marc@a.fr", "zoe@a.fr"], 1, 0),
        ("dynamic", ["lea@a.fr", "zoe@a.fr"], 1, 1),
    ],
)
def test_a_mode_says_who_joins_and_who_leaves(alice, cast, audience, refresh, members, mode, afterwards, entered, left):
    one = audience("Lyonnais", LYON, mode)
    assert members(one) == []  # defined, not filled
    run = refresh(one)
    assert (run.entered, run.left, run.size) == (2, 0, 2)
    assert members(one) == ["lea@a.fr", "marc@a.fr"]
    move_around(alice, cast)
    run = refresh(one)
    assert (run.entered, run.left, run.size) == (entered, left, len(afterwards))
    assert members(one) == afterwards


@pytest.mark.parametrize("mode", ["static", "add-only", "dynamic"])
def test_who_is_excluded_is_subtracted_in_every_mode(alice, cast, audience, refresh, members, mode):
    silent = audience("À ne pas joindre", 'contacts where email = "lea@a.fr"')
    one = audience("Lyonnais", LYON, mode, [silent])
    refresh(one)  # and before it the audience that it needs
    assert members(silent) == ["lea@a.fr"]
    assert members(one) == ["marc@a.fr"]
    audiences.edit(alice, silent, definition=audiences.Definition(LYON, "dynamic"))
    refresh(one)
    assert members(one) == []


@pytest.mark.parametrize("mode", ["static", "add-only", "dynamic"])
def test_a_hand_outlasts_refreshes_and_yields_to_an_exclusion(alice, cast, audience, refresh, members, mode):
    lea, _marc, zoe = cast
    one = audience("Lyonnais", LYON, mode)
    refresh(one)
    audiences.pin(alice, one, [zoe.pk], inside=True)
    audiences.pin(alice, one, [lea.pk], inside=False)
    assert refreshing.refresh_some(alice, one, [lea.pk, zoe.pk]).run.way == "hand"
    assert members(one) == ["marc@a.fr", "zoe@a.fr"]
    refresh(one)
    assert members(one) == ["marc@a.fr", "zoe@a.fr"]
    audiences.release(alice, one, [lea.pk, zoe.pk])
    refresh(one)
    left_to_the_rule = {
        "static": ["marc@a.fr", "zoe@a.fr"],  # filled once: nobody joins, nobody leaves
        "add-only": ["lea@a.fr", "marc@a.fr", "zoe@a.fr"],
        "dynamic": ["lea@a.fr", "marc@a.fr"],
    }
    assert members(one) == left_to_the_rule[mode]


@pytest.mark.parametrize("mode", ["static", "add-only", "dynamic"])
def test_who_exists_no_more_leaves(cast, audience, refresh, members, mode):
    one = audience("Lyonnais", LYON, mode)
    refresh(one)
    cast[0].delete()
    run = refresh(one)
    assert (run.entered, run.left, run.size) == (0, 1, 1)
    assert members(one) == ["marc@a.fr"]


def test_the_rule_of_a_filled_static_audience_stays(alice, cast, audience, refresh):
    one = audience("Lyonnais", LYON, "static")
    albi = audiences.Definition('contacts where city = "Albi"', "static")
    audiences.edit(alice, one, definition=albi)  # nothing was filled yet
    refresh(one)
    with pytest.raises(Refused) as refused:
        audiences.edit(alice, one, definition=audiences.Definition(LYON, "static"))
    assert refused.value.code == "audience.static"
    audiences.edit(alice, one, definition=audiences.Definition(LYON, "dynamic"))
    assert [each.number for each in one.versions.order_by("number")] == [1, 2, 3]


def test_what_hands_said_of_a_company_is_said_of_the_one_it_is_merged_into_until_they_part(
    alice, home, audience, refresh, members
):
    """Who must not be approached must not be so again because two of its records became one."""
    acme, bolt, dune = (companies.add(alice, {"name": name, "city": "Lyon"}) for name in ("Acme", "Bolt", "Dune"))
    silent = audience("À ne pas joindre", 'companies where city = "Personne"')
    target = audience("Cible", 'companies where city = "Lyon"', exclude=[silent])
    audiences.pin(alice, silent, [acme.pk], inside=True)
    audiences.pin(alice, target, [dune.pk], inside=False)
    audiences.pin(alice, target, [bolt.pk], inside=True)
    refresh(target)
    assert (members(silent), members(target)) == (["Acme"], ["Bolt"])
    merged = merging.merge(alice, bolt, acme)
    again = merging.merge(alice, bolt, dune)  # Bolt keeps what a hand said of it
    refresh(target)
    assert (members(silent), members(target)) == (["Bolt"], [])
    merging.split(alice, again)
    merging.split(alice, merged)
    refresh(target)
    assert (members(silent), members(target)) == (["Acme"], ["Bolt"])
