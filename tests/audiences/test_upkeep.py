"""Files are put together, what is old is forgotten, a person erased leaves every audience, and backups agree."""

import json
import shutil
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tamis.app.models import Audience, AudienceAction, AudienceEffect, AudienceRun, Due
from tamis.app.services import (
    audience_history,
    audience_jobs,
    audience_upkeep,
    audiences,
    backups,
    contacts,
    engine_tables,
    erasing,
    refreshing,
    work,
)
from tamis.app.services.acting import Actor
from tamis.audiences import members as table
from tamis.audiences.members import History

LYON = 'contacts where city = "Lyon"'
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def webhooks():
    """What entering and leaving an audience sets off."""

    def made(one):
        for edge in AudienceAction.Edge:
            AudienceAction.objects.create(audience=one, edge=edge, kind="webhook", created_at=timezone.now(),
                                          arguments={"url": "https://exemple.fr/"})  # fmt: skip

    return made


def test_many_small_files_become_one_and_say_the_same(alice, contact, audience, refresh, members):
    lea = contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", LYON)
    for city in ["Albi", "Lyon"] * 3:
        refresh(one)
        contacts.edit(alice, lea, {"city": city})
    refresh(one)
    folder = engine_tables.members_folder()
    before = History(folder, one.pk).of([lea.pk]).to_pylist()
    assert (len(table.files_of(folder)), len(before)) == (7, 7)
    assert table.compact(folder, many=7, kept=timedelta(0)) == 1
    assert len(table.files_of(folder)) == 1
    assert History(folder, one.pk).of([lea.pk]).to_pylist() == before
    assert members(one) == ["lea@a.fr"]
    contacts.edit(alice, lea, {"city": "Albi"})
    assert refresh(one).left == 1


def test_a_contact_erased_leaves_every_audience_and_the_outbox(alice, contact, audience, refresh, members, webhooks):
    lea, marc = contact("lea@a.fr", city="Lyon"), contact("marc@a.fr", city="Lyon")
    one, other = audience("Lyonnais", LYON), audience("Les mêmes", LYON, "static")
    webhooks(one)
    refreshing.refresh_all(alice)
    contacts.edit(alice, lea, {"city": "Albi"})
    refresh(one)  # a former member of one, a member of the other
    audiences.pin(alice, one, [lea.pk], inside=False)
    assert erasing.foresee("lea@a.fr")["memberships"] == {"audiences": 2, "effects": 2}
    erasure = erasing.finish(erasing.ask(alice, "lea@a.fr"))
    assert erasure.steps["memberships"] | {"at": ""} == {"audiences": 2, "effects": 2, "at": ""}
    for each in (one, other):
        history = History(engine_tables.members_folder(), each.pk)
        assert history.of([lea.pk]).num_rows == 0
        assert history.members().column("subject").to_pylist() == [marc.pk]
    assert {*AudienceEffect.objects.values_list("subject", flat=True)} == {marc.pk}
    assert not one.pins.exists()
    assert [each.size for each in audience_history.freshness(audiences.every_audience())] == [1, 1]  # as are the lists
    zoe = contact("zoe@a.fr", city="Albi")
    audiences.pin(alice, other, [zoe.pk], inside=True)
    assert refreshing.refresh_some(alice, other, [zoe.pk]).run.size == 2
    audiences.release(alice, other, [zoe.pk])
    audiences.pin(alice, other, [zoe.pk], inside=False)
    refreshing.refresh_all(alice)
    assert members(one) == members(other) == ["marc@a.fr"]


def test_rows_of_an_audience_that_is_no_more_are_swept(alice, contact, audience, refresh):
    contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", LYON)
    refresh(one)
    Audience.objects.filter(pk=one.pk).delete()  # died before it came to the lake
    audience_upkeep.sweep()
    assert table.audiences_in(engine_tables.members_folder()) == set()


def test_old_runs_that_changed_nothing_are_thinned_to_one_a_day(alice, contact, audience, refresh):
    contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", LYON)
    first = refresh(one)
    idle = [refresh(one) for _ in range(5)]
    noon = datetime(2026, 3, 31, 12, tzinfo=PARIS)
    for hours, run in enumerate([first, *idle[:3]]):
        AudienceRun.objects.filter(pk=run.pk).update(started_at=noon + timedelta(hours=hours))
    audience_upkeep.forget_old_runs()
    assert [*one.runs.order_by("pk").values_list("pk", flat=True)] == [first.pk, *(run.pk for run in idle[2:])]


