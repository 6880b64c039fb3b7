"""A sentence read back into a rule: made of the templates that :mod:`tamis.rules.describing` fills.

    sentence → tokens (lexing) → templates found (phrases), values (written), fields and tests (reading_measures) → rule

The reader takes what people type (case, accents, articles, plurals, any quotation marks and brackets) and never
guesses: what reads as two rules is refused, and so is what lets open whether « et » or « ou » binds first.
"""

from collections.abc import Iterator
from dataclasses import replace

from tamis.identity.folding import fold
from tamis.messages import Message, say
from tamis.rules import nodes, written
from tamis.rules.checking import check
from tamis.rules.describing import describe, tell
from tamis.rules.errors import RuleError
from tamis.rules.nodes import Condition, Node, Not, Rule, Subject, Times
from tamis.rules.parsing import DEEPEST, depth
from tamis.rules.phrases import Found, Sentence, link_of
from tamis.rules.reading_measures import Filled, Measures, near, once
from tamis.rules.rendering import render
from tamis.rules.vocabulary import SEGMENTS, Unknown, Vocabulary
from tamis.rules.wording import (
    A_COMPANY, A_CONTACT, AN_EVENT, AND, BOUNDS, CONTACTS, EVENTS, MEMBERSHIPS, NO_CONTACT, NO_EVENT, NOT_MEETING, OR,
    SEQUENCE, SUBJECTS, TAG_OF, THEN, WITHIN,
)  # fmt: skip
from tamis.sources.event_kinds import Kind

_CLOSING = {"(": ")", "[": "]"}
_GROUPS: dict[str, tuple[Message, type[nodes.AllOf] | type[nodes.AnyOf]]] = {
    "and": (AND, nodes.AllOf), "or": (OR, nodes.AnyOf),
}  # fmt: skip


def read(sentence: str, vocabulary: Vocabulary) -> Rule:
    """The checked rule that a sentence says, in the language of the moment; its nodes stand where they are said.

    Raises :class:`~tamis.rules.errors.RuleError` with the place of what cannot be read (``rule.sentence``), is not
    known, or reads as two rules (``rule.ambiguous``).
    """
    said = Sentence.of(sentence)
    try:
        found = [*_rules(said, vocabulary)]
        if not found:
            raise said.error()
        rule = found[0] if len(found) == 1 else _the_one(found, said, vocabulary)
        if depth(rule) > DEEPEST:
            raise _too_deep(said)
        check(rule, vocabulary, sentence)
    except RecursionError:
        raise _too_deep(said) from None
    return rule


def _too_deep(said: Sentence) -> RuleError:
    reason = say("{max} conditions l'une dans l'autre au plus", max=DEEPEST)
    return RuleError("rule.deep", reason, said.text, said.span(0, len(said.tokens)))


def _rules(said: Sentence, vocabulary: Vocabulary) -> Iterator[Rule]:
    """Every rule that the whole sentence says."""
    for subject, word in SUBJECTS.items():
        for _, behind in said.phrase(word, 0):
            reader = _Reader(said, vocabulary, subject, {})
            for where, end in reader.whole(behind):
                last = said.token(end)
                if last is not None and last.word == ".":
                    end += 1
                if end == len(said.tokens):
                    yield Rule(subject, where, at=said.span(0, end))
                else:
                    said.wanted(end, say("la fin"))


def _the_one(rules: list[Rule], said: Sentence, vocabulary: Vocabulary) -> Rule:
    """Of several rules the one that would be told in these very words. Raises ``RuleError`` when none or two would."""
    told = [each for each in rules if _plain(describe(each, vocabulary)) == _plain(said.text)]
    if len(told) == 1:
        return told[0]
    first, second = (told or rules)[:2]
    reason = say("cette phrase se lit de deux façons : « {first} », ou « {second} »",
                 first=render(first), second=render(second))  # fmt: skip
    raise RuleError("rule.ambiguous", reason, said.text, said.span(0, len(said.tokens)))


def _plain(sentence: str) -> str:
    return fold(sentence).removesuffix(".")


