"""Pictures of audiences and segments: overlaps, differences, flows, what to expect; thin views over the services."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tamis.app.gates import Right, gate
from tamis.app.models import Segment
from tamis.app.services import audiences, contrasts, forecasts, insights, overlaps, rules, segment_flows
from tamis.app.services.audience_edges import Edge
from tamis.app.views.audiences import edges_address
from tamis.app.views.list_content import page_number
from tamis.app.views.rule_links import rule_link, table_link
from tamis.errors import Busy, TamisError, Unreadable
from tamis.insights.contrast import Contrast, Value
from tamis.insights.flows import NEW
from tamis.insights.forecast import Week
from tamis.insights.overlap import upset
from tamis.insights.sankey import sankey
from tamis.insights.weeks import WEEK, picture
from tamis.messages import Message, say

DAY = timedelta(days=1)
DRAWN = 40
"""So many intersections are drawn; the table below the picture has them all."""


@gate(Right.READ)
@require_safe
def overlap(request: HttpRequest) -> HttpResponse:
    """How the audiences that the address names overlap, drawn; and the choice of audiences."""
    words = [word for word in request.GET.getlist("audience") if word]
    context: dict[str, Any] = {"every": [*audiences.every_audience()]}
    status = 200
    if words:
        try:
            chosen = insights.named(words)
            context["chosen"] = {each.pk for each in chosen}
            context |= _overlapping(overlaps.overlap(chosen))
        except TamisError as error:
            context["fault"], status = error, _status(error)
    return render(request, "insights/overlap.html", context, status=status)


def _overlapping(told: overlaps.Overlapping) -> dict[str, Any]:
    picture = upset(told.found, DRAWN)
    links = {each: table_link(told.rule(each)) for each in told.found.intersections}
    names = {
        each: [name for name, inside in zip(told.names, each.inside, strict=True) if inside]
        for each in told.found.intersections
    }
    return {
        "told": told,
        "picture": picture,
        "columns": [(each, links[each.intersection], names[each.intersection]) for each in picture.columns],
        "sets": [
            (each, size, top, table_link(told.rule_of_one(each.audience.name)))
            for each, size, top in zip(told.audiences, told.found.sizes, picture.rows, strict=True)
        ],
        "most": max(told.found.sizes, default=0),
        "rows": [(each, names[each], links[each]) for each in told.found.intersections],
    }


STRENGTHS: dict[str, Message] = {
    "none": say("négligeable"), "small": say("faible"), "medium": say("moyenne"), "large": say("forte"),
}  # fmt: skip


@gate(Right.READ)
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """What sets two audiences apart, or one from everybody else, the most telling fields first; and the choice."""
    one, other = request.GET.get("a", ""), request.GET.get("b", "")
    context: dict[str, Any] = {"every": [*audiences.every_audience()], "a": one, "b": other}
    status = 200
    if one:
        try:
            context |= _contrasted(contrasts.contrast(audiences.find(one), audiences.find(other) if other else None))
        except TamisError as error:
            context["fault"], status = error, _status(error)
    return render(request, "insights/compare.html", context, status=status)


def _contrasted(told: contrasts.Contrasted) -> dict[str, Any]:
    fields = [(each, STRENGTHS[each.strength], _values(told, each)) for each in told.found.fields]
    return {
        "told": told,
        "names": (told.one.audience.name, told.other.audience.name if told.other else contrasts.EVERYBODY_ELSE),
        "telling": [row for row in fields if row[0].sure and row[0].strength != "none"],
        "others": [row for row in fields if not (row[0].sure and row[0].strength != "none")],
    }


def _values(told: contrasts.Contrasted, field: Contrast) -> list[dict[str, Any]]:
    """The values of a field as rows: shares and points in percent, and where each bar leads.

    Events are counted as of this moment; the table may be a minute behind with them, the page of a rule is not.
    """

    def link(value: Value, rule: str) -> str:
        return (rule_link if value.since else table_link)(rule) if rule else ""

    rules = ((value, told.rule(value, first=True), told.rule(value, first=False)) for value in field.values)
    return [
        {
            "value": value, "points": [100 * each for each in value.difference], "sure": value.difference.sure,
            "bars": [
                ("a", value.a, 100 * value.share_a, link(value, of_a)),
                ("b", value.b, 100 * value.share_b, link(value, of_b)),
            ],
        }
        for value, of_a, of_b in rules
    ]  # fmt: skip


SHOWN = 50
"""So many companies of a band stand on a page."""
NEWCOMERS = say("nouvelle")
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@gate(Right.READ)
@require_safe
def flows(request: HttpRequest) -> HttpResponse:
    """From which segment to which companies went, month by month, drawn; with those who stayed if it is asked."""
    since, until = request.GET.get("from", ""), request.GET.get("to", "")
    typed = {"since": since, "until": until}
    context: dict[str, Any] = {name: text if MONTH.fullmatch(text) else "" for name, text in typed.items()}
    context["stay"] = "stay" in request.GET
    status = 200
    try:
        wanted = segment_flows.months(since, until)
        context |= _flowing(segment_flows.flows(wanted), stay=bool(context["stay"]))
    except TamisError as error:
        context["fault"], status = error, _status(error)
    return render(request, "insights/flows.html", context, status=status)


def _flowing(found: segment_flows.SegmentFlows, *, stay: bool) -> dict[str, Any]:
    steps = [{way: n for way, n in step.ways.items() if stay or way.source != way.target} for step in found.steps]
    picture = sankey(steps, [NEW, *Segment.values])  # type: ignore[arg-type]
    months = [f"{each:%Y-%m}" for each in found.months.firsts]
    labels = {NEW: str(NEWCOMERS), **{each.value: str(each.label) for each in Segment}}

    def row(column: int, source: str, target: str, n: int) -> dict[str, Any]:
        asked = {"from": months[column], "to": months[column + 1], "source": source, "target": target}
        link = f"{reverse('segment-band')}?{urlencode(asked)}"
        since, until = found.months.firsts[column : column + 2]
        return {"from": labels[source], "to": labels[target], "source": source, "n": n, "link": link,
                "still": source == target, "since": since, "until": until}  # fmt: skip

    def stood(column: int, segment: str) -> str:
        """A node is a segment at the end of a month where those who stayed are drawn, and only there."""
        asked = {"to": months[column], "target": segment}
        return f"{reverse('segment-band')}?{urlencode(asked)}" if stay and segment != NEW else ""

    ends = found.months.ends
    return {
        "found": found, "picture": picture, "since": months[0], "until": months[-1],
        "heads": [*zip(picture.columns, found.months.firsts, strict=True)], "now": ends[-1] == found.months.now,
        "nodes": [(each, labels[each.key], stood(each.column, each.key)) for each in picture.nodes],
        "bands": [(each, row(each.column, each.source, each.target, each.n)) for each in picture.bands],
        "rows": sorted(
            (row(each.column, each.source, each.target, each.n) for each in picture.bands),
            key=lambda row: (row["since"], -row["n"]),
        ),
    }  # fmt: skip


@gate(Right.READ)
@require_safe
def band(request: HttpRequest) -> HttpResponse:
    """The companies that went one way, or stayed, between the ends of two months; or stood somewhere at that of one."""
    given = {name: request.GET.get(name, "") for name in ("from", "to", "source", "target")}
    number = page_number(request)
    context: dict[str, Any] = {"given": given, "page": number, "previous": number - 1, "next": number + 1}
    status = 200
    try:
        ids, between = _of_band(given)
        labels = {NEW: str(NEWCOMERS), **{each.value: str(each.label) for each in Segment}}
        here = [*ids[(number - 1) * SHOWN : number * SHOWN]]
        context |= {
            "n": len(ids), "rows": [*rules.company_rows(here)], "has_next": number * SHOWN < len(ids),
            "first": between[0], "then": between[-1], "still": given["source"] == given["target"],
            "source": labels.get(given["source"], ""), "target": labels[given["target"]],
        }  # fmt: skip
    except TamisError as error:
        context["fault"], status = error, _status(error)
    return render(request, "insights/band.html", context, status=status)


def _of_band(given: dict[str, str]) -> tuple[Sequence[int], Sequence[date]]:
    """The companies that an address asks for, and the months at whose ends they are looked at."""
    if not given["source"]:
        ids = segment_flows.who_stood(given["to"], given["target"])
        return ids, [date.fromisoformat(f"{given['to'].strip()}-01")]
    wanted = segment_flows.months(given["from"], given["to"])
    return segment_flows.who_went(wanted, given["source"], given["target"]), wanted.firsts[:2]


@gate(Right.READ)
@require_safe
def forecast(request: HttpRequest, pk: int) -> HttpResponse:
    """What entered an audience week by week, and what is expected; alone, or as a part of the audience's page."""
    found = forecasts.forecast(audiences.find_by_id(pk))
    drawn = picture(found.past, found.expected) if found.past else None
    context = {
        "forecast": found, "picture": drawn,
        "bars": [(bar, _week_link(pk, bar.week)) for bar in drawn.bars] if drawn else (),
        "past": [(week, _week_link(pk, week)) for week in reversed(found.past)],
        "this_week": edges_address(pk, Edge.ENTER, found.this, found.this + WEEK - DAY, ruled=True),
    }  # fmt: skip
    part = request.htmx  # type: ignore[attr-defined]
    return render(request, "insights/_forecast.html" if part else "insights/forecast.html", context)


def _week_link(audience: int, week: Week) -> str:
    """Where those stand who entered in a week, or in the several that one refresh found together."""
    first = week.monday - (week.covers - 1) * WEEK
    return edges_address(audience, Edge.ENTER, first, week.monday + WEEK - DAY, ruled=True)


def _status(error: TamisError) -> int:
    return 503 if isinstance(error, Busy | Unreadable) else 400
