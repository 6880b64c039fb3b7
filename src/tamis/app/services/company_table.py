"""The company table: filtered by what is known of a company and by where it is, sorted, and read a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import NullIf

from tamis.app.models import Claim, ClaimKind, Company, List
from tamis.app.services import lists
from tamis.app.services.companies import existing, named
from tamis.errors import Refused
from tamis.identity.folding import name_key
from tamis.messages import say
from tamis.sources.company_fields import BRACKETS, FIELDS, Part

PAGE = 50
MOST_COUNTED = 10_000
"""Beyond this many the table says « more than »: nobody reads the rest, and counting a million takes its time."""


@dataclass(frozen=True)
class Filters:
    """What somebody asks of the table: texts as typed, empty where nothing is asked."""

    q: str = ""
    segment: str = ""
    list: str = ""
    locked: str = ""
    pinned: str = ""
    department: str = ""
    city: str = ""
    naf: str = ""
    headcount_min: str = ""
    headcount_max: str = ""
    sort: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Filters":
        """The filters among the parameters of an address."""
        return cls(**{each.name: str(given.get(each.name, "")).strip()[:300] for each in fields(cls)})

    def asked(self) -> dict[str, str]:
        """What is asked, the sort order included: the parameters of a short address."""
        return {each.name: text for each in fields(self) if (text := getattr(self, each.name))}

    @property
    def narrowing(self) -> bool:
        """Whether any company may be left out."""
        return bool(self.asked().keys() - {"sort"})


def filtered(filters: Filters) -> QuerySet[Company]:
    """The companies that every filter lets through, each once, unsorted.

    Raises :class:`~tamis.errors.NotFound` for an unknown segment, :class:`~tamis.errors.Refused` for a value that
    cannot be read.
    """
    found = existing()
    for name, text in filters.asked().items():
        if name in _CONDITIONS:
            found = found.filter(_CONDITIONS[name](text))
    return found


def _in_list(text: str) -> Q:
    return Q(list=_number(text))


def _in_city(text: str) -> Q:
    """Cities that contain the text, whatever the case, the accents and the hyphens."""
    key = name_key(text)
    cities = existing().exclude(city="").values_list("city", flat=True).distinct()
    return Q(city__in=[city for city in cities if key in name_key(city)])


def _naf(text: str) -> Q:
    code = "".join(char for char in text.upper() if char.isalnum())
    return Q(naf__startswith=f"{code[:2]}.{code[2:]}" if len(code) > 2 else code)


def _headcount(bound: str, text: str) -> Q:
    """A headcount at the bound or beyond; where only a bracket is known, by the bracket's lower end."""
    number = _number(text)
    inside = [
        code
        for code, (low, _) in BRACKETS.items()
        if code != "NN" and (low >= number if bound == "gte" else low <= number)
    ]
    return Q(**{f"headcount__{bound}": number}) | Q(headcount=None, headcount_bracket__in=inside)


def _number(text: str) -> int:
    digits = "".join(text.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise Refused(say("« {text} » n'est pas un nombre entier.", text=text[:60]), "filter.number")
    return int(digits)


def _standing_pins() -> QuerySet[Claim]:
    return Claim.objects.filter(kind=ClaimKind.HAND, withdrawn_by=None)


_CONDITIONS: Mapping[str, Any] = {
    "q": named,
    "segment": lambda text: Q(list__segment=lists.find_segment(text)),
    "list": _in_list,
    "locked": lambda text: Q(list__locked=text == "yes"),
    "pinned": lambda text: Q(pk__in=_standing_pins().values("company")),
    "department": lambda text: Q(department=text.upper().zfill(2)),
    "city": _in_city,
    "naf": _naf,
    "headcount_min": lambda text: _headcount("gte", text),
    "headcount_max": lambda text: _headcount("lte", text),
}

VALUES = tuple(field.key for field in FIELDS if field.part is Part.VALUE)
"""The fields that hold one plain value."""

SORTS = ("name", "city", "headcount", "revenue", "first_seen")
"""What the table can be sorted by; a hyphen in front turns the order round."""
_COLUMNS: Mapping[str, Any] = {
    "name": F("name_key"),
    "city": NullIf(F("city"), Value("")),
    "first_seen": F("first_seen"),
}


def sort_column(sort: str) -> tuple[str, Any]:
    """Which of :data:`SORTS` an order is, and what it compares; by name for any other word."""
    name = sort.removeprefix("-")
    if name not in SORTS:
        name = "name"
    return name, _COLUMNS.get(name, F(name))


def ordered(companies: QuerySet[Company], sort: str) -> QuerySet[Company]:
    """The companies in an order of :data:`SORTS`, by name for any other word; unknown values last."""
    name, column = sort_column(sort)
    if name == "name":  # always known, and the index is used only when nothing is said of unknown names
        return companies.order_by(column.desc() if sort.startswith("-") else column.asc(), "pk")
    order = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
    return companies.order_by(order, "pk")


@dataclass(frozen=True)
class Page:
    """A page of the table: its companies, those of them that are pinned, and how many there are in all."""

    number: int
    companies: list[Company]
    pinned: frozenset[int]
    total: int
    more_than: bool
    has_next: bool

    @property
    def first(self) -> int:
        """The place of the first company of the page, from 1."""
        return (self.number - 1) * PAGE + 1

    @property
    def last(self) -> int:
        """The place of the last one."""
        return self.first + len(self.companies) - 1


def page(filters: Filters, number: int = 1) -> Page:
    """A page of the table; the rest is counted only where there is a rest, and no further than people read."""
    number = max(1, min(number, 1_000_000))
    start = (number - 1) * PAGE
    found = filtered(filters)
    rows = [*ordered(found, filters.sort).select_related("list")[start : start + PAGE + 1]]
    companies, has_next = rows[:PAGE], len(rows) > PAGE
    total = _count(found) if has_next or (start and not rows) else start + len(companies)
    ids = [company.pk for company in companies]
    pinned = frozenset(_standing_pins().filter(company__in=ids).values_list("company", flat=True))
    return Page(number, companies, pinned, min(total, MOST_COUNTED), total > MOST_COUNTED, has_next)


def count(filters: Filters) -> tuple[int, bool]:
    """How many companies the filters let through, counted to :data:`MOST_COUNTED`, and whether there are more."""
    total = _count(filtered(filters))
    return min(total, MOST_COUNTED), total > MOST_COUNTED


def rows_as_json(companies: Sequence[Company]) -> list[dict[str, Any]]:
    """Companies as rows of the table: where each is, and its plain values as they are."""
    ids = [company.pk for company in companies]
    pinned = frozenset(_standing_pins().filter(company__in=ids).values_list("company", flat=True))
    return [
        {
            "id": company.pk,
            "name": company.name,
            "siren": company.siren,
            "segment": company.list.segment,
            "list": company.list.name,
            "list_id": company.list_id,
            "locked": company.list.locked,
            "pinned": company.pk in pinned,
            **{key: getattr(company, key) for key in VALUES},
            "extra": company.extra,
            "updated_at": company.updated_at,
        }
        for company in companies
    ]


def _count(found: QuerySet[Company]) -> int:
    return found.values("pk")[: MOST_COUNTED + 1].count()


def lists_by_segment() -> dict[str, list[List]]:
    """Every list under its segment, to choose from."""
    grouped: dict[str, list[List]] = {}
    for each in lists.existing():
        grouped.setdefault(each.segment, []).append(each)
    return grouped
