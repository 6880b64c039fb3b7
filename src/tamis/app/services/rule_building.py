"""A rule while somebody builds it: one reading of what is clicked and of what is typed, and quick figures beside it.

    text, sentence or tree → the others, mistakes at their places
    text → how many and the first of them → what each condition takes away → who nearly passed

Figures are as of the last snapshot, from an engine that stays open (:mod:`tamis.app.services.kept_engine`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tamis.app.services import kept_engine, rules
from tamis.app.services.vocabulary import vocabulary
from tamis.errors import Refused
from tamis.messages import Message, say

if TYPE_CHECKING:
    from tamis.rules.building import Built
    from tamis.rules.errors import RuleError
    from tamis.rules.nodes import Condition, Rule
    from tamis.rules.sql.remembering import Remembered
    from tamis.rules.sql.sieving import Funnel
    from tamis.rules.vocabulary import Vocabulary

Wanted = Callable[[], bool]
NEAR = 6
"""So many near misses are shown, the largest first."""


def from_text(text: str) -> dict[str, Any]:
    """What there is to say of a text: its tree, or the place where it goes wrong."""
    from tamis.rules.building import from_text as read
    from tamis.rules.errors import RuleError

    try:
        built, draft = read(text)
    except RuleError as error:
        return {"misread": _misread(error)}
    return {"tree": draft, **_told(built, vocabulary())}


def from_sentence(sentence: str) -> dict[str, Any]:
    """What there is to say of a sentence in the language of the moment, as of the text that says the same."""
    from tamis.rules.errors import RuleError

    try:
        return from_text(rules.read(sentence).text)
    except RuleError as error:
        return {"misread": _misread(error)}


def from_draft(draft: Any) -> dict[str, Any]:
    """What there is to say of a tree: its text. Raises :class:`~tamis.errors.Refused` for what is no tree."""
    from tamis.rules.building import from_draft as read
    from tamis.rules.errors import RuleError

    try:
        return _told(read(draft), vocabulary())
    except RuleError as error:  # too long, too deep
        return {"misread": _misread(error)}
    except RecursionError:
        raise Refused(say("Cette règle est trop profonde."), "rule.deep") from None


def _told(built: "Built", known: "Vocabulary") -> dict[str, Any]:
    from tamis.rules.sentences.describing import describe

    faults = built.faults(known)
    return {
        "text": built.text, "subject": built.subject, "unfinished": built.unfinished,
        "sentence": describe(built.rule, known) if built.rule and not faults else "",
        "faults": [{"id": id, **error.place} for id, error in faults],
    }  # fmt: skip


def _misread(error: "RuleError") -> dict[str, Any]:
    return {**error.place, "shown": error.shown}


# Figures


@dataclass(frozen=True)
class Counted(rules.Answered):
    """How many a rule holds for as of the last snapshot, and the first ids."""

    first: Sequence[int]

    def rows(self) -> list[dict[str, Any]]:
        """Who the first are."""
        return [*rules.rows_of(self.question.subject, [*self.first])]


def count(text: str, wanted: Wanted = lambda: True) -> Counted:
    """How many there are, and the first of them. Raises as :func:`~tamis.app.services.rules.ask`."""
    import time

    from tamis.rules.sql.sieving import compile_first

    started = time.perf_counter()
    question = rules.ask(text)
    (found, *_), as_of = _asked(lambda now: compile_first(question.rule, question.vocabulary, now), wanted)
    took = round((time.perf_counter() - started) * 1000, 1)
    return Counted(question, found["n"], as_of, took, found["first"] or ())


@dataclass(frozen=True)
class Sieved:
    """The funnel of a rule, each of its conditions in words."""

    question: rules.Question
    funnel: "Funnel"
    told: Sequence[str]
    as_of: datetime

    @property
    def rows(self) -> list[tuple[str, Any, str, str]]:
        """Each condition with its figures, the rule of those who hold it alone, and that of those left behind it."""
        from tamis.rules.nodes import Rule
        from tamis.rules.rendering import render
        from tamis.rules.sql.sieving import so_far

        def text(where: "Condition") -> str:
            return render(Rule(self.question.subject, where))

        sieves = self.funnel.sieves
        return [
            (told, sieve, text(sieve.condition), text(so_far(self.funnel, place)))
            for place, (told, sieve) in enumerate(zip(self.told, sieves, strict=True))
        ]


def funnel(text: str, wanted: Wanted = lambda: True) -> Sieved:
    """What each condition at the top of a rule takes away."""
    from tamis.rules.sql.sieving import compile_funnel
    from tamis.rules.sql.sieving import funnel as made

    question = rules.ask(text)
    rows, as_of = _asked(lambda now: compile_funnel(question.rule, question.vocabulary, now), wanted)
    found = made(question.rule, rows)
    return Sieved(question, found, [_words(each.condition, question) for each in found.sieves], as_of)


@dataclass(frozen=True)
class Near:
    """How many more there would be if one number of a rule were another, the rule with that number, and theirs."""

    gained: int
    before: Message | str
    after: Message | str
    condition: str
    text: str
    gain: str


def near_misses(text: str, wanted: Wanted = lambda: True) -> list[Near]:
    """The numbers of a rule whose next round value would let more through: those that would let most through first."""
    from tamis.rules.nodes import AllOf, Not, Rule
    from tamis.rules.relaxing import relaxed
    from tamis.rules.rendering import render
    from tamis.rules.sql.sieving import compile_gains

    question = rules.ask(text)
    variants = relaxed(question.rule)
    if not variants:
        return []
    wheres = [each.where for each in variants]
    (gains,), _ = _asked(lambda now: compile_gains(question.rule, wheres, question.vocabulary, now), wanted)
    found = [
        Near(
            gains[f"g{number}"], each.before, each.after, _words(_changed(question.rule, each.where), question),
            render(Rule(question.subject, each.where)),
            render(Rule(question.subject, AllOf((each.where, Not(question.rule.where))))),
        )
        for number, each in enumerate(variants)
        if gains[f"g{number}"]
    ]  # fmt: skip
    return sorted(found, key=lambda near: -near.gained)[:NEAR]


def _asked(query: "Callable[[datetime], Remembered]", wanted: Wanted) -> tuple[list[dict[str, Any]], datetime]:
    """The rows of a query as of the engine's instant, and as of when the state is."""
    return kept_engine.ask(lambda kept: [*kept.ask(query(kept.now)).to_pylist()], wanted)


