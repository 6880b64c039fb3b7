"""A world made small: the tables of an engine without the rows on which the answers of some subjects cannot hang.

A rule about somebody reads what is known of them, of their company or their contacts, and the events that name these.
So the same query, asked of those rows alone, says the same of these subjects, and costs what they are. The rows of
everybody else are left out; of events, also those that only look as if they could be about somebody are kept.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from tamis.engines.duckdb import DuckDb
from tamis.rules import nodes
from tamis.rules.attribution import NAMES
from tamis.rules.nodes import Subject
from tamis.rules.query import Query

SCHEMA = "part"
_OWN = {
    "contacts": ("contact_fields", "contact_tags"),
    "companies": ("company_fields", "company_names", "company_identifiers", "company_domains", "company_tags"),
}


class _Key(NamedTuple):
    """A column of events, the same of stays, and the table of the keys of those of whom rows are needed."""

    in_events: str
    in_stays: str
    table: str


_KEYS = (
    _Key("contact_email", "contact_email", "emails"),
    _Key("contact_id", "contact_ref", "contact_keys"),
    _Key("company_siren", "company_siren", "sirens"),
    _Key("company_id", "company_ref", "company_keys"),
    _Key("company_domain", "company_domain", "hosts"),
)
_ALWAYS = ("id", "company", "email_key", "merged_into")
"""Columns that are needed whatever a rule speaks of."""
_END = "regexp_extract({}, '([^.]+[.])?[^.]+$')"
"""The last two labels of a host: those below a domain have the domain's."""
_NOBODY = " AND ".join(f"{name} IS NULL" for name in NAMES)


def crosses(rule: nodes.Rule) -> bool:
    """Whether a rule about contacts asks their companies, or one about companies their contacts."""
    kinds = (nodes.HasContact, nodes.OfCompany, nodes.InSegment, nodes.InList)
    fields = any(each.of_company for each in nodes.every(rule, nodes.Field))
    return fields or any(nodes.every(rule, kind) for kind in kinds)


def reads_events(query: Query) -> bool:
    """Whether a compiled rule asks for events: these are what costs."""
    return "FROM events e" in query.sql


def ids(subject: Subject, *, crosses: bool) -> dict[str, str]:
    """Of whom rows are needed, as queries of ids by table; ``crosses``: the rule asks the other kind of subject too."""
    asked = "SELECT a.id FROM among a"
    if subject == "companies":
        return {"companies": asked, "contacts": f"SELECT id FROM main.contacts WHERE company IN ({asked})"}
    if not crosses:
        return {"companies": "SELECT id FROM main.companies WHERE false", "contacts": asked}
    companies = f"SELECT company AS id FROM main.contacts WHERE company IS NOT NULL AND id IN ({asked})"
    return {
        "companies": f"SELECT DISTINCT id FROM ({companies}) c",
        "contacts": f"SELECT id FROM main.contacts WHERE company IN ({companies}) UNION {asked}",
    }


@contextmanager
def narrowed(engine: DuckDb, subject: Subject, query: Query, *, crosses: bool) -> Iterator[None]:
    """Within the block, ``engine`` has only what a query about those in the table ``among`` can hang on."""
    engine.ask(Query("SELECT 1", {}, query.needs))  # made of everybody
    run = engine.run
    run(f"CREATE SCHEMA {SCHEMA}")
    try:
        for statement in _statements(engine, subject, query.sql, crosses):
            run(statement)
        run(f"SET search_path = '{SCHEMA},main'")
        yield
    finally:
        run("SET search_path = 'main'")
        run(f"DROP SCHEMA {SCHEMA} CASCADE")


