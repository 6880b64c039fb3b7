"""Whether a rule asks what can be asked here: words known, operators fit for their types, values readable."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NoReturn

from tamis.errors import did_you_mean
from tamis.identity.identifiers import BadValue
from tamis.messages import Message, say
from tamis.rules import nodes, operators
from tamis.rules.errors import RuleError
from tamis.rules.nodes import Node, Span, Subject
from tamis.rules.parsing import LONGEST, parse
from tamis.rules.rendering import render, render_value
from tamis.rules.values import stored, type_in
from tamis.rules.vocabulary import SEGMENTS, Other, Type, Unknown, Vocabulary, Word

TYPES: dict[Type, Message] = {
    Type.TEXT: say("un texte"), Type.CODE: say("un code"), Type.CHOICE: say("un choix"), Type.STATUS: say("un statut"),
    Type.NUMBER: say("un nombre"), Type.DAY: say("un jour"), Type.INSTANT: say("un jour"),
    Type.YES_NO: say("un oui ou non"),
}  # fmt: skip


def check(rule: nodes.Rule, vocabulary: Vocabulary, text: str | None = None) -> None:
    """Raise :class:`~tamis.rules.errors.RuleError` at the first thing that cannot be asked.

    ``text`` is what the rule was read from; without it, places are those of the canonical text.
    """
    written = render(rule)
    if text is None:
        text = written
        rule = parse(text)
    elif len(written) > LONGEST:  # nobody could read it again
        reason = say("une règle a {max} caractères au plus, telle que Tamis l'écrit", max=LONGEST)
        raise RuleError("rule.long", reason, text, Span(len(text), len(text)))
    _Checker(rule.subject, vocabulary, text).condition(rule.where)


@dataclass(frozen=True)
class _Checker:
    """Checks conditions about a subject, or within the parentheses of an event of ``kind``.

    ``stepped``: we came from the other subject, and may not go back.
    """

    subject: Subject
    vocabulary: Vocabulary
    text: str
    kind: str = ""
    stepped: bool = False

    def refuse(self, code: str, reason: Message, node: Node, word: str = "") -> NoReturn:
        """Refuse a node, at the place of a word of it where there is one."""
        first = node.at.start + (not isinstance(node, nodes.Step))  # "did did": the kind, not the word in front of it
        there = re.compile(rf"(?<![\w\"-]){re.escape(word)}(?![\w\"-])") if word else None
        found = there.search(self.text, first, node.at.end) if there else None
        raise RuleError(code, reason, self.text, Span(*found.span()) if found else node.at)

    def condition(self, node: nodes.Condition) -> None:
        match node:
            case nodes.AllOf(conditions) | nodes.AnyOf(conditions):
                for each in conditions:
                    self.condition(each)
            case nodes.Not(condition):
                self.condition(condition)
            case nodes.Test(nodes.Field() as field):
                self.field_test(node, field)
            case _ if self.kind:
                reason = say("entre les parenthèses d'un événement, seules ses propriétés se comparent")
                self.refuse("rule.property", reason, node)
            case nodes.Test(nodes.Aggregate() as aggregate):
                self.aggregate_test(node, aggregate)
            case nodes.Comparison(measure, _, other):
                self.number(measure)
                self.number(other)
            case nodes.Did(kind, where):
                self.event(kind, where, node)
            case nodes.Sequence(steps):
                for step in steps:
                    self.event(step.kind, step.where, step)
            case _:
                self.membership(node)

    def membership(self, node: nodes.Condition) -> None:
        try:
            match node:
                case nodes.InSegment(segment) if segment not in SEGMENTS:
                    hint = did_you_mean(segment, SEGMENTS)
                    raise Unknown(
                        "rule.segment",
                        say(
                            "aucun segment ne s'appelle « {name} ».{hint} Il y a : {all}",
                            name=segment[:40],
                            hint=hint,
                            all=", ".join(SEGMENTS),
                        ),
                    )
                case nodes.InList(name):
                    self.vocabulary.list(name)
                case nodes.InAudience(name):
                    self.audience(name, node)
                case nodes.HasTag(name, category):
                    self.vocabulary.tags_named(name, category)
                case nodes.HasContact(where):
                    self.step("companies", "contacts", where, node)
                case nodes.OfCompany(where):
                    self.step("contacts", "companies", where, node)
        except Unknown as error:
            self.refuse(error.code, error.message, node)  # fmt: skip

    def audience(self, name: str, node: Node) -> None:
        if self.vocabulary.audience(name).subject != self.subject:
            reason = say("« {name} » est une audience d'entreprises : passez par « company (..) »", name=name)
            if self.subject == "companies":
                reason = say("« {name} » est une audience de contacts : passez par « has contact (..) »", name=name)
            self.refuse("rule.audience", reason, node)

    def step(self, here: Subject, there: Subject, where: nodes.Condition | None, node: Node) -> None:
        if self.stepped:
            reason = say("on est déjà passé des uns aux autres : il n'y a qu'un seul passage, sans retour")
            self.refuse("rule.step", reason, node)
        if self.subject != here:
            wrong = say("une entreprise n'a pas d'entreprise : « company » ne va qu'avec « contacts where »")
            if here == "companies":
                wrong = say("un contact n'a pas de contacts : « has contact » ne va qu'avec « companies where »")
            self.refuse("rule.step", wrong, node)
        if where is not None:
            replace(self, subject=there, stepped=True).condition(where)

    # Fields and properties

    def field_test(self, node: nodes.Test, field: nodes.Field) -> None:
        word = self.word(field)
        type = type_in(word, node.values)
        known = operators.operators_of(type)
        if self.kind:
            known = [each for each in known if each.takes != "percent"]
        self.operator(node, known, type, say("« {field} »", field=field.name))
        self.values(node, word, "companies" if field.of_company else self.subject)

    def word(self, field: nodes.Field) -> Word:
        try:
            if self.kind:
                if field.of_company:
                    raise Unknown("rule.property", say("un événement n'a que ses propriétés"))
                return self.vocabulary.asked_property(self.kind, field.name)
            if not field.of_company:
                return self.vocabulary.field(self.subject, field.name)
            if self.subject != "contacts" or self.stepped:
                reason = say("« company. » ne va qu'avec « contacts where », hors de « company (..) »")
                raise Unknown("rule.step", reason)
            return self.vocabulary.field("companies", field.name)
        except Unknown as error:
            self.refuse(error.code, error.message, field)

    def operator(self, node: nodes.Test, known: Iterable[operators.Operator], type: Type, what: Message) -> None:
        keys = [each.key for each in known]
        if node.operator not in keys:
            reason = say(
                "{what} est {type} : « {operator} » ne s'y applique pas. On peut demander : {all}",
                what=what, type=TYPES[type], operator=node.operator, all=", ".join(keys),
            )  # fmt: skip
            self.refuse("rule.operator", reason, node)
        if node.operator in ("in top", "in bottom") and node.values[0] < 1:  # type: ignore[operator]
            self.refuse("rule.percent", say("le pourcentage va de 1 à 100"), node)

    def values(self, node: nodes.Test, word: Word, subject: Subject) -> None:
        try:
            for value in node.values:
                said = render_value(value)
                stored(replace(word, type=type_in(word, node.values)), node.operator, [value], subject, self.vocabulary)
        except BadValue as error:
            self.refuse("rule.value", error.reason, node, said)
        except Unknown as error:
            self.refuse(error.code, error.message, node, said)

    # Events

    def event(self, kind: str, where: nodes.Condition | None, node: Node) -> None:
        try:
            self.vocabulary.kind(kind)
        except Unknown as error:
            self.refuse(error.code, error.message, node, kind)
        if where is not None:
            replace(self, kind=kind).condition(where)

    def aggregate_test(self, node: nodes.Test, aggregate: nodes.Aggregate) -> None:
        type = self.aggregate(aggregate)
        known = [each for each in operators.operators_of(type) if each.key != "is exactly"]
        self.operator(node, known, type, say("« {field} »", field=render(aggregate)[:60]))
        self.values(node, Word("", "", type, Other("")), self.subject)

    def number(self, node: nodes.Aggregate) -> None:
        if self.aggregate(node) is not Type.NUMBER:
            self.refuse("rule.type", say("deux textes ne se comparent pas entre eux"), node)

    def aggregate(self, node: nodes.Aggregate) -> Type:
        """The type of an aggregate, whose parts are checked."""
        self.event(node.kind, node.where, node)
        if not node.property:
            if node.function in operators.OF_PROPERTY:
                reason = say("« {function} » se calcule sur une propriété : {function}({kind}.propriété)",
                             function=node.function, kind=node.kind)  # fmt: skip
                self.refuse("rule.property", reason, node)
            return Type.NUMBER
        if node.function not in operators.OF_PROPERTY:
            reason = say("« {function} » se calcule sur des événements, sans propriété",
                         function=node.function)  # fmt: skip
            self.refuse("rule.property", reason, node)
        try:
            word = self.vocabulary.asked_property(node.kind, node.property)
        except Unknown as error:
            self.refuse(error.code, error.message, node, node.property)
        wanted = operators.OF_PROPERTY[node.function]
        if wanted and word.type not in wanted and not (word.undefined and Type.NUMBER in wanted):
            reason = say("« {property} » est {type} : « {function} » ne s'y applique pas",
                         property=node.property, type=TYPES[word.type], function=node.function)  # fmt: skip
            self.refuse("rule.type", reason, node)
        return Type.TEXT if node.function == "most frequent" else Type.NUMBER
