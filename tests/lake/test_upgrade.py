"""A lake from before properties were folded gets them folded, whatever happens half-way."""

import pytest

from tamis.lake import table, upgrade
from tamis.lake.compact import compact
from tamis.lake.engine import duckdb_session
from tamis.lake.flush import flush
from tamis.lake.verify import verify

from .conftest import ago, event

OLD = table.SCHEMA.remove(table.SCHEMA.get_field_index("more_folded"))


@pytest.fixture
def old(lake, monkeypatch):
    """Three months of events, two of them written as they were before."""
    with monkeypatch.context() as before:
        before.setattr(table, "SCHEMA", OLD)
        for n, days in enumerate((75, 40)):
            lake.take(event(f"old{n}", ts=ago(days=days), taille="Très  GRANDE", lieu="Œuf"))
            lake.take(event(f"bare{n}", ts=ago(days=days)))
            flush(lake.inbox, lake.folder)
    lake.take(event("new", taille="Été"))
    flush(lake.inbox, lake.folder)
    return lake


def folded(lake):
    with duckdb_session(table.files_of(table.open_table(lake.folder))) as connection:
        rows = connection.execute("SELECT id, more_folded FROM events ORDER BY id").fetchall()
    return {id: more and dict(more) for id, more in rows}


ALL = {
    "bare0": None, "bare1": None, "new": {"taille": "ete"},
    "old0": {"taille": "tres grande", "lieu": "oeuf"}, "old1": {"taille": "tres grande", "lieu": "oeuf"},
}  # fmt: skip


def test_every_month_has_it_afterwards(old):
    assert folded(old)["old0"] is None
    assert upgrade.upgrade(old.folder) == 2
    assert folded(old) == ALL
    assert verify(old.inbox, old.folder).ok
    assert upgrade.upgrade(old.folder) == 0


def test_one_that_was_cut_short_goes_on(old, monkeypatch):
    written = []

    def once(files, month):
        if written:
            raise KeyboardInterrupt
        written.append(month)
        return rows(files, month)

    rows = upgrade._rows
    monkeypatch.setattr(upgrade, "_rows", once)
    with pytest.raises(KeyboardInterrupt):
        upgrade.upgrade(old.folder)
    monkeypatch.setattr(upgrade, "_rows", rows)
    assert upgrade.upgrade(old.folder) == 1
    assert folded(old) == ALL
    compact(old.folder, many=1)
    assert folded(old) == ALL


def test_without_a_table_there_is_nothing_to_do(lake):
    assert upgrade.upgrade(lake.folder) == 0
