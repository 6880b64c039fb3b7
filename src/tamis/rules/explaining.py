"""Why somebody is in, why somebody is not [F1]: the rule as a tree, each node true or false, with what decided it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tamis.messages import Message, say, say_many
from tamis.rules import nodes
from tamis.rules.evaluating import Facts, Happening, Measured, Reader, here
from tamis.rules.nodes import Aggregate, Condition, Node, Subject, Test
from tamis.rules.sentences.describing import About, tell
from tamis.rules.sentences.shown import day_shown, moment_shown, number_shown, quoted, several
from tamis.rules.turning import Course, Foreseer, together
from tamis.rules.vocabulary import SEGMENTS, Type, Vocabulary

MOST = 3
"""Events, and contacts, that are shown of those that decided."""
_PLACES = Decimal("1e-10")


@dataclass(frozen=True)
class Of:
    """Whom a part of a tree is about, where that is somebody else than the whole."""

    subject: Subject
    id: int
    name: str


@dataclass(frozen=True)
class Explanation:
    """A node of a rule, and how it is with one subject.

    ``text`` tells the node, ``found`` what there is, ``note`` what to know about it; all in the language of the moment.
    ``values`` are what was compared: texts as they are stored, numbers with up to ten decimals, days as
    ``2026-03-31``; none where it is missing. ``count`` says how many events, or contacts, there are, and ``events`` are
    the latest of them. ``turns``: when time alone changes ``holds``, if nothing else happens before; ``None`` when it
    does not, or when it cannot be said.
    """

    node: Node
    text: str
    holds: bool
    found: str = ""
    note: str = ""
    values: tuple[str, ...] = ()
    count: int | None = None
    events: tuple[Happening, ...] = ()
    turns: datetime | None = None
    of: Of | None = None
    parts: tuple["Explanation", ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same as JSON: every key is always there; ``turns`` and ``ts`` are instants in UTC, numbers are texts."""
        return {
            "node": self.node.tag,
            "text": self.text,
            "holds": self.holds,
            "found": self.found,
            "note": self.note,
            "values": [*self.values],
            "count": self.count,
            "events": [_event_json(each) for each in self.events],
            "turns": _instant(self.turns) if self.turns else None,
            "of": {"subject": self.of.subject, "id": self.of.id, "name": self.of.name} if self.of else None,
            "parts": [each.as_json() for each in self.parts],
        }


def explain(
    rule: nodes.Rule, vocabulary: Vocabulary, facts: Facts, now: datetime, *, past: bool = False
) -> Explanation:
    """Why a checked rule holds of a subject or does not; ``past`` says that ``now`` is not the present.

    Its one part is the rule's condition.
    """
    reader = Reader(vocabulary, now)
    part, course = _Explainer(reader).explained(rule.where, facts)
    note = say("Les champs sont ceux d'aujourd'hui ; seuls les événements sont ceux d'alors.") if past else ""
    return Explanation(
        rule, tell(rule, vocabulary, rule.subject), course.holds, note=str(note), turns=course.turns, parts=(part,)
    )