def test_the_worker_refreshes_what_is_due(alice, contact, audience, monkeypatch):
    monkeypatch.setattr(audience_jobs, "NIGHT", range(0))  # in which every audience is checked as well
    contact("lea@a.fr", city="Lyon")
    hourly, by_hand = audience("Horaire", LYON, every=60), audience("À la main", LYON)
    Due.objects.all().delete()
    work.run_due()
    run = hourly.runs.get()
    assert (run.state, run.by, run.via, run.entered) == ("done", "tamis", "schedule", 1)
    due = hourly.next_at
    hourly.refresh_from_db()
    assert hourly.next_at == due + timedelta(minutes=60)
    assert not by_hand.runs.exists()
    Due.objects.all().delete()
    work.run_due()
    assert hourly.runs.count() == 1


def test_what_was_due_keeps_its_hours_however_late_it_came(alice, audience):
    """Whoever looks once a minute must not find what is due each minute due some seconds later, each time."""
    one = audience("Horaire", LYON, every=60)
    due = timezone.now() - timedelta(minutes=30)
    Audience.objects.filter(pk=one.pk).update(next_at=due)
    refreshing.refresh_due(alice)
    one.refresh_from_db()
    assert one.next_at == due + timedelta(minutes=60)
    Audience.objects.filter(pk=one.pk).update(next_at=due - timedelta(hours=10))  # the worker was away
    refreshing.refresh_due(alice)
    one.refresh_from_db()
    assert one.next_at == due + timedelta(minutes=60)


def test_a_refresh_before_its_time_begins_the_hours_anew(alice, audience, refresh):
    one = audience("Horaire", LYON, every=60)
    due = timezone.now() + timedelta(minutes=59)
    Audience.objects.filter(pk=one.pk).update(next_at=due)
    refresh(one)
    one.refresh_from_db()
    assert one.next_at > due


@pytest.mark.sqlite_only  # on PostgreSQL the state is pg_dump's
def test_a_backup_brought_back_agrees_whatever_happened_since(alice, contact, audience, tmp_path, members):
    lea = contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", LYON)
    refreshing.refresh_all(alice)
    folder, copy = engine_tables.members_folder(), tmp_path / "copie"
    backups.back_up(copy)
    assert json.loads((copy / backups.MANIFEST).read_text())["members_version"] == 1
    contacts.edit(alice, lea, {"city": "Albi"})
    refreshing.refresh_all(alice)
    assert members(one) == []
    # as if the copy of the members had been taken after that last run, and the state before
    AudienceRun.objects.filter(audience=one).latest("pk").delete()
    contacts.edit(alice, contacts.find("lea@a.fr"), {"city": "Lyon"})
    epoch = Audience.objects.get(pk=one.pk).epoch
    audience_upkeep.reconcile()
    assert members(one) == ["lea@a.fr"]
    assert Audience.objects.get(pk=one.pk).epoch != epoch
    assert refreshing.refresh(alice, [one])[0].run.entered == 0
    # and as if it had been taken before: the state knows of a run that the table lacks
    contacts.edit(alice, lea, {"city": "Albi"})
    refreshing.refresh_all(alice)
    shutil.rmtree(folder)
    shutil.copytree(copy / "lake" / "members", folder)
    audience_upkeep.reconcile()
    assert members(one) == ["lea@a.fr"]
    assert refreshing.refresh(Actor("bob", "cli"), [one])[0].run.left == 1
    assert members(one) == []


@pytest.mark.sqlite_only
def test_a_run_that_was_prepared_when_the_backup_was_made_is_done_if_the_table_has_it(
    alice, contact, audience, refresh, members
):
    contact("lea@a.fr", city="Lyon")
    one = audience("Lyonnais", LYON)
    run = refresh(one)
    AudienceRun.objects.filter(pk=run.pk).update(state="prepared")
    audience_upkeep.reconcile()
    run.refresh_from_db()
    assert run.state == "done"
    assert members(one) == ["lea@a.fr"]
