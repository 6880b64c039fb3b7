"""A rule as a tree of frozen nodes: what the text says, nothing resolved, nothing worked out.

:mod:`~tamis.rules.storing` has the form in which they are kept.
"""

from collections.abc import Mapping
from dataclasses import Field as DataField
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias, TypeVar

Subject: TypeAlias = Literal["companies", "contacts"]


def singular(subject: Subject) -> Literal["company", "contact"]:
    """One of a subject, as tables and columns that hang on it are called."""
    return "company" if subject == "companies" else "contact"


Value: TypeAlias = str | Decimal | date | bool
"""What is written in a rule: a text, a number, a day, yes or no."""


class Span(NamedTuple):
    """Where something stands in the text of a rule: characters counted from 0, the end not included."""

    start: int
    end: int


NOWHERE = Span(0, 0)


@dataclass(frozen=True)
class Node:
    """A part of a rule. ``at``, where it stands in the text, is no part of what it says."""

    tag: ClassVar[str] = ""
    at: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


# Windows of time


@dataclass(frozen=True)
class Last(Node):
    """``in last 30 days``: (now - n units, now]; months are calendar months in the workspace's zone."""

    tag: ClassVar[str] = "last"
    n: int
    unit: Literal["hours", "days", "weeks", "months"]


@dataclass(frozen=True)
class Before(Node):
    """``before 2026-03-31``: until that day begins."""

    tag: ClassVar[str] = "before"
    day: date


@dataclass(frozen=True)
class After(Node):
    """``after 2026-03-31``: from the beginning of the next day on."""

    tag: ClassVar[str] = "after"
    day: date


@dataclass(frozen=True)
class Between(Node):
    """``between 2026-01-01 and 2026-03-31``: both days included."""

    tag: ClassVar[str] = "between"
    first: date
    last: date


Window: TypeAlias = Last | Before | After | Between


# What is compared


@dataclass(frozen=True)
class Field(Node):
    """A field of the subject, or within an event's parentheses a property of the event.

    ``own.`` in front of the name means a field of the users' own, even where a built-in one is called the same.
    """

    tag: ClassVar[str] = "field"
    name: str
    of_company: bool = False


Function: TypeAlias = Literal[
    "count", "count distinct", "sum", "avg", "min", "max", "most frequent", "days since first", "days since last",
    "average days between",
]  # fmt: skip


@dataclass(frozen=True)
class Aggregate(Node):
    """A figure made from the subject's events of a kind: ``sum(purchase.value) (channel = "web") in last 30 days``."""

    tag: ClassVar[str] = "aggregate"
    function: Function
    kind: str
    property: str = ""
    where: "Condition | None" = None
    window: Window | None = None


# Conditions


@dataclass(frozen=True)
class AllOf(Node):
    """``a and b and ..``: at least two."""

    tag: ClassVar[str] = "all"
    conditions: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf(Node):
    """``a or b or ..``: at least two."""

    tag: ClassVar[str] = "any"
    conditions: tuple["Condition", ...]


@dataclass(frozen=True)
class Not(Node):
    """``not a``."""

    tag: ClassVar[str] = "not"
    condition: "Condition"


Operator: TypeAlias = Literal[
    "=", "!=", "<", "<=", ">", ">=", "between", "in", "contains", "contains any of", "starts with", "ends with",
    "is exactly", "is known", "is missing", "in top", "in bottom", "before", "after", "in last", "more than",
]  # fmt: skip


@dataclass(frozen=True)
class Test(Node):
    """A field or an aggregate against values: none for ``is known``, two for ``between``, some for ``in``, else one.

    ``in last`` and ``more than`` (days ago) hold a number of days, ``in top`` and ``in bottom`` a percentage.
    """

    tag: ClassVar[str] = "test"
    __test__ = False  # for pytest: no test class
    measure: Field | Aggregate
    operator: Operator
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Comparison(Node):
    """An aggregate against another: ``count(page_view) in last 30 days < 0.5 * count(page_view) in last 90 days``."""

    tag: ClassVar[str] = "comparison"
    measure: Aggregate
    operator: Literal["=", "!=", "<", "<=", ">", ">="]
    other: Aggregate
    factor: Decimal = Decimal(1)


