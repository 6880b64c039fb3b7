"""The order of a table: walked along an index, or what was found put in order."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, Model, OuterRef, Q, QuerySet, Value, When
from django.db.models.lookups import Exact

from tamis.app.models import Status
from tamis.app.services.company_filters import FEW, Filters
from tamis.app.services.value_tests import After, Column, column


@dataclass(frozen=True)
class Reach:
    """The companies to take pages from, found and, where there are many, to be checked along an order; how many."""

    asked: Filters
    found: "QuerySet[Any]"
    checked: "QuerySet[Any] | None"
    total: int
    """How many, up to :data:`~tamis.app.services.company_filters.FEW`."""
    more_than: bool

    @classmethod
    def of(cls, filters: Filters) -> "Reach":
        """The companies that the filters let through."""
        rows = filters.subject.model._default_manager
        everything = filters.checked_everything()
        asked = filters.companies()
        found = filters.everything().filter(asked)
        if not filters.narrowing:
            total = found.values("pk")[: FEW + 1].count()
            return cls(filters, found, everything, min(total, FEW), total > FEW)
        if filters.rule_alone > FEW:  # known already
            return cls(filters, found, everything.filter(filters.companies(checked=True)), FEW, True)
        # Merged companies are taken out afterwards: an index alone then answers a single condition.
        ids = {*rows.filter(asked).values_list("pk", flat=True)[: FEW + 1]}
        if len(ids) > FEW:
            return cls(filters, found, everything.filter(filters.companies(checked=True)), FEW, True)
        ids = filters.standing(ids)
        return cls(filters, rows.filter(pk__in=ids), None, len(ids), False)


HORIZON = 10_000
"""So many companies are looked at along an order before it is given up: what matches may all be at its end."""
LEAST = 500
"""So many are looked at of each status, however many statuses there are."""
Place = tuple[int, tuple[Any, ...]]
"""Where a company stands in an order: its stretch, and its values there."""


class _TooFar(Exception):
    """Too few companies match along the way."""


@dataclass(frozen=True)
class Stretch:
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

    def walk(self, reach: "Reach", start: tuple[Any, ...] | None, down: bool, n: int) -> list[Any]:
        """So many companies along the index. Raises :class:`_TooFar` when the horizon comes first."""
        assert reach.checked is not None
        bound = self.only(False) & reach.asked.leading(self.first)
        way = self._from(self.model._default_manager.filter(bound), start, down, False)
        far = self.horizon()
        horizon = way.values_list(*self.columns)[far : far + 1].first()
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

    def sort(self, reach: "Reach", start: tuple[Any, ...] | None, down: bool, n: int) -> list[Any]:
        """So many companies of those that were found, put in order: their ids first, whole rows are heavy to sort."""
        ids = [*self._from(reach.found.filter(self.only(True)), start, down, True).values_list("pk", flat=True)[:n]]
        known = self.model._default_manager.in_bulk(ids)
        return [known[id] for id in ids if id in known]

    def horizon(self) -> int:
        """How many companies are looked at at most."""
        return HORIZON

    def _from(self, rows: "QuerySet[Any]", start: tuple[Any, ...] | None, down: bool, checked: bool) -> "QuerySet[Any]":
        columns = self._columns(checked)
        if start is not None:
            rows = rows.filter(After(columns, start, "<" if down else ">"))
        return rows.order_by(*(each.desc() if down else each.asc() for each in columns))

    def _columns(self, checked: bool) -> list[Any]:
        return [column(name, checked) for name in self.columns]


@dataclass(frozen=True)
class _OneStatus(Stretch):
    """Those that have one status, by their ids."""

    status: int
    share: int
    """Among how many such stretches one walk goes."""

    def only(self, checked: bool) -> Q:
        return Q(Exact(column(self.first, checked), self.status))

    def horizon(self) -> int:
        return max(HORIZON // self.share, LEAST)


@dataclass(frozen=True)
class _Statuses(Stretch):
    """Those that have a status, in the users' order: walked one status after the other, sorted by its place."""

    statuses: tuple[int, ...]

    @classmethod
    def of(cls, down: bool, model: type[Model]) -> "_Statuses":
        """The statuses that somebody has."""
        held = model._default_manager.filter(status=OuterRef("pk"))
        statuses = Status.objects.filter(Exists(held)).order_by("position", "pk").values_list("pk", flat=True)
        return cls("status", True, ("status", "id"), down, model, (*statuses,))

    def walk(self, reach: "Reach", start: tuple[Any, ...] | None, down: bool, n: int) -> list[Any]:
        found: list[Any] = []
        order = sorted(self.statuses, key=self._place, reverse=down)
        if start is not None:
            order = order[order.index(start[0]) :] if start[0] in order else []
        for status in order:
            one = _OneStatus(self.first, None, ("id",), down, self.model, status, len(self.statuses))
            found += one.walk(reach, start[1:] if start and start[0] == status else None, down, n - len(found))
            if len(found) == n:
                break
        return found

    def _from(self, rows: "QuerySet[Any]", start: tuple[Any, ...] | None, down: bool, checked: bool) -> "QuerySet[Any]":
        return super()._from(rows, (self._place(start[0]), *start[1:]) if start else None, down, checked)

    def _columns(self, checked: bool) -> list[Any]:
        places = [When(status=status, then=Value(place)) for place, status in enumerate(self.statuses)]
        return [Case(*places, default=Value(len(places)), output_field=IntegerField()), column("id", checked)]

    def _place(self, status: int) -> int:
        """A status that was given to its first one a moment ago comes last."""
        return self.statuses.index(status) if status in self.statuses else len(self.statuses)


