"""A rule taken apart: whom it catches first, what each of its conditions takes away, and who nearly passed.

Each is one query; conditions on events are kept between questions (:mod:`tamis.rules.sql.remembering`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tamis.rules import nodes
from tamis.rules.nodes import Condition, Rule
from tamis.rules.sql.compiling import Writer
from tamis.rules.sql.query import present
from tamis.rules.sql.remembering import Remembered, Remembering
from tamis.rules.sql.writing import About
from tamis.rules.vocabulary import Vocabulary

EXAMPLES = 20
MOST = 16
"""So many conditions of a group are told apart; those behind them are one."""


def compile_first(rule: Rule, vocabulary: Vocabulary, now: datetime, most: int = EXAMPLES) -> Remembered:
    """The query of how many (``n``) a checked rule holds for, and the least ``most`` of their ids (``first``)."""
    return _over(rule, [rule.where], vocabulary, now, f"count(*) AS n, min(s.id, {most:d}) AS first", "{0}")


def compile_ids(rule: Rule, vocabulary: Vocabulary, now: datetime) -> Remembered:
    """The query of the ids (``id``) of those for whom a checked rule holds."""
    return _over(rule, [rule.where], vocabulary, now, "s.id", "{0}")


@dataclass(frozen=True)
class Sieve:
    """A condition of a group: how many hold it ``alone``, how many are ``left`` behind it and those before, and how
    many more (of ``all``) or fewer (of ``any``) there would be ``without`` it.
    """

    condition: Condition
    alone: int
    left: int
    without: int


@dataclass(frozen=True)
class Funnel:
    """The conditions at the top of a rule, all of which must hold, or any; ``whole``: how many subjects there are."""

    every: bool
    whole: int
    sieves: Sequence[Sieve]


def parts(rule: Rule) -> tuple[bool, list[Condition]]:
    """The conditions at the top, and whether all of them must hold; ``none of`` is all of their denials."""
    match rule.where:
        case nodes.AllOf(conditions):
            every, found = True, [*conditions]
        case nodes.AnyOf(conditions):
            every, found = False, [*conditions]
        case nodes.Not(nodes.AnyOf(conditions)):
            every, found = True, [nodes.Not(each) for each in conditions]
        case nodes.Not(nodes.AllOf(conditions)):
            every, found = False, [nodes.Not(each) for each in conditions]
        case _:
            every, found = True, [rule.where]
    if len(found) > MOST:
        rest = tuple(found[MOST - 1 :])
        found = [*found[: MOST - 1], nodes.AllOf(rest) if every else nodes.AnyOf(rest)]
    return every, found


def compile_funnel(rule: Rule, vocabulary: Vocabulary, now: datetime) -> Remembered:
    """The query of which conditions at the top hold together (``h0``, ``h1`` ..), and of how many (``n``)."""
    conditions = parts(rule)[1]
    held = ", ".join(f"{{{number}}} AS h{number}" for number in range(len(conditions)))
    return _over(rule, conditions, vocabulary, now, f"{held}, count(*) AS n", "true GROUP BY ALL")


def funnel(rule: Rule, rows: Sequence[Mapping[str, Any]]) -> Funnel:
    """The funnel of a rule, from the rows of its query."""
    every, conditions = parts(rule)
    places = range(len(conditions))
    held = [([bool(row[f"h{place}"]) for place in places], int(row["n"])) for row in rows]
    joined = all if every else any

    def count(some: Sequence[int]) -> int:
        return sum(n for each, n in held if joined(each[place] for place in some))

    total = count(places)
    sieves = [
        Sieve(
            condition, count([place]), count(range(place + 1)),
            abs(count([other for other in places if other != place]) - total) if len(conditions) > 1 else 0,
        )
        for place, condition in enumerate(conditions)
    ]  # fmt: skip
    return Funnel(every, sum(n for _, n in held), sieves)


def so_far(funnel: Funnel, place: int) -> Condition:
    """What those hold who are left behind a condition of a funnel and those before it."""
    some = tuple(each.condition for each in funnel.sieves[: place + 1])
    if len(some) == 1:
        return some[0]
    return nodes.AllOf(some) if funnel.every else nodes.AnyOf(some)


def compile_gains(rule: Rule, variants: Sequence[Condition], vocabulary: Vocabulary, now: datetime) -> Remembered:
    """The query of how many each variant (``g0``, ``g1`` ..) of a rule holds for whom the rule does not hold for.

    Variants are asked once: they read the events together, and nothing of them is kept.
    """
    gains = ", ".join(f"count(*) FILTER ({{{n}}} AND NOT {{0}}) AS g{n - 1}" for n in range(1, len(variants) + 1))
    writer = Writer(vocabulary, now.astimezone(UTC), rule.subject)
    sql = _sql(writer, rule, [rule.where, *variants], gains, "true")
    return Remembered(writer.query(f"{writer.expressions()}{sql}"))


def _over(
    rule: Rule, conditions: Sequence[Condition], vocabulary: Vocabulary, now: datetime, what: str, behind: str
) -> Remembered:
    """A query whose conditions on events are kept."""
    writer = Remembering(vocabulary, now.astimezone(UTC), rule.subject)
    return writer.remembered(_sql(writer, rule, conditions, what, behind))


def _sql(writer: Writer, rule: Rule, conditions: Sequence[Condition], what: str, behind: str) -> str:
    """A question to the subjects of a rule; ``{0}``, ``{1}`` .. are conditions, which in ``what`` are never NULL."""
    made = [writer.condition(each, About(rule.subject, "s")) for each in conditions]
    shown = what.format(*(f"coalesce({each}, false)" for each in made))
    return f"SELECT {shown} FROM {rule.subject} s WHERE {present(rule.subject, 's')} AND {behind.format(*made)}"
