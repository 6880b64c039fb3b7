"""What two groups can differ in: a row a field, with where its values stand and the rule that a value is.

Whoever is compared is in the table ``who`` (``id``, and of which group: ``a``, ``b``); the companies of contacts are in
``whose``, with how many of each group they have. Fields that say who somebody is, not what, count as known or not.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tamis.insights.brackets import QUARTER
from tamis.messages import Message, say
from tamis.rules import nodes
from tamis.rules.nodes import Condition, Subject, singular
from tamis.rules.sql.query import Query
from tamis.rules.sql.writing import column_of
from tamis.rules.vocabulary import TEXTS, Rows, Type, Vocabulary, Word

Shape = Literal["words", "number", "day", "instant", "several", "known"]

IDENTIFYING = frozenset(
    {"first_name", "last_name", "email", "external_key", "phone", "company_name", "company_siren", "siren",
     "parent_siren", "address"}
)  # fmt: skip
EVERYBODY_S = frozenset({"name"})
"""What everybody has."""


@dataclass(frozen=True)
class Trait:
    """A field of those compared, or of their companies: how many have each value, and the rule of a value.

    The query gives ``value``, ``label``, ``a``, ``b``; of ``several`` a subject may have many values. ``condition``
    makes the condition of a value, ``missing`` that of none.
    """

    key: str
    label: Message | str
    shape: Shape
    of_company: bool
    query: Query
    condition: Callable[[Any], Condition | None]
    missing: Condition | None = None
    labels: Mapping[Any, Message | str] = field(default_factory=dict)


def traits(subject: Subject, known: Vocabulary) -> Iterator[Trait]:
    """Every field of such subjects; of contacts, also those of their companies."""
    yield from _Side(subject, False, known).traits()
    if subject == "contacts":
        yield from _Side("companies", True, known).traits()


@dataclass(frozen=True)
class _Side:
    """Those compared, or the companies of the contacts compared."""

    subject: Subject
    of_company: bool
    known: Vocabulary

    @property
    def who(self) -> str:
        return "whose" if self.of_company else "who"

    def traits(self) -> Iterator[Trait]:
        if self.subject == "companies":
            yield self.of_list("segment", say("segment"), "l.segment", nodes.InSegment)
            yield self.of_list("list", say("liste"), "l.name", nodes.InList)
        for word in self.known.fields[self.subject].values():
            if word.key not in EVERYBODY_S:
                yield self.of_word(word)
        yield from self.tags()

    def of_list(self, key: str, label: Message, column: str, node: Callable[[str], Condition]) -> Trait:
        sql = self.grouped(column, column, 'companies t JOIN lists l ON l.id = t."list"', "t.id", "true")
        return Trait(key, label, "words", self.of_company, Query(sql), lambda value: node(value))

    def of_word(self, word: Word) -> Trait:
        shape = _shape(word)
        table, of, where, values = self.place(word)
        column = column_of(word, "t")
        if shape == "known":
            there = f"SELECT t.{of} FROM {table} t WHERE {where} AND {column} {_is_known(word)}"
            sums = "SELECT true AS value, true AS label, sum(w.a) AS a, sum(w.b) AS b"
            sql = f"{sums} FROM {self.who} w WHERE w.id IN ({there})"
        elif shape == "words":
            raw = f't."{word.place.name}"'
            sql = self.grouped(
                column, f"min({raw})", f"{table} t", f"t.{of}", f"{where} AND {column} {_is_known(word)}"
            )
        else:
            value = f"epoch_us({column}) // {QUARTER}" if shape == "instant" else column
            value = f"{value} - DATE '1970-01-01'" if shape == "day" else f"CAST({value} AS DOUBLE)"
            sql = self.grouped(value, "NULL", f"{table} t", f"t.{of}", f"{where} AND {column} IS NOT NULL")
        known = shape == "known"
        return Trait(
            word.key, word.label, shape, self.of_company, Query(sql, values),
            lambda value: self.test(word, "is known") if known else self.test(word, "=", value),
            self.test(word, "is missing"), {True: say("connu")} if known else self.labels(word),
        )  # fmt: skip

    def grouped(self, value: str, label: str, tables: str, of: str, where: str) -> str:
        """How many of each group have each value."""
        return (
            f"SELECT {value} AS value, {label} AS label, sum(w.a) AS a, sum(w.b) AS b FROM {tables} "
            f"JOIN {self.who} w ON w.id = {of} WHERE {where} GROUP BY {value} ORDER BY value"
        )

    def place(self, word: Word) -> tuple[str, str, str, dict[str, Any]]:
        """The table of a word's values, its column of the subject, a condition and its parameters."""
        if not isinstance(word.place, Rows):
            return self.subject, "id", "true", {}
        wheres = [f"t.{column} = $only{n}" for n, (column, _) in enumerate(word.place.only)]
        values = {f"only{n}": value for n, (_, value) in enumerate(word.place.only)}
        return word.place.table, word.place.of, " AND ".join(wheres) or "true", values

    def test(self, word: Word, operator: nodes.Operator, *values: Any) -> Condition:
        if word.type is Type.STATUS and values:
            values = (self.labels(word)[values[0]],)
        if word.type is Type.YES_NO and values:
            values = (values[0] == "oui",)
        return nodes.Test(nodes.Field(word.key, self.of_company), operator, values)

    def labels(self, word: Word) -> Mapping[Any, Message | str]:
        if word.type is Type.STATUS:
            return {each.id: each.name for each in self.known.statuses}
        if word.type is Type.YES_NO:
            return {"oui": say("oui"), "non": say("non")}
        return word.choices

    def tags(self) -> Iterator[Trait]:
        """A field a category of tags; a company's, or a contact's, may have many."""
        one = singular(self.subject)
        if not self.known.tags:
            return
        sql = self.grouped("t.tag", "t.tag", f"(SELECT DISTINCT {one}, tag FROM {one}_tags) t", f"t.{one}",
                           "t.tag IN (SELECT unnest($tags))")  # fmt: skip
        for category in dict.fromkeys(each.category for each in self.known.tags):
            named = {each.id: each.name for each in self.known.tags if each.category == category}
            yield Trait(
                f"tag:{category}", say("tags {category}", category=category), "several", self.of_company,
                Query(sql, {"tags": [*named]}), self.tag_test(named, category), None, named,
            )  # fmt: skip

    def tag_test(self, named: Mapping[int, str], category: str) -> Callable[[Any], Condition]:
        def made(tag: int) -> Condition:
            held = nodes.HasTag(named[tag], category)
            return nodes.OfCompany(held) if self.of_company else held

        return made


def _shape(word: Word) -> Shape:
    if word.key in IDENTIFYING or word.many:
        return "known"
    match word.type:
        case Type.NUMBER:
            return "number"
        case Type.DAY:
            return "day"
        case Type.INSTANT:
            return "instant"
    return "words"


def _is_known(word: Word) -> str:
    return "<> ''" if word.type in TEXTS | {Type.YES_NO} else "IS NOT NULL"
