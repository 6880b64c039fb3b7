"""The canonical text of a rule or of a part of one: ``parse(render(rule)) == rule``."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

from tamis.rules import nodes

_PLAIN = re.compile(r"[^\W\d]\w*")
_SEGMENT = re.compile(r"[a-z]+(-[a-z]+)*")
RESERVED = frozenset(
    "after ago and any at average avg before between bottom companies company contact contacts contains count day days "
    "did distinct ends exactly first frequent has hour hours in is known last least max min missing month months more "
    "most no not of or own since starts sum than then time times top week weeks where with within yes".split()
)
"""Words of the language; a name that is one stands between backquotes."""


def render(node: nodes.Node) -> str:
    """The text of a node, in one line."""
    match node:
        case nodes.Rule(subject, where):
            return f"{subject} where {render(where)}"
        case nodes.AllOf(conditions):
            return " and ".join(_within(each, nodes.AllOf, nodes.AnyOf) for each in conditions)
        case nodes.AnyOf(conditions):
            return " or ".join(_within(each, nodes.AnyOf) for each in conditions)
        case nodes.Not(condition):
            return f"not {_within(condition, nodes.AllOf, nodes.AnyOf)}"
        case nodes.Test(measure, operator, values):
            return f"{render(measure)} {_operator(operator, values)}"
        case nodes.Comparison(measure, operator, other, factor):
            times = "" if factor == 1 else f"{_number(factor)} * "
            return f"{render(measure)} {operator} {times}{render(other)}"
        case nodes.Field(name, of_company):
            return f"company.{_name(name)}" if of_company else _name(name)
        case nodes.Aggregate():
            return _aggregate(node)
        case nodes.Did(kind, where, nodes.Times("exactly", 0), window):
            return _spaced("did not", _name(kind), _where(where), _window(window))
        case nodes.Did(kind, where, times, window):
            return _spaced("did", _name(kind), _where(where), _times(times), _window(window))
        case nodes.Sequence(steps, within, unit, window):
            said = " then ".join(_spaced(_name(each.kind), _where(each.where)) for each in steps)
            return _spaced(f"did {said} within {_counted(within, unit)}", _window(window))
        case nodes.Step(kind, where):
            return _spaced(_name(kind), _where(where))
        case _:
            return _membership(node)


def _membership(node: nodes.Node) -> str:
    match node:
        case nodes.InSegment(segment):
            return f"in segment {segment if _SEGMENT.fullmatch(segment) else _text(segment)}"
        case nodes.InList(list):
            return f"in list {_text(list)}"
        case nodes.InAudience(audience):
            return f"in audience {_text(audience)}"
        case nodes.HasTag(name, category):
            return f"has tag {_text(name)}" + (f" in {_text(category)}" if category else "")
        case nodes.HasContact(where, nodes.Times("exactly", 0)):
            return _spaced("has no contact", _where(where))
        case nodes.HasContact(where, nodes.Times("at least", 1)):
            return _spaced("has contact", _where(where))
        case nodes.HasContact(where, times):
            return _spaced(f"has {times.bound} {_counted(times.n, 'contacts')}", _where(where))
        case nodes.OfCompany(where):
            return f"company {_where(where)}"
        case nodes.Times(bound, n):
            return f"{bound} {_counted(n, 'times')}"
        case nodes.Last() | nodes.Before() | nodes.After() | nodes.Between():
            return _window(node)
    raise TypeError(node)


def _within(node: nodes.Node, *groups: type[nodes.Node]) -> str:
    """A condition, in parentheses when it is a group that would otherwise run into the one around it."""
    return f"({render(node)})" if isinstance(node, groups) else render(node)


def _spaced(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _operator(operator: str, values: tuple[nodes.Value, ...]) -> str:
    said = [render_value(each) for each in values]
    match operator:
        case "between":
            return f"between {said[0]} and {said[1]}"
        case "in" | "contains any of":
            return f"{operator} ({', '.join(said)})"
        case "in top" | "in bottom":
            return f"{operator} {said[0]}%"
        case "in last":
            return f"in last {_counted(int(said[0]), 'days')}"
        case "more than":
            return f"more than {_counted(int(said[0]), 'days')} ago"
    return _spaced(operator, *said)


def render_value(value: nodes.Value) -> str:
    """A value as rules write it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return _number(value)
        case date():
            return value.isoformat()
    return _text(value)


def _number(number: Decimal) -> str:
    return f"{number.normalize() + 0:f}"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _name(name: str) -> str:
    own, dot, key = name.partition(".")
    if dot and own == "own":
        return f"own.{_name(key)}"
    return f"`{name}`" if name.lower() in RESERVED or not _PLAIN.fullmatch(name) else name


def _counted(n: int, unit: str) -> str:
    return f"{n} {unit.removesuffix('s') if n == 1 else unit}"


def _where(where: nodes.Condition | None) -> str:
    return f"({render(where)})" if where is not None else ""


def _times(times: nodes.Times) -> str:
    return "" if times == nodes.Times() else f"{times.bound} {_counted(times.n, 'times')}"


def _window(window: Any) -> str:
    match window:
        case None:
            return ""
        case nodes.Last(n, unit):
            return f"in last {_counted(n, unit)}"
        case nodes.Before(day):
            return f"before {day.isoformat()}"
        case nodes.After(day):
            return f"after {day.isoformat()}"
    return f"between {window.first.isoformat()} and {window.last.isoformat()}"


def _aggregate(node: nodes.Aggregate) -> str:
    kind = _name(node.kind)
    if node.function.startswith(("days", "average")):
        said = f"{node.function} {kind}"
    else:
        said = f"{node.function}({kind}.{_name(node.property)})" if node.property else f"{node.function}({kind})"
    return _spaced(said, _where(node.where), _window(node.window))
