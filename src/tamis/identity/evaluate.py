"""How good name matching is, on pairs whose answer is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from tamis.identity.match import Decision
from tamis.identity.names.index import NameIndex
from tamis.identity.names.matcher import Answer, match_many


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Counts over the pairs: ``top1`` counts right first candidates whatever the decision; seconds, index excluded."""

    pairs: int
    top1: int
    auto: int
    auto_correct: int
    review: int
    none: int
    seconds: float

    @property
    def precision(self) -> float:
        """The share of automatic matches that are right."""
        return self.auto_correct / self.auto if self.auto else 1.0

    @property
    def recall(self) -> float:
        """The share of pairs matched automatically and rightly."""
        return self.auto_correct / self.pairs if self.pairs else 0.0

    def as_json(self) -> dict[str, float]:
        """The figures as programs read them."""
        return {
            "pairs": self.pairs, "top1": self.top1, "auto": self.auto, "auto_correct": self.auto_correct,
            "review": self.review, "none": self.none, "seconds": round(self.seconds, 3),
        }  # fmt: skip


def evaluate(index: NameIndex, pairs: Sequence[tuple[str, str]], processes: int = 1) -> Evaluation:
    """Match every ``(name, key)`` pair by its name alone, and count; a key of ``""`` says that nobody is right."""
    started = perf_counter()
    found = list(match_many(index, [name for name, _ in pairs], _first_and_decision, processes))
    seconds = perf_counter() - started
    right = [first == key for (first, _), (_, key) in zip(found, pairs, strict=True)]
    decisions = [decision for _, decision in found]
    return Evaluation(
        pairs=len(pairs),
        top1=sum(right),
        auto=decisions.count(Decision.AUTO),
        auto_correct=sum(one and decision is Decision.AUTO for one, decision in zip(right, decisions, strict=True)),
        review=decisions.count(Decision.REVIEW),
        none=decisions.count(Decision.NONE),
        seconds=seconds,
    )


def _first_and_decision(answer: Answer) -> tuple[str | None, Decision]:
    return answer.best.key if answer.best else None, answer.decision
