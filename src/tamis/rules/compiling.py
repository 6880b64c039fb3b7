"""A checked rule as one query: SQL in DuckDB's dialect, every value a parameter, its answer the ids of who matches.

Two-valued logic: ``not`` is pushed down to the leaves, and only a leaf that is denied and may be NULL is guarded
(``IS NOT TRUE``), so that plain comparisons reach the scans. A condition on events is membership in a set of subjects;
where it holds without any event, in the complement of the set for which it does not.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from tamis.rules import nodes, operators
from tamis.rules.attribution import attributed, needs
from tamis.rules.instants import END, FIRST, UNITS, Bounds, bounds, instants_of
from tamis.rules.nodes import Subject, singular
from tamis.rules.operators import BY_KEY
from tamis.rules.query import Query, present
from tamis.rules.values import days_of, stored, type_in
from tamis.rules.vocabulary import TEXTS, Bracketed, Column, Other, Rows, Type, Vocabulary, Word
from tamis.sources.company_fields import BRACKETS

DAY = 86_400_000_000
"""Microseconds of 24 hours."""
NUMBER = "DECIMAL(18, 4)"
WRITTEN = "^-?[0-9]{1,14}([.][0-9]{1,4})?$"
"""How a number is written: engines differ in what else they take for one."""


def compile_rule(rule: nodes.Rule, vocabulary: Vocabulary, now: datetime) -> Query:
    """The query of the ids (``id``) of those for whom a rule holds as of ``now``; the rule must have been checked."""
    return _compiled(rule, vocabulary, now, "s.id")


def compile_count(rule: nodes.Rule, vocabulary: Vocabulary, now: datetime) -> Query:
    """The query of how many (``n``) a rule holds for."""
    return _compiled(rule, vocabulary, now, "count(*) AS n")


def compile_edge(node: nodes.Test, subject: Subject, vocabulary: Vocabulary, now: datetime) -> Query:
    """The query of the value, ``num / den``, of the last who is in a rank of such subjects; no row if nobody is."""
    writer = Writer(vocabulary, now.astimezone(UTC), subject)
    rank = writer.rank(node, About(subject, "s"))
    return writer.query(f"{writer.expressions()}SELECT num, den FROM ({rank}) r ORDER BY place DESC LIMIT 1")


def _compiled(rule: nodes.Rule, vocabulary: Vocabulary, now: datetime, what: str) -> Query:
    writer = Writer(vocabulary, now.astimezone(UTC), rule.subject)
    where = writer.condition(rule.where, About(rule.subject, "s"))
    sql = f"{writer.expressions()}SELECT {what} FROM {rule.subject} s WHERE {present(rule.subject, 's')} AND {where}"
    return writer.query(sql)


class About(NamedTuple):
    """Whom a condition is about: the subject, and what the row of its table is called in SQL."""

    subject: Subject
    alias: str


class Leaf(NamedTuple):
    """A condition in SQL, and whether it may be NULL."""

    sql: str
    nullable: bool = False


class _Figure(NamedTuple):
    """An aggregate within a group of a subject's events: ``num / den``, and what it is without events."""

    num: str
    den: str = "1"
    zero: bool = False


@dataclass
class _Stream:
    """The events of one kind of subject that a rule asks for: one reading for all its conditions."""

    name: str
    columns: dict[str, str] = field(default_factory=dict)
    wheres: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    after: datetime | None = END
    until: datetime = FIRST

    def column(self, sql: str) -> str:
        """The name of a column made by some SQL."""
        return self.columns.setdefault(sql, f"c{len(self.columns)}")

    def add(self, where: str, kinds: Sequence[str], bounds: Bounds) -> str:
        """The column that says of which of the events a condition holds."""
        self.wheres.append(where)
        self.kinds.update(kinds)
        self.after = None if bounds.after is None or self.after is None else min(self.after, bounds.after)
        self.until = max(self.until, bounds.until)
        return self.column(f"coalesce({where}, false)")

    def where(self, put: Callable[[Any], str]) -> str:
        """Which events are read: bounds that let files be passed over come first."""
        kinds = ", ".join(put(kind) for kind in sorted(self.kinds))
        after = f"e.ts > {put(self.after)} AND " if self.after else ""
        any = " OR ".join(f"({where})" for where in dict.fromkeys(self.wheres))
        return f"e.kind IN ({kinds}) AND {after}e.ts <= {put(self.until)} AND ({any})"


