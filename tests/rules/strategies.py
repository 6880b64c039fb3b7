"""Rules by chance, about the words of :mod:`rules.random_worlds`: everything that the reference lets one write."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from rules.random_worlds import COMMON, EDGES, KINDS, NUMBERS, TEXTS

from tamis.rules import nodes as n

WORDS = [text for text in TEXTS if text != "\u200b"]
PARTS = [*WORDS, "l", "O", "st", "é", " ", "'", "_", "%", "\\", "e"]
DAYS = sorted({each.date() for each in EDGES} | {date(2026, 3, 30), date(2026, 10, 24), date(2020, 1, 1)})
PERCENTS = (1, 9, 10, 25, 33, 34, 50, 51, 90, 99, 100)

texts = st.sampled_from([text for text in COMMON if text] * 6 + WORDS)
parts = st.sampled_from(PARTS).filter(lambda text: text.strip() != "")
numbers = st.sampled_from(NUMBERS[2:8] + NUMBERS).map(Decimal)
days = st.sampled_from(DAYS)
truths = st.booleans()
_COMPARE = ("=", "!=", "<", "<=", ">", ">=")

FIELDS: dict[str, dict[str, Sequence[str]]] = {
    "companies": {
        "text": ("name", "usual_name", "brand", "city", "address", "region", "own.machine", "own.city"),
        "number": ("headcount", "revenue", "own.parc"),
        "day": ("founded", "created", "own.visite", "first_seen"),
        "yes-no": ("own.contrat",),
    },
    "contacts": {
        "text": ("first_name", "city", "function", "level", "email", "own.machine"),
        "number": ("own.score",),
        "day": ("created", "own.rdv"),
        "yes-no": ("own.vip",),
    },
}
CHOSEN: dict[str, dict[str, Sequence[str]]] = {
    "companies": {
        "naf": ("6201Z", "62.02a", "63.11Z"), "department": ("1", "2a", "69"), "country": ("France", "CA"),
        "headcount_bracket": ("01", "10 à 19 salariés", "NN"), "size_class": ("pme", "TPE"),
        "status": ("chaud", "Froid"), "own.gamme": ("pro", "eco"), "siret": ("552 100 554 00013", "55210055400005"),
        "website": ("forges.fr", "www.acier.ca"), "email_domain": ("acier.ca", "shop.forges.fr"),
        "siren": ("552 100 554", "732829320"),
    },
    "contacts": {
        "civility": ("madame", "M."), "country": ("canada", "FR"), "origin": ("statique", "dynamic"),
        "status": ("chaud", "présent"), "phone": ("06 12 34 56 78", "+14185550123"),
        "company_siren": ("552 100 554", "732829320"),
    },
}  # fmt: skip
"""Codes, choices and statuses, with values as people write them."""
CODES = {"naf": ("62", "6201", "63.1", "Z"), "website": ("forges", "shop.", ".ca"), "siret": ("552100554", "00013"),
         "phone": ("06 12", "+1"), "siren": ("552", "320")}  # fmt: skip
PROPERTIES: dict[str, Sequence[str]] = {
    "text": ("path", "channel", "device", "note", "jamais_vue"), "number": ("value", "quantity"),
}  # fmt: skip
OWN_PROPERTIES = {"machines": "number", "prix": "number", "le": "day", "urgent": "yes-no", "modele": "text"}


@st.composite
def windows(draw: Any) -> n.Window | None:
    match draw(st.integers(0, 6)):
        case 0 | 1 | 2:
            return n.Last(draw(st.sampled_from((1, 2, 7, 12, 24, 30, 31, 90, 720))), draw(st.sampled_from(
                ("hours", "days", "weeks", "months"))))  # fmt: skip
        case 3:
            return n.Before(draw(days))
        case 4:
            return n.After(draw(days))
        case 5:
            return n.Between(draw(days), draw(days))
    return None


def values_of(type: str, choices: Sequence[str] = ()) -> st.SearchStrategy[Any]:
    if choices:
        return st.sampled_from(choices)
    return {"text": texts, "number": numbers, "day": days, "yes-no": truths}[type]


def _operators(type: str) -> Sequence[str]:
    return {
        "text": ("=", "!=", "in", "contains", "contains any of", "starts with", "ends with", "is exactly"),
        "number": (*_COMPARE, "between", "in"),
        "day": (*_COMPARE, "between", "before", "after", "in last", "more than"),
        "yes-no": ("=", "!=", "in"),
        "chosen": ("=", "!=", "in"),
    }[type]


@st.composite
def compared(draw: Any, measure: n.Field | n.Aggregate, type: str, choices: Sequence[str] = ()) -> n.Test:
    operator = draw(st.sampled_from((*_operators("chosen" if choices else type), "is known", "is missing")))
    one = values_of(type, choices)
    match operator:
        case "is known" | "is missing":
            values: tuple[Any, ...] = ()
        case "in":
            values = tuple(draw(st.lists(one, min_size=1, max_size=3)))
        case "between":
            values = (draw(one), draw(one))
        case "contains any of":
            values = tuple(draw(st.lists(parts, min_size=1, max_size=3)))
        case "contains" | "starts with" | "ends with":
            values = (draw(parts),)
        case "in last" | "more than":
            values = (Decimal(draw(st.sampled_from((1, 2, 7, 29, 30, 31, 365)))),)
        case _:
            values = (draw(one),)
    return n.Test(measure, operator, values)


@st.composite
def field_tests(draw: Any, subject: str, *, of_company: bool = False) -> n.Test:
    """A condition on a field of the subject, or of a contact's company."""
    group = draw(st.sampled_from(("text", "text", "number", "day", "yes-no", "chosen", "part", "rank")))
    if group == "chosen":
        name = draw(st.sampled_from(sorted(CHOSEN[subject])))
        return draw(compared(n.Field(name, of_company), "text", CHOSEN[subject][name]))
    if group == "part":
        name = draw(st.sampled_from(sorted(CODES.keys() & CHOSEN[subject].keys())))
        operator = draw(st.sampled_from(("contains", "starts with", "ends with")))
        return n.Test(n.Field(name, of_company), operator, (draw(st.sampled_from(CODES[name])),))
    name = draw(st.sampled_from(FIELDS[subject]["number" if group == "rank" else group]))
    if group == "rank":
        return draw(ranks(n.Field(name, of_company)))
    return draw(compared(n.Field(name, of_company), group))


