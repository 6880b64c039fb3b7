"""Who is looked at in a refresh, and why: each way in which an answer can change, by hand [D3].

``looked_at`` is how many can have changed; beside those that the test speaks of there is Zoé, whom nothing concerns.
"""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from tamis.app.models import AudienceRun, Change, Company, CompanyDomain, Contact, List, Source
from tamis.app.services import (
    audiences,
    companies,
    contacts,
    engine_tables,
    erasing,
    lake,
    merging,
    refresh_bounds,
    refreshing,
    snapshots,
    tags,
)
from tamis.lake.snapshots import touched

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def zoe(contact):
    """She lives in Albi, and nothing happens to her."""
    return contact("zoe@a.fr", city="Albi")


def of(run):
    return run.way, run.looked_at, run.entered, run.left


def test_only_who_was_written_is_looked_at(alice, contact, zoe, audience, refresh, members):
    lea = contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", 'contacts where city = "Lyon"')
    first = refresh(one)
    assert (of(first), str(first.why)) == (("full", None, 1, 0), "premier remplissage")
    assert of(refresh(one)) == ("part", 0, 0, 0)
    contacts.edit(alice, lea, {"city": "Albi"})
    contact("new@a.fr", city="Lyon")
    run = refresh(one)
    assert of(run) == ("part", 2, 1, 1)
    assert "2 seulement" in str(run.why)
    assert members(one) == ["new@a.fr"]
    Contact.objects.filter(email="new@a.fr").delete()
    assert of(refresh(one)) == ("part", 1, 0, 1)


def test_a_rule_is_not_touched_by_tables_that_it_does_not_read(alice, contact, zoe, audience, refresh):
    vip = tags.add(alice, "Secteur", "Industrie")
    plain, tagged = audience("A", 'contacts where city = "Albi"'), audience("B", 'contacts where has tag "Industrie"')
    refresh(plain), refresh(tagged)
    source = Source.objects.latest("pk")
    zoe.tags.create(tag=vip, by=1, source=source, at=NOON)
    assert of(refresh(plain)) == ("part", 0, 0, 0)
    assert of(refresh(tagged)) == ("part", 1, 1, 0)
    zoe.tags.all().delete()  # the row is gone: its owner is found in the former snapshot
    assert of(refresh(tagged)) == ("part", 1, 0, 1)


def test_what_is_written_about_a_company_is_about_its_contacts_and_the_other_way_round(
    alice, company, contact, zoe, audience, refresh
):
    acme, bolt = company("Acme", city="Lyon"), company("Bolt", city="Albi")
    lea = contact("lea@a.fr")
    Contact.objects.filter(pk=lea.pk).update(company=acme)
    staff = audience("Staff", 'contacts where company.city = "Lyon"')
    firms = audience("Firms", 'companies where has contact (city = "Nice")')
    assert refresh(staff).entered == 1
    refresh(firms)
    companies.edit(alice, acme, {"city": "Albi"})
    assert of(refresh(staff)) == ("part", 1, 0, 1)
    Contact.objects.filter(pk=lea.pk).update(city="Nice")
    assert of(refresh(firms)) == ("part", 1, 1, 0)
    Contact.objects.filter(pk=lea.pk).update(company=bolt)  # whom she left, and where she came
    assert of(refresh(firms)) == ("part", 2, 1, 1)


def test_events_that_arrived_are_looked_at_however_late(zoe, contact, happens, audience, refresh, members):
    contact("lea@a.fr")
    contact("marc@a.fr")
    one = audience("Acheteurs", "contacts where did purchase in last 30 days")
    refresh(one, NOON)
    happens("purchase", NOON - 3 * DAY, contact_email="lea@a.fr", value=1)
    happens("page_view", NOON - 3 * DAY, contact_email="marc@a.fr", path="/")  # another kind
    happens("purchase", NOON - 60 * DAY, contact_email="marc@a.fr", value=1)  # outside the window
    assert of(refresh(one, NOON)) == ("part", 1, 1, 0)
    lake.flush()  # what waited is in a batch of its own now: looked at once more, for nothing
    assert of(refresh(one, NOON)) == ("part", 1, 0, 0)
    assert of(refresh(one, NOON)) == ("part", 0, 0, 0)
    assert members(one) == ["lea@a.fr"]


