"""Tags, statuses and other audiences: what a rule puts on goes with it, what a person put there stays [B2]."""

import pytest

from tamis.app.models import AudienceAction, AudienceEffect, AudiencePin, ContactTag, Tagged
from tamis.app.services import (
    audience_actions,
    audience_effects,
    audience_explaining,
    audience_reports,
    audiences,
    contacts,
    labels,
    merging,
    refreshing,
    statuses,
    tags,
)
from tamis.app.services.audience_actions import Wanted
from tamis.app.services.subjects import COMPANY, CONTACT
from tamis.errors import Refused

Kind, Edge = AudienceAction.Kind, AudienceAction.Edge
LYON, VIP = 'contacts where city = "Lyon"', 'contacts where last_name = "Morel"'


@pytest.fixture
def acts(alice):
    """Gives an audience an action: ``acts(one, Kind.TAG, "Industrie")``."""
    return lambda audience, kind, target, edge=Edge.ENTER: audience_actions.add(
        alice, audience, Wanted(kind, target, edge)
    )


@pytest.fixture
def industry(alice, home):
    return tags.add(alice, "Secteur", "Industrie")


def tagged(contact):
    """By which hand the tag is on somebody; none when it is not."""
    return ContactTag.objects.filter(contact=contact).values_list("by", flat=True).first()


def move(alice, refresh, audience, contact, city):
    """Somebody moves, and the audience sees it."""
    contacts.edit(alice, contact, {"city": city})
    refresh(audience)


def test_a_rules_tag_goes_when_the_member_leaves_and_a_hands_stays(alice, contact, audience, refresh, acts, industry):
    lea, marc = contact("lea@a.fr", city="Lyon"), contact("marc@a.fr", city="Lyon")
    labels.put_tag(alice, CONTACT, [marc.pk], industry)
    one = audience("Lyonnais", LYON)
    acts(one, Kind.TAG, "Secteur: Industrie")
    refresh(one)
    assert (tagged(lea), tagged(marc)) == (Tagged.By.RULE, Tagged.By.HAND)
    assert str(labels.tags_as_json(lea)[0]["source"]) == "règle Lyonnais"
    contacts.edit(alice, lea, {"city": "Albi"})
    move(alice, refresh, one, marc, "Albi")
    assert (tagged(lea), tagged(marc)) == (None, Tagged.By.HAND)


def test_a_hand_that_puts_a_rules_tag_keeps_it(alice, contact, audience, refresh, acts, industry):
    lea = contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", LYON)
    acts(one, Kind.TAG, "Industrie")
    refresh(one)
    labels.put_tag(alice, CONTACT, [lea.pk], industry)
    move(alice, refresh, one, lea, "Albi")
    assert tagged(lea) == Tagged.By.HAND


def test_a_tag_of_two_audiences_stays_while_either_holds(alice, contact, audience, refresh, acts, industry):
    lea = contact("lea@a.fr", city="Lyon", last_name="Morel")
    one, two = audience("Lyonnais", LYON), audience("Morel", VIP)
    for each in (one, two):
        acts(each, Kind.TAG, "Industrie")
        refresh(each)
    move(alice, refresh, one, lea, "Albi")
    assert tagged(lea) == Tagged.By.RULE
    contacts.edit(alice, lea, {"last_name": "Blanc"})
    refresh(two)
    assert tagged(lea) is None


def test_taken_off_by_hand_it_stays_off_until_the_member_enters_again(
    alice, contact, audience, refresh, acts, industry
):
    lea = contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", LYON)
    acts(one, Kind.TAG, "Industrie")
    refresh(one)
    labels.take_tag_off(alice, CONTACT, [lea.pk], industry)
    contact("zoe@a.fr", city="Lyon")
    refresh(one)
    assert tagged(lea) is None
    move(alice, refresh, one, lea, "Albi")
    move(alice, refresh, one, lea, "Lyon")
    assert tagged(lea) == Tagged.By.RULE


