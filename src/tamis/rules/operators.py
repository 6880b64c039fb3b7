"""The operators, each once: what it is called, what it takes, how an engine and Python compute it, how it is told.

From this table come the parser's words, the checks, the compiler, the explanations, the sentences and the reference.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tamis.messages import Message, say
from tamis.rules.vocabulary import TEXTS, Type

Takes = Literal["nothing", "one", "two", "some", "days", "percent"]


@dataclass(frozen=True)
class Operator:
    """An operator between a value ``{x}`` that is known and what is written.

    ``sql`` says it of ``{x}`` and the parameters ``{a}``, ``{b}`` or ``{all}``; ``holds`` says it of Python values of
    the same stored form. ``sentence`` says it of ``{what}`` (« dont la ville », « dont un nom ») and ``{a}``, ``{b}``,
    in words that agree with no gender; ``denied`` says that it does not hold, ``none`` that it holds of no value
    (« dont aucun nom »); ``otherwise`` says it as ``sentence`` and ``denied`` do, of a type that wants other words.
    """

    key: str
    label: Message
    takes: Takes
    types: frozenset[Type]
    sql: str
    holds: Callable[..., bool]
    sentence: Message
    denied: Message
    none: Message | None = None
    otherwise: Mapping[Type, tuple[Message, Message]] = field(default_factory=dict)

    def told(self, type: Type, *, denied: bool = False) -> Message:
        """The template of the sentence for a type."""
        return self.otherwise.get(type, (self.sentence, self.denied))[denied]


_ANY = frozenset(Type)
_WORDS = TEXTS - {Type.CHOICE}
_ORDERED = frozenset({Type.NUMBER, Type.DAY, Type.INSTANT})
_DAYS = frozenset({Type.DAY, Type.INSTANT})
_RANKED = frozenset({Type.NUMBER})


def _of(types: frozenset[Type], sentence: Message, denied: Message) -> Mapping[Type, tuple[Message, Message]]:
    return dict.fromkeys(types, (sentence, denied))


ALL: tuple[Operator, ...] = (
    Operator("=", say("est"), "one", _ANY, "{x} = {a}", lambda x, a: x == a,
             say("{what} est {a}"), say("{what} n'est pas {a}"), say("{what} n'est {a}"),
             _of(_RANKED, say("{what} est de {a}"), say("{what} n'est pas de {a}"))),
    Operator("!=", say("est autre que"), "one", _ANY, "{x} <> {a}", lambda x, a: x != a,
             say("{what} est autre que {a}"), say("{what} est {a}"), None,
             _of(_RANKED, say("{what} est autre que {a}"), say("{what} est de {a}"))),
    Operator("<", say("est moins que"), "one", _ORDERED, "{x} < {a}", lambda x, a: x < a,
             say("{what} est de moins de {a}"), say("{what} est d'au moins {a}"), None,
             _of(_DAYS, say("{what} est avant {a}"), say("{what} est au plus tôt {a}"))),
    Operator("<=", say("est au plus"), "one", _ORDERED, "{x} <= {a}", lambda x, a: x <= a,
             say("{what} est d'au plus {a}"), say("{what} est de plus de {a}"), None,
             _of(_DAYS, say("{what} est au plus tard {a}"), say("{what} est après {a}"))),
    Operator(">", say("est plus que"), "one", _ORDERED, "{x} > {a}", lambda x, a: x > a,
             say("{what} est de plus de {a}"), say("{what} est d'au plus {a}"), None,
             _of(_DAYS, say("{what} est après {a}"), say("{what} est au plus tard {a}"))),
    Operator(">=", say("est au moins"), "one", _ORDERED, "{x} >= {a}", lambda x, a: x >= a,
             say("{what} est d'au moins {a}"), say("{what} est de moins de {a}"), None,
             _of(_DAYS, say("{what} est au plus tôt {a}"), say("{what} est avant {a}"))),
    Operator("between", say("est entre"), "two", _ORDERED, "{x} BETWEEN {a} AND {b}", lambda x, a, b: a <= x <= b,
             say("{what} est entre {a} et {b}"), say("{what} n'est pas entre {a} et {b}")),
    Operator("in", say("est l'un de"), "some", _ANY - _DAYS, "{x} IN ({all})", lambda x, *all: x in all,
             say("{what} est {a}"), say("{what} n'est ni {a}"), say("{what} n'est {a}"),
             _of(_RANKED, say("{what} est de {a}"), say("{what} n'est ni {a}"))),
    Operator("contains", say("contient"), "one", _WORDS, "contains({x}, {a})", lambda x, a: a in x,
             say("{what} contient {a}"), say("{what} ne contient pas {a}"), say("{what} ne contient {a}")),
    Operator("contains any of", say("contient l'un de"), "some", _WORDS, "contains({x}, {each})",
             lambda x, *all: any(a in x for a in all),
             say("{what} contient {a}"), say("{what} ne contient ni {a}"), say("{what} ne contient {a}")),
    Operator("starts with", say("commence par"), "one", _WORDS, "starts_with({x}, {a})", str.startswith,
             say("{what} commence par {a}"), say("{what} ne commence pas par {a}"), say("{what} ne commence par {a}")),
    Operator("ends with", say("finit par"), "one", _WORDS, "ends_with({x}, {a})", str.endswith,
             say("{what} finit par {a}"), say("{what} ne finit pas par {a}"), say("{what} ne finit par {a}")),
    Operator("is exactly", say("est exactement"), "one", _WORDS, "{x} = {a}", lambda x, a: x == a,
             say("{what} est exactement {a}"), say("{what} n'est pas exactement {a}"),
             say("{what} n'est exactement {a}")),
    Operator("is known", say("est connu"), "nothing", _ANY, "true", lambda _x: True,
             say("dont on connaît {label}"), say("dont on ne connaît pas {label}"),
             say("dont on ne connaît aucun {label}")),
    Operator("is missing", say("est inconnu"), "nothing", _ANY, "", lambda _x: False,
             say("dont on ne connaît pas {label}"), say("dont on connaît {label}"), say("dont on connaît un {label}")),
    Operator("before", say("est avant le"), "one", _DAYS, "{x} < {a}", lambda x, a: x < a,
             say("{what} est avant {a}"), say("{what} est au plus tôt {a}")),
    Operator("after", say("est après le"), "one", _DAYS, "{x} > {a}", lambda x, a: x > a,
             say("{what} est après {a}"), say("{what} est au plus tard {a}")),
    Operator("in last", say("est dans les derniers jours"), "days", _DAYS, "", lambda x, a, b: a <= x <= b,
             say("{what} est {a}"), say("{what} n'est pas {a}")),
    Operator("more than", say("remonte à plus de (jours)"), "days", _DAYS, "", lambda x, a: x < a,
             say("{what} remonte à plus de {a}"), say("{what} ne remonte pas à plus de {a}")),
    Operator("in top", say("est dans les plus hauts (%)"), "percent", _RANKED, "", lambda x, a: x >= a,
             say("{what} est dans les {a} du haut"), say("{what} n'est pas dans les {a} du haut")),
    Operator("in bottom", say("est dans les plus bas (%)"), "percent", _RANKED, "", lambda x, a: x <= a,
             say("{what} est dans les {a} du bas"), say("{what} n'est pas dans les {a} du bas")),
)  # fmt: skip
"""Missing values never come to an operator: what is missing compares as false, and ``is missing`` is ``not is known``.

Days written for an instant become bounds in Python before they reach an engine; ranks become windows over all subjects.
"""

BY_KEY: Mapping[str, Operator] = {each.key: each for each in ALL}
OF_PROPERTY: Mapping[str, frozenset[Type]] = {
    "count distinct": frozenset(),
    "most frequent": frozenset({Type.TEXT}),
    **dict.fromkeys(("sum", "avg", "min", "max"), frozenset({Type.NUMBER})),
}
"""The functions of an event's property, and the types that it may have; none: any."""
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
"""What stands between two aggregates."""


def operators_of(type: Type) -> list[Operator]:
    """The operators that a type takes, in the order of menus."""
    return [each for each in ALL if type in each.types]


def compared(operator: str, x: Any, y: Any) -> bool:
    """Whether a comparison holds between two values."""
    return BY_KEY[operator].holds(x, y)
