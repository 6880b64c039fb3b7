"""A world made small: the tables of an engine without the rows on which the answers of some subjects cannot hang.

A rule about somebody reads what is known of them, of their company or their contacts, and the events that name these.
So the same query, asked of those rows alone, says the same of these subjects, and costs what they are. The rows of
everybody else are left out; of events, also those that only look as if they could be about somebody are kept.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa

from tamis.engines.contract import Stored
from tamis.engines.duckdb import DuckDb
from tamis.errors import TamisError, Unreadable
from tamis.rules import nodes
from tamis.rules.instants import FIRST, bounds
from tamis.rules.nodes import Subject
from tamis.rules.sql.attribution import NAMES
from tamis.rules.sql.query import Query
from tamis.rules.sql.sieving import parts

ALONE, WORLD = "alone", "world"
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


def event_columns(sql: str) -> set[str]:
    """The columns of events of which the SQL of a rule speaks: they are those of ``e``."""
    return {*re.findall(r'\be\."?(\w+)', sql)}


def without_events(rule: nodes.Rule) -> nodes.Rule | None:
    """The conditions at the top that must all hold and ask for no events; ``None`` where that leaves all, or none.

    For whoever does not pass these the events say nothing: the rule does not hold.
    """
    every, conditions = parts(rule)
    kinds = (nodes.Did, nodes.Sequence, nodes.Aggregate)
    plain = [each for each in conditions if not any(nodes.every(each, kind) for kind in kinds)]
    if not every or len(plain) in (0, len(conditions)):
        return None
    return nodes.Rule(rule.subject, nodes.AllOf(tuple(plain)))


class Asking(NamedTuple):
    """A rule, compiled, and about whom it is asked.

    ``plain`` is what of it asks for no events (:func:`without_events`), ``since`` from when on events can count
    (:func:`since`).
    """

    rule: nodes.Rule
    query: Query
    among: Collection[int]
    plain: Query | None
    since: Mapping[str, datetime]

    @property
    def reach(self) -> Reach:
        """On whose rows and events its answers hang."""
        return reach(self.rule, self.query)


class World:
    """The small world of several audiences at once: events are read a single time for all of them."""

    def __init__(self, engine: DuckDb, asked: Sequence[Asking], name: str = WORLD) -> None:
        self.engine, self.name = engine, name
        needs = {name: sql for each in asked for name, sql in each.query.needs.items()}
        engine.ask(Query("SELECT 1", {}, needs))
        engine.run(f"CREATE SCHEMA {name}")
        try:
            _lay(engine, name, asked)
            self._read_events([each for each in asked if each.reach.events])
        except TamisError:
            self.close()
            raise
        self.asked = {_written(each.query): frozenset(each.among) for each in asked}

    def _read_events(self, asked: Sequence[Asking]) -> None:
        """Have the events on which answers hang: of each kind the time and the columns that some rule asks for."""
        wanted: dict[str, _OfKind] = {}
        for each in asked:
            for kind, after in each.since.items():
                wanted.setdefault(kind, _OfKind(after)).add(after, each)
        known = self.engine.columns("events")
        every = [name for name in known if any(name in each.columns for each in wanted.values())] or ["ts"]
        self.engine.run(f"CREATE TABLE {self.name}.events AS SELECT {_said(every)} FROM main.events WHERE false")
        scans: dict[tuple[datetime, tuple[str, ...], bool], list[str]] = {}
        for kind, of_kind in sorted(wanted.items()):
            columns = tuple(name for name in known if name in of_kind.columns)
            scans.setdefault((of_kind.after, columns, of_kind.of_companies), []).append(kind)
        for (after, columns, of_companies), kinds in scans.items():
            values: dict[str, object] = {f"k{number}": kind for number, kind in enumerate(kinds)}
            mine = _events(self.name, _keys_of(of_companies=of_companies))
            where = f"kind IN ({', '.join(f'${name}' for name in values)}) AND ts > $after AND ({mine})"
            read = f"INSERT INTO {self.name}.events BY NAME SELECT {_said(columns)} FROM main.events WHERE {where}"
            self.engine.ask(Query(read, values | {"after": after}))

    def holds(self, asking: Asking) -> bool:
        """Whether everything that a query about some subjects can hang on is in it: it was made for these, or more."""
        return self.asked.get(_written(asking.query), frozenset()).issuperset(asking.among)

    @contextmanager
    def within(self) -> Iterator[None]:
        """Within the block, the engine has only what is in it."""
        with _within(self.engine, self.name):
            yield

    def close(self) -> None:
        """Let its tables go."""
        self.engine.run(f"DROP SCHEMA {self.name} CASCADE")


@dataclass
class _OfKind:
    """What rules ask of the events of a kind: from when on, which columns, and whether of companies."""

    after: datetime
    columns: set[str] = field(default_factory=set)
    of_companies: bool = False

    def add(self, after: datetime, asking: Asking) -> None:
        self.after = min(after, self.after)
        self.columns |= event_columns(asking.query.sql)
        self.of_companies |= asking.reach.of_companies


def _written(query: Query) -> tuple[str, str]:
    return query.sql, repr(sorted(query.values.items()))


def _lay(engine: DuckDb, schema: str, asked: Sequence[Asking]) -> None:
    """Make every table but the events, in a schema of their own."""
    sql = " ".join(each.query.sql for each in asked)
    _put(engine, "asked", asked, [each.among for each in asked])
    for statement in _rows(engine, schema, sql, {each.reach for each in asked}):
        engine.run(statement)
    with _within(engine, schema):
        needing = [_needing(engine, each) for each in asked]
    _put(engine, "needing", asked, needing)
    of_companies = any(each.reach.of_companies for each in asked)
    for statement in _keys(schema, {each.reach for each in asked}, of_companies=of_companies):
        engine.run(statement)
    keys = _keys_of(of_companies=of_companies)
    engine.run(_table(engine, schema, "stays", sql, _any(schema, keys, stay=True)))


def _needing(engine: DuckDb, asking: Asking) -> Collection[int]:
    """Those for whom it matters what events say: not who fails a condition that asks for none."""
    if not asking.reach.events or asking.plain is None:
        return asking.among if asking.reach.events else ()
    try:
        return {*engine.ask(asking.plain).column("id").to_pylist()}.intersection(asking.among)
    except Unreadable:  # whoever breaks says so in its own turn
        return asking.among


def _put(engine: DuckDb, name: str, asked: Sequence[Asking], among: Sequence[Collection[int]]) -> None:
    """Have a table of ids, each with what reaches as far as the rules that ask about it."""
    groups: dict[Reach, set[int]] = {}
    for each, some in zip(asked, among, strict=True):
        groups.setdefault(each.reach, set()).update(some)
    ids = [pa.array([*some], pa.int64()) for some in groups.values()]
    reaches = [pa.repeat(_number(each), len(some)) for each, some in zip(groups, ids, strict=True)]
    schema = pa.schema([("reach", pa.int64()), ("id", pa.int64())])
    rows = [pa.table(each, schema=schema) for each in zip(reaches, ids, strict=True)]
    engine.put(name, Stored(pa.concat_tables([schema.empty_table(), *rows])))


def _number(reach: Reach) -> int:
    """A number for each of the reaches there can be."""
    return sum(2**place for place, yes in enumerate((reach.subject == "companies", *reach[1:])) if yes)


def _reached(table: str, reaches: Collection[Reach], contacts: str) -> Mapping[Subject, str]:
    """The queries of those on whose rows answers about those in a table hang; ``contacts`` are these, or more."""
    found: dict[Subject, list[str]] = {"companies": [], "contacts": []}
    for each in reaches:
        asked = f"SELECT a.id FROM {table} a WHERE a.reach = {_number(each)}"
        found[each.subject].append(asked)
        companies = asked
        if each.subject == "contacts":
            companies = f"SELECT company AS id FROM {contacts} WHERE company IS NOT NULL AND id IN ({asked})"
            found["companies"] += [companies] if each.company else []
        found["contacts"] += [f"SELECT id FROM {contacts} WHERE company IN ({companies})"] if each.contacts else []
    return {of: " UNION ".join(some) or f"SELECT id FROM main.{of} WHERE false" for of, some in found.items()}


@contextmanager
def _within(engine: DuckDb, schema: str) -> Iterator[None]:
    engine.run(f"SET search_path = '{schema},main'")
    try:
        yield
    finally:
        engine.run("SET search_path = 'main'")


def _keys_of(*, of_companies: bool) -> Sequence[_Key]:
    """The keys by which events name those on whose events answers hang."""
    return _KEYS if of_companies else _KEYS[:_OF_CONTACTS]


def _rows(engine: DuckDb, schema: str, sql: str, reaches: Collection[Reach]) -> Iterator[str]:
    """What makes the tables of what is known of those on whose rows answers about those in ``asked`` hang."""
    for table, query in _reached("asked", reaches, "main.contacts").items():
        yield f"CREATE TABLE {schema}.{table}__ids AS {query}"
    for table, own in _OWN.items():
        needed = f"SELECT i.id FROM {schema}.{table}__ids i"
        yield _table(engine, schema, table, sql, f"id IN ({needed})")
        column = own[0].partition("_")[0]
        for each in own:
            if each in sql:
                yield _table(engine, schema, each, sql, f"{column} IN ({needed})")
    yield _members(schema)


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


def _keys(schema: str, reaches: Collection[Reach], *, of_companies: bool) -> Iterator[str]:
    """The keys by which events name those on whose events answers about those in ``needing`` hang, a table each."""
    reached = _reached("needing", [each for each in reaches if each.events], f"{schema}.contacts")
    yield f"CREATE TABLE {schema}.contacts__keyed AS {reached['contacts']}"
    contacts = f"SELECT k.id FROM {schema}.contacts__keyed k"
    emails = f"SELECT email_key AS k FROM {schema}.contacts WHERE email_key IS NOT NULL AND id IN ({contacts})"
    yield f"CREATE TABLE {schema}.emails AS {emails}"
    yield f"CREATE TABLE {schema}.contact_keys AS SELECT CAST(id AS VARCHAR) AS k FROM ({contacts}) c"
    if not of_companies:
        return
    mine = _reached("needing", [each for each in reaches if each.of_companies], f"{schema}.contacts")
    yield f"CREATE TABLE {schema}.companies__keyed AS {mine['companies']}"
    needed = f"SELECT k.id FROM {schema}.companies__keyed k"
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