@dataclass
class Writer:
    """Writes conditions, and collects their values."""

    vocabulary: Vocabulary
    now: datetime
    subject: Subject
    names: dict[Any, str] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)
    streams: dict[Subject, _Stream] = field(default_factory=dict)
    aliases: int = 0

    def put(self, value: Any) -> str:
        """The parameter that stands for a value."""
        if isinstance(value, Decimal) and value == int(value):
            value = int(value)
        return f"${self.names.setdefault((type(value), value), f'p{len(self.names)}')}"

    def query(self, sql: str) -> Query:
        """The query of some SQL, with the values that stand in it: of a condition that never holds none may be left."""
        used = {*re.findall(r"\$(p\d+)", sql)}
        return Query(sql, {name: value for (_, value), name in self.names.items() if name in used}, self.needs)

    def alias(self) -> str:
        self.aliases += 1
        return f"t{self.aliases}"

    # Conditions

    def condition(self, node: nodes.Condition, about: About) -> str:
        """The SQL of a condition about a subject."""
        return _logic(node, lambda each: self.leaf(each, about))

    def leaf(self, node: nodes.Condition, about: About) -> Leaf:
        match node:
            case nodes.Test(nodes.Field() as field):
                return self.field_test(node, field, about)
            case nodes.Test(nodes.Aggregate(function="most frequent") as aggregate):
                return self.most_frequent(node, aggregate, about)
            case nodes.Test(nodes.Aggregate() as aggregate):
                return self.figure_test(node, aggregate, about)
            case nodes.Comparison():
                return self.comparison(node, about)
            case nodes.Did():
                return self.did(node, about)
            case nodes.Sequence():
                return self.sequence(node, about)
            case nodes.HasContact(where, times):
                return self.has_contact(where, times, about)
            case nodes.OfCompany(where):
                return self.of_company(lambda there: self.condition(where, there), about)
            case _:
                return self.membership(node, about)

    # Memberships

    def membership(self, node: nodes.Condition, about: About) -> Leaf:
        match node:
            case nodes.InSegment(segment):
                lists = f"SELECT l.id FROM lists l WHERE l.segment = {self.put(segment)}"
                return self.by_company(lambda there: f'{there.alias}."list" IN ({lists})', about)
            case nodes.InList(name):
                one = self.put(self.vocabulary.list(name).id)
                return self.by_company(lambda there: f'{there.alias}."list" = {one}', about)
            case nodes.InAudience(name):
                one = self.put(self.vocabulary.audience(name).id)
                return Leaf(f"{about.alias}.id IN (SELECT m.subject FROM members m WHERE m.audience = {one})")
            case nodes.HasTag(name, category):
                tags = ", ".join(self.put(tag.id) for tag in self.vocabulary.tags_named(name, category))
                one = singular(about.subject)
                return Leaf(f"{about.alias}.id IN (SELECT g.{one} FROM {one}_tags g WHERE g.tag IN ({tags}))")
        raise TypeError(node)

    def by_company(self, condition: Any, about: About) -> Leaf:
        """What is asked of companies, of a company or of a contact's."""
        return Leaf(condition(about)) if about.subject == "companies" else self.of_company(condition, about)

    def of_company(self, condition: Any, about: About) -> Leaf:
        there = About("companies", self.alias())
        found = f"SELECT {there.alias}.id FROM companies {there.alias} WHERE {present(*there)} AND {condition(there)}"
        return Leaf(f"{about.alias}.company IN ({found})", nullable=True)

    def has_contact(self, where: nodes.Condition | None, times: nodes.Times, about: About) -> Leaf:
        there = About("contacts", self.alias())
        wanted = f" AND {self.condition(where, there)}" if where is not None else ""
        one = there.alias
        found = f"SELECT {one}.company FROM contacts {one} WHERE {one}.company IS NOT NULL{wanted}"
        return self.counted(found, f"GROUP BY {one}.company", times, about)

    def counted(self, found: str, group: str, times: nodes.Times, about: About) -> Leaf:
        """Those whom a query finds so many times; it has one column, the subject."""
        if times == nodes.Times():
            return Leaf(f"{about.alias}.id IN ({found})")
        if times.holds(0) and not times.holds(1):
            return Leaf(f"{about.alias}.id NOT IN ({found})")
        sign = {"at least": ">=", "at most": "<=", "exactly": "="}[times.bound]
        return self.among(f"{found} {group}", f"count(*) {sign} {self.put(times.n)}", times.holds(0), about)

    def among(self, grouped: str, having: str, without: bool, about: About) -> Leaf:
        """Those of a grouped query for whom a condition holds; ``without``: it holds for those it does not have."""
        if without:
            return Leaf(f"{about.alias}.id NOT IN ({grouped} HAVING ({having}) IS NOT TRUE)")
        return Leaf(f"{about.alias}.id IN ({grouped} HAVING {having})")

    # Fields

    def field_test(self, node: nodes.Test, field: nodes.Field, about: About) -> Leaf:
        if field.of_company:
            here = nodes.Test(nodes.Field(field.name), node.operator, node.values)
            return self.of_company(lambda there: self.leaf(here, there).sql, about)
        word = self.vocabulary.field(about.subject, field.name)
        if node.operator in ("in top", "in bottom"):
            return Leaf(f"{about.alias}.id IN (SELECT subject FROM ({self.rank(node, about)}) r)")
        if isinstance(word.place, Rows):
            return self.rows_test(node, word, word.place, about)
        values = stored(word, node.operator, node.values, about.subject, self.vocabulary)
        return Leaf(
            self.compared(node.operator, word, _column(word, about.alias, node.operator), values), nullable=True
        )

    def rows_test(self, node: nodes.Test, word: Word, place: Rows, about: About) -> Leaf:
        """A field whose values stand in rows of their own: it holds when it holds of any of them."""
        row = self.alias()
        only = "".join(f" AND {row}.{column} = {self.put(value)}" for column, value in place.only)
        column = _column(word, row, node.operator)
        values = stored(word, node.operator, node.values, about.subject, self.vocabulary)

        def those(operator: str) -> str:
            test = self.compared(operator, word, column, values)
            return f"SELECT {row}.{place.of} FROM {place.table} {row} WHERE {test}{only}"

        if node.operator != "!=":
            return Leaf(f"{about.alias}.id IN ({those(node.operator)})")
        return Leaf(f"{about.alias}.id IN ({those('is known')}) AND {about.alias}.id NOT IN ({those('=')})")

    def compared(self, operator: str, word: Word, x: str, values: Sequence[Any]) -> str:
        """An operator between SQL and values in the stored form."""
        type = type_in(word, [value for value in values if isinstance(value, Decimal)])
        if type in (Type.DAY, Type.INSTANT) and operator != "is known":
            return self.days(operator, type, x, values)
        if operator == "is known":
            return f"{x} <> ''" if type in TEXTS | {Type.YES_NO} else f"{x} IS NOT NULL"
        row = BY_KEY[operator]
        put = [self.put(value) for value in values]
        if "{each}" in row.sql:
            return "(" + " OR ".join(row.sql.format(x=x, each=each) for each in put) + ")"
        said = row.sql.format(x=x, a=put[0], b=put[-1], all=", ".join(put))
        return f"({said} AND {x} <> '')" if operator == "!=" and type in TEXTS else said

    def days(self, operator: str, type: Type, x: str, values: Sequence[Any]) -> str:
        """Days, or instants by the local day they fall on, among those that an operator lets through."""
        among = days_of(operator, values, self.now, self.vocabulary.zone)  # type: ignore[arg-type]
        if among is None:
            return "false"
        if type is Type.DAY:
            pairs = ((">=", among.days.first), ("<=", among.days.last))
        else:
            first, end = instants_of(among.days, self.vocabulary.zone)
            pairs = ((">=", first), ("<", end))
        said = " AND ".join(f"{x} {sign} {self.put(bound)}" for sign, bound in pairs if bound is not None)
        return said if among.inside else f"NOT ({said})"

    def rank(self, node: nodes.Test, about: About) -> str:
        """Who is in a rank, as ``subject``, with their ``place`` and value ``num / den``."""
        if isinstance(node.measure, nodes.Aggregate):
            return self.figure_rank(node, node.measure, about)
        word, row = self.vocabulary.field(about.subject, node.measure.name), self.alias()
        if isinstance(word.place, Rows):
            of, x = f"{row}.{word.place.of}", f"{row}.{word.place.name}"
            only = "".join(f" AND {row}.{column} = {self.put(value)}" for column, value in word.place.only)
            there = f"{of} IN (SELECT p.id FROM {about.subject} p WHERE {present(about.subject, 'p')})"
            known = f"SELECT {of} AS subject, {x} AS num FROM {word.place.table} {row}"
            known += f" WHERE {x} IS NOT NULL{only} AND {there}"
        else:
            x = _column(word, row, node.operator)
            known = f"SELECT {row}.id AS subject, {x} AS num FROM {about.subject} {row} WHERE "
            known += f"{present(about.subject, row)} AND {x} IS NOT NULL"
        return self.ranked(f"SELECT *, 1 AS den FROM ({known}) f", ("num",), node)

    def figure_rank(self, node: nodes.Test, aggregate: nodes.Aggregate, about: About) -> str:
        rows, figure = self.rows(aggregate, about), self.figure(aggregate)
        made = f"{figure.num} AS num, {figure.den} AS den"
        known = f"SELECT v.subject, {made} FROM {rows} v GROUP BY v.subject HAVING {figure.num} IS NOT NULL"
        return self.ranked(known, _keys(figure), node)

    def ranked(self, known: str, keys: Sequence[str], node: nodes.Test) -> str:
        """The highest or lowest so many percent of a query's subjects, with all who tie with the last."""
        down = " DESC" if node.operator == "in top" else ""
        order = ", ".join(f"{key}{down}" for key in keys)
        ranks = f"SELECT k.*, rank() OVER (ORDER BY {order}) AS place, count(*) OVER () AS n FROM ({known}) k"
        return f"SELECT * FROM ({ranks}) r WHERE place * 100 <= {self.put(node.values[0])} * n + 99"

    # Events

    def events(
        self, kinds: Sequence[tuple[str, nodes.Condition | None]], window: nodes.Window | None, about: About,
        columns: Mapping[str, str] | None = None, also: str = "",
    ) -> str:  # fmt: skip
        """The subjects' events of some kinds, each with its condition, within a window: what stands behind ``FROM``."""
        self.needs |= needs(about.subject)
        after, until = bounds(window, self.now, self.vocabulary.zone)
        where = [f"({' OR '.join(self.event(kind, condition) for kind, condition in kinds)})"]
        where += [f"e.ts > {self.put(after)}"] if after else []
        where += [f"e.ts <= {self.put(until)}", *([also] if also else [])]
        stream = self.streams.setdefault(about.subject, _Stream(f"{singular(about.subject)}_event"))
        flag = stream.add(" AND ".join(where), [kind for kind, _ in kinds], Bounds(after, until))
        shown = "".join(f", {stream.column(sql)} AS {name}" for name, sql in (columns or {}).items())
        return f"(SELECT subject, ts{shown} FROM {stream.name} WHERE {flag})"

    def expressions(self) -> str:
        """The events that the conditions stand on, read once a kind of subject: ``WITH ..``, or nothing."""
        made = [
            attributed(subject, {c: sql for sql, c in stream.columns.items()}, stream.where(self.put), stream.name)
            for subject, stream in self.streams.items()
        ]
        return f"WITH {', '.join(made)} " if made else ""

    def event(self, kind: str, where: nodes.Condition | None) -> str:
        said = f"e.kind = {self.put(kind)}"
        return f"({said} AND {_logic(where, lambda each: self.said(each, kind))})" if where is not None else said

    def said(self, node: nodes.Condition, kind: str) -> Leaf:
        """A test of a property of an event of a kind."""
        match node:
            case nodes.Test(nodes.Field(name), operator, values):
                word = self.vocabulary.property(kind, name)
                read = stored(word, operator, values, self.subject, self.vocabulary)
                x = self.property(word, type_in(word, values), operator)
                return Leaf(self.compared(operator, word, x, read), nullable=True)
        raise TypeError(node)

    def property(self, word: Word, type: Type, operator: str = "") -> str:
        """A property of the event ``e`` as a value of a type."""
        if not isinstance(word.place, Other):
            return _column(word, "e", operator)
        texts = "more" if operator == "is exactly" or type not in TEXTS else "more_folded"
        text = f"e.{texts}[{self.put(word.place.name)}]"
        if type is Type.NUMBER:
            return f"CASE WHEN regexp_matches({text}, '{WRITTEN}') THEN CAST({text} AS {NUMBER}) END"
        return f"TRY_CAST({text} AS DATE)" if type is Type.DAY else text

    def did(self, node: nodes.Did, about: About) -> Leaf:
        found = self.events([(node.kind, node.where)], node.window, about)
        return self.counted(f"SELECT v.subject FROM {found} v", "GROUP BY v.subject", node.times, about)

    def sequence(self, node: nodes.Sequence, about: About) -> Leaf:
        """One row a subject and instant; each step's chains begin at the latest start of the rows before.

        A chain of the steps up to one that ends at a row began, at best, at the greatest start of a chain of the
        steps before that ended at an earlier row. So a running maximum a step is enough.
        """
        every = [(step.kind, step.where) for step in node.steps]
        flags = {f"is{n}": f"CASE WHEN {self.event(*step)} THEN 1 ELSE 0 END" for n, step in enumerate(every)}
        rows = self.events(every, node.window, about, flags)
        most = ", ".join(f"max(is{n}) AS is{n}" for n, _ in enumerate(every))
        chain = f"SELECT v.subject, epoch_us(v.ts) AS moment, {most} FROM {rows} v GROUP BY v.subject, v.ts"
        chain = f"SELECT *, CASE WHEN is0 = 1 THEN moment END AS start0 FROM ({chain}) c"
        before = "OVER (PARTITION BY subject ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        for number in range(1, len(node.steps)):
            best = f"max(start{number - 1}) {before}"
            chain = f"SELECT *, CASE WHEN is{number} = 1 THEN {best} END AS start{number} FROM ({chain}) c"
        longest = self.put(node.within * UNITS[node.unit] // timedelta(microseconds=1))
        end = f"start{len(node.steps) - 1}"
        return Leaf(f"{about.alias}.id IN (SELECT subject FROM ({chain}) c WHERE moment - {end} <= {longest})")

    # Aggregates

    def rows(self, node: nodes.Aggregate, about: About) -> str:
        """The events of an aggregate, with its property as ``x``."""
        if not node.property:
            return self.events([(node.kind, node.where)], node.window, about)
        word = self.vocabulary.property(node.kind, node.property)
        numbers = word.undefined and Type.NUMBER in operators.OF_PROPERTY[node.function]
        type = Type.NUMBER if numbers else word.type
        x = self.property(word, type)
        known = f"{x} <> ''" if type in TEXTS else f"{x} IS NOT NULL"
        return self.events([(node.kind, node.where)], node.window, about, {"x": x}, known)

    def figure(self, node: nodes.Aggregate) -> _Figure:
        match node.function:
            case "count":
                return _Figure("count(*)", zero=True)
            case "count distinct":
                return _Figure("count(DISTINCT v.x)")
            case "sum":
                return _Figure("coalesce(sum(v.x), 0)", zero=True)
            case "avg":
                return _Figure("CAST(sum(v.x) * 10000 AS HUGEINT)", "(count(v.x) * 10000)")
            case "min" | "max":
                return _Figure(f"{node.function}(v.x)")
            case "days since first" | "days since last":
                end = "min" if node.function.endswith("first") else "max"
                now = self.put((self.now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))
                return _Figure(f"(({now} - {end}(epoch_us(v.ts))) // {DAY})")
            case "average days between":
                span = "(max(epoch_us(v.ts)) - min(epoch_us(v.ts)))"
                return _Figure(f"CASE WHEN count(*) > 1 THEN {span} END", f"((count(*) - 1) * {DAY})")
        raise ValueError(node.function)

    def figure_test(self, node: nodes.Test, aggregate: nodes.Aggregate, about: About) -> Leaf:
        if node.operator in ("in top", "in bottom"):
            return Leaf(f"{about.alias}.id IN (SELECT subject FROM ({self.rank(node, about)}) r)")
        rows, figure = self.rows(aggregate, about), self.figure(aggregate)
        group = f"FROM {rows} v GROUP BY v.subject"
        if node.operator == "is known":
            return self.among(f"SELECT v.subject {group}", f"{figure.num} IS NOT NULL", figure.zero, about)
        values = [value for value in node.values if isinstance(value, Decimal)]
        without = figure.zero and BY_KEY[node.operator].holds(Decimal(0), *values)
        return self.among(f"SELECT v.subject {group}", self.rational(figure, node.operator, values), without, about)

    def rational(self, figure: _Figure, operator: str, values: Sequence[Decimal]) -> str:
        """A figure against values; a quotient is compared exactly, by multiplying."""
        if figure.den == "1":
            put = [self.put(value) for value in values]
            return BY_KEY[operator].sql.format(x=figure.num, a=put[0], b=put[-1], all=", ".join(put))

        def against(sign: str, value: Decimal) -> str:
            top, bottom = value.as_integer_ratio()
            return f"{figure.num} * {self.put(bottom)} {sign} {figure.den} * {self.put(top)}"

        if operator == "between":
            return f"{against('>=', values[0])} AND {against('<=', values[1])}"
        if operator == "in":
            return " OR ".join(against("=", value) for value in values)
        return against(_sign(operator), values[0])

    def comparison(self, node: nodes.Comparison, about: About) -> Leaf:
        sides = []
        for name, aggregate in (("a", node.measure), ("b", node.other)):
            rows, figure = self.rows(aggregate, about), self.figure(aggregate)
            made = f"SELECT v.subject, {figure.num} AS num, {figure.den} AS den FROM {rows} v GROUP BY v.subject"
            sides.append((name, made, figure))
        nums = [f"coalesce({name}.num, 0)" if figure.zero else f"{name}.num" for name, _, figure in sides]
        dens = [f"coalesce({name}.den, 1)" if figure.den != "1" else "1" for name, _, figure in sides]
        top, bottom = node.factor.as_integer_ratio()
        left, right = f"{nums[0]} * {dens[1]} * {self.put(bottom)}", f"{nums[1]} * {dens[0]} * {self.put(top)}"
        said = f"{left} {_sign(node.operator)} {right}"
        both = f"({sides[0][1]}) a FULL JOIN ({sides[1][1]}) b ON a.subject = b.subject"
        zero = all(figure.zero for _, _, figure in sides)
        found = f"SELECT coalesce(a.subject, b.subject) FROM {both} WHERE "
        if zero and operators.compared(node.operator, 0, 0):
            return Leaf(f"{about.alias}.id NOT IN ({found}({said}) IS NOT TRUE)")
        return Leaf(f"{about.alias}.id IN ({found}{said})")

    def most_frequent(self, node: nodes.Test, aggregate: nodes.Aggregate, about: About) -> Leaf:
        rows = self.rows(aggregate, about)
        order = "count(*) DESC, max(v.ts) DESC, v.x"
        ranks = f"SELECT v.subject, v.x, row_number() OVER (PARTITION BY v.subject ORDER BY {order}) AS place"
        best = f"{ranks} FROM {rows} v GROUP BY v.subject, v.x"
        word = Word("", "", Type.TEXT, Column("x"))
        values = stored(word, node.operator, node.values, about.subject, self.vocabulary)
        test = self.compared(node.operator, word, "w.x", values)
        return Leaf(f"{about.alias}.id IN (SELECT w.subject FROM ({best}) w WHERE w.place = 1 AND {test})")


def _logic(node: nodes.Condition, leaf: Callable[[nodes.Condition], Leaf], denied: bool = False) -> str:
    """The SQL of a condition made of leaves, or of its denial, which is never NULL."""
    match node:
        case nodes.Not(condition):
            return _logic(condition, leaf, not denied)
        case nodes.AllOf(conditions) | nodes.AnyOf(conditions):
            joint = "AND" if isinstance(node, nodes.AllOf) is not denied else "OR"
            return "(" + f" {joint} ".join(_logic(each, leaf, denied) for each in conditions) + ")"
        case nodes.Test(_, "is missing"):
            return _logic(nodes.Test(node.measure, "is known"), leaf, not denied)
    made = leaf(node)
    if not denied:
        return f"({made.sql})"
    return f"(({made.sql}) IS NOT TRUE)" if made.nullable else f"(NOT ({made.sql}))"


def _sign(operator: str) -> str:
    """How SQL writes a comparison."""
    return {"!=": "<>"}.get(operator, operator)


def _column(word: Word, alias: str, operator: str = "") -> str:
    """The column in which a word's values stand; for texts the folded one, unless they are compared as they came."""
    match word.place:
        case Bracketed(name, bracket):
            lower = " ".join(f"WHEN '{code}' THEN {bounds[0]}" for code, bounds in BRACKETS.items())
            return f"coalesce({alias}.{name}, CASE {alias}.{bracket} {lower} END)"
        case Column(name) | Rows(_, _, name):
            folded = word.type in TEXTS and operator != "is exactly"
            return f'{alias}."{name}{"_folded" if folded else ""}"'
    raise TypeError(word.place)


def _keys(figure: _Figure) -> tuple[str, ...]:
    """What a figure is ranked by: itself; or its whole part, then what is left, which a double tells apart."""
    if figure.den == "1":
        return ("num",)
    return "num // den", "CAST(num % den AS DOUBLE) / den"
