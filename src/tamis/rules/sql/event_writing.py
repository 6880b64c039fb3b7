"""Conditions on events as SQL: those who did something, sequences, figures of what somebody did.

A condition on events is membership in a set of subjects; where it holds without any event, in the complement of the
set for which it does not. All conditions of a rule read the events of a kind of subject once, in a common expression.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from tamis.rules import nodes, operators
from tamis.rules.instants import END, FIRST, UNITS, Bounds, bounds
from tamis.rules.nodes import Subject, singular
from tamis.rules.operators import BY_KEY
from tamis.rules.sql.attribution import attributed, needs
from tamis.rules.sql.writing import About, Leaf, Pen, column_of, logic, sign
from tamis.rules.values import stored, type_in
from tamis.rules.vocabulary import TEXTS, Column, Other, Type, Word

DAY = 86_400_000_000
"""Microseconds of 24 hours."""
NUMBER = "DECIMAL(18, 4)"
WRITTEN = "^-?[0-9]{1,14}([.][0-9]{1,4})?$"
"""How a number is written: engines differ in what else they take for one."""


class Figure(NamedTuple):
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
class EventPen(Pen):
    """Writes what is asked of events."""

    streams: dict[Subject, _Stream] = field(default_factory=dict)

    def events(
        self, kinds: Sequence[tuple[str, nodes.Condition | None]], window: nodes.Window | None, about: About,
        columns: Mapping[str, str] | None = None, also: str = "",
    ) -> str:  # fmt: skip
        """The subjects' events of some kinds, each with its condition, within a window: what stands behind ``FROM``."""
        stream, flag = self.flagged(kinds, window, about, also)
        shown = "".join(f", {stream.column(sql)} AS {name}" for name, sql in (columns or {}).items())
        return f"(SELECT subject, ts{shown} FROM {stream.name} WHERE {flag})"

    def flagged(
        self, kinds: Sequence[tuple[str, nodes.Condition | None]], window: nodes.Window | None, about: About, also: str
    ) -> tuple[_Stream, str]:
        """The stream in which such events are read, and the column that says which of its events they are."""
        self.needs |= needs(about.subject)
        after, until = bounds(window, self.now, self.vocabulary.zone)
        where = [f"({' OR '.join(self.event(kind, condition) for kind, condition in kinds)})"]
        where += [f"e.ts > {self.put(after)}"] if after else []
        where += [f"e.ts <= {self.put(until)}", *([also] if also else [])]
        stream = self.streams.setdefault(about.subject, _Stream(f"{singular(about.subject)}_event"))
        return stream, stream.add(" AND ".join(where), [kind for kind, _ in kinds], Bounds(after, until))

    def expressions(self) -> str:
        """The events that the conditions stand on, read once a kind of subject: ``WITH ..``, or nothing."""
        made = [
            attributed(subject, {c: sql for sql, c in stream.columns.items()}, stream.where(self.put), stream.name)
            for subject, stream in self.streams.items()
        ]
        return f"WITH {', '.join(made)} " if made else ""

    def event(self, kind: str, where: nodes.Condition | None) -> str:
        said = f"e.kind = {self.put(kind)}"
        return f"({said} AND {logic(where, lambda each: self.said(each, kind))})" if where is not None else said

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
            return column_of(word, "e", operator)
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

    # Figures

    def rows(self, node: nodes.Aggregate, about: About) -> str:
        """The events of an aggregate, with its property as ``x``."""
        x, known = self.measured(node)
        return self.events([(node.kind, node.where)], node.window, about, {"x": x} if x else {}, known)

    def measured(self, node: nodes.Aggregate) -> tuple[str, str]:
        """The property of an aggregate, and the condition that it is known; nothing where it has none."""
        if not node.property:
            return "", ""
        word = self.vocabulary.property(node.kind, node.property)
        numbers = word.undefined and Type.NUMBER in operators.OF_PROPERTY[node.function]
        type = Type.NUMBER if numbers else word.type
        x = self.property(word, type)
        return x, f"{x} <> ''" if type in TEXTS else f"{x} IS NOT NULL"

    def figure(self, node: nodes.Aggregate, side: str = "") -> Figure:
        """A figure of a group's events; with a ``side`` of those alone for whom its columns are not NULL."""
        ts, x = f"v.ts{side}", f"v.x{side}"
        n = f"count({ts if side else '*'})"
        match node.function:
            case "count":
                return Figure(n, zero=True)
            case "count distinct":
                return Figure(f"nullif(count(DISTINCT {x}), 0)")
            case "sum":
                return Figure(f"coalesce(sum({x}), 0)", zero=True)
            case "avg":
                return Figure(f"CAST(sum({x}) * 10000 AS HUGEINT)", f"(count({x}) * 10000)")
            case "min" | "max":
                return Figure(f"{node.function}({x})")
            case "days since first" | "days since last":
                end = "min" if node.function.endswith("first") else "max"
                now = self.put((self.now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))
                return Figure(f"(({now} - {end}(epoch_us({ts}))) // {DAY})")
            case "average days between":
                span = f"CAST(max(epoch_us({ts})) - min(epoch_us({ts})) AS HUGEINT)"
                return Figure(f"CASE WHEN {n} > 1 THEN {span} END", f"(CAST({n} - 1 AS HUGEINT) * {DAY})")
        raise ValueError(node.function)

    def figure_test(self, node: nodes.Test, aggregate: nodes.Aggregate, about: About) -> Leaf:
        rows, figure = self.rows(aggregate, about), self.figure(aggregate)
        group = f"FROM {rows} v GROUP BY v.subject"
        if node.operator == "is known":
            return self.among(f"SELECT v.subject {group}", f"{figure.num} IS NOT NULL", figure.zero, about)
        values = [value for value in node.values if isinstance(value, Decimal)]
        without = figure.zero and BY_KEY[node.operator].holds(Decimal(0), *values)
        return self.among(f"SELECT v.subject {group}", self.rational(figure, node.operator, values), without, about)

    def rational(self, figure: Figure, operator: str, values: Sequence[Decimal]) -> str:
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
        return against(sign(operator), values[0])

    def comparison(self, node: nodes.Comparison, about: About) -> Leaf:
        """Both figures of each subject in one grouping of the events of either: each takes those that are its own."""
        shown, flags, figures = [], [], []
        for side, aggregate in (("_a", node.measure), ("_b", node.other)):
            x, known = self.measured(aggregate)
            stream, flag = self.flagged([(aggregate.kind, aggregate.where)], aggregate.window, about, known)
            own = {"ts": "ts"} | ({"x": stream.column(x)} if x else {})
            shown += [f", CASE WHEN {flag} THEN {column} END AS {name}{side}" for name, column in own.items()]
            flags.append(flag)
            figures.append(self.figure(aggregate, side))
        a, b = figures
        top, bottom = node.factor.as_integer_ratio()
        said = f"{a.num} * {b.den} * {self.put(bottom)} {sign(node.operator)} {b.num} * {a.den} * {self.put(top)}"
        rows = f"(SELECT subject{''.join(shown)} FROM {stream.name} WHERE {' OR '.join(flags)})"
        without = a.zero and b.zero and operators.compared(node.operator, 0, 0)
        return self.among(f"SELECT v.subject FROM {rows} v GROUP BY v.subject", said, without, about)

    def most_frequent(self, node: nodes.Test, aggregate: nodes.Aggregate, about: About) -> Leaf:
        rows = self.rows(aggregate, about)
        order = "count(*) DESC, max(v.ts) DESC, v.x"
        ranks = f"SELECT v.subject, v.x, row_number() OVER (PARTITION BY v.subject ORDER BY {order}) AS place"
        best = f"{ranks} FROM {rows} v GROUP BY v.subject, v.x"
        word = Word("", "", Type.TEXT, Column("x"))
        values = stored(word, node.operator, node.values, about.subject, self.vocabulary)
        test = self.compared(node.operator, word, "w.x", values)
        return Leaf(f"{about.alias}.id IN (SELECT w.subject FROM ({best}) w WHERE w.place = 1 AND {test})")


def keys(figure: Figure) -> tuple[str, ...]:
    """What a figure is ranked by: itself; or its whole part, then what is left, which a double tells apart."""
    if figure.den == "1":
        return ("num",)
    return "num // den", "CAST(num % den AS DOUBLE) / den"
