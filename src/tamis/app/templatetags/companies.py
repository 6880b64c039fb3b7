"""What the company table shows in its cells."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join

from tamis.app.services.company_columns import TableColumn
from tamis.app.templatetags.tamis import bracket, moment, number
from tamis.app.views import rule_links

register = template.Library()
register.filter(rule_links.table_link)

_LOOKS = {
    "naf": "code", "naf_2025": "code", "siren": "code", "founded": "when", "first_seen": "when", "updated": "when",
}  # fmt: skip


@register.filter
def look(column: TableColumn) -> str:
    """The class of a column's cells: figures to the right, codes in their own type, days unbroken, the rest cut off."""
    return "num" if column.numeric else _LOOKS.get(column.key, "cut")


@register.simple_tag
def cell(company: Any, column: TableColumn, value: Any) -> Any:
    """A value as the table shows it: numbers with their thousands apart, days as people write them."""
    match column.key:
        case "headcount" if value is None:
            return bracket(company.headcount_bracket)
        case "headcount_bracket":
            return bracket(value)
        case "founded" | "first_seen" | "updated" | "created":
            return moment(value)
        case "status":
            return format_html('<span class="tag">{}</span>', value) if value else ""
        case "tags":
            names = value.split(", ") if isinstance(value, str) else value
            return format_html_join(" ", '<span class="tag">{}</span>', ((name,) for name in names if name))
    if value is None:
        return ""
    return number(value) if (column.numeric and isinstance(value, (int, float))) or column.key == "revenue" else value
