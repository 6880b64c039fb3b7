"""The stored form of rules, which audiences keep for years.

Its law:

- a node's tag and the names of its fields never change their meaning, and are never used again for another;
- a field may be added when leaving it out means what the node meant before;
- what cannot be read (an unknown tag or field, a value of another type) is refused, never skipped.
"""

from collections.abc import Mapping
from dataclasses import MISSING
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from tamis.errors import Refused
from tamis.messages import say
from tamis.rules.nodes import BY_TAG, Node, Rule, fields_of


def as_json(node: Node) -> dict[str, Any]:
    """The stored form of a node: its tag, and each field that does not have its default."""
    stored: dict[str, Any] = {"node": node.tag}
    for each in fields_of(type(node)):
        value = getattr(node, each.name)
        if each.default is MISSING or value != each.default:
            stored[each.name] = _stored(value)
    return stored


def _stored(value: Any) -> Any:
    match value:
        case Node():
            return as_json(value)
        case tuple():
            return [_stored(each) for each in value]
        case Decimal():
            return {"number": f"{value.normalize():f}"}
        case date():
            return {"day": value.isoformat()}
    return value


def read(stored: Any) -> Rule:
    """The rule in a stored form. Raises :class:`~tamis.errors.Refused` (``rule.stored``) for what is none."""
    rule: Rule = _read_node(stored, Rule)
    return rule


def _read_node(stored: Any, wanted: Any) -> Any:
    tag = stored.get("node") if isinstance(stored, Mapping) else None
    type = BY_TAG.get(tag) if isinstance(tag, str) else None
    if type is None or type not in _types(wanted):
        raise _unreadable(stored)
    hints = _hints(type)
    known = {each.name: each for each in fields_of(type)}
    given = {name: value for name, value in stored.items() if name != "node"}
    if given.keys() - known.keys():
        raise _unreadable(stored)
    missing = [name for name, each in known.items() if each.default is MISSING and name not in given]
    if missing:
        raise _unreadable(stored)
    return type(**{name: _read_value(value, hints[name]) for name, value in given.items()})


def _read_value(stored: Any, hint: Any) -> Any:
    if get_origin(hint) is tuple:
        if isinstance(stored, list):
            return tuple(_read_value(each, get_args(hint)[0]) for each in stored)
        raise _unreadable(stored)
    if get_origin(hint) is Literal:
        if stored in get_args(hint):
            return stored
        raise _unreadable(stored)
    if isinstance(stored, Mapping) and "node" in stored:
        return _read_node(stored, hint)
    value = _plain(stored)
    if type(value) in _types(hint):
        return value
    raise _unreadable(stored)


def _plain(stored: Any) -> Any:
    try:
        match stored:
            case {"number": str(text), **others} if not others:
                return Decimal(text)
            case {"day": str(text), **others} if not others:
                return date.fromisoformat(text)
    except (ArithmeticError, ValueError):
        raise _unreadable(stored) from None
    return stored


def _unreadable(stored: Any) -> Refused:
    return Refused(say("Cette règle enregistrée ne se lit pas : {stored}", stored=str(stored)[:80]), "rule.stored")


@cache
def _types(hint: Any) -> frozenset[type]:
    """The classes that a hint stands for."""
    if get_origin(hint) in (Union, UnionType):
        return frozenset(each for one in get_args(hint) for each in _types(one))
    return frozenset({hint})


def _hints(type: Any) -> dict[str, Any]:
    return get_type_hints(type)
