"""What a sentence compares, and with what: fields, figures of events, and the tests that operators tell."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeAlias, TypeVar

from tamis.identity.folding import fold
from tamis.identity.identifiers import BadValue
from tamis.messages import Message, say
from tamis.rules import nodes, written
from tamis.rules.labels import Labels
from tamis.rules.nodes import Aggregate, Node, Not, Subject, Test
from tamis.rules.operators import ALL, BY_KEY, OF_PROPERTY, Operator
from tamis.rules.phrases import Found, Sentence
from tamis.rules.values import stored
from tamis.rules.vocabulary import TEXTS, Other, Type, Unknown, Vocabulary, Word
from tamis.rules.wording import (
    AGAINST, COMPANYS, COMPANYS_ONE, DAYS, FIGURES, KNOWN_BUT, MISSING_OR, NONE, NONE_KNOWN_OR, NOR, ONE, ONE_KNOWN, OR,
    OTHER, TIMES_OTHER, TODAY, UNDEFINED, WHOSE,
)  # fmt: skip
from tamis.sources.event_kinds import Kind

About: TypeAlias = Subject | Kind
Form: TypeAlias = Literal["whole", "one", "none", "missing"]
"""How a sentence takes a measure up: the value, one of several, none of several, or « .. manque ou »."""
Filled: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class What:
    """What is compared, with what it is: an aggregate has a word without a key."""

    measure: nodes.Field | Aggregate
    word: Word
    subject: Subject
    form: Form = "whole"

    @property
    def types(self) -> tuple[Type, ...]:
        """As what its values may be written: what nobody defined is a text or a number."""
        return (Type.TEXT, Type.NUMBER) if self.word.undefined else (self.word.type,)

    @property
    def always_known(self) -> bool:
        """Whether it cannot be missing."""
        return isinstance(self.measure, Aggregate) and self.measure.function in ("count", "sum")


S = TypeVar("S", bound="Measures")
P = ParamSpec("P")


def once(read: Callable[Concatenate[S, int, P], list[Found]]) -> Callable[Concatenate[S, int, P], list[Found]]:
    """A reader that looks at each token once, about each thing."""

    @wraps(read)
    def remembered(self: S, at: int, *more: P.args, **named: P.kwargs) -> list[Found]:
        about = self.about if isinstance(self.about, str) else (self.about.key,)
        key = (read.__name__, about, at, *more)
        if key not in self.memory:
            self.memory[key] = read(self, at, *more, **named)
        return self.memory[key]

    return remembered


@dataclass
class Measures:
    """Reads fields, figures and tests that are about one thing, from a token on."""

    said: Sentence
    vocabulary: Vocabulary
    about: About
    memory: dict[Any, Any]

    def of(self: S, about: About) -> S:
        """The same, about something else."""
        return replace(self, about=about)

    def inside(self, at: int) -> list[Found]:
        """The condition in the brackets behind an event, if there are any."""
        raise NotImplementedError

    # Fields

    def labels(self, subject: Subject | None = None) -> Labels:
        """The labels of what can be compared."""
        about = subject or self.about
        key = ("labels", about if isinstance(about, str) else (about.key,))
        if key not in self.memory:
            kind = not isinstance(about, str)
            words = self.vocabulary.properties(about.key) if kind else self.vocabulary.fields[about].values()  # type: ignore[union-attr,index]
            self.memory[key] = Labels.of(words)
        labels: Labels = self.memory[key]
        return labels

    @once
    def fields(self, at: int) -> list[Found]:
        """A field of the subject, or a property of the event."""
        subject: Subject = "contacts" if self.about == "contacts" else "companies"
        found = self.labelled(at, subject)
        if isinstance(self.about, Kind):
            return found or [*self.undefined(at, self.about)]
        if self.about == "contacts":
            of = self.of("companies")
            for filled, end in self.said.phrase(COMPANYS, at, what=lambda at, _: of.labelled(at, "companies")):
                if all(end != taken for _, taken in found):
                    found = [*found, (_of_company(filled["what"]), end)]
        return found

    @once
    def labelled(self, at: int, subject: Subject) -> list[Found]:
        labels = self.labels()
        behind = self.said.tokens[at : at + labels.longest]
        found: list[Found] = []
        for word, length in labels.at(behind):
            end = at + length
            found.append((What(nodes.Field(word.key, at=self.said.span(at, end)), word, subject), end))
        if not found:
            shown = say("une propriété") if isinstance(self.about, Kind) else say("un champ")
            self.said.wanted(at, shown, labels.shown)
        return found

    def undefined(self, at: int, kind: Kind) -> Iterator[Found]:
        """A property that nobody defined, by its name in quotation marks."""
        for name, end in written.text(self.said, at):
            before, behind = UNDEFINED.templates[0].split("{name}")
            name = name.removeprefix(before).removesuffix(behind) if name.endswith(behind) else name
            if name and not {*name} & {*"`\r\n"}:
                field = nodes.Field(name, at=self.said.span(at, end))
                yield What(field, self.vocabulary.property(kind.key, name), "companies"), end

    def fields_of_many(self, at: int, _: Filled) -> list[Found]:
        """A field with several values, as it stands behind « un » and « aucun »."""
        if isinstance(self.about, Kind):
            return []
        subject = self.about
        found = [each for each in self.labelled(at, subject) if each[0].word.many]
        if self.about == "contacts":
            of = self.of("companies")
            for filled, end in self.said.phrase(COMPANYS_ONE, at, label=lambda at, _: of.labelled(at, "companies")):
                if filled["label"].word.many:
                    found.append((_of_company(filled["label"]), end))
        return found

    # Figures of events

    @once
    def figures(self, at: int) -> list[Found]:
        """A figure made of events: « le nombre d'événements « Achat » dans les 30 derniers jours »."""
        if isinstance(self.about, Kind):
            return []
        found: list[Found] = []
        for function, template in FIGURES.items():
            filling = self.said.phrase(template, at, kind=self.kinds, property=self.property_text, rest=self.rest)
            for filled, end in filling:
                where, window = filled["rest"]
                of = {"where": where, "window": window, "at": self.said.span(at, end)}
                for name in self.properties(function, filled):
                    measure = Aggregate(function, filled["kind"].key, name, **of)
                    type = Type.TEXT if function == "most frequent" else Type.NUMBER
                    found.append((What(measure, Word("", "", type, Other("")), "companies"), end))
        return found

    def property_text(self, at: int, _: Filled) -> list[Found]:
        return written.text(self.said, at, say("une propriété entre guillemets"))

    def properties(self, function: nodes.Function, filled: Filled) -> list[str]:
        """The properties that a text names: of those with this label, those of which the function can be."""
        if "property" not in filled:
            return [""]
        kind, text = filled["kind"], filled["property"]
        known = [each for each in self.vocabulary.properties(kind.key) if fold(str(each.label)) == fold(text)]
        wanted = OF_PROPERTY[function]
        fit = [each.key for each in known if not wanted or each.type in wanted] or [each.key for each in known]
        if fit:
            return fit
        before, behind = UNDEFINED.templates[0].split("{name}")
        return [text.removeprefix(before).removesuffix(behind) if text.endswith(behind) else text]

    def kinds(self, at: int, _: Filled = {}) -> list[Found]:  # noqa: B006
        """A kind of events by its label in quotation marks, or by its key."""
        found = written.text(self.said, at, say("un événement entre guillemets"))
        for text, end in found:
            known = {each.key: each for each in self.vocabulary.kinds.values()}
            labelled = [each for each in known.values() if fold(str(each.label)) == fold(text)]
            if labelled or text in known:
                return [(each, end) for each in labelled or [known[text]]]
            hint = near(text, [str(each.label) for each in known.values()])
            reason = say("aucun genre d'événement ne s'appelle « {kind} ».{hint}", kind=text[:60], hint=hint)
            self.said.refuse(end, "rule.kind", reason, self.said.span(at, end))
        return []

    def rest(self, at: int, filled: Filled) -> list[Found]:
        """What stands behind an event: the condition in brackets and the window, both or one or none."""
        of = self.of(filled["kind"])
        return [
            ((where, window), end)
            for where, behind in of.inside(at)
            for window, end in written.window(self.said, behind)
        ]

    # Tests

    @once
    def measures(self, at: int) -> list[Found]:
        return [*self.fields(at), *self.figures(at)]

    def whats(self, at: int) -> Iterator[Found]:
        """What a condition begins with: « dont la ville », « dont un nom », « dont la ville manque ou »."""

        def plain(at: int, _: Filled = {}) -> list[Found]:  # noqa: B006
            filling = self.said.phrase(WHOSE, at, what=lambda at, _: self.measures(at))
            return [(filled["what"], end) for filled, end in filling]

        for what, end in plain(at):
            yield (replace(what, form="one") if what.word.many else what), end
        for filled, end in self.said.phrase(MISSING_OR, at, what=plain):
            if not filled["what"].word.many:
                yield replace(filled["what"], form="missing"), end
        yield from self.of_many(at, "one")
        yield from self.of_many(at, "none")

    def of_many(self, at: int, form: Literal["one", "none"]) -> Iterator[Found]:
        template = ONE if form == "one" else NONE
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
        templates: list[Message | None]
        if what.form == "none":
            templates = [operator.none]
        else:
            templates = [operator.told(type, denied=denied) for type in what.types]
        for template in {each.text: each for each in templates if each is not None}.values():
            for test, end in self.filled(at, behind, what, operator, template, denied):
                yield (Not(test, at=test.at) if what.form in ("missing", "none") else test), end
        if what.form in ("whole", "one"):
            yield from self.plainly_denied(at, behind, what, operator)

    def filled(
        self, at: int, behind: int, what: What, operator: Operator, template: Message, denied: bool
    ) -> Iterator[Found]:
        """A template of an operator with its values."""

        def values(at: int, _: Filled) -> list[Found]:
            return self.values(at, what, operator, denied)

        filling = self.said.phrase(template, at, what=lambda *_: [(what, behind)], a=values, b=values)
        for filled, end in filling:
            values_found = (*filled["a"], *filled.get("b", ()))
            yield Test(what.measure, operator.key, values_found, at=self.said.span(at, end)), end  # type: ignore[arg-type]

    def plainly_denied(self, at: int, behind: int, what: What, operator: Operator) -> Iterator[Found]:
        """« dont la ville n'est pas « Lyon » »: nobody knows whether that is so of those whose city is not known."""
        affirmed = {each.told(type).text for each in ALL for type in what.types}
        for type in what.types:
            template = operator.told(type, denied=True)
            if template.text in affirmed:
                continue
            for test, end in self.filled(at, behind, what, operator, template, True):
                if what.always_known:
                    yield Not(test, at=test.at), end
                    continue
                reason = say("faut-il aussi prendre ceux dont la valeur manque ? Écrivez « {missing} », ou « {other} »",
                             missing=self.shown(MISSING_OR, test, template), other=BY_KEY["!="].label)  # fmt: skip
                if what.form == "one":
                    reason = say("ce champ a plusieurs valeurs : écrivez « {none} … » ou « {known} … mais {none} … »",
                                 none=_short(NONE), known=_short(ONE_KNOWN))  # fmt: skip
                self.said.refuse(end, "rule.missing", reason, self.said.span(at, end))

    def shown(self, before: Message, _test: Test, template: Message) -> str:
        """« .. manque ou n'est pas .. »."""
        return str(Message(template.text, {"what": _short(before), "a": "…", "b": "…"}))

    def values(self, at: int, what: What, operator: Operator, denied: bool) -> list[Found]:
        """The values that an operator takes, as the tuple of a test."""
        one = self.one_value(what, operator)
        match operator.takes:
            case "percent":
                found = written.percent(self.said, at)
            case "days":
                found = self.days(at, operator)
            case "some":
                link = NOR if denied else OR
                return [value for value in written.several(self.said, at, one, link)]
            case _:
                found = one(at)
        return [((value,), end) for value, end in found]

    def days(self, at: int, operator: Operator) -> list[Found]:
        """A number of days of a field, which count today as the first."""
        if operator.key == "more than":
            filling = self.said.phrase(DAYS, at, n=lambda at, _: written.whole(self.said, at))
            return [(Decimal(filled["n"]), end) for filled, end in filling]
        found = [(Decimal(each.n), end) for each, end in written.last(self.said, at, ("days",))]
        return [*found, *((Decimal(1), end) for _, end in self.said.phrase(TODAY, at))]

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
                labels = {fold(str(label)): key for key, label in what.word.choices.items()}
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
        several = {"label": self.fields_of_many}
        one = {"label": lambda at, _: self.measures(at)}
        known, missing = BY_KEY["is known"], BY_KEY["is missing"]
        for operator, template, places in (
            (known, known.sentence, one), (missing, missing.sentence, one), (known, ONE_KNOWN, several),
            (missing, known.none, several),
        ):  # fmt: skip
            assert template is not None
            for filled, end in self.said.phrase(template, at, **places):  # type: ignore[arg-type]
                yield Test(filled["label"].measure, operator.key, at=self.said.span(at, end)), end  # type: ignore[arg-type]

    def other_of_many(self, at: int) -> Iterator[Found]:
        """« dont on connaît un nom mais dont aucun nom n'est .. »; and, in brackets, what denies it."""
        equal = BY_KEY["="]

        def compared(form: Literal["one", "none"], template: Message) -> Callable[[int, Filled], Iterator[Found]]:
            def read(at: int, filled: Filled) -> Iterator[Found]:
                for what, behind in self.of_many(at, form):
                    if what.measure == filled["label"].measure:
                        yield from self.filled(at, behind, what, equal, template, False)

            return read

        assert equal.none is not None
        for filled, end in self.said.phrase(
            KNOWN_BUT, at, label=self.fields_of_many, inner=compared("none", equal.none)
        ):
            yield replace(filled["inner"], operator="!=", at=self.said.span(at, end)), end
        opened = self.said.token(at)
        if opened is not None and opened.word in ("(", "["):
            filling = self.said.phrase(
                NONE_KNOWN_OR, at + 1, label=self.fields_of_many, equal=compared("one", equal.sentence)
            )
            for filled, end in filling:
                closed = self.said.token(end)
                if closed is not None and closed.word == {"(": ")", "[": "]"}[opened.word]:
                    span = self.said.span(at, end + 1)
                    yield Not(replace(filled["equal"], operator="!=", at=span), at=span), end + 1

    @once
    def comparisons(self, at: int) -> list[Found]:
        """A figure against another one."""

        def others(at: int, _: Filled) -> Iterator[Found]:
            for filled, end in self.said.phrase(OTHER, at, other=lambda at, _: self.figures(at)):
                yield (Decimal(1), filled["other"].measure), end
            factor = {"factor": lambda at, _: written.number(self.said, at)}
            for filled, end in self.said.phrase(TIMES_OTHER, at, other=lambda at, _: self.figures(at), **factor):
                yield (filled["factor"], filled["other"].measure), end

        found: list[Found] = []
        for operator, template in AGAINST.items():
            for filled, end in self.said.phrase(template, at, what=lambda at, _: self.figures(at), other=others):
                factor, other = filled["other"]
                node: Node = nodes.Comparison(
                    filled["what"].measure, operator, other, factor, at=self.said.span(at, end)  # type: ignore[arg-type]
                )
                found.append((node, end))
        return found


def near(text: str, known: list[str]) -> Message | str:
    """What was meant, of some texts, if one is near."""
    from tamis.errors import did_you_mean

    by_fold = {fold(each): each for each in known}
    hint = did_you_mean(fold(text), by_fold)
    return Message(hint.text, {"word": by_fold[str(hint.values["word"])]}) if isinstance(hint, Message) else ""


def _of_company(what: What) -> What:
    assert isinstance(what.measure, nodes.Field)
    return replace(what, measure=replace(what.measure, of_company=True))


def _short(template: Message) -> str:
    """A template with dots for what fills it."""
    return str(Message(template.text, {"what": "…", "label": "…"})).strip()
