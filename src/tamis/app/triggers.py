"""Triggers that note what changed, by whatever path: the ORM, a bulk update, or SQL.

Two logs are kept: companies whose names changed (for the directory of names), and every row that engines see (for
snapshots). After every migration each trigger is compared with what it should be, because altering a table on SQLite
drops its triggers. Where one was not in place something may have gone unnoticed, so who reads that log starts afresh.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction

NAME_LOG = "INSERT INTO tamis_namechange (company, token) VALUES ({company}, {random});"
RANDOM = {"sqlite": "random()", "postgresql": "(random() * 9e18)::bigint"}
OTHER_TEXT_OR_COMPANY = "NEW.text <> OLD.text OR NEW.company_id <> OLD.company_id"
MERGED_OR_SPLIT = "coalesce(NEW.merged_into_id, 0) <> coalesce(OLD.merged_into_id, 0)"
EVENTS = {
    ("tamis_companyname", "INSERT", "1 = 1"): ("NEW.company_id",),
    ("tamis_companyname", "DELETE", "1 = 1"): ("OLD.company_id",),
    ("tamis_companyname", "UPDATE OF text, company_id", OTHER_TEXT_OR_COMPANY): (
        "OLD.company_id",
        "NEW.company_id",
    ),
    ("tamis_company", "UPDATE OF merged_into_id", MERGED_OR_SPLIT): ("NEW.id",),
}
"""For each table, event and condition, the companies whose names it changes. Whoever writes names holds the sorting
lock, so ids of this log follow the order of commits."""

CHANGE_LOG = "INSERT INTO tamis_change (relation, row_id, xact) "
NOW = "pg_current_xact_id()::text::bigint"
ROWS = {
    "INSERT": ("REFERENCING NEW TABLE AS fresh", "SELECT id FROM fresh"),
    "UPDATE": (
        "REFERENCING OLD TABLE AS old NEW TABLE AS fresh",
        "SELECT id FROM fresh UNION SELECT id FROM old",
    ),
    "DELETE": ("REFERENCING OLD TABLE AS old", "SELECT id FROM old"),
    "TRUNCATE": ("", "SELECT NULL::bigint AS id"),
}
"""On PostgreSQL, for each event, the tables that a statement's trigger sees, and the ids that it notes."""


@dataclass(frozen=True)
class Trigger:
    """A trigger: when it fires, what it does, and what is to be said in its log when it was not in place."""

    name: str
    table: str
    event: str
    each: str
    log: str
    unnoticed: str

    def sqlite(self) -> str:
        """The statement that makes it."""
        return f"CREATE TRIGGER {self.name} AFTER {self.event} ON {self.table} {self.each} BEGIN {self.log} END"

    def body(self) -> str:
        """The body of PostgreSQL's function, which says of which trigger it is."""
        print = blake2b(repr(self).encode(), digest_size=8).hexdigest()
        return f" /* {print} */ BEGIN {self.log} RETURN NULL; END "

    def statements(self, vendor: str) -> list[str]:
        """What makes it anew."""
        if vendor == "sqlite":
            return [f"DROP TRIGGER IF EXISTS {self.name}", self.sqlite()]
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $${self.body()}$$",
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            f"CREATE TRIGGER {self.name} AFTER {self.event} ON {self.table} {self.each} EXECUTE FUNCTION {self.name}()",
        ]


def install(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Put every trigger in place that is not; does nothing before the logs' tables are there."""
    connection = connections[using]
    if "tamis_change" not in connection.introspection.table_names():
        return
    absent = missing(using)
    if not absent:
        return
    with transaction.atomic(using), connection.cursor() as cursor:
        for trigger in absent:
            for statement in trigger.statements(connection.vendor):
                cursor.execute(statement)
        for statement in sorted({each.unnoticed for each in absent}):
            cursor.execute(statement)


def missing(using: str = DEFAULT_DB_ALIAS) -> list[Trigger]:
    """The triggers that are not in place, or not as they should be."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            there = dict(cursor.fetchall())
            return [each for each in wanted("sqlite") if there.get(each.name) != each.sqlite()]
        cursor.execute(
            "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND t.tgenabled = 'O'"
        )
        there = dict(cursor.fetchall())
        return [each for each in wanted("postgresql") if there.get(each.name) != each.body()]


def wanted(vendor: str) -> list[Trigger]:
    """Every trigger that should be there."""
    from tamis.app.services.snapshot_tables import relations  # here: it takes a while to import

    return [*_of_names(vendor), *(each for table in relations() for each in _of_changes(vendor, table))]


def _of_names(vendor: str) -> Iterable[Trigger]:
    for (table, event, condition), companies in EVENTS.items():
        log = " ".join(NAME_LOG.format(company=each, random=RANDOM[vendor]) for each in companies)
        each = f"WHEN {condition}" if vendor == "sqlite" else f"FOR EACH ROW WHEN ({condition})"
        name = f"{table}_{event.split()[0].lower()}_names"
        yield Trigger(name, table, event, each, log, "DELETE FROM tamis_namechange")


def _of_changes(vendor: str, table: str) -> Iterable[Trigger]:
    unnoticed = f"INSERT INTO tamis_change (relation, row_id, xact) SELECT '{table}', NULL, "
    if vendor == "sqlite":
        for event, when, row in (
            ("INSERT", "", "NEW.id"), ("DELETE", "", "OLD.id"), ("UPDATE", "", "NEW.id"),
            ("UPDATE OF id", "WHEN NEW.id <> OLD.id", "OLD.id"),
        ):  # fmt: skip
            name = f"{table}_{event.replace(' ', '_').lower()}_changes"
            yield Trigger(name, table, event, when, f"{CHANGE_LOG}VALUES ('{table}', {row}, 0);", unnoticed + "0")
        return
    for event, (referencing, rows) in ROWS.items():
        log = f"{CHANGE_LOG}SELECT '{table}', id, {NOW} FROM ({rows}) changed;"
        each = f"{referencing} FOR EACH STATEMENT".strip()
        yield Trigger(f"{table}_{event.lower()}_changes", table, event, each, log, unnoticed + NOW)
