"""A person's events taken out of a lake: what is theirs goes, what is others' stays, and every batch still adds up."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tamis.lake import erase
from tamis.lake.erase import Person
from tamis.lake.flush import flush
from tamis.lake.read import Party, Stay, View
from tamis.lake.timeline import events_of
from tamis.lake.verify import verify

from .conftest import NOW, ago, event

LEA = "lea@acme-exemple.fr"


def lea(stays=(), until=None):
    return Person(
        Party(emails=[LEA], contact_ids=["7"], stays=stays), until or datetime.now(UTC) + timedelta(minutes=1)
    )


def ids(lake):
    return sorted(each["id"] for each in events_of(View(lake.inbox, lake.folder), None))


def filled(lake):
    """Léa by address, by number, as the visitor she was and before and after; Marc, who quotes her; a company."""
    lake.take(
        event("mail", visitor=None, contact=LEA),
        event("number", visitor=None, contact="id:7"),
        event("before", ts=ago(days=40)),
        event("during", ts=ago(days=20)),
        event("after", ts=ago(days=2)),
        event("named", ts=ago(days=20), company="732829320"),
        event("marc", contact="marc@bolt-exemple.fr", path="/desinscrire?mail=LEA@acme-exemple.fr", note=f"de {LEA}"),
    )
    return lea([Stay("v1", NOW - timedelta(days=30), NOW - timedelta(days=10))])


def test_what_waits_is_found_and_dropped(lake):
    person = filled(lake)
    numbers = erase.waiting(lake.inbox, person)
    assert len(numbers) == 3
    erase.drop_waiting(lake.inbox, numbers)
    flush(lake.inbox, lake.folder)
    assert ids(lake) == ["after", "before", "marc", "named"]
    assert verify(lake.inbox, lake.folder).ok


def test_rows_go_and_quotes_are_taken_out(lake):
    person = filled(lake)
    flush(lake.inbox, lake.folder)
    batches = erase.batches_of(lake.folder, person)
    assert batches == {1: 3}
    assert erase.delete(lake.folder, person) == 3
    assert erase.redact(lake.folder, person) == 1
    for _twice in range(2):
        erase.note(lake.inbox, "1", batches)
    assert verify(lake.inbox, lake.folder).ok
    assert ids(lake) == ["after", "before", "marc", "named"]
    [marc] = [each for each in events_of(View(lake.inbox, lake.folder), None) if each["id"] == "marc"]
    assert marc["path"] == "/desinscrire?mail=[effacé]"
    assert marc["more"] == {"note": "de [effacé]"}
    assert erase.delete(lake.folder, person) == erase.redact(lake.folder, person) == 0


def test_what_arrives_after_the_asking_stays(lake):
    lake.take(event("mail", visitor=None, contact=LEA))
    person = lea(until=NOW - timedelta(minutes=1))
    assert erase.waiting(lake.inbox, person) == []
    flush(lake.inbox, lake.folder)
    assert erase.delete(lake.folder, person) == 0


@pytest.mark.parametrize("made_before_the_log_kept_no_names", [False, True])
def test_once_cleared_no_file_holds_the_address(lake, made_before_the_log_kept_no_names):
    if made_before_the_log_kept_no_names:
        from deltalake import DeltaTable

        from tamis.lake.table import SCHEMA

        lake.folder.mkdir(parents=True)
        DeltaTable.create(str(lake.folder), schema=SCHEMA, partition_by=["month"])
    person = filled(lake)
    flush(lake.inbox, lake.folder)
    erase.delete(lake.folder, person)
    erase.redact(lake.folder, person)
    erase.clear(lake.folder, timedelta(0))
    assert [file for file in _files(lake.folder) if LEA.encode() in file.read_bytes().lower()] == []
    assert ids(lake) == ["after", "before", "marc", "named"]


def _files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]
