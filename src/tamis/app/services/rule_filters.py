"""A rule as the filters of a table, where the table can ask all of it itself: served live, from its indexes.

The inverse of :mod:`~tamis.app.services.filter_rules`. Only conditions joined by and that mean the same in both are
taken: what is made of each is told as a rule again, and has to be the condition that it came from.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial

from tamis.app.services import lists
from tamis.app.services.company_conditions import (
    MOST_CONDITIONS,
    RANGE,
    SEVERAL,
    Attributes,
    Condition,
    condition,
    read_conditions,
)
from tamis.app.services.filter_rules import OF_COMPANY, OPERATORS, conjuncts, node_of, says, says_the_same
from tamis.errors import NotFound, Refused
from tamis.rules import nodes
from tamis.rules.nodes import Subject
from tamis.rules.values import stored
from tamis.rules.vocabulary import Vocabulary, Word

ASKED_BY: Mapping[nodes.Operator, str] = {said: key for key, said in OPERATORS.items()}
"""The operators of rules that the table has, and how it calls them."""


def conditions_of(rule: nodes.Rule, attributes: Attributes, known: Vocabulary) -> tuple[Condition, ...] | None:
    """The conditions of a table that mean what a checked rule means; ``None`` where the table cannot ask all of it."""
    found: list[Condition] = []
    for node in conjuncts(rule.where):
        made = _Reader(rule.subject, attributes, known).condition(node)
        if made is None or len(found) == MOST_CONDITIONS:
            return None
        found.append(made)
    return read_conditions((each.parameter for each in found), attributes)


class _Reader:
    """Reads the conditions of a rule about a subject as those of its table."""

    def __init__(self, subject: Subject, attributes: Attributes, known: Vocabulary) -> None:
        self.subject = subject
        self.attributes = attributes
        self.known = known

    def condition(self, node: nodes.Condition) -> Condition | None:
        match node:
            case nodes.Test(nodes.Field() as field):
                return self.test(node, field)
            case nodes.Not(nodes.InSegment() | nodes.InList() as one):
                return self.membership("not", [one])
            case nodes.AnyOf(conditions):
                return self.membership("in", [*conditions])
            case nodes.OfCompany(nodes.AnyOf(conditions)) if self.subject == "contacts":
                return self.membership("in", [nodes.OfCompany(each) for each in conditions])
        return self.membership("is", [node])

    def test(self, node: nodes.Test, field: nodes.Field) -> Condition | None:
        """A field against values, where the table has it under a name of its own, and reads the same in them."""
        word = self.known.field("companies" if field.of_company else self.subject, field.name)
        key = self._key(word, field)
        if key is None or node.operator not in ASKED_BY:
            return None
        texts = [self._text(each) for each in node.values]
        made = self._made(key, ASKED_BY[node.operator], texts)
        if made is None or not self._says(made):
            return None
        again = node_of(made, self.subject, self.known)
        return made if isinstance(again, nodes.Test) and self._same(node, again, word) else None

    def _key(self, word: Word, field: nodes.Field) -> str | None:
        """What the table calls a field: a contact's own one may be called as one of its company."""
        if field.of_company:
            return "company" if word.key == "name" else OF_COMPANY + word.key
        return None if self.subject == "contacts" and word.key.startswith((OF_COMPANY, "name")) else word.key

    def _same(self, node: nodes.Test, again: nodes.Test, word: Word) -> bool:
        """Whether two conditions on a field compare with the same values."""
        of: Subject = "companies" if again.measure.of_company else self.subject  # type: ignore[union-attr]
        read = partial(stored, word, node.operator, subject=of, vocabulary=self.known)
        return {*read(node.values)} == {*read(again.values)}

    def membership(self, operator: str, every: list[nodes.Condition]) -> Condition | None:
        """A segment, a list or a tag, or one of several: all of one kind, each of which is one here."""
        named = [self._named(each) for each in every]
        keys = {each[0] for each in named if each}
        if None in named or len(keys) != 1:
            return None
        made = self._made(keys.pop(), operator, [each[1] for each in named if each])
        return made if made and self._says(made) else None

    def _says(self, made: Condition) -> bool:
        return says(made.attribute, made.operator, self.subject, self.known) and says_the_same(made)

    def _named(self, node: nodes.Condition) -> tuple[str, str] | None:
        """An attribute of the table and its value."""
        of = OF_COMPANY if self.subject == "contacts" else ""
        match node:
            case nodes.InSegment(segment):
                return f"{of}segment", segment
            case nodes.InList(name):
                return f"{of}list", str(lists.find(self.known.list(name).name).pk)
            case nodes.HasTag(name, category):
                return self._tag("tag", name, category)
            case nodes.OfCompany(nodes.HasTag(name, category)) if of:
                return self._tag(f"{of}tag", name, category)
        return None

    def _tag(self, key: str, name: str, category: str) -> tuple[str, str] | None:
        found = self.known.tags_named(name, category)
        return (key, f"{found[0].category}: {found[0].name}") if len(found) == 1 else None

    def _made(self, key: str, operator: str, texts: list[str]) -> Condition | None:
        """A condition of the table; ``None`` where it has none like this, or reads the texts as others."""
        between = RANGE if operator == "between" else SEVERAL
        if any(between in text for text in texts) and len(texts) > 1:
            return None
        try:
            made = condition(key, operator, between.join(texts), self.attributes)
        except (NotFound, Refused):
            return None
        return made if len(made.texts) <= len(texts) else None

    def _text(self, value: nodes.Value) -> str:
        """A value of a rule as it is written in an address."""
        match value:
            case bool():
                return "yes" if value else "no"
            case Decimal():
                return f"{value.normalize():f}"
            case date():
                return value.isoformat()
        return value
