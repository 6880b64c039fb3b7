"""Small things the pages say often: numbers, moments, segments, icons."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from tamis.app.gates import Right
from tamis.app.gates import may as may_do
from tamis.app.models import List, Segment, User
from tamis.app.services.list_comparing import Change
from tamis.sources.company_fields import BRACKETS
from tamis.sources.lists import COLUMNS

register = template.Library()


def _separator() -> str:
    return "," if get_language() == "en" else "\u202f"


@register.filter
def number(value: int | Decimal | None) -> str:
    """A number with its thousands apart: a narrow no-break space in French, a comma in English; nothing for none."""
    if value is None or value == "":
        return ""
    if isinstance(value, int) and -1000 < value < 1000:
        return str(int(value))
    amount = Decimal(value)
    text = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    if get_language() == "en":
        return text
    return text.replace(",", _separator()).replace(".", ",")


@register.filter
def moment(value: datetime | date | None) -> str:
    """An instant in the workspace's time zone, or a day, as a ``time`` element that also says it exactly."""
    if value is None:
        return ""
    instant = isinstance(value, datetime)
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    day = "j M Y" if get_language() == "en" else "d/m/Y"
    shown = date_format(local, f"{day} H:i" if instant else day)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), shown.replace(" ", "\u00a0"))


@register.filter
def segment_label(value: str) -> str:
    """The name of a segment as pages show it."""
    return str(Segment(value).label)


@register.filter
def may(user: User | AnonymousUser, right: str) -> bool:
    """Whether somebody may do this, so that no page offers what would be refused."""
    return isinstance(user, User) and may_do(user, Right(right))


_PATHS = {
    "lock": "M4 7V5a4 4 0 0 1 8 0v2 M3 7h10v7H3z M8 10v1.5",
    "unlock": "M4 7V5a4 4 0 0 1 7.5-2 M3 7h10v7H3z M8 10v1.5",
    "pin": "M6 2h4 M7 2v4L4.5 9h7L9 6V2 M8 9v5",
    "upload": "M8 11V2.5 M4.5 6L8 2.5 11.5 6 M2.5 11v2.5h11V11",
    "download": "M8 2.5V11 M4.5 7.5L8 11l3.5-3.5 M2.5 11v2.5h11V11",
    "plus": "M8 3v10 M3 8h10",
    "search": "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z M10.5 10.5L14 14",
    "check": "M3 8.5L6.5 12 13 4.5",
    "alert": "M8 2L1.5 13.5h13z M8 6.5v3.5 M8 11.8v.2",
    "clock": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z M8 5v3.5l2 1.5",
    "question": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z M6 6.2a2 2 0 1 1 2.8 1.9c-.5.2-.8.6-.8 1.1 M8 11.3v.2",
    "arrow": "M2.5 8h11 M9.5 4l4 4-4 4",
    "up": "M8 13V3 M4 7l4-4 4 4",
    "down": "M8 3v10 M4 9l4 4 4-4",
    "edit": "M3 13l.7-3L11 2.7 13.3 5 6 12.3z",
    "merge": "M3 2.5v2c0 3 5 2.5 5 5.5v3.5 M13 2.5v2c0 3-5 2.5-5 5.5",
    "split": "M8 13.5V10c0-3-5-2.5-5-5.5v-2 M8 10c0-3 5-2.5 5-5.5v-2",
    "history": "M2.5 8a5.5 5.5 0 1 1 1.6 3.9 M2.5 13v-2.5H5 M8 5v3.2l2 1.3",
    "trash": "M3 4.5h10 M6 4.5v-2h4v2 M4.5 4.5l.5 9h6l.5-9",
    "user": "M8 2.5a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4z M2.8 13.5a5.2 5.2 0 0 1 10.4 0",
    "sheet": "M3 2.5h10v11H3z M3 6h10 M3 9.7h10 M7.2 6v7.5",
    "tag": "M2.5 2.5h5l6 6-5 5-6-6z M5 5v.2",
    "list": "M5.5 4h8 M5.5 8h8 M5.5 12h8 M2.5 4h.2 M2.5 8h.2 M2.5 12h.2",
}  # fmt: skip