@dataclass(frozen=True)
class _Explainer:
    reader: Reader

    @property
    def vocabulary(self) -> Vocabulary:
        return self.reader.vocabulary

    def explained(self, node: Condition, facts: Facts) -> tuple[Explanation, Course]:
        """A node's explanation, and how it will go on."""
        match node:
            case nodes.AllOf(conditions):
                return self.group(node, say("toutes ces conditions"), conditions, facts, all)
            case nodes.AnyOf(conditions):
                return self.group(node, say("au moins une de ces conditions"), conditions, facts, any)
            case nodes.Not(condition):
                return self.group(node, say("pas cette condition"), [condition], facts, lambda held: not held[0])
            case nodes.HasContact():
                return self.contacts(node, facts)
            case nodes.OfCompany():
                return self.company(node, facts)
        course = Foreseer(self.reader).leaf(node, facts)
        return self.leaf(node, facts, course), course

    def group(
        self, node: Node, text: Message, conditions: Sequence[Condition], facts: Facts,
        holds: Callable[[Sequence[bool]], bool],
    ) -> tuple[Explanation, Course]:  # fmt: skip
        parts = [self.explained(each, facts) for each in conditions]
        course = together([each for _, each in parts], holds)
        made = Explanation(
            node, str(text), course.holds, turns=course.turns, parts=tuple(explained for explained, _ in parts)
        )
        return made, course

    def contacts(self, node: nodes.HasContact, facts: Facts) -> tuple[Explanation, Course]:
        course = Foreseer(self.reader).course(node, facts)
        where = node.where
        held = [each for each in facts.contacts if where is None or self.reader.holds(where, each)]
        first = sorted(facts.contacts, key=lambda each: each not in held)[:MOST]
        parts = [_of(self.explained(where, each)[0], each) for each in first] if where else []
        found = say("{held} sur {all}", held=number_shown(len(held)),
                    all=say_many("{n} contact", "{n} contacts", n=len(facts.contacts)))  # fmt: skip
        text = tell(node, self.vocabulary, facts.subject)
        made = Explanation(
            node, text, course.holds, str(found), count=len(held), turns=course.turns, parts=tuple(parts)
        )
        return made, course

    def company(self, node: nodes.OfCompany, facts: Facts) -> tuple[Explanation, Course]:
        text = tell(node, self.vocabulary, facts.subject)
        if facts.company is None:
            return Explanation(node, text, False, str(say("sans entreprise"))), Course(False)
        part, course = self.explained(node.where, facts.company)
        made = Explanation(
            node, text, course.holds, facts.company.name, turns=course.turns, parts=(_of(part, facts.company),)
        )
        return made, course

    def leaf(self, node: Condition, facts: Facts, course: Course) -> Explanation:
        text, holds, turns = tell(node, self.vocabulary, facts.subject), course.holds, course.turns
        match node:
            case Test(nodes.Field()):
                test, about = here(node, facts)
                measured = self.reader.measured(test, about) if about else Measured(Type.TEXT, ())
                found = self.shown(measured, about.subject if about else "companies", test)
                return Explanation(
                    node, text, holds, found, self.note(test, about), _plain(measured.values), turns=turns
                )
            case Test(Aggregate() as measure):
                measured = self.reader.figure(measure, facts)
                found, events = self.shown(measured, measure, node), measured.events
                return Explanation(node, text, holds, found, self.note(node, facts), _plain(measured.values),
                                   len(events), tuple(events[-MOST:]), turns)  # fmt: skip
            case nodes.Comparison(measure, _, other):
                sides = [self.reader.figure(each, facts) for each in (measure, other)]
                found = str(say("{first} et {second}", first=self.shown(sides[0]), second=self.shown(sides[1])))
                events = sides[0].events
                values = _plain([value for side in sides for value in side.values])
                return Explanation(node, text, holds, found, "", values, len(events), tuple(events[-MOST:]), turns)
            case nodes.Did(kind, where, _, window):
                events = self.reader.events(facts, kind, where, window)
                return self.of_events(node, text, holds, events, turns)
            case nodes.Sequence():
                return self.of_events(node, text, holds, self.reader.chain(node, facts), turns, most=len(node.steps))
        return Explanation(node, text, holds, self.membership(node, facts))

    def of_events(
        self, node: Node, text: str, holds: bool, events: Sequence[Happening], turns: datetime | None, most: int = MOST
    ) -> Explanation:  # fmt: skip
        found = str(say("aucun événement"))
        if events:
            last = moment_shown(events[-1].ts, self.reader.zone)
            found = str(say_many("{n} événement, le {last}", "{n} événements, le dernier le {last}", n=len(events),
                                 last=last))  # fmt: skip
        return Explanation(node, text, holds, found, count=len(events), events=tuple(events[-most:]), turns=turns)

    def note(self, test: Test, about: Facts | None) -> str:
        """What is to be known of a value: that it is a bracket's, where a rank ends."""
        notes = []
        key = ""
        if about and isinstance(test.measure, nodes.Field):
            key = self.vocabulary.field(about.subject, test.measure.name).key
        if about and key in about.bracketed:
            notes.append(str(say("connu par sa tranche seulement : sa borne basse est comparée")))
        if about and test in about.edges:
            notes.append(str(say("la limite est {edge}", edge=number_shown(_decimal(about.edges[test])))))
        return " ; ".join(notes)

    def shown(self, measured: Measured, about: About | Aggregate = "companies", node: Test | None = None) -> str:
        """The values that are known, for people."""
        if not measured.values:
            return str(say("valeur manquante"))
        return several(self.value_shown(measured.type, each, about, node) for each in measured.values)

    def value_shown(self, type: Type, value: Any, about: About | Aggregate, node: Test | None) -> str:
        match value:
            case Fraction():
                shown = number_shown(_decimal(value))
                return shown if Fraction(_decimal(value)) == value else f"≈ {shown}"
            case date():
                return day_shown(value)
        if type is Type.STATUS:
            return quoted(next((each.name for each in self.vocabulary.statuses if each.id == value), str(value)))
        if type is Type.YES_NO:
            return str(say("oui") if value in ("oui", "true") else say("non"))
        if node and isinstance(node.measure, nodes.Field) and about in ("companies", "contacts"):
            choices = self.vocabulary.field(about, node.measure.name).choices
            return quoted(str(choices.get(value, value)))
        return quoted(value)

    def membership(self, node: Condition, facts: Facts) -> str:
        """Where a subject is, beside what is asked."""
        home = facts if facts.subject == "companies" else facts.company
        match node:
            case nodes.InSegment() | nodes.InList() if home is None:
                return str(say("sans entreprise"))
            case nodes.InSegment() if home:
                return quoted(str(SEGMENTS.get(home.segment, home.segment)))
            case nodes.InList() if home:
                return several(quoted(each.name) for each in self.vocabulary.lists if each.id in home.lists)
            case nodes.HasTag():
                return several(quoted(each.name) for each in self.vocabulary.tags if each.id in facts.tags)
        return ""


def _of(part: Explanation, facts: Facts) -> Explanation:
    return replace(part, of=Of(facts.subject, facts.id, facts.name))


def _decimal(number: Fraction | Decimal) -> Decimal:
    """A number as it is shown: exact, or with ten decimals."""
    if isinstance(number, Decimal):
        return number
    made = Decimal(number.numerator) / Decimal(number.denominator)
    return made if number == Fraction(made) else made.quantize(_PLACES)


def _plain(values: Sequence[Any]) -> tuple[str, ...]:
    """Values as the texts of their JSON form."""
    return tuple(f"{_decimal(each).normalize():f}" if isinstance(each, Fraction) else _text(each) for each in values)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _event_json(event: Happening) -> dict[str, Any]:
    values = {
        key: f"{each.normalize():f}" if isinstance(each, Decimal) else str(each) for key, each in event.values.items()
    }
    return {"id": event.id, "ts": _instant(event.ts), "kind": event.kind, "values": values}