@dataclass(frozen=True)
class Order:
    """An order of the table: what is unknown comes last, in whichever direction."""

    stretches: tuple[Stretch, ...]

    @classmethod
    def of(cls, filters: Filters) -> "Order":
        """The order that a column's key means; a hyphen in front turns it round."""
        sort, model = filters.sort, filters.subject.model
        heading = filters.sortable(sort) or filters.built_in[0]
        down, columns = sort.startswith("-"), (*heading.order, "id")
        first = columns[0]
        if heading.key in filters.always_known:
            return cls((Stretch(first, None, columns, down, model),))
        if heading.key == "status":
            return cls((_Statuses.of(down, model), Stretch(first, False, columns[1:], False, model)))
        return cls((Stretch(first, True, columns, down, model), Stretch(first, False, columns[1:], False, model)))

    def place_of(self, pk: int | None) -> Place | None:
        """Where a company stands; ``None`` for one that is not there."""
        if pk is None:
            return None
        for n, stretch in enumerate(self.stretches):
            row = stretch.model._default_manager.filter(stretch.only(True), pk=pk).values_list(*stretch.columns).first()
            if row is not None:
                return n, tuple(row)
        return None

    def take(self, reach: "Reach", start: Place | None, backwards: bool, n: int) -> list[Any]:
        """So many companies from a place on, through as many stretches as it takes."""
        if reach.checked is not None:
            try:
                return self._take(True, reach, start, backwards, n)
            except _TooFar:
                pass
        return self._take(False, reach, start, backwards, n)

    def _take(self, walking: bool, reach: "Reach", start: Place | None, backwards: bool, n: int) -> list[Any]:
        places = [*range(len(self.stretches))]
        if backwards:
            places.reverse()
        if start is not None:
            places = places[places.index(start[0]) :]
        found: list[Any] = []
        for place in places:
            stretch = self.stretches[place]
            values = start[1] if start is not None and start[0] == place else None
            way = stretch.walk if walking else stretch.sort
            found += way(reach, values, stretch.down != backwards, n - len(found))
            if len(found) == n:
                break
        return found
