"""What somebody asks of the company table, or of the contact table: read from an address and written to one again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import Any, ClassVar, Self

from django.db.models import F, Q, QuerySet
from django.db.models.lookups import IsNull
from django.http import QueryDict

from tamis.app.models import Company
from tamis.app.services import company_attributes, company_columns
from tamis.app.services.company_columns import USUAL, TableColumn
from tamis.app.services.company_conditions import (
    Attributes,
    Condition,
    as_parameters,
    named,
    read_conditions,
)
from tamis.app.services.subjects import COMPANY, Subject
from tamis.app.services.table_rules import TableRule
from tamis.app.services.value_tests import Unindexed
from tamis.messages import Message, say

FEW = 5_000
"""Up to so many companies are found first and sorted then; so many are counted at once."""
NOT_CONDITIONS = frozenset({"q", "rule", "sort", "cols", "density", "after", "before", "page", "format", "view"})
"""The parameters of the table's address that are no conditions."""


@dataclass(frozen=True)
class Filters:
    """What somebody asks of the table: a search, conditions and a rule joined by and, an order, columns, how dense.

    The class variables say what the table is of: :class:`~tamis.app.services.contact_table.ContactFilters` is another.
    """

    attributes: ClassVar[Attributes] = company_attributes
    built_in: ClassVar[tuple[TableColumn, ...]] = company_columns.COLUMNS
    usual: ClassVar[tuple[str, ...]] = USUAL
    subject: ClassVar[Subject] = COMPANY
    always_known: ClassVar[frozenset[str]] = frozenset({"name", "first_seen", "updated"})

    q: str = ""
    conditions: tuple[Condition, ...] = ()
    sort: str = "name"
    columns: tuple[str, ...] = USUAL
    compact: bool = False
    rule: TableRule | None = None

    @classmethod
    def read(cls, given: Mapping[str, str] | QueryDict) -> Self:
        """The filters among the parameters of an address.

        Raises :class:`~tamis.errors.NotFound` for what the table does not have, with the nearest thing it has, and
        :class:`~tamis.errors.Refused` for a value or a rule that cannot be read.
        """
        pairs = [*_pairs(given)]
        alone: dict[str, str] = {}
        for name, text in pairs:
            if name in NOT_CONDITIONS:  # the form of the columns gives each one a parameter of its own
                alone[name] = f"{alone[name]},{text}" if name == "cols" and name in alone else text.strip()
        conditions = read_conditions(
            ((name, text) for name, text in pairs if name not in NOT_CONDITIONS), cls.attributes
        )
        columns = [key for key in alone.get("cols", "").split(",") if key]
        sort = alone.get("sort", "")
        return cls(
            alone.get("q", "")[:300],
            conditions,
            sort if cls.sortable(sort) else "name",
            tuple(column.key for column in company_columns.find(columns, cls.every_column)) if columns else cls.usual,
            alone.get("density") == "compact",
            cls.ruled(alone.get("rule", "")),
        )

    def query(self) -> str:
        """The filters as an address says them: short, readable, the same whoever made it."""
        query = QueryDict(mutable=True)
        if self.q:
            query["q"] = self.q
        if self.rule:
            query["rule"] = self.rule.text
        for name, texts in as_parameters(self.conditions).items():
            query.setlist(name, texts)
        if self.sort != "name":
            query["sort"] = self.sort
        if self.columns != self.usual:
            query["cols"] = ",".join(self.columns)
        if self.compact:
            query["density"] = "compact"
        return query.urlencode(safe="|,")

    def matching(self) -> str:
        """The part of the address that says which companies."""
        return replace(self, sort="name", columns=self.usual, compact=False).query()

    @property
    def narrowing(self) -> bool:
        """Whether any company may be left out."""
        return bool(self.q or self.conditions or self.rule)

    @classmethod
    def ruled(cls, text: str) -> TableRule | None:
        """A rule of this table, if there is a text. Raises :class:`~tamis.errors.Refused` with the place at fault."""
        return TableRule.read(text, cls.subject) if text.strip() else None

    @property
    def rule_alone(self) -> int:
        """How many the rule lets through, where nothing else is asked; else 0."""
        return self.rule.found.total if self.rule and not (self.q or self.conditions) else 0

    def quickly(self) -> Self:
        """The same, their rule answered for a page: as of the last snapshot, by an engine that stays open."""
        return replace(self, rule=replace(self.rule, quick=True)) if self.rule else self

    def settle(self) -> None:
        """Have the rule answered now: an engine is not to be asked within a transaction."""
        if self.rule:
            self.rule.found  # noqa: B018 - it is kept

    @classmethod
    def sortable(cls, sort: str) -> TableColumn | None:
        """The column that an order names, with or without a hyphen in front, if the table can be sorted by it."""
        key = sort.removeprefix("-")
        return next((column for column in cls.built_in if column.key == key and column.order), None)

    @staticmethod
    def every_column() -> Sequence[TableColumn]:
        """The columns there are."""
        return company_columns.all_columns()

    @staticmethod
    def searched(text: str, checked: bool) -> Q:
        """The rows that a search box means."""
        return named(text, checked)

    @classmethod
    def everything(cls) -> "QuerySet[Any]":
        """Every row there is to show."""
        return cls.subject.rows().filter(merged_into=None)

    @classmethod
    def checked_everything(cls) -> "QuerySet[Any]":
        """The same, to be walked along an index."""
        return cls.subject.rows().filter(IsNull(Unindexed(F("merged_into")), True))

    @classmethod
    def standing(cls, ids: set[int]) -> set[int]:
        """Those of these ids that are shown."""
        return ids - {*Company.objects.filter(pk__in=ids, merged_into__isnull=False).values_list("pk", flat=True)}

    def without(self, gone: Condition) -> Self:
        """The filters but for one condition."""
        return replace(self, conditions=tuple(each for each in self.conditions if each is not gone))

    def with_all(self, more: Sequence[Condition], rule: TableRule | None = None) -> Self:
        """The filters and more conditions, in the order that an address has them. Raises ``Refused`` for too many."""
        parameters = [each.parameter for each in (*self.conditions, *more)]
        return replace(self, conditions=read_conditions(parameters, self.attributes), rule=rule)

    def companies(self, checked: bool = False) -> Q:
        """The companies that they let through; ``checked`` as in :mod:`~tamis.app.services.value_tests`."""
        asked = [self.searched(self.q, checked)] if self.q else []
        asked += [each.companies(checked) for each in self.conditions]
        asked += [self.rule.those(checked)] if self.rule else []
        return reduce(and_, asked, Q())

    def leading(self, column: str) -> Q:
        """The conditions on a column, as its index takes them: of an order by it they say where to begin."""
        return reduce(and_, (each.companies(False) for each in self.conditions if each.leads(column)), Q())