class _Reader(Measures):
    """Reads conditions about one thing; every method gives what it read from a token on, with the token behind."""

    # Groups

    @once
    def whole(self, at: int) -> list[Found]:
        """Conditions between which « et » stands, or « ou »; one alone is itself."""
        found: list[Found] = []
        waiting: list[tuple[str, tuple[Condition, ...], int]] = [("", (each,), end) for each, end in self.condition(at)]
        while waiting:
            link, conditions, end = waiting.pop(0)
            longer = [*self.longer(link, conditions, end)]
            waiting += longer
            if longer:
                continue
            if len(conditions) == 1:
                found.append((conditions[0], end))
            elif link:
                found.append((_GROUPS[link][1](conditions, at=self.said.span(at, end)), end))
        return self.settled(at, found)

    def longer(
        self, link: str, conditions: tuple[Condition, ...], at: int
    ) -> Iterator[tuple[str, tuple[Condition, ...], int]]:
        """The same conditions and the next one."""
        comma = self.said.token(at)
        behind = at + 1 if comma is not None and comma.word == "," else at
        for name, (template, _) in _GROUPS.items():
            end = self.said.words(link_of(template), behind)
            if end is None:
                continue
            if link not in ("", name):
                reason = say("« et » et « ou » se suivent : mettez entre parenthèses ce qui va ensemble")
                self.said.refuse(end, "rule.mixed", reason, self.said.span(end - 1, end))
                continue
            for each, last in self.condition(end):
                yield name, (*conditions, each), last
        if behind > at and not link:
            for each, last in self.condition(behind):
                yield "", (*conditions, each), last

    @once
    def condition(self, at: int) -> list[Found]:
        found = [*self.tests(at), *self.group(at), *self.not_meeting(at)]
        if not isinstance(self.about, Kind):
            found += [
                *self.comparisons(at), *self.did(at), *self.sequence(at), *self.contacts(at), *self.company(at),
                *self.membership(at),
            ]  # fmt: skip
        return self.settled(at, found)

    def settled(self, _at: int, found: list[Found]) -> list[Found]:
        """What was read, once: of what has the same words about the same things, the first."""
        once_each = [*dict.fromkeys(found)]
        if len(once_each) < 2:
            return once_each
        kept: dict[object, Found] = {}
        for node, end in once_each:
            kept.setdefault((end, tell(node, self.vocabulary, self.about), _names(node)), (node, end))
        return [*kept.values()]

    @once
    def group(self, at: int) -> list[Found]:
        """Conditions in round brackets or in square ones."""
        opened = self.said.token(at)
        if opened is None or opened.word not in _CLOSING:
            return []
        found = []
        for node, end in self.whole(at + 1):
            closed = self.said.token(end)
            if closed is not None and closed.word == _CLOSING[opened.word]:
                found.append((node, end + 1))
            else:
                self.said.wanted(end, _CLOSING[opened.word])
        return found

    def not_meeting(self, at: int) -> Iterator[Found]:
        for filled, end in self.said.phrase(NOT_MEETING, at, group=lambda at, _: self.group(at)):
            yield Not(filled["group"], at=self.said.span(at, end)), end

    def inside(self, at: int) -> list[Found]:
        opened = self.said.token(at)
        return self.group(at) if opened is not None and opened.word in _CLOSING else [(None, at)]

    # Events

    def did(self, at: int) -> Iterator[Found]:
        places = {"kind": self.kinds, "rest": self.rest}
        for template, times in ((AN_EVENT, Times()), (NO_EVENT, Times("exactly", 0))):
            for filled, end in self.said.phrase(template, at, **places):
                yield self.did_of(filled, times, at, end), end
        for bound, filled, end in self.counted(at, EVENTS, **places):
            yield _bound(bound, filled["n"], lambda times, f=filled, e=end: self.did_of(f, times, at, e)), end

    def did_of(self, filled: Filled, times: Times, at: int, end: int) -> nodes.Did:
        where, window = filled["rest"]
        return nodes.Did(filled["kind"].key, where, times, window, at=self.said.span(at, end))

    def counted(self, at: int, things: Message, **places):
        """A bound, and what fills the template of so many things."""

        def so_many(at: int, _: Filled) -> list[Found]:
            n = lambda at, _: written.whole(self.said, at, written.MOST_TIMES)  # noqa: E731
            return self.said.phrase(things, at, n=n, **places)

        for bound, template in BOUNDS.items():
            for filled, end in self.said.phrase(template, at, things=so_many):
                yield bound, filled["things"], end

    def sequence(self, at: int) -> Iterator[Found]:
        for denied, template in enumerate(SEQUENCE):
            filling = self.said.phrase(template, at, steps=self.steps, within=self.within,
                                       when=lambda at, _: written.window(self.said, at))  # fmt: skip
            for filled, end in filling:
                unit, n = filled["within"]
                span = self.said.span(at, end)
                node = nodes.Sequence(filled["steps"], n, unit, filled["when"], at=span)
                yield (Not(node, at=span) if denied else node), end

    def steps(self, at: int, _: Filled) -> list[Found]:
        """At least two steps of a sequence."""
        return written.several(self.said, at, self.step, THEN)

    def step(self, at: int) -> list[Found]:
        return [
            (nodes.Step(kind.key, where, at=self.said.span(at, end)), end)
            for kind, behind in self.kinds(at)
            for where, end in self.of(kind).inside(behind)
        ]

    def within(self, at: int, _: Filled) -> Iterator[Found]:
        for unit, template in WITHIN.items():
            for filled, end in self.said.phrase(template, at, n=lambda at, _: written.whole(self.said, at)):
                yield (unit, filled["n"]), end

    # The other subject

    def contacts(self, at: int) -> Iterator[Found]:
        contacts = self.of("contacts")
        places = {"inside": lambda at, _: contacts.inside(at)}

        def made(filled: Filled, times: Times, end: int) -> nodes.HasContact:
            return nodes.HasContact(filled["inside"], times, at=self.said.span(at, end))

        for template, times in ((A_CONTACT, Times()), (NO_CONTACT, Times("exactly", 0))):
            for filled, end in self.said.phrase(template, at, **places):
                yield made(filled, times, end), end
        for bound, filled, end in self.counted(at, CONTACTS, **places):
            yield _bound(bound, filled["n"], lambda times, f=filled, e=end: made(f, times, e)), end

    def company(self, at: int) -> Iterator[Found]:
        companies = self.of("companies")
        for denied, template in enumerate(A_COMPANY):
            for filled, end in self.said.phrase(template, at, inside=lambda at, _: companies.group(at)):
                node = nodes.OfCompany(filled["inside"], at=self.said.span(at, end))
                yield (Not(node, at=node.at) if denied else node), end

    # Memberships

    def membership(self, at: int) -> Iterator[Found]:
        places = {nodes.InSegment: self.segment, nodes.InList: self.in_list, nodes.InAudience: self.audience}
        for type, templates in MEMBERSHIPS.items():
            for denied, template in enumerate(templates):
                for filled, end in self.said.phrase(template, at, name=places.get(type, self.tag), tag=self.tag):
                    (node,) = filled.values()
                    node = replace(node, at=self.said.span(at, end))
                    yield (Not(node, at=node.at) if denied else node), end

    def segment(self, at: int, _: Filled) -> list[Found]:
        for text, end in written.text(self.said, at):
            known = {fold(key): key for key in SEGMENTS} | {fold(str(label)): key for key, label in SEGMENTS.items()}
            if fold(text) in known:
                return [(nodes.InSegment(known[fold(text)]), end)]
            labels = [str(each) for each in SEGMENTS.values()]
            reason = say("aucun segment ne s'appelle « {name} ».{hint} Il y a : {all}", name=text[:40],
                         hint=near(text, labels), all=", ".join(labels))  # fmt: skip
            self.said.refuse(end, "rule.segment", reason, self.said.span(at, end))
        return []

    def in_list(self, at: int, _: Filled) -> list[Found]:
        return self.named(at, lambda name: nodes.InList(self.vocabulary.list(name).name))

    def audience(self, at: int, _: Filled) -> list[Found]:
        return self.named(at, lambda name: nodes.InAudience(self.vocabulary.audience(name).name))

    def tag(self, at: int, _: Filled) -> list[Found]:
        """A tag, alone or of a category."""
        found = self.named(at, lambda name: nodes.HasTag(self.vocabulary.tags_named(name)[0].name))
        for tag, behind in written.text(self.said, at):

            def of(category: str, tag: str = tag) -> nodes.HasTag:
                known = self.vocabulary.tags_named(tag, category)[0]
                return nodes.HasTag(known.name, known.category)

            filling = self.said.phrase(
                TAG_OF, at, tag=lambda *_, end=behind: [("", end)], category=lambda at, _: self.named(at, of)
            )
            found += [(filled["category"], end) for filled, end in filling]
        return found

    def named(self, at: int, made):
        """A node made of a name in quotation marks."""
        for text, end in written.text(self.said, at):
            try:
                return [(made(text), end)]
            except Unknown as error:
                self.said.refuse(end, error.code, error.message, self.said.span(at, end))
        return []


def _bound(bound: str, n: int, made) -> Node:
    """A node with a number of times; "not exactly" and "not at least" are what denies it."""
    node = made(Times(bound.removeprefix("not "), n))  # type: ignore[arg-type]
    return Not(node, at=node.at) if bound.startswith("not ") else node


def _names(node: Node) -> frozenset[tuple[str, ...]]:
    """The fields, properties and kinds that a condition names: two of one label are two things."""
    found: set[tuple[str, ...]] = {("field", each.name) for each in nodes.every(node, nodes.Field)}
    for type in (nodes.Aggregate, nodes.Did, nodes.Step):
        found |= {("kind", each.kind) for each in nodes.every(node, type)}
    return frozenset(found | {("property", each.property) for each in nodes.every(node, nodes.Aggregate)})
