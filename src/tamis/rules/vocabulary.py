"""The words that a rule may use here: fields, kinds of events and their properties, lists, tags, statuses, audiences.

A word says what it holds, where engines find it, and how a text that people write is brought to the stored form. The
built-in fields stand in :mod:`tamis.rules.fields`; the rest is the workspace's.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeVar
from zoneinfo import ZoneInfo

from tamis.errors import did_you_mean, meant
from tamis.identity.folding import fold
from tamis.messages import Message, say
from tamis.rules.nodes import Subject
from tamis.sources.event_kinds import BUILT_IN, BY_KEY, Kind, Kinds

if TYPE_CHECKING:
    from tamis.rules.nodes import Value

OWN = "own."
"""In front of the key of a field of the users' own, where a built-in one has the same."""


class Type(StrEnum):
    """What a word holds: it decides which operators it takes."""

    TEXT = "text"
    CODE = "code"
    CHOICE = "choice"
    STATUS = "status"
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"
    YES_NO = "yes-no"


TEXTS = frozenset({Type.TEXT, Type.CODE, Type.CHOICE})


@dataclass(frozen=True)
class Column:
    """A column of the subject's own table, or of the events'; a text has a twin ``<name>_folded``."""

    name: str


@dataclass(frozen=True)
class Bracketed:
    """A number, else the lower bound of a bracket whose code stands in another column."""

    name: str
    bracket: str


@dataclass(frozen=True)
class Rows:
    """A column of another table, whose column ``of`` is the subject's id, in the rows where ``only`` says so."""

    table: str
    of: str
    name: str
    only: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Other:
    """A property of an event that is no column: a text in the map ``more``, folded in ``more_folded``.

    One that the kind does not define is read as a number where it is compared with one.
    """

    name: str
    defined: bool = True


Place = Column | Bracketed | Rows | Other


def _same(text: str) -> str:
    return text


@dataclass(frozen=True)
class Word:
    """A field or a property: its key, its label, its type, its place.

    ``whole`` brings a text to the stored form and raises :class:`~tamis.identity.identifiers.BadValue`; ``part`` does
    so with a beginning, an end, or a piece. ``choices`` are the stored values that there are, with their labels.
    """

    key: str
    label: Message | str
    type: Type
    place: Place
    whole: Callable[[str], str] = _same
    part: Callable[[str], str] = _same
    choices: Mapping[str, Message | str] = field(default_factory=dict)
    also: frozenset[str] = frozenset()
    """What else it is called, folded, as over the columns of files."""

    @property
    def undefined(self) -> bool:
        """Whether nobody has said what it is: a property that the kind of event does not define."""
        return isinstance(self.place, Other) and not self.place.defined

    @property
    def labels(self) -> Mapping[str, Message | str]:
        """The labels of the choices, of each that no other has: « 0 » are two brackets of headcount."""
        often = Counter(str(label) for label in self.choices.values())
        return {key: label for key, label in self.choices.items() if often[str(label)] == 1}

    @property
    def many(self) -> bool:
        """Whether a subject may have several values."""
        return isinstance(self.place, Rows) and self.place.name != "number" and not self.place.table.endswith("_fields")


@dataclass(frozen=True)
class ListWord:
    """A list of companies."""

    id: int
    name: str


@dataclass(frozen=True)
class TagWord:
    """A tag in its category."""

    id: int
    name: str
    category: str


@dataclass(frozen=True)
class StatusWord:
    """A status, and who can have it."""

    id: int
    name: str
    subjects: tuple[Subject, ...] = ("companies", "contacts")


@dataclass(frozen=True)
class AudienceWord:
    """A saved audience."""

    id: int
    name: str
    subject: Subject


