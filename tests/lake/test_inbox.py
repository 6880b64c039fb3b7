"""What is appended is counted once: known ids, late events, months, forgetting."""

from datetime import UTC, datetime, timedelta

from tamis.lake.flush import flush
from tamis.lake.inbox import Outcome
from tamis.lake.read import View
from tamis.lake.status import status
from tamis.lake.table import open_table
from tamis.lake.timeline import events_of

from .conftest import NOW, ago, event

ACCEPTED, REPEATED, CONFLICT = Outcome


def test_the_same_id_with_the_same_content_is_repeated_with_other_content_refused(lake):
    assert lake.take(event("e1"), event("e2")) == [ACCEPTED, ACCEPTED]
    assert lake.take(event("e1"), event("e2", path="/autre")) == [REPEATED, CONFLICT]
    assert lake.take(event("e3"), event("e3"), event("e3", path="/autre")) == [ACCEPTED, REPEATED, CONFLICT]
    flush(lake.inbox, lake.folder)
    assert lake.take(event("e1"), event("e2", path="/autre")) == [REPEATED, CONFLICT]
    assert status(lake.inbox, lake.folder).events == 3


def test_an_event_of_months_ago_goes_to_its_own_month(lake):
    lake.take(event("new"), event("old", ts="2024-02-29T23:30:00-05:00"))
    flush(lake.inbox, lake.folder)
    assert status(lake.inbox, lake.folder).months == {"2024-03": 1, f"{NOW - timedelta(hours=1):%Y-%m}": 1}
    [row] = open_table(lake.folder).to_pyarrow_table(filters=[("month", "=", "2024-03")]).to_pylist()
    assert (row["id"], row["ts"]) == ("old", datetime(2024, 3, 1, 4, 30, tzinfo=UTC))


def test_a_late_event_is_known_after_its_id_was_forgotten(lake):
    old = {"ts": ago(days=100)}
    lake.take(event("e1", **old), event("e2"))
    flush(lake.inbox, lake.folder)
    assert lake.inbox.forget(kept_days=-1) == 2
    assert lake.take(event("e1", **old), event("e1", **old, kind="site_search", keyword="vis")) == [REPEATED, CONFLICT]
    assert lake.take(event("e3", **old)) == [ACCEPTED]


def test_ids_of_events_that_wait_are_not_forgotten(lake):
    lake.take(event("e1"))
    assert lake.inbox.forget(kept_days=30) == 0
    assert lake.take(event("e1")) == [REPEATED]


def test_what_waits_is_counted_and_swept_when_it_is_in_the_table(lake):
    lake.take(*(event(f"e{n}") for n in range(25)))
    assert lake.inbox.waiting().events == 25
    assert flush(lake.inbox, lake.folder, most=10).batches == 3
    assert lake.inbox.waiting().events == 0
    assert lake.inbox.run("SELECT count(*) FROM inbox_event") == [(0,)]


def test_amounts_texts_and_other_properties_come_back_as_they_went_in(lake):
    lake.take(
        event("e1", kind="purchase", contact="Léa@Acme.FR", value="12345678901234.5678", margin=0.1, path="/Été",
              couleur="Rouge", nombre=3, vrai=True),
        event("e2", kind="deal_won", company="732 829 320", deal="D1", value=1),
    )  # fmt: skip
    before = events_of(View(lake.inbox, lake.folder), None)
    flush(lake.inbox, lake.folder)
    after = events_of(View(lake.inbox, lake.folder), None)
    assert before == after
    [first, second] = after
    assert (str(first["value"]), str(first["margin"])) == ("12345678901234.5678", "0.1000")
    assert first["contact_email"] == "léa@acme.fr"
    assert first["more"] == {"couleur": "Rouge", "nombre": "3", "vrai": "true"}
    assert (second["company_siren"], second["currency"]) == ("732829320", "EUR")
    [row] = open_table(lake.folder).to_pyarrow_table(filters=[("id", "=", "e1")]).to_pylist()
    assert (row["path"], row["path_folded"]) == ("/Été", "/ete")


def test_any_engine_reads_the_files(lake):
    """pyarrow alone, without Delta: the columns that the documentation names."""
    import pyarrow.parquet as pq

    lake.take(event("e1", value=2))
    flush(lake.inbox, lake.folder)
    [file] = lake.folder.rglob("*.parquet")
    schema = pq.read_schema(file)
    assert str(schema.field("value").type) == "decimal128(18, 4)"
    assert str(schema.field("ts").type) == "timestamp[us, tz=UTC]"
