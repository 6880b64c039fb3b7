"""Which company a name means: the decision, its score, and the reasons in words.

A wrong automatic match is worse than a question. A match is automatic when the names agree (:data:`AUTO`), no other
company comes near (:data:`MARGIN`), what they share is enough to single one company out of so many, and nothing
contradicts; everything else that looks like an answer goes to a person.
"""

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tamis.identity.names.alignment import align
from tamis.identity.names.evidence import is_same_name, method_of, reasons_against, reasons_for
from tamis.identity.names.features import Comparison, score
from tamis.identity.names.index import NameIndex
from tamis.identity.names.reading import Name, Word, read_name
from tamis.messages import Message, say

AUTO = 0.90  # score from which on a match can be automatic
REVIEW = 0.65  # score from which on a candidate is worth showing
MARGIN = 0.05  # by which the first candidate leads the next company
FEW = 5.0  # nats that a name told word for word must tell: "Holding" alone names nobody
SURPLUS = 0.0  # nats that the shared words tell beyond what singles one company out
COMPARED = 10  # candidates whose words are aligned
ALWAYS_COMPARED = 3  # of them, whatever the others' chances
REACH = 0.2  # by which the score of a candidate may be above what its nearness promised
SHOWN = 5  # candidates kept in an answer


class Decision(StrEnum):
    """What is done with a match."""

    AUTO = "auto"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate with its score, how its name was recognised, and why."""

    key: str
    name: str
    score: float
    method: str
    evidence: tuple[Message, ...]
    doubts: tuple[Message, ...]

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


def match_name(index: NameIndex, text: str, without: Collection[str] = ()) -> Answer:
    """The company of the directory that a name means, if any, but for those that a person has ruled out."""
    ranked = _ranked(index, read_name(text), without)
    shown = tuple(_match(each) for each in ranked[:SHOWN])
    if not ranked or ranked[0].score < REVIEW:
        return Answer(text, Decision.NONE, shown)
    doubts = tuple(_doubts(index, ranked))
    return Answer(text, Decision.REVIEW if doubts else Decision.AUTO, shown, doubts)


def match_names(index: NameIndex, names: Iterable[str]) -> Iterator[Answer]:
    """:func:`match_name` for one name after the other."""
    return (match_name(index, name) for name in names)


@dataclass(frozen=True, slots=True)
class _Compared:
    key: str
    names: Comparison
    score: float

    @property
    def known(self) -> str:
        return self.names.alignment.known.text


def _ranked(index: NameIndex, name: Name, without: Collection[str]) -> list[_Compared]:
    """The companies near a name, each by its best name, best first."""
    def weigh(words: tuple[Word, ...]) -> tuple[float, ...]:
        return tuple(map(index.weight, words))

    best: dict[str, _Compared] = {}
    written = weigh(name.words)
    reached = 0.0
    for candidate in index.candidates(name, COMPARED + len(without)):
        if candidate.key in without:
            continue
        if len(best) >= ALWAYS_COMPARED and candidate.nearness < reached - REACH:
            break
        known = index.name(candidate)
        names = Comparison(align(name, known), written, weigh(known.words))
        compared = _Compared(candidate.key, names, score(names))
        reached = max(reached, compared.score)
        if candidate.key not in best or best[candidate.key].score < compared.score:
            best[candidate.key] = compared
    return sorted(best.values(), key=lambda each: -each.score)


def _match(compared: _Compared) -> Match:
    return Match(
        compared.key,
        compared.known,
        compared.score,
        method_of(compared.names).value,
        tuple(reasons_for(compared.names)),
        tuple(reasons_against(compared.names)),
    )


def _doubts(index: NameIndex, ranked: list[_Compared]) -> Iterator[Message]:
    """Why the best candidate is not taken without asking; nothing when it is."""
    first, names = ranked[0], ranked[0].names
    if first.score < AUTO:
        yield say("les deux noms ne se ressemblent pas assez pour décider seul")
    for other in ranked[1:2]:
        if first.score - other.score < MARGIN:
            yield say("« {name} » ({siren}) en est presque aussi proche", name=other.known, siren=other.key)
    if names.unsure:
        yield say("certains mots se ressemblent seulement : {words}", words=", ".join(f"{one.text} / {other.text}" for one, other in names.unsure))
    if names.alignment.written.cut_off:
        yield say("le nom écrit semble coupé")
    if names.other_places or names.other_numbers or names.other_legal_family or names.lone_form or any(names.distinctive_missing):
        yield say("un lieu, un numéro, une forme juridique ou un mot qui distingue n'est pas le même")
    needed = FEW if is_same_name(names) else math.log(len(index)) + SURPLUS
    if not (names.anchored and names.shared >= needed):
        yield say("ce que les deux noms ont en commun est trop court ou trop courant pour désigner une seule entreprise")