@st.composite
def ranks(draw: Any, measure: n.Field | n.Aggregate) -> n.Test:
    operator = draw(st.sampled_from(("in top", "in bottom")))
    return n.Test(measure, operator, (Decimal(draw(st.sampled_from(PERCENTS))),))


@st.composite
def property_tests(draw: Any, kind: str) -> n.Test:
    """A condition on a property of an event of a kind."""
    names = [(name, type) for type, names in PROPERTIES.items() for name in names]
    names += [*OWN_PROPERTIES.items()] if kind == "install" else []
    name, type = draw(st.sampled_from(names))
    if name in ("note", "jamais_vue") and draw(truths):
        type = "number"
        operator = draw(st.sampled_from((*_COMPARE, "between", "in")))
        values = tuple(draw(st.lists(numbers, min_size=2, max_size=2)))
        return n.Test(n.Field(name), operator, values if operator in ("between", "in") else values[:1])
    choices = ("/", "/TARIFS", "/tarifs", "mobile", "12", "abc", "oe") if type == "text" and draw(truths) else ()
    test: n.Test = draw(compared(n.Field(name), type, choices))
    return test


def _joined(inner: Any) -> Any:
    some = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(some.map(n.AllOf), some.map(n.AnyOf), inner.map(n.Not))


def wheres(kind: str) -> st.SearchStrategy[n.Condition | None]:
    """What stands between the parentheses of an event."""
    one = property_tests(kind)
    return st.one_of(st.none(), one, st.recursive(one, _joined, max_leaves=3))


@st.composite
def aggregates(draw: Any, *, numeric: bool = True) -> n.Aggregate:
    """A figure; a text where ``numeric`` is not wanted."""
    kind = draw(st.sampled_from(KINDS))
    function = draw(st.sampled_from((
        "count", "count distinct", "sum", "avg", "min", "max", "days since first", "days since last",
        "average days between",
    ))) if numeric else "most frequent"  # fmt: skip
    property = ""
    if function in ("sum", "avg", "min", "max"):
        property = draw(st.sampled_from(("value", "quantity", *(("machines", "prix") if kind == "install" else ()))))
    if function == "count distinct":
        more = tuple(OWN_PROPERTIES) if kind == "install" else ()
        property = draw(st.sampled_from(("path", "channel", "note", "value", *more)))
    if function == "most frequent":
        property = draw(st.sampled_from(("path", "channel", "note", *(("modele",) if kind == "install" else ()))))
    return n.Aggregate(function, kind, property, draw(wheres(kind)), draw(windows()))


