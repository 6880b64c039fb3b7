"""A month that is compacted lies in order of kind and moment; whatever comes between, every event is there once."""

import os
import time
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

from tamis.errors import Busy
from tamis.lake import compact as compacting
from tamis.lake import ordering, table
from tamis.lake.compact import compact
from tamis.lake.flush import flush
from tamis.lake.ordering import astray, data_files
from tamis.lake.read import View
from tamis.lake.status import compacted_at
from tamis.lake.table import files_of, open_table
from tamis.lake.verify import verify

from .conftest import NOW, event

MONTHS = (NOW.replace(day=1) - timedelta(days=10), NOW.replace(day=1) - timedelta(days=40))
KINDS = {"page_view": {"path": "/tarifs"}, "download": {"title": "Guide"}, "purchase": {"value": "12.50"}}


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """Ten rows are a row group."""
    monkeypatch.setattr(ordering, "GROUP", 10)
    monkeypatch.setattr(compacting, "GROUP", 10)


def bring(lake, name, count, month=MONTHS[0], kinds=tuple(KINDS)):
    """Flush events of several kinds, in a commit of their own."""
    for n in range(count):
        kind = kinds[n % len(kinds)]
        ts = (month - timedelta(minutes=n * 7 % 60, seconds=len(name))).isoformat()
        said = KINDS[kind] | {"contact": "lea@acme-exemple.fr", "visitor": None}
        lake.take(event(f"{name}-{n}", ts=ts, kind=kind, **said))
    flush(lake.inbox, lake.folder)


def rows(lake):
    read = [pq.read_table(file, partitioning=None).to_pylist() for file in files_of(open_table(lake.folder))]
    return sorted((row for each in read for row in each), key=lambda row: row["id"])


def months_of(lake):
    return list(data_files(open_table(lake.folder)).values())


def old_compaction(lake):
    """As Tamis compacted before: small files one behind the other."""
    open_table(lake.folder).optimize.compact()


def test_a_month_lies_by_kind_and_moment_in_small_row_groups(lake):
    for n in range(4):
        bring(lake, f"e{n}", 9)
    before = rows(lake)
    assert compact(lake.folder, many=4).months == (f"{MONTHS[0]:%Y-%m}",)
    [file] = files_of(open_table(lake.folder))
    stored = pq.ParquetFile(file)
    assert [stored.metadata.row_group(n).num_rows for n in range(4)] == [10, 10, 10, 6]
    lies = [(row["kind"], row["ts"]) for row in stored.read().to_pylist()]
    assert lies == sorted(lies)
    assert rows(lake) == before
    assert stored.schema_arrow == table.SCHEMA.remove(len(table.SCHEMA) - 1)
    assert verify(lake.inbox, lake.folder).ok


def test_the_log_says_the_least_and_greatest_of_a_few_columns_and_of_nobody(lake):
    for n in range(2):
        bring(lake, f"e{n}", 9)
    compact(lake.folder, many=2)
    said = open_table(lake.folder).get_add_actions(flatten=True)
    bounds = {name for name in said.schema.names if name.startswith(("min.", "max."))}
    assert bounds == {f"{end}.{name}" for end in ("min", "max") for name in ("ts", "kind", "received", "batch")}
    [least], [most] = said.column("min.ts").to_pylist(), said.column("max.ts").to_pylist()
    moments = [row["ts"] for row in rows(lake)]
    assert (least, most) == (min(moments), max(moments))
    assert said.column("num_records").to_pylist() == [18]
    assert (said.column("min.kind").to_pylist(), said.column("max.kind").to_pylist()) == (["download"], ["purchase"])
    assert all("lea@" not in entry.read_text() for entry in (lake.folder / "_delta_log").glob("*.json"))


def test_a_large_month_is_several_files_that_go_on_from_each_other(lake, monkeypatch):
    monkeypatch.setattr(ordering, "TARGET", 1)
    monkeypatch.setattr(ordering, "_AT_ONCE", 10)
    for n in range(4):
        bring(lake, f"e{n}", 9)
    before = rows(lake)
    assert compact(lake.folder, many=4).files_after == 4
    [files] = months_of(lake)
    assert astray(files) == 0
    assert rows(lake) == before


def test_heavy_rows_close_a_row_group_before_it_is_full(lake, monkeypatch):
    monkeypatch.setattr(ordering, "_HEAVY", 1)
    monkeypatch.setattr(ordering, "_AT_ONCE", 5)
    for n in range(2):
        bring(lake, f"e{n}", 6)
    compact(lake.folder, many=2)
    [file] = files_of(open_table(lake.folder))
    footer = pq.read_metadata(file)
    assert [footer.row_group(n).num_rows for n in range(footer.num_row_groups)] == [5, 5, 2]


def test_few_new_files_leave_an_ordered_month_alone(lake):
    for n in range(5):
        bring(lake, f"e{n}", 10)
    compact(lake.folder, many=5)
    [large] = files_of(open_table(lake.folder))
    bring(lake, "late", 9)
    assert compact(lake.folder, many=5).months == ()
    assert large in files_of(open_table(lake.folder))


