"""Triggers that note which companies' names changed, by whatever path: the ORM, a bulk update, or SQL.

They are made anew after every migration, because altering a table on SQLite drops its triggers. Ids of the log follow
the order of commits: whoever writes names holds the sorting lock.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

LOG = "INSERT INTO tamis_namechange (company, token) VALUES ({company}, {random});"
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
"""For each table, event and condition, the companies whose names it changes."""


def install(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Make every trigger anew; does nothing before the log's table is there."""
    connection = connections[using]
    if "tamis_namechange" not in connection.introspection.table_names():
        return
    make = _on_sqlite if connection.vendor == "sqlite" else _on_postgresql
    with connection.cursor() as cursor:
        for (table, event, condition), companies in EVENTS.items():
            log = " ".join(LOG.format(company=each, random=RANDOM[connection.vendor]) for each in companies)
            name = f"{table}_{event.split()[0].lower()}_names"
            for statement in make(name, table, event, condition, log):
                cursor.execute(statement)


def _on_sqlite(name: str, table: str, event: str, condition: str, log: str) -> list[str]:
    return [
        f"DROP TRIGGER IF EXISTS {name}",
        f"CREATE TRIGGER {name} AFTER {event} ON {table} WHEN {condition} BEGIN {log} END",
    ]


def _on_postgresql(name: str, table: str, event: str, condition: str, log: str) -> list[str]:
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {log} RETURN NULL; END $$",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()",
    ]
