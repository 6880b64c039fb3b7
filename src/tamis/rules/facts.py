"""The facts that a rule needs of one company or contact, and no others, asked of an engine.

A few small queries: the subject with its fields, its memberships, the events of the kinds that the rule names, and the
edge of each rank. What a rule asks of the other subject, its company or its contacts, is fetched in the same way.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from tamis.rules import nodes
from tamis.rules.evaluating import Facts, Happening, steps_of
from tamis.rules.nodes import Aggregate, Condition, Field, Node, Subject, Test, singular
from tamis.rules.sql.attribution import attributed, needs
from tamis.rules.sql.compiling import compile_edge
from tamis.rules.sql.query import Engine, Query, present
from tamis.rules.vocabulary import Bracketed, Column, Rows, Type, Vocabulary, Word
from tamis.sources.company_fields import BRACKETS
from tamis.sources.event_kinds import BY_KEY


def facts_of(engine: Engine, rule: nodes.Rule, vocabulary: Vocabulary, id: int, now: datetime) -> Facts | None:
    """What a checked rule asks of a company or contact as of an instant; ``None`` when there is none of this number."""
    wants = Wants.of(rule.where)
    fetcher = _Fetcher(engine, vocabulary, now.astimezone(UTC))
    found = fetcher.fetch(rule.subject, "SELECT $id AS id", {"id": id}, wants)
    return found.get(id)


@dataclass
class Wants:
    """What conditions ask of a subject, and of the other one, to which they step."""

    fields: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    properties: set[str] = field(default_factory=set)
    ranks: list[Test] = field(default_factory=list)
    home: bool = False
    tags: bool = False
    audiences: set[str] = field(default_factory=set)
    there: "Wants | None" = None

    @classmethod
    def of(cls, node: Condition | None) -> "Wants":
        """What a condition asks."""
        wants = cls()
        if node is not None:
            wants.take(node)
        return wants

    def take(self, node: Node) -> None:
        match node:
            case nodes.AllOf(conditions) | nodes.AnyOf(conditions):
                for each in conditions:
                    self.take(each)
            case nodes.Not(condition):
                self.take(condition)
            case nodes.HasContact(where) | nodes.OfCompany(where):
                self.step(where)
            case Test(Field(name, of_company=True), operator, values):
                self.step(Test(Field(name), operator, values))
            case nodes.InSegment() | nodes.InList():
                self.home = True
            case nodes.HasTag():
                self.tags = True
            case nodes.InAudience(name):
                self.audiences.add(name)
            case Test(Field(name)):
                self.fields.add(name)
        if isinstance(node, Test) and node.operator in ("in top", "in bottom"):
            self.rank(node)
        self.look(node)

    def rank(self, node: Test) -> None:
        if not (isinstance(node.measure, Field) and node.measure.of_company):
            self.ranks.append(node)

    def look(self, node: Node) -> None:
        """Take in the events that a node looks at."""
        for step in steps_of(node):  # type: ignore[arg-type]
            self.kinds.add(step.kind)
            self.properties |= {each.name for each in nodes.every(step.where, Field)} if step.where else set()
        if isinstance(node, Test | nodes.Comparison):
            self.properties |= {each.property for each in nodes.every(node, Aggregate) if each.property}

    def step(self, where: Condition | None) -> None:
        self.there = self.there or Wants()
        if where is not None:
            self.there.take(where)


@dataclass(frozen=True)
class _Fetcher:
    """Fetches facts of the subjects whose ids a query gives (``whom``, with its values)."""

    engine: Engine
    vocabulary: Vocabulary
    now: datetime

    def ask(self, sql: str, values: Mapping[str, Any], made: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.engine.ask(Query(sql, values, made or {})).to_pylist()
        return rows

    def fetch(self, subject: Subject, whom: str, values: Mapping[str, Any], wants: Wants) -> dict[int, Facts]:
        """The facts of each subject, by its id."""
        words = {word.key: word for word in (self.vocabulary.field(subject, name) for name in sorted(wants.fields))}
        found = self.subjects(subject, whom, values, words)
        for word in words.values():
            if isinstance(word.place, Rows):
                self.add(found, word, self.rows(word, word.place, whom, values))
        tags = self.pairs(f"{singular(subject)}_tags", "tag", singular(subject), whom, values) if wants.tags else {}
        audiences = self.audiences(whom, values, wants)
        events = self.events(subject, whom, values, wants)
        edges = self.edges(subject, wants)
        made = {
            id: replace(
                facts, tags=tags.get(id, frozenset()), audiences=audiences.get(id, frozenset()),
                events=tuple(events.get(id, ())), edges=edges,
            )
            for id, facts in found.items()
        }  # fmt: skip
        return self.stepped(subject, whom, values, wants, made)

    # The subject and its fields

    def subjects(
        self, subject: Subject, whom: str, values: Mapping[str, Any], words: Mapping[str, Word]
    ) -> dict[int, Facts]:
        """The subjects with the fields that stand in their own table."""
        columns = {"id": "s.id", **_NAMES[subject]}
        for number, word in enumerate(words.values()):
            if isinstance(word.place, Column | Bracketed):
                columns[f"c{number}"] = f's."{word.place.name}"'
            if isinstance(word.place, Bracketed):
                columns[f"b{number}"] = f's."{word.place.bracket}"'
        shown = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
        join = "LEFT JOIN lists l ON l.id = s.list " if subject == "companies" else ""
        rows = self.ask(
            f"SELECT {shown} FROM {subject} s {join}WHERE {present(subject, 's')} AND s.id IN ({whom})", values
        )
        return {row["id"]: _subject(subject, row, words) for row in rows}

    def rows(
        self, word: Word, place: Rows, whom: str, values: Mapping[str, Any]
    ) -> dict[int, list[Any]]:  # fmt: skip
        only = "".join(f" AND r.{column} = $o{number}" for number, (column, _) in enumerate(place.only))
        given = {f"o{number}": value for number, (_, value) in enumerate(place.only)}
        sql = f"SELECT r.{place.of} AS subject, r.{place.name} AS x FROM {place.table} r"
        found: dict[int, list[Any]] = defaultdict(list)
        for row in self.ask(f"{sql} WHERE r.{place.of} IN ({whom}){only} ORDER BY x", {**values, **given}):
            found[row["subject"]].append(row["x"])
        return found

    def add(self, found: dict[int, Facts], word: Word, values: Mapping[int, Sequence[Any]]) -> None:
        for id, some in values.items():
            if id in found:
                found[id] = replace(found[id], values={**found[id].values, word.key: some})

    # Memberships

    def pairs(
        self, table: str, column: str, of: str, whom: str, values: Mapping[str, Any]
    ) -> dict[int, frozenset[int]]:  # fmt: skip
        sql = f"SELECT r.{of} AS subject, r.{column} AS x FROM {table} r WHERE r.{of} IN ({whom})"
        return _gathered((row["subject"], row["x"]) for row in self.ask(sql, values))

    def audiences(self, whom: str, values: Mapping[str, Any], wants: Wants) -> dict[int, frozenset[int]]:
        """Of each subject, the audiences that are asked for and have it."""
        found = []
        for name in sorted(wants.audiences):
            audience = self.vocabulary.audience(name).id
            sql = f"SELECT r.subject FROM members r WHERE r.audience = $audience AND r.subject IN ({whom})"
            found += [(row["subject"], audience) for row in self.ask(sql, {**values, "audience": audience})]
        return _gathered(found)

    # Events

    def events(
        self, subject: Subject, whom: str, values: Mapping[str, Any], wants: Wants
    ) -> dict[int, list[Happening]]:
        """Each subject's events of the kinds that are asked for, in the order of time, up to now."""
        if not wants.kinds:
            return {}
        kinds = {f"k{number}": kind for number, kind in enumerate(sorted(wants.kinds))}
        names = {f"x{number}": name for number, name in enumerate(self.properties(wants))}
        about, keys = self.naming(subject, whom, values)
        given = {**values, **kinds, **keys, "now": self.now}
        columns = {"event_id": "e.id", "kind": "e.kind"}
        for alias, name in names.items():
            columns[alias] = f'e."{name}"' if name in BY_KEY else f"e.more[${alias}]"
            given |= {} if name in BY_KEY else {alias: name}
        where = f"e.kind IN ({', '.join(f'${each}' for each in kinds)}) AND e.ts <= $now AND ({about})"
        sql = f"WITH {attributed(subject, columns, where, 'event')} SELECT * FROM event WHERE subject IN ({whom})"
        found: dict[int, list[Happening]] = defaultdict(list)
        for row in self.ask(f"{sql} ORDER BY ts, event_id", given, needs(subject)):
            said = {name: row[alias] for alias, name in names.items() if row[alias] not in (None, "")}
            happening = Happening(row["ts"].astimezone(UTC), row["kind"], said, row["event_id"])
            found[row["subject"]].append(happening)
        return found

    def naming(self, subject: Subject, whom: str, values: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        """A condition that holds of the subjects' own events ``e`` at least, lest all be read, and its values.

        Whose an event is in the end, :mod:`tamis.rules.sql.attribution` says.
        """
        given: dict[str, str] = {}

        def known(sql: str, made: Mapping[str, str] | None = None, of: Mapping[str, Any] = values) -> list[str]:
            """The parameters of the texts that a query finds."""
            texts = [row["key"] for row in self.ask(f"SELECT DISTINCT k.key FROM ({sql}) k", of, made) if row["key"]]
            names = [f"g{len(given) + number}" for number, _ in enumerate(texts)]
            given.update(zip(names, texts, strict=True))
            return [f"${name}" for name in names]

        keys = {name: known(sql.format(whom=whom), needs(subject)) for name, sql in _KEYS[subject].items()}
        stays = _named("s", keys, {"contact_id": "contact_ref", "company_id": "company_ref"})
        used = dict(given)
        visitors = known(f"SELECT s.visitor AS key FROM stays s WHERE {stays}", None, used) if used else []
        return _named("e", keys | {"visitor": visitors}, {}), given

    def properties(self, wants: Wants) -> list[str]:
        """The properties that the rule names, and those that the kinds usually have."""
        usual = {
            name
            for key in wants.kinds
            for name in (*self.vocabulary.kind(key).properties, *self.vocabulary.kind(key).types)
        }
        return sorted(usual | wants.properties)

    def edges(self, subject: Subject, wants: Wants) -> dict[Test, Fraction]:
        found = {}
        for node in wants.ranks:
            query = compile_edge(node, subject, self.vocabulary, self.now)
            for row in self.engine.ask(query).to_pylist():
                found[node] = Fraction(row["num"]) / Fraction(row["den"])
        return found

    # The other subject

    def stepped(
        self, subject: Subject, whom: str, values: Mapping[str, Any], wants: Wants, found: dict[int, Facts]
    ) -> dict[int, Facts]:
        """The same facts with those of the company, or of the contacts, where the rule asks for them."""
        if subject == "contacts" and (wants.there or wants.home):
            of = "SELECT p.company FROM contacts p WHERE p.company IS NOT NULL AND p.id IN"
            companies = self.fetch("companies", f"{of} ({whom})", values, wants.there or Wants())
            links = self.ask(f"SELECT p.id, p.company FROM contacts p WHERE p.id IN ({whom})", values)
            home = {row["id"]: companies.get(row["company"]) for row in links}
            return {id: replace(facts, company=home.get(id)) for id, facts in found.items()}
        if subject == "companies" and wants.there:
            contacts = self.fetch(
                "contacts", f"SELECT p.id FROM contacts p WHERE p.company IN ({whom})", values, wants.there
            )
            links = self.ask(
                f"SELECT p.id, p.company FROM contacts p WHERE p.company IN ({whom}) ORDER BY p.id", values
            )
            of_company: dict[int, list[Facts]] = defaultdict(list)
            for row in links:
                of_company[row["company"]].append(contacts[row["id"]])
            return {id: replace(facts, contacts=tuple(of_company[id])) for id, facts in found.items()}
        return found


_OF_CONTACTS = {
    "contact_email": "SELECT p.email_key AS key FROM contacts p WHERE p.{by} IN ({{whom}})",
    "contact_id": "SELECT CAST(p.id AS VARCHAR) AS key FROM contacts p WHERE p.{by} IN ({{whom}})",
}
_KEYS: Mapping[Subject, Mapping[str, str]] = {
    "contacts": {name: sql.format(by="id") for name, sql in _OF_CONTACTS.items()},
    "companies": {
        **{name: sql.format(by="company") for name, sql in _OF_CONTACTS.items()},
        "company_siren": "SELECT p.siren AS key FROM companies p WHERE p.id IN ({whom}) "
        "UNION SELECT i.value FROM company_identifiers i WHERE i.type = 'siren' AND i.company IN ({whom})",
        "company_id": "SELECT CAST(p.id AS VARCHAR) AS key FROM companies p WHERE p.id IN ({whom}) "
        "UNION SELECT CAST(k.origin AS VARCHAR) FROM kept k WHERE k.place IN ({whom})",
        "company_domain": "SELECT d.key FROM company_domains d WHERE d.company IN ({whom})",
    },
}
"""How the events of subjects may name them: the column of the event, and where the keys are found."""


def _named(alias: str, keys: Mapping[str, Sequence[str]], columns: Mapping[str, str]) -> str:
    """The condition that a row has one of some keys; of a domain, also a host below it."""
    parts = [f"{alias}.{columns.get(name, name)} IN ({', '.join(some)})" for name, some in keys.items() if some]
    hosts = [f"ends_with({alias}.company_domain, concat('.', {each}))" for each in keys.get("company_domain", ())]
    return " OR ".join([*parts, *hosts]) or "false"


_NAMES = {
    "companies": {"name": "s.name", "list_id": "l.id", "segment": "l.segment"},
    "contacts": {"name": "s.first_name", "last_name": "s.last_name", "email": "s.email"},
}


def _subject(subject: Subject, row: Mapping[str, Any], words: Mapping[str, Word]) -> Facts:
    values: dict[str, Sequence[Any]] = {}
    bracketed = set()
    for number, word in enumerate(words.values()):
        value, bracket = row.get(f"c{number}"), row.get(f"b{number}")
        if value is None and bracket is not None and bracket in BRACKETS:
            value = BRACKETS[bracket][0]
            bracketed.add(word.key)
        if word.type is Type.INSTANT and value is not None:
            value = value.astimezone(UTC)
        values[word.key] = [] if value is None else [value]
    name = " ".join(row[each] for each in ("name", "last_name") if row.get(each)) or row.get("email") or ""
    lists = frozenset({row["list_id"]}) if row.get("list_id") else frozenset()
    return Facts(subject, row["id"], name, values, frozenset(bracketed), segment=row.get("segment") or "", lists=lists)


def _gathered(pairs: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for subject, value in pairs:
        found[subject].add(value)
    return {subject: frozenset(values) for subject, values in found.items()}