def test_events_that_cross_the_edge_of_a_window_are_looked_at_forward_and_back(
    zoe, contact, happens, audience, refresh
):
    contact("lea@a.fr")
    happens("purchase", NOON - 30 * DAY + HOUR, contact_email="lea@a.fr", value=1)
    happens("purchase", NOON + HOUR, contact_email="zoe@a.fr", value=1)  # not yet: the run goes back in time
    lake.flush()
    one = audience("Acheteurs", "contacts where did purchase in last 30 days")
    assert refresh(one, NOON).entered == 1
    refresh(one, NOON)  # what waited at the first has been looked at
    assert of(refresh(one, NOON + HOUR - timedelta(microseconds=1))) == ("part", 0, 0, 0)
    assert of(refresh(one, NOON + HOUR)) == ("part", 2, 1, 1)
    assert of(refresh(one, NOON)) == ("part", 2, 1, 1)


@pytest.mark.parametrize(
    ("rule", "day"),
    [("days since last purchase >= 7", 7), ("days since first purchase between 2 and 4", 2),
     ("days since last purchase in (3, 5)", 3), ("days since last purchase > 2.5", 3)],
)  # fmt: skip
def test_an_age_is_looked_at_when_it_becomes_one_that_the_rule_speaks_of(
    zoe, contact, happens, audience, refresh, rule, day
):
    contact("lea@a.fr")
    happens("purchase", NOON, contact_email="lea@a.fr", value=1)
    happens("purchase", NOON - 900 * DAY, contact_email="zoe@a.fr", value=1)
    lake.flush()
    one = audience("Âge", f"contacts where {rule}")
    before = refresh(one, NOON + day * DAY - timedelta(seconds=2)).size
    assert of(refresh(one, NOON + day * DAY - timedelta(seconds=1)))[:2] == ("part", 0)
    run = refresh(one, NOON + day * DAY)
    assert (run.way, run.looked_at, run.size) == ("part", 1, before + 1)


def test_days_are_looked_at_when_the_local_day_changes(alice, zoe, contact, audience, refresh):
    lea = contact("lea@a.fr")
    Contact.objects.filter(pk=lea.pk).update(created_at=datetime(2026, 3, 28, 12, tzinfo=UTC))
    Contact.objects.filter(pk=zoe.pk).update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    one = audience("Nouveaux", "contacts where created in last 2 days")
    evening = datetime(2026, 3, 29, 21, 30, tzinfo=UTC)  # 23:30 in Paris, where clocks went forward that night
    assert refresh(one, evening).entered == 1
    assert of(refresh(one, evening + timedelta(minutes=29))) == ("part", 0, 0, 0)
    assert of(refresh(one, evening + timedelta(minutes=30))) == ("part", 1, 0, 1)


def test_a_visitor_who_is_identified_is_looked_at_with_all_visits(zoe, contact, happens, audience, refresh):
    contact("lea@a.fr")
    happens("page_view", NOON - DAY, visitor="v1", path="/tarifs")
    lake.flush()
    one = audience("Curieux", 'contacts where did page_view (path = "/tarifs")')
    assert refresh(one, NOON).entered == 0
    happens("identify", NOON, visitor="v1", contact_email="lea@a.fr")
    assert of(refresh(one, NOON)) == ("part", 1, 1, 0)


def test_companies_merged_and_split_and_domains_handed_over_are_looked_at(
    alice, company, happens, audience, refresh, members
):
    acme, bolt, _cime = company("Acme"), company("Bolt", website="bolt.fr"), company("Cime")
    happens("purchase", NOON, company_domain="shop.bolt.fr", value=1)
    one = audience("Acheteuses", "companies where did purchase")
    refresh(one, NOON)
    refresh(one, NOON)
    merge = merging.merge(alice, acme, bolt)
    assert of(refresh(one, NOON)) == ("part", 2, 1, 1)
    assert members(one) == ["Acme"]
    merging.split(alice, merge)
    assert of(refresh(one, NOON)) == ("part", 2, 1, 1)
    CompanyDomain.objects.update(company=acme)
    assert of(refresh(one, NOON)) == ("part", 2, 1, 1)


