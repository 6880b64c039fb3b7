"""Simple conditions on companies: an attribute, an operator, values; read from an address, written to one, told.

    city=Lyon   naf.starts-with=62   headcount.between=50..249   size_class.in=PME|ETI   siren.missing=

An operator is defined once, in :data:`OPERATORS`: its key, its label, the kinds it is for, what it takes, how it
becomes a question to the database, and its sentence.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tamis.app.models import CompanyDomain, CompanyIdentifier, CompanyName
from tamis.app.services import company_attributes
from tamis.app.services.company_attributes import Attribute, Kind
from tamis.app.services.company_labels import Text
from tamis.app.services.value_tests import Column, OneOf, Part, Rows, Span, Start
from tamis.errors import NotFound, Refused, did_you_mean
from tamis.identity.folding import fold, name_key
from tamis.messages import Message, say

SEVERAL, RANGE = "|", ".."
LONGEST, MOST_VALUES, MOST_CONDITIONS = 300, 100, 20


class Takes(Enum):
    """How many values an operator takes."""

    NOTHING = 0
    ONE = 1
    TWO = 2
    ANY = 3


Values = Sequence[Any]
Build = Callable[[Attribute, Values, bool], Q]


@dataclass(frozen=True)
class Operator:
    """A way to ask: ``build`` makes the condition of the values that were read; ``checked`` as in ``value_tests``."""

    key: str
    label: Text
    kinds: frozenset[Kind]
    takes: Takes
    build: Build
    sentence: Callable[[str, str], Message]
    parts: bool = False
    """Whether it takes a part of a value, which is not read as a whole one."""

    def fits(self, attribute: Attribute) -> bool:
        """Whether the attribute can be asked this."""
        known = self.takes is Takes.NOTHING and attribute.always_known
        return attribute.kind in self.kinds and not known


def _is(attribute: Attribute, values: Values, checked: bool) -> Q:
    if attribute.kind in (Kind.NUMBER, Kind.DATE):
        return attribute.place.where(Span(values[0], values[0]), checked)
    return attribute.place.where(OneOf(values), checked)


def _yes_or_no(attribute: Attribute, values: Values, checked: bool) -> Q:
    if values == (True,):
        return attribute.place.known(checked)
    if values == (False,):
        return attribute.place.unknown(checked)
    return attribute.place.where(OneOf(values), checked)


def _is_not(attribute: Attribute, values: Values, checked: bool) -> Q:
    return ~_is(attribute, values, checked) & (Q() if attribute.always_known else attribute.place.known(checked))


_VALUES = frozenset({Kind.TEXT, Kind.CODE, Kind.NUMBER, Kind.DATE, Kind.CHOICE})
_WORDS = frozenset({Kind.TEXT, Kind.CODE})
_ORDERED = frozenset({Kind.NUMBER, Kind.DATE})

OPERATORS: tuple[Operator, ...] = (
    Operator("is", _("est"), _VALUES, Takes.ONE, _is,
             lambda field, value: say("{field} est {value}", field=field, value=value)),
    Operator("is", _("est"), frozenset({Kind.YES_NO}), Takes.ONE, _yes_or_no,
             lambda field, value: say("{field} : {value}", field=field, value=value)),
    Operator("not", _("n'est pas"), _VALUES, Takes.ONE, _is_not,
             lambda field, value: say("{field} n'est pas {value}", field=field, value=value)),
    Operator("contains", _("contient"), frozenset({Kind.TEXT}), Takes.ONE,
             lambda attribute, values, checked: attribute.place.where(Part(values[0]), checked),
             lambda field, value: say("{field} contient « {value} »", field=field, value=value), parts=True),
    Operator("starts-with", _("commence par"), _WORDS, Takes.ONE,
             lambda attribute, values, checked: attribute.place.where(Start(values[0]), checked),
             lambda field, value: say("{field} commence par « {value} »", field=field, value=value), parts=True),
    Operator("in", _("est parmi"), _WORDS | {Kind.CHOICE}, Takes.ANY,
             lambda attribute, values, checked: attribute.place.where(OneOf(values), checked),
             lambda field, value: say("{field} est parmi {value}", field=field, value=value)),
    Operator("at-least", _("est au moins"), _ORDERED, Takes.ONE,
             lambda attribute, values, checked: attribute.place.where(Span(low=values[0]), checked),
             lambda field, value: say("{field} ≥ {value}", field=field, value=value)),
    Operator("at-most", _("est au plus"), _ORDERED, Takes.ONE,
             lambda attribute, values, checked: attribute.place.where(Span(high=values[0]), checked),
             lambda field, value: say("{field} ≤ {value}", field=field, value=value)),
    Operator("between", _("est entre"), _ORDERED, Takes.TWO,
             lambda attribute, values, checked: attribute.place.where(Span(values[0], values[1]), checked),
             lambda field, value: say("{field} entre {value}", field=field, value=value)),
    Operator("known", _("est connu"), _VALUES, Takes.NOTHING,
             lambda attribute, values, checked: attribute.place.known(checked),
             lambda field, value: say("{field} : connu", field=field)),
    Operator("missing", _("est inconnu"), _VALUES, Takes.NOTHING,
             lambda attribute, values, checked: attribute.place.unknown(checked),
             lambda field, value: say("{field} : inconnu", field=field)),
)  # fmt: skip


def operators_of(attribute: Attribute) -> list[Operator]:
    """The operators that an attribute takes, the plainest first."""
    return [operator for operator in OPERATORS if operator.fits(attribute)]


def find_operator(attribute: Attribute, key: str) -> Operator:
    """An operator of the attribute by its key. Raises :class:`~tamis.errors.NotFound` with the nearest one."""
    known = operators_of(attribute)
    for operator in known:
        if operator.key == key:
            return operator
    raise NotFound(
        say(
            "« {field} » ne se filtre pas par « {operator} ».{hint}",
            field=str(attribute.label), operator=key[:60], hint=did_you_mean(key, [each.key for each in known]),
        ),
        "filter.operator",
    )  # fmt: skip


_STRETCHES = frozenset({"is", "starts-with", "at-least", "at-most", "between"})


@dataclass(frozen=True)
class Condition:
    """An attribute, an operator, and the texts that were given, each in its one form."""

    attribute: Attribute
    operator: Operator
    texts: tuple[str, ...]
    values: tuple[Any, ...]

    @property
    def parameter(self) -> tuple[str, str]:
        """The condition as a parameter of an address."""
        name = self.attribute.key if self.operator.key == "is" else f"{self.attribute.key}.{self.operator.key}"
        return name, (RANGE if self.operator.takes is Takes.TWO else SEVERAL).join(self.texts)

    @property
    def sentence(self) -> Message:
        """The condition in words."""
        shown = [self.attribute.shows(text) for text in self.texts]
        between = say(" et ") if self.operator.takes is Takes.TWO else ", "
        return self.operator.sentence(str(self.attribute.label), str(between).join(shown))

    def leads(self, column: str) -> bool:
        """Whether it is a stretch of the index of a column."""
        place = self.attribute.place
        return isinstance(place, Column) and place.name == column and self.operator.key in _STRETCHES

    def companies(self, checked: bool) -> Q:
        """The companies it holds for."""
        return self.operator.build(self.attribute, self.values, checked)


class Attributes(Protocol):
    """What can be asked of companies, or of contacts: a module of attributes."""

    BY_NAME: Mapping[str, Attribute]

    def find(self, key: str) -> Attribute:
        """The attribute of this key."""


def condition(key: str, operator_key: str, text: str, known: Attributes = company_attributes) -> Condition:
    """A condition from words. Raises ``NotFound`` for unknown ones, ``Refused`` for values that cannot be read."""
    attribute = known.find(key)
    operator = find_operator(attribute, operator_key)
    texts = _texts(attribute, operator, text)
    if operator.parts:
        values = tuple(attribute.part(each) for each in texts)
        if not all(values):
            raise Refused(say("{field} : donnez au moins une lettre ou un chiffre.", field=str(attribute.label)),
                          "filter.value")  # fmt: skip
    else:
        texts = tuple(dict.fromkeys(company_attributes.read(attribute, attribute.write, each) for each in texts))
        values = tuple(value for each in texts for value in company_attributes.read(attribute, attribute.read, each))
    if operator.takes is Takes.TWO:
        _refuse_backwards(attribute, values)
    return Condition(attribute, operator, texts, values)


def _texts(attribute: Attribute, operator: Operator, text: str) -> tuple[str, ...]:
    if operator.takes is Takes.NOTHING:
        return ()
    cut = {Takes.TWO: RANGE, Takes.ANY: SEVERAL}.get(operator.takes)
    texts = [" ".join(part.split())[:LONGEST] for part in (text.split(cut) if cut else [text])]
    texts = [part for part in texts if part] if operator.takes is Takes.ANY else texts
    if not texts or not all(texts) or len(texts) > MOST_VALUES or (operator.takes is Takes.TWO and len(texts) != 2):
        raise Refused(_wanted(attribute, operator), "filter.value")
    return tuple(texts)


def _wanted(attribute: Attribute, operator: Operator) -> Message:
    field = str(attribute.label)
    if operator.takes is Takes.TWO:
        return say("{field} : donnez deux bornes.", field=field)
    if operator.takes is Takes.ANY:
        return say("{field} : donnez de une à {max} valeurs.", field=field, max=MOST_VALUES)
    return say("{field} : donnez une valeur.", field=field)


def _refuse_backwards(attribute: Attribute, values: tuple[Any, ...]) -> None:
    if len(values) == 2 and values[0] > values[1]:
        raise Refused(
            say("{field} : la première borne dépasse la seconde.", field=str(attribute.label)), "filter.range"
        )


def read_conditions(given: Iterable[tuple[str, str]], known: Attributes = company_attributes) -> tuple[Condition, ...]:
    """The conditions among the parameters of an address, each once, in the order of the attributes."""
    found: dict[tuple[str, str], Condition] = {}
    for name, text in given:
        each = condition(*_split(name), text, known)
        found[each.parameter] = each
    if len(found) > MOST_CONDITIONS:
        raise Refused(say("Au plus {max} filtres à la fois.", max=MOST_CONDITIONS), "filter.many")
    place = {key: n for n, key in enumerate(known.BY_NAME)}
    return tuple(sorted(found.values(), key=lambda each: (place.get(each.attribute.key, len(place)), each.parameter)))


def _split(name: str) -> tuple[str, str]:
    """The attribute and the operator that a parameter's name says; without operator it is ``is``."""
    own = company_attributes.PREFIX if name.startswith(company_attributes.PREFIX) else ""
    key, _, operator = name.removeprefix(own).partition(".")
    return own + key, operator or "is"


_NAME = Rows(CompanyName, "key")
_HOST, _DOMAIN = Rows(CompanyDomain, "host", {"use__in": CompanyDomain.Use.values}), Rows(CompanyDomain, "key")
_SIREN, _IDENTIFIER = Column("siren"), Rows(CompanyIdentifier, "value")


def named(text: str, checked: bool = False) -> Q:
    """The condition that a company has a name, identifier or domain like what somebody typed in a search box."""
    digits = "".join(text.split())
    if digits.isascii() and digits.isdigit() and len(digits) >= 4:
        return _SIREN.where(Start(digits), checked) | _IDENTIFIER.where(Start(digits), checked)
    key = name_key(text)
    if not key:
        return Q(pk__in=[])
    found = _NAME.where(Part(key), checked)
    if "." in text:
        start = Start(fold(text))
        found |= _HOST.where(start, checked) | _DOMAIN.where(start, checked)
    return found


def as_parameters(conditions: Iterable[Condition]) -> Mapping[str, list[str]]:
    """The conditions as the parameters of an address."""
    parameters: dict[str, list[str]] = {}
    for each in conditions:
        name, text = each.parameter
        parameters.setdefault(name, []).append(text)
    return parameters
