"""The words of which sentences about rules are made: every template, once, with places for finished texts.

The teller (:mod:`~tamis.rules.sentences.describing`) fills them, the reader (:mod:`~tamis.rules.sentences.reading`)
finds them in what somebody typed; what stands in pairs is said, and denied.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from tamis.identity.identifiers import BadValue
from tamis.messages import Message, say, say_many
from tamis.rules import nodes
from tamis.rules.nodes import Subject, Value, Window
from tamis.rules.sentences.shown import day_shown, number_shown, quoted
from tamis.rules.vocabulary import OWN, Word

Compared: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]

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


SUBJECTS: Mapping[Subject, Message] = {"companies": say("Entreprises"), "contacts": say("Contacts")}

AND, OR, NOR = say("{first} et {last}"), say("{first} ou {last}"), say("{first} ni {last}")
NOT_MEETING = say("ne remplissant pas {group}")

WHOSE = say("dont {what}")
MISSING_OR = say("{what} manque ou")
ONE, NONE = say("dont un {label}"), say("dont aucun {label}")
ONE_KNOWN = say("dont on connaît un {label}")
KNOWN_BUT = say("dont on connaît un {label} mais {inner}")
NONE_KNOWN_OR = say("dont on ne connaît aucun {label} ou {equal}")
COMPANYS_ONE, COMPANYS = say("{label} de l'entreprise"), say("{what} de l'entreprise")
"""Of a field of a contact's company: behind « un » and « aucun », and with its article."""
UNDEFINED = say("{name} (non définie)")
"""A property that nobody defined, and that has the label of one that somebody did."""

AN_EVENT = say("avec au moins un événement « {kind} »{rest}")
NO_EVENT = say("sans événement « {kind} »{rest}")
EVENTS = say_many("{n} événement « {kind} »{rest}", "{n} événements « {kind} »{rest}", n=0)
A_CONTACT, NO_CONTACT = say("avec un contact{inside}"), say("sans contact{inside}")
CONTACTS = say_many("{n} contact{inside}", "{n} contacts{inside}", n=0)
A_COMPANY = say("avec une entreprise{inside}"), say("sans entreprise{inside}")

SEQUENCE = say("avec la suite {steps} {within}{when}"), say("sans la suite {steps} {within}{when}")
THEN = say("{steps} puis {step}")
WITHIN = {
    "hours": say_many("en {n} heure au plus", "en {n} heures au plus", n=0),
    "days": say_many("en {n} jour au plus", "en {n} jours au plus", n=0),
}  # fmt: skip

MEMBERSHIPS: Mapping[type[nodes.Node], tuple[Message, Message]] = {
    nodes.InSegment: (say("dans le segment « {name} »"), say("hors du segment « {name} »")),
    nodes.InList: (say("dans la liste « {name} »"), say("hors de la liste « {name} »")),
    nodes.InAudience: (say("dans l'audience « {name} »"), say("hors de l'audience « {name} »")),
    nodes.HasTag: (say("avec le tag {tag}"), say("sans le tag {tag}")),
}  # fmt: skip
TAG_OF = say("{tag} de la catégorie « {category} »")

BOUNDS = {
    "at least": say("avec au moins {things}"), "at most": say("avec au plus {things}"),
    "exactly": say("avec exactement {things}"), "not exactly": say("sans avoir exactement {things}"),
    "not at least": say("sans avoir au moins {things}"),
}  # fmt: skip

AGAINST: Mapping[Compared, Message] = {
    "=": say("dont {what} vaut {other}"), "!=": say("dont {what} vaut autre chose que {other}"),
    "<": say("dont {what} vaut moins que {other}"), "<=": say("dont {what} vaut au plus {other}"),
    ">": say("dont {what} vaut plus que {other}"), ">=": say("dont {what} vaut au moins {other}"),
}  # fmt: skip

OTHER, TIMES_OTHER = say("{other}"), say("{factor} fois {other}")

FIGURES: Mapping[nodes.Function, Message] = {
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


LAST = {
    "hours": (say("dans la dernière heure"), say("dans les {n} dernières heures")),
    "days": (say("dans le dernier jour"), say("dans les {n} derniers jours")),
    "weeks": (say("dans la dernière semaine"), say("dans les {n} dernières semaines")),
    "months": (say("dans le dernier mois"), say("dans les {n} derniers mois")),
}  # fmt: skip
"""One, and any other number of them."""
BEFORE, AFTER, BETWEEN = say("avant {day}"), say("après {day}"), say("entre {first} et {last}")
TODAY = say("aujourd'hui")
DAYS = say_many("{n} jour", "{n} jours", n=0)
YES, NO = say("oui"), say("non")


def window_told(window: Window) -> str:
    """When: « dans les 30 derniers jours », « avant le 31 mars 2026 »."""
    match window:
        case nodes.Last(n, unit):
            one, some = LAST[unit]
            return str(one) if n == 1 else filled(some, n=n)
        case nodes.Before(day):
            return filled(BEFORE, day=day_shown(day))
        case nodes.After(day):
            return filled(AFTER, day=day_shown(day))
        case nodes.Between(first, last):
            return filled(BETWEEN, first=day_shown(first), last=day_shown(last))


def filled(template: Message | None, **values: object) -> str:
    """A template with its places filled, in the language of the moment."""
    assert template is not None
    return str(Message(template.text, values, template.many))


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
            return str(YES if value else NO)
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
    return word.labels.get(read, read) or text


def days_told(operator: str, n: int) -> str:
    """Days of a field, which count today as the first."""
    if operator == "more than":
        return filled(DAYS, n=n)
    return str(TODAY) if n == 1 else window_told(nodes.Last(n, "days"))


def when(window: Window | None) -> str:
    """A window behind what it is about, if there is one."""
    return f" {window_told(window)}" if window else ""
