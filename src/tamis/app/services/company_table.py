"""The company table: filtered by what is known of a company and by where it is, sorted, and read a page at a time.

A page is quick with a million companies whatever is asked. Where few companies match (:data:`FEW`), their ids come
first, through the indexes of the conditions, and are then sorted. Where many match, the index of the order is walked
and each company checked until the page is full, or, when that takes too long (:data:`HORIZON`), what matches is sorted
after all. Pages go on from a company, not from a number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import Any, ClassVar, Self

from django.db.models import F, Model, Q, QuerySet, prefetch_related_objects
from django.db.models.lookups import IsNull
from django.http import QueryDict

from tamis.app.models import Claim, ClaimKind, Company, List
from tamis.app.services import company_attributes, company_columns, lists
from tamis.app.services.company_columns import USUAL, TableColumn
from tamis.app.services.company_conditions import (
    Attributes,
    Condition,
    as_parameters,
    condition,
    named,
    read_conditions,
)
from tamis.app.services.value_tests import After, Column, Unindexed, column
from tamis.messages import Message, say
from tamis.sources.company_fields import FIELDS, Part

PAGE = 50
FEW = 5_000
"""Up to so many companies are found first and sorted then; so many are counted at once."""
NOT_CONDITIONS = frozenset({"q", "sort", "cols", "density", "after", "before", "page", "format", "view"})
"""The parameters of the table's address that are no conditions."""


