"""The score of a candidate: a list of features, each a number between 0 and 1 and a weight beside it.

The first features say how much of the two names agrees and add up to 1; the last, with negative weights, say what
contradicts. Words count by their information (see :mod:`tamis.identity.names.vocabulary`): a shared rare word is worth
several common ones.
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rapidfuzz.distance import JaroWinkler

from tamis.identity.names.alignment import Alignment
from tamis.identity.names.lexicon import LEGAL_FORMS, NEUTRAL
from tamis.identity.names.likeness import How
from tamis.identity.names.reading import Kind, Word, stem
from tamis.identity.names.vocabulary import COMMON_STEMS

DISTINCTIVE = 4.5  # nats from which on a word sets a company apart
LETTER = 2.0  # nats told by one letter: less than ln 26, as letters are unevenly used
UNSURE_FROM = 2.5  # nats from which on a word must not answer another by mere resemblance
ANCHOR = 3.0  # nats of a word that is surely the same, without which nothing is decided
TYPO_DOUBT = 5.0  # nats lost to the words one typing error away: some 150 of them


@dataclass(frozen=True, slots=True)
class Comparison:
    """A written name beside a known one: their alignment, and what each word tells."""

    alignment: Alignment
    written: tuple[float, ...]
    known: tuple[float, ...]

    @property
    def found(self) -> float:
        """Information of the written name that the known one has."""
        return sum(link.sure * self.written[at] for link in self.alignment.links for at in link.written)

    @property
    def covered(self) -> float:
        """Information of the known name that was written."""
        return sum(link.sure * self.known[at] for link in self.alignment.links for at in link.known)

    @property
    def room(self) -> float:
        """The share of the known name that a written one of limited length has room for."""
        written, known = self.alignment.written, self.alignment.known
        return min(len(written.text) / max(len(known.text), 1), 1.0) if written.at_limit else 1.0

    @property
    def shared(self) -> float:
        """Information the two names have in common: an acronym tells no more than its letters."""
        return sum(self._told(link.written, link.known, link.how) * link.sure for link in self.alignment.links)

    def _told(self, written: tuple[int, ...], known: tuple[int, ...], how: How) -> float:
        """Words tell no more than their letters, the fewer of the two; a mistyped one might be many others."""
        ours, theirs = self.alignment.written.words, self.alignment.known.words
        letters = min(sum(len(ours[at].text) for at in written), sum(len(theirs[at].text) for at in known))
        told = min(sum(self.written[at] for at in written), sum(self.known[at] for at in known), LETTER * letters)
        return max(told - TYPO_DOUBT, 0.0) if how is How.TYPO else told

    def missing(self, kinds: Iterable[Kind] = (Kind.WORD, Kind.PLACE)) -> tuple[list[Word], list[Word]]:
        """The words of these kinds that only the written name has, and those that only the known one has."""
        alignment = self.alignment
        return (
            [word for at in alignment.free_written if (word := alignment.written.words[at]).kind in kinds],
            [word for at in alignment.free_known if (word := alignment.known.words[at]).kind in kinds],
        )

    @property
    def distinctive_missing(self) -> tuple[list[Word], list[Word]]:
        """The telling words that only one of the two names has."""
        alignment = self.alignment
        return (
            [alignment.written.words[at] for at in alignment.free_written if self.written[at] >= DISTINCTIVE],
            [alignment.known.words[at] for at in alignment.free_known if self.known[at] >= DISTINCTIVE],
        )

    @property
    def unsure(self) -> list[tuple[Word, Word]]:
        """Telling words that answer each other by a resemblance too loose to decide on."""
        written, known = self.alignment.written.words, self.alignment.known.words
        return [
            (written[link.written[0]], known[link.known[0]])
            for link in self.alignment.links
            if link.written and link.known and self.written[link.written[0]] >= UNSURE_FROM
            and _is_loose(link.how, written[link.written[0]].text, known[link.known[0]].text)
        ]  # fmt: skip

    @property
    def anchored(self) -> bool:
        """Whether a telling word is the same on both sides, or its usual abbreviation: no mere likeness."""
        return any(
            link.how in _SURE and self._told(link.written, link.known, link.how) >= ANCHOR
            for link in self.alignment.links
        )

    @property
    def lone_form(self) -> bool:
        """Whether only one name has a legal form, and one that firms in business do not have (a SCI, a GIE)."""
        ours, theirs = self.forms
        return bool(ours) is not bool(theirs) and any(
            not LEGAL_FORMS[form].endswith(_ORDINARY) for form in ours | theirs
        )

    @property
    def not_answered(self) -> bool:
        """Whether one of the names has a word, a place or a number that the other lacks."""
        return any(self.missing(_TELLING))

    @property
    def other_places(self) -> bool:
        """Whether both names mention places, and none of one meets any of the other."""
        ours = self.alignment.written.places
        theirs = self.alignment.known.places if ours else ()
        return bool(ours and theirs) and not any(one.meets(other) for one in ours for other in theirs)

    @property
    def other_numbers(self) -> bool:
        """Whether both names have numbers that the other lacks."""
        alignment = self.alignment
        return any(alignment.written.words[at].kind is Kind.NUMBER for at in alignment.free_written) and any(
            alignment.known.words[at].kind is Kind.NUMBER for at in alignment.free_known
        )

    @property
    def forms(self) -> tuple[set[str], set[str]]:
        """The legal forms of the two names."""
        return _forms(self.alignment.written.words), _forms(self.alignment.known.words)

    @property
    def other_legal_family(self) -> bool:
        """Whether both names have legal forms, of families that exclude each other."""
        ours, theirs = ({LEGAL_FORMS[form] for form in forms} for forms in self.forms)
        return bool(ours and theirs) and not ours & theirs


_SURE = (How.SAME, How.ENDING, How.JOINED, How.ABBREVIATION)
_TELLING = (Kind.WORD, Kind.PLACE, Kind.NUMBER)
_ORDINARY = ("firm", "association")


def _is_loose(how: How, one: str, other: str) -> bool:
    short, long = sorted((len(one), len(other)))
    if how is How.CUT:
        return short < 5 and short < 0.6 * long
    if how is How.TYPO:
        return short < 5
    if how is How.ENDING:
        return long < 7 and stem(one) not in COMMON_STEMS
    return how in (How.FAMILY, How.CONTRACTION, How.INITIAL, How.WITHIN)


def written_found(names: Comparison) -> float:
    """How much of what was written is in the company's name."""
    return names.found / max(sum(names.written), 0.1)


