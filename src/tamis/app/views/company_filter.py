"""The filter of a table: read from its address, told in chips, changed in the rule builder."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tamis.app.gates import Right, gate
from tamis.app.services import apart_filters, company_attributes, contact_attributes
from tamis.app.services.apart_filters import Row
from tamis.app.services.company_filters import Filters
from tamis.app.services.contact_table import ContactFilters
from tamis.app.services.filter_rules import told
from tamis.app.services.rule_filters import conditions_of
from tamis.app.services.table_rules import TableRule, words_of
from tamis.app.services.vocabulary import vocabulary
from tamis.app.views.rule_building import component
from tamis.app.views.rule_links import LONGEST
from tamis.errors import Refused, TamisError
from tamis.messages import Message, say
from tamis.rules.errors import RuleError


@dataclass(frozen=True)
class TableOf:
    """A table's addresses, and what reads its filters."""

    filters: type[Filters]
    attributes: Any
    name: str

    @property
    def at(self) -> dict[str, str]:
        """The addresses that the templates of every table lead to."""
        parts = ("filter", "count", "relax", "view-new", "view-default")
        names = {"index": self.name, "as_audience": f"audience-of-{self.name}"} | {
            each.replace("-", "_"): f"{self.name}-{each}" for each in parts
        }
        return {each: reverse(name) for each, name in names.items()}


TABLES = {
    "company": TableOf(Filters, company_attributes, "companies"),
    "contact": TableOf(ContactFilters, contact_attributes, "contacts"),
}


def table_address(filters: Filters, view: str = "", misread: str = "") -> str:
    """The address of the table with these filters, with the saved view that they came from, and a rule as typed."""
    rule = urlencode({"rule": misread}) if misread else ""
    query = "&".join(part for part in (filters.query(), rule, f"view={view}" if view else "") if part)
    index = reverse(TABLES[filters.subject.key].name)
    return f"{index}?{query}" if query else index


def parameters(filters: Filters) -> list[tuple[str, str]]:
    """The filters as the hidden fields of a form."""
    return [(name, text) for name, texts in QueryDict(filters.query()).lists() for text in texts]


@dataclass(frozen=True)
class Asked:
    """The filters that an address asks for; a rule in it that cannot be read stands apart, with what is wrong."""

    filters: Filters
    fault: Refused | None = None
    misread: str = ""

    def context(self, view: str) -> dict[str, Any]:
        """What the templates of a table show of it."""
        filters, address = self.filters, table_address(self.filters, view, self.misread)
        misread = [("rule", self.misread)] if self.misread else []
        carried = [*parameters(replace(filters, q="")), *misread, *([("view", view)] if view else [])]
        return {
            "filters": filters, "asked": filters.query(), "matching": filters.matching(),
            "chips": chips(filters, view, self.misread), "carried": carried,
            "kept": [*parameters(replace(filters, columns=filters.usual, compact=False)), *misread],
            "unsorted": replace(filters, sort="name").query(), "at": TABLES[filters.subject.key].at,
            "address": address, "on": address.partition("?")[2],
            **(panel(self, view) if self.fault else {}),
        }  # fmt: skip


def read(given: QueryDict, table: TableOf) -> Asked:
    """The filters of an address, for a page. Raises as :meth:`Filters.read`, but for a rule's mistakes."""
    try:
        return Asked(table.filters.read(given).quickly())
    except Refused as error:
        if not given.get("rule"):
            raise
        others = given.copy()
        del others["rule"]
        return Asked(table.filters.read(others), error, str(given["rule"]))


@dataclass(frozen=True)
class Chip:
    """A filter above the table: in words, and the address that takes it away."""

    sentence: Message | str
    remove: str


def chips(filters: Filters, view: str, misread: str = "") -> list[Chip]:
    """A chip for each condition, and for the rule."""
    each = [Chip(one.sentence, table_address(filters.without(one), view, misread)) for one in filters.conditions]
    if filters.rule:
        each.append(Chip(filters.rule.sentence, table_address(replace(filters, rule=None), view)))
    return each


def panel(asked: Asked, view: str, *, text: str | None = None, rows: list[Row] | None = None) -> dict[str, Any]:
    """What the filter's form needs: the builder, what stands beside it, what is left as it is.

    A rule that cannot be read is in the builder alone, so that mending it loses no other condition.
    """
    filters, said = asked.filters, asked.misread if text is None else text
    left = filters
    if text is None and not asked.misread:
        said, left = told(filters)
    rows = apart_filters.rows(filters) if rows is None else rows
    return {
        "builder": component(said, words_of(filters.subject)), "apart": rows, "q": filters.q,
        "apart_open": any(each.active for each in rows), "panel_on": table_address(left, view).partition("?")[2],
        "cancel": table_address(filters, view), "at": TABLES[filters.subject.key].at,
        "fault": asked.fault, "misplaced": isinstance(asked.fault, RuleError),
    }  # fmt: skip


@gate(Right.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, of: str = "company") -> HttpResponse:
    """The filter of a table to be changed, where ``on`` is its address so far; then the table with it."""
    table, given = TABLES[of], request.POST if request.method == "POST" else request.GET
    on = QueryDict(given.get("on", ""))
    view = on.get("view", "")
    if request.method != "POST":
        return _page(request, panel(read(on, table), view))
    left = table.filters.read(on)
    rows: list[Row] | None = None
    try:
        rows = apart_filters.typed(request.POST, left)
        address = _applied(request, left, rows, view)
    except TamisError as error:
        context = panel(Asked(left), view, text=request.POST.get("rule", ""), rows=rows)
        return _page(request, context | {"fault": error}, 409)
    return redirect(address)


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    template = "companies/_filter.html" if request.htmx else "companies/filter.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


def _applied(request: HttpRequest, left: Filters, rows: list[Row], view: str) -> str:
    """The address of the table with what the form asks. Raises :class:`~tamis.errors.TamisError`."""
    known, subject = vocabulary(), words_of(left.subject)
    kept = tuple(each for each in left.conditions if not apart_filters.is_apart(each, subject, known))
    asked = replace(left, conditions=kept, q=request.POST.get("q", left.q).strip()[:300])
    asked = asked.with_all(apart_filters.conditions(rows, left))
    address = _with_rule(asked, request.POST.get("rule", "").strip(), view)
    if len(address) > LONGEST:
        raise Refused(say("Ce filtre est trop long pour une adresse : faites-en une audience."), "filter.long")
    return address


def _with_rule(asked: Filters, text: str, view: str) -> str:
    """The address with a rule too: as conditions where the table can ask all of it, as typed where it is none."""
    if not text:
        return table_address(asked, view)
    try:
        rule = TableRule.read(text, asked.subject)
    except Refused:
        return table_address(asked, view, text)
    conditions = conditions_of(rule.question.rule, asked.attributes, rule.question.vocabulary)
    if conditions is not None:
        try:
            return table_address(asked.with_all(conditions), view)
        except Refused:  # together they are too many
            pass
    return table_address(asked.with_all((), rule), view)
