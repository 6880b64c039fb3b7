"""Near misses: a rule with one number moved to the next round one, for which it holds of more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from tamis.messages import Message, say_many
from tamis.rules import nodes
from tamis.rules.nodes import Condition, Node, Rule
from tamis.rules.sentences.shown import number_shown, percent_shown

AnyNode = TypeVar("AnyNode", bound=Node)

_ROUND = (1, 2, 3, 5, 7, 10, 14, 20, 30, 45, 60, 90, 120, 180, 365, 730, 1_000)
"""Of days, and of other small things that are counted."""
_STEPS = tuple(Decimal(n) for n in ("1", "1.5", "2", "2.5", "3", "4", "5", "7.5"))
"""Of each power of ten."""
MOST = 14
"""So many variants of a rule are tried at once."""


@dataclass(frozen=True)
class Relaxed:
    """The condition of a rule with one number moved, and the number before and after, in words."""

    where: Condition
    before: Message | str
    after: Message | str


def relaxed(rule: Rule) -> list[Relaxed]:
    """The variants of a rule with one number moved to the next round one, where that may add somebody."""
    return [Relaxed(where, *moved) for where, moved in islice(_variants(rule.where), MOST)]


_Moved = tuple[Message | str, Message | str]
"""A number before and after, in words."""


def _variants(node: AnyNode, widen: bool | None = True) -> Iterator[tuple[AnyNode, _Moved]]:
    """The variants of a node; ``widen``: it is to hold of more, of fewer, or that is unclear."""
    for made, *moved in _moved(node, widen):
        yield made, (moved[0], moved[1])
    inner = _towards(node, widen)
    for each in fields(node):
        value = getattr(node, each.name)
        for place, one in enumerate(value if isinstance(value, tuple) else (value,)):
            if isinstance(one, Node):
                for variant, told in _variants(one, inner):
                    put = (*value[:place], variant, *value[place + 1 :]) if isinstance(value, tuple) else variant
                    yield replace(node, **{each.name: put}), told  # type: ignore[arg-type]


def _towards(node: Node, widen: bool | None) -> bool | None:
    """Whether what stands below a node has to widen for the node to."""
    match node:
        case nodes.Not():
            return None if widen is None else not widen
        case nodes.Did(times=times) | nodes.HasContact(times=times):
            if times.bound == "exactly" and times.n > 0:
                return None
            return widen if times.bound == "at least" else None if widen is None else not widen
        case nodes.Test(measure=nodes.Aggregate()) | nodes.Comparison():
            return None
    return widen


def _moved(node: Node, widen: bool | None) -> Iterator[tuple[Any, Message | str, Message | str]]:
    """A node with its number moved, and both in words."""
    match node:
        case nodes.Last(n, unit):
            for other in _next(n, _WINDOWS[unit], widen):
                yield replace(node, n=other), _units(n, unit), _units(other, unit)
        case nodes.Sequence(within=n, unit=unit):
            for other in _next(n, _WINDOWS[unit], widen):
                yield replace(node, within=other), _units(n, unit), _units(other, unit)
        case nodes.Did(times=times) | nodes.HasContact(times=times):
            for n in _times(times, widen):
                made: Any = replace(node, times=replace(times, n=n))
                yield made, _counted(node, times.n), _counted(node, n)
        case nodes.Test(_, operator, values):
            yield from _of_test(node, operator, values, widen)


_WINDOWS: dict[str, Sequence[int]] = {
    "hours": (1, 2, 4, 6, 12, 24, 48, 72, 96, 168), "days": _ROUND, "weeks": (1, 2, 3, 4, 6, 8, 12, 26, 52),
    "months": (1, 2, 3, 6, 9, 12, 18, 24, 36),
}  # fmt: skip


def _next(n: int, ladder: Sequence[int], widen: bool | None) -> list[int]:
    """The next number up, or down, or both."""
    up, down = [each for each in ladder if each > n][:1], [each for each in ladder if each < n][-1:]
    return [*(up if widen is not False else []), *(down if widen is not True else [])]


def _times(times: nodes.Times, widen: bool | None) -> list[int]:
    if times.bound == "exactly":
        return []
    more = times.bound == "at most"
    moved = [times.n + 1] if more is widen else [times.n - 1]
    return [n for n in moved if n >= (1 if times.bound == "at least" else 0)] if widen is not None else []


def _units(n: int, unit: str) -> Message:
    match unit:
        case "hours":
            return say_many("{n} heure", "{n} heures", n=n)
        case "weeks":
            return say_many("{n} semaine", "{n} semaines", n=n)
        case "months":
            return say_many("{n} mois", "{n} mois", n=n)
    return say_many("{n} jour", "{n} jours", n=n)


def _counted(node: Node, n: int) -> Message:
    if isinstance(node, nodes.HasContact):
        return say_many("{n} contact", "{n} contacts", n=n)
    return say_many("{n} fois", "{n} fois", n=n)


def _of_test(
    node: nodes.Test, operator: str, values: tuple[Any, ...], widen: bool | None
) -> Iterator[tuple[nodes.Test, Message | str, Message | str]]:
    """The tests of numbers, of days counted back, of percentages."""
    if widen is None or not values or not all(isinstance(each, Decimal) for each in values):
        return
    if operator in ("in last", "more than"):
        for n in _next(int(values[0]), _ROUND, widen is (operator == "in last")):
            yield replace(node, values=(Decimal(n),)), _units(int(values[0]), "days"), _units(n, "days")
    elif operator in ("in top", "in bottom"):
        for n in _next(int(values[0]), (1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 100), widen):
            yield replace(node, values=(Decimal(n),)), percent_shown(values[0]), percent_shown(n)
    else:
        for place, up in _EDGES.get(operator, ()):
            other = _round(values[place], up is widen)
            made = replace(node, values=(*values[:place], other, *values[place + 1 :]))
            yield made, number_shown(values[place]), number_shown(other)


_EDGES = {
    ">": [(0, False)], ">=": [(0, False)], "<": [(0, True)], "<=": [(0, True)], "between": [(0, False), (1, True)],
}  # fmt: skip
"""Of an operator, which of its values let more through when they go up, or down."""


def _round(number: Decimal, up: bool) -> Decimal:
    """The next round number above, or below; around zero by one."""
    if number == 0:
        return Decimal(1 if up else -1)
    if number < 0:
        return -_round(-number, not up)
    power = Decimal(10) ** number.adjusted()
    ladder = [step * scale for scale in (power / 10, power, power * 10) for step in _STEPS]
    ladder = [each for each in ladder if each == int(each) or number != int(number)]
    if up:
        return min(each for each in ladder if each > number)
    return max((each for each in ladder if each < number), default=Decimal(0))
