"""What a table can be asked and no rule says: a pin, a lock, a claim, a tag by whoever put it, a name read loosely.

Beside the rule builder these conditions keep rows of their own: an attribute (or one of a few that are asked alike),
an operator, values.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from tamis.app.services.company_attributes import Attribute, Choice, Kind
from tamis.app.services.company_conditions import SEVERAL, Condition, Operator, Takes, condition, operators_of
from tamis.app.services.company_filters import Filters
from tamis.app.services.filter_rules import READ_OTHERWISE, says, says_the_same
from tamis.app.services.table_rules import words_of
from tamis.app.services.vocabulary import vocabulary
from tamis.rules.nodes import Subject
from tamis.rules.vocabulary import Vocabulary

MOST = 40
"""Rows that a form may bring."""


class Form(Protocol):
    """The fields that a form brought."""

    def getlist(self, key: str) -> list[Any]:
        """Every value of a field."""


@dataclass(frozen=True)
class Group:
    """Attributes that are asked alike, with the operators that no rule has for them."""

    attributes: Sequence[Attribute]
    operators: Sequence[Operator]

    @property
    def askable(self) -> bool:
        """Whether there is anything to ask for: of choices, at least one."""
        return self.attributes[0].kind is not Kind.CHOICE or bool(self.attributes[0].choices())


@dataclass(frozen=True)
class Row:
    """A row of the form: what it may ask, and what it asks now (nothing without values)."""

    number: int
    group: Group
    attribute: Attribute
    operator: Operator
    values: Sequence[str] = ()

    @property
    def active(self) -> bool:
        """Whether it asks anything."""
        return bool(self.values) or (self.operator.takes is Takes.NOTHING and self.operator in self.group.operators)

    @property
    def text(self) -> str:
        """The values as one text."""
        return f" {SEVERAL} ".join(self.values)

    @property
    def choices(self) -> list[tuple[str, list[Choice]]]:
        """The values there are, under their headings."""
        return [(title, [*inside]) for title, inside in groupby(self.attribute.choices(), lambda each: each.group)]

    @property
    def yes_or_no(self) -> bool:
        """Whether it asks a question with two answers."""
        return self.attribute.kind is Kind.YES_NO

    @property
    def shown(self) -> str:
        """The values in words."""
        return ", ".join(self.attribute.shows(each) for each in self.values)


def is_apart(made: Condition, subject: Subject, known: Vocabulary) -> bool:
    """Whether a condition stands beside the builder, which cannot say it."""
    return not (says(made.attribute, made.operator, subject, known) and says_the_same(made))


def rows(filters: Filters) -> list[Row]:
    """The rows for what the filters ask that no rule says, and an empty one for each other group."""
    known, subject = vocabulary(), words_of(filters.subject)
    asked = [each for each in filters.conditions if is_apart(each, subject, known)]
    found: list[tuple[Group, Attribute, Operator, Sequence[str]]] = []
    for group in _groups(filters.attributes, subject, known):
        keys = {each.key for each in group.attributes}
        here = [(group, each.attribute, each.operator, each.texts) for each in asked if each.attribute.key in keys]
        found += here or [(group, group.attributes[0], group.operators[0], ())] * group.askable
    return [Row(number, *each) for number, each in enumerate(found)]


def _groups(attributes: Any, subject: Subject, known: Vocabulary) -> list[Group]:
    """What no rule says, put together where attributes have the same operators and the same values."""
    groups: dict[Any, Group] = {}
    for attribute in attributes.attributes():
        operators = [each for each in operators_of(attribute) if _no_rule_has(attribute, each, subject, known)]
        if operators:
            alone = attribute.key if attribute.kind is Kind.YES_NO else ""
            key = (alone, attribute.kind, attribute.choices, tuple(each.key for each in operators))
            before = groups.get(key, Group((), operators))
            groups[key] = Group([*before.attributes, attribute], operators)
    return [*groups.values()]


def _no_rule_has(attribute: Attribute, operator: Operator, subject: Subject, known: Vocabulary) -> bool:
    otherwise = attribute.key in READ_OTHERWISE and operator.takes is not Takes.NOTHING
    return otherwise or not says(attribute, operator, subject, known)


def typed(form: Form, filters: Filters) -> list[Row]:
    """The rows as a form brought them. Raises :class:`~tamis.errors.NotFound` for a word that the table has not."""
    known, subject = vocabulary(), words_of(filters.subject)
    groups = _groups(filters.attributes, subject, known)
    found = []
    for number in range(MOST):
        keys = form.getlist(f"a{number}")
        if not keys:
            break
        attribute = filters.attributes.find(keys[-1])
        group = next((each for each in groups if attribute.key in {one.key for one in each.attributes}), None)
        if group is None:
            continue
        wanted = (form.getlist(f"o{number}") or [""])[-1]
        operator = next((each for each in group.operators if each.key == wanted), group.operators[0])
        values = [text.strip() for text in form.getlist(f"v{number}") if text.strip()]
        found.append(Row(number, group, attribute, operator, () if operator.takes is Takes.NOTHING else values))
    return found


def conditions(rows: Iterable[Row], filters: Filters) -> list[Condition]:
    """The conditions that rows ask. Raises :class:`~tamis.errors.Refused` for a value that cannot be read."""
    return [
        condition(key, operator, text, filters.attributes)
        for row in rows if row.active for key, operator, text in _asked(row)
    ]  # fmt: skip


def _asked(row: Row) -> list[tuple[str, str, str]]:
    """A row as conditions of an address: one of several is ``in``, none of several is each of them denied."""
    key, values = row.attribute.key, [*row.values]
    if row.operator.key == "is" and len(values) > 1 and not row.yes_or_no:
        return [(key, "in", SEVERAL.join(values))]
    if row.operator.takes is Takes.ONE:
        return [(key, row.operator.key, each) for each in values]
    return [(key, row.operator.key, SEVERAL.join(values))]