def test_a_company_that_is_no_longer_alone_at_its_domain_is_looked_at(
    alice, company, happens, audience, refresh, members
):
    company("Acier de Lyon", website="lyon.acier.fr")
    happens("purchase", NOON, company_domain="acier.fr", value=1)
    lake.flush()
    one = audience("Acheteuses", "companies where did purchase")
    refresh(one, NOON)
    assert members(one) == ["Acier de Lyon"]
    company("Acier de Nantes", website="nantes.acier.fr")
    assert of(refresh(one, NOON)) == ("part", 2, 0, 1)
    assert members(one) == []


def test_audiences_that_a_rule_names_and_exclusions_are_followed(alice, zoe, contact, audience, refresh, members):
    lea = contact("lea@a.fr", city="Lyon")
    base, out = audience("Base", 'contacts where city = "Lyon"'), audience("Exclus", 'contacts where city = "Lyon"')
    inside = audience("Dedans", 'contacts where in audience "Base"')
    besides = audience("Reste", "contacts where email is known", exclude=[out])
    for one in (inside, besides):
        refresh(one)
    contacts.edit(alice, lea, {"city": "Albi"})
    assert of(refresh(inside)) == ("part", 1, 0, 1)
    assert of(refresh(besides)) == ("part", 1, 1, 0)
    assert members(base) == members(inside) == []
    audiences.pin(alice, out, [zoe.pk], inside=True)  # her row is as it was: only the audience's members change
    assert of(refresh(besides)) == ("part", 1, 0, 1)


def test_hands_are_looked_at_even_when_their_process_died(alice, zoe, audience, refresh, members):
    one = audience("Lyonnais", 'contacts where city = "Lyon"')
    refresh(one)
    audiences.pin(alice, one, [zoe.pk], inside=True)
    assert of(refresh(one)) == ("part", 1, 1, 0)
    audiences.release(alice, one, [zoe.pk])
    assert of(refresh(one)) == ("part", 1, 0, 1)


def test_a_run_by_hand_is_not_where_the_next_one_begins(alice, zoe, contact, audience, refresh, members):
    lea = contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", 'contacts where city = "Lyon"')
    refresh(one)
    contacts.edit(alice, lea, {"city": "Albi"})
    contacts.edit(alice, zoe, {"city": "Lyon"})
    assert of(refreshing.refresh_some(alice, one, [zoe.pk]).run) == ("hand", 1, 1, 0)
    assert of(refresh(one)) == ("part", 2, 0, 1)
    assert members(one) == ["zoe@a.fr"]


def test_what_a_run_by_hand_did_as_of_another_instant_is_looked_at_again(alice, zoe, happens, audience, refresh):
    happens("purchase", NOON + HOUR, contact_email="zoe@a.fr", value=1)
    lake.flush()
    one = audience("Acheteurs", "contacts where did purchase")
    refresh(one, NOON)
    assert of(refresh(one, NOON)) == ("part", 0, 0, 0)
    assert refreshing.refresh_some(alice, one, [zoe.pk]).run.entered == 1  # as of today
    assert of(refresh(one, NOON)) == ("part", 1, 0, 1)


