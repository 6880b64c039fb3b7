"""The text of a rule, read: :func:`parse` gives the tree, or says where the text goes wrong."""

import json
import sys
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lark import Lark, Token, Transformer, Tree, UnexpectedInput, v_args
from lark.exceptions import VisitError

from tamis.messages import Message, say
from tamis.rules import nodes
from tamis.rules.errors import RuleError
from tamis.rules.misreading import unexpected
from tamis.rules.nodes import Span

if TYPE_CHECKING:
    from lark.tree import Meta

LONGEST = 20_000
"""Characters of a rule."""
DEEPEST = 50
"""Conditions within conditions."""
WIDEST = 14
"""Digits of a number before its point; four may follow."""
MOST_UNITS = 100_000
"""Hours, days, weeks or months of a window."""


def parse(text: str) -> nodes.Rule:
    """The rule that a text says. Raises :class:`~tamis.rules.errors.RuleError` with the place (``rule.syntax``)."""
    if len(text) > LONGEST:
        reason = say("une règle a {max} caractères au plus", max=LONGEST)
        raise RuleError("rule.long", reason, text, Span(LONGEST, LONGEST))
    try:
        tree = _parser().parse(text)
        _refuse_deep(tree, text)
        rule: nodes.Rule = _Builder(text).transform(tree)
    except UnexpectedInput as error:
        raise unexpected(error, text, _parser()) from None
    except VisitError as error:
        raise error.orig_exc from None
    return rule


@cache
def _parser() -> Lark:
    """The parser. Its tables are kept beside the compiled module, if that is; lark makes them anew when need be."""
    kept = not sys.dont_write_bytecode and str(Path(cache_from_source(__file__)).with_suffix(".tables"))
    return Lark.open(
        "grammar.lark", rel_to=__file__, start="rule", parser="lalr", propagate_positions=True,
        maybe_placeholders=False, cache=kept,
    )  # fmt: skip


def _refuse_deep(tree: Tree[Token], text: str) -> None:
    """Refuse what is nested so deep that nobody reads it, before anything walks down there; without recursion."""
    waiting = [(tree, 1)]
    while waiting:
        one, level = waiting.pop()
        if level > 3 * DEEPEST:
            raise _too_deep(text, _of(one.meta))
        waiting += [(child, level + 1) for child in one.children if isinstance(child, Tree)]


def _too_deep(text: str, at: Span) -> RuleError:
    return RuleError("rule.deep", say("{max} conditions l'une dans l'autre au plus", max=DEEPEST), text, at)


def _of(meta: "Meta") -> Span:
    return Span(getattr(meta, "start_pos", 0), getattr(meta, "end_pos", 0))


def _span(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)


