"""A world made small: the tables of an engine without the rows on which the answers of some subjects cannot hang.

A rule about somebody reads what is known of them, of their company or their contacts, and the events that name these.
So the same query, asked of those rows alone, says the same of these subjects, and costs what they are. The rows of
everybody else are left out; of events, also those that only look as if they could be about somebody are kept.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa

from tamis.engines.contract import Stored
from tamis.engines.duckdb import DuckDb
from tamis.rules import nodes
from tamis.rules.attribution import NAMES
from tamis.rules.attribution import needs as attribution_needs
from tamis.rules.instants import FIRST, bounds
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
_OF_CONTACTS = 2  # the first so many name a contact
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


class Reach(NamedTuple):
    """On whose rows and events answers hang, beside those who are asked about."""

    subject: Subject
    company: bool = False
    """The company of a contact who is asked about."""
    contacts: bool = False
    """All contacts of a company that is."""
    events: bool = False
    of_companies: bool = False
    """Events that are about companies, not only those of contacts."""


def reach(rule: nodes.Rule, query: Query) -> Reach:
    """On whose rows and events the answers of a compiled rule hang."""
    of_companies = "company_event_e AS" in query.sql
    contacts = bool(nodes.every(rule, nodes.HasContact)) or of_companies
    company = rule.subject == "contacts" and crosses(rule)
    return Reach(rule.subject, company, contacts, reads_events(query), of_companies)


def since(rule: nodes.Rule, now: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    """The kinds of events that a rule asks for, each with the instant from which on they can count."""
    asked = [(each.kind, each.window) for each in nodes.every(rule, nodes.Did)]
    asked += [(each.kind, each.window) for each in nodes.every(rule, nodes.Aggregate)]
    asked += [(step.kind, each.window) for each in nodes.every(rule, nodes.Sequence) for step in each.steps]
    found: dict[str, datetime] = {}
    for kind, window in asked:
        after = bounds(window, now, zone).after or FIRST
        found[kind] = min(after, found.get(kind, after))
    return found


def reads_events(query: Query) -> bool:
    """Whether a compiled rule asks for events: these are what costs."""
    return "FROM events e" in query.sql


def event_columns(query: Query) -> set[str]:
    """The columns of events of which a compiled rule speaks."""
    return {*re.findall(r'\be\."?(\w+)', query.sql)}


def _reached(group: int, reach: Reach, asked: str) -> Iterator[str]:
    """Those on whose rows answers about those of a query of ids hang, as queries."""
    made = f"SELECT {group} AS g, '{{}}' AS of, id FROM ({{}}) i"
    yield made.format(reach.subject, asked)
    companies = asked
    if reach.subject == "contacts":
        companies = f"SELECT DISTINCT company AS id FROM main.contacts WHERE company IS NOT NULL AND id IN ({asked})"
        if reach.company:
            yield made.format("companies", companies)
    if reach.contacts:
        yield made.format("contacts", f"SELECT id FROM main.contacts WHERE company IN ({companies})")


@contextmanager
def narrowed(engine: DuckDb, rule: nodes.Rule, query: Query) -> Iterator[None]:
    """Within the block, ``engine`` has only what a query about those in the table ``among`` can hang on."""
    engine.ask(Query("SELECT 1", {}, query.needs))  # made of everybody
    engine.run(f"CREATE SCHEMA {PART}")
    try:
        hangs_on = reach(rule, query)
        for statement in _statements(engine, PART, [(hangs_on, "SELECT a.id FROM among a")], query.sql):
            engine.run(statement)
        mine = _events(PART, _keys_of([hangs_on]))
        engine.run(f"CREATE VIEW {PART}.events AS SELECT * FROM main.events WHERE {mine}")
        with _within(engine, PART):
            yield
    finally:
        engine.run(f"DROP SCHEMA {PART} CASCADE")


class Asking(NamedTuple):
    """A rule, compiled, and about whom it is asked."""

    rule: nodes.Rule
    query: Query
    among: Collection[int]


class World:
    """The small world of several audiences at once: events are read a single time for all of them."""

    def __init__(self, engine: DuckDb, asked: Sequence[Asking], now: datetime, zone: ZoneInfo) -> None:
        self.engine, self.now, self.zone = engine, now, zone
        self.columns = {name for table in (*_OWN, *sum(_OWN.values(), ())) for name in engine.columns(table)}
        needs = {name: sql for each in asked for name, sql in each.query.needs.items()}
        engine.ask(Query("SELECT 1", {}, {**needs, **attribution_needs("companies")}))
        engine.run(f"CREATE SCHEMA {WORLD}")
        groups = self._groups(asked)
        self.groups = [*groups]
        sql = " ".join(each.query.sql for each in asked)
        those = [(each, f"SELECT a.id FROM asked a WHERE a.g = {number}") for number, each in enumerate(groups)]
        for statement in _statements(engine, WORLD, those, sql):
            engine.run(statement)
        self.words = {*re.findall(r"\w+", sql)}
        self._read_events([each for each in asked if reads_events(each.query)])

    def _groups(self, asked: Sequence[Asking]) -> dict[Reach, set[int]]:
        """About whom is asked by what reaches as far; the engine has them in the table ``asked``."""
        groups: dict[Reach, set[int]] = {}
        for each in asked:
            groups.setdefault(reach(each.rule, each.query), set()).update(each.among)
        ids = [pa.array([*some], pa.int64()) for some in groups.values()]
        rows = [pa.table({"g": pa.repeat(number, len(some)), "id": some}) for number, some in enumerate(ids)]
        empty = pa.table({"g": pa.array([], pa.int64()), "id": pa.array([], pa.int64())})
        self.engine.put("asked", Stored(pa.concat_tables([empty, *rows], promote_options="permissive")))
        return groups

    def _read_events(self, asked: Sequence[Asking]) -> None:
        """Have the events on which answers hang: of each kind the time and the columns that some rule asks for."""
        self.since: dict[str, datetime] = {}
        self.of_kind: dict[str, set[str]] = {}
        for each in asked:
            for kind, after in since(each.rule, self.now, self.zone).items():
                self.since[kind] = min(after, self.since.get(kind, after))
                self.of_kind.setdefault(kind, set()).update(event_columns(each.query))
        known = self.engine.columns("events")
        scans: dict[tuple[datetime, tuple[str, ...]], list[str]] = {}
        for kind, after in sorted(self.since.items()):
            columns = tuple(name for name in known if name in self.of_kind[kind])
            scans.setdefault((after, columns), []).append(kind)
        every = {name for _, columns in scans for name in columns}
        self.engine.run(f"CREATE TABLE {WORLD}.events AS SELECT {_said(every or ['ts'])} FROM main.events WHERE false")
        keys = _keys_of(self.groups)
        for (after, columns), kinds in scans.items():
            values: dict[str, object] = {f"k{number}": kind for number, kind in enumerate(kinds)}
            where = f"kind IN ({', '.join(f'${name}' for name in values)}) AND ts > $after AND ({_events(WORLD, keys)})"
            read = f"INSERT INTO {WORLD}.events BY NAME SELECT {_said(columns)} FROM main.events WHERE {where}"
            self.engine.ask(Query(read, values | {"after": after}))

    def holds(self, rule: nodes.Rule, query: Query) -> bool:
        """Whether everything that a query about those in the table ``among`` can hang on is in it."""
        hangs_on = reach(rule, query)
        if hangs_on not in self.groups or not self.words.issuperset(
            self.columns.intersection(re.findall(r"\w+", query.sql))
        ):
            return False
        if hangs_on.events and not self._holds_events(rule, query):
            return False
        number = self.groups.index(hangs_on)
        asked = f"SELECT k.id FROM asked k WHERE k.g = {number}"
        others = f"SELECT a.id FROM among a WHERE a.id NOT IN ({asked}) LIMIT 1"
        return not len(self.engine.ask(Query(others)))

    def _holds_events(self, rule: nodes.Rule, query: Query) -> bool:
        columns = event_columns(query).intersection(self.engine.columns("events"))
        return all(
            kind in self.since and self.since[kind] <= after and columns <= self.of_kind[kind]
            for kind, after in since(rule, self.now, self.zone).items()
        )

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


def _keys_of(groups: Sequence[Reach]) -> Sequence[_Key]:
    """The keys by which events name those on whose events answers hang."""
    return _KEYS if any(each.of_companies for each in groups) else _KEYS[:_OF_CONTACTS]


def _statements(engine: DuckDb, schema: str, groups: Sequence[tuple[Reach, str]], sql: str) -> Iterator[str]:
    """What makes every table but the events, in a schema of their own."""
    found = " UNION ALL ".join(
        each for number, (hangs_on, asked) in enumerate(groups) for each in _reached(number, hangs_on, asked)
    )
    yield f"CREATE TABLE {schema}.reached AS {found or 'SELECT 0 AS g, NULL AS of, 0 AS id WHERE false'}"
    for table, own in _OWN.items():
        yield f"CREATE TABLE {schema}.{table}__ids AS SELECT DISTINCT id FROM {schema}.reached WHERE of = '{table}'"
        needed = f"SELECT i.id FROM {schema}.{table}__ids i"
        yield _table(engine, schema, table, sql, f"id IN ({needed})")
        column = own[0].partition("_")[0]
        for each in own:
            if each in sql:
                yield _table(engine, schema, each, sql, f"{column} IN ({needed})")
    yield _members(schema)
    yield from _keys(schema, [hangs_on for hangs_on, _ in groups])
    keys = _keys_of([hangs_on for hangs_on, _ in groups])
    yield _table(engine, schema, "stays", sql, _any(schema, keys, stay=True))


def _table(engine: DuckDb, schema: str, table: str, sql: str, where: str) -> str:
    """The rows of a table for which a condition holds, with the columns that some SQL may speak of."""
    words = {*re.findall(r"\w+", sql)}
    columns = [name for name in engine.columns(table) if name in words or name in _ALWAYS]
    return f"CREATE TABLE {schema}.{table} AS SELECT {_said(columns)} FROM main.{table} WHERE {where}"


def _said(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _members(schema: str) -> str:
    """The present members among those of whom rows are needed."""
    needed = " UNION ".join(f"SELECT i.id FROM {schema}.{table}__ids i" for table in _OWN)
    return (
        f"CREATE VIEW {schema}.members AS SELECT audience, subject FROM "
        f"(SELECT * FROM members__raw WHERE subject IN ({needed})) m GROUP BY audience, subject "
        "HAVING arg_max(entered, run)"
    )


def _keys(schema: str, groups: Sequence[Reach]) -> Iterator[str]:
    """The keys by which events name those on whose events answers hang, a table each."""

    def those(table: str, numbers: Sequence[int]) -> str:
        among = ", ".join(str(number) for number in numbers) or "-1"
        return f"SELECT r.id FROM {schema}.reached r WHERE r.of = '{table}' AND r.g IN ({among})"

    contacts = those("contacts", [number for number, each in enumerate(groups) if each.events])
    emails = f"SELECT email_key AS k FROM {schema}.contacts WHERE email_key IS NOT NULL AND id IN ({contacts})"
    yield f"CREATE TABLE {schema}.emails AS {emails}"
    yield f"CREATE TABLE {schema}.contact_keys AS SELECT DISTINCT CAST(id AS VARCHAR) AS k FROM ({contacts}) c"
    mine = [number for number, each in enumerate(groups) if each.of_companies]
    if not mine:
        return
    needed = those("companies", mine)
    sirens = f"SELECT siren AS k FROM main.companies WHERE id IN ({needed}) AND siren IS NOT NULL"
    others = f"SELECT value FROM main.company_identifiers WHERE company IN ({needed}) AND type = 'siren'"
    yield f"CREATE TABLE {schema}.sirens AS {sirens} UNION {others}"
    merged = f"SELECT CAST(origin AS VARCHAR) FROM kept WHERE place IN ({needed})"
    yield f"CREATE TABLE {schema}.company_keys AS SELECT CAST(id AS VARCHAR) AS k FROM ({needed}) c UNION {merged}"
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
