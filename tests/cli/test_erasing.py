"""A person erased everywhere, wherever the process dies, and what is left says so."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest
from interrupted import ran_to_its_end

LEA, MARC = "lea@acme-exemple.fr", "marc@bolt-exemple.fr"
NOW = datetime.now(UTC)


def ago(**time):
    return (NOW - timedelta(**time)).isoformat()


def events(shell, name, *rows):
    file = shell.file(name, "\n".join(json.dumps({"kind": "page_view", "path": "/"} | row) for row in rows))
    return shell.json("events", "append", file)


@pytest.fixture
def people(shell):
    """Léa and Marc: contacts, their events in the lake and in the inbox, a visitor who was Léa, and what quotes her."""
    file = shell.file("gens.csv", f"E-mail;Nom\n{LEA};Martin\n{MARC};Petit\n{LEA}x@@;Rien\n")
    shell("contacts", "import", file)
    events(
        shell, "a.ndjson",
        {"id": "l1", "ts": ago(days=3), "contact": LEA},
        {"id": "m1", "ts": ago(days=3), "contact": MARC, "note": f"transmis par {LEA}"},
        {"id": "v1", "ts": ago(days=9), "visitor": "v"},
        {"id": "i1", "ts": ago(days=8), "kind": "identify", "visitor": "v", "contact": LEA},
        {"id": "v2", "ts": ago(days=4), "visitor": "v"},
        {"id": "i2", "ts": ago(days=2), "kind": "identify", "visitor": "v", "contact": MARC},
        {"id": "v3", "ts": ago(days=1), "visitor": "v"},
    )  # fmt: skip
    shell("lake", "flush")
    shell("lake", "snapshot")
    events(
        shell,
        "b.ndjson",
        {"id": "l2", "ts": ago(hours=1), "contact": LEA},
        {"id": "m2", "ts": ago(hours=1), "contact": MARC},
    )
    shell(
        "lists", "import", "client-default", shell.file("liste.csv", f"Nom;SIREN;Domaine email;Website\nAcme;;{LEA};\n")
    )
    for name in ("gens.csv", "a.ndjson", "b.ndjson", "liste.csv"):
        (shell.home.parent / name).unlink()
    shell.env |= {"TAMIS_LAKE_KEPT_DAYS": "0"}
    return shell


def left(shell):
    return sorted(each["id"] for each in shell.json("events", "ls"))


def quoting(shell):
    """The files of the home that hold Léa's address."""
    files = [file for file in shell.home.rglob("*") if file.is_file()]
    return [str(file) for file in files if LEA.encode() in file.read_bytes().lower()]


def test_what_would_go_is_told_and_stays(people):
    found = people.json("contacts", "erase", LEA, "--dry-run")
    assert (found["inbox"], found["events"]["events"]) == ({"events": 1}, 3)
    assert found["mentions"]["tables"] == {"refusedline": 1}
    assert len(left(people)) == 9
    assert people.json("contacts", "show", LEA)["email"] == LEA


@pytest.mark.sqlite_only
def test_she_is_gone_from_every_file_and_the_others_stay(people):
    said = people.json("contacts", "erase", LEA, "--yes")
    steps = said["steps"]
    assert (steps["state"], steps["inbox"], steps["events"]) == (
        {"contacts": 1}, {"events": 1}, {"events": 3, "quoting": 1},
    )  # fmt: skip
    assert said["left"] == []
    assert said["finished_at"]
    assert said["cleared_at"]
    assert left(people) == ["i2", "m1", "m2", "v2", "v3"]  # what the visitor did after Léa is Marc's
    assert people.json("lake", "verify")["ok"]
    assert quoting(people) == []
    assert people("contacts", "show", LEA, ok=False).code == 1
    assert people.json("contacts", "show", MARC)["email"] == MARC
    assert LEA not in people("audit", "ls", "--json").out


def test_no_file_of_a_snapshot_holds_her(people):
    people("lake", "snapshot")
    assert LEA in snapshot_texts(people)
    said = people.json("contacts", "erase", LEA, "--yes")
    assert said["steps"]["snapshots"]["files"] > 0
    assert LEA not in snapshot_texts(people)
    assert MARC in snapshot_texts(people)
    assert people.json("lake", "verify")["ok"]


def snapshot_texts(shell):
    """All that the files of snapshots hold, old ones too."""
    return "\n".join(str(pq.read_table(file).to_pylist()) for file in shell.home.glob("lake/snapshots/**/*.parquet"))


def test_what_comes_back_is_a_new_contact(people):
    people("contacts", "erase", LEA, "--yes")
    people("contacts", "add", f"email={LEA}")
    events(people, "c.ndjson", {"id": "new", "ts": ago(minutes=1), "contact": LEA})
    assert [each["id"] for each in people.json("events", "ls", "--contact", LEA)] == ["new"]


def test_an_address_that_only_events_know(shell):
    events(shell, "a.ndjson", {"id": "l1", "ts": ago(days=3), "contact": LEA})
    shell("contacts", "erase", LEA, "--yes")
    assert left(shell) == []


def test_nobody_is_refused(shell):
    assert "Aucun contact" in shell("contacts", "erase", "999", "--yes", ok=False).err


def test_without_consent_nothing_goes(people):
    assert people("contacts", "erase", LEA, ok=False).code != 0
    assert people.json("contacts", "show", LEA)["email"] == LEA


def killed_and_finished(people, tmp_path, points):
    """Kill an erasure at each of these steps, ask again, and look at everything each time."""
    kept = tmp_path / "kept"
    shutil.copytree(people.home, kept)
    for point in points:
        shutil.rmtree(people.home)
        shutil.copytree(kept, people.home)
        ended = ran_to_its_end(people, point, "contacts", "erase", LEA, "--yes")
        people("contacts", "erase", LEA, "--yes")
        assert left(people) == ["i2", "m1", "m2", "v2", "v3"], point
        assert people.json("lake", "verify")["ok"], point
        assert quoting(people) == [], point
        if ended:
            return


@pytest.mark.sqlite_only
def test_killed_and_asked_again_it_is_done(people, tmp_path):
    killed_and_finished(people, tmp_path, (30, 60, 75, 90, 120))


@pytest.mark.soak
@pytest.mark.sqlite_only
def test_killed_at_every_seventh_step_and_asked_again_it_is_done(people, tmp_path):
    killed_and_finished(people, tmp_path, range(1, 1_000, 7))
