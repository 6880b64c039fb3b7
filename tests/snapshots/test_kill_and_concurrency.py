"""Whatever dies, and whenever: the last snapshot is whole, and the next one is the state."""

import itertools
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import launcher
import pytest

DYING = """
import sys
from interrupted import Stops
from tamis.cli.shell import django_ready
django_ready()
from django.db import connection
from tamis.app.models import Company, CompanyName
from tamis.app.services import snapshots
from tamis.lake.snapshots import manifest, writing

left = int(sys.argv[1])
Company.objects.filter(pk=1 + left % 5).update(city=f"Ville {left}")
CompanyName.objects.filter(company=6 + left % 5).delete()

stops = Stops(sys.argv[1])
writing._Writer._file = stops.around(writing._Writer._file)
manifest.publish = stops.around(manifest.publish)
manifest.sweep = stops.around(manifest.sweep)
manifest.Path.replace = stops.around(manifest.Path.replace)
snapshots._build_apart = snapshots._build_here
stops.heed(connection)
snapshots.take(whole=sys.argv[2] == "whole")
"""
READING = """
import json, time
from tamis.cli.shell import django_ready
django_ready()
from tamis.app.services import snapshots
last = snapshots.current()
rows = {name: last.read(name).num_rows for name in last.manifest.tables}
assert rows == {name: table.rows for name, table in last.manifest.tables.items()}
until = time.monotonic() + 60
while time.monotonic() < until:
    snapshots.take()
    found = snapshots.verify()
    if not found.waiting:  # on PostgreSQL changes stay in the log while any transaction of the cluster is open
        break
    time.sleep(0.05)
print(json.dumps({"ok": found.ok, "rows": found.rows, "waiting": found.waiting}))
"""


@pytest.fixture
def base(shell):
    """A dozen companies, and a first snapshot."""
    lines = "".join(f"Maison {n};{n:09}\n" for n in range(12))
    shell("companies", "import", shell.file("base.csv", "Raison sociale;Référence\n" + lines))
    snapshot_of_all(shell)
    return shell


def snapshot_of_all(shell):
    """A snapshot for which nothing waits, which on PostgreSQL depends on other tests' transactions: see ``settled``."""
    until = time.monotonic() + 60
    while (said := shell.json("lake", "snapshot"))["waiting"]:
        assert time.monotonic() < until, "a transaction that began before does not end"
    return said


def killed(shell, steps, how):
    """Snapshots that die at these steps, each looked at afterwards; how many died."""
    deaths = 0
    for step in steps:
        done = launcher.run(["-c", DYING, step, how], shell.env)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        deaths += done.returncode != 0
        read = launcher.run(["-c", READING], shell.env)
        assert read.returncode == 0, read.stderr
        found = json.loads(read.stdout)
        assert (found["ok"], found["waiting"]) == (True, 0)
        assert found["rows"] > 12
        if done.returncode == 0:
            break
    return deaths


def test_killed_here_and_there(base):
    assert killed(base, [9, 14, 18, 22], "changed") >= 3


@pytest.mark.soak
def test_killed_at_every_second_step(base):
    assert killed(base, itertools.count(2, 2), "changed") >= 10


def test_killed_with_everything_written_and_nothing_published(base):
    assert killed(base, [40], "whole") == 1


def test_several_at_once_each_have_a_snapshot_of_the_state(base):
    at_once = [
        subprocess.Popen([sys.executable, "-m", "tamis", "lake", "snapshot", "--whole", "--json"], env=base.env,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]  # fmt: skip
    for each in at_once:
        out, said = each.communicate(timeout=120)
        assert each.returncode == 0, said
        assert json.loads(out)["tables"]["companies"] == 12
    assert base.json("lake", "verify")["snapshot"]["ok"]


def test_the_command_line_says_as_of_when_and_what_waits(base):
    first = base.json("lake", "status")["snapshot"]
    assert (first["waiting"], first["tables"]["companies"], first["tables"]["lists"]) == (0, 12, 11)
    base("companies", "import", base.file("plus.csv", "Raison sociale\nOiseau\n"))
    assert base.json("lake", "status")["snapshot"]["waiting"] == 2  # a company and its name
    second = snapshot_of_all(base)
    assert (second["waiting"], second["tables"]["companies"]) == (0, 13)
    assert second["as_of"] > first["as_of"]
    assert base.json("lake", "verify")["snapshot"] == {
        "ok": True, "rows": sum(second["tables"].values()), "waiting": 0, "unreadable": [], "differences": {},
    }  # fmt: skip
    base("lake", "compact")
    assert base.json("lake", "status")["snapshot"]["tables"] == second["tables"]


def test_before_the_first_snapshot_there_is_none_to_check(shell):
    assert shell.json("lake", "status")["snapshot"] is None
    found = shell.json("lake", "verify")
    assert (found["ok"], found["snapshot"]) == (True, None)


@pytest.mark.sqlite_only
def test_a_state_without_triggers_or_with_other_rows_is_told_by_verify(base):
    with sqlite3.connect(base.home / "tamis.sqlite3") as other:
        names = other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_changes'")
        for (name,) in names.fetchall():
            other.execute(f"DROP TRIGGER {name}")
        other.execute("UPDATE tamis_company SET city = 'Brest' WHERE id = 3")
    done = base("lake", "verify", "--json", ok=False)
    assert done.code == 1
    assert done.json["snapshot"]["differences"] == {"companies": {"different": [3]}}
    assert "tamis lake snapshot --whole" in base("lake", "verify", ok=False).out
    base("lake", "snapshot")  # sees that triggers were gone
    assert base.json("lake", "verify")["ok"]


@pytest.mark.sqlite_only
def test_after_a_restore_the_next_snapshot_is_of_the_restored_state(base):
    folder = base.home.parent / "sauvegarde"
    base("backup", folder)
    base("companies", "import", base.file("plus.csv", "Raison sociale\nOiseau\n"))
    base("lake", "snapshot")
    for name in ("tamis.sqlite3", "inbox.sqlite3"):
        (base.home / name).unlink()
    for name in ("tamis.sqlite3-wal", "tamis.sqlite3-shm", "inbox.sqlite3-wal", "inbox.sqlite3-shm"):
        (base.home / name).unlink(missing_ok=True)
    shutil.rmtree(base.home / "lake" / "events", ignore_errors=True)
    base("restore", folder)
    assert base.json("lake", "status")["snapshot"] is None
    assert base.json("lake", "snapshot")["tables"]["companies"] == 12


@pytest.mark.sqlite_only
def test_a_state_file_put_back_by_hand_is_noticed(base):
    file = base.home / "tamis.sqlite3"
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = file.read_bytes()
    base("companies", "import", base.file("plus.csv", "Raison sociale\nOiseau\n"))
    base("lake", "snapshot")
    for each in base.home.glob("tamis.sqlite3*"):
        each.unlink()
    file.write_bytes(copy)
    base("companies", "import", base.file("autre.csv", "Raison sociale\nPapillon\n"))
    assert base.json("lake", "snapshot")["tables"]["companies"] == 13
    assert base.json("lake", "verify")["ok"]
