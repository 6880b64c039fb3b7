"""The events of a party a page at a time: the newest first, each once, whatever file or inbox they are in."""

from datetime import UTC, datetime, timedelta

from tamis.lake.flush import flush
from tamis.lake.read import Party, Stay, View
from tamis.lake.timeline import counts_of, events_of, page_of

from .conftest import NOW, ago, event

LEA = Party(emails=["lea@acme-exemple.fr"])


def pages(lake, party=LEA, most=3, **options):
    """The ids of every page."""
    view, after, found = View(lake.inbox, lake.folder), None, []
    while True:
        page = page_of(view, party, after=after, most=most, **options)
        found.append([each["id"] for each in page.events])
        after = page.next
        if after is None:
            return found


def sale(id, days, **values):
    return event(id, ts=ago(days=days), visitor=None, contact="lea@acme-exemple.fr", **values)


def test_pages_follow_over_months_and_into_the_inbox(lake):
    lake.take(*(sale(f"e{days:03}", days) for days in (1, 40, 80, 200, 400)))
    flush(lake.inbox, lake.folder)
    lake.take(sale("late", 100), sale("now", 0))
    assert pages(lake) == [["now", "e001", "e040"], ["e080", "late", "e200"], ["e400"]]


def test_events_of_one_moment_are_parted_without_loss(lake):
    lake.take(*(sale(f"e{n}", 3) for n in range(7)))
    flush(lake.inbox, lake.folder)
    assert pages(lake) == [["e0", "e1", "e2"], ["e3", "e4", "e5"], ["e6"]]


def test_a_last_page_that_is_full_has_no_next(lake):
    lake.take(*(sale(f"e{n}", n) for n in range(3)))
    assert pages(lake) == [["e0", "e1", "e2"]]


def test_nobody_has_no_events(lake):
    assert pages(lake) == [[]]


def test_an_event_that_is_a_company_s_in_two_ways_comes_once(lake):
    stay = Stay("v1", None, NOW)
    lake.take(
        event("both", contact="lea@acme-exemple.fr", company="732829320"),
        event("visit", ts=ago(days=1)),
    )
    acme = Party(emails=["lea@acme-exemple.fr"], sirens=["732829320"], stays=[stay])
    assert pages(lake, acme) == [["both", "visit"]]


def test_only_the_months_that_it_takes_are_read(lake):
    lake.take(*(sale(f"e{days:03}", days) for days in range(1, 700, 30)))
    flush(lake.inbox, lake.folder)
    view, asked = View(lake.inbox, lake.folder), []
    answer = view.ask
    view.ask = lambda *given, months, **tables: asked.append([*months]) or answer(*given, months=months, **tables)
    page_of(view, LEA, most=1)
    assert asked[0] == [*view.months][:1]
    assert {month for months in asked for month in months} <= {*[*view.months][:3]}


def test_counts_between_moments(lake):
    lake.take(sale("a", 1), sale("b", 1), sale("c", 40), sale("d", 400))
    flush(lake.inbox, lake.folder)
    lake.take(sale("e", 1))
    bounds = [datetime.now(UTC) - timedelta(days=days) for days in (60, 30, 0)]
    assert counts_of(View(lake.inbox, lake.folder), LEA, bounds) == [1, 3]
    assert counts_of(View(lake.inbox, lake.folder), LEA, bounds, kinds=["purchase"]) == [0, 0]


def ids(lake, party, **options):
    return [each["id"] for each in events_of(View(lake.inbox, lake.folder), party, **options)]


def test_the_latest_of_a_party_or_of_all_before_a_moment(lake):
    lake.take(sale("a", 1), sale("b", 40), sale("c", 400), event("other", ts=ago(days=2)))
    flush(lake.inbox, lake.folder)
    lake.take(sale("late", 41))
    assert ids(lake, LEA) == ["a", "b", "late", "c"]
    assert ids(lake, LEA, most=2) == ["a", "b"]
    assert ids(lake, LEA, before=NOW - timedelta(days=40)) == ["late", "c"]
    assert ids(lake, LEA, before=NOW - timedelta(days=401)) == []
    assert ids(lake, LEA, kinds=["purchase"]) == []
    assert ids(lake, None) == ["a", "other", "b", "late", "c"]
    assert ids(lake, None, before=NOW - timedelta(days=2), most=2) == ["b", "late"]


def test_the_latest_of_a_party_that_owns_an_event_in_two_ways_have_it_once(lake):
    lake.take(event("both", contact="lea@acme-exemple.fr", company="732829320"), event("visit", ts=ago(days=1)))
    flush(lake.inbox, lake.folder)
    acme = Party(emails=["lea@acme-exemple.fr"], sirens=["732829320"], stays=[Stay("v1", None, NOW)])
    assert ids(lake, acme) == ["both", "visit"]


def test_the_latest_of_a_party_are_looked_for_in_few_months(lake):
    lake.take(*(sale(f"e{days:03}", days) for days in range(1, 700, 30)))
    flush(lake.inbox, lake.folder)
    view, asked = View(lake.inbox, lake.folder), []
    answer = view.ask
    view.ask = lambda *given, months, **tables: asked.append([*months]) or answer(*given, months=months, **tables)
    end = NOW - timedelta(days=300)
    events_of(view, LEA, before=end, most=1)
    older = [month for month in view.months if month <= f"{end:%Y-%m}"]
    assert {month for months in asked for month in months} <= {*older[:3]}
