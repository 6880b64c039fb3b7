"""A question sees everything acknowledged before it was asked, and nothing later than its instant."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tamis.app.services import companies, contacts, engine_tables, lake, merging, rules, snapshots, statuses, tags
from tamis.errors import Unreadable

LYON = 'companies where city = "Lyon"'
BOUGHT = "contacts where did purchase"


def test_a_field_edited_just_before_is_seen(alice, company, count):
    acme = company("Acme", city="Lyon")
    assert count(LYON) == 1
    companies.edit(alice, acme, {"city": "Albi"})
    assert count(LYON) == 0
    assert count('companies where city = "albi"') == 1


def test_an_event_appended_just_before_is_seen_and_once_when_it_is_flushed(contact, count, happens):
    contact("lea@acme.fr")
    assert count(BOUGHT) == 0
    happens("purchase", contact_email="lea@acme.fr", value=12)
    assert count(BOUGHT) == 1
    lake.flush()
    assert count(BOUGHT) == 1
    happens("purchase", contact_email="lea@acme.fr", value=30)
    assert count("contacts where sum(purchase.value) = 42") == 1  # one in the table, one in the inbox


def test_whom_a_visitor_is_said_to_be_reaches_back_at_once(contact, count, happens):
    contact("lea@acme.fr")
    visited = timezone.now() - timedelta(days=3)
    happens("page_view", visited, visitor="v1", path="/tarifs")
    asked = 'contacts where did page_view (path = "/tarifs")'
    assert count(asked) == 0
    happens("identify", visitor="v1", contact_email="lea@acme.fr")
    assert count(asked) == 1
    lake.flush()
    assert count(asked) == 1


def test_an_identification_that_was_flushed_before_it_was_looked_at_is_seen(contact, count, happens):
    contact("lea@acme.fr")
    happens("page_view", visitor="v1", path="/tarifs")
    happens("identify", visitor="v1", contact_email="lea@acme.fr")
    lake.flush()
    assert count('contacts where did page_view (path = "/tarifs")') == 1


def test_nothing_later_than_now_counts(contact, count, happens):
    contact("lea@acme.fr")
    noon = datetime(2026, 3, 31, 12, tzinfo=UTC)
    happens("purchase", noon, contact_email="lea@acme.fr", value=12)
    assert count(BOUGHT, now=noon - timedelta(seconds=1)) == 0
    assert count(BOUGHT, now=noon) == 1
    assert count("contacts where did purchase in last 1 hours", now=noon + timedelta(hours=1)) == 0
    assert count("contacts where did purchase in last 1 hours", now=noon + timedelta(minutes=59)) == 1


def test_an_instant_in_the_past_looks_at_todays_fields_and_says_so(company):
    company("Acme", city="Lyon")
    before = datetime(2020, 1, 1, tzinfo=UTC)
    found = rules.count(LYON, before)
    assert (found.count, found.question.now) == (1, before)
    assert "tels qu'ils sont aujourd'hui" in str(found.question.note)
    assert rules.count(LYON).question.note is None


def test_the_same_events_are_asked_of_when_very_much_waits(contact, count, happens, monkeypatch):
    contact("lea@acme.fr")
    happens("purchase", contact_email="lea@acme.fr", value=12)
    happens("purchase", contact_email="lea@acme.fr", value=30)
    monkeypatch.setattr(engine_tables, "MANY", 1)
    assert count("contacts where sum(purchase.value) = 42") == 1
    assert lake.status().waiting == 0


def test_a_question_is_answered_while_somebody_else_flushes(contact, count, happens, monkeypatch):
    contact("lea@acme.fr")
    happens("purchase", contact_email="lea@acme.fr", value=12)
    monkeypatch.setattr(engine_tables, "MANY", 0)
    monkeypatch.setattr(engine_tables, "PATIENCE", 0.0)
    count(BOUGHT)  # so that nobody has to be identified below
    happens("purchase", contact_email="lea@acme.fr", value=30)
    with lake.alone():
        assert count("contacts where sum(purchase.value) = 42") == 1


def test_a_preview_shows_the_last_snapshot_and_since_when_it_is(company, count):
    company("Acme", city="Lyon")
    first = rules.count(LYON)
    company("Bolt", city="Lyon")
    preview = rules.count(LYON, recent=True)
    assert (preview.count, preview.as_of) == (1, first.as_of)
    fresh = rules.count(LYON)
    assert fresh.count == 2
    assert fresh.as_of > first.as_of


def test_a_preview_before_any_snapshot_takes_one(company, home):
    company("Acme", city="Lyon")
    assert rules.count(LYON, recent=True).count == 1
    assert snapshots.last() is not None


def test_files_that_went_away_meanwhile_are_looked_for_again(company, monkeypatch):
    company("Acme", city="Lyon")
    snapshots.take()
    company("Bolt", city="Lyon")
    current, asked = engine_tables.current, []

    def swept(*_):
        found = current()
        asked.append(found)
        if len(asked) == 1:  # somebody is erased just now
            for file in snapshots.folder().glob("companies/*.parquet"):
                file.unlink()
        return found

    monkeypatch.setattr(engine_tables, "current", swept)
    assert rules.count(LYON).count == 2
    assert len(asked) == 2


def test_a_company_merged_into_another_is_no_longer_counted(alice, company, count):
    acme, bolt = company("Acme", city="Lyon"), company("Bolt", city="Lyon")
    assert count(LYON) == 2
    merged = merging.merge(alice, acme, bolt)
    assert count(LYON) == 1
    merging.split(alice, merged)
    assert count(LYON) == 2


def test_labels_and_the_users_own_fields_are_words_at_once(alice, company, contact, count):
    from tamis.app.models import CustomField
    from tamis.app.services import custom_fields, labels
    from tamis.app.services.subjects import CONTACT
    from tamis.rules.errors import RuleError

    acme, lea = company("Acme"), contact("lea@acme.fr")
    asked = 'companies where potentiel = "fort"'
    with pytest.raises(RuleError, match="potentiel"):
        count(asked)
    custom_fields.add(alice, "Potentiel", CustomField.Type.CHOICE, choices=["fort", "faible"])
    companies.edit(alice, acme, {"potentiel": "Fort"})
    assert count(asked) == 1
    assert count("companies where own.potentiel is missing") == 0
    tag, status = tags.add(alice, "Secteur", "Bois"), statuses.add(alice, "Chaud")
    labels.put_tag(alice, CONTACT, [lea.pk], tag)
    labels.put_status(alice, CONTACT, [lea.pk], status)
    assert count('contacts where has tag "bois" in "secteur" and status = "chaud"') == 1
    contacts.edit(alice, lea, {"last_name": "Morel"})
    assert count('contacts where last_name = "MOREL"') == 1
    assert count('companies where in segment prospect and in list "prospect-default"') == 1


def test_an_engine_that_fails_is_said_in_a_sentence(company, monkeypatch):
    company("Acme", city="Lyon")
    snapshots.take()
    current = engine_tables.current

    def without_files(*_):
        found = current()
        for file in snapshots.folder().glob("companies/*.parquet"):
            file.unlink()
        return found

    monkeypatch.setattr(engine_tables, "current", without_files)
    with pytest.raises(Unreadable) as failed:
        rules.count(LYON)
    assert failed.value.code == "engine.failed"
