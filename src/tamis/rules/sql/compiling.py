"""A checked rule as one query: SQL in DuckDB's dialect, every value a parameter, its answer the ids of who matches.

writing: values, comparisons, logic → event_writing: what somebody did → here: conditions of every kind, the query
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tamis.rules import nodes
from tamis.rules.nodes import Subject, singular
from tamis.rules.sql.event_writing import EventPen, keys
from tamis.rules.sql.query import Query, present
from tamis.rules.sql.writing import About, Leaf, column_of, logic
from tamis.rules.values import stored
from tamis.rules.vocabulary import Rows, Vocabulary, Word


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


@dataclass
class Writer(EventPen):
    """Writes conditions of every kind."""

    # Conditions

    def condition(self, node: nodes.Condition, about: About) -> str:
        """The SQL of a condition about a subject."""
        return logic(node, lambda each: self.leaf(each, about))

    def leaf(self, node: nodes.Condition, about: About) -> Leaf:
        match node:
            case nodes.Test(nodes.Field(name, of_company=True), operator, values):
                here = nodes.Test(nodes.Field(name), operator, values)
                return self.of_company(lambda there: self.leaf(here, there).sql, about)
            case nodes.Test(operator="in top" | "in bottom"):
                return Leaf(f"{about.alias}.id IN (SELECT subject FROM ({self.rank(node, about)}) r)")
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

    # Fields

    def field_test(self, node: nodes.Test, field: nodes.Field, about: About) -> Leaf:
        word = self.vocabulary.field(about.subject, field.name)
        if isinstance(word.place, Rows):
            return self.rows_test(node, word, word.place, about)
        values = stored(word, node.operator, node.values, about.subject, self.vocabulary)
        return Leaf(
            self.compared(node.operator, word, column_of(word, about.alias, node.operator), values), nullable=True
        )

    def rows_test(self, node: nodes.Test, word: Word, place: Rows, about: About) -> Leaf:
        """A field whose values stand in rows of their own: it holds when it holds of any of them."""
        row = self.alias()
        only = "".join(f" AND {row}.{column} = {self.put(value)}" for column, value in place.only)
        column = column_of(word, row, node.operator)
        values = stored(word, node.operator, node.values, about.subject, self.vocabulary)

        def those(operator: str) -> str:
            test = self.compared(operator, word, column, values)
            return f"SELECT {row}.{place.of} FROM {place.table} {row} WHERE {test}{only}"

        if node.operator != "!=":
            return Leaf(f"{about.alias}.id IN ({those(node.operator)})")
        return Leaf(f"{about.alias}.id IN ({those('is known')}) AND {about.alias}.id NOT IN ({those('=')})")

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
            x = column_of(word, row, node.operator)
            known = f"SELECT {row}.id AS subject, {x} AS num FROM {about.subject} {row} WHERE "
            known += f"{present(about.subject, row)} AND {x} IS NOT NULL"
        return self.ranked(f"SELECT *, 1 AS den FROM ({known}) f", ("num",), node)

    def figure_rank(self, node: nodes.Test, aggregate: nodes.Aggregate, about: About) -> str:
        rows, figure = self.rows(aggregate, about), self.figure(aggregate)
        made = f"{figure.num} AS num, {figure.den} AS den"
        known = f"SELECT v.subject, {made} FROM {rows} v GROUP BY v.subject HAVING {figure.num} IS NOT NULL"
        return self.ranked(known, keys(figure), node)

    def ranked(self, known: str, keys: Sequence[str], node: nodes.Test) -> str:
        """The highest or lowest so many percent of a query's subjects, with all who tie with the last."""
        down = " DESC" if node.operator == "in top" else ""
        order = ", ".join(f"{key}{down}" for key in keys)
        ranks = f"SELECT k.*, rank() OVER (ORDER BY {order}) AS place, count(*) OVER () AS n FROM ({known}) k"
        return f"SELECT * FROM ({ranks}) r WHERE place * 100 <= {self.put(node.values[0])} * n + 99"
