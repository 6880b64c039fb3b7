"""The few names of a directory that share something rare with a given name.

An inverted index in segments: a large one built at once, small ones for what came later, a mark on what was removed;
segments are merged when the small ones add up. Looking a name up reads the rarest words' lists first and stops after
:data:`LISTED` names, then weighs every word of the best of them. Each word is looked up with those near it
(abbreviated, cut, mistyped), joined with its neighbour or split in two, and as an acronym.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Any

import numpy as np

from tamis.identity.names.lexicon import ACRONYMS, GLUED
from tamis.identity.names.reading import Kind, Name, Word, stem
from tamis.identity.names.segment import INITIALS, Floats, Ints, Segment, build, packed
from tamis.identity.names.vocabulary import Vocabulary

TELLING = 2.0  # nats that finding a word must be worth for its list to be read
LISTED = 3_000  # names after which no further list is read: the most telling words come first
FREQUENT = 20_000  # names from which on a word's list is neither read nor counted, if there is another
WEIGHED = 100  # names whose every word is weighed
COMMON_WORD = 6.0  # nats below which a word is too common to be taken for an acronym
CALLED = 400  # names with the same initials from which on an acronym tells nothing
UNSEEN = 0.25  # share that counts of what a name tells beyond one cut off
LETTER_WEIGHT = 2.2  # nats that one letter of an acronym tells: initials are no more even than that
MERGE_SHARE = 0.2  # of the largest segment; the small ones are merged into it when they add up to more
MANY_SMALL = 8  # segments that came later, from which on they are merged among themselves


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company that may be meant, by one of its names, and a first idea of how near that name is."""

    key: str
    nearness: float
    segment: Segment
    at: int


