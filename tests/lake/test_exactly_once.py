"""Whatever dies, and whenever: every acknowledged event is there, once.

The child kills itself before and after each statement to the inbox, each commit to the table, and each compaction:
here at a few of these steps, in ``make soak`` at every one there is.
"""

import itertools
import os
import signal
import threading

import launcher
import pytest
from deltalake.exceptions import CommitFailedError

from tamis.lake import flush as flushing
from tamis.lake.append import append
from tamis.lake.compact import compact
from tamis.lake.flush import flush
from tamis.lake.grouping import Grouped
from tamis.lake.inbox import Outcome
from tamis.lake.read import View
from tamis.lake.table import commit, open_table, rows_of
from tamis.lake.verify import verify

from .conftest import event, opened

DYING = """
import sys
from pathlib import Path
from interrupted import Stops
from tamis.lake import compact, flush, ordering
from tamis.lake.append import append
from tamis.lake.inbox_postgres import PostgresInbox
from tamis.lake.inbox_sqlite import SqliteInbox
from tamis.sources.events import Event

step, what, home, database, first, last = sys.argv[1:]
stops = Stops(step)
home = Path(home)
inbox = PostgresInbox({"conninfo": database}) if database else SqliteInbox(home / "inbox.sqlite3")
kind = type(inbox)
kind.run, kind.run_many = stops.around(kind.run), stops.around(kind.run_many)
flush.commit = stops.around(flush.commit)
compact._compact_month = stops.around(compact._compact_month)
ordering._to_disk = stops.around(ordering._to_disk)
folder = home / "lake" / "events"
if what == "flush":
    flush.flush(inbox, folder, 7)
elif what == "compact":
    compact.compact(folder, many=2)
    inbox.forget(30)
else:
    import orjson
    bodies = [orjson.dumps({"id": f"e{n}", "kind": "page_view", "path": "/", "ts": 1_700_000_000_000_000 + n,
                            "visitor": "v"}) for n in range(int(first), int(last))]
    ts = 1_700_000_000_000_000
    events = [Event(orjson.loads(body)["id"], ts, "page_view", body, False, False) for body in bodies]
    append(inbox, folder, events, 30)
    print("acknowledged", flush=True)
"""


def dies(lake, step, what, first=0, last=0):
    """Run a child that dies at a step; whether it got to its end."""
    done = launcher.run(["-c", DYING, step, what, lake.home, lake.database or "", first, last], os.environ)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    assert (done.returncode == 0) or "acknowledged" not in done.stdout
    return done.returncode == 0


def ids(lake):
    return View(lake.inbox, lake.folder).ask("SELECT id FROM event ORDER BY id").column("id").to_pylist()


def all_there_once(lake, expected):
    assert ids(lake) == sorted(expected)
    flush(lake.inbox, lake.folder, 7)
    assert ids(lake) == sorted(expected)
    found = verify(lake.inbox, lake.folder)
    assert found.ok, found
    assert (found.events, found.waiting) == (len(expected), 0)


def killed_flushes(lake, steps):
    taken, deaths = [], 0
    for round, step in enumerate(steps):
        new = [f"{round}-{n}" for n in range(20)]
        assert lake.take(*map(event, new)) == [Outcome.ACCEPTED] * 20
        taken += new
        ended = dies(lake, step, "flush")
        assert ids(lake) == sorted(taken)
        deaths += not ended
        if ended:
            break
    all_there_once(lake, taken)
    return deaths


def test_a_flush_killed_here_and_there_loses_and_doubles_nothing(lake):
    assert killed_flushes(lake, [3, 10, 17, 24, 27, 28, 35]) >= 6


@pytest.mark.soak
def test_a_flush_killed_at_every_step(lake):
    assert killed_flushes(lake, itertools.count(1)) > 60


def killed_appends(lake, steps):
    deaths = 0
    for round, step in enumerate(steps):
        first, last = round * 10, round * 10 + 10
        ended = dies(lake, step, "append", first, last)
        deaths += not ended
        dies(lake, 10**9, "append", first, last)  # the client was not answered, and sends again
        if ended:
            break
    all_there_once(lake, [f"e{n}" for n in range(last)])
    return deaths


def test_an_append_killed_anywhere_is_sent_again(lake):
    assert killed_appends(lake, [*range(1, 30, 4), 10**9]) >= 3


@pytest.mark.soak
def test_an_append_killed_at_every_step(lake):
    assert killed_appends(lake, itertools.count(1)) > 8