def test_many_small_files_are_put_together_beside_an_ordered_month(lake, monkeypatch):
    for n in range(5):
        bring(lake, f"e{n}", 10)
    compact(lake.folder, many=5)
    [large] = files_of(open_table(lake.folder))
    monkeypatch.setattr(compacting, "SMALL", os.path.getsize(large))
    for n in range(3):
        bring(lake, f"late{n}", 3)
    assert compact(lake.folder, many=3).files_after == 2
    assert large in files_of(open_table(lake.folder))
    all_there = rows(lake)
    bring(lake, "last", 9)  # with these more than one in four lies outside of the order
    assert compact(lake.folder, many=3).files_after == 1
    assert len(rows(lake)) == len(all_there) + 9


def test_a_table_compacted_before_is_put_in_order_a_month_at_a_time(lake):
    for month in MONTHS:
        for n in range(3):
            bring(lake, f"{month:%m}-{n}", 9, month)
    old_compaction(lake)
    before = rows(lake)
    assert [astray(files) for files in months_of(lake)] == [27, 27]
    done = [compact(lake.folder).months for _ in range(3)]
    assert done == [(f"{MONTHS[0]:%Y-%m}",), (f"{MONTHS[1]:%Y-%m}",), ()]
    assert [astray(files) for files in months_of(lake)] == [0, 0]
    assert rows(lake) == before


def test_all_puts_every_month_in_order_however_little_lies_outside(lake):
    for month in MONTHS:
        for n in range(3):
            bring(lake, f"{month:%m}-{n}", 9, month)
    compact(lake.folder, whole=True)
    bring(lake, "late", 3, MONTHS[1])
    assert compact(lake.folder).months == ()
    assert compact(lake.folder, whole=True).months == (f"{MONTHS[1]:%Y-%m}",)
    assert compact(lake.folder, whole=True).months == ()
    assert len(rows(lake)) == 57


def test_files_of_an_older_form_wait_until_they_are_upgraded(lake, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(table, "SCHEMA", table.SCHEMA.remove(table.SCHEMA.get_field_index("more_folded")))
        bring(lake, "old", 9)
    bring(lake, "new", 9)
    assert compact(lake.folder, many=2).months == ()


def overtaken(monkeypatch, what):
    """Something happens when all is written, just before the commit."""
    into = ordering._into_the_table

    def later(*given):
        monkeypatch.setattr(ordering, "_into_the_table", into)
        what()
        return into(*given)

    monkeypatch.setattr(ordering, "_into_the_table", later)


def test_a_flush_may_come_between_and_a_reader_keeps_its_files(lake, monkeypatch):
    for n in range(3):
        bring(lake, f"e{n}", 9)
    reader = View(lake.inbox, lake.folder)
    overtaken(monkeypatch, lambda: bring(lake, "between", 9))
    compact(lake.folder, many=3)
    assert len(files_of(open_table(lake.folder))) == 2
    assert len(rows(lake)) == 36
    assert verify(lake.inbox, lake.folder).ok
    assert len(reader.ask("SELECT id FROM event")) == 27


def test_who_is_erased_meanwhile_does_not_come_back(lake, monkeypatch):
    for n in range(3):
        bring(lake, f"e{n}", 9)
    overtaken(monkeypatch, lambda: open_table(lake.folder).delete("id = 'e1-4'"))
    with pytest.raises(Busy):
        compact(lake.folder, many=3)
    assert [row["id"] for row in rows(lake) if row["id"] == "e1-4"] == []
    assert len(rows(lake)) == 26
    folder = lake.folder / f"month={MONTHS[0]:%Y-%m}"
    written = [file for file in folder.iterdir() if pq.read_metadata(file).num_rows > 9]
    assert written == []


def test_of_two_that_put_the_same_month_in_order_one_fails(lake, monkeypatch):
    for n in range(3):
        bring(lake, f"e{n}", 9)
    overtaken(monkeypatch, lambda: compact(lake.folder, many=3))
    with pytest.raises(Busy):
        compact(lake.folder, many=3)
    assert len(rows(lake)) == 27
    assert verify(lake.inbox, lake.folder).ok


def test_what_somebody_left_who_was_killed_is_deleted_later(lake):
    bring(lake, "e", 9)
    [file] = files_of(open_table(lake.folder))
    left = lake.folder / f"month={MONTHS[0]:%Y-%m}" / "part-left.zstd.parquet"
    left.write_bytes(b"")
    beside = lake.folder.parent / ".ordering-left"
    beside.mkdir()
    compact(lake.folder)
    assert [left.exists(), beside.exists()] == [True, True]
    long_ago = time.time() - timedelta(days=8).total_seconds()
    for each in (left, beside, file):
        os.utime(each, (long_ago, long_ago))
    compact(lake.folder)
    assert [left.exists(), beside.exists()] == [False, False]
    assert len(rows(lake)) == 9


def test_when_a_month_was_put_in_order_last_is_known(lake):
    for n in range(2):
        bring(lake, f"e{n}", 9)
    assert compacted_at(lake.folder) is None
    compact(lake.folder, many=2)
    assert abs(compacted_at(lake.folder) - NOW) < timedelta(hours=1)