def test_several_together_read_the_events_once_and_those_of_broken_rules_hold_nobody_up(
    alice, zoe, company, contact, happens, audience, refresh, members, monkeypatch
):
    from tamis.audiences import narrowing

    worlds = []
    real = narrowing.World
    monkeypatch.setattr(narrowing, "World", lambda *given: worlds.append(real(*given)) or worlds[-1])
    lea, acme = contact("lea@a.fr"), company("Acme")
    Contact.objects.filter(pk=lea.pk).update(company=acme)
    for number in range(3):
        happens("page_view", NOON - number * DAY, contact_email="lea@a.fr", path="/")
        happens("page_view", NOON - number * DAY, contact_email="zoe@a.fr", path="/")
    tag = tags.add(alice, "Secteur", "Industrie")
    rules = ("contacts where did page_view at least 4 times", "companies where count(page_view) >= 4",
             "contacts where company (did page_view at least 4 times)", "contacts where has tag Industrie",
             "contacts where did purchase")  # fmt: skip
    made = [audience(f"N{n}x", rule.replace("Industrie", '"Industrie"')) for n, rule in enumerate(rules)]
    lake.flush()
    refreshing.refresh(alice, made, NOON)
    tags.delete(alice, tag)
    happens("page_view", NOON, contact_email="lea@a.fr", path="/tarifs")
    runs = [each.run for each in refreshing.refresh(alice, made, NOON)]
    assert [run.state for run in runs] == ["done", "done", "done", "failed", "done"]
    assert [of(run) for run in runs if run.state == "done"] == [
        ("part", 1, 1, 0), ("part", 1, 1, 0), ("part", 1, 1, 0), ("part", 0, 0, 0),
    ]  # fmt: skip
    assert len(worlds) == 1
    assert [members(each) for each in made[:3]] == [["lea@a.fr"], ["Acme"], ["lea@a.fr"]]


def test_a_static_audience_that_is_filled_asks_its_rule_no_more(alice, zoe, contact, audience, refresh):
    lea = contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", 'contacts where city = "Lyon" and company.revenue in top 10%', "static")
    audiences.edit(alice, one, definition=audiences.Definition('contacts where city = "Lyon"', "static"))
    refresh(one)
    contacts.edit(alice, lea, {"city": "Albi"})
    assert of(refresh(one)) == ("part", 1, 0, 0)
    lea.delete()
    assert of(refresh(one)) == ("part", 1, 0, 1)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("companies where revenue in top 10%", "classe"),
        ("companies where days since last form < 2 * days since first purchase", "days since"),
    ],
)
def test_what_cannot_be_bounded_is_looked_at_in_full_and_says_why(company, audience, refresh, rule, why):
    company("Acme")
    one = audience("Rangs", rule)
    refresh(one)
    run = refresh(one)
    assert (run.way, run.looked_at) == ("full", None)
    assert why in str(run.why)


def changes_version(alice, one):
    audiences.edit(alice, one, definition=audiences.Definition(
        'contacts where has tag "Industrie" or city = "Nice" or company (in segment client)', "dynamic"))  # fmt: skip


def renames_tags(alice, one):
    [tag] = tags.every_tag()
    tags.rename(alice, tag, "Services")
    tags.add(alice, "Secteur", "Industrie")


def erases(alice, one):
    erasing.finish(erasing.ask(alice, "zoe@a.fr"))


def takes_a_snapshot_whole(alice, one):
    snapshots.take(whole=True)


def loses_what_was_touched(alice, one):
    for file in (snapshots.folder() / "touched").iterdir():
        file.unlink()


def gives_the_inbox_another_life(alice, one):
    with lake.inbox() as inbox:
        inbox.begin_epoch()


def moves_a_list(alice, one):
    List.objects.filter(name="prospect-default").update(segment="client")


def says_nothing_of_what_was_seen(alice, one):
    AudienceRun.objects.update(seen={})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (changes_version, "autre version"), (renames_tags, "même sens"), (erases, "effacé"),
        (takes_a_snapshot_whole, "instantané"), (loses_what_was_touched, "instantané"),
        (gives_the_inbox_another_life, "boîte"), (moves_a_list, "segment"), (says_nothing_of_what_was_seen, "vu"),
    ],
)  # fmt: skip
def test_what_is_no_mere_addition_has_all_looked_at(alice, company, zoe, contact, audience, refresh, change, why):
    tags.add(alice, "Secteur", "Industrie")
    lea = contact("lea@a.fr")
    company("Acme")
    Contact.objects.filter(pk=lea.pk).update(company=Company.objects.get())
    one = audience("Suivis", 'contacts where has tag "Industrie" or company (in segment client)')
    refresh(one)
    contact("marc@a.fr")
    assert refresh(one).way == "part"
    change(alice, one)
    run = refresh(one)
    assert (run.way, run.looked_at) == ("full", None)
    assert why in str(run.why)
    contact("nina@a.fr")
    refresh(one)
    assert refresh(one).way == "part"


