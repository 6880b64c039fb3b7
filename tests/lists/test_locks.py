"""Locks: nothing but a person takes a company out of a locked list."""

import pytest
from cast import list_of

from tamis.app.services import companies, list_imports, lists
from tamis.errors import Refused


@pytest.fixture
def locked_client(alice, company, make_list, import_lines):
    """Acme, in the locked list client-or."""
    acme, gold = company("Acme", siren="732829320"), make_list("client", "or")
    import_lines(gold, "Acme;732829320;;")
    lists.lock(alice, [gold])
    return acme, gold


def test_prospect_default_cannot_be_locked(alice, workspace):
    with pytest.raises(Refused, match="ne peut pas être verrouillée"):
        lists.lock(alice, [lists.find("client-default"), lists.find("prospect-default")])
    assert not lists.find("client-default").locked  # all or nothing


def test_a_segment_is_locked_in_one_gesture_without_prospect_default(alice, workspace):
    lists.lock(alice, lists.of_segment(lists.find_segment("prospect")))
    locked = {found.name for found in lists.existing() if found.locked}
    assert locked == {"prospect-importé", "prospect-in pipe"}


def test_a_later_import_elsewhere_does_not_take_a_company_out(locked_client, make_list, import_lines):
    acme, gold = locked_client
    report = import_lines(make_list("concurrent", "veille"), "Acme;732829320;;")
    assert list_of(acme) == gold.name
    assert (report.moved, report.kept_locked) == (0, 1)


def test_replaced_content_keeps_its_companies_in_a_locked_list(locked_client, import_lines, company):
    acme, gold = locked_client
    bolt = company("Bolt", siren="552100554")
    report = import_lines(gold, "Bolt;552100554;;")
    assert list_of(acme) == list_of(bolt) == gold.name
    assert (report.moved, report.released, report.kept_locked) == (1, 0, 1)


def test_a_person_may_take_a_company_out(alice, locked_client):
    acme, _ = locked_client
    assert companies.move(alice, lists.find("autre-default"), [acme.pk]).moved == 1
    assert list_of(acme) == "autre-default"


def test_an_import_may_bring_companies_in(locked_client, import_lines, company):
    _, gold = locked_client
    bolt = company("Bolt", siren="552100554")
    import_lines(gold, "Bolt;552100554;;", append=True)
    assert list_of(bolt) == gold.name


def test_releasing_a_pin_into_a_locked_list_moves_nothing(alice, locked_client):
    acme, gold = locked_client
    companies.move(alice, gold, [acme.pk])
    assert companies.release(alice, [acme.pk]) == 0
    assert list_of(acme) == gold.name


def test_unlocking_sorts_at_once_after_saying_how_many(alice, locked_client, make_list, import_lines):
    from tamis.app.services.sorting import would_leave

    acme, gold = locked_client
    import_lines(make_list("concurrent", "veille"), "Acme;732829320;;")
    gold.refresh_from_db()
    assert would_leave(gold) == 1
    assert lists.unlock(alice, [gold]) == {"client-or": 1}
    assert list_of(acme) == "concurrent-veille"


def test_a_pin_out_of_a_locked_list_is_not_undone_by_a_later_import(alice, locked_client, import_lines):
    acme, gold = locked_client
    companies.move(alice, lists.find("autre-default"), [acme.pk])
    report = import_lines(gold, "Acme;732829320;;")
    assert list_of(acme) == "autre-default"
    assert report.outranked == 1


def test_restoring_a_version_obeys_the_lock(alice, locked_client, import_lines, company):
    acme, gold = locked_client
    company("Bolt", siren="552100554")
    import_lines(gold, "Bolt;552100554;;")
    report = list_imports.restore(alice, gold, 1)
    assert report.kept_locked == 1  # Bolt stays although version 1 does not name it
    assert list_of(acme) == gold.name