def test_tags_come_off_with_the_action_and_with_the_audience(alice, contact, audience, refresh, acts, industry):
    lea = contact("lea@a.fr", city="Lyon")
    one, two = audience("Un", LYON), audience("Deux", LYON)
    first = acts(one, Kind.TAG, "Industrie")
    acts(two, Kind.TAG, "Industrie")
    refresh(one)
    refresh(two)
    audience_actions.delete(alice, first)
    assert tagged(lea) == Tagged.By.RULE
    audiences.delete(alice, two)
    assert tagged(lea) is None


def test_a_tag_that_is_taken_off_goes_whoever_put_it(alice, contact, audience, refresh, acts, industry):
    lea, marc = contact("lea@a.fr", city="Lyon"), contact("marc@a.fr", city="Albi")
    labels.put_tag(alice, CONTACT, [lea.pk, marc.pk], industry)
    one = audience("Lyonnais", LYON)
    acts(one, Kind.UNTAG, "Industrie")
    refresh(one)
    assert (tagged(lea), tagged(marc)) == (None, Tagged.By.HAND)
    acts(one, Kind.UNTAG, "Industrie", Edge.LEAVE)
    labels.put_tag(alice, CONTACT, [lea.pk], industry)
    move(alice, refresh, one, lea, "Albi")
    assert tagged(lea) is None


def test_a_status_is_news_of_today(alice, contact, audience, refresh, acts):
    hot, cold = statuses.add(alice, "Chaud"), statuses.add(alice, "Froid")
    lea = contact("lea@a.fr", city="Lyon")
    labels.put_status(alice, CONTACT, [lea.pk], cold)
    one = audience("Lyonnais", LYON)
    acts(one, Kind.STATUS, "Chaud")
    acts(one, Kind.STATUS, "Froid", Edge.LEAVE)
    refresh(one)
    lea.refresh_from_db()
    assert (lea.status, lea.status_source.label) == (hot, "Lyonnais")
    move(alice, refresh, one, lea, "Albi")
    lea.refresh_from_db()
    assert lea.status == cold


def test_members_go_on_into_another_audience_at_once(alice, contact, audience, refresh, members, acts):
    lea, marc = contact("lea@a.fr", city="Lyon"), contact("marc@a.fr", city="Lyon")
    one, other = audience("Lyonnais", LYON), audience("À rappeler", 'contacts where city = "Personne"')
    acts(one, Kind.ADD, "À rappeler")
    acts(one, Kind.REMOVE, "À rappeler", Edge.LEAVE)
    audiences.pin(alice, other, [marc.pk], inside=False)
    run = refresh(one)
    assert members(other) == ["lea@a.fr"]  # Marc is kept out by hand
    assert other.runs.latest("pk").now == run.now
    assert AudiencePin.objects.get(audience=other, subject=marc.pk).by_action is None
    move(alice, refresh, one, lea, "Albi")
    assert members(other) == []
    assert {*AudienceEffect.objects.values_list("state", flat=True)} == {"done"}


def test_whom_an_action_added_or_removed_nobodys_hand_did(alice, contact, audience, refresh, acts):
    lea, marc = contact("lea@a.fr", city="Lyon"), contact("marc@a.fr", city="Lyon", last_name="Morel")
    one, other = audience("Lyonnais", LYON), audience("Morel", VIP)
    refresh(other)
    acts(one, Kind.REMOVE, "Morel")
    refresh(one)
    audiences.pin(alice, other, [lea.pk], inside=True)
    told = audience_explaining.explain(other, contact=str(marc.pk))
    assert str(told.reasons[0]).startswith("Retiré par une action de l'audience « Lyonnais » le ")
    assert told.as_json()["pin"]["audience"] == "Lyonnais"
    by_hand = audience_explaining.explain(other, contact=str(lea.pk))
    assert str(by_hand.reasons[0]).startswith("Ajouté à la main par alice le ")
    full = audience_reports.in_full(other)
    assert (full["pinned_in"], full["pinned_out"]) == (1, 0)
    assert [(each["name"], each["audience"]) for each in full["pins"]] == [("lea@a.fr", None), ("Morel", "Lyonnais")]