def test_too_many_are_not_looked_at_one_by_one(alice, zoe, contact, audience, refresh, monkeypatch):
    monkeypatch.setattr(refresh_bounds, "LEAST", 1)
    one = audience("Lyonnais", 'contacts where city = "Lyon"')
    refresh(one)
    contact("lea@a.fr", city="Lyon")
    assert refresh(one).way == "part"
    contact("marc@a.fr", city="Lyon")
    contact("nina@a.fr", city="Lyon")
    run = refresh(one)
    assert (of(run), str(run.why)) == (("full", None, 2, 0), "2 sur 4 ont pu changer : autant regarder tout le monde")


def test_many_snapshots_later_every_change_is_still_known(alice, zoe, contact, audience, refresh, monkeypatch):
    monkeypatch.setattr(touched, "MOST_FILES", 3)
    one = audience("Lyonnais", 'contacts where city = "Lyon"')
    refresh(one)
    for number in range(8):
        contact(f"c{number}@a.fr", city="Lyon")
        snapshots.take(merge=number == 4)
    assert len(snapshots.current().manifest.touched) <= 3
    assert of(refresh(one)) == ("part", 8, 8, 0)


def test_what_was_touched_too_long_ago_is_forgotten_and_all_are_looked_at(
    alice, zoe, contact, audience, refresh, monkeypatch
):
    monkeypatch.setattr(touched, "MOST_FILES", 1)
    monkeypatch.setattr(touched, "KEPT", timedelta(seconds=-1))
    one = audience("Lyonnais", 'contacts where city = "Lyon"')
    refresh(one)
    for number in range(3):
        contact(f"c{number}@a.fr", city="Lyon")
        snapshots.take()
    run = refresh(one)
    assert (run.way, run.entered) == ("full", 3)


def test_what_is_left_behind_names_nobody(alice, zoe, contact, happens, audience):
    import pyarrow.parquet as pq

    audience("Curieux", "contacts where did page_view")
    engine_tables.current()
    contact("lea@a.fr")
    happens("identify", NOON, visitor="v1", contact_email="zoe@a.fr")
    engine_tables.current()
    rows = [row for file in (snapshots.folder() / "touched").iterdir() for row in pq.read_table(file).to_pylist()]
    assert ("stays", "contacts", zoe.pk) in {(row["name"], row["of"], row["id"]) for row in rows}
    assert {type(value) for row in rows for value in row.values()} == {int, str}
    assert not [row for row in rows if "@" in row["of"] + row["name"]]


def test_a_check_repairs_loudly_what_is_wrong_and_not_what_merely_changed(
    alice, zoe, contact, audience, refresh, members, caplog
):
    lea = contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", 'contacts where city = "Lyon"')
    refresh(one)
    contacts.edit(alice, lea, {"city": "Albi"})
    with caplog.at_level(logging.WARNING, "tamis.audiences"):
        [outcome] = refreshing.check_all(alice)
    assert of(outcome.run) == ("check", None, 0, 0)
    assert not caplog.records
    snapshots.take()
    Contact.objects.filter(pk=zoe.pk).update(city="Lyon")
    snapshots.take()
    _forget_changes()
    assert of(refresh(one)) == ("part", 0, 0, 0)  # nobody knows of it
    with caplog.at_level(logging.WARNING, "tamis.audiences"):
        [outcome] = refreshing.check_all(alice)
    assert of(outcome.run) == ("check", None, 1, 0)
    [record] = caplog.records
    assert "zoe" not in record.getMessage()
    assert members(one) == ["zoe@a.fr"]
    assert of(refresh(one)) == ("part", 0, 0, 0)


def _forget_changes():
    """Neither the log nor the files of what was touched say anything, as after a fault of Tamis."""
    from dataclasses import replace

    from tamis.lake.snapshots import manifest

    Change.objects.all().delete()  # PostgreSQL reads it again while anybody's transaction is under way
    last = snapshots.current().manifest
    manifest.publish(snapshots.folder(), replace(last, touched=()))