def killed_compactions(lake, steps):
    taken = [f"e{n}" for n in range(30)]
    for each in taken:
        lake.take(event(each))
        flush(lake.inbox, lake.folder)
    deaths = 0
    for step in steps:
        ended = dies(lake, step, "compact")
        deaths += not ended
        assert ids(lake) == sorted(taken)
        taken.append(f"late-{step}")
        lake.take(event(taken[-1]))
        flush(lake.inbox, lake.folder)
        if ended:
            break
    all_there_once(lake, taken)
    return deaths


def test_a_compaction_killed_before_and_after_its_commit(lake):
    assert killed_compactions(lake, [1, 2, 3, 4, 5, 6, 7]) == 7


@pytest.mark.soak
def test_a_compaction_killed_at_every_third_step(lake):
    assert killed_compactions(lake, itertools.count(1, 30)) > 10


def test_two_that_flush_the_same_batch_commit_it_once(lake):
    """One reads its table, and stands still until the other has flushed and settled: then it comes too late."""
    lake.take(*(event(f"e{n}") for n in range(5)))
    slow = opened(lake.home, lake.database)
    batch = slow.claim(100)
    table = open_table(lake.folder)
    rows = rows_of([each for chunk in slow.events(batch.first, batch.last) for each in chunk], batch.number)
    assert flush(lake.inbox, lake.folder).events == 5
    with pytest.raises(CommitFailedError):
        commit(table, rows, batch.epoch, batch.number)
    slow.settle(batch, 0)  # nor does its note change what the other noted
    slow.close()
    all_there_once(lake, [f"e{n}" for n in range(5)])


def test_one_that_opens_the_table_late_sees_that_the_batch_is_there(lake, monkeypatch):
    lake.take(*(event(f"e{n}") for n in range(5)))
    other = opened(lake.home, lake.database)
    opening = flushing.open_table

    def overtaken(folder):
        monkeypatch.setattr(flushing, "open_table", opening)
        assert flush(other, folder).events == 5
        return opening(folder)

    monkeypatch.setattr(flushing, "open_table", overtaken)
    flush(lake.inbox, lake.folder)
    other.close()
    all_there_once(lake, [f"e{n}" for n in range(5)])


def test_threads_that_append_together_are_each_answered_about_their_own(lake):
    grouped, answers = Grouped(lake.inbox), {}
    start = threading.Barrier(8)

    def client(name):
        start.wait()
        for n in range(20):  # every event is sent by two of them
            sent = [event(f"{name // 2}-{n}-{k}") for k in range(3)]
            answers[name, n] = append(grouped, lake.folder, sent)

    threads = [threading.Thread(target=client, args=[name]) for name in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    outcomes = [outcome for each in answers.values() for outcome in each]
    assert outcomes.count(Outcome.ACCEPTED) == outcomes.count(Outcome.REPEATED) == 4 * 20 * 3
    all_there_once(lake, [f"{name}-{n}-{k}" for name in range(4) for n in range(20) for k in range(3)])


def test_when_the_disk_fails_everybody_of_the_group_is_told(lake, monkeypatch):
    grouped = Grouped(lake.inbox)

    def full(*_given):
        raise OSError("no space left")

    monkeypatch.setattr(lake.inbox, "run_many", full)
    with pytest.raises(OSError, match="no space"):
        append(grouped, lake.folder, [event("e1")])
    monkeypatch.undo()
    assert append(grouped, lake.folder, [event("e1")]) == [Outcome.ACCEPTED]
    all_there_once(lake, ["e1"])


def test_a_file_that_lost_its_end_is_found(lake):
    lake.take(*(event(f"e{n}") for n in range(50)))
    flush(lake.inbox, lake.folder)
    [file] = open_table(lake.folder).file_uris()
    path = lake.folder.joinpath(*file.split("/")[-2:])
    os.truncate(path, path.stat().st_size // 2)
    found = verify(lake.inbox, lake.folder)
    assert not found.ok
    assert (len(found.unreadable), found.missing_batches) == (1, [1])


def test_a_batch_that_was_never_settled_and_one_that_came_twice_are_found(lake):
    lake.take(event("e1"))
    flush(lake.inbox, lake.folder)
    rows = rows_of([], 1)
    stored = open_table(lake.folder).to_pyarrow_table()
    commit(open_table(lake.folder), stored.select(rows.column_names), "another life", 1)
    found = verify(lake.inbox, lake.folder)
    assert found.short_batches == [{"batch": 1, "expected": 1, "found": 2}]
    assert found.doubles == ["e1"]


def test_compaction_leaves_few_files_and_the_same_events(lake):
    taken = [f"e{n}" for n in range(12)]
    for each in taken:
        lake.take(event(each))
        flush(lake.inbox, lake.folder)
    report = compact(lake.folder, many=5)
    assert (report.files_before, report.files_after) == (12, 1)
    all_there_once(lake, taken)
    assert compact(lake.folder, many=5).months == ()