figures = st.sampled_from(("0", "1", "2", "3", "0.3333", "12.5", "7", "30", "-3", "365", "0.5")).map(Decimal)


@st.composite
def aggregate_tests(draw: Any) -> n.Condition:
    match draw(st.integers(0, 4)):
        case 0:
            text = draw(aggregates(numeric=False))
            test = draw(compared(text, "text", ("/", "/TARIFS", "mobile", "Lyon", "coeur") if draw(truths) else ()))
            return replace(test, operator="=") if test.operator == "is exactly" else test
        case 1:
            return draw(ranks(draw(aggregates())))
        case 2:
            factor = draw(st.sampled_from(("1", "0.5", "2", "-1", "0.3333", "1.5", "0")))
            operator = draw(st.sampled_from(_COMPARE))
            return n.Comparison(draw(aggregates()), operator, draw(aggregates()), Decimal(factor))
    test = draw(compared(draw(aggregates()), "number"))
    if test.values:
        test = replace(test, values=tuple(draw(figures) for _ in test.values))
    return test


@st.composite
def times(draw: Any) -> n.Times:
    return n.Times(draw(st.sampled_from(("at least", "at most", "exactly"))), draw(st.sampled_from((0, 1, 1, 2, 3))))


@st.composite
def dids(draw: Any) -> n.Did:
    kind = draw(st.sampled_from(KINDS))
    return n.Did(kind, draw(wheres(kind)), draw(st.one_of(st.just(n.Times()), times())), draw(windows()))


@st.composite
def sequences(draw: Any) -> n.Sequence:
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=4))
    steps = tuple(n.Step(kind, draw(wheres(kind)) if draw(truths) else None) for kind in kinds)
    unit = draw(st.sampled_from(("hours", "days")))
    return n.Sequence(steps, draw(st.sampled_from((1, 2, 24, 30, 365))), unit, draw(windows()))


@st.composite
def memberships(draw: Any, subject: str) -> n.Condition:
    match draw(st.integers(0, 3)):
        case 0:
            return n.InSegment(draw(st.sampled_from(("client", "prospect", "hors-cible"))))
        case 1:
            return n.InList(draw(st.sampled_from(("prospect salons", "client-default", "client-or"))))
        case 2:
            return n.InAudience("en cours" if subject == "contacts" else "CIBLES")
    return draw(st.sampled_from((
        n.HasTag("industrie"), n.HasTag("Industrie", "secteur"), n.HasTag("ete", "Centre"), n.HasTag("Services"),
    )))  # fmt: skip


def _leaves(subject: str) -> st.SearchStrategy[n.Condition]:
    return st.one_of(
        field_tests(subject), field_tests(subject), dids(), sequences(), aggregate_tests(), memberships(subject)
    )


def _within(subject: str) -> st.SearchStrategy[n.Condition]:
    """What stands within the parentheses of a step to the other subject."""
    return st.recursive(_leaves(subject), _joined, max_leaves=3)


@st.composite
def steps(draw: Any, subject: str) -> n.Condition:
    """From one subject to the other."""
    if subject == "companies":
        where = draw(st.one_of(st.none(), _within("contacts")))
        return n.HasContact(where, draw(st.one_of(st.just(n.Times()), times())))
    if draw(truths):
        return draw(field_tests("companies", of_company=True))
    return n.OfCompany(draw(_within("companies")))


def conditions(subject: str) -> st.SearchStrategy[n.Condition]:
    leaves = st.one_of(_leaves(subject), _leaves(subject), steps(subject))
    return st.recursive(leaves, _joined, max_leaves=6)


@st.composite
def rules(draw: Any) -> n.Rule:
    """Any rule."""
    subject = draw(st.sampled_from(("companies", "contacts")))
    return n.Rule(subject, draw(conditions(subject)))
