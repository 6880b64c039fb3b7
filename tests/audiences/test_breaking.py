"""A rule that breaks keeps its members and holds nobody up; a refresh that takes too many away waits for a person."""

import pytest

from tamis.app.services import audiences, contacts, custom_fields, refreshing, tags
from tamis.errors import Refused

LYON = 'contacts where city = "Lyon"'


def test_a_rule_that_breaks_keeps_its_members_says_why_and_the_others_go_on(alice, contact, audience, members):
    lea = contact("lea@a.fr", city="Lyon")
    vip = tags.add(alice, "Secteur", "Industrie")
    broken = audience("Industrie", 'contacts where has tag "Industrie" or city = "Lyon"')
    after = audience("Suite", 'contacts where in audience "Industrie"')
    refreshing.refresh_all(alice)
    assert members(broken) == members(after) == ["lea@a.fr"]
    tags.delete(alice, vip)
    contacts.edit(alice, lea, {"city": "Albi"})
    contact("zoe@a.fr", city="Lyon")
    outcomes = {each.audience.pk: each for each in refreshing.refresh_all(alice)}
    run = outcomes[broken.pk].run
    assert (run.state, run.error_stored["code"], run.size) == ("failed", "rule.tag", 1)
    assert "Industrie" in str(run.error)
    assert outcomes[after.pk].ok
    assert members(broken) == members(after) == ["lea@a.fr"]


def test_more_leaving_than_may_is_held_until_a_person_confirms(alice, contact, audience, refresh, members):
    cast = [contact(f"c{n}@a.fr", city="Lyon") for n in range(5)]
    one = audience("Lyonnais", LYON, most_leaving=20)
    refresh(one)
    contacts.edit(alice, cast[0], {"city": "Albi"})
    assert refresh(one).state == "done"  # one of five is a fifth, not more
    contacts.edit(alice, cast[1], {"city": "Albi"})
    contact("new@a.fr", city="Lyon")
    run = refresh(one)
    assert (run.state, run.entered, run.left) == ("held", 1, 1)
    assert members(one) == ["c1@a.fr", "c2@a.fr", "c3@a.fr", "c4@a.fr"]
    assert refresh(one).state == "held"
    contacts.edit(alice, cast[2], {"city": "Albi"})  # two would leave now: another question than the one answered
    assert refreshing.confirm(alice, one).run.state == "held"
    assert refreshing.confirm(alice, one).run.state == "done"
    assert members(one) == ["c3@a.fr", "c4@a.fr", "new@a.fr"]
    with pytest.raises(Refused, match="n'attend"):
        refreshing.confirm(alice, one)


def test_what_comes_back_to_reason_is_held_no_longer(alice, contact, audience, refresh):
    lea = contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", LYON, most_leaving=0)
    refresh(one)
    contacts.edit(alice, lea, {"city": "Albi"})
    assert refresh(one).state == "held"
    assert refreshing.held(one) is not None
    contacts.edit(alice, lea, {"city": "Lyon"})
    assert refresh(one).state == "done"
    assert refreshing.held(one) is None


def test_an_audience_never_hangs_on_itself(alice, home, audience):
    one = audience("Un", LYON)
    two = audience("Deux", 'contacts where in audience "un" and city = "Lyon"')
    three = audience("Trois", LYON, exclude=[two])
    with pytest.raises(Refused) as refused:
        audiences.edit(alice, one, definition=audiences.Definition(LYON, "dynamic", [three]))
    assert refused.value.code == "audience.cycle"
    assert "« Deux » → « Trois »" in str(refused.value)
    assert one.version.exclusions == []
    with pytest.raises(Refused) as refused:
        audiences.edit(alice, one, definition=audiences.Definition('contacts where in audience "Un"', "dynamic"))
    assert refused.value.code == "audience.cycle"


def test_an_audience_that_others_need_stays(alice, home, audience):
    one = audience("Un", LYON)
    audience("Deux", 'contacts where in audience "Un"')
    with pytest.raises(Refused, match="« Deux »"):
        audiences.delete(alice, one)


def test_rules_follow_an_audience_to_its_new_name(alice, contact, audience, refresh, members):
    contact("lea@a.fr", city="Lyon")
    one = audience("Un", LYON)
    two = audience("Deux", 'contacts where in audience "Un"')
    audiences.edit(alice, one, name="Les Lyonnais")
    refresh(two)
    assert members(two) == ["lea@a.fr"]
    assert two.version.rule["where"]["audience"] == "Les Lyonnais"


def test_fields_of_the_users_own_can_break_a_rule_too(alice, contact, audience, refresh):
    contact("lea@a.fr", city="Lyon")
    custom_fields.add(alice, "Panier", "number", subject="contact")
    one = audience("Paniers", "contacts where panier > 3")
    assert refresh(one).state == "done"
    custom_fields.delete(alice, custom_fields.find("panier", "contact"))
    assert refresh(one).error_stored["code"] == "rule.field"
