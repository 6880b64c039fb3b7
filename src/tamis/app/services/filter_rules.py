"""The filters of a table as a rule, so that what somebody has found there can be built on, counted, made an audience.

A condition of the table is one of the language in other words; what the language has no word for (a search in every
name, a claim, a lock, a pin, a tag by whoever put it) is told apart, and refused by name where only a rule will do.
:mod:`~tamis.app.services.rule_filters` is the other way round.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from tamis.app.models import List, Status, Tag
from tamis.app.services.company_attributes import Attribute
from tamis.app.services.company_conditions import Condition, Operator
from tamis.app.services.company_filters import Filters
from tamis.app.services.table_rules import words_of
from tamis.app.services.vocabulary import vocabulary
from tamis.errors import Refused
from tamis.identity.folding import fold, name_key
from tamis.messages import say
from tamis.rules import nodes
from tamis.rules.rendering import render
from tamis.rules.vocabulary import Type, Vocabulary, Word

OPERATORS: Mapping[str, nodes.Operator] = {
    "is": "=", "not": "!=", "contains": "contains", "starts-with": "starts with", "in": "in", "at-least": ">=",
    "at-most": "<=", "between": "between", "known": "is known", "missing": "is missing",
}  # fmt: skip
"""The operators of the table, and those of rules that mean the same."""
OF_COMPANY = "company_"
NAMES = frozenset({"name", "usual_name", "acronym", "brand", "former_name", "company"})
READ_OTHERWISE = NAMES | {"external_key"}
"""Where the table reads a text otherwise than a rule: names without their punctuation, keys as they are written."""


def rule_of(filters: Filters) -> str:
    """The rule that selects what the filters leave, names with their punctuation.

    Raises :class:`~tamis.errors.Refused` for what no rule says.
    """
    if filters.q:
        raise Refused(
            say("Une règle ne cherche pas partout : remplacez la recherche « {text} » par un filtre sur le nom.",
                text=filters.q[:60]),
            "filter.search",
        )  # fmt: skip
    text, left = told(filters, nearly=True)
    if left.conditions:
        raise Refused(
            say("Aucune règle ne dit « {condition} » : retirez ce filtre pour en faire une règle.",
                condition=left.conditions[0].sentence),
            "filter.unsayable",
        )  # fmt: skip
    if not text:
        raise Refused(say("Mettez au moins un filtre : une règle a une condition."), "filter.none")
    return text


def told(filters: Filters, *, nearly: bool = False) -> tuple[str, Filters]:
    """What of the filters a rule says, as its text (nothing where it says none), and the filters that are left.

    With ``nearly``, texts that the table reads otherwise are told, too.
    """
    known, subject = vocabulary(), words_of(filters.subject)
    found = [
        each for each in filters.conditions
        if says(each.attribute, each.operator, subject, known) and (nearly or says_the_same(each))
    ]  # fmt: skip
    where = [node_of(each, subject, known) for each in found]
    if filters.rule:
        where += conjuncts(filters.rule.question.rule.where)
    left = replace(filters, conditions=tuple(each for each in filters.conditions if each not in found), rule=None)
    if not where:
        return "", left
    return render(nodes.Rule(subject, where[0] if len(where) == 1 else nodes.AllOf(tuple(where)))), left


def conjuncts(where: nodes.Condition) -> list[nodes.Condition]:
    """The conditions all of which must hold."""
    match where:
        case nodes.AllOf(conditions):
            return [one for each in conditions for one in conjuncts(each)]
    return [where]


def says(attribute: Attribute, operator: Operator, subject: nodes.Subject, known: Vocabulary) -> bool:
    """Whether a rule can ask an attribute so."""
    name, through = rule_word(attribute.key, subject)
    if name in MEMBERSHIPS:  # some other tag, whichever, is no rule's word
        return operator.key in ("is", "in") or (operator.key == "not" and attribute.always_known)
    return name in known.fields["companies" if through else subject]  # a contact's name is no word of rules


def says_the_same(condition: Condition) -> bool:
    """Whether a rule that asks a condition so reads its texts as the table does: of names, a word within them."""
    if condition.attribute.key not in READ_OTHERWISE or not condition.texts:
        return True
    word = fold(condition.texts[0])
    is_name = condition.attribute.key in NAMES and condition.operator.key == "contains"
    return is_name and word == name_key(word) and " " not in word


def rule_word(key: str, subject: nodes.Subject) -> tuple[str, bool]:
    """What a rule calls an attribute, and whether it is one of a contact's company."""
    if subject == "companies" or not (key == "company" or key.startswith(OF_COMPANY)):
        return key, False
    return "name" if key == "company" else key.removeprefix(OF_COMPANY), True


def node_of(condition: Condition, subject: nodes.Subject, known: Vocabulary) -> nodes.Condition:
    """A condition of a table that a rule can say, as one of the language."""
    name, through = rule_word(condition.attribute.key, subject)
    if name in MEMBERSHIPS:
        made = _membership(condition, MEMBERSHIPS[name])
        return nodes.OfCompany(made) if through and name == "tag" else made
    word = known.field("companies" if through else subject, name)
    values = tuple(_value(text, word, condition) for text in condition.texts)
    return nodes.Test(nodes.Field(word.key, through), OPERATORS[condition.operator.key], values)


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
    one = every[0] if len(every) == 1 else nodes.AnyOf(tuple(every))
    return nodes.Not(one) if condition.operator.key == "not" else one


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
