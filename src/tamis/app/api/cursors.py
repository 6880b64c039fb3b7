"""Pages by cursor: what comes after the last row seen, so that nothing is skipped or shown twice when rows come in."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet

from tamis.app.api.errors import Invalid
from tamis.app.api.shapes import Paging
from tamis.messages import say

T = TypeVar("T")


@dataclass(frozen=True)
class Order:
    """Rows by an expression, unknown values last, then by number; or by number alone."""

    name: str = "id"
    key: Any = None
    descending: bool = False
    nullable: bool = False


OLDEST = Order("oldest")
NEWEST = Order("newest", descending=True)


def page(rows: "QuerySet[Any]", paging: Paging, order: Order = OLDEST) -> tuple[list[Any], str | None]:
    """The rows of a page in this order, and the cursor of the next page. Raises :class:`Invalid` for a bad cursor."""
    rows = _ordered(rows, order)
    if paging.cursor:
        rows = rows.filter(_beyond(order, *_read(paging.cursor, order)))
    found = [*rows[: paging.limit + 1]]
    shown = found[: paging.limit]
    more = len(found) > paging.limit
    return shown, _written(shown[-1], order) if more else None


def page_of(items: Sequence[T], paging: Paging, name: str) -> tuple[Sequence[T], str | None]:
    """A page of what never changes, so that a place in it is a cursor; ``name`` tells it from others."""
    order = Order(name)
    start = _read(paging.cursor, order)[1] if paging.cursor else 0
    end = start + paging.limit
    return items[start:end], signing.dumps([None, end], salt=_salt(order)) if end < len(items) else None


def written_place(place: Any, name: str) -> str:
    """A cursor for a place of any kind, which no list but that of this name takes."""
    return signing.dumps(place, salt=_salt(Order(name)))


def place_of(cursor: str, name: str) -> Any:
    """The place that :func:`written_place` wrote. Raises :class:`Invalid`."""
    return _read(cursor, Order(name))


def _ordered(rows: "QuerySet[Any]", order: Order) -> "QuerySet[Any]":
    if order.key is None:
        return rows.order_by("-pk" if order.descending else "pk")
    rows = rows.annotate(sort_key=order.key)
    if not order.nullable:  # an index serves only where nothing is said of unknown values
        return rows.order_by("-sort_key" if order.descending else "sort_key", "pk")
    key = rows.query.annotations["sort_key"]
    return rows.order_by(key.desc(nulls_last=True) if order.descending else key.asc(nulls_last=True), "pk")


def _beyond(order: Order, value: Any, pk: int) -> Q:
    """The condition that a row comes after the one with this value and number."""
    if order.key is None:
        return Q(pk__lt=pk) if order.descending else Q(pk__gt=pk)
    if value is None:
        return Q(sort_key__isnull=True, pk__gt=pk)
    word = "lt" if order.descending else "gt"
    after = Q(**{f"sort_key__{word}": value}) | Q(sort_key=value, pk__gt=pk)
    if order.nullable:
        return after | Q(sort_key__isnull=True)
    return after & Q(**{f"sort_key__{word}e": value})


def _written(row: Model, order: Order) -> str:
    value = getattr(row, "sort_key", None)
    return signing.dumps([str(value) if isinstance(value, Decimal | date) else value, row.pk], salt=_salt(order))


def _read(cursor: str, order: Order) -> tuple[Any, int]:
    try:
        value, pk = signing.loads(cursor, salt=_salt(order))
    except (signing.BadSignature, ValueError):
        raise Invalid(
            say("Ce curseur n'est pas de cette liste : reprenez « next » de la page d'avant, avec le même tri."),
            "cursor", field="cursor", where="query",
        ) from None  # fmt: skip
    return value, pk


def _salt(order: Order) -> str:
    return "cursor:" + hashlib.sha256(f"{order.name}:{order.descending}".encode()).hexdigest()[:16]
