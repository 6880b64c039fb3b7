"""A rule while somebody builds it: a tree that may not be finished yet, and what can be said of it.

A draft is the stored form of a rule (:mod:`tamis.rules.nodes`) with marks on its nodes: ``id``, a name for it that
comes back with what is said of the node, and ``off``, when it is switched off. Conditions that are switched off or not
finished are left out of the rule; a group that keeps one condition becomes this condition.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from tamis.errors import Refused
from tamis.messages import say
from tamis.rules import nodes, storing
from tamis.rules.checking import check
from tamis.rules.errors import RuleError
from tamis.rules.nodes import Condition, Node, Rule, Span, Subject
from tamis.rules.parsing import DEEPEST, parse
from tamis.rules.rendering import render
from tamis.rules.vocabulary import Vocabulary

MARKS = frozenset({"id", "off"})
_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,10})?")
_UNFINISHED = (Refused, ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What reading or writing a part that is not finished may raise."""


@dataclass(frozen=True)
class Built:
    """A rule made of a draft or a text: none while there is no finished condition.

    ``places`` says where the nodes that have an id stand in ``text``; ``unfinished`` are the ids of conditions that
    were left out because something is missing.
    """

    subject: Subject
    rule: Rule | None
    text: str
    places: tuple[tuple[str, Span], ...] = ()
    unfinished: tuple[str, ...] = ()

    def place_of(self, span: Span) -> str:
        """The id of the smallest node around a place in the text, or nothing."""
        around = [(at.end - at.start, id) for id, at in self.places if at.start <= span.start and span.end <= at.end]
        return min(around, default=(0, ""))[1]

    def faults(self, vocabulary: Vocabulary) -> list[tuple[str, RuleError]]:
        """The first mistake of each condition, with the id of the node at fault."""
        found = []
        for leaf in leaves(self.rule.where) if self.rule else ():
            try:
                check(Rule(self.subject, leaf), vocabulary, self.text)
            except RuleError as error:
                found.append((self.place_of(error.span), error))
        return found


def leaves(node: Condition) -> Iterator[Condition]:
    """The conditions of groups and of groups within them, in the order of the text."""
    match node:
        case nodes.AllOf(conditions) | nodes.AnyOf(conditions):
            for each in conditions:
                yield from leaves(each)
        case nodes.Not(condition):
            yield from leaves(condition)
        case _:
            yield node


def from_text(text: str) -> tuple[Built, dict[str, Any]]:
    """A rule from its text, and its draft. Raises :class:`~tamis.rules.errors.RuleError`."""
    rule = parse(text)
    draft = _numbered(storing.as_json(rule), iter(range(10**9)))
    return Built(rule.subject, rule, text, tuple(_places(rule, draft))), draft


def from_draft(draft: Any) -> Built:
    """The rule of a draft. Raises :class:`~tamis.errors.Refused` (``rule.draft``) for what is none."""
    subject = draft.get("subject") if isinstance(draft, Mapping) else None
    if subject not in ("companies", "contacts"):
        raise _no_draft()
    left = _Pruner()
    where = left.condition(draft.get("where"), 0)
    if where is None:
        return Built(subject, None, "", unfinished=tuple(left.unfinished))
    kept = {"node": "rule", "subject": subject, "where": where, "id": draft.get("id")}
    text = render(storing.read(_bare(kept)))
    rule = parse(text)
    return Built(subject, rule, text, tuple(_places(rule, kept)), tuple(left.unfinished))


def _no_draft() -> Refused:
    return Refused(say("Ceci n'est pas une règle en cours."), "rule.draft")


class _Pruner:
    """Takes out of a draft what is switched off or not finished."""

    def __init__(self) -> None:
        self.unfinished: list[str] = []

    def condition(self, node: Any, depth: int) -> dict[str, Any] | None:
        """What is left of a condition; nothing when nothing is."""
        if depth > DEEPEST:
            raise Refused(say("{max} conditions l'une dans l'autre au plus", max=DEEPEST), "rule.deep")
        if not isinstance(node, Mapping):
            raise _no_draft()
        if node.get("off"):
            return None
        match node.get("node"):
            case "all" | "any":
                return self.group(node, depth)
            case "not":
                inner = self.condition(node.get("condition"), depth + 1)
                return {**node, "condition": inner} if inner else None
        made = self.part(node, depth)
        if _finished(made):
            return made
        self.unfinished.append(str(node.get("id", "")))
        return None

    def group(self, node: Mapping[str, Any], depth: int) -> dict[str, Any] | None:
        conditions = node.get("conditions")
        if not isinstance(conditions, list):
            raise _no_draft()
        kept = [left for each in conditions if (left := self.condition(each, depth + 1))]
        return {**node, "conditions": kept} if len(kept) > 1 else kept[0] if kept else None

    def part(self, node: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """A node that is no group, with the conditions in its parentheses that are left."""
        made: dict[str, Any] = {}
        for name, value in node.items():
            if name == "where":
                where = self.condition(value, depth + 1) if value is not None else None
                made |= {"where": where} if where else {}
            elif isinstance(value, list):
                made[name] = [self.part(each, depth + 1) if _is_node(each) else each for each in value]
            else:
                made[name] = self.part(value, depth + 1) if _is_node(value) else value
        return made


def _is_node(value: Any) -> bool:
    return isinstance(value, Mapping) and "node" in value


def _finished(node: dict[str, Any]) -> bool:
    """Whether a condition can be read, written, and read again as the same."""
    try:
        rule = storing.read({"node": "rule", "subject": "companies", "where": _bare(node)})
        return parse(render(rule)) == rule
    except _UNFINISHED:
        return False


def _bare(value: Any) -> Any:
    """A draft without its marks. Raises ``ValueError`` for a number that nobody writes."""
    if isinstance(value, list):
        return [_bare(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if "number" in value and not (isinstance(value["number"], str) and _NUMBER.fullmatch(value["number"])):
        raise ValueError(value)
    return {name: _bare(each) for name, each in value.items() if name not in MARKS}


def _numbered(value: Any, numbers: Iterator[int]) -> Any:
    """A stored form whose nodes have ids."""
    if isinstance(value, list):
        return [_numbered(each, numbers) for each in value]
    if not _is_node(value):
        return value
    id = f"t{next(numbers)}"
    return {name: _numbered(each, numbers) for name, each in value.items()} | {"id": id}


def _places(node: Node, stored: Mapping[str, Any]) -> Iterator[tuple[str, Span]]:
    """The ids of a draft, and where its nodes stand in the text from which the same nodes were read."""
    if stored.get("id"):
        yield str(stored["id"]), node.at
    for each in fields(node):
        value, there = getattr(node, each.name), stored.get(each.name)
        pairs = zip(value, there, strict=True) if isinstance(value, tuple) and isinstance(there, list) else ()
        for one, draft in pairs if pairs else ((value, there),):
            if isinstance(one, Node) and isinstance(draft, Mapping):
                yield from _places(one, draft)
