"""What the audiences of one pass share: the events by which answers turn, whose they are, and a small world [D3].

Each history is worked by hand, and refreshed twice: one audience after the other in passes of their own, and together
with others in one pass. Zoé is somebody whom nothing concerns.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tamis.app.models import Company, Contact, List
from tamis.app.services import audiences, companies, contacts, lake, merging, refresh_bounds, refreshing

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY, HOUR, TICK = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)
OTHERS = (
    "contacts where count(page_view) in last 40 days > 50", "companies where did purchase at least 50 times",
    'contacts where company (did form (form = "devis") at least 50 times)',
)  # fmt: skip
"""Rules that hold for nobody and read events of every kind of subject, so that a pass has a world of many."""


@pytest.fixture
def zoe(contact: Any) -> Any:
    return contact("zoe@a.fr", city="Albi")


@pytest.fixture(params=["alone", "together"])
def refreshed(request: Any, alice: Any, audience: Any) -> Callable[..., Any]:
    """Refreshes an audience as of an instant, in a pass of its own or in one with others; how it went."""
    others = [audience(f"Autre {n}", rule) for n, rule in enumerate(OTHERS)] if request.param == "together" else []

    def run(one: Any, now: datetime = NOON) -> tuple[str, int | None, int, int]:
        outcomes = refreshing.refresh(alice, [*others, one], now)
        assert all(each.ok for each in outcomes)
        run = next(each.run for each in outcomes if each.audience.pk == one.pk)
        return run.way, run.looked_at, run.entered, run.left

    return run


@pytest.fixture
def together(alice: Any) -> Callable[..., list[tuple[str, int, int]]]:
    """Refreshes audiences in one pass; of each, how it went, how many were looked at and entered."""

    def run(made: list[Any], now: datetime = NOON) -> list[tuple[str, int, int]]:
        runs = {each.audience.pk: each.run for each in refreshing.refresh(alice, made, now)}
        return [(runs[each.pk].way, runs[each.pk].looked_at, runs[each.pk].entered) for each in made]

    return run


def test_what_is_known_of_somebody_is_nothing_to_a_rule_about_events_until_it_is_an_address(
    alice, zoe, contact, happens, audience, refreshed
):
    lea = contact("lea@a.fr", city="Lyon")
    happens("purchase", NOON - DAY, contact_email="lea.morel@a.fr", value=1)
    lake.flush()
    buyers = audience("Acheteurs", "contacts where did purchase")
    lyon = audience("De Lyon", 'contacts where city = "Nice" and did purchase')
    refreshed(buyers), refreshed(lyon)
    refreshed(buyers), refreshed(lyon)
    contacts.edit(alice, lea, {"city": "Nice"})
    assert refreshed(buyers) == ("part", 0, 0, 0)
    assert refreshed(lyon) == ("part", 1, 0, 0)
    Contact.objects.filter(pk=lea.pk).update(email="lea.morel@a.fr", email_key="lea.morel@a.fr")
    assert refreshed(buyers) == ("part", 1, 1, 0)
    assert refreshed(lyon) == ("part", 1, 1, 0)
    Contact.objects.filter(pk=lea.pk).update(email="lea@a.fr", email_key="lea@a.fr")
    assert refreshed(buyers) == ("part", 1, 0, 1)
    contact("lea.morel@a.fr")  # somebody new, of whom there were events
    assert refreshed(buyers) == ("part", 1, 1, 0)
    Contact.objects.filter(email_key="lea.morel@a.fr").delete()
    assert refreshed(buyers) == ("part", 1, 0, 1)


def test_a_company_is_looked_at_when_its_people_or_its_number_change_not_when_its_town_does(
    alice, company, contact, happens, audience, refreshed, members
):
    acme, bolt = company("Acme"), company("Bolt")
    lea = contact("lea@a.fr")
    Contact.objects.filter(pk=lea.pk).update(company=acme)
    happens("purchase", NOON - DAY, contact_email="lea@a.fr", value=1)
    happens("purchase", NOON - DAY, company_siren="552100554", value=1)
    lake.flush()
    one = audience("Acheteuses", "companies where did purchase")
    refreshed(one), refreshed(one)
    companies.edit(alice, acme, {"city": "Nice"})
    Contact.objects.filter(pk=lea.pk).update(city="Nice")
    assert refreshed(one) == ("part", 0, 0, 0)
    Contact.objects.filter(pk=lea.pk).update(company=bolt)  # whom she left, and where she came
    assert refreshed(one) == ("part", 2, 1, 1)
    assert members(one) == ["Bolt"]
    Company.objects.filter(pk=acme.pk).update(siren="552100554")
    assert refreshed(one) == ("part", 1, 1, 0)
    lea.delete()
    assert refreshed(one) == ("part", 1, 0, 1)
    assert members(one) == ["Acme"]


def test_a_company_that_is_in_another_list_is_looked_at_with_its_people(
    zoe, company, contact, happens, audience, refreshed, members
):
    acme, lea = company("Acme"), contact("lea@a.fr")
    Contact.objects.filter(pk=lea.pk).update(company=acme)
    firms = audience("Clientes", "companies where in segment client")
    staff = audience("Leurs gens", 'contacts where in list "client-default" and did not purchase')
    refreshed(firms), refreshed(staff)
    Company.objects.filter(pk=acme.pk).update(list=List.objects.get(name="client-default"))
    assert refreshed(firms) == ("part", 1, 1, 0)
    assert refreshed(staff) == ("part", 1, 1, 0)
    assert members(staff) == ["lea@a.fr"]


def test_events_of_those_who_were_merged_count_beside_what_arrived(
    alice, zoe, company, happens, audience, refreshed, members
):
    acme, bolt, cime = company("Acme"), company("Bolt"), company("Cime")
    merging.merge(alice, bolt, cime)
    merging.merge(alice, acme, bolt)
    happens("purchase", NOON - DAY, company_id=str(cime.pk), value=1)  # merged twice over
    lake.flush()
    one = audience("Fidèles", "companies where did purchase at least 2 times")
    refreshed(one), refreshed(one)
    happens("purchase", NOON, company_id=str(acme.pk), value=1)
    assert refreshed(one)[2:] == (1, 0)
    assert members(one) == ["Acme"]


def test_former_visits_of_somebody_count_beside_what_arrived(zoe, contact, happens, audience, refreshed, members):
    contact("lea@a.fr")
    happens("page_view", NOON - 3 * DAY, visitor="v1", path="/tarifs")
    happens("identify", NOON - 2 * DAY, visitor="v1", contact_email="lea@a.fr")
    lake.flush()
    one = audience("Curieux", 'contacts where did page_view (path = "/tarifs") at least 2 times')
    refreshed(one), refreshed(one)
    happens("page_view", NOON, visitor="v1", path="/tarifs")
    assert refreshed(one) == ("part", 1, 1, 0)
    assert members(one) == ["lea@a.fr"]


@pytest.mark.parametrize(("before", "entered"), [(30 * DAY - TICK, 1), (30 * DAY, 0)])
def test_the_oldest_event_of_a_window_counts_to_the_microsecond(
    zoe, contact, happens, audience, refreshed, before, entered
):
    contact("lea@a.fr")
    happens("page_view", NOON - before, contact_email="lea@a.fr", path="/")
    lake.flush()
    one = audience("Fidèles", "contacts where did page_view at least 2 times in last 30 days")
    refreshed(one), refreshed(one)
    happens("page_view", NOON, contact_email="lea@a.fr", path="/")
    assert refreshed(one) == ("part", 1, entered, 0)


def test_an_event_crosses_the_edge_of_a_window_at_its_microsecond(zoe, contact, happens, audience, refreshed):
    contact("lea@a.fr")
    happens("purchase", NOON - 30 * DAY, contact_email="lea@a.fr", value=1)
    lake.flush()
    one = audience("Acheteurs", "contacts where did purchase in last 30 days")
    assert refreshed(one, NOON - TICK)[2:] == (1, 0)
    refreshed(one, NOON - TICK)
    assert refreshed(one, NOON - TICK) == ("part", 0, 0, 0)
    assert refreshed(one, NOON) == ("part", 1, 0, 1)
    assert refreshed(one, NOON + HOUR) == ("part", 0, 0, 0)
    assert refreshed(one, NOON - TICK) == ("part", 1, 1, 0)


def test_who_fails_a_plain_condition_leaves_and_who_is_put_in_by_hand_stays(
    alice, zoe, contact, happens, audience, refreshed, members
):
    lea = contact("lea@a.fr", city="Lyon")
    for n in range(2):
        happens("purchase", NOON - (n + 1) * DAY, contact_email="lea@a.fr", value=1)
        happens("purchase", NOON - (n + 1) * DAY, contact_email="zoe@a.fr", value=1)
    lake.flush()
    both = audience("Lyonnais fidèles", 'contacts where city = "Lyon" and did purchase at least 2 times')
    either = audience("L'un ou l'autre", 'contacts where city = "Lyon" or did purchase at least 3 times')
    audiences.pin(alice, both, [zoe.pk], inside=True)
    refreshed(both), refreshed(either)
    assert (members(both), members(either)) == (["lea@a.fr", "zoe@a.fr"], ["lea@a.fr"])
    refreshed(both), refreshed(either)
    happens("purchase", NOON, contact_email="zoe@a.fr", value=1)
    contacts.edit(alice, lea, {"city": "Nice"})
    assert refreshed(both) == ("part", 2, 0, 1)
    assert refreshed(either) == ("part", 2, 1, 1)
    assert (members(both), members(either)) == (["zoe@a.fr"], ["zoe@a.fr"])


@pytest.mark.parametrize(
    ("rule", "who"),
    [
        ('contacts where company.city = "Lyon" and did purchase at least 2 times', "lea@a.fr"),
        ('companies where has contact (did purchase at least 2 times) and city = "Lyon"', "Acme"),
        ('companies where did purchase at least 2 times and has contact (city = "Nice")', "Acme"),
    ],
)
def test_companies_of_people_and_people_of_companies_are_there_beside_the_events(
    zoe, company, contact, happens, audience, refreshed, members, rule, who
):
    acme = company("Acme", city="Lyon")
    lea, marc = contact("lea@a.fr"), contact("marc@a.fr", city="Nice")
    Contact.objects.filter(pk__in=[lea.pk, marc.pk]).update(company=acme)
    happens("purchase", NOON - DAY, contact_email="lea@a.fr", value=1)
    lake.flush()
    one = audience("Fidèles", rule)
    refreshed(one)
    refreshed(one)
    happens("purchase", NOON, contact_email="lea@a.fr", value=1)
    assert refreshed(one) == ("part", 1, 1, 0)
    assert members(one) == [who]


def test_audiences_that_looked_last_at_other_times_each_find_what_is_new_to_them(
    alice, zoe, contact, happens, audience, refresh, together, members
):
    contact("lea@a.fr"), contact("marc@a.fr"), contact("nina@a.fr")
    rules = ("contacts where did purchase", "contacts where did purchase in last 30 days", "contacts where did form",
             "contacts where count(purchase) in last 30 days >= 2")  # fmt: skip
    made = [audience(f"A{n}x", rule) for n, rule in enumerate(rules)]
    refreshing.refresh(alice, made, NOON)
    for who, when in (("lea", NOON - DAY), ("marc", NOON - 30 * DAY + HOUR), ("nina", NOON - DAY)):
        happens("purchase", when, contact_email=f"{who}@a.fr", value=1)
    lake.flush()
    refresh(made[0], NOON), refresh(made[0], NOON)  # the others do not know of these events yet
    happens("purchase", NOON, contact_email="lea@a.fr", value=1)
    assert together(made, NOON + HOUR) == [  # Marc's crosses the edge of a window in that hour
        ("part", 1, 0), ("part", 3, 2), ("part", 0, 0), ("part", 3, 1),
    ]  # fmt: skip
    assert [members(each) for each in made] == [
        ["lea@a.fr", "marc@a.fr", "nina@a.fr"], ["lea@a.fr", "nina@a.fr"], [], ["lea@a.fr"],
    ]  # fmt: skip


def test_each_rule_of_a_pass_has_all_the_time_that_it_asks_for(zoe, contact, happens, audience, together):
    contact("lea@a.fr")
    happens("purchase", NOON - 200 * DAY, contact_email="lea@a.fr", value=1)
    lake.flush()
    made = [audience(f"A{n}x", f"contacts where did purchase at least {times} times in last {days} days")
            for n, (times, days) in enumerate([(1, 20), (2, 300), (1, 21)])]  # fmt: skip
    together(made)
    together(made)
    happens("purchase", NOON, contact_email="lea@a.fr", value=1)
    assert together(made) == [("part", 1, 1), ("part", 1, 1), ("part", 1, 1)]


def test_spans_of_several_windows_that_overlap_lose_nothing(zoe, contact, happens, audience, together, members):
    contact("lea@a.fr")
    happens("purchase", NOON - 30 * DAY + 36 * HOUR, contact_email="lea@a.fr", value=1)
    happens("purchase", NOON - 31 * DAY + HOUR, contact_email="zoe@a.fr", value=1)
    lake.flush()
    made = [audience(f"A{days}", f"contacts where did purchase in last {days} days") for days in (30, 31, 32)]
    together(made)
    together(made)
    assert [members(each) for each in made] == [["lea@a.fr"], ["lea@a.fr", "zoe@a.fr"], ["lea@a.fr", "zoe@a.fr"]]
    # two days later Léa's has left the first window, Zoé's the second and the third
    assert [each[:2] for each in together(made, NOON + 2 * DAY)] == [("part", 1), ("part", 1), ("part", 1)]
    assert [members(each) for each in made] == [[], ["lea@a.fr"], ["lea@a.fr"]]


def test_whose_events_are_is_found_once_for_all_audiences_of_a_pass(
    alice, zoe, contact, happens, audience, monkeypatch
):
    from tamis.audiences.moving import Moving

    made = [audience(f"A{n}x", f"contacts where did purchase in last {n + 20} days") for n in range(4)]
    refreshing.refresh(alice, made, NOON)
    happens("purchase", NOON, contact_email="zoe@a.fr", value=1)
    asked: list[Any] = []
    real = Moving._attribute
    monkeypatch.setattr(Moving, "_attribute", lambda self, subject: asked.append(subject) or real(self, subject))
    runs = [each.run for each in refreshing.refresh(alice, made, NOON + HOUR)]
    assert [run.entered for run in runs] == [1, 1, 1, 1]
    assert asked == ["contacts"]


def test_what_nobody_foresaw_is_read_when_it_is_asked_for(
    alice, zoe, contact, happens, audience, together, monkeypatch
):
    contact("lea@a.fr")
    rules = ("contacts where did purchase", 'contacts where did page_view (path = "/tarifs")',
             "companies where did form", "contacts where sum(purchase.value) > 10")  # fmt: skip
    made = [audience(f"A{n}x", rule) for n, rule in enumerate(rules)]
    refreshing.refresh(alice, made, NOON)
    happens("purchase", NOON, contact_email="lea@a.fr", value=12)
    happens("page_view", NOON, contact_email="zoe@a.fr", path="/tarifs")
    monkeypatch.setattr(refresh_bounds, "_foreseen", lambda *_: iter(()))
    assert together(made) == [
        ("part", 1, 1), ("part", 1, 1), ("part", 0, 0), ("part", 1, 1),
    ]  # fmt: skip


def test_who_is_asked_about_later_than_the_world_was_made_has_one_of_their_own(
    alice, zoe, contact, happens, audience, together, members
):
    """The second names the first, whose members change in this very pass: after the world was made for all."""
    lea = contact("lea@a.fr", city="Albi")
    happens("purchase", NOON - DAY, contact_email="lea@a.fr", value=1)
    happens("purchase", NOON - DAY, contact_email="zoe@a.fr", value=1)
    lake.flush()
    rules = (
        'contacts where city = "Lyon" or did form', 'contacts where in audience "A0x" and did purchase',
        "contacts where did page_view", "contacts where did email_open",
    )  # fmt: skip
    made = [audience(f"A{n}x", rule) for n, rule in enumerate(rules)]
    refreshing.refresh(alice, made, NOON), refreshing.refresh(alice, made, NOON)
    happens("page_view", NOON, contact_email="zoe@a.fr", path="/")
    happens("form", NOON, contact_email="zoe@a.fr", form="devis")
    contacts.edit(alice, lea, {"city": "Lyon"})
    assert together(made) == [
        ("part", 2, 2), ("part", 2, 2), ("part", 1, 1), ("part", 0, 0),
    ]  # fmt: skip
    assert members(made[1]) == ["lea@a.fr", "zoe@a.fr"]


@pytest.mark.parametrize(("later", "way"), [(6 * DAY, "part"), (8 * DAY, "full")])
def test_where_half_of_a_window_went_by_all_are_looked_at_without_a_search(
    zoe, contact, happens, audience, refresh, members, later, way
):
    contact("lea@a.fr")
    happens("purchase", NOON - 10 * DAY, contact_email="lea@a.fr", value=1)
    happens("purchase", NOON - 28 * DAY, contact_email="zoe@a.fr", value=1)
    lake.flush()
    one = audience("Acheteurs", "contacts where did purchase in last 30 days")  # a day goes in, another goes out
    refresh(one, NOON), refresh(one, NOON)
    run = refresh(one, NOON + later)
    assert (run.way, run.left, members(one)) == (way, 1, ["lea@a.fr"])
    assert ("trop de temps" in str(run.why)) == (way == "full")
    assert refresh(one, NOON + later).way == "part"
