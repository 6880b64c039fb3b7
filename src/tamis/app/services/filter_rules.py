"""The filters of a table as a rule, so that what somebody has found there can be counted, explained, made an audience.

A condition of the table is one of the language in other words; what the language has no word for (a search in every
name, a claim, a lock, a pin, a tag by whoever put it) is refused by name, never left out.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from tamis.app.models import List, Status, Tag
from tamis.app.services.company_conditions import Condition
from tamis.app.services.company_filters import Filters
from tamis.app.services.subjects import COMPANY
from tamis.app.services.vocabulary import vocabulary
from tamis.errors import Refused
from tamis.messages import say
from tamis.rules import nodes
from tamis.rules.rendering import render
from tamis.rules.vocabulary import Type, Unknown, Vocabulary, Word

OPERATORS: Mapping[str, nodes.Operator] = {
    "is": "=", "not": "!=", "contains": "contains", "starts-with": "starts with", "in": "in", "at-least": ">=",
    "at-most": "<=", "between": "between", "known": "is known", "missing": "is missing",
}  # fmt: skip
"""The operators of the table, and those of rules that mean the same."""
OF_COMPANY = "company_"


def rule_of(filters: Filters) -> str:
    """The rule that selects what the filters leave. Raises :class:`~tamis.errors.Refused` for what no rule says."""
    if filters.q:
        raise Refused(
            say("Une règle ne cherche pas partout : remplacez la recherche « {text} » par un filtre sur le nom.",
                text=filters.q[:60]),
            "filter.search",
        )  # fmt: skip
    if not filters.conditions:
        raise Refused(say("Mettez au moins un filtre : une règle a une condition."), "filter.none")
    known, subject = vocabulary(), subject_of(filters)
    found = [_node(each, subject, known) for each in filters.conditions]
    return render(nodes.Rule(subject, found[0] if len(found) == 1 else nodes.AllOf(tuple(found))))


def subject_of(filters: Filters) -> nodes.Subject:
    """What the table is of."""
    return "companies" if filters.subject is COMPANY else "contacts"


def _node(condition: Condition, subject: nodes.Subject, known: Vocabulary) -> nodes.Condition:
    key = condition.attribute.key
    through = subject == "contacts" and (key == "company" or key.startswith(OF_COMPANY)) and key not in _OWN_COMPANY
    name = ("name" if key == "company" else key.removeprefix(OF_COMPANY)) if through else key
    if name in MEMBERSHIPS:
        made = _membership(condition, MEMBERSHIPS[name])
        return nodes.OfCompany(made) if through and name == "tag" else made
    there: nodes.Subject = "companies" if through else subject
    try:
        word = known.field(there, name)
    except Unknown:
        raise _unsayable(condition) from None
    if subject == "contacts" and name == "name":
        raise _unsayable(condition)
    values = tuple(_value(text, word, condition) for text in condition.texts)
    return nodes.Test(nodes.Field(word.key, through), OPERATORS[condition.operator.key], values)


_OWN_COMPANY = frozenset({"company_name"})
"""Fields of the contact itself whose names begin as those of its company."""


def _value(text: str, word: Word, condition: Condition) -> nodes.Value:
    """A text of the table as it is written in a rule."""
    if condition.operator.parts:
        return text
    match word.type:
        case Type.NUMBER:
            return Decimal(text)
        case Type.DAY | Type.INSTANT:
            return date.fromisoformat(text)
        case Type.YES_NO:
            return text in ("yes", "oui", "true")
        case Type.STATUS:
            return Status.objects.get(pk=int(text)).name
    return text


def _membership(condition: Condition, made: Callable[[Any], nodes.Condition]) -> nodes.Condition:
    """A segment, a list or a tag, or one of several."""
    every = [made(text) for text in condition.texts]
    denied = condition.operator.key == "not"
    if not every or (denied and not condition.attribute.always_known):  # some other tag, whichever, is no rule's word
        raise _unsayable(condition)
    one = every[0] if len(every) == 1 else nodes.AnyOf(tuple(every))
    return nodes.Not(one) if denied else one


def _list(text: str) -> nodes.Condition:
    return nodes.InList(List.objects.get(pk=int(text)).name)


def _tag(text: str) -> nodes.Condition:
    tag = Tag.objects.select_related("category").get(pk=int(text))
    return nodes.HasTag(tag.name, tag.category.name)


MEMBERSHIPS: Mapping[str, Callable[[str], nodes.Condition]] = {
    "segment": partial(nodes.InSegment),
    "list": _list,
    "tag": _tag,
}
"""What is no field, and how a rule says it."""


def _unsayable(condition: Condition) -> Refused:
    return Refused(
        say("Aucune règle ne dit « {condition} » : retirez ce filtre pour en faire une règle.",
            condition=condition.sentence),
        "filter.unsayable",
    )  # fmt: skip
