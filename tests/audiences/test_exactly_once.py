"""Killed at every step, two workers at once, a hundred rounds: never a lost or doubled entry, exit or action."""

import itertools

import pytest
from audiences.lived import Lived

from tamis.app.models import Audience, AudienceRun, Lease
from tamis.app.services import contacts, refreshing
from tamis.audiences import members as table
from tamis.errors import Busy


def nothing_lost_nor_doubled(told):
    """What must hold of what was told, whatever happened before."""
    assert told["members"]["Lyonnais"] == told["in Lyon"]
    assert told["members"]["Les mêmes"] == told["in Lyon"]
    of_subject = itertools.groupby(told["edges"], key=lambda edge: edge[0])
    for _, edges in of_subject:  # in, out, in, out ...
        entered = [entered for _, entered, _ in edges]
        assert entered == [n % 2 == 0 for n in range(len(entered))]
    assert {told["runs"][str(run)] for _, _, run in told["edges"]} == {"done"}
    assert "prepared" not in told["runs"].values()
    names = {True: "enter", False: "leave"}
    assert sorted(told["effects"]) == sorted([subject, names[entered], run] for subject, entered, run in told["edges"])
    size = 0
    for entered, left, after in told["sizes"]:
        size += entered - left
        assert after == size


@pytest.fixture
def lived(shell):
    return Lived(shell, "living_audience.py", nothing_lost_nor_doubled)


def test_a_refresh_killed_here_and_there_loses_and_doubles_nothing(lived):
    assert lived.killed([1, 15, 30, 40, 50, 55, 60]) == 7


@pytest.mark.soak
def test_a_refresh_killed_at_every_step(lived):
    assert lived.killed(itertools.count(1)) > 60


def test_two_workers_at_once_lose_and_double_nothing(lived):
    assert len(lived.side_by_side(8)["runs"]) > 8


@pytest.mark.soak
def test_two_workers_at_once_through_a_hundred_rounds(lived):
    assert len(lived.side_by_side(50)["runs"]) > 50


@pytest.fixture
def lyon(contact, audience, refresh):
    """An audience of Léa, who leaves, while Zoé comes: the next refresh has something to commit."""
    lea, zoe = contact("lea@a.fr", city="Lyon"), contact("zoe@a.fr", city="Albi")
    one = audience("Lyonnais", 'contacts where city = "Lyon"')
    refresh(one)

    def moved(alice):
        contacts.edit(alice, lea, {"city": "Albi"})
        contacts.edit(alice, zoe, {"city": "Lyon"})

    return one, moved


def refreshed_once(one, members):
    assert members(one) == ["zoe@a.fr"]
    assert [*one.runs.order_by("pk").filter(state="done").values_list("entered", "left")][:2] == [(1, 0), (1, 1)]
    assert not one.runs.filter(state="prepared").exists()
    assert sum(one.runs.filter(state="done").values_list("left", flat=True)) == 1


def test_a_sleeper_that_lost_its_lease_cannot_commit(alice, lyon, members, monkeypatch):
    """It was about to commit when its lease ran out and somebody else did the whole refresh."""
    one, moved = lyon
    moved(alice)
    commit = table.commit

    def overtaken(*given):
        monkeypatch.setattr(table, "commit", commit)
        Lease.objects.filter(key=f"audience:{one.pk}").delete()
        assert refreshing.refresh(alice, [one])[0].ok
        commit(*given)

    monkeypatch.setattr(table, "commit", overtaken)
    [slept] = refreshing.refresh(alice, [one], patience=0.0)
    assert isinstance(slept.busy, Busy)
    refreshing.refresh(alice, [one])
    refreshed_once(one, members)
    assert sorted(one.runs.values_list("state", flat=True)) == ["abandoned", "done", "done", "done"]


def test_a_sleeper_that_commits_before_its_successor_is_taken_at_its_word(alice, lyon, members, monkeypatch):
    """Its run was given up for dead, but reached the lake before the next one: that one fails, and the run stands."""
    one, moved = lyon
    moved(alice)
    commit, slept = table.commit, []
    monkeypatch.setattr(table, "commit", lambda *given: slept.append(given) or (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        refreshing.refresh(alice, [one])

    def behind(*given):
        monkeypatch.setattr(table, "commit", commit)
        commit(*slept[0])
        commit(*given)

    monkeypatch.setattr(table, "commit", behind)
    [tried] = refreshing.refresh(alice, [one], patience=0.0)
    assert isinstance(tried.busy, Busy)
    assert AudienceRun.objects.get(pk=slept[0][3]).state == "abandoned"
    refreshing.refresh(alice, [one])
    assert AudienceRun.objects.get(pk=slept[0][3]).state == "done"
    refreshed_once(one, members)


def test_the_second_who_comes_waits_or_hears_who_is_at_it(alice, lyon, monkeypatch):
    one, moved = lyon
    moved(alice)
    commit, heard = table.commit, []

    def meanwhile(*given):
        monkeypatch.setattr(table, "commit", commit)
        heard.extend(refreshing.refresh(alice, [one], patience=0.0))
        commit(*given)

    monkeypatch.setattr(table, "commit", meanwhile)
    assert refreshing.refresh(alice, [one])[0].ok
    assert "y travaille depuis" in str(heard[0].busy)
    assert Audience.objects.get(pk=one.pk).runs.count() == 2
