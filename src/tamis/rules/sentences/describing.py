"""A rule as one sentence, in the language of the moment: what the builder shows while somebody builds it.

Every condition is a complement of « Entreprises » or « Contacts » (« dont la ville est .. », « avec un contact .. »,
« hors du segment .. »), so that nothing has to agree with a gender or a number. What belongs to an event or to a
contact stands in brackets behind it, and so does a group of conditions within another; brackets within brackets are
square. Rules of one meaning may have one sentence (``not did x`` and ``did x at most 0 times``), others never have.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from tamis.identity.folding import fold
from tamis.messages import Message
from tamis.rules import nodes
from tamis.rules.nodes import Aggregate, Node, Rule, Subject, Test, Times, Value
from tamis.rules.operators import BY_KEY
from tamis.rules.sentences import wording
from tamis.rules.sentences.shown import inside_quotes, number_shown, percent_shown, printable, quoted
from tamis.rules.sentences.wording import days_told, filled, listed, value_told, when, window_told, with_article
from tamis.rules.vocabulary import SEGMENTS, Type, Vocabulary, Word
from tamis.sources.event_kinds import Kind

About: TypeAlias = Subject | Kind
"""What a condition is about: companies, contacts, or the events of a kind."""

_OPEN, _CLOSE = (
    "\ue000",
    "\ue001",
)  # brackets, until it is known how deep they are; nobody's text has them (`printable`)


def describe(rule: Rule, vocabulary: Vocabulary) -> str:
    """The sentence of a checked rule: « Entreprises dont la ville est « Lyon » et hors du segment « Client » »."""
    told = _Teller(vocabulary, rule.subject)
    return _bracketed(f"{wording.SUBJECTS[rule.subject]} {told.whole(rule.where)}")


def tell(node: Node, vocabulary: Vocabulary, about: About) -> str:
    """The words for one node of a checked rule: a condition, an aggregate, a window, a sequence's step."""
    told = _Teller(vocabulary, about)
    match node:
        case Rule():
            return describe(node, vocabulary)
        case nodes.Last() | nodes.Before() | nodes.After() | nodes.Between():
            return window_told(node)
        case Aggregate():
            return _bracketed(told.aggregate(node))
        case nodes.Step():
            return _bracketed(told.step(node))
        case nodes.Field():
            return str(told.name(node))
        case Times():
            return number_shown(node.n)
        case _:
            return _bracketed(told.condition(node))


def _bracketed(text: str) -> str:
    """The text with its brackets: round ones, within them square ones, within those round ones again."""
    made, depth = [], 0
    for char in text:
        if char == _CLOSE:
            depth -= 1
        made.append({_OPEN: "(["[depth % 2], _CLOSE: ")]"[depth % 2]}.get(char, char))
        if char == _OPEN:
            depth += 1
    return "".join(made)


