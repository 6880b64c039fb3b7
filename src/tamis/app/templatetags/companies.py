"""What the company table shows in its cells."""

from typing import Any

from django import template

from tamis.app.models import Company
from tamis.app.services.company_columns import TableColumn
from tamis.app.templatetags.tamis import bracket, moment, number

register = template.Library()

_LOOKS = {
    "naf": "code", "naf_2025": "code", "siren": "code", "founded": "when", "first_seen": "when", "updated": "when",
}  # fmt: skip


@register.filter
def look(column: TableColumn) -> str:
    """The class of a column's cells: figures to the right, codes in their own type, days unbroken, the rest cut off."""
    return "num" if column.numeric else _LOOKS.get(column.key, "cut")


@register.simple_tag
def cell(company: Company, column: TableColumn, value: Any) -> Any:
    """A value as the table shows it: numbers with their thousands apart, days as people write them."""
    match column.key:
        case "headcount" if value is None:
            return bracket(company.headcount_bracket)
        case "headcount_bracket":
            return bracket(value)
        case "founded" | "first_seen" | "updated":
            return moment(value)
    if value is None:
        return ""
    return number(value) if (column.numeric and isinstance(value, (int, float))) or column.key == "revenue" else value