def known_covered(names: Comparison) -> float:
    """How much of the company's name was written, or of what a name cut off had room for."""
    return min(names.covered / max(sum(names.known) * names.room, 0.1), 1.0)


def same_beginning(names: Comparison) -> float:
    """The first telling words of the two names answer each other."""
    first_written, first_known = _first(names.alignment.written.words), _first(names.alignment.known.words)
    return float(any(first_written in link.written and first_known in link.known for link in names.alignment.links))


def same_order(names: Comparison) -> float:
    """The words they share stand in the same order."""
    words = names.alignment.known.words
    order = [
        min(link.known)
        for link in sorted(names.alignment.links, key=lambda link: link.written[:1])
        if link.written and link.known and words[link.known[0]].kind is not Kind.FORM
    ]
    steps = len(order) - 1
    return sum(one < other for one, other in itertools.pairwise(order)) / steps if steps > 0 else float(bool(order))


def same_letters(names: Comparison) -> float:
    """The two names look alike letter by letter."""
    ours, theirs = names.alignment.written.text.casefold(), names.alignment.known.text.casefold()
    if names.alignment.written.at_limit:
        theirs = theirs[: len(ours)]
    return float(JaroWinkler.normalized_similarity(ours, theirs))


def other_place(names: Comparison) -> float:
    """Both name a place, and not the same one."""
    return float(names.other_places)


def other_number(names: Comparison) -> float:
    """Both have a number, and not the same one."""
    return float(names.other_numbers)


def other_form(names: Comparison) -> float:
    """Both have a legal form: another one (half), or one of another family."""
    ours, theirs = names.forms
    if not ours or not theirs or ours & theirs:
        return 0.0
    return 1.0 if names.other_legal_family else 0.5


def other_word(names: Comparison) -> float:
    """Each has a telling word that the other lacks."""
    ours, theirs = names.distinctive_missing
    return float(bool(ours and theirs))


def _forms(words: tuple[Word, ...]) -> set[str]:
    return {word.text for word in words if word.kind is Kind.FORM}


def _first(words: tuple[Word, ...]) -> int:
    return next((at for at, word in enumerate(words) if word.kind is not Kind.FORM and word.text not in NEUTRAL), 0)


@dataclass(frozen=True, slots=True)
class Feature:
    """One reason for or against a candidate: what it measures, and how much it weighs."""

    measure: Callable[[Comparison], float]
    weight: float


FEATURES = (
    Feature(written_found, 0.55),
    Feature(known_covered, 0.32),
    Feature(same_beginning, 0.03),
    Feature(same_order, 0.05),
    Feature(same_letters, 0.05),
    Feature(other_place, -0.15),
    Feature(other_number, -0.12),
    Feature(other_form, -0.08),
    Feature(other_word, -0.03),
)


def score(names: Comparison) -> float:
    """The weighted sum of the features, between 0 and 1."""
    total = sum(feature.weight * feature.measure(names) for feature in FEATURES)
    return min(max(total, 0.0), 1.0)