def test_the_breaker_holds_what_another_audiences_action_would_take_away(
    alice, contact, audience, refresh, members, acts
):
    for n in range(5):
        contact(f"c{n}@a.fr", city="Lyon" if n < 2 else "Albi")
    everybody = audience("Tous", 'contacts where city in ("Lyon", "Albi")', most_leaving=20)
    refresh(everybody)
    one = audience("Lyonnais", LYON)
    acts(one, Kind.REMOVE, "Tous")
    refresh(one)  # two of five are more than a fifth
    assert (everybody.runs.latest("pk").state, everybody.runs.latest("pk").left) == ("held", 2)
    assert len(members(everybody)) == 5
    assert {*AudienceEffect.objects.values_list("state", flat=True)} == {"done"}
    assert refreshing.confirm(alice, everybody).ok
    assert members(everybody) == ["c2@a.fr", "c3@a.fr", "c4@a.fr"]


def test_whom_an_action_added_leaves_with_it_unless_the_rule_has_them(alice, contact, audience, refresh, members, acts):
    contact("lea@a.fr", city="Lyon")
    contact("marc@a.fr", city="Lyon", last_name="Morel")
    one, two, other = audience("Un", LYON), audience("Deux", LYON), audience("Morel et autres", VIP)
    first = acts(one, Kind.ADD, "Morel et autres")
    refresh(one)
    assert members(other) == ["lea@a.fr", "marc@a.fr"]
    audience_effects.remove(alice, first)
    assert members(other) == ["marc@a.fr"]
    acts(two, Kind.ADD, "Morel et autres")
    refresh(two)
    assert members(other) == ["lea@a.fr", "marc@a.fr"]
    audiences.delete(alice, two)
    assert members(other) == ["marc@a.fr"]


def test_who_is_held_up_by_a_refresh_of_the_other_audience_goes_on_afterwards(
    alice, contact, audience, refresh, members, acts, monkeypatch
):
    contact("lea@a.fr", city="Lyon")
    one, other = audience("Lyonnais", LYON), audience("À rappeler", 'contacts where city = "Personne"')
    acts(one, Kind.ADD, "À rappeler")
    monkeypatch.setattr(refreshing, "PATIENCE", 0.0)
    with audiences.alone(other):
        refresh(one)
    assert members(other) == []
    assert audience_effects.waits() == [one]
    audience_effects.go_on(one)
    assert members(other) == ["lea@a.fr"]
    assert audience_effects.waits() == []


@pytest.mark.parametrize("there_and_back", [Kind.ADD, Kind.REMOVE])
def test_no_audience_moves_members_in_a_circle(alice, home, audience, acts, there_and_back):
    one, two = audience("Un", LYON), audience("Deux", LYON)
    acts(one, Kind.ADD, "Deux")
    for audience_, target in ((two, "Un"), (one, "Un")):
        with pytest.raises(Refused) as refused:
            acts(audience_, there_and_back, target)
        assert refused.value.code == "audience.cycle"


def test_no_rule_reads_the_tag_or_the_status_that_it_writes(alice, home, audience, acts, industry):
    statuses.add(alice, "Chaud")
    one = audience("Industrie", 'contacts where has tag "Industrie" or status = "Chaud"')
    for kind, target in ((Kind.TAG, "Industrie"), (Kind.UNTAG, "Industrie"), (Kind.STATUS, "Chaud")):
        with pytest.raises(Refused) as refused:
            acts(one, kind, target)
        assert refused.value.code == "audience.cycle"
    two = audience("Lyonnais", LYON)
    acts(two, Kind.TAG, "Industrie")
    three = audience("Suite", 'contacts where in audience "Industrie"')
    assert three.pk
    with pytest.raises(Refused):
        audiences.edit(alice, two, definition=audiences.Definition('contacts where in audience "Suite"', "dynamic"))


def test_whoever_reads_a_tag_is_refreshed_after_who_writes_it_and_sees_it(
    alice, contact, audience, refresh, members, acts, industry
):
    contact("lea@a.fr", city="Lyon")
    reader = audience("Industrie", 'contacts where has tag "Industrie"')
    writer = audience("Lyonnais", LYON)
    acts(writer, Kind.TAG, "Industrie")
    refresh(reader)
    assert members(reader) == ["lea@a.fr"]