_ICONS = {
    name: mark_safe(  # noqa: S308 - the paths stand above
        f'<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="{path}"/></svg>'
    )
    for name, path in _PATHS.items()
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small drawing beside a word; it says nothing by itself, so screen readers pass it over."""
    return _ICONS[name]


@register.filter
def share(value: int, most: int) -> str:
    """The width of a bar from 0 to 100, for a value out of the largest; something small still shows."""
    return f"{max(100 * value / most, 0.4 if value else 0):.2f}" if most else "0"


@register.filter
def height(value: int, most: int) -> tuple[str, str]:
    """Where a standing bar of 40 begins and how high it is, for a value out of the largest; something small shows."""
    tall = max(40 * value / most, 1.5 if value else 0) if most else 0.0
    return f"{40 - tall:.2f}", f"{tall:.2f}"


@register.inclusion_tag("_segment.html")
def segment(value: str) -> dict[str, Any]:
    """The dot and the name of a segment."""
    return {"segment": Segment(value)}


@register.inclusion_tag("_list_chip.html")
def list_chip(target: Any) -> dict[str, Any]:
    """A list's name with its segment's dot, and its lock."""
    return {"list": target}


@register.simple_tag
def list_options(lists_by_segment: Mapping[str, Sequence[List]], chosen: Any) -> SafeString:
    """Every list as an option under its segment: in one go, since hundreds of them stand on every table."""
    locked = gettext("verrouillée")
    return format_html_join(
        "", '<optgroup label="{}">{}</optgroup>',
        (
            (segment_label(segment), format_html_join("", '<option value="{}"{}>{}{}</option>', (
                (each.pk, _SELECTED if str(each.pk) == str(chosen) else "", each.name, f" ({locked})" * each.locked)
                for each in lists
            )))
            for segment, lists in lists_by_segment.items()
        ),
    )  # fmt: skip


_SELECTED = mark_safe(" selected")


@register.filter
def bracket(code: str) -> str:
    """An INSEE headcount bracket as a range."""
    if code not in BRACKETS or code == "NN":
        return ""
    low, high = BRACKETS[code]
    return f"{number(low)}+" if high is None else str(low) if low == high else f"{number(low)}\u2013{number(high)}"


@register.simple_tag
def via(act: Any, vias: Mapping[str, Any]) -> str:
    """How something was done, in words."""
    return str(vias.get(act.via, act.via))


@register.filter
def undo_of(message: Any) -> str:
    """The number of the act that a notice offers to take back, as :func:`tamis.app.views.notices.undoable` wrote it."""
    mark, _, number = str(message.extra_tags or "").partition("-")
    return number if mark == "undo" else ""


@register.filter
def percent(value: int, part: int) -> int:
    """So many hundredths of a number."""
    return value * part // 100


@register.filter
def shown(row: Mapping[str, Any]) -> str:
    """The value of a row of a company's sheet: figures with their thousands apart, days and brackets as people say."""
    key, value = row["key"], str(row["value"])
    match key:
        case "headcount_bracket":
            return f"{bracket(value) or '—'} ({value})"
        case "headcount":
            return number(Decimal(value))
        case "revenue":
            return f"{number(Decimal(value))}\u00a0€"
        case "founded" | "first_seen":
            return moment(date.fromisoformat(value))
    return value


@register.filter
def values(rows: Sequence[Mapping[str, Any]]) -> SafeString:
    """The values of several rows of a sheet, one after the other."""
    return format_html_join(", ", "{}", ((shown(row),) for row in rows))


@register.filter
def at(values: Sequence[Any], place: int) -> Any:
    """The value at a place."""
    return values[place]


@register.filter
def fault_in(line: Any, place: int) -> bool:
    """Whether one of a refused line's faults is about this one of the four columns."""
    return any(column == COLUMNS[place] for column, _reason in line.faults)


@register.filter
def sides(change: Change) -> list[tuple[str, str, str, bool]]:
    """The four columns of a changed line: the heading, the cell before and after, and whether both sides differ."""
    none = ("", "", "", "")
    cells = zip(COLUMNS, change.before or none, change.after or none, strict=True)
    return [(column, old, new, column in change.columns) for column, old, new in cells]


_OUTCOMES = {
    "matched": _("rapprochées"), "waiting": _("en attente"), "review": _("à vérifier"), "refused": _("refusées"),
}  # fmt: skip


@register.inclusion_tag("_outcome_bar.html")
def outcome_bar(report: Mapping[str, int]) -> dict[str, Any]:
    """The lines of an import as one bar: matched, waiting, to review, refused, each as wide as its share."""
    counts = {name: report.get(name, 0) for name in _OUTCOMES}
    total, start, parts = sum(counts.values()) or 1, 0.0, []
    for name, n in counts.items():
        width = 100 * n / total
        parts.append((name, f"{start:.2f}", f"{width:.2f}"))
        start += width
    words = ", ".join(f"{number(n)} {_OUTCOMES[name]}" for name, n in counts.items() if n)
    return {"parts": parts, "words": words or number(0)}