def _statements(engine: DuckDb, subject: Subject, sql: str, crosses: bool) -> Iterator[str]:
    for table, query in ids(subject, crosses=crosses).items():
        yield f"CREATE TABLE {SCHEMA}.{table}__ids AS {query}"
    for table, own in _OWN.items():
        needed = f"SELECT i.id FROM {SCHEMA}.{table}__ids i"
        yield _table(engine, table, sql, f"id IN ({needed})")
        column = own[0].partition("_")[0]
        for each in own:
            if each in sql:
                yield _table(engine, each, sql, f"{column} IN ({needed})")
    yield _members()
    keys = _KEYS[: 5 if subject == "companies" or crosses else 2]
    yield from _keys(len(keys) > 2)
    yield _table(engine, "stays", sql, _any(keys, stay=True))
    yield f"CREATE VIEW {SCHEMA}.events AS {_events(keys)}"


def _table(engine: DuckDb, table: str, sql: str, where: str) -> str:
    """The rows of a table for which a condition holds, with the columns that some SQL may speak of."""
    words = {*re.findall(r"\w+", sql)}
    columns = [name for name in engine.columns(table) if name in words or name in _ALWAYS]
    said = ", ".join(f'"{name}"' for name in columns)
    return f"CREATE TABLE {SCHEMA}.{table} AS SELECT {said} FROM main.{table} WHERE {where}"


def _members() -> str:
    """The present members among those of whom rows are needed."""
    needed = " UNION ".join(f"SELECT i.id FROM {SCHEMA}.{table}__ids i" for table in _OWN)
    return (
        f"CREATE VIEW {SCHEMA}.members AS SELECT audience, subject FROM "
        f"(SELECT * FROM members__raw WHERE subject IN ({needed})) m GROUP BY audience, subject "
        "HAVING arg_max(entered, run)"
    )


def _keys(of_companies: bool) -> Iterator[str]:
    """The keys by which events name those of whom rows are needed, a table each."""
    emails = f"SELECT email_key AS k FROM {SCHEMA}.contacts WHERE email_key IS NOT NULL"
    yield f"CREATE TABLE {SCHEMA}.emails AS {emails}"
    yield f"CREATE TABLE {SCHEMA}.contact_keys AS SELECT CAST(id AS VARCHAR) AS k FROM {SCHEMA}.contacts"
    if not of_companies:
        return
    needed = f"SELECT i.id FROM {SCHEMA}.companies__ids i"
    sirens = f"SELECT siren AS k FROM main.companies WHERE id IN ({needed}) AND siren IS NOT NULL"
    others = f"SELECT value FROM main.company_identifiers WHERE company IN ({needed}) AND type = 'siren'"
    yield f"CREATE TABLE {SCHEMA}.sirens AS {sirens} UNION {others}"
    merged = f"SELECT CAST(origin AS VARCHAR) FROM kept WHERE place IN ({needed})"
    own = f"SELECT CAST(id AS VARCHAR) AS k FROM {SCHEMA}.companies__ids"
    yield f"CREATE TABLE {SCHEMA}.company_keys AS {own} UNION {merged}"
    hosts = f"SELECT DISTINCT {_END.format('key')} AS k FROM main.company_domains WHERE company IN ({needed})"
    yield f"CREATE TABLE {SCHEMA}.hosts AS {hosts}"


def _is_one(key: _Key, *, stay: bool = False) -> str:
    """The condition that a row of events, or of stays, has a key of one of them."""
    column = key.in_stays if stay else key.in_events
    x = _END.format(column) if key.table == "hosts" else column
    return f"{x} IN (SELECT k FROM {SCHEMA}.{key.table})"


def _any(keys: Sequence[_Key], *, stay: bool = False) -> str:
    return " OR ".join(_is_one(key, stay=stay) for key in keys)


def _events(keys: Sequence[_Key]) -> str:
    """The events that may be about one of them: one reading, because reading is what costs."""
    visits = f"({_NOBODY} AND visitor IN (SELECT visitor FROM {SCHEMA}.stays))"
    return f"SELECT * FROM main.events WHERE {_any(keys)} OR {visits}"