def test_who_exists_no_more_is_passed_over(alice, contact, audience, refresh, acts, industry):
    lea = contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", LYON)
    acts(one, Kind.TAG, "Industrie")
    refresh(one)
    lea.delete()
    refresh(one)
    states = AudienceEffect.objects.order_by("pk").values_list("edge", "state")
    assert [*states] == [("enter", "done"), ("leave", "skipped")]
    assert one.actions.get().holds.count() == 0


def test_a_deleted_tag_leaves_the_other_actions_going(alice, contact, audience, refresh, acts, industry):
    hot = statuses.add(alice, "Chaud")
    one = audience("Lyonnais", LYON)
    acts(one, Kind.TAG, "Industrie")
    acts(one, Kind.STATUS, "Chaud")
    tags.delete(alice, industry)
    lea = contact("lea@a.fr", city="Lyon")
    refresh(one)
    lea.refresh_from_db()
    assert lea.status == hot
    assert str(AudienceEffect.objects.get(state="dead").why) == "Le tag de cette action a été supprimé."


def test_a_merge_parts_what_people_and_rules_put_on(alice, home, audience, refresh, acts, industry):
    from tamis.app.models import CompanyTag
    from tamis.app.services import companies

    acme, bolt = (companies.add(alice, {"name": name, "city": "Lyon"}) for name in ("Acme", "Bolt"))
    labels.put_tag(alice, COMPANY, [acme.pk], industry)
    one = audience("Lyonnaises", 'companies where city = "Lyon"')
    acts(one, Kind.TAG, "Industrie")
    refresh(one)

    def hands():
        return dict(CompanyTag.objects.values_list("company", "by"))

    assert hands() == {acme.pk: Tagged.By.HAND, bolt.pk: Tagged.By.RULE}
    merged = merging.merge(alice, bolt, acme)
    assert hands() == {bolt.pk: Tagged.By.HAND}
    merging.split(alice, merged)
    assert hands() == {acme.pk: Tagged.By.HAND, bolt.pk: Tagged.By.RULE}


def test_what_would_happen_is_foreseen(alice, home, audience, acts, industry, settings):
    settings.WEBHOOK_HOSTS = frozenset({"127.0.0.1:9000"})
    one = audience("Lyonnais", LYON)
    acts(one, Kind.TAG, "Industrie")
    acts(one, Kind.WEBHOOK, "http://127.0.0.1:9000/tamis")
    acts(one, Kind.MAIL, "chef@exemple.fr", Edge.LEAVE)
    told = audience_actions.foresee(audience_actions.of(one), 250, 1)
    assert [(each.action.kind, each.edge, each.times, str(each.sentence)) for each in told] == [
        ("tag", "leave", 1, "tag « Secteur: Industrie » retiré 1 fois"),
        ("mail", "leave", 1, "1 e-mail à chef@exemple.fr, pour 1 membre"),
        ("tag", "enter", 250, "tag « Secteur: Industrie » posé 250 fois"),
        ("webhook", "enter", 3, "250 membres annoncés à http://127.0.0.1:9000/tamis"),
    ]
    assert AudienceEffect.objects.count() == 0
    assert audience_actions.foresee(audience_actions.of(one), 0, 0) == []


def test_who_is_erased_is_in_no_outbox_and_held_by_nothing(alice, contact, audience, refresh, acts, industry, settings):
    from tamis.app.models import TagHold
    from tamis.app.services import erasing

    settings.WEBHOOK_HOSTS = frozenset({"127.0.0.1:1"})
    contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", LYON)
    acts(one, Kind.TAG, "Industrie")
    acts(one, Kind.WEBHOOK, "http://127.0.0.1:1/")
    refresh(one)
    assert (TagHold.objects.count(), AudienceEffect.objects.count()) == (1, 2)
    erasing.go_on(erasing.ask(alice, "lea@a.fr"))
    assert (TagHold.objects.count(), AudienceEffect.objects.count()) == (0, 0)
    done = audience_effects.deliver(60)
    assert (done.sent, done.failed, done.ended) == (0, 0, 1)  # nobody is left to tell of