@dataclass(frozen=True)
class Filters:
    """What somebody asks of the table: a search, conditions joined by and, an order, columns, how dense.

    The class variables say what the table is of: :class:`~tamis.app.services.contact_table.ContactFilters` is another.
    """

    attributes: ClassVar[Attributes] = company_attributes
    built_in: ClassVar[tuple[TableColumn, ...]] = company_columns.COLUMNS
    usual: ClassVar[tuple[str, ...]] = USUAL
    model: ClassVar[type[Model]] = Company
    always_known: ClassVar[frozenset[str]] = frozenset({"name", "first_seen", "updated"})

    q: str = ""
    conditions: tuple[Condition, ...] = ()
    sort: str = "name"
    columns: tuple[str, ...] = USUAL
    compact: bool = False

    @classmethod
    def read(cls, given: Mapping[str, str] | QueryDict) -> Self:
        """The filters among the parameters of an address.

        Raises :class:`~tamis.errors.NotFound` for what the table does not have, with the nearest thing it has, and
        :class:`~tamis.errors.Refused` for a value that cannot be read.
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
        )

    def query(self) -> str:
        """The filters as an address says them: short, readable, the same whoever made it."""
        query = QueryDict(mutable=True)
        if self.q:
            query["q"] = self.q
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
        return bool(self.q or self.conditions)

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
        return cls.model._default_manager.filter(merged_into=None)

    @classmethod
    def checked_everything(cls) -> "QuerySet[Any]":
        """The same, to be walked along an index."""
        return cls.model._default_manager.filter(IsNull(Unindexed(F("merged_into")), True))

    @classmethod
    def standing(cls, ids: set[int]) -> set[int]:
        """Those of these ids that are shown."""
        return ids - {*Company.objects.filter(pk__in=ids, merged_into__isnull=False).values_list("pk", flat=True)}

    def without(self, gone: Condition) -> Self:
        """The filters but for one condition."""
        return replace(self, conditions=tuple(each for each in self.conditions if each is not gone))

    def with_one(self, key: str, operator: str, text: str) -> Self:
        """The filters and one more condition."""
        parameters = [each.parameter for each in (*self.conditions, condition(key, operator, text, self.attributes))]
        return replace(self, conditions=read_conditions(parameters, self.attributes))

    def companies(self, checked: bool = False) -> Q:
        """The companies that they let through; ``checked`` as in :mod:`~tamis.app.services.value_tests`."""
        asked = [self.searched(self.q, checked)] if self.q else []
        asked += [each.companies(checked) for each in self.conditions]
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
class Page:
    """A page of the table: its companies, those of them that are pinned, and how many there are in all.

    ``total`` is exact unless ``more_than``; ``number`` is the page's, as far as its address can tell.
    """

    number: int
    companies: list[Any]
    pinned: frozenset[int]
    total: int
    more_than: bool
    has_previous: bool
    has_next: bool

    @property
    def first(self) -> int:
        """The place of the first company of the page, from 1."""
        return (self.number - 1) * PAGE + 1

    @property
    def last(self) -> int:
        """The place of the last one."""
        return self.first + len(self.companies) - 1


def page(filters: Filters, number: int = 1, *, after: int | None = None, before: int | None = None) -> Page:
    """A page of the table: the first one, or the one that comes after or before a company."""
    reach = _Reach.of(filters)
    order = _Order.of(filters)
    start = order.place_of(after if before is None else before)
    backwards = start is not None and before is not None
    found = order.take(reach, start, backwards, PAGE + 1)
    more, companies = len(found) > PAGE, found[:PAGE]
    if backwards and not more:
        return page(filters)
    if backwards:
        companies.reverse()
    number = 1 if start is None else max(number, 2)
    return Page(
        number,
        _with_lists(companies) if filters.model is Company else companies,
        pinned([company.pk for company in companies]) if filters.model is Company else frozenset(),
        min(reach.total, FEW),
        reach.total > FEW,
        has_previous=more if backwards else start is not None,
        has_next=bool(start) if backwards else more,
    )


@dataclass(frozen=True)
class _Reach:
    """The companies to take pages from, found and, where there are many, to be checked along an order; how many."""

    asked: Filters
    found: "QuerySet[Any]"
    checked: "QuerySet[Any] | None"
    total: int

    @classmethod
    def of(cls, filters: Filters) -> "_Reach":
        """The companies that the filters let through; their number is exact up to :data:`FEW`."""
        rows = filters.model._default_manager
        everything = filters.checked_everything()
        asked = filters.companies()
        found = filters.everything().filter(asked)
        if not filters.narrowing:
            return cls(filters, found, everything, found.values("pk")[: FEW + 1].count())
        # Merged companies are taken out afterwards: an index alone then answers a single condition.
        ids = {*rows.filter(asked).values_list("pk", flat=True)[: FEW + 1]}
        if len(ids) > FEW:
            return cls(filters, found, everything.filter(filters.companies(checked=True)), len(ids))
        ids = filters.standing(ids)
        return cls(filters, rows.filter(pk__in=ids), None, len(ids))


def _with_lists(companies: list[Company]) -> list[Company]:
    """The companies with their lists: apart, so that SQLite does not begin with the lists."""
    known = List.objects.in_bulk({company.list_id for company in companies})
    for company in companies:
        company.list = known[company.list_id]
    if any(company.status_id for company in companies):
        prefetch_related_objects(companies, "status")
    return companies


VALUES = tuple(field.key for field in FIELDS if field.part is Part.VALUE)
"""The fields that hold one plain value."""


def rows_as_json(companies: Sequence[Company]) -> list[dict[str, Any]]:
    """Companies as rows of the table: where each is, and its plain values as they are."""
    pins = pinned([company.pk for company in companies])
    return [
        {
            "id": company.pk,
            "name": company.name,
            "siren": company.siren,
            "segment": company.list.segment,
            "list": company.list.name,
            "list_id": company.list_id,
            "locked": company.list.locked,
            "pinned": company.pk in pins,
            **{key: getattr(company, key) for key in VALUES},
            "extra": company.extra,
            "updated_at": company.updated_at,
        }
        for company in companies
    ]


def pinned(ids: Iterable[int]) -> frozenset[int]:
    """Those of the companies that a person pinned."""
    pins = Claim.objects.filter(kind=ClaimKind.HAND, withdrawn_by=None, company__in=[*ids])
    return frozenset(pins.values_list("company", flat=True))


HORIZON = 10_000
"""So many companies are looked at along an order before it is given up: what matches may all be at its end."""
Place = tuple[int, tuple[Any, ...]]
"""Where a company stands in an order: its stretch, and its values there."""


class _TooFar(Exception):
    """Too few companies match along the way."""


@dataclass(frozen=True)
class _Stretch:
    """A stretch of the table that one index gives in order: the companies whose value is known, or the others."""

    first: str
    known: bool | None
    columns: tuple[str, ...]
    down: bool

    model: type[Model]

    def only(self, checked: bool) -> Q:
        """The companies of the stretch."""
        if self.known is None:
            return Q()
        place = Column(self.first, model=self.model)
        return place.known(checked) if self.known else place.unknown(checked)

    def walk(self, reach: "_Reach", start: tuple[Any, ...] | None, down: bool, n: int) -> list[Any]:
        """So many companies along the index. Raises :class:`_TooFar` when the horizon comes first."""
        assert reach.checked is not None
        bound = self.only(False) & reach.asked.leading(self.first)
        way = self._from(self.model._default_manager.filter(bound), start, down, False)
        horizon = way.values_list(*self.columns)[HORIZON : HORIZON + 1].first()
        # SQLite takes the first lower bound it is given: the nearest one has to be the only one.
        near = start is not None if not down else horizon is not None
        rows = self._from(reach.checked if self.known and near else reach.checked.filter(bound), start, down, False)
        if horizon is not None:
            columns = [F(name) for name in self.columns]
            rows = rows.filter(After(columns, horizon, ">=" if down else "<="))
        found = [*rows[:n]]
        if horizon is not None and len(found) < n:
            raise _TooFar
        return found

    def sort(self, reach: "_Reach", start: tuple[Any, ...] | None, down: bool, n: int) -> list[Any]:
        """So many companies of those that were found, put in order: their ids first, whole rows are heavy to sort."""
        ids = [*self._from(reach.found.filter(self.only(True)), start, down, True).values_list("pk", flat=True)[:n]]
        known = self.model._default_manager.in_bulk(ids)
        return [known[id] for id in ids if id in known]

    def _from(self, rows: "QuerySet[Any]", start: tuple[Any, ...] | None, down: bool, checked: bool) -> "QuerySet[Any]":
        columns = [column(name, checked) for name in self.columns]
        if start is not None:
            rows = rows.filter(After(columns, start, "<" if down else ">"))
        return rows.order_by(*(each.desc() if down else each.asc() for each in columns))


@dataclass(frozen=True)
class _Order:
    """An order of the table: what is unknown comes last, in whichever direction."""

    stretches: tuple[_Stretch, ...]

    @classmethod
    def of(cls, filters: Filters) -> "_Order":
        """The order that a column's key means; a hyphen in front turns it round."""
        sort, model = filters.sort, filters.model
        heading = filters.sortable(sort) or filters.built_in[0]
        down, columns = sort.startswith("-"), (*heading.order, "id")
        first = columns[0]
        if heading.key in filters.always_known:
            return cls((_Stretch(first, None, columns, down, model),))
        return cls((_Stretch(first, True, columns, down, model), _Stretch(first, False, columns[1:], False, model)))

    def place_of(self, pk: int | None) -> Place | None:
        """Where a company stands; ``None`` for one that is not there."""
        if pk is None:
            return None
        for n, stretch in enumerate(self.stretches):
            row = stretch.model._default_manager.filter(stretch.only(True), pk=pk).values_list(*stretch.columns).first()
            if row is not None:
                return n, tuple(row)
        return None

    def take(self, reach: "_Reach", start: Place | None, backwards: bool, n: int) -> list[Any]:
        """So many companies from a place on, through as many stretches as it takes."""
        if reach.checked is not None:
            try:
                return self._take(_Stretch.walk, reach, start, backwards, n)
            except _TooFar:
                pass
        return self._take(_Stretch.sort, reach, start, backwards, n)

    def _take(self, way: Any, reach: "_Reach", start: Place | None, backwards: bool, n: int) -> list[Any]:
        places = [*range(len(self.stretches))]
        if backwards:
            places.reverse()
        if start is not None:
            places = places[places.index(start[0]) :]
        found: list[Any] = []
        for place in places:
            stretch = self.stretches[place]
            values = start[1] if start is not None and start[0] == place else None
            found += way(stretch, reach, values, stretch.down != backwards, n - len(found))
            if len(found) == n:
                break
        return found


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
    found = [
        Relaxed(each, sentence, filtered(each).values("pk")[:FEW].count()) for each, sentence in less if each.narrowing
    ]
    return sorted((each for each in found if each.companies), key=lambda each: -each.companies)


def lists_by_segment() -> dict[str, list[List]]:
    """Every list under its segment, to choose from."""
    grouped: dict[str, list[List]] = {}
    for each in lists.existing():
        grouped.setdefault(each.segment, []).append(each)
    return grouped