@dataclass(frozen=True)
class Times(Node):
    """``at least 2 times``; "exactly 0" is what ``did not`` and ``has no contact`` say."""

    tag: ClassVar[str] = "times"
    bound: Literal["at least", "at most", "exactly"] = "at least"
    n: int = 1

    def holds(self, n: int) -> bool:
        """Whether so many are as many as wanted."""
        return {"at least": n >= self.n, "at most": n <= self.n, "exactly": n == self.n}[self.bound]


@dataclass(frozen=True)
class Did(Node):
    """``did page_view (path = "/tarifs") at least 2 times in last 30 days``."""

    tag: ClassVar[str] = "did"
    kind: str
    where: "Condition | None" = None
    times: Times = Times()
    window: Window | None = None


@dataclass(frozen=True)
class Step(Node):
    """One of the events of a sequence."""

    tag: ClassVar[str] = "step"
    kind: str
    where: "Condition | None" = None


@dataclass(frozen=True)
class Sequence(Node):
    """``did form (form = "demo") then purchase within 14 days``: at least two steps, each strictly later."""

    tag: ClassVar[str] = "sequence"
    steps: tuple[Step, ...]
    within: int
    unit: Literal["hours", "days"]
    window: Window | None = None


@dataclass(frozen=True)
class InSegment(Node):
    """``in segment client``."""

    tag: ClassVar[str] = "segment"
    segment: str


@dataclass(frozen=True)
class InList(Node):
    """``in list "prospect-salons"``."""

    tag: ClassVar[str] = "list"
    list: str


@dataclass(frozen=True)
class InAudience(Node):
    """``in audience "Opportunités en cours"``: one of its stored members."""

    tag: ClassVar[str] = "audience"
    audience: str


@dataclass(frozen=True)
class HasTag(Node):
    """``has tag "Industrie" in "Secteur"``; without a category, a tag of that name in any."""

    tag: ClassVar[str] = "tag"
    name: str
    category: str = ""


@dataclass(frozen=True)
class HasContact(Node):
    """Of a company: ``has contact (..)``, ``has at least 2 contacts (..)``, ``has no contact (..)``."""

    tag: ClassVar[str] = "contact"
    where: "Condition | None" = None
    times: Times = Times()


@dataclass(frozen=True)
class OfCompany(Node):
    """Of a contact: it has a company, for which the condition holds."""

    tag: ClassVar[str] = "company"
    where: "Condition"


Condition: TypeAlias = (
    AllOf | AnyOf | Not | Test | Comparison | Did | Sequence | InSegment | InList | InAudience | HasTag | HasContact
    | OfCompany
)  # fmt: skip


@dataclass(frozen=True)
class Rule(Node):
    """``companies where ..`` or ``contacts where ..``."""

    tag: ClassVar[str] = "rule"
    subject: Subject
    where: Condition


AnyNode = TypeVar("AnyNode", bound=Node)


def children(node: Node) -> list[Node]:
    """The nodes that stand directly below a node, in the order of the text."""
    found: list[Node] = []
    for each in fields_of(type(node)):
        value = getattr(node, each.name)
        found += [one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, Node)]
    return found


def every(node: Node, type: type[AnyNode]) -> list[AnyNode]:
    """The nodes of a type in a tree, itself included, in the order of the text."""
    found = [node] if isinstance(node, type) else []
    for child in children(node):
        found += every(child, type)
    return found


def fields_of(type: Any) -> list[DataField[Any]]:
    """What nodes of a type say: all fields but the place."""
    return [each for each in fields(type) if each.name != "at"]


BY_TAG: Mapping[str, type[Node]] = {
    each.tag: each
    for each in (
        Last, Before, After, Between, Field, Aggregate, AllOf, AnyOf, Not, Test, Comparison, Times, Did, Step, Sequence,
        InSegment, InList, InAudience, HasTag, HasContact, OfCompany, Rule,
    )
}  # fmt: skip
"""Every type of node by its tag."""
