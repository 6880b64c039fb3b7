"""What a sentence compares: the fields of companies and contacts, the properties of events, figures made of events."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Literal, TypeAlias, TypeVar, cast

from tamis.errors import did_you_mean
from tamis.identity.folding import fold
from tamis.messages import Message, say
from tamis.rules import nodes
from tamis.rules.nodes import Aggregate, Subject
from tamis.rules.operators import OF_PROPERTY
from tamis.rules.sentences import wording, written
from tamis.rules.sentences.labels import Labels
from tamis.rules.sentences.phrases import Found, Sentence
from tamis.rules.vocabulary import Other, Type, Vocabulary, Word
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
R = TypeVar("R", bound=Callable[..., list[Found]])


def once(read: R) -> R:
    """A reader that looks at each token once, about each thing."""

    @wraps(read)
    def remembered(self: "Measures", at: int, *more: Any) -> list[Found]:
        key = (read.__name__, self.about if isinstance(self.about, str) else (self.about.key,), at, *more)
        if key not in self.memory:
            self.memory[key] = read(self, at, *more)
        found: list[Found] = self.memory[key]
        return found

    return cast("R", remembered)


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

    @property
    def labels(self) -> Labels:
        """The labels of what can be compared."""
        kind = self.about if isinstance(self.about, Kind) else None
        key = ("labels", (kind.key,) if kind else self.about)
        if key not in self.memory:
            some = self.vocabulary.properties(kind.key) if kind else self.vocabulary.fields[self.about].values()  # type: ignore[index]
            self.memory[key] = Labels.of(some)
        labels: Labels = self.memory[key]
        return labels

    @once
    def fields(self, at: int) -> list[Found]:
        """A field of the subject, or a property of the event."""
        found = self.labelled(at)
        if isinstance(self.about, Kind):
            return found or [*self.undefined(at, self.about)]
        taken = {end for _, end in found}
        return [*found, *((what, end) for what, end in self.of_company(at, wording.COMPANYS) if end not in taken)]

    @once
    def labelled(self, at: int) -> list[Found]:
        subject: Subject = "contacts" if self.about == "contacts" else "companies"
        found: list[Found] = []
        for word, length in self.labels.at(self.said.tokens[at : at + self.labels.longest]):
            end = at + length
            found.append((What(nodes.Field(word.key, at=self.said.span(at, end)), word, subject), end))
        if not found:
            shown = say("une propriété") if isinstance(self.about, Kind) else say("un champ")
            self.said.wanted(at, shown, self.labels.shown)
        return found

    def of_company(self, at: int, template: Message) -> Iterator[Found]:
        """A field of a contact's company, by the template of such fields."""
        if self.about != "contacts":
            return
        company = self.of("companies")

        def labelled(at: int, _: Filled) -> list[Found]:
            return company.labelled(at)

        for filled, end in self.said.phrase(template, at, what=labelled, label=labelled):
            (what,) = filled.values()
            yield replace(what, measure=replace(what.measure, of_company=True)), end

    def undefined(self, at: int, kind: Kind) -> Iterator[Found]:
        """A property that nobody defined, by its name in quotation marks."""
        for text, end in written.text(self.said, at):
            if name := undefined_name(text):
                field = nodes.Field(name, at=self.said.span(at, end))
                yield What(field, self.vocabulary.property(kind.key, name), "companies"), end

    def fields_of_many(self, at: int, _: Filled) -> list[Found]:
        """A field with several values, as it stands behind « un » and « aucun »."""
        if isinstance(self.about, Kind):
            return []
        found = [*self.labelled(at), *self.of_company(at, wording.COMPANYS_ONE)]
        return [(what, end) for what, end in found if what.word.many]

    # Figures of events

    @once
    def figures(self, at: int) -> list[Found]:
        """A figure made of events: « le nombre d'événements « Achat » dans les 30 derniers jours »."""
        if isinstance(self.about, Kind):
            return []
        found: list[Found] = []
        for function, template in wording.FIGURES.items():
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
        return fit or [name for name in (undefined_name(text),) if name]

    def kinds(self, at: int, _: Filled) -> list[Found]:
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


def near(text: str, known: list[str]) -> Message | str:
    """What was meant, of some texts, if one is near."""
    by_fold = {fold(each): each for each in known}
    hint = did_you_mean(fold(text), by_fold)
    return Message(hint.text, {"word": by_fold[str(hint.values["word"])]}) if isinstance(hint, Message) else ""


def undefined_name(text: str) -> str:
    """The name of a property that nobody defined, as a sentence says it; nothing where no rule can have it."""
    before, behind = wording.UNDEFINED.templates[0].split("{name}")
    name = text.removeprefix(before).removesuffix(behind) if text.endswith(behind) else text
    return "" if {*name} & {*"`\r\n"} else name