def _pairs(given: Mapping[str, str] | QueryDict) -> Iterator[tuple[str, str]]:
    if isinstance(given, QueryDict):
        for name, texts in given.lists():
            for text in texts:
                yield name, str(text)
    else:
        yield from given.items()


def filtered(filters: Filters) -> "QuerySet[Any]":
    """The companies (or contacts) that every filter lets through, each once, unsorted."""
    return filters.everything().filter(filters.companies())


def count(filters: Filters) -> int:
    """How many companies the filters let through, however many there are."""
    return filtered(filters).count()


@dataclass(frozen=True)
class Relaxed:
    """The filters but for one, which one in words, and how many companies there are then, up to :data:`FEW`."""

    filters: Filters
    sentence: Message
    companies: int


def relaxed(filters: Filters) -> list[Relaxed]:
    """Which single filter to give up where nothing matches: those that leave some companies, the most first."""
    less = [(filters.without(each), say("Sans « {what} » :", what=str(each.sentence))) for each in filters.conditions]
    if filters.q:
        less.append((replace(filters, q=""), say("Sans la recherche de « {text} » :", text=filters.q)))
    if filters.rule:
        less.append((replace(filters, rule=None), say("Sans la règle :")))
    found = [
        Relaxed(each, sentence, filtered(each).values("pk")[:FEW].count()) for each, sentence in less if each.narrowing
    ]
    return sorted((each for each in found if each.companies), key=lambda each: -each.companies)
