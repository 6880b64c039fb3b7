"""Adding a filter to the company table: an attribute, then how it is asked, then the value."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from tamis.app.gates import Right, gate
from tamis.app.services import company_attributes, contact_attributes
from tamis.app.services.company_attributes import Attribute, Kind
from tamis.app.services.company_conditions import (
    RANGE,
    SEVERAL,
    Condition,
    Operator,
    Takes,
    find_operator,
    operators_of,
)
from tamis.app.services.company_filters import Filters
from tamis.app.services.contact_table import ContactFilters
from tamis.errors import TamisError

MOST_SUGGESTED = 12


@dataclass(frozen=True)
class TableOf:
    """A table's addresses, and what reads its filters."""

    filters: type[Filters]
    attributes: Any
    name: str

    @property
    def at(self) -> dict[str, str]:
        """The addresses that the templates of every table lead to."""
        parts = ("filter", "values", "count", "relax", "view-new", "view-default")
        names = {"index": self.name, "as_audience": f"audience-of-{self.name}"} | {
            each.replace("-", "_"): f"{self.name}-{each}" for each in parts
        }
        return {each: reverse(name) for each, name in names.items()}


TABLES = {
    "company": TableOf(Filters, company_attributes, "companies"),
    "contact": TableOf(ContactFilters, contact_attributes, "contacts"),
}


def table_address(filters: Filters, view: str = "") -> str:
    """The address of the table with these filters, and with the saved view that they came from."""
    query = "&".join(part for part in (filters.query(), f"view={view}" if view else "") if part)
    index = reverse(TABLES[filters.subject.key].name)
    return f"{index}?{query}" if query else index


def parameters(filters: Filters) -> list[tuple[str, str]]:
    """The filters as the hidden fields of a form."""
    return [(name, text) for name, texts in QueryDict(filters.query()).lists() for text in texts]


@dataclass(frozen=True)
class Chip:
    """A condition above the table: in words, and the addresses that change it and take it away."""

    condition: Condition
    change: str
    remove: str


def chips(filters: Filters, view: str) -> list[Chip]:
    """A chip for each condition."""
    on = table_address(filters, view).partition("?")[2]
    to = TABLES[filters.subject.key].at["filter"]
    return [
        Chip(each, f"{to}?{_change(each, on)}", table_address(filters.without(each), view))
        for each in filters.conditions
    ]  # fmt: skip


def _change(condition: Condition, on: str) -> str:
    query = QueryDict(mutable=True)
    query.update({"field": condition.attribute.key, "operator": condition.operator.key})
    query.setlist("value", condition.texts)
    query.update({"was": condition.parameter[0], "on": on})
    return query.urlencode()


@gate(Right.READ)
@require_safe
def pick(request: HttpRequest, of: str = "company") -> HttpResponse:
    """What can be filtered on; then the form of one filter; then the table with it, or what was wrong with the value.

    ``on`` holds the table's filters so far, ``was`` the name of the one that is being changed.
    """
    on, table = request.GET.get("on", ""), TABLES[of]
    key = request.GET.get("field", "")
    if not key:
        return _answer(request, {"groups": _groups(table), "on": on, "at": table.at})
    attribute = table.attributes.find(key)
    operators = operators_of(attribute)
    operator = find_operator(attribute, request.GET.get("operator") or operators[0].key)
    context = _form(request, attribute, operator) | {"operators": operators, "on": on, "at": table.at}
    if "apply" not in request.GET:
        return _answer(request, context)
    try:
        filters = _without(table.filters.read(QueryDict(on)), request.GET.get("was", ""))
        filters = filters.with_one(attribute.key, operator.key, _typed(request, operator))
    except TamisError as error:
        return _answer(request, context | {"fault": error}, 409)
    return _go(request, table_address(filters, QueryDict(on).get("view", "")))


def _groups(table: TableOf) -> list[tuple[str, list[Attribute]]]:
    every = [*table.attributes.attributes()]
    places = {str(each.group): n for n, each in reversed([*enumerate(every)])}
    every.sort(key=lambda each: places[str(each.group)])
    return [(group, [*inside]) for group, inside in groupby(every, key=lambda each: str(each.group))]


def _form(request: HttpRequest, attribute: Attribute, operator: Operator) -> dict[str, Any]:
    given = request.GET.getlist("value")
    if operator.takes is not Takes.ANY and attribute.choices() and given:
        given = given[-1:]
    choices = attribute.choices()
    several = operator.takes is Takes.ANY
    return {
        "attribute": attribute,
        "operator": operator,
        "was": request.GET.get("was", ""),
        "chosen": [part for text in given for part in text.split(SEVERAL)] if several else given,
        "text": f" {SEVERAL} ".join(given),
        "two": operator.takes is Takes.TWO,
        "several": several,
        "bounds": (*given, "", "")[:2],
        "nothing": operator.takes is Takes.NOTHING,
        "choices": [(group, [*inside]) for group, inside in groupby(choices, key=lambda each: each.group)],
        "suggests": company_attributes.suggests(attribute),
        "input_type": {Kind.DATE: "date"}.get(attribute.kind, "text"),
        "numeric": attribute.kind is Kind.NUMBER,
    }


def _typed(request: HttpRequest, operator: Operator) -> str:
    """The value of the form as an address writes it."""
    return (RANGE if operator.takes is Takes.TWO else SEVERAL).join(request.GET.getlist("value"))


def _without(filters: Filters, was: str) -> Filters:
    gone = next((each for each in filters.conditions if each.parameter[0] == was), None)
    return filters.without(gone) if gone else filters


def _answer(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    template = "companies/_picker.html" if request.htmx else "companies/filter.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


def _go(request: HttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


@gate(Right.READ)
@require_safe
def suggest(request: HttpRequest, of: str = "company") -> HttpResponse:
    """A few values seen in the base that begin as somebody types; of several values, the last is completed."""
    attribute = TABLES[of].attributes.find(request.GET.get("field", ""))
    before, bar, text = request.GET.get("value", "").rpartition(SEVERAL)
    seen = company_attributes.seen(attribute, text, MOST_SUGGESTED)
    lead = f"{before.rstrip()} {bar} " if bar else ""
    return render(request, "companies/_values.html", {"values": [lead + each for each in seen]})