class NameIndex:
    """A directory of companies by name, several names a company if need be, growing and shrinking."""

    def __init__(self, companies: Iterable[tuple[str, str]] = ()) -> None:
        self.vocabulary = Vocabulary()
        self._segments: list[Segment] = []
        self._lock = RLock()  # a look-up adds up in the segments' own arrays: one at a time
        self._names = 0
        self._forget()
        self.add(companies)

    def __len__(self) -> int:
        return self._names

    def __getstate__(self) -> dict[str, Any]:
        """What is kept when the index is written to disk: everything but its lock."""
        return {key: value for key, value in self.__dict__.items() if key != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = RLock()

    def add(self, companies: Iterable[tuple[str, str]]) -> None:
        """Add ``(key, name)`` pairs: a company's further names come under the same key."""
        with self._lock:
            segment = build(self.vocabulary, companies)
            if not segment.keys:
                return
            self._segments.append(segment)
            self._names += len(segment.keys)
            self._tidy()
            self._forget()

    def remove(self, keys: Iterable[str]) -> None:
        """Take every name of these companies out."""
        gone = set(keys)
        with self._lock:
            for segment in self._segments:
                places = [at for at, key in enumerate(segment.keys) if key in gone and segment.alive[at]]
                if not places:
                    continue
                segment.alive[places] = False
                self._names -= len(places)
                words = (segment.words[segment.starts[at] : segment.starts[at + 1]] for at in places)
                stems = [np.unique(self.vocabulary.stems[each]) for each in words]
                self.vocabulary.count(np.concatenate(stems), -len(places))
            self._forget()

    def _forget(self) -> None:
        """What was worked out from how often words occur no longer holds."""
        self._weights: Floats | None = None
        self._told: dict[str, float] = {}
        self._worths: dict[tuple[str, bool], list[tuple[int, float]]] = {}
        self._asked: Floats = np.zeros(0, np.float32)

    def _tidy(self) -> None:
        """Merge small segments when they are many, and everything when they add up."""
        small = self._segments[1:]
        if sum(len(each.keys) for each in small) > MERGE_SHARE * len(self._segments[0].keys):
            self._segments = [self._merged(self._segments)]
        elif len(small) > MANY_SMALL:
            self._segments[1:] = [self._merged(small)]

    def _merged(self, segments: Iterable[Segment]) -> Segment:
        alive = (
            (key, name)
            for segment in segments
            for key, name, here in zip(segment.keys, segment.names, segment.alive, strict=True)
            if here
        )
        return build(self.vocabulary, alive, counted=True)

    def prepare(self) -> None:
        """Do now what the first look-up would do, so that forked processes share it."""
        self._all_weights()
        self.vocabulary.prepare()

    def weight(self, word: Word) -> float:
        """How telling a word is here, in nats."""
        told = self._told.get(word.text)
        if told is None:
            told = self._told[word.text] = self.vocabulary.weight(word, self._names)
        return told

    def candidates(self, name: Name, limit: int = 10, doubted: bool = False) -> list[Candidate]:
        """The companies whose names are nearest to this one, nearest first; ``doubted``: every word may be mistyped."""
        with self._lock:
            asked = self._ask(name, doubted)
            found = [candidate for segment in self._segments for candidate in self._search(segment, name, asked, limit)]
        return sorted(found, key=lambda candidate: -candidate.nearness)[:limit]

    def _ask(self, name: Name, doubted: bool) -> dict[int, float]:
        """The stems to look for, and what finding each is worth."""
        worth: dict[int, float] = {}
        weights = self._all_weights()
        for word in name.words:
            for number, told in self._worth(word, doubted):
                if told > worth.get(number, 0):
                    worth[number] = told
        for number, weight in self._respelled(name):
            worth[number] = max(worth.get(number, 0), min(weight, weights[number]))
        return worth

    def _worth(self, word: Word, doubted: bool) -> list[tuple[int, float]]:
        """The stems near a word and what finding each is worth, worked out once a word."""
        found = self._worths.get((word.text, doubted))
        if found is None:
            near, weights, weight = self.vocabulary.near(word, doubted), self._all_weights(), self.weight(word)
            found = [(number, min(weight, float(weights[number])) * sure) for number, sure in near.items()]
            self._worths[word.text, doubted] = found
        return found

    def _respelled(self, name: Name) -> Iterator[tuple[int, float]]:
        """Stems for words joined with their neighbour, split in two, or read as or into an acronym."""
        words = name.content
        for text, weight in self._joined_or_split(words):
            if (number := self.vocabulary.stem_number(stem(text))) is not None:
                yield number, weight
        for each in [full for word in words for full in _STANDS_FOR.get(word.stem, ())]:
            if (number := self.vocabulary.stem_number(each)) is not None:
                yield number, 3.0
        initials = name.initials
        for first in range(len(initials) - 2):
            for last in range(first + 3, min(first + INITIALS, len(initials)) + 1):
                if (number := self.vocabulary.stem_number(initials[first:last])) is not None:
                    yield number, LETTER_WEIGHT * (last - first)

    def _joined_or_split(self, words: Sequence[Word]) -> Iterator[tuple[str, float]]:
        for at in range(len(words) - 1):
            yield words[at].text + words[at + 1].text, self.weight(words[at]) + self.weight(words[at + 1])
        for word in words:
            if word.kind is Kind.WORD and len(word.text) >= 5 and self.vocabulary.stem_number(word.stem) is None:
                yield from self._split(word)

    def _split(self, word: Word) -> Iterator[tuple[str, float]]:
        """The fewest words of the directory that this one is made of, links and legal forms between them let alone."""
        weight = self.weight(word)
        for pieces in self._pieces(word.text, 4):
            telling = [piece for piece in pieces if piece not in GLUED]
            yield from ((piece, weight / len(telling)) for piece in telling)

    def _pieces(self, text: str, most: int) -> list[list[str]]:
        found: list[list[str]] = []
        for cut in range(len(text), 0, -1):
            piece = text[:cut]
            link = piece in GLUED
            if not link and (cut < 2 or self.vocabulary.stem_number(stem(piece)) is None):
                continue
            if cut == len(text):
                return [[piece]] if not link else []
            if most > 1:
                found += [[piece, *rest] for rest in self._pieces(text[cut:], most - 1)]
        fewest = min(map(len, found), default=0)
        return [pieces for pieces in found if len(pieces) == fewest]

    def _search(self, segment: Segment, name: Name, asked: dict[int, float], limit: int) -> list[Candidate]:
        lists = self._lists(segment, asked)
        called = list(self._called(segment, name))
        if not lists and not called:
            return []
        listed = np.concatenate([names for names, _ in (*lists, *called)])
        words = sum(len(names) for names, _ in lists)
        worths = np.repeat(
            np.fromiter((worth for _, worth in lists), np.float32, len(lists)), [len(names) for names, _ in lists]
        )
        np.add.at(segment.sums, listed[:words], worths)
        for names, worth in called:
            segment.bonus[names] = np.maximum(segment.bonus[names], worth)
        mine = sum(map(self.weight, name.words))
        read = listed if words <= LISTED else np.concatenate((listed[: _read(lists)], listed[words:]))
        cut = name.at_limit
        kept = _nearest(segment, read, mine, cut)
        nearness = self._weigh(segment, kept, mine, asked, cut)
        segment.sums[listed] = 0
        segment.bonus[listed[words:]] = 0
        order = np.argsort(-nearness, kind="stable")[:limit]
        return [
            Candidate(segment.keys[at], near, segment, at)
            for at, near in zip(kept[order].tolist(), nearness[order].tolist(), strict=True)
        ]

    def _lists(self, segment: Segment, asked: dict[int, float]) -> list[tuple[Ints, float]]:
        """The names that have each of the stems, most telling stem first, and what the stem is worth."""
        lists = [
            (names, worth)
            for number, worth in asked.items()
            if worth >= TELLING and len(names := segment.list_of(number))
        ]
        rare = [pair for pair in lists if len(pair[0]) < FREQUENT]
        return sorted(rare or sorted(lists, key=lambda pair: len(pair[0]))[:1], key=lambda pair: -pair[1])

    def _called(self, segment: Segment, name: Name) -> Iterator[tuple[Ints, float]]:
        """The names whose initials one of the words spells; for a word on its own or unknown, with letters gone."""
        content = name.content
        for word in content:
            letters = word.text
            told = self.weight(word)
            if word.kind is not Kind.WORD or not 3 <= len(letters) <= INITIALS or told < COMMON_WORD:
                continue
            spelled = [letters]
            if len(content) == 1 or (len(content) == 2 and self.vocabulary.stem_number(word.stem) is None):
                spelled += _with_letters_gone(letters)
            for each in spelled:
                names = segment.called(packed(each))
                if 0 < len(names) <= CALLED:
                    yield names, min(told, LETTER_WEIGHT * (len(each) - 0.5 * (each is not letters)))
        yield from self._abbreviating(segment, name)

    def _abbreviating(self, segment: Segment, name: Name) -> Iterator[tuple[Ints, float]]:
        """The names that have an acronym of some of these words, worth nearly what the words are."""
        words = {word.stem: word for word in name.words if word.gives_initial}
        for acronym, meant in [pair for each in words for pair in _ACRONYMS_FROM.get(each, ())]:
            number = self.vocabulary.stem_number(acronym) if words.keys() >= meant else None
            if number is not None and 0 < len(names := segment.list_of(number)) <= CALLED:
                yield names, 0.8 * sum(self.weight(words[each]) for each in meant)

    def _weigh(self, segment: Segment, names: Ints, mine: float, asked: dict[int, float], cut: bool) -> Floats:
        """Twice what is shared over what both names tell: 1 when they tell the same."""
        weights = self._all_weights()
        if not len(names):
            return np.zeros(0, np.float32)
        numbers = np.fromiter(asked, np.int64, len(asked))
        self._asked[numbers] = np.fromiter(asked.values(), np.float32, len(asked))
        first, last = segment.starts[names], segment.starts[names + 1]
        lengths = last - first
        offsets = np.cumsum(lengths) - lengths
        places = np.repeat(first - offsets, lengths) + np.arange(int(lengths.sum()))
        stems = self.vocabulary.stems[segment.words[places]]
        known = weights[stems]
        shared = np.add.reduceat(np.minimum(self._asked[stems], known), offsets) + segment.bonus[names]
        total = _comparable(np.add.reduceat(known, offsets), mine, cut)
        self._asked[numbers] = 0
        near = 2 * shared / (mine + total)
        spelled = segment.bonus[names] > 0  # an acronym answers several words with one
        near[spelled] = np.maximum(near[spelled], 0.75 * np.minimum(shared[spelled] / mine, 1))
        return np.asarray(near, np.float32)

    def _all_weights(self) -> Floats:
        if self._weights is None:
            self._weights = self.vocabulary.weights(self._names)
            self._asked = np.zeros(len(self._weights), np.float32)
        return self._weights

    def name(self, candidate: Candidate) -> Name:
        """The name a candidate was found by, in words."""
        segment, at = candidate.segment, candidate.at
        words = segment.words[segment.starts[at] : segment.starts[at + 1]].tolist()
        return Name(segment.names[at], tuple(map(self.vocabulary.word, words)))


_STANDS_FOR = {short: frozenset(map(stem, full)) for short, full in ACRONYMS.items()}
_ACRONYMS_FROM: dict[str, list[tuple[str, frozenset[str]]]] = {}  # by the stem of the first word each stands for
for _short, _full in ACRONYMS.items():
    _ACRONYMS_FROM.setdefault(stem(_full[0]), []).append((_short, _STANDS_FOR[_short]))


def _read(lists: list[tuple[Ints, float]]) -> int:
    """How many names the first lists hold, until :data:`LISTED` names are read."""
    total = 0
    for names, _ in lists:
        if total > LISTED:
            break
        total += len(names)
    return total


def _comparable(totals: Floats, mine: float, cut: bool) -> Floats:
    """What names tell; beside one that was cut off, what they tell more counts by :data:`UNSEEN`."""
    return np.where(totals > mine, mine + UNSEEN * (totals - mine), totals) if cut else totals


def _nearest(segment: Segment, names: Ints, mine: float, cut: bool) -> Ints:
    """The names that share most for their length with one that tells ``mine``."""
    if len(names) > WEIGHED:
        near = (segment.sums[names] + segment.bonus[names]) / (mine + _comparable(segment.totals[names], mine, cut))
        names = names[np.argpartition(near, -WEIGHED)[-WEIGHED:]]
    names = np.unique(names)
    return names[segment.alive[names]]


def _with_letters_gone(letters: str) -> set[str]:
    """The word without some letters after its first: words may give several letters (``SYNAFEL``), links one."""
    rest = letters[1:]
    kept = (
        letters[0] + "".join(letter for at, letter in enumerate(rest) if mask >> at & 1)
        for mask in range(1, 2 ** len(rest) - 1)
    )
    return {fewer for fewer in kept if len(fewer) > 2}