class Unknown(Exception):
    """A word that is none here; ``message`` says what is nearest."""

    def __init__(self, code: str, message: Message) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Vocabulary:
    """Every word of a workspace, its zone and its currency. What is asked for and is not there raises `Unknown`."""

    fields: Mapping[Subject, Mapping[str, Word]]
    kinds: Kinds = field(default_factory=lambda: BUILT_IN)
    lists: tuple[ListWord, ...] = ()
    tags: tuple[TagWord, ...] = ()
    statuses: tuple[StatusWord, ...] = ()
    audiences: tuple[AudienceWord, ...] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
    currency: str = "EUR"

    def field(self, subject: Subject, name: str) -> Word:
        """The field of this name: a built-in one, else a field of the users' own."""
        known = self.fields[subject]
        word = known.get(name) or known.get(OWN + name)
        if word is None:
            other: Subject = "contacts" if subject == "companies" else "companies"
            raise Unknown("rule.field", self._no_field(subject, other, name))
        return word

    def _no_field(self, subject: Subject, other: Subject, name: str) -> Message:
        if subject == "contacts" and name in self.fields[other]:
            return say("un contact n'a pas de champ « {field} » : écrivez « company.{field} »", field=name)
        words = self.fields[subject].items()
        called = {key.removeprefix(OWN): (*_labels(word.label), *word.also) for key, word in words}
        hint = _meant(name, called, _MEMBERSHIPS)
        if subject == "companies":
            return say("une entreprise n'a pas de champ « {field} ».{hint}", field=name[:60], hint=hint)
        return say("un contact n'a pas de champ « {field} ».{hint}", field=name[:60], hint=hint)

    def kind(self, key: str) -> Kind:
        """The kind of events of this key."""
        if key not in self.kinds:
            hint = _meant(key, {each.key: _labels(each.label) for each in self.kinds.values()})
            raise Unknown("rule.kind", say("aucun genre d'événement ne s'appelle « {kind} ».{hint}", kind=key[:60],
                                           hint=hint))  # fmt: skip
        return self.kinds[key]

    def property(self, kind: str, name: str) -> Word:
        """What an event of a kind says under a name: a column, a property of the kind's own, else any other text."""
        if name in BY_KEY:
            known = BY_KEY[name]
            return Word(name, known.label, _TYPES[known.type], Column(name))
        own = self.kind(kind).types.get(name)
        if own is not None:
            whole = _truth if own.type == "yes-no" else _same
            return Word(name, own.label, _TYPES[own.type], Other(name), whole)
        return Word(name, name, Type.TEXT, Other(name, defined=False))

    def asked_property(self, kind: str, name: str) -> Word:
        """The property that a rule may ask under a name: not one that no event can have."""
        from tamis.sources.events import can_be_property

        word = self.property(kind, name)
        if word.undefined and not can_be_property(name):
            reason = say("un événement n'a pas de propriété « {property} ».{hint}", property=name[:60],
                         hint=self.defined_property(kind, name))  # fmt: skip
            raise Unknown("rule.property", reason)
        return word

    def defined_property(self, kind: str, name: str) -> Message | str:
        """The property that was probably meant by a name that nobody defined."""
        return _meant(name, {each.key: _labels(each.label) for each in self.properties(kind)})

    def properties(self, kind: str) -> Sequence[Word]:
        """The properties of a kind that somebody defined: the columns, and those of its own."""
        own = (name for name in self.kind(kind).types if name not in BY_KEY)
        return [self.property(kind, name) for name in (*BY_KEY, *own)]

    def list(self, name: str) -> ListWord:
        """The list of this name, in any spelling."""
        sentence = say("aucune liste ne s'appelle « {name} ».", name=name[:80])
        return _named(self.lists, name, "rule.list", sentence)

    def audience(self, name: str) -> AudienceWord:
        """The audience of this name, in any spelling."""
        sentence = say("aucune audience ne s'appelle « {name} ».", name=name[:80])
        return _named(self.audiences, name, "rule.audience", sentence)

    def status(self, subject: Subject, name: str) -> StatusWord:
        """The status of this name that such a subject can have."""
        known = [each for each in self.statuses if subject in each.subjects]
        return _named(known, name, "rule.status", say("aucun statut ne s'appelle « {name} ».", name=name[:80]))

    def tags_named(self, name: str, category: str = "") -> tuple[TagWord, ...]:
        """The tags of this name, in one category or in all; at least one."""
        within = [each for each in self.tags if not category or fold(each.category) == fold(category)]
        if category and not within:
            _named([ListWord(0, each.category) for each in self.tags], category, "rule.category",
                   say("aucune catégorie de tags ne s'appelle « {name} ».", name=category[:80]))  # fmt: skip
        _named(within, name, "rule.tag", say("aucun tag ne s'appelle « {name} ».", name=name[:80]))
        return tuple(each for each in within if fold(each.name) == fold(name))


_TYPES: Mapping[str, Type] = {
    "text": Type.TEXT, "number": Type.NUMBER, "amount": Type.NUMBER, "date": Type.DAY, "yes-no": Type.YES_NO,
    "choice": Type.CHOICE,
}  # fmt: skip


SEGMENTS: Mapping[str, Message] = {
    "interne": say("interne"), "concurrent": say("concurrent"), "client": say("client"),
    "distributeur": say("distributeur"), "prospect": say("prospect"), "partenaire": say("partenaire"),
    "hors-cible": say("hors-cible"), "fournisseur": say("fournisseur"), "autre": say("autre"),
}  # fmt: skip
"""The nine segments [A1], which never change, with their labels."""


def type_of(name: str) -> Type:
    """The type of a property, or of a field of the users' own, from its name in the registry."""
    return _TYPES[name]


def _truth(text: str) -> str:
    """How a yes-or-no property of an event is stored."""
    return {"oui": "true", "non": "false"}[text]


_MEMBERSHIPS: Mapping[str, Sequence[str]] = {
    "in segment": ("segment",), "in list": ("list", "liste"), "in audience": ("audience",),
    "has tag": ("tag", "tags", "étiquette"), "has contact": ("contact", "contacts"),
}  # fmt: skip
"""Conditions for which people look among the fields."""


def _labels(label: Message | str) -> tuple[str, ...]:
    """A label in French and in the language of the moment."""
    return (label.text, str(label)) if isinstance(label, Message) else (label,)


def _meant(
    name: str, known: Mapping[str, Iterable[str]], others: Mapping[str, Iterable[str]] = MappingProxyType({})
) -> Message | str:
    """What was probably meant: what people call so, these or others, else the nearest key, else the nearest name."""
    called = {fold(each): key for key, names in known.items() for each in names}
    exactly = {fold(each): key for key, names in others.items() for each in names} | called
    spoken = fold(name.replace("_", " "))
    if spoken in exactly:
        return meant(exactly[spoken])
    if hint := did_you_mean(name, known):
        return hint
    near = did_you_mean(spoken, called)
    return meant(called[str(near.values["word"])]) if isinstance(near, Message) else ""


class _Named(Protocol):
    @property
    def name(self) -> str: ...


AnyNamed = TypeVar("AnyNamed", bound=_Named)


def _named(words: Iterable[AnyNamed], name: str, code: str, sentence: Message) -> AnyNamed:
    known = {fold(each.name): each for each in words}
    if fold(name) not in known:
        hint = did_you_mean(fold(name), known)
        near = known[str(hint.values["word"])].name if isinstance(hint, Message) else ""
        raise Unknown(code, say("{what}{hint}", what=sentence, hint=did_you_mean(near, [near]) if near else ""))
    return known[fold(name)]


def shown_value(word: Word, value: "Value") -> str:
    """A value as people write it, in the language of the moment."""
    return str(word.choices.get(str(value), value))