@dataclass(frozen=True)
class _Teller:
    """Tells what is about one thing; every method returns a text in the language of the moment."""

    vocabulary: Vocabulary
    about: About

    def whole(self, node: Node) -> str:
        """Conditions that stand alone, or inside brackets: a group there needs none of its own."""
        match node:
            case nodes.AllOf(conditions):
                return listed([self.condition(each) for each in conditions], wording.AND)
            case nodes.AnyOf(conditions):
                return listed([self.condition(each) for each in conditions], wording.OR)
            case nodes.Not(nodes.Not(condition)):
                return self.whole(condition)
        return self.condition(node)

    def condition(self, node: Node) -> str:
        match node:
            case nodes.AllOf() | nodes.AnyOf():
                return f"{_OPEN}{self.whole(node)}{_CLOSE}"
            case nodes.Not(nodes.Not(condition)):
                return self.condition(condition)
            case nodes.Not(nodes.AllOf() | nodes.AnyOf() | nodes.Comparison() as condition):
                return filled(wording.NOT_MEETING, group=f"{_OPEN}{self.whole(condition)}{_CLOSE}")
            case nodes.Not(condition):
                return self.leaf(condition, denied=True)
        return self.leaf(node, denied=False)

    def leaf(self, node: Node, *, denied: bool) -> str:
        match node:
            case Test():
                return self.test(node, denied)
            case nodes.Comparison():
                return self.comparison(node)
            case nodes.Did(times=times):
                return self.did(node, opposite(times) if denied else times)
            case nodes.HasContact(where, times):
                return self.contacts(where, opposite(times) if denied else times)
            case nodes.OfCompany(where):
                inside = replace(self, about="companies").inside(where)
                return filled(wording.A_COMPANY[denied], inside=inside)
            case nodes.Sequence():
                return self.sequence(node, denied)
        return self.membership(node, denied)

    def inside(self, where: Node | None) -> str:
        """The brackets behind an event or a contact."""
        return f" {_OPEN}{self.whole(where)}{_CLOSE}" if where else ""

    # Fields and aggregates

    def test(self, node: Test, denied: bool) -> str:
        operator = BY_KEY[node.operator]
        word = None if isinstance(node.measure, Aggregate) else self.word(node.measure)
        if word and word.many:
            return self.test_of_many(node, word, denied)
        type = self.type(node.measure)
        single = replace_single(node)
        template = BY_KEY[single.operator].told(type, denied=denied)
        label = self.aggregate(node.measure) if isinstance(node.measure, Aggregate) else str(self.name(node.measure))
        what = filled(wording.WHOSE, what=label)
        if denied and operator.takes != "nothing" and not _always_known(node.measure):
            what = filled(wording.MISSING_OR, what=what)
        return filled(template, what=what, label=label, **self.values(single, type, denied))

    def test_of_many(self, node: Test, word: Word, denied: bool) -> str:
        """Of a field with several values: one of them, or none."""
        label, single = self.label(node.measure), replace_single(node)  # type: ignore[arg-type]
        operator, values = BY_KEY[single.operator], self.values(single, word.type, False)
        one = filled(wording.ONE, label=label)
        none = filled(wording.NONE, label=label)
        if operator.takes == "nothing":
            known = (operator.key == "is known") is not denied
            return filled(wording.ONE_KNOWN if known else BY_KEY["is known"].none, label=label)
        if operator.key == "!=":
            inner = filled(BY_KEY["="].none, what=none, **values)
            if denied:
                equal = filled(BY_KEY["="].sentence, what=one, **values)
                either = filled(wording.NONE_KNOWN_OR, label=label, equal=equal)
                return f"{_OPEN}{either}{_CLOSE}"
            return filled(wording.KNOWN_BUT, label=label, inner=inner)
        if denied:
            return filled(operator.none, what=none, **values)
        return filled(operator.sentence, what=one, **values)

    def comparison(self, node: nodes.Comparison) -> str:
        other = self.aggregate(node.other)
        if node.factor == 1:
            other = filled(wording.OTHER, other=other)
        else:
            other = filled(wording.TIMES_OTHER, factor=number_shown(node.factor), other=other)
        return filled(wording.AGAINST[node.operator], what=self.aggregate(node.measure), other=other)

    def aggregate(self, node: Aggregate) -> str:
        """« le nombre d'événements « Achat » dans les 30 derniers jours »."""
        kind = self.vocabulary.kind(node.kind)
        inside = replace(self, about=kind).inside(node.where)
        label = self.property(kind, node.property) if node.property else ""
        return filled(
            wording.FIGURES[node.function], kind=inside_quotes(str(kind.label)), property=inside_quotes(label),
            rest=inside + when(node.window),
        )  # fmt: skip

    def word(self, field: nodes.Field) -> Word:
        if isinstance(self.about, Kind):
            return self.vocabulary.property(self.about.key, field.name)
        return self.vocabulary.field(self.subject(field), field.name)

    def subject(self, field: nodes.Field) -> Subject:
        """Whose field it is."""
        return "contacts" if self.about == "contacts" and not field.of_company else "companies"

    def type(self, measure: nodes.Field | Aggregate) -> Type:
        if isinstance(measure, Aggregate):
            return type_of_figure(measure)
        return self.word(measure).type

    def label(self, field: nodes.Field) -> str:
        """« nom », « nom de l'entreprise »: behind « un » and « aucun »."""
        label = printable(str(self.word(field).label))
        return filled(wording.COMPANYS_ONE, label=label) if field.of_company else label

    def name(self, field: nodes.Field) -> str:
        """« la ville », « l'effectif »; the users' own words in quotation marks, as no gender is known of them."""
        word = self.word(field)
        if isinstance(self.about, Kind) and word.undefined:
            return quoted(self.property(self.about, field.name))
        name = str(with_article(word)) if isinstance(word.label, Message) else quoted(word.label)
        return filled(wording.COMPANYS, what=name) if field.of_company else name

    def property(self, kind: Kind, name: str) -> str:
        """The label of a property; one that nobody defined says so where its name is another one's label."""
        word = self.vocabulary.property(kind.key, name)
        if word.undefined and any(fold(str(each.label)) == fold(name) for each in self.vocabulary.properties(kind.key)):
            return filled(wording.UNDEFINED, name=name)
        return str(word.label)

    def values(self, node: Test, type: Type, denied: bool) -> dict[str, str]:
        """The values as ``{a}`` and ``{b}``."""
        operator = BY_KEY[node.operator]
        if operator.takes == "nothing":
            return {}
        if operator.takes == "percent":
            return {"a": percent_shown(_number(node.values[0]))}
        if operator.takes == "days":
            return {"a": days_told(operator.key, int(_number(node.values[0])))}
        word = None if isinstance(node.measure, Aggregate) else self.word(node.measure)
        shown = [value_told(value, word, node.operator) for value in node.values]
        if isinstance(node.measure, nodes.Field) and type is Type.STATUS:
            subject = self.subject(node.measure)
            shown = [quoted(self.vocabulary.status(subject, str(value)).name) for value in node.values]
        if operator.takes == "two":
            return {"a": shown[0], "b": shown[1]}
        link = wording.NOR if denied else wording.OR
        return {"a": listed(shown, link, every=denied)}

    # Events, contacts, memberships

    def did(self, node: nodes.Did, times: Times) -> str:
        kind = self.vocabulary.kind(node.kind)
        rest = replace(self, about=kind).inside(node.where) + when(node.window)
        label = inside_quotes(str(kind.label))
        if (times.bound, times.n) == ("at least", 1):
            return filled(wording.AN_EVENT, kind=label, rest=rest)
        if times.bound in ("at most", "exactly") and times.n == 0:
            return filled(wording.NO_EVENT, kind=label, rest=rest)
        return filled(wording.BOUNDS[times.bound], things=filled(wording.EVENTS, n=times.n, kind=label, rest=rest))

    def contacts(self, where: Node | None, times: Times) -> str:
        inside = replace(self, about="contacts").inside(where)
        if (times.bound, times.n) == ("at least", 1):
            return filled(wording.A_CONTACT, inside=inside)
        if times.bound in ("at most", "exactly") and times.n == 0:
            return filled(wording.NO_CONTACT, inside=inside)
        return filled(wording.BOUNDS[times.bound], things=filled(wording.CONTACTS, n=times.n, inside=inside))

    def sequence(self, node: nodes.Sequence, denied: bool) -> str:
        first, *others = [self.step(each) for each in node.steps]
        steps = first
        for step in others:
            steps = filled(wording.THEN, steps=steps, step=step)
        within = filled(wording.WITHIN[node.unit], n=node.within)
        return filled(wording.SEQUENCE[denied], steps=steps, within=within, when=when(node.window))

    def step(self, node: nodes.Step) -> str:
        kind = self.vocabulary.kind(node.kind)
        return quoted(str(kind.label)) + replace(self, about=kind).inside(node.where)

    def membership(self, node: Node, denied: bool) -> str:
        sentence = wording.MEMBERSHIPS[type(node)][denied]
        match node:
            case nodes.InSegment(segment):
                return filled(sentence, name=SEGMENTS[segment])
            case nodes.InList(name):
                return filled(sentence, name=inside_quotes(self.vocabulary.list(name).name))
            case nodes.InAudience(name):
                return filled(sentence, name=inside_quotes(self.vocabulary.audience(name).name))
            case nodes.HasTag(name, category):
                tag = self.vocabulary.tags_named(name, category)[0]
                shown = quoted(tag.name)
                if category:
                    shown = filled(wording.TAG_OF, tag=shown, category=inside_quotes(tag.category))
                return filled(sentence, tag=shown)
        raise TypeError(f"no words for {node!r}")


def opposite(times: Times) -> Times:
    """As many as are not wanted, where one bound says it; "not exactly" is its own bound in `wording.BOUNDS`."""
    match times:
        case Times("at least", n) if n > 0:
            return Times("at most", n - 1)
        case Times("at most", n):
            return Times("at least", n + 1)
        case Times("exactly", 0):
            return Times("at least", 1)
    return replace(times, bound=f"not {times.bound}")  # type: ignore[arg-type]


def replace_single(node: Test) -> Test:
    """A choice of one value as what it is: ``in ("a")`` is ``= "a"``."""
    single: dict[str, nodes.Operator] = {"in": "=", "contains any of": "contains"}
    if node.operator in single and len(node.values) == 1:
        return replace(node, operator=single[node.operator])
    return node


def type_of_figure(node: Aggregate) -> Type:
    """What an aggregate is compared as."""
    return Type.TEXT if node.function == "most frequent" else Type.NUMBER


def _always_known(measure: nodes.Field | Aggregate) -> bool:
    return isinstance(measure, Aggregate) and measure.function in ("count", "sum")


def _number(value: Value) -> Decimal:
    assert isinstance(value, Decimal | int)
    return Decimal(value)
