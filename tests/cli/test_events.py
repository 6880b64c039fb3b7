"""Events brought from files on the command line, flushed, read, backed up and restored."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

HEADINGS = "Date;E-mail;Produit;Montant HT;Marge;Référence client\n"
SALES = HEADINGS + (
    "31/03/2026;lea@acme-exemple.fr;Étau;1 234,50 €;200;A-1\n"
    "31/03/2026;lea@acme-exemple.fr;Étau;1 234,50 €;200;A-1\n"
    "2026-02-01 09:30;marc@bolt-exemple.fr;Vis;12;;\n"
    "32/03/2026;marc@bolt-exemple.fr;Vis;12;;\n"
    "01/03/2026;;Vis;12;;\n"
)


def append_sales(shell, *options):
    file = shell.file("ventes.csv", SALES)
    return shell.json("events", "append", file, "--kind", "purchase", "--map", "Montant HT=value", *options)


def test_a_file_is_tried_out_and_nothing_is_taken(shell):
    tried = append_sales(shell, "--dry-run")
    assert (tried["dry_run"], tried["accepted"], tried["refused"]) == (True, 3, 2)
    assert shell.json("events", "ls") == []
    assert "rien n'a été changé (essai)" in shell("events", "append", shell.file("v.csv", SALES), "--kind", "purchase",
                                                  "--dry-run").out  # fmt: skip


def test_a_year_of_sales_in_a_french_file(shell):
    report = append_sales(shell)
    assert (report["accepted"], report["repeated"], report["refused"]) == (3, 0, 2)
    assert report["without_zone"] == 3
    assert [(each["index"], each["field"], each["code"]) for each in report["faults"]] == [
        (5, "ts", "ts.form"),
        (6, "", "subject.missing"),
    ]
    assert report["columns"]["Référence client"] == "reference_client"
    [latest, twin, first] = shell.json("events", "ls")
    assert latest["id"] != twin["id"]  # two sales alike on one day are two sales
    assert (latest["product"], latest["value"], latest["margin"]) == ("Étau", 1234.5, 200)
    assert latest["more"] == {"reference_client": "A-1"}
    assert first["ts"] == "2026-02-01T08:30:00+00:00"


def test_the_same_file_again_adds_nothing(shell):
    append_sales(shell)
    shell("lake", "flush")
    report = append_sales(shell)
    assert (report["accepted"], report["repeated"], report["refused"]) == (0, 3, 2)
    shell("lake", "flush")
    assert shell.json("lake", "status")["events"] == 3
    assert shell.json("lake", "verify")["ok"]


def test_lines_of_json_with_ids_of_their_own(shell):
    now = datetime.now(UTC)
    lines = [
        {"id": "a", "ts": now.isoformat(), "kind": "page_view", "visitor": "v1", "path": "/"},
        {"id": "a", "ts": now.isoformat(), "kind": "page_view", "visitor": "v1", "path": "/autre"},
        {"id": "b", "ts": (now + timedelta(hours=1)).isoformat(), "kind": "page_view", "visitor": "v1", "path": "/"},
        {"id": "c", "ts": now.isoformat(), "kind": "pageview", "visitor": "v1", "path": "/"},
    ]
    text = "\n".join(["\ufeff" + json.dumps(lines[0]), "", *map(json.dumps, lines[1:]), "{", "[1]"])
    ran = shell("events", "append", shell.file("e.ndjson", text), "--json")
    assert ran.json["accepted"] == 1
    assert [(each["index"], each["code"]) for each in ran.json["faults"]] == [
        (3, "id.conflict"),
        (4, "ts.future"),
        (5, "kind.unknown"),
        (6, "line.json"),
        (7, "event.form"),
    ]
    assert "page_view" in ran.json["faults"][2]["message"]


def test_a_file_of_which_nothing_can_be_taken_is_a_failure(shell):
    assert shell("events", "append", shell.file("e.ndjson", "{}\n"), ok=False).code == 1
    assert shell("events", "append", shell.file("e.csv", "a;b\n1;2\n"), ok=False).code == 1
    assert shell("events", "append", "nulle-part.csv", ok=False).code == 2
    assert shell("events", "append", shell.file("e.csv", SALES), "--kind", "achat", ok=False).code == 1
    twice = shell(
        "events", "append", shell.file("e.csv", SALES), "--kind", "purchase", "--map", "Marge=value", ok=False
    )
    assert "Montant HT" in twice.err


def test_a_kind_of_ones_own(shell):
    shell("events", "kinds", "add", "webinar_question", "Question en webinaire", "--property", "vip=yes-no")
    line = {"ts": "2026-03-31T10:00:00Z", "kind": "webinar_question", "contact": "lea@acme-exemple.fr"}
    text = "\n".join(json.dumps(line | {"vip": value}) for value in ("oui", "peut-être"))
    report = shell.json("events", "append", shell.file("q.ndjson", text))
    assert (report["accepted"], report["faults"][0]["field"]) == (1, "vip")
    assert shell.json("events", "ls", "--kind", "webinar_question")[0]["more"] == {"vip": "true"}
    assert "webinar_question" in [each["key"] for each in shell.json("events", "kinds", "ls")]
    assert shell("events", "kinds", "add", "purchase", "Achat", ok=False).code == 1


def test_a_visitor_who_was_identified(shell):
    shell("companies", "import", shell.file("base.csv", "Nom;SIREN\nAcme;732829320\n"))
    lines = [
        {"ts": f"2026-03-0{day}T10:00:00Z", "kind": "page_view", "visitor": "v1", "path": f"/{day}"}
        for day in (1, 3, 5)
    ]
    lines += [
        {"ts": "2026-03-02T10:00:00Z", "kind": "identify", "visitor": "v1", "contact": "lea@acme-exemple.fr"},
        {"ts": "2026-03-04T10:00:00Z", "kind": "identify", "visitor": "v1", "company": "732829320"},
        {"ts": "2026-03-06T10:00:00Z", "kind": "page_view", "company": "732829320", "path": "/6"},
    ]
    shell("events", "append", shell.file("e.ndjson", "\n".join(map(json.dumps, lines))))
    shell("lake", "flush")

    def paths(*whose):
        return [each["path"] for each in shell.json("events", "ls", *whose, "--kind", "page_view")]

    assert paths("--contact", "lea@acme-exemple.fr") == ["/1"]
    assert paths("--company", "732829320") == ["/6", "/5", "/3"]
    assert paths("--visitor", "v1") == ["/5", "/3", "/1"]
    assert shell.json("events", "identify") == {"stays": 2}

    late = {"ts": "2026-03-03T12:00:00Z", "kind": "identify", "visitor": "v1", "contact": "marc@acme-exemple.fr"}
    shell("events", "append", shell.file("e.ndjson", json.dumps(late)))
    shell("worker", "--once")
    assert paths("--contact", "marc@acme-exemple.fr") == ["/3"]
    assert paths("--company", "732829320") == ["/6", "/5"]


def test_compaction_by_hand(shell):
    for n in range(3):
        line = {"id": str(n), "ts": "2026-03-01T10:00:00Z", "kind": "page_view", "visitor": "v1", "path": "/"}
        shell("events", "append", shell.file("e.ndjson", json.dumps(line)))
        shell("lake", "flush")
    assert shell.json("lake", "compact", "--many", 2)["files_after"] == 1
    assert shell.json("lake", "verify") | {"events": 3, "files": 1, "ok": True} == shell.json("lake", "verify")


def test_the_worker_flushes(shell):
    append_sales(shell)
    shell("worker", "--once")
    status = shell.json("lake", "status")
    assert (status["events"], status["waiting"]) == (3, 0)


def test_the_currency_stays_once_there_are_events(shell):
    shell("settings", "set", "currency", "CHF")
    line = {"ts": "2026-03-01T10:00:00Z", "kind": "purchase", "visitor": "v1", "value": 10, "currency": "EUR"}
    refused = shell("events", "append", shell.file("e.ndjson", json.dumps(line)), "--json", ok=False)
    assert refused.json["faults"][0]["code"] == "currency.other"
    shell("settings", "set", "currency", "EUR")
    shell("events", "append", shell.file("e.ndjson", json.dumps(line)))
    assert "ne change plus" in shell("settings", "set", "currency", "CHF", ok=False).err


sqlite_only = pytest.mark.sqlite_only


@pytest.fixture
def elsewhere(shell):
    """Another home, empty."""
    return type(shell)(shell.home.parent / "ailleurs") if not shell.database else None


@sqlite_only
def test_a_backup_brought_back_has_every_event_once_and_takes_new_ones(shell, elsewhere):
    append_sales(shell)
    shell("lake", "flush")
    line = {"id": "waits", "ts": "2026-03-01T10:00:00Z", "kind": "page_view", "visitor": "v1", "path": "/"}
    shell("events", "append", shell.file("e.ndjson", json.dumps(line)))
    backup = shell.home.parent / "sauvegarde"
    shell("backup", backup)
    shell("lake", "flush")  # life goes on
    assert elsewhere.json("restore", backup)["waiting"] == 1
    assert len(elsewhere.json("events", "ls")) == 4
    assert elsewhere.json("events", "append", shell.file("e.ndjson", json.dumps(line)))["repeated"] == 1
    elsewhere("lake", "flush")
    found = elsewhere.json("lake", "verify")
    assert (found["ok"], found["events"], found["waiting"]) == (True, 4, 0)
    assert elsewhere.json("users", "ls") == shell.json("users", "ls")
    assert elsewhere("restore", backup, ok=False).code == 1  # no longer empty


@sqlite_only
def test_a_lake_ahead_of_its_state_is_refused_or_kept_on_purpose(shell, elsewhere):
    append_sales(shell)
    backup = shell.home.parent / "sauvegarde"
    shell("backup", backup)
    shell("lake", "flush")
    shutil.rmtree(backup / "lake", ignore_errors=True)
    shutil.copytree(shell.home / "lake", backup / "lake")
    refused = elsewhere("restore", backup, ok=False)
    assert (refused.code, "--accept-ahead" in refused.err) == (1, True)
    assert not elsewhere.home.exists()
    done = elsewhere.json("restore", backup, "--accept-ahead")
    assert (done["dropped"], done["waiting"]) == (3, 0)
    elsewhere("lake", "flush")
    assert elsewhere.json("lake", "verify")["ok"]
    assert len(elsewhere.json("events", "ls")) == 3


@sqlite_only
def test_a_lake_that_lacks_what_the_state_flushed_is_refused(shell, elsewhere):
    append_sales(shell)
    shell("lake", "flush")
    backup = shell.home.parent / "sauvegarde"
    shell("backup", backup)
    shutil.rmtree(backup / "lake")
    assert "Il manque au lac" in elsewhere("restore", backup, ok=False).err


def test_what_is_no_backup_is_refused(shell):
    assert shell("restore", shell.home.parent, ok=False).code == 2
    assert shell("backup", shell.home, ok=False).code == 1


@pytest.mark.skipif("not __import__('os').environ.get('TAMIS_DATABASE_URL')", reason="asks PostgreSQL")
def test_on_postgresql_the_lake_is_taken_and_the_state_is_pg_dumps(shell):
    append_sales(shell)
    shell("lake", "flush")
    backup = shell.home.parent / "sauvegarde"
    assert "pg_dump" in shell("backup", backup).err
    shutil.rmtree(shell.home / "lake")
    assert shell.json("restore", backup)["waiting"] == 0
    assert shell.json("lake", "verify")["ok"]


def test_a_bare_command_does_not_load_the_lake():
    code = "import sys; import tamis.cli.shell; print(sorted({'pyarrow', 'duckdb', 'deltalake'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_count_loads_no_more_of_arrow_than_it_needs(shell):
    shell("count", "companies where headcount > 10")  # takes the snapshot
    heavy = {"pyarrow.compute", "pyarrow.parquet", "pyarrow.dataset", "pyarrow.json", "deltalake"}
    code = (
        "import sys; from tamis.cli.shell import run; "
        f"run(['count', 'companies where headcount > 10']); print(sorted({heavy!r} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], env=shell.env, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"
