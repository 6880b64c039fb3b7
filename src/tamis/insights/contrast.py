"""What sets two groups apart, field by field: the share of each value in both, the difference, how large and how sure.

    who (of which group is each) → each field's values counted in both → measured → ranked, the most telling first

Numbers are put into brackets, days into spans that end today; each value has the rule that selects its people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from tamis.insights import brackets, effects
from tamis.insights.effects import Counts, Difference
from tamis.insights.traits import Trait, traits
from tamis.messages import Message, say
from tamis.rules import nodes
from tamis.rules.nodes import AllOf, Condition, InAudience, Last, Not, Rule, Subject
from tamis.rules.sql.attribution import attributed
from tamis.rules.sql.attribution import needs as needs_of
from tamis.rules.sql.query import Engine, Query, present
from tamis.rules.vocabulary import Vocabulary

MOST = 8
"""So many values of a field are told, those that differ most; all of them are measured."""
MOST_KINDS = 20
FEW = 30
"""A group smaller than this is too small to tell much of."""
DAYS = 90
"""Events are looked at so far back."""


@dataclass(frozen=True)
class Pair:
    """The audiences compared; without ``other``, the first is compared with everybody else."""

    subject: Subject
    one: int
    one_name: str
    other: int | None = None
    other_name: str = ""

    @property
    def groups(self) -> tuple[Condition, Condition]:
        """The conditions that select both groups."""
        inside = InAudience(self.one_name)
        return inside, InAudience(self.other_name) if self.other is not None else Not(inside)


@dataclass(frozen=True)
class Value:
    """A value of a field, how many of each group have it, and how much the shares differ.

    ``since`` is of kinds of events: how many days ago the last one was, the median of those of each group who had one.
    """

    label: Message | str
    a: int
    b: int
    share_a: float
    share_b: float
    difference: Difference
    condition: Condition | None
    since: tuple[float | None, float | None] | None = None


@dataclass(frozen=True)
class Contrast:
    """A field: its values, and how large the difference is, from 0 to 1.

    ``delta`` (Cliff's) is of numbers and days, ``medians`` of numbers. ``hidden`` is how many values are not told.
    """

    trait: Trait
    values: Sequence[Value]
    effect: float
    delta: float | None = None
    medians: tuple[float | None, float | None] | None = None
    hidden: int = 0

    @property
    def sure(self) -> bool:
        """Whether at least one value surely differs."""
        return any(value.difference.sure for value in self.values)

    @property
    def strength(self) -> str:
        """How large the difference is in a word: Cohen's bounds for a coefficient of this kind (1988, ch. 7)."""
        bounds = (("none", 0.1), ("small", 0.3), ("medium", 0.5))
        return next((word for word, bound in bounds if self.effect < bound), "large")


@dataclass(frozen=True)
class Contrasts:
    """Two groups, how large they are, how many are in both, and the fields in which they differ most first."""

    of_a: int
    of_b: int
    both: int
    fields: Sequence[Contrast]

    @property
    def few(self) -> bool:
        """Whether one of the groups is too small to tell much of."""
        return min(self.of_a, self.of_b) < FEW


def contrast(engine: Engine, pair: Pair, known: Vocabulary, now: datetime) -> Contrasts:
    """What sets two audiences apart as of now. Raises :class:`~tamis.errors.Unreadable`."""
    needs = _needs(pair)
    sums = "SELECT coalesce(sum(a), 0) AS a, coalesce(sum(b), 0) AS b, coalesce(sum(a * b), 0) AS both FROM who"
    [sizes] = engine.ask(Query(sums, needs=needs)).to_pylist()
    group = _Groups(int(sizes["a"]), int(sizes["b"]), known, now)
    fields: list[Contrast] = []
    if group.of_a and group.of_b:
        asked = [(each, _ask(engine, each.query, needs)) for each in traits(pair.subject, known)]
        asked += [(each, _ask(engine, each.query, needs)) for each in _activity(pair.subject, known, now)]
        fields = [found for trait, rows in asked for found in [group.measured(trait, rows)] if found]
        fields.sort(key=lambda each: -each.effect)
    return Contrasts(group.of_a, group.of_b, int(sizes["both"]), fields)


def rule_of(pair: Pair, value: Value, first: bool) -> Rule | None:
    """The rule that selects those of the first group, or the other, who have a value."""
    if value.condition is None:
        return None
    parts = value.condition.conditions if isinstance(value.condition, AllOf) else (value.condition,)
    return Rule(pair.subject, AllOf((pair.groups[not first], *parts)))


# Who is compared


def _needs(pair: Pair) -> dict[str, str]:
    inside = "s.id IN (SELECT m.subject FROM members m WHERE m.audience = {})"
    a = inside.format(f"{pair.one:d}")
    b = f"NOT {a}" if pair.other is None else inside.format(f"{pair.other:d}")
    flags = (
        f"SELECT s.id, CAST({a} AS INTEGER) AS a, CAST({b} AS INTEGER) AS b FROM {pair.subject} s "
        f"WHERE {present(pair.subject, 's')}"
    )
    made = {"who": f"SELECT * FROM ({flags}) x WHERE a + b > 0"}
    if pair.subject == "contacts":
        made["whose"] = (
            "SELECT c.id, sum(w.a) AS a, sum(w.b) AS b FROM who w JOIN contacts s ON s.id = w.id "
            f"JOIN companies c ON c.id = s.company WHERE {present('companies', 'c')} GROUP BY c.id"
        )
    return {**made, **needs_of(pair.subject)}


def _ask(engine: Engine, query: Query, needs: dict[str, str]) -> pa.Table:
    return engine.ask(Query(query.sql, query.values, needs))


def _activity(subject: Subject, known: Vocabulary, now: datetime) -> Iterator[Trait]:
    """Who had an event of which kind lately, and how many days ago the last was; one reading of the events."""
    moment = now.astimezone(UTC)
    stream = attributed(subject, {"kind": "e.kind"}, "e.ts > $after AND e.ts <= $now", "happened")
    days = "(epoch_us($now) - epoch_us(l.ts)) // 86400000000"
    sql = (
        f"WITH {stream}, latest AS (SELECT subject, kind, max(ts) AS ts FROM happened GROUP BY subject, kind) "
        "SELECT l.kind AS value, l.kind AS label, sum(w.a) AS a, sum(w.b) AS b, "
        f"median({days}) FILTER (WHERE w.a > 0) AS since_a, median({days}) FILTER (WHERE w.b > 0) AS since_b "
        "FROM latest l JOIN who w ON w.id = l.subject GROUP BY l.kind ORDER BY value"
    )
    values = {"after": moment - timedelta(days=DAYS), "now": moment}
    labels = {key: kind.label for key, kind in known.kinds.items()}

    def did(kind: str) -> Condition | None:
        return nodes.Did(kind, window=Last(DAYS, "days")) if kind in known.kinds else None

    yield Trait("activity", say("activité des {n} derniers jours", n=DAYS), "several", False, Query(sql, values), did,
                None, labels)  # fmt: skip


# What they differ in


@dataclass(frozen=True)
class _Groups:
    """How large the groups are, and what their figures are measured by."""

    of_a: int
    of_b: int
    known: Vocabulary
    now: datetime

    def measured(self, trait: Trait, rows: pa.Table) -> Contrast | None:
        """A field's values in both groups; ``None`` where nobody has any."""
        a, b = (_counts(rows, name) for name in ("a", "b"))
        if not (a.sum() + b.sum()):
            return None
        match trait.shape:
            case "several":
                return self.several(trait, rows, a, b)
            case "known" | "words":
                return self.words(trait, rows, a, b)
        return self.ordered(trait, rows.column("value").to_numpy(), a, b)

    def value(self, label: Message | str, a: int, b: int, condition: Condition | None) -> Value:
        a, b = int(a), int(b)
        apart = effects.difference(a, self.of_a, b, self.of_b)
        return Value(label, a, b, a / self.of_a, b / self.of_b, apart, condition)

    def whole(self, a: Counts, b: Counts) -> tuple[Counts, Counts]:
        """The counts with those of whom no value is known, last."""
        return np.append(a, self.of_a - a.sum()), np.append(b, self.of_b - b.sum())

    def words(self, trait: Trait, rows: pa.Table, a: Counts, b: Counts) -> Contrast:
        a, b = self.whole(a, b)
        order = np.argsort(-np.abs(a / self.of_a - b / self.of_b), kind="stable")
        order = order[(a + b)[order] > 0]
        told = [self.word(trait, rows, int(place), a, b) for place in order[:MOST]]
        return Contrast(trait, told, effects.cramer(a, b), hidden=max(len(order) - MOST, 0))

    def word(self, trait: Trait, rows: pa.Table, place: int, a: Counts, b: Counts) -> Value:
        if place == rows.num_rows:
            return self.value(say("inconnu"), a[place], b[place], trait.missing)
        value, label = (rows.column(name)[place].as_py() for name in ("value", "label"))
        condition = trait.condition(value if trait.labels else label)
        return self.value(trait.labels.get(value, str(label)), a[place], b[place], condition)

    def several(self, trait: Trait, rows: pa.Table, a: Counts, b: Counts) -> Contrast:
        """Of each value apart whether they have it; the largest of the differences is the field's."""
        sizes = [
            effects.cramer(np.array([x, self.of_a - x]), np.array([y, self.of_b - y]))
            for x, y in zip(a.tolist(), b.tolist(), strict=True)
        ]
        order = sorted(range(len(sizes)), key=lambda place: -sizes[place])
        told = []
        for row, place in ((rows.slice(place, 1).to_pylist()[0], place) for place in order[:MOST_KINDS]):
            label, condition = trait.labels.get(row["value"], str(row["value"])), trait.condition(row["value"])
            since = (row["since_a"], row["since_b"]) if "since_a" in row else None
            told.append(replace(self.value(label, a[place], b[place], condition), since=since))
        return Contrast(trait, told, max(sizes), hidden=max(len(order) - MOST_KINDS, 0))

    def ordered(self, trait: Trait, values: brackets.Values, a: Counts, b: Counts) -> Contrast:
        """Numbers and days: brackets that hold all of them, and which group has the higher ones."""
        measure = nodes.Field(trait.key, trait.of_company)
        if trait.shape == "number":
            made = brackets.of_numbers(measure, values, a + b)
        else:
            made = [*brackets.of_days(measure, values, self.now, self.known, instants=trait.shape == "instant")]
        in_a, in_b = self.whole(*(np.array([each[one.inside].sum() for one in made]) for each in (a, b)))
        labels = [*((each.label, each.condition) for each in made), (say("inconnu"), trait.missing)]
        told = [self.value(label, x, y, condition) for (label, condition), x, y in zip(labels, in_a, in_b, strict=True)]
        medians = (_median(values, a), _median(values, b)) if trait.shape == "number" else None
        return Contrast(trait, [each for each in told if each.a or each.b], effects.cramer(in_a, in_b),
                        effects.cliff(a, b), medians)  # fmt: skip


def _counts(rows: pa.Table, name: str) -> Counts:
    counts: Counts = rows.column(name).cast(pa.int64()).fill_null(0).to_numpy()
    return counts


def _median(values: brackets.Values, counts: Counts) -> float | None:
    place = effects.median_place(counts)
    return None if place is None else float(values[place])
