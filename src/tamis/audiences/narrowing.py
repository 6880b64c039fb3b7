"""A world made small: the tables of an engine without the rows on which the answers of some subjects cannot hang.

A rule about somebody reads what is known of them, of their company or their contacts, and the events that name these.
So the same query, asked of those rows alone, says the same of these subjects, and costs what they are. The rows of
everybody else are left out; of events, also those that only look as if they could be about somebody are kept.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import pyarrow as pa

from tamis.engines.contract import Stored
from tamis.engines.duckdb import DuckDb
from tamis.rules import nodes
from tamis.rules.attribution import NAMES
from tamis.rules.attribution import needs as attribution_needs
from tamis.rules.nodes import Subject
from tamis.rules.query import Query

PART, WORLD = "part", "world"
_OWN: Mapping[Subject, tuple[str, ...]] = {
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


def kinds_of(rule: nodes.Rule) -> set[str]:
    """The kinds of events that a rule asks for."""
    found = {each.kind for each in nodes.every(rule, nodes.Did)} | {each.kind for each in nodes.every(rule, nodes.Step)}
    return found | {each.kind for each in nodes.every(rule, nodes.Aggregate)}


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
    engine.run(f"CREATE SCHEMA {PART}")
    try:
        keys = _KEYS[: 5 if subject == "companies" or crosses else 2]
        for statement in _statements(engine, PART, ids(subject, crosses=crosses), query.sql, keys):
            engine.run(statement)
        engine.run(f"CREATE VIEW {PART}.events AS SELECT * FROM main.events WHERE {_events(PART, keys)}")
        with _within(engine, PART):
            yield
    finally:
        engine.run(f"DROP SCHEMA {PART} CASCADE")


class World:
    """The small world of several audiences at once: events are read a single time for all of them."""

    def __init__(
        self, engine: DuckDb, asked: Mapping[Subject, Collection[int]], queries: Sequence[Query], kinds: Collection[str]
    ) -> None:
        self.engine, self.kinds = engine, {*kinds}
        needs = {name: sql for query in queries for name, sql in query.needs.items()}
        engine.ask(Query("SELECT 1", {}, {**needs, **attribution_needs("companies")}))
        engine.run(f"CREATE SCHEMA {WORLD}")
        for subject in _OWN:
            engine.put(f"{subject}__asked", Stored(pa.table({"id": pa.array([*asked.get(subject, ())], pa.int64())})))
        sql = " ".join(query.sql for query in queries)
        of_contacts = "SELECT company FROM main.contacts WHERE id IN (SELECT id FROM contacts__asked)"
        wanted = {
            "companies": f"SELECT id FROM companies__asked UNION ({of_contacts} AND company IS NOT NULL)",
            "contacts": "SELECT id FROM contacts__asked UNION SELECT id FROM main.contacts "
                        f"WHERE company IN (SELECT i.id FROM {WORLD}.companies__ids i)",
        }  # fmt: skip
        for statement in _statements(engine, WORLD, wanted, sql, _KEYS):
            engine.run(statement)
        kept = ", ".join("'" + kind.replace("'", "''") + "'" for kind in sorted(kinds)) or "NULL"
        engine.run(_table(engine, WORLD, "events", sql, f"kind IN ({kept}) AND ({_events(WORLD, _KEYS)})"))
        self.words = {*re.findall(r"\w+", sql)}
        self.columns = {name for table in (*_OWN, *sum(_OWN.values(), ()), "events") for name in engine.columns(table)}

    def holds(self, subject: Subject, query: Query, kinds: Collection[str]) -> bool:
        """Whether everything that a query about those in the table ``among`` can hang on is in it."""
        columns = self.columns.intersection(re.findall(r"\w+", query.sql))
        if not self.kinds.issuperset(kinds) or not self.words.issuperset(columns):
            return False
        others = f"SELECT a.id FROM among a WHERE a.id NOT IN (SELECT k.id FROM {subject}__asked k) LIMIT 1"
        return not len(self.engine.ask(Query(others)))

    @contextmanager
    def within(self) -> Iterator[None]:
        """Within the block, the engine has only what is in it."""
        with _within(self.engine, WORLD):
            yield


@contextmanager
def _within(engine: DuckDb, schema: str) -> Iterator[None]:
    engine.run(f"SET search_path = '{schema},main'")
    try:
        yield
    finally:
        engine.run("SET search_path = 'main'")


def _statements(
    engine: DuckDb, schema: str, wanted: Mapping[str, str], sql: str, keys: Sequence[_Key]
) -> Iterator[str]:  # fmt: skip
    """What makes every table but the events, in a schema of their own."""
    for table, query in wanted.items():
        yield f"CREATE TABLE {schema}.{table}__ids AS {query}"
    for table, own in _OWN.items():
        needed = f"SELECT i.id FROM {schema}.{table}__ids i"
        yield _table(engine, schema, table, sql, f"id IN ({needed})")
        column = own[0].partition("_")[0]
        for each in own:
            if each in sql:
                yield _table(engine, schema, each, sql, f"{column} IN ({needed})")
    yield _members(schema)
    yield from _keys(schema, len(keys) > 2)
    yield _table(engine, schema, "stays", sql, _any(schema, keys, stay=True))


def _table(engine: DuckDb, schema: str, table: str, sql: str, where: str) -> str:
    """The rows of a table for which a condition holds, with the columns that some SQL may speak of."""
    words = {*re.findall(r"\w+", sql)}
    columns = [name for name in engine.columns(table) if name in words or name in _ALWAYS]
    said = ", ".join(f'"{name}"' for name in columns)
    return f"CREATE TABLE {schema}.{table} AS SELECT {said} FROM main.{table} WHERE {where}"


def _members(schema: str) -> str:
    """The present members among those of whom rows are needed."""
    needed = " UNION ".join(f"SELECT i.id FROM {schema}.{table}__ids i" for table in _OWN)
    return (
        f"CREATE VIEW {schema}.members AS SELECT audience, subject FROM "
        f"(SELECT * FROM members__raw WHERE subject IN ({needed})) m GROUP BY audience, subject "
        "HAVING arg_max(entered, run)"
    )


def _keys(schema: str, of_companies: bool) -> Iterator[str]:
    """The keys by which events name those of whom rows are needed, a table each."""
    emails = f"SELECT email_key AS k FROM {schema}.contacts WHERE email_key IS NOT NULL"
    yield f"CREATE TABLE {schema}.emails AS {emails}"
    yield f"CREATE TABLE {schema}.contact_keys AS SELECT CAST(id AS VARCHAR) AS k FROM {schema}.contacts"
    if not of_companies:
        return
    needed = f"SELECT i.id FROM {schema}.companies__ids i"
    sirens = f"SELECT siren AS k FROM main.companies WHERE id IN ({needed}) AND siren IS NOT NULL"
    others = f"SELECT value FROM main.company_identifiers WHERE company IN ({needed}) AND type = 'siren'"
    yield f"CREATE TABLE {schema}.sirens AS {sirens} UNION {others}"
    merged = f"SELECT CAST(origin AS VARCHAR) FROM kept WHERE place IN ({needed})"
    own = f"SELECT CAST(id AS VARCHAR) AS k FROM {schema}.companies__ids"
    yield f"CREATE TABLE {schema}.company_keys AS {own} UNION {merged}"
    hosts = f"SELECT DISTINCT {_END.format('key')} AS k FROM main.company_domains WHERE company IN ({needed})"
    yield f"CREATE TABLE {schema}.hosts AS {hosts}"


def _is_one(schema: str, key: _Key, *, stay: bool = False) -> str:
    """The condition that a row of events, or of stays, has a key of one of them."""
    column = key.in_stays if stay else key.in_events
    x = _END.format(column) if key.table == "hosts" else column
    return f"{x} IN (SELECT k FROM {schema}.{key.table})"


def _any(schema: str, keys: Sequence[_Key], *, stay: bool = False) -> str:
    return " OR ".join(_is_one(schema, key, stay=stay) for key in keys)


def _events(schema: str, keys: Sequence[_Key]) -> str:
    """The condition that an event may be about one of them: one for all keys, because reading is what costs."""
    visits = f"({_NOBODY} AND visitor IN (SELECT visitor FROM {schema}.stays))"
    return f"{_any(schema, keys)} OR {visits}"
