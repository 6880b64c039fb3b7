"""How long a timeline takes among twenty million events: of a quiet contact, of a busy company, of robots.

``python -m bench.timelines`` takes the lake of the crowd that rules are asked about, and a workspace that knows the few
whose timelines are opened. Measured is the service behind the page: its first page (with the months of the chart) and
its second.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from bench.base import CACHE
from bench.crowd import Crowd, crowd

HOME = CACHE / "timeline-home"
RUNS, PATIENCE = 5, 30.0
"""So many runs of each page, or as many as begin within so many seconds."""
_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--stage", choices=("make", "measure"))
    chosen = parser.parse_args()
    made = crowd(chosen.contacts)
    if chosen.stage:
        return _make(made) if chosen.stage == "make" else _measure(made)
    shutil.rmtree(HOME, ignore_errors=True)
    env = os.environ | {"TAMIS_HOME": str(HOME), "DJANGO_SETTINGS_MODULE": "tamis.app.settings"}
    subprocess.run([sys.executable, "-m", "tamis", "init"], env=env, check=True, stdout=subprocess.DEVNULL)
    (HOME / "lake").mkdir(exist_ok=True)
    (HOME / "lake" / "events").symlink_to(made.folder / "events")
    command = [sys.executable, "-m", "bench.timelines", "--contacts", str(chosen.contacts), "--stage"]
    subprocess.run([*command, "make"], env=env, check=True)
    child = subprocess.Popen([*command, "measure"], env=env)
    _, status, usage = os.wait4(child.pid, 0)
    print(f"peak memory {usage.ru_maxrss / 1024:.0f} MB")
    sys.exit(os.waitstatus_to_exitcode(status))


def _make(made: Crowd) -> None:
    import django

    django.setup()
    from tamis.app.services import lake

    _settle(made, lake)
    known = _Known(made)
    rows = [(label, "contact", contact.pk) for label, contact in known.contacts()]
    label, company = known.company()
    (HOME / "known.json").write_text(json.dumps([*rows, (label, "company", company.pk)]))


def _measure(made: Crowd) -> None:
    import django

    django.setup()
    from tamis.app.models import Company, Contact
    from tamis.app.services import timelines

    print(f"{made.events:,} events; load {' '.join(f'{each:.1f}' for each in os.getloadavg())}")
    for label, model, number in json.loads((HOME / "known.json").read_text()):
        who: Any = Contact.objects.get(pk=number) if model == "contact" else Company.objects.get(pk=number)
        page = timelines.of_contact if model == "contact" else timelines.of_company
        _row(label, lambda after, who=who, page=page: page(who, after=after))


def _settle(made: Crowd, lake: Any) -> None:
    """Have the inbox know of the batches that the lake holds."""
    import sqlite3

    lake.shared_inbox()
    database = sqlite3.connect(Path(HOME) / "inbox.sqlite3")
    with database:
        settled = made.tables["events"].settled
        database.execute("INSERT OR REPLACE INTO inbox_batch VALUES (?, 'bench', 0, 0, 0, 0)", [settled])
    database.close()


class _Known:
    """Those whose timelines are opened, put into the workspace from the crowd."""

    def __init__(self, made: Crowd) -> None:
        self.duck = duckdb.connect(config={"memory_limit": "2GB"})
        for name in ("contacts", "companies", "company_domains", "stays", "events"):
            self.duck.execute(
                f"CREATE VIEW {name} AS SELECT * FROM read_parquet({[*made.tables[name].files]!r}, "
                "hive_partitioning = false)"
            )

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.duck.execute(sql).fetchall()

    def contacts(self) -> list[tuple[str, Any]]:
        """Somebody with few events, whom a robot of visits is, and whose mail a scanner opens."""
        few = (
            "SELECT contact_email FROM events WHERE contact_email LIKE 'lea.%' GROUP BY 1 HAVING count(*) = 4 "
            "ORDER BY 1 LIMIT 1"
        )
        robot = "SELECT s.contact_email FROM stays s WHERE s.id = 1"
        mails = (
            "SELECT contact_email FROM events WHERE kind = 'email_open' AND contact_email NOT LIKE 'inconnu@%' "
            "GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        labels = ("a contact with few events", "a contact who is a robot", "a contact whose mail is scanned")
        return [
            (label, self._contact(str(self.ask(sql)[0][0])))
            for label, sql in zip(labels, (few, robot, mails), strict=True)
        ]

    def _contact(self, email: str) -> Any:
        from tamis.app.models import Contact

        (number,) = self.ask(f"SELECT id FROM contacts WHERE email_key = '{email}'")[0]
        contact, _ = Contact.objects.get_or_create(
            pk=number, defaults={"email": email, "email_key": email, "created_at": _DAY, "updated_at": _DAY}
        )
        self._stays(f"contact_email = '{email}' OR contact_ref = '{number}'")
        return contact

    def company(self) -> tuple[str, Any]:
        """The company with most contacts, and these."""
        from tamis.app.models import Company, CompanyDomain, Contact, List

        (number, people) = self.ask(
            "SELECT company, count(*) FROM contacts WHERE company IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
        )[0]
        (siren, name) = self.ask(f"SELECT siren, name FROM companies WHERE id = {number}")[0]
        company = Company.objects.create(
            pk=number, name=name, name_key=name.lower(), siren=siren, list=List.objects.first(), first_seen=_DAY.date(),
            created_at=_DAY, updated_at=_DAY,
        )  # fmt: skip
        hosts = {host for (host,) in self.ask(f"SELECT key FROM company_domains WHERE company = {number}")}
        source = _source()
        CompanyDomain.objects.bulk_create(
            CompanyDomain(company=company, use="website", host=host, key=host, source=source) for host in hosts
        )
        rows = self.ask(f"SELECT id, email_key FROM contacts WHERE company = {number}")
        Contact.objects.bulk_create(
            (
                Contact(pk=pk, email=email or "", email_key=email, company=company, created_at=_DAY, updated_at=_DAY)
                for pk, email in rows
            ),
            ignore_conflicts=True,
        )
        named = ", ".join(f"'{host}'" for host in hosts) or "NULL"
        self._stays(
            f"contact_email IN (SELECT email_key FROM contacts WHERE company = {number}) OR company_siren = '{siren}' "
            f"OR company_domain IN ({named})"
        )
        return f"the company with most contacts ({people})", company

    def _stays(self, where: str) -> None:
        from tamis.app.models import Stay

        names = (
            "id",
            "visitor",
            "after",
            "until",
            "at",
            "contact_ref",
            "contact_email",
            "company_ref",
            "company_siren",
            "company_domain",
            "event",
        )
        times = {"after", "until", "at"}
        shown = ", ".join(f'epoch_us("{name}")' if name in times else name for name in names)
        Stay.objects.bulk_create(
            (Stay(**{name: _moment(value) if name in times else value or ""
                     for name, value in zip(names, row, strict=True)})
             for row in self.ask(f"SELECT {shown} FROM stays WHERE {where}")),
            ignore_conflicts=True,
        )  # fmt: skip


def _moment(microseconds: int | None) -> Any:
    return None if microseconds is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def _source() -> Any:
    from tamis.app.models import Act, Source
    from tamis.app.services.acting import Actor, record
    from tamis.messages import say

    act = record(Actor("bench", "cli"), Act.Kind.COMPANIES_IMPORTED, say("bench"))
    return Source.objects.create(kind=Source.Kind.IMPORT, label="bench", as_of=_DAY.date(), act=act)


def _row(label: str, page: Callable[[str], Any]) -> None:
    after = ""
    for name in ("first page", "the next"):
        took: list[float] = []
        while len(took) < RUNS and sum(took) < PATIENCE:
            started = time.perf_counter()
            shown = page(after)
            took.append(time.perf_counter() - started)
        events = sum(len(traces) for _, traces in shown.days)
        said = f"{shown.total:,} in a year" if shown.total else ""
        spread = f"({min(took):.2f}-{max(took):.2f})"
        print(f"{label:44} {name:11} {statistics.median(took):6.2f} s {spread}  {events} shown  {said}", flush=True)
        after = shown.next
        if not after:
            return


if __name__ == "__main__":
    main()
