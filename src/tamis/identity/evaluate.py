"""How good name matching is, on pairs whose answer is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter

from tamis.identity.names.index import NameIndex
from tamis.identity.names.matcher import Answer, Decision, match_names


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
    answers = list(match_names(index, [name for name, _ in pairs], processes))
    return tally(answers, (key for _, key in pairs), perf_counter() - started)


def tally(answers: Sequence[Answer], keys: Iterable[str], seconds: float) -> Evaluation:
    """The counts for answers beside the keys they should have."""
    right = [answer.best is not None and answer.best.key == key for answer, key in zip(answers, keys, strict=True)]
    auto = [answer.decision is Decision.AUTO for answer in answers]
    return Evaluation(
        pairs=len(answers),
        top1=sum(right),
        auto=sum(auto),
        auto_correct=sum(both for both in map(lambda one, other: one and other, right, auto)),
        review=sum(answer.decision is Decision.REVIEW for answer in answers),
        none=sum(answer.decision is Decision.NONE for answer in answers),
        seconds=seconds,
    )