class _Builder(Transformer[Token, Any]):
    """Nodes from the parts that the grammar names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.source = text

    def refuse(self, code: str, reason: Message, at: Span) -> NoReturn:
        raise RuleError(code, reason, self.source, at)

    # Values

    def number(self, token: Token) -> Decimal:
        before, _, after = token.lstrip("-").partition(".")
        if len(before.lstrip("0")) > WIDEST or len(after.rstrip("0")) > 4:
            self.refuse("rule.number", say("un nombre a quatorze chiffres au plus, et quatre décimales"), _span(token))
        return Decimal(token).normalize() + 0

    def whole(self, token: Token, most: int) -> int:
        number = self.number(token)
        if number != int(number) or not 0 <= number <= most:
            self.refuse("rule.number", say("un nombre entier de 0 à {max} est attendu ici", max=most), _span(token))
        return int(number)

    def day_of(self, token: Token) -> date:
        try:
            return date.fromisoformat(token)
        except ValueError:
            self.refuse("rule.day", say("« {day} » n'est pas un jour du calendrier", day=str(token)), _span(token))

    def text_of(self, token: Token) -> str:
        try:
            text: str = json.loads(token.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t"))
            text.encode()
        except ValueError:
            self.refuse(
                "rule.text", say("dans un texte, « \\ » ne va que devant \" ou \\, ou dans \\n, \\t, \\r, \\u00e9"),
                _span(token),
            )  # fmt: skip
        return text

    def value(self, tokens: list[Token]) -> Any:
        (token,) = tokens
        match token.type:
            case "STRING":
                return self.text_of(token)
            case "NUMBER":
                return self.number(token)
            case "DAY":
                return self.day_of(token)
        return token.type == "YES"

    def name(self, tokens: list[Token]) -> Token:
        """A name without its quotation marks; ``own.`` stays in front of it."""
        last = tokens[-1]
        text = last[1:-1] if last.type == "QUOTED" else str(last)
        made = Token("NAME", ("own." if len(tokens) == 2 else "") + text)
        made.start_pos, made.end_pos = tokens[0].start_pos, last.end_pos
        return made

    # Conditions

    @v_args(meta=True)
    def rule(self, meta: "Meta", parts: list[Any]) -> nodes.Rule:
        subject: nodes.Subject = "companies" if parts[0].type == "COMPANIES" else "contacts"
        rule = nodes.Rule(subject, parts[1], at=_of(meta))
        if depth(rule) > DEEPEST:
            raise _too_deep(self.source, rule.at)
        return rule

    @v_args(meta=True)
    def any_of(self, meta: "Meta", parts: list[Any]) -> nodes.AnyOf:
        return nodes.AnyOf(tuple(parts), at=_of(meta))

    @v_args(meta=True)
    def all_of(self, meta: "Meta", parts: list[Any]) -> nodes.AllOf:
        return nodes.AllOf(tuple(parts), at=_of(meta))

    @v_args(meta=True)
    def negation(self, meta: "Meta", parts: list[Any]) -> nodes.Not:
        return nodes.Not(parts[0], at=_of(meta))

    @v_args(meta=True)
    def test(self, meta: "Meta", parts: list[Any]) -> nodes.Test:
        measure, (operator, values) = parts
        return nodes.Test(measure, operator, tuple(values), at=_of(meta))

    @v_args(meta=True)
    def field(self, meta: "Meta", parts: list[Token]) -> nodes.Field:
        return nodes.Field(str(parts[-1]), len(parts) == 2, at=_of(meta))

    def compare(self, parts: list[Any]) -> Any:
        return str(parts[0]), parts[1:]

    def text(self, parts: list[Any]) -> Any:
        return _words(parts[0]), parts[1:]

    day = text

    def between(self, parts: list[Any]) -> Any:
        return "between", parts

    def among(self, parts: list[Any]) -> Any:
        return "in", parts

    def any_text(self, parts: list[Any]) -> Any:
        return "contains any of", parts

    def exactly(self, parts: list[Any]) -> Any:
        return "is exactly", parts

    def is_known(self, _parts: list[Any]) -> Any:
        return "is known", ()

    def is_missing(self, _parts: list[Any]) -> Any:
        return "is missing", ()

    def rank(self, parts: list[Token]) -> Any:
        return _words(parts[0]), [Decimal(self.whole(parts[1], 100))]

    def recent(self, parts: list[Token]) -> Any:
        return "in last", [self.days(parts)]

    def older(self, parts: list[Token]) -> Any:
        return "more than", [self.days(parts)]

    def days(self, parts: list[Token]) -> Decimal:
        """A number of days, the only unit in which days are compared."""
        if _unit(parts[1]) != "days":
            self.refuse("rule.unit", say("un champ se compare en jours (days)"), _span(parts[1]))
        return Decimal(self.whole(parts[0], MOST_UNITS))

    # Aggregates

    def figure(self, parts: list[Token]) -> Any:
        return _words(parts[0]), *parts[1:]

    def moment(self, parts: list[Token]) -> Any:
        return _words(parts[0]), parts[1]

    @v_args(meta=True)
    def aggregate(self, meta: "Meta", parts: list[Any]) -> nodes.Aggregate:
        (function, kind, *properties), *rest = parts
        property = str(properties[0]) if properties else ""
        return nodes.Aggregate(function, str(kind), property, **_options(rest), at=_of(meta))

    @v_args(meta=True)
    def comparison(self, meta: "Meta", parts: list[Any]) -> nodes.Comparison:
        measure, operator, *factor, other = parts
        by = self.number(factor[0]) if factor else Decimal(1)
        return nodes.Comparison(measure, _words(operator), other, by, at=_of(meta))

    # Events

    @v_args(meta=True)
    def did(self, meta: "Meta", parts: list[Any]) -> nodes.Did:
        return nodes.Did(str(parts[0]), **_options(parts[1:]), at=_of(meta))

    @v_args(meta=True)
    def did_not(self, meta: "Meta", parts: list[Any]) -> nodes.Did:
        return nodes.Did(str(parts[0]), times=nodes.Times("exactly", 0), **_options(parts[1:]), at=_of(meta))

    @v_args(meta=True)
    def sequence(self, meta: "Meta", parts: list[Any]) -> nodes.Sequence:
        steps = tuple(each for each in parts if isinstance(each, nodes.Step))
        count, unit, *rest = parts[len(steps) :]
        if _unit(unit) not in ("hours", "days"):
            self.refuse("rule.unit", say("ici la durée se compte en heures (hours) ou en jours (days)"), _span(unit))
        return nodes.Sequence(steps, self.whole(count, MOST_UNITS), _unit(unit), **_options(rest), at=_of(meta))

    @v_args(meta=True)
    def step(self, meta: "Meta", parts: list[Any]) -> nodes.Step:
        return nodes.Step(str(parts[0]), **_options(parts[1:]), at=_of(meta))

    def where(self, parts: list[Any]) -> "_Where":
        return _Where(parts[0])

    @v_args(meta=True)
    def times(self, meta: "Meta", parts: list[Token]) -> nodes.Times:
        return nodes.Times(_words(parts[0]), self.whole(parts[1], 10**9), at=_of(meta))

    @v_args(meta=True)
    def last(self, meta: "Meta", parts: list[Token]) -> nodes.Last:
        return nodes.Last(self.whole(parts[0], MOST_UNITS), _unit(parts[1]), at=_of(meta))

    @v_args(meta=True)
    def before(self, meta: "Meta", parts: list[Token]) -> nodes.Before:
        return nodes.Before(self.day_of(parts[1]), at=_of(meta))

    @v_args(meta=True)
    def after(self, meta: "Meta", parts: list[Token]) -> nodes.After:
        return nodes.After(self.day_of(parts[1]), at=_of(meta))

    @v_args(meta=True)
    def within(self, meta: "Meta", parts: list[Token]) -> nodes.Between:
        return nodes.Between(self.day_of(parts[0]), self.day_of(parts[1]), at=_of(meta))

    # Memberships and steps to the other subject

    @v_args(meta=True)
    def in_segment(self, meta: "Meta", parts: list[Token]) -> nodes.InSegment:
        (token,) = parts
        return nodes.InSegment(self.text_of(token) if token.type == "STRING" else token.lower(), at=_of(meta))

    @v_args(meta=True)
    def in_list(self, meta: "Meta", parts: list[Token]) -> nodes.InList:
        return nodes.InList(self.text_of(parts[0]), at=_of(meta))

    @v_args(meta=True)
    def in_audience(self, meta: "Meta", parts: list[Token]) -> nodes.InAudience:
        return nodes.InAudience(self.text_of(parts[0]), at=_of(meta))

    @v_args(meta=True)
    def has_tag(self, meta: "Meta", parts: list[Token]) -> nodes.HasTag:
        return nodes.HasTag(*(self.text_of(each) for each in parts), at=_of(meta))

    @v_args(meta=True)
    def has_contact(self, meta: "Meta", parts: list[Any]) -> nodes.HasContact:
        match parts:
            case [Token(type="NO"), *rest]:
                times = nodes.Times("exactly", 0)
            case [Token() as bound, Token() as count, *rest]:
                times = nodes.Times(_words(bound), self.whole(count, 10**9))
            case rest:
                times = nodes.Times()
        return nodes.HasContact(**_options(rest), times=times, at=_of(meta))

    @v_args(meta=True)
    def of_company(self, meta: "Meta", parts: list[Any]) -> nodes.OfCompany:
        return nodes.OfCompany(parts[1], at=_of(meta))


class _Where:
    """A condition in parentheses, told from a window and from times."""

    def __init__(self, condition: nodes.Condition) -> None:
        self.condition = condition


def _options(parts: Iterable[Any]) -> dict[str, Any]:
    """What may be left out of a node, by the name of its field."""
    found: dict[str, Any] = {}
    for each in parts:
        if isinstance(each, _Where):
            found["where"] = each.condition
        else:
            found["times" if isinstance(each, nodes.Times) else "window"] = each
    return found


def _words(token: str) -> Any:
    """The words of a token as nodes have them."""
    return " ".join(token.lower().split())


def _unit(token: str) -> Any:
    return token.lower().rstrip("s") + "s"


def depth(node: nodes.Node) -> int:
    """How many nodes stand below each other; found without recursion."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        one, level = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(child, level + 1) for child in nodes.children(one)]
    return deepest
