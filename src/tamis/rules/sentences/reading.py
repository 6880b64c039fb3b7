"""A sentence read back into a rule: made of the templates that :mod:`tamis.rules.sentences.describing` fills.

    sentence → tokens (lexing) → templates found (phrases), values (written), fields and tests (reading_measures) → rule

The reader takes what people type (case, accents, articles, plurals, any quotation marks and brackets) and never
guesses: what reads as two rules is refused, and so is what lets open whether « et » or « ou » binds first.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from tamis.identity.folding import fold
from tamis.messages import Message, say
from tamis.rules import nodes
from tamis.rules.checking import check
from tamis.rules.errors import RuleError
from tamis.rules.nodes import Condition, Node, Not, Rule, Times
from tamis.rules.parsing import DEEPEST, depth
from tamis.rules.rendering import render
from tamis.rules.sentences import wording, written
from tamis.rules.sentences.describing import describe, tell
from tamis.rules.sentences.phrases import Found, Place, Sentence, link_of
from tamis.rules.sentences.reading_measures import Filled, near, once
from tamis.rules.sentences.reading_tests import CLOSING, Tests
from tamis.rules.vocabulary import SEGMENTS, Unknown, Vocabulary
from tamis.sources.event_kinds import Kind

_GROUPS: dict[str, tuple[Message, type[nodes.AllOf] | type[nodes.AnyOf]]] = {
    "and": (wording.AND, nodes.AllOf), "or": (wording.OR, nodes.AnyOf),
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
    for subject, word in wording.SUBJECTS.items():
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


@dataclass(frozen=True)
class _Chain:
    """Conditions one after the other, up to a token: what links them, and whether it stands before the last."""

    conditions: tuple[Condition, ...]
    end: int
    link: str = ""
    closed: bool = False


class _Reader(Tests):
    """Reads conditions about one thing; every method gives what it read from a token on, with the token behind."""

    # Groups

    @once
    def whole(self, at: int) -> list[Found]:
        """Conditions between which « et » stands, or « ou »; one alone is itself."""
        found: list[Found] = []
        waiting = [_Chain((each,), end) for each, end in self.condition(at)]
        while waiting:
            chain = waiting.pop(0)
            longer = [*self.longer(chain)]
            waiting += longer
            if longer:
                continue
            if len(chain.conditions) == 1:
                found.append((chain.conditions[0], chain.end))
            elif chain.closed:
                group = _GROUPS[chain.link][1](chain.conditions, at=self.said.span(at, chain.end))
                found.append((group, chain.end))
            else:
                reason = say("mettez « et » ou « ou » devant la dernière condition")
                self.said.refuse(chain.end, "rule.link", reason, self.said.span(chain.end - 1, chain.end))
        return self.settled(at, found)

    def longer(self, chain: "_Chain") -> Iterator["_Chain"]:
        """The same conditions and the next one."""
        comma = self.said.token(chain.end)
        behind = chain.end + 1 if comma is not None and comma.word == "," else chain.end
        for link, (template, _) in _GROUPS.items():
            at = self.said.words(link_of(template), behind)
            if at is not None and chain.link not in ("", link):
                reason = say("« et » et « ou » se suivent : mettez entre parenthèses ce qui va ensemble")
                self.said.refuse(at, "rule.mixed", reason, self.said.span(at - 1, at))
            elif at is not None:
                for each, end in self.condition(at):
                    yield _Chain((*chain.conditions, each), end, link, closed=True)
        if behind > chain.end:
            for each, end in self.condition(behind):
                yield _Chain((*chain.conditions, each), end, chain.link)

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
        if opened is None or opened.word not in CLOSING:
            return []
        found = []
        for node, end in self.whole(at + 1):
            closed = self.said.token(end)
            if closed is not None and closed.word == CLOSING[opened.word]:
                found.append((node, end + 1))
            else:
                self.said.wanted(end, CLOSING[opened.word])
        return found

    def not_meeting(self, at: int) -> Iterator[Found]:
        for filled, end in self.said.phrase(wording.NOT_MEETING, at, group=lambda at, _: self.group(at)):
            yield Not(filled["group"], at=self.said.span(at, end)), end

    def inside(self, at: int) -> list[Found]:
        opened = self.said.token(at)
        return self.group(at) if opened is not None and opened.word in CLOSING else [(None, at)]

    # Events

    def did(self, at: int) -> Iterator[Found]:
        places: dict[str, Place] = {"kind": self.kinds, "rest": self.rest}

        def made(filled: Filled, times: Times, end: int) -> nodes.Did:
            where, window = filled["rest"]
            return nodes.Did(filled["kind"].key, where, times, window, at=self.said.span(at, end))

        for template, times in ((wording.AN_EVENT, Times()), (wording.NO_EVENT, Times("exactly", 0))):
            for filled, end in self.said.phrase(template, at, **places):
                yield made(filled, times, end), end
        yield from self.bounded(at, wording.EVENTS, made, places)

    def bounded(
        self, at: int, things: Message, made: Callable[[Filled, Times, int], Condition], places: Mapping[str, Place]
    ) -> Iterator[Found]:
        """A condition on how many things there are; "not exactly" and "not at least" deny one."""

        def number(at: int, _: Filled) -> list[Found]:
            return written.whole(self.said, at, written.MOST_TIMES)

        def so_many(at: int, _: Filled) -> list[Found]:
            return self.said.phrase(things, at, n=number, **places)

        for bound, template in wording.BOUNDS.items():
            for filled, end in self.said.phrase(template, at, things=so_many):
                inner = filled["things"]
                node = made(inner, Times(bound.removeprefix("not "), inner["n"]), end)  # type: ignore[arg-type]
                yield (Not(node, at=node.at) if bound.startswith("not ") else node), end

    def sequence(self, at: int) -> Iterator[Found]:
        for denied, template in enumerate(wording.SEQUENCE):
            filling = self.said.phrase(template, at, steps=self.steps, within=self.within,
                                       when=lambda at, _: written.window(self.said, at))  # fmt: skip
            for filled, end in filling:
                unit, n = filled["within"]
                span = self.said.span(at, end)
                node = nodes.Sequence(filled["steps"], n, unit, filled["when"], at=span)
                yield (Not(node, at=span) if denied else node), end

    def steps(self, at: int, _: Filled) -> list[Found]:
        """At least two steps of a sequence."""
        return written.several(self.said, at, self.step, wording.THEN)

    def step(self, at: int) -> list[Found]:
        return [
            (nodes.Step(kind.key, where, at=self.said.span(at, end)), end)
            for kind, behind in self.kinds(at, {})
            for where, end in self.of(kind).inside(behind)
        ]

    def within(self, at: int, _: Filled) -> Iterator[Found]:
        for unit, template in wording.WITHIN.items():
            for filled, end in self.said.phrase(template, at, n=lambda at, _: written.whole(self.said, at)):
                yield (unit, filled["n"]), end

    # The other subject

    def contacts(self, at: int) -> Iterator[Found]:
        contacts = self.of("contacts")
        places: dict[str, Place] = {"inside": lambda at, _: contacts.inside(at)}

        def made(filled: Filled, times: Times, end: int) -> nodes.HasContact:
            return nodes.HasContact(filled["inside"], times, at=self.said.span(at, end))

        for template, times in ((wording.A_CONTACT, Times()), (wording.NO_CONTACT, Times("exactly", 0))):
            for filled, end in self.said.phrase(template, at, **places):
                yield made(filled, times, end), end
        yield from self.bounded(at, wording.CONTACTS, made, places)

    def company(self, at: int) -> Iterator[Found]:
        companies = self.of("companies")
        for denied, template in enumerate(wording.A_COMPANY):
            for filled, end in self.said.phrase(template, at, inside=lambda at, _: companies.group(at)):
                node = nodes.OfCompany(filled["inside"], at=self.said.span(at, end))
                yield (Not(node, at=node.at) if denied else node), end

    # Memberships

    def membership(self, at: int) -> Iterator[Found]:
        places = {nodes.InSegment: self.segment, nodes.InList: self.in_list, nodes.InAudience: self.audience}
        for type, templates in wording.MEMBERSHIPS.items():
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
                wording.TAG_OF, at, tag=lambda *_, end=behind: [("", end)], category=lambda at, _: self.named(at, of)
            )
            found += [(filled["category"], end) for filled, end in filling]
        return found

    def named(self, at: int, made: Callable[[str], Node]) -> list[Found]:
        """A node made of a name in quotation marks."""
        for text, end in written.text(self.said, at):
            try:
                return [(made(text), end)]
            except Unknown as error:
                self.said.refuse(end, error.code, error.message, self.said.span(at, end))
        return []


def _names(node: Node) -> frozenset[tuple[str, ...]]:
    """The fields, properties and kinds that a condition names: two of one label are two things."""
    fields = {("field", each.name) for each in nodes.every(node, nodes.Field)}
    figures = {(each.kind, each.property) for each in nodes.every(node, nodes.Aggregate)}
    steps = {("kind", each.kind) for each in nodes.every(node, nodes.Step)}
    return frozenset(fields | figures | steps | {("kind", each.kind) for each in nodes.every(node, nodes.Did)})
