"""The company table: filtered by what is known of a company and by where it is, sorted, and read a page at a time.

A page is quick with a million companies whatever is asked. Where few companies match
(:data:`~tamis.app.services.company_filters.FEW`), their ids come first, through the indexes of the conditions, and are
then sorted. Where many match, the index of the order is walked and each company checked until the page is full, or,
when that takes too long (:data:`~tamis.app.services.table_orders.HORIZON`), what matches is sorted after all. Pages go
on from a company, not from a number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, prefetch_related_objects
from django.db.models.lookups import IsNull

from tamis.app.models import Claim, ClaimKind, Company, List
from tamis.app.services import lists
from tamis.app.services.company_filters import Filters
from tamis.app.services.subjects import COMPANY
from tamis.app.services.table_orders import Order, Reach
from tamis.app.services.value_tests import Unindexed
from tamis.sources.company_fields import FIELDS, Part

PAGE = 50


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
    reach = Reach.of(filters)
    order = Order.of(filters)
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
        _with_lists(companies) if filters.subject is COMPANY else companies,
        pinned([company.pk for company in companies]) if filters.subject is COMPANY else frozenset(),
        reach.total,
        reach.more_than,
        has_previous=more if backwards else start is not None,
        has_next=bool(start) if backwards else more,
    )


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
    standing = IsNull(Unindexed(F("withdrawn_by")), True)  # nearly all claims stand: by the companies there are fewer
    pins = Claim.objects.filter(standing, kind=ClaimKind.HAND, company__in=[*ids])
    return frozenset(pins.values_list("company", flat=True))


def lists_by_segment() -> dict[str, list[List]]:
    """Every list under its segment, to choose from."""
    grouped: dict[str, list[List]] = {}
    for each in lists.existing():
        grouped.setdefault(each.segment, []).append(each)
    return grouped
