"""The snapshots' rows of ``make bench``: contacts into Parquet, whole and after one in a thousand changed.

``python -m bench.snapshots --contacts 100000`` takes fewer than the usual million (and a fifth as many companies). The
command is measured as a whole process, start included; « written » is the snapshot alone. Beside it stands a bare
reader: every value of the same table fetched by Python from SQLite, no more. Changes lie evenly among the ids.
"""

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from bench.__main__ import run
from bench.base import CACHE

HOME = CACHE / "snapshot-home"
TAKE = """
import time
from tamis.cli.shell import django_ready
django_ready()
from tamis.app.services import snapshots
started = time.perf_counter()
snapshots.take()
print(time.perf_counter() - started)
"""
COMPANIES = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {companies})
INSERT INTO tamis_company (id, name, name_key, list_id, siren, naf, naf_2025, naics, legal_category, headcount,
  headcount_bracket, revenue, size_class, address, postal_code, city, department, region, country, parent_siren,
  first_seen, created_at, updated_at, extra, provenance, address_key, city_key, region_key)
SELECT i, 'TOLERIE DU NORD ' || i, 'tolerie du nord ' || i, 1 + i % 9, printf('%09d', i), '62.01Z', '', '', '5710',
  i % 500, '12', i * 3.25, 'PME', (i % 200) || ' rue de la République', printf('%05d', i % 95000),
  'Évreux ' || (i % 3000), printf('%02d', i % 95), 'Île-de-France', 'FR', '', '2026-01-01', '2026-01-01 10:00:00',
  '2026-01-01 10:00:00.123456', '{{}}', '{{}}', 'x', 'x', 'x' FROM n
"""
CONTACTS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {contacts})
INSERT INTO tamis_contact (id, civility, first_name, last_name, email, email_key, phone, city, country, company_id,
  linked_by, company_name, company_siren, company_key, domain_key, sector, job_title, function, level, offer, origin,
  origin_detail, created_at, updated_at, extra, provenance, name_key, first_name_key, city_key, sector_key,
  job_title_key, function_key, level_key, offer_key, origin_detail_key)
SELECT i, 'Mme', 'Léa', 'Durand-' || (i % 70000), 'lea.durand.' || i || '@exemple-' || (i % 200000) || '.fr',
  'lea.durand.' || i || '@exemple-' || (i % 200000) || '.fr', '+331' || printf('%08d', i), 'Évreux ' || (i % 3000),
  'FR', 1 + i % {companies}, 'domain', '', '', '', 'exemple-' || (i % 200000) || '.fr', 'Industrie',
  'Directrice commerciale ' || (i % 500), 'commercial', 'direction', '', 'static', 'salon ' || (i % 20),
  '2026-01-01 10:00:00', '2026-01-01 10:00:00.123456', '{{}}', '{{}}', 'x', 'x', 'x', 'x', 'x', 'x', 'x', '', 'x'
FROM n
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    contacts = parser.parse_args().contacts
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.parent.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-m", "tamis", "init"], env=_env(), check=True, stdout=subprocess.DEVNULL)
    sql(COMPANIES.format(companies=contacts // 5))
    sql(CONTACTS.format(contacts=contacts, companies=contacts // 5))
    bare()
    for _ in range(3):
        measured = run(HOME, "lake", "snapshot", "--whole")
        row(f"snapshot of {contacts:,} contacts, whole", measured.seconds, measured.megabytes)
    for n in range(3):
        sql(f"UPDATE tamis_contact SET phone = phone || '0' WHERE id % 1000 = {n}")
        if n < 2:
            measured = run(HOME, "lake", "snapshot")
            row("  after 0.1 % of them changed", measured.seconds, measured.megabytes)
    done = subprocess.run([sys.executable, "-c", TAKE], env=_env(), check=True, capture_output=True, text=True)
    row("  the same, written only", float(done.stdout), 0)
    row("  nothing changed", run(HOME, "lake", "snapshot").seconds, 0)
    read()
    row("every row compared with the state", run(HOME, "lake", "verify").seconds, 0)


def _env() -> dict[str, str]:
    return os.environ | {"TAMIS_HOME": str(HOME)}


def sql(statement: str) -> None:
    """Run a statement on the state, past Tamis."""
    database = sqlite3.connect(HOME / "tamis.sqlite3")
    with database:
        database.execute(statement)
    database.close()


def row(label: str, seconds: float, megabytes: float) -> None:
    """Print one row."""
    print(f"{label:52} {seconds:8.2f} s {f'{megabytes:8.0f} MB' if megabytes else ''}", flush=True)


def bare() -> None:
    """The same table, every value fetched and forgotten."""
    database = sqlite3.connect(HOME / "tamis.sqlite3")
    started = time.perf_counter()
    cursor = database.execute("SELECT * FROM tamis_contact")
    while cursor.fetchmany(10_000):
        pass
    row("bare SQLite reader, the contacts' values", time.perf_counter() - started, 0)
    database.close()


def read() -> None:
    """One question to the base files alone, and to the table as it is."""
    import duckdb

    from tamis.lake.snapshots.manifest import read as manifest
    from tamis.lake.snapshots.reading import Snapshot

    folder = Path(HOME) / "lake" / "snapshots"
    found = manifest(folder)
    snapshot = Snapshot(folder, found, found.as_of)
    connection = duckdb.connect()
    snapshot.make_views(connection)
    files = snapshot.files("contacts")["base"]
    for label, table in (
        ("base files alone", f"read_parquet({files!r})"),
        ("with 0.3 % of changes beside", "contacts"),
    ):
        took = []
        for _ in range(7):
            started = time.perf_counter()
            connection.execute(
                f"SELECT count(*) FROM {table} WHERE city_folded = 'evreux 17' AND level_folded = 'direction'"
            ).fetchall()
            took.append(time.perf_counter() - started)
        row(f"a count in DuckDB, {label}", sorted(took)[3], 0)


if __name__ == "__main__":
    main()