def _changed(rule: "Rule", where: "Condition") -> "Condition":
    """The condition at the top of a rule that is another one in a variant."""
    from tamis.rules.nodes import Rule
    from tamis.rules.sql.sieving import parts

    pairs = zip(parts(rule)[1], parts(Rule(rule.subject, where))[1], strict=True)
    return next(before for before, after in pairs if before != after)


def _words(condition: "Condition", question: rules.Question) -> str:
    from tamis.rules.sentences.describing import tell

    return tell(condition, question.vocabulary, question.subject)


# Values seen in the data


def values(given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Values there are: of a field (``subject``, ``field``) or a property (``kind``, ``property``) with a ``typed``
    text in them, each with how many have it. Raises ``Refused`` for a word that is none.
    """
    from django.utils import timezone

    from tamis.rules.sql.suggesting import values_of_field, values_of_property
    from tamis.rules.vocabulary import Unknown

    known, typed = vocabulary(), given.get("typed", "")[:200]
    try:
        if given.get("kind"):
            query = values_of_property(given["kind"], given.get("property", ""), typed, known, timezone.now())
        else:
            subject: Any = "contacts" if given.get("subject") == "contacts" else "companies"
            query = values_of_field(subject, given.get("field", ""), typed, known)
    except Unknown as error:
        raise Refused(error.message, error.code) from None
    if query is None:
        return []
    rows, _ = kept_engine.ask(lambda kept: kept.engine.ask(query).to_pylist())
    return [*rows]
