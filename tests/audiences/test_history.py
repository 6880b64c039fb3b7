"""Who was in as of any instant, under which version; copies; freshness; why somebody is in. Worked by hand [F1, F2]."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from django.utils import timezone

from tamis.app.models import Audience, AudienceRun
from tamis.app.services import (
    audience_copies,
    audience_explaining,
    audience_history,
    audience_members,
    audience_previews,
    audiences,
    contacts,
    refreshing,
    tags,
)
from tamis.errors import Refused

LYON, ALBI = 'contacts where city = "Lyon"', 'contacts where city = "Albi"'
MARCH, APRIL, MAY = (datetime(2026, month, 1, 12, tzinfo=UTC) for month in (3, 4, 5))


@pytest.fixture
def cast(contact):
    """Léa and Marc live in Lyon, Zoé in Albi."""
    return [contact(f"{name}@a.fr", city=city) for name, city in (("lea", "Lyon"), ("marc", "Lyon"), ("zoe", "Albi"))]


def names(audience, instant=None):
    """The addresses of the members, as of an instant."""
    return [each["email"] for each in audience_members.members(audience, instant).rows()]


def test_a_run_that_goes_back_in_time_counts_for_its_own_instant(alice, cast, audience, refresh):
    one = audience("Lyonnais", LYON)
    refresh(one, APRIL)
    contacts.edit(alice, cast[1], {"city": "Albi"})
    refresh(one, MARCH)  # later in fact, earlier in time: Marc is out
    assert names(one) == ["lea@a.fr"]  # the state after the last run
    assert names(one, MARCH) == ["lea@a.fr"]
    assert names(one, APRIL) == ["lea@a.fr", "marc@a.fr"]
    assert names(one, datetime(2026, 2, 1, tzinfo=UTC)) == []
    contacts.edit(alice, cast[2], {"city": "Lyon"})
    refresh(one, APRIL)  # of two of the same instant the last counts
    assert names(one, APRIL) == ["lea@a.fr", "zoe@a.fr"]
    assert audience_members.difference(one, MARCH, APRIL).counts == {"entered": 1, "left": 0, "stayed": 1}


def test_members_say_since_when_and_come_in_pages(alice, cast, audience, refresh, monkeypatch):
    monkeypatch.setattr(audience_members, "CHUNK", 2)
    one = audience("Tous", "contacts where email is known")
    refresh(one, MARCH)
    contacts.edit(alice, cast[0], {"city": "Nice"})
    refresh(one, APRIL)
    found = audience_members.members(one)
    assert [(each["id"], each["entered"]) for each in found.rows()] == [(each.pk, MARCH) for each in cast]
    rows, beyond = found.page(0, 2)
    assert [each["id"] for each in rows] == [cast[0].pk, cast[1].pk]
    rows, end = found.page(beyond, 2)
    assert ([each["id"] for each in rows], end) == ([cast[2].pk], None)


def test_who_left_and_came_back_is_a_member_since_then(alice, cast, audience, refresh):
    one = audience("Lyonnais", LYON)
    refresh(one, MARCH)
    contacts.edit(alice, cast[1], {"city": "Albi"})
    refresh(one, APRIL)
    contacts.edit(alice, cast[1], {"city": "Lyon"})
    refresh(one, MAY)
    assert [each["entered"] for each in audience_members.members(one).rows()] == [MARCH, MAY]
    why = audience_explaining.explain(one, contact="marc@a.fr")
    assert [(each.entered, each.instant) for each in why.edges] == [(True, MARCH), (False, APRIL), (True, MAY)]
    assert audience_members.difference(one, MARCH, MAY).counts == {"entered": 0, "left": 0, "stayed": 2}
    rows, _end = audience_members.difference(one, MARCH, APRIL).page("left", 0, 10)
    assert [(each["email"], each["what"]) for each in rows] == [("marc@a.fr", "left")]


def test_a_copy_that_was_killed_half_way_is_ended_as_a_copy(alice, cast, audience, refresh, members):
    one = audience("Lyonnais", LYON)
    refresh(one, MARCH)
    contacts.edit(alice, cast[0], {"city": "Albi"})
    refresh(one, APRIL)
    copy = audience_copies.prepare(alice, one, "Copie", MARCH)  # and here the process dies
    assert members(copy) == []
    refresh(copy)
    assert members(copy) == ["lea@a.fr", "marc@a.fr"]
    assert [each.state for each in copy.runs.order_by("pk")] == ["done", "done"]
    assert names(copy, MARCH) == ["lea@a.fr", "marc@a.fr"]


def test_a_copy_leaves_out_exclusions_hands_and_those_who_exist_no_more(alice, cast, audience, refresh, members):
    silent = audience("Silence", 'contacts where email = "marc@a.fr"')
    one = audience("Lyonnais", LYON, exclude=[silent])
    audiences.pin(alice, one, [cast[2].pk], inside=True)
    refresh(one)
    cast[0].delete()
    run = refreshing.freeze(alice, one, "Copie")
    assert (run.entered, run.size, members(run.audience)) == (1, 1, ["zoe@a.fr"])
    audiences.edit(alice, silent, definition=audiences.Definition("contacts where email is known", "dynamic"))
    refreshing.refresh_all(alice)
    assert members(one) == []
    assert members(run.audience) == ["zoe@a.fr"]
    with pytest.raises(Refused, match="s'appelle déjà"):
        refreshing.freeze(alice, one, "copie")


def test_a_rule_that_is_not_asked_any_more_cannot_break(alice, cast, audience, refresh, members):
    vip = tags.add(alice, "Secteur", "Industrie")
    one = audience("Statique", 'contacts where has tag "Industrie" or city = "Lyon"', "static")
    refresh(one)
    tags.delete(alice, vip)
    assert refresh(one).state == "done"
    assert members(one) == ["lea@a.fr", "marc@a.fr"]


def test_freshness_says_since_when_and_why(alice, cast, audience, refresh):
    vip = tags.add(alice, "Secteur", "Industrie")
    one = audience("Industrie", 'contacts where has tag "Industrie"')
    assert audience_history.freshness_of(one).standing == "never"
    refresh(one, MARCH)
    assert audience_history.freshness_of(one).as_json() | {"next": None} == {
        "state": "fresh", "as_of": MARCH, "past": True, "since": None, "why": None, "next": None,
    }  # fmt: skip
    tags.delete(alice, vip)
    first = refresh(one, APRIL)
    refresh(one, MAY)
    fresh = audience_history.freshness_of(one)
    assert (fresh.standing, fresh.as_of, fresh.since) == ("failed", MARCH, first.started_at)
    assert "Industrie" in str(fresh.why)
    audiences.pin(alice, one, [cast[0].pk], inside=True)
    refreshing.refresh_some(alice, one, [cast[0].pk])  # fails as well, and says nothing of the others
    assert audience_history.freshness_of(one).as_of == MARCH
    audiences.edit(alice, one, definition=audiences.Definition(LYON, "dynamic"))
    refresh(one, MAY)
    assert audience_history.freshness_of(one).standing == "fresh"
    refresh(one, timezone.now())
    assert not audience_history.freshness_of(one).past
    Audience.objects.filter(pk=one.pk).update(next_at=APRIL)
    late = audience_history.freshness_of(one)
    assert (late.standing, late.since) == ("late", APRIL)


def test_a_hand_is_not_held_and_leaves_what_is_held_waiting(alice, cast, audience, refresh, members):
    one = audience("Lyonnais", LYON, most_leaving=0)
    refresh(one)
    contacts.edit(alice, cast[0], {"city": "Albi"})
    assert refresh(one).state == "held"
    audiences.pin(alice, one, [cast[1].pk], inside=False)
    assert refreshing.refresh_some(alice, one, [cast[1].pk]).run.state == "done"
    assert members(one) == ["lea@a.fr"]
    assert audience_history.freshness_of(one).standing == "held"
    assert refreshing.confirm(alice, one).run.state == "done"
    assert members(one) == []


@pytest.mark.parametrize(
    ("mode", "after", "says"),
    [("static", True, "statique"), ("add-only", True, "cumulative"), ("dynamic", False, "retirera")],
)
def test_why_says_what_the_mode_makes_of_the_rule(alice, cast, audience, refresh, mode, after, says):
    one = audience("Lyonnais", LYON, mode)
    refresh(one)
    contacts.edit(alice, cast[0], {"city": "Albi"})
    why = audience_explaining.explain(one, contact="lea@a.fr")
    assert (why.inside, why.matches, why.next) == (True, False, after)
    assert says in " ".join(map(str, why.reasons))


def test_why_names_exclusions_and_hands(alice, cast, audience, refresh):
    silent = audience("Silence", 'contacts where email = "lea@a.fr"')
    one = audience("Lyonnais", LYON, exclude=[silent])
    audiences.pin(alice, one, [cast[2].pk, cast[0].pk], inside=True)
    refresh(one)
    excluded = audience_explaining.explain(one, contact="lea@a.fr")
    assert (excluded.inside, excluded.next) == (False, False)
    assert str(excluded.reasons[0]) == "Exclu : membre de « Silence »."
    pinned = audience_explaining.explain(one, contact="zoe@a.fr")
    assert (pinned.inside, pinned.matches, pinned.next) == (True, False, True)
    assert str(pinned.reasons[0]).startswith("Ajouté à la main par alice le ")
    assert [each.name for each, _since in audience_explaining.audiences_of("contacts", cast[0].pk)] == ["Silence"]
    with pytest.raises(Refused, match="nommez un contact"):
        audience_explaining.explain(one, company="1")


def test_a_preview_writes_nothing_and_says_what_an_edit_would_do(alice, cast, audience, refresh, members):
    one, two = audience("Lyonnais", LYON, most_leaving=50), audience("Albi", ALBI)
    refreshing.refresh_all(alice)
    before = AudienceRun.objects.count()
    found = audience_previews.preview(audiences.Definition(ALBI, "dynamic"), one, most_leaving=50)
    assert (found.before, found.entered, found.left, found.size, found.held) == (2, 1, 2, 1, True)
    assert [each["email"] for each in found.entering] == ["zoe@a.fr"]
    assert [each["email"] for each in found.leaving] == ["lea@a.fr", "marc@a.fr"]
    [(other, overlap)] = found.overlaps
    assert (other.pk, overlap.both, overlap.here, overlap.there) == (two.pk, 1, 0, 0)
    kept = audience_previews.preview(audiences.Definition(ALBI, "add-only"), one)
    assert (kept.entered, kept.left, kept.size) == (1, 0, 3)
    with pytest.raises(Refused) as refused:
        audience_previews.preview(audiences.Definition('companies where city = "Lyon"', "dynamic"), one)
    assert refused.value.code == "audience.subject"
    assert AudienceRun.objects.count() == before
    assert members(one) == ["lea@a.fr", "marc@a.fr"]
    assert one.versions.count() == 1


def test_a_rehearsal_refuses_what_saving_would_and_leaves_nothing(alice, cast, audience):
    one = audience("Un", LYON)
    two = audience("Deux", 'contacts where in audience "Un"')
    round_about = audiences.Definition('contacts where in audience "Deux"', "dynamic")
    with pytest.raises(Refused) as refused:
        audience_previews.rehearse(alice, round_about, one)
    assert refused.value.code == "audience.cycle"
    audience_previews.rehearse(alice, audiences.Definition(ALBI, "dynamic"), two, "Trois", every=60)
    two.refresh_from_db()
    assert (two.name, two.every, two.versions.count(), Audience.objects.count()) == ("Deux", None, 1, 2)


@pytest.mark.parametrize("most", [1, 3, 10])
def test_pages_together_are_the_whole_however_many_left(tmp_path, most):
    """Of a hundred who entered, all but the multiples of 19 left: a page reaches over those who are no members."""
    from tamis.audiences import members

    ids = [*range(1, 101)]
    for run, (subjects, entered) in enumerate([(ids, True), ([each for each in ids if each % 19], False)], 1):
        edges = pa.table([subjects, [entered] * len(subjects)], schema=members.EDGES)
        members.commit(members.open_table(tmp_path), 7, "e", run, MARCH, edges)
    history = members.History(tmp_path, 7)

    def paged(page):
        found, beyond = [], 0
        while rows := page(beyond).column("subject").to_pylist():
            found += rows
            beyond = rows[-1]
        return found

    assert paged(lambda beyond: history.members(beyond=beyond, most=most)) == [19, 38, 57, 76, 95]
    assert paged(lambda beyond: history.members(1, beyond=beyond, most=most)) == ids
    stayed = paged(lambda beyond: history.between(1, 2, "stayed", beyond=beyond, most=most))
    assert stayed == [19, 38, 57, 76, 95]
    assert history.counted_between(0, 2) == {"entered": 5, "left": 0, "stayed": 0}
    assert len(history.between(1, 2)) == 100
