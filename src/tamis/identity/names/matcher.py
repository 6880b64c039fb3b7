"""Which company a name means: the decision, its score, and the reasons in words.

A wrong automatic match is worse than a question. A match is automatic when the names agree (:data:`AUTO`), no other
company comes near (:data:`MARGIN`), what they share is enough to single one company out of so many, and nothing
contradicts; everything else that looks like an answer goes to a person.
"""

import gc
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from typing import Any, TypeVar

from tamis.identity.match import Decision
from tamis.identity.names.alignment import align
from tamis.identity.names.evidence import is_same_name, method_of, reasons_against, reasons_for
from tamis.identity.names.features import Comparison, score
from tamis.identity.names.index import NameIndex
from tamis.identity.names.reading import Name, read_name
from tamis.messages import Message, say

AUTO = 0.90  # score from which on a match can be automatic
REVIEW = 0.65  # score from which on a candidate is worth showing
MARGIN = 0.05  # by which the first candidate leads the next company
FEW = 5.0  # nats that a name told word for word must tell: "Holding" alone names nobody
SURPLUS = 0.0  # nats that the shared words tell beyond what singles one company out
COMPARED = 10  # candidates whose words are aligned
MANY = 2_000  # names from which on starting processes pays
DOUBTED = 0.80  # best score below which words the directory has are searched as if mistyped
REACH = 0.3  # by which the score of a candidate may be above what its nearness promised
SHOWN = 5  # candidates kept in an answer


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate with its score, by its best name; how that was recognised and why, when asked."""

    key: str
    score: float
    names: Comparison

    @property
    def name(self) -> str:
        """The company's name as the directory has it."""
        return self.names.alignment.known.text

    @property
    def method(self) -> str:
        """How the name was recognised."""
        return method_of(self.names).value

    @property
    def evidence(self) -> tuple[Message, ...]:
        """What speaks for the candidate."""
        return tuple(reasons_for(self.names))

    @property
    def doubts(self) -> tuple[Message, ...]:
        """What speaks against it."""
        return tuple(reasons_against(self.names))

    def as_json(self) -> dict[str, Any]:
        """The match as programs read it; the sentences in the current language."""
        return {
            "siren": self.key,
            "name": self.name,
            "score": round(self.score, 3),
            "method": self.method,
            "evidence": [str(message) for message in (*self.evidence, *self.doubts)],
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found for a name: the decision, and the candidates, best first."""

    name: str
    decision: Decision
    candidates: tuple[Match, ...]
    doubts: tuple[Message, ...] = ()

    @property
    def best(self) -> Match | None:
        """The first candidate, if there is one worth showing."""
        return self.candidates[0] if self.candidates else None

    def as_json(self) -> dict[str, Any]:
        """The answer as programs read it; ``siren`` is empty when nobody was found."""
        best = self.best if self.decision is not Decision.NONE else None
        found = best.as_json() if best else {"siren": None, "score": 0.0, "method": None, "evidence": []}
        evidence = [*found["evidence"], *map(str, self.doubts)]
        return {
            "name": self.name,
            "decision": self.decision.value,
            "siren": found["siren"],
            "company": best.name if best else None,
            "score": found["score"],
            "method": found["method"],
            "evidence": evidence,
            "candidates": [match.as_json() for match in self.candidates],
        }


Kept = TypeVar("Kept")


def match_name(index: NameIndex, text: str, without: Collection[str] = ()) -> Answer:
    """The company of the directory that a name means, if any, but for those that a person has ruled out."""
    ranked = _ranked(index, read_name(text), without)
    shown = tuple(ranked[:SHOWN])
    if not ranked or ranked[0].score < REVIEW:
        return Answer(text, Decision.NONE, shown)
    doubts = tuple(_doubts(index, ranked))
    return Answer(text, Decision.REVIEW if doubts else Decision.AUTO, shown, doubts)


def compare(index: NameIndex, one: str, other: str) -> Match:
    """How alike two names are, by what their words tell among the names of the index."""
    names = align(read_name(one), read_name(other))
    weights = (tuple(map(index.weight, name.words)) for name in (names.written, names.known))
    comparison = Comparison(names, *weights)
    return Match("", score(comparison), comparison)


def match_names(index: NameIndex, names: Sequence[str]) -> Iterator[Answer]:
    """:func:`match_name` for one name after the other."""
    return (match_name(index, name) for name in names)


def match_many(
    index: NameIndex, names: Sequence[str], keep: Callable[[Answer], Kept], processes: int = 1
) -> Iterator[Kept]:
    """What ``keep`` keeps of each answer, found by several processes when there are enough names.

    The processes are forked and share the index as it is; on systems without fork there is one. ``keep`` runs where the
    answer is made, so that only what it returns travels between processes; it must be a function of a module.
    """
    if processes < 2 or len(names) < MANY or "fork" not in get_all_start_methods():
        return map(keep, match_names(index, names))
    return _match_in_parallel(index, names, keep, processes)


def _match_in_parallel(
    index: NameIndex, names: Sequence[str], keep: Callable[[Answer], Kept], processes: int
) -> Iterator[Kept]:
    index.prepare()
    gc.freeze()  # the garbage collector must not walk the index again and again, nor copy it into each process
    try:
        with get_context("fork").Pool(processes, _share, (index, keep)) as pool:
            yield from pool.imap(_match_shared, names, chunksize=200)
    finally:
        gc.unfreeze()


_shared: list[tuple[NameIndex, Callable[[Answer], Any]]] = []


def _share(index: NameIndex, keep: Callable[[Answer], Any]) -> None:
    _shared[:] = [(index, keep)]


def _match_shared(name: str) -> Any:
    index, keep = _shared[0]
    return keep(match_name(index, name))


def _ranked(index: NameIndex, name: Name, without: Collection[str]) -> list[Match]:
    """The companies near a name, each by its best name, best first.

    When none comes near, the words that were taken as written may be mistyped too.
    """
    best: dict[str, Match] = {}
    reached = _compare(index, name, without, best)
    if reached < DOUBTED:
        _compare(index, name, without, best, doubted=True)
    return sorted(best.values(), key=lambda each: -each.score)


def _compare(
    index: NameIndex, name: Name, without: Collection[str], best: dict[str, Match], doubted: bool = False
) -> float:
    """The highest score reached among the candidates, each compared by its words; ``best`` takes them in."""
    written = tuple(map(index.weight, name.words))
    reached = 0.0
    for candidate in index.candidates(name, COMPARED + len(without), doubted):
        if candidate.key in without:
            continue
        if len(best) > (reached < AUTO) + 1 and candidate.nearness < reached - REACH:
            break
        known = index.name(candidate)
        names = Comparison(align(name, known), written, tuple(map(index.weight, known.words)))
        compared = Match(candidate.key, score(names), names)
        reached = max(reached, compared.score)
        if candidate.key not in best or best[candidate.key].score < compared.score:
            best[candidate.key] = compared
    return reached


def _doubts(index: NameIndex, ranked: list[Match]) -> Iterator[Message]:
    """Why the best candidate is not taken without asking; nothing when it is."""
    first, names = ranked[0], ranked[0].names
    if first.score < AUTO:
        yield say("les deux noms ne se ressemblent pas assez pour décider seul")
    for other in ranked[1:2]:
        if first.score - other.score < MARGIN:
            yield say("« {name} » en est presque aussi proche", name=other.name)
    if names.unsure:
        yield say(
            "certains mots se ressemblent seulement : {words}",
            words=", ".join(f"{one.text} / {other.text}" for one, other in names.unsure),
        )
    if names.alignment.written.cut_off:
        yield say("le nom écrit semble coupé")
    if names.other_places or names.other_numbers or names.other_legal_family or names.lone_form or names.not_answered:
        yield say("un lieu, un numéro, une forme juridique ou un mot qui distingue n'est pas le même")
    needed = FEW if is_same_name(names) else math.log(len(index)) + SURPLUS
    if not (names.anchored and names.shared >= needed):
        yield say(
            "ce que les deux noms ont en commun est trop court ou trop courant pour désigner une seule entreprise"
        )
