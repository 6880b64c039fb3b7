"""The company table: filtered by what is known of a company and by where it is, sorted, and read a page at a time.

A page is quick with a million companies whatever is asked. Where few companies match (:data:`FEW`), their ids come first,
through the indexes of the conditions, and are then sorted. Where many match, the index of the order is walked and each
company checked until the page is full. Pages go on from a company, not from a number.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.lookups import Exact, GreaterThan, IsNull
from django.http import QueryDict

from tamis.app.models import Claim, ClaimKind, Company, List
from tamis.app.services import company_columns, lists
from tamis.app.services.companies import existing
from tamis.app.services.company_columns import USUAL, TableColumn
from tamis.app.services.company_conditions import Condition, as_parameters, condition, named, read_conditions
from tamis.app.services.value_tests import After, Unindexed
from tamis.messages import Message, say

PAGE = 50
FEW = 5_000
"""Up to so many companies are found first and sorted then; so many are counted at once."""
_OTHERS = frozenset({"q", "sort", "cols", "density", "after", "before", "page", "format", "view"})
"""The parameters of the table's address that are no conditions."""


@dataclass(frozen=True)
class Filters:
    """What somebody asks of the table: a search, conditions joined by and, an order, columns, how dense."""

    q: str = ""
    conditions: tuple[Condition, ...] = ()
    sort: str = "name"
    columns: tuple[str, ...] = USUAL
    compact: bool = False

    @classmethod
    def read(cls, given: Mapping[str, str] | QueryDict) -> "Filters":
        """The filters among the parameters of an address.

        Raises :class:`~tamis.errors.NotFound` for what the table does not have, with the nearest thing it has, and
        :class:`~tamis.errors.Refused` for a value that cannot be read.
        """
        pairs = [*_pairs(given)]
        alone: dict[str, str] = {}
        for name, text in pairs:
            if name in _OTHERS:  # the form of the columns gives each one a parameter of its own
                alone[name] = f"{alone[name]},{text}" if name == "cols" and name in alone else text.strip()
        conditions = read_conditions((name, text) for name, text in pairs if name not in _OTHERS)
        columns = [key for key in alone.get("cols", "").split(",") if key]
        sort = alone.get("sort", "")
        return cls(
            alone.get("q", "")[:300],
            conditions,
            sort if company_columns.sortable(sort.removeprefix("-")) else "name",
            tuple(column.key for column in company_columns.find(columns)) if columns else USUAL,
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
        if self.columns != USUAL:
            query["cols"] = ",".join(self.columns)
        if self.compact:
            query["density"] = "compact"
        return query.urlencode(safe="|,")

    def matching(self) -> str:
        """The part of the address that says which companies."""
        return replace(self, sort="name", columns=USUAL, compact=False).query()

    @property
    def narrowing(self) -> bool:
        """Whether any company may be left out."""
        return bool(self.q or self.conditions)

    def without(self, gone: Condition) -> "Filters":
        """The filters but for one condition."""
        return replace(self, conditions=tuple(each for each in self.conditions if each is not gone))

    def with_one(self, key: str, operator: str, text: str) -> "Filters":
        """The filters and one more condition."""
        parameters = [each.parameter for each in (*self.conditions, condition(key, operator, text))]
        return replace(self, conditions=read_conditions(parameters))

    def companies(self, checked: bool = False) -> Q:
        """The companies that they let through; ``checked`` as in :mod:`~tamis.app.services.value_tests`."""
        found = named(self.q, checked) if self.q else Q()
        for each in self.conditions:
            found &= each.companies(checked)
        return found


def _pairs(given: Mapping[str, str] | QueryDict) -> Iterator[tuple[str, str]]:
    if isinstance(given, QueryDict):
        for name, texts in given.lists():
            for text in texts:
                yield name, str(text)
    else:
        yield from given.items()


def filtered(filters: Filters) -> QuerySet[Company]:
    """The companies that every filter lets through, each once, unsorted."""
    return existing().filter(filters.companies())


def count(filters: Filters) -> int:
    """How many companies the filters let through, however many there are."""
    return filtered(filters).count()


@dataclass(frozen=True)
class Page:
    """A page of the table: its companies, those of them that are pinned, and how many there are in all.

    ``total`` is exact unless ``more_than``; ``number`` is the page's, as far as its address can tell.
    """

    number: int
    companies: list[Company]
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
    rows, total = _reach(filters)
    order = _Order.of(filters.sort)
    start = order.place_of(after if before is None else before)
    backwards = start is not None and before is not None
    found = order.take(rows, start, backwards, PAGE + 1)
    more, companies = len(found) > PAGE, found[:PAGE]
    if backwards and not more:
        return page(filters)
    if backwards:
        companies.reverse()
    number = 1 if start is None else max(number, 2)
    return Page(
        number,
        _with_lists(companies),
        pinned([company.pk for company in companies]),
        min(total, FEW),
        total > FEW,
        has_previous=more if backwards else start is not None,
        has_next=bool(start) if backwards else more,
    )


def _reach(filters: Filters) -> tuple[QuerySet[Company], int]:
    """The companies to take pages from, in the form that suits how many they are; and their number, up to one more."""
    everything = Company.objects.filter(IsNull(Unindexed(F("merged_into")), True))
    if not filters.narrowing:
        return everything, existing().values("pk")[: FEW + 1].count()
    ids = [*filtered(filters).values_list("pk", flat=True)[: FEW + 1]]
    if len(ids) > FEW:
        return everything.filter(filters.companies(checked=True)), len(ids)
    return Company.objects.filter(pk__in=ids), len(ids)


def _with_lists(companies: list[Company]) -> list[Company]:
    """The companies with their lists: apart, so that SQLite does not begin with the lists."""
    known = List.objects.in_bulk({company.list_id for company in companies})
    for company in companies:
        company.list = known[company.list_id]
    return companies


def pinned(ids: Iterable[int]) -> frozenset[int]:
    """Those of the companies that a person pinned."""
    pins = Claim.objects.filter(kind=ClaimKind.HAND, withdrawn_by=None, company__in=[*ids])
    return frozenset(pins.values_list("company", flat=True))


@dataclass(frozen=True)
class _Stretch:
    """A stretch of the table that one index gives in order: the companies whose value is known, or the others."""

    only: Q
    columns: tuple[str, ...]
    down: bool

    def take(self, rows: QuerySet[Company], start: tuple[Any, ...] | None, backwards: bool, n: int) -> list[Company]:
        """So many companies of the stretch, from its beginning (its end, backwards) or from a place in it."""
        down = self.down != backwards
        rows = rows.filter(self.only)
        if start is not None:
            rows = rows.filter(After(self.columns, start, before=down))
        return [*rows.order_by(*(f"-{column}" if down else column for column in self.columns))[:n]]


@dataclass(frozen=True)
class _Order:
    """An order of the table: what is unknown comes last, in whichever direction."""

    stretches: tuple[_Stretch, ...]

    @classmethod
    def of(cls, sort: str) -> "_Order":
        """The order that a column's key means; a hyphen in front turns it round."""
        column = company_columns.sortable(sort.removeprefix("-")) or company_columns.COLUMNS[0]
        down, columns = sort.startswith("-"), (*column.order, "id")
        if _always_known(column):
            return cls((_Stretch(Q(), columns, down),))
        first = F(columns[0])
        if Company._meta.get_field(columns[0]).null:
            known, unknown = Q(IsNull(first, False)), Q(IsNull(first, True))
        else:
            known, unknown = Q(GreaterThan(first, "")), Q(Exact(first, ""))
        return cls((_Stretch(known, columns, down), _Stretch(unknown, columns[1:], False)))

    def place_of(self, pk: int | None) -> tuple[int, tuple[Any, ...]] | None:
        """Where a company stands: which stretch, and its values there; ``None`` for one that is not there."""
        if pk is None:
            return None
        for n, stretch in enumerate(self.stretches):
            row = Company.objects.filter(stretch.only, pk=pk).values_list(*stretch.columns).first()
            if row is not None:
                return n, tuple(row)
        return None

    def take(
        self, rows: QuerySet[Company], start: tuple[int, tuple[Any, ...]] | None, backwards: bool, n: int
    ) -> list[Company]:
        """So many companies from a place on, through as many stretches as it takes."""
        places = [*range(len(self.stretches))]
        if backwards:
            places.reverse()
        if start is not None:
            places = places[places.index(start[0]) :]
        found: list[Company] = []
        for place in places:
            values = start[1] if start is not None and start[0] == place else None
            found += self.stretches[place].take(rows, values, backwards, n - len(found))
            if len(found) == n:
                break
        return found


def _always_known(column: TableColumn) -> bool:
    return column.key in ("name", "first_seen", "updated")


@dataclass(frozen=True)
class Relaxed:
    """The filters but for one, what that one says, and how many companies there are then, up to :data:`FEW`."""

    filters: Filters
    sentence: Message
    companies: int


def relaxed(filters: Filters) -> list[Relaxed]:
    """Which single filter to give up where nothing matches: those that leave some companies, the most first."""
    less = [(filters.without(each), each.sentence) for each in filters.conditions]
    if filters.q:
        less.append((replace(filters, q=""), say("recherche de « {text} »", text=filters.q)))
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
