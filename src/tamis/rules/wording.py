"""The words of which sentences about rules are made: windows, values, lists of things, figures and bounds.

A text here is either finished, in the language of the moment, or a message with places for finished texts.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from tamis.identity.identifiers import BadValue
from tamis.messages import Message, say, say_many
from tamis.rules import nodes
from tamis.rules.nodes import Value, Window
from tamis.rules.shown import day_shown, number_shown, quoted
from tamis.rules.vocabulary import OWN, Word

_FEMININE = frozenset({
    "category", "campaign", "city", "civility", "company_name", "duration", "education", "external_key", "founded",
    "first_seen", "function", "headcount_bracket", "legal_category", "buying_way", "margin", "order", "quantity",
    "referrer", "region", "score", "size_class", "source", "updated",
})  # fmt: skip
"""The built-in words whose French label is feminine and does not begin with a vowel."""


def with_article(word: Word) -> Message:
    """« la ville », « le code NAF », « l'effectif »; English has none behind "whose"."""
    label = str(word.label)
    if word.label.text[0].lower() in "aeéiouyâ":  # type: ignore[union-attr]
        return say("l'{label}", label=label)
    return say("la {label}", label=label) if word.key.removeprefix(OWN) in _FEMININE else say("le {label}", label=label)


BOUNDS = {
    "at least": say("avec au moins {things}"), "at most": say("avec au plus {things}"),
    "exactly": say("avec exactement {things}"), "not exactly": say("sans avoir exactement {things}"),
    "not at least": say("sans avoir au moins {things}"),
}  # fmt: skip

AGAINST = {
    "=": say("dont {what} vaut {other}"), "!=": say("dont {what} vaut autre chose que {other}"),
    "<": say("dont {what} vaut moins que {other}"), "<=": say("dont {what} vaut au plus {other}"),
    ">": say("dont {what} vaut plus que {other}"), ">=": say("dont {what} vaut au moins {other}"),
}  # fmt: skip

FIGURES = {
    "count": say("le nombre d'événements « {kind} »{rest}"),
    "count distinct": say("le nombre de valeurs différentes de « {property} » des événements « {kind} »{rest}"),
    "sum": say("la somme de « {property} » des événements « {kind} »{rest}"),
    "avg": say("la moyenne de « {property} » des événements « {kind} »{rest}"),
    "min": say("le minimum de « {property} » des événements « {kind} »{rest}"),
    "max": say("le maximum de « {property} » des événements « {kind} »{rest}"),
    "most frequent": say("la valeur la plus fréquente de « {property} » des événements « {kind} »{rest}"),
    "days since first": say("le nombre de jours depuis le premier événement « {kind} »{rest}"),
    "days since last": say("le nombre de jours depuis le dernier événement « {kind} »{rest}"),
    "average days between": say("le nombre moyen de jours entre deux événements « {kind} »{rest}"),
}


def window_told(window: Window) -> Message:
    """When: « dans les 30 derniers jours », « avant le 31 mars 2026 »."""
    match window:
        case nodes.Last(n, "hours"):
            return say_many("dans la dernière heure", "dans les {n} dernières heures", n=n)
        case nodes.Last(n, "weeks"):
            return say_many("dans la dernière semaine", "dans les {n} dernières semaines", n=n)
        case nodes.Last(n, "months"):
            return say_many("dans le dernier mois", "dans les {n} derniers mois", n=n)
        case nodes.Last(n):
            return say_many("dans le dernier jour", "dans les {n} derniers jours", n=n)
        case nodes.Before(day):
            return say("avant {day}", day=day_shown(day))
        case nodes.After(day):
            return say("après {day}", day=day_shown(day))
        case nodes.Between(first, last):
            return say("entre {first} et {last}", first=day_shown(first), last=day_shown(last))


def filled(template: Message | None, **values: object) -> str:
    """A template with its places filled, in the language of the moment."""
    assert template is not None
    return str(Message(template.text, values))


def listed(parts: Sequence[str], link: Message, *, every: bool = False) -> str:
    """« a, b et c »; with ``every`` the link stands between all: « a ni b ni c »."""
    if len(parts) == 1:
        return parts[0]
    if every and len(parts) > 2:
        return filled(link, first=listed(parts[:-1], link, every=True), last=parts[-1])
    return filled(link, first=", ".join(parts[:-1]), last=parts[-1])


def value_told(value: Value, word: Word | None, operator: str = "=") -> str:
    """A written value for people: texts as they are stored, in quotation marks; choices by their labels."""
    match value:
        case bool():
            return str(say("oui") if value else say("non"))
        case date():
            return day_shown(value)
        case Decimal() | int():
            return number_shown(value)
    return quoted(str(_stored(value, word, operator)))


def _stored(text: str, word: Word | None, operator: str) -> Message | str:
    if word is None or operator == "is exactly":
        return text
    whole = operator in ("=", "!=", "in")
    try:
        read = word.whole(text) if whole else word.part(text)
    except BadValue:
        return text
    return word.choices.get(read, read) or text


def days_told(operator: str, n: int) -> Message:
    """Days of a field, which count today as the first."""
    if operator == "more than":
        return say_many("{n} jour", "{n} jours", n=n)
    return say("aujourd'hui") if n == 1 else window_told(nodes.Last(n, "days"))


def when(window: Window | None) -> str:
    """A window behind what it is about, if there is one."""
    return f" {window_told(window)}" if window else ""
