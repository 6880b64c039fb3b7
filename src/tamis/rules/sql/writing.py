"""What every part of a query is written with: values as parameters, comparisons, sets of subjects, logic.

Two-valued logic: ``not`` is pushed down to the leaves, and only a leaf that is denied and may be NULL is guarded
(``IS NOT TRUE``), so that plain comparisons reach the scans.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from tamis.rules import nodes
from tamis.rules.instants import instants_of
from tamis.rules.nodes import Subject
from tamis.rules.operators import BY_KEY
from tamis.rules.sql.query import Query
from tamis.rules.values import days_of, type_in
from tamis.rules.vocabulary import TEXTS, Bracketed, Column, Rows, Type, Vocabulary, Word
from tamis.sources.company_fields import BRACKETS


class About(NamedTuple):
    """Whom a condition is about: the subject, and what the row of its table is called in SQL."""

    subject: Subject
    alias: str


class Leaf(NamedTuple):
    """A condition in SQL, and whether it may be NULL."""

    sql: str
    nullable: bool = False


@dataclass
class Pen:
    """Writes what compares values, and collects these."""

    vocabulary: Vocabulary
    now: datetime
    subject: Subject
    names: dict[Any, str] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)
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


def logic(node: nodes.Condition, leaf: Callable[[nodes.Condition], Leaf], denied: bool = False) -> str:
    """The SQL of a condition made of leaves, or of its denial, which is never NULL."""
    match node:
        case nodes.Not(condition):
            return logic(condition, leaf, not denied)
        case nodes.AllOf(conditions) | nodes.AnyOf(conditions):
            joint = "AND" if isinstance(node, nodes.AllOf) is not denied else "OR"
            return "(" + f" {joint} ".join(logic(each, leaf, denied) for each in conditions) + ")"
        case nodes.Test(_, "is missing"):
            return logic(nodes.Test(node.measure, "is known"), leaf, not denied)
    made = leaf(node)
    if not denied:
        return f"({made.sql})"
    return f"(({made.sql}) IS NOT TRUE)" if made.nullable else f"(NOT ({made.sql}))"


def sign(operator: str) -> str:
    """How SQL writes a comparison."""
    return {"!=": "<>"}.get(operator, operator)


def column_of(word: Word, alias: str, operator: str = "") -> str:
    """The column in which a word's values stand; for texts the folded one, unless they are compared as they came."""
    match word.place:
        case Bracketed(name, bracket):
            lower = " ".join(f"WHEN '{code}' THEN {bounds[0]}" for code, bounds in BRACKETS.items())
            return f"coalesce({alias}.{name}, CASE {alias}.{bracket} {lower} END)"
        case Column(name) | Rows(_, _, name):
            folded = word.type in TEXTS and operator != "is exactly"
            return f'{alias}."{name}{"_folded" if folded else ""}"'
    raise TypeError(word.place)
