"""The tests of a sentence: a field or a figure, an operator's template, and the values in it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from tamis.identity.folding import fold
from tamis.identity.identifiers import BadValue
from tamis.messages import Message, say
from tamis.rules import nodes
from tamis.rules.nodes import Aggregate, Not, Test
from tamis.rules.operators import ALL, BY_KEY, Operator
from tamis.rules.sentences import wording, written
from tamis.rules.sentences.phrases import Found, Place
from tamis.rules.sentences.reading_measures import Filled, Measures, What, once
from tamis.rules.values import stored
from tamis.rules.vocabulary import TEXTS, Type, Unknown
from tamis.sources.event_kinds import Kind

CLOSING = {"(": ")", "[": "]"}


class Tests(Measures):
    """Reads tests and comparisons that are about one thing, from a token on."""

    __test__ = False  # for pytest: no test class

    @once
    def measures(self, at: int) -> list[Found]:
        return [*self.fields(at), *self.figures(at)]

    def whats(self, at: int) -> Iterator[Found]:
        """What a condition begins with: « dont la ville », « dont un nom », « dont la ville manque ou »."""

        def plain(at: int, _: Filled) -> list[Found]:
            filling = self.said.phrase(wording.WHOSE, at, what=lambda at, _: self.measures(at))
            return [(filled["what"], end) for filled, end in filling]

        for what, end in plain(at, {}):
            yield (replace(what, form="one") if what.word.many else what), end
        for filled, end in self.said.phrase(wording.MISSING_OR, at, what=plain):
            if not filled["what"].word.many:
                yield replace(filled["what"], form="missing"), end
        yield from self.of_many(at, "one")
        yield from self.of_many(at, "none")

    def of_many(self, at: int, form: Literal["one", "none"]) -> Iterator[Found]:
        template = wording.ONE if form == "one" else wording.NONE
        for filled, end in self.said.phrase(template, at, label=self.fields_of_many):
            yield replace(filled["label"], form=form), end

    @once
    def tests(self, at: int) -> list[Found]:
        """Every test that begins at a token."""
        found = [*self.known(at), *self.other_of_many(at)]
        for what, behind in self.whats(at):
            for operator in self.operators(what):
                found += self.compared(at, behind, what, operator)
        return found

    def operators(self, what: What) -> Iterator[Operator]:
        for each in ALL:
            fits = each.types & {*what.types} and each.takes != "nothing"
            ranked = each.takes == "percent" and isinstance(self.about, Kind)
            exactly = each.key == "is exactly" and isinstance(what.measure, Aggregate)
            if fits and not ranked and not exactly:
                yield each

    def compared(self, at: int, behind: int, what: What, operator: Operator) -> Iterator[Found]:
        """A test with an operator, whose measure stands before a token."""
        denied = what.form == "missing"
        templates = [operator.told(type, denied=denied) for type in what.types]
        if what.form == "none":
            templates = [operator.none] if operator.none else []
        for template in _each(templates):
            for test, end in self.completed(at, behind, what, operator, template, denied=denied):
                yield (Not(test, at=test.at) if what.form in ("missing", "none") else test), end
        if what.form in ("whole", "one"):
            yield from self.plainly_denied(at, behind, what, operator)

    def completed(
        self, at: int, behind: int, what: What, operator: Operator, template: Message, *, denied: bool = False
    ) -> Iterator[tuple[Test, int]]:
        """The template of an operator with its values."""

        def measured(_at: int, _: Filled) -> list[Found]:
            return [(what, behind)]

        def values(at: int, _: Filled) -> list[Found]:
            return self.values(at, what, operator, denied)

        for filled, end in self.said.phrase(template, at, what=measured, a=values, b=values):
            both = (*filled["a"], *filled.get("b", ()))
            yield Test(what.measure, operator.key, both, at=self.said.span(at, end)), end  # type: ignore[arg-type]

    def plainly_denied(self, at: int, behind: int, what: What, operator: Operator) -> Iterator[Found]:
        """« dont la ville n'est pas .. » leaves open whether those count whose city is not known: it is refused."""
        affirmed = {each.told(type).text for each in ALL for type in what.types}
        templates = [operator.told(type, denied=True) for type in what.types]
        for template in _each([each for each in templates if each.text not in affirmed]):
            for test, end in self.completed(at, behind, what, operator, template, denied=True):
                if what.always_known:
                    yield Not(test, at=test.at), end
                else:
                    self.said.refuse(end, "rule.missing", _either(what, template), test.at)

    def values(self, at: int, what: What, operator: Operator, denied: bool) -> list[Found]:
        """The values that an operator takes, as the tuple of a test."""
        one = self.one_value(what, operator)
        match operator.takes:
            case "percent":
                found = written.percent(self.said, at)
            case "days":
                found = self.days(at, operator)
            case "some":
                return written.several(self.said, at, one, wording.NOR if denied else wording.OR)
            case _:
                found = one(at)
        return [((value,), end) for value, end in found]

    def days(self, at: int, operator: Operator) -> list[Found]:
        """A number of days of a field, which count today as the first."""
        if operator.key == "more than":
            filling = self.said.phrase(wording.DAYS, at, n=lambda at, _: written.whole(self.said, at))
            return [(Decimal(filled["n"]), end) for filled, end in filling]
        found = [(Decimal(each.n), end) for each, end in written.last(self.said, at, ("days",))]
        return [*found, *((Decimal(1), end) for _, end in self.said.phrase(wording.TODAY, at))]

    def one_value(self, what: What, operator: Operator) -> Callable[[int], list[Found]]:
        """The reader of one value of a measure."""
        types = [type for type in what.types if type in operator.types]

        def read(at: int) -> list[Found]:
            for type in types:
                if found := self.of_type(at, type, what, operator):
                    return found
            return []

        return read

    def of_type(self, at: int, type: Type, what: What, operator: Operator) -> list[Found]:
        match type:
            case Type.NUMBER:
                return written.number(self.said, at)
            case Type.DAY | Type.INSTANT:
                return written.day(self.said, at)
            case Type.YES_NO:
                return written.yes_no(self.said, at)
        return [*self.text_of(at, type, what, operator)]

    def text_of(self, at: int, type: Type, what: What, operator: Operator) -> Iterator[Found]:
        """A text that the measure can be compared with; a choice by its label."""
        for text, end in written.text(self.said, at):
            value = text
            if type in TEXTS and operator.key in ("=", "!=", "in"):
                labels = {fold(str(label)): key for key, label in what.word.labels.items()}
                value = labels.get(fold(text), text)
            try:
                stored(replace(what.word, type=type), operator.key, [value], what.subject, self.vocabulary)  # type: ignore[arg-type]
                yield value, end
            except BadValue as error:
                self.said.refuse(end, "rule.value", error.reason, self.said.span(at, end))
            except Unknown as error:
                self.said.refuse(end, error.code, error.message, self.said.span(at, end))

    def known(self, at: int) -> Iterator[Found]:
        """Whether a measure is known or missing."""

        def one(at: int, _: Filled) -> list[Found]:
            return self.measures(at)

        known, missing = BY_KEY["is known"], BY_KEY["is missing"]
        ways: list[tuple[Operator, Message | None, Place]] = [
            (known, known.sentence, one), (missing, missing.sentence, one),
            (known, wording.ONE_KNOWN, self.fields_of_many), (missing, known.none, self.fields_of_many),
        ]  # fmt: skip
        for operator, template, label in ways:
            assert template is not None
            for filled, end in self.said.phrase(template, at, label=label):
                yield Test(filled["label"].measure, operator.key, at=self.said.span(at, end)), end  # type: ignore[arg-type]

    def other_of_many(self, at: int) -> Iterator[Found]:
        """« dont on connaît un nom mais dont aucun nom n'est .. »; and, in brackets, what denies it."""
        equal = BY_KEY["="]

        def same(form: Literal["one", "none"], template: Message | None) -> Place:
            assert template is not None

            def read(at: int, filled: Filled) -> Iterator[Found]:
                for what, behind in self.of_many(at, form):
                    if what.measure == filled["label"].measure:
                        yield from self.completed(at, behind, what, equal, template)

            return read

        inner = {"label": self.fields_of_many, "inner": same("none", equal.none)}
        for filled, end in self.said.phrase(wording.KNOWN_BUT, at, **inner):
            yield replace(filled["inner"], operator="!=", at=self.said.span(at, end)), end
        opened = self.said.token(at)
        if opened is None or opened.word not in CLOSING:
            return
        either = {"label": self.fields_of_many, "equal": same("one", equal.sentence)}
        for filled, end in self.said.phrase(wording.NONE_KNOWN_OR, at + 1, **either):
            closed = self.said.token(end)
            if closed is not None and closed.word == CLOSING[opened.word]:
                span = self.said.span(at, end + 1)
                yield Not(replace(filled["equal"], operator="!=", at=span), at=span), end + 1

    @once
    def comparisons(self, at: int) -> list[Found]:
        """A figure against another one."""

        def figures(at: int, _: Filled) -> list[Found]:
            return self.figures(at)

        def factors(at: int, _: Filled) -> list[Found]:
            return written.number(self.said, at)

        def others(at: int, _: Filled) -> Iterator[Found]:
            for template in (wording.OTHER, wording.TIMES_OTHER):
                for filled, end in self.said.phrase(template, at, other=figures, factor=factors):
                    yield (filled["other"].measure, filled.get("factor", Decimal(1))), end

        return [
            (nodes.Comparison(filled["what"].measure, operator, *filled["other"], at=self.said.span(at, end)), end)
            for operator, template in wording.AGAINST.items()
            for filled, end in self.said.phrase(template, at, what=figures, other=others)
        ]


def _each(templates: list[Message]) -> list[Message]:
    """Templates, each once."""
    return [*{each.text: each for each in templates}.values()]


def _either(what: What, template: Message) -> Message:
    """What can be written instead of a denial that leaves open what is missing."""
    if what.form == "one":
        return say("ce champ a plusieurs valeurs : écrivez « {none} » ou « {known} mais {none} »",
                   none=_short(wording.NONE), known=_short(wording.ONE_KNOWN))  # fmt: skip
    missing = wording.filled(template, what=_short(wording.MISSING_OR), a="…", b="…")
    return say("faut-il aussi prendre ceux dont la valeur manque ? Écrivez « {missing} », ou « {other} »",
               missing=missing, other=BY_KEY["!="].label)  # fmt: skip


def _short(template: Message) -> str:
    """A template with dots for what fills it."""
    return wording.filled(template, what="…", label="…").strip()
