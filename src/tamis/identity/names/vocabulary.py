"""Every word of a directory, how telling it is, and the words near a given one.

A word tells as much as it is rare: its information is ``ln((N + K) / (n + K · share))`` (in nats), where *n* of *N*
names have it and *share* is how often French company names have it at all; *K* says how many names that general
knowledge is worth, so that "menuiserie" is a common word even in a directory of fifty companies.
"""

import math
from array import array
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tamis.identity.names.lexicon import COMMONNESS, NEUTRAL
from tamis.identity.names.likeness import MIN_CUT, WITHIN, cut_sureness, expansions, typo_sureness
from tamis.identity.names.places import PLACES
from tamis.identity.names.reading import Kind, Word, place_of, read_word, stem
from tamis.identity.names.wordlist import WordList

BACKGROUND = 20_000  # names that general knowledge weighs as much as
RARE_SHARE = 1e-5  # of names, for a word nobody listed as common
PLACE_SHARE = 1 / 300
FIXED_WEIGHT = {Kind.FORM: 1.2, Kind.LINK: 0.1, Kind.NUMBER: 2.5}
NEUTRAL_WEIGHT = 1.0
MAX_ENDINGS = 30  # words tried for one that was cut short: the most frequent
SMALL_SHARE = 0.1  # of the sorted words, for those that came later to stay in a list of their own
COMMON_ENOUGH = 3  # names with a word from which on it is taken as written, not as a typing error

Near: TypeAlias = dict[int, float]

COMMON_STEMS = {stem(word): share for word, share in COMMONNESS.items()}


class Vocabulary:
    """The words of a directory: one number a word, one number a stem, and how many names have each stem."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.stem_of = array("i")
        self.kinds = bytearray()  # the first letter of the kind's name
        self.letters = bytearray()  # the first letter of a word that can give an initial, else 0
        self.counted = 0
        self._stem_of: NDArray[np.int32] = np.zeros(0, np.int32)
        self._words: dict[int, Word] = {}
        self._ids: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._names_with: NDArray[np.int32] = np.zeros(0, np.int32)
        self._shares = array("f")
        self._fixed = array("f")
        self._lists: list[WordList] = []
        self._sorted = 0

    def number(self, text: str) -> int:
        """The number of a word, a new one if it is new."""
        known = self._ids.get(text)
        return self._add(text) if known is None else known

    def stem_number(self, text: str) -> int | None:
        """The number of a stem, or ``None`` when no name has it."""
        return self._stems.get(text)

    def word(self, number: int) -> Word:
        """The word with this number."""
        word = self._words.get(number)
        if word is None:
            word = self._words[number] = read_word(self.texts[number])
        return word

    @property
    def stems(self) -> NDArray[np.int32]:
        """The stem of every word, by their numbers."""
        if len(self._stem_of) < len(self.stem_of):
            self._stem_of = np.array(self.stem_of, np.int32)
        return self._stem_of

    def count(self, stems: NDArray[np.int32], names: int) -> None:
        """Count so many names in, or out when negative; ``stems`` has each stem once a name."""
        self.counted += names
        sign = 1 if names >= 0 else -1
        if len(self._names_with) < len(self._stems):
            self._names_with = np.append(
                self._names_with, np.zeros(len(self._stems) - len(self._names_with) + len(self._stems) // 4, np.int32)
            )
        self._names_with += sign * np.bincount(stems, minlength=len(self._names_with)).astype(np.int32)

    def names_with(self, stem_number: int) -> int:
        """How many names have this stem."""
        return int(self._names_with[stem_number]) if stem_number < len(self._names_with) else 0

    def weights(self, names: int) -> NDArray[np.float32]:
        """The information of every stem, in a directory of so many names."""
        size = len(self._stems)
        counted = self._names_with[:size] + BACKGROUND * np.array(self._shares, np.float32)
        weights = np.log((names + BACKGROUND) / np.maximum(counted, 0.2))
        fixed = np.array(self._fixed, np.float32)
        return np.where(fixed > 0, fixed, weights).astype(np.float32)

    def weight(self, word: Word, names: int) -> float:
        """The information of one word, known or not, in a directory of so many names."""
        if fixed := _fixed(word):
            return fixed
        number = self._stems.get(word.stem)
        counted = (0 if number is None else self.names_with(number)) + BACKGROUND * _share(word)
        return math.log((names + BACKGROUND) / max(counted, 0.2))

    def _add(self, text: str) -> int:
        word = read_word(text)
        stem_number = self._stems.get(word.stem)
        if stem_number is None:
            stem_number = self._stems[word.stem] = len(self._stems)
            self._shares.append(_share(word))
            self._fixed.append(_fixed(word))
        number = self._ids[text] = len(self.texts)
        self.texts.append(text)
        self.stem_of.append(stem_number)
        self.letters.append(ord(text[0]) & 0xFF if word.gives_initial else 0)
        return number

    def near(self, word: Word, doubted: bool = False) -> Near:
        """The stems of the directory that the word may stand for, and how surely.

        A word of some names, or of three letters, is taken as written, unless it is ``doubted``.
        """
        near: Near = {}
        if (own := self._stems.get(word.stem)) is not None:
            near[own] = 1.0
        if word.kind in (Kind.PLACE, Kind.NUMBER):
            near |= self._near_places(word)
        if word.kind in FIXED_WEIGHT:
            return near
        for meant in expansions(word.text):
            if (number := self._stems.get(meant)) is not None:
                near.setdefault(number, 0.95)
        known = own is not None and self.names_with(own) >= COMMON_ENOUGH
        for text, sure in self._alike(word.text, known, doubted):
            number = self.stem_of[self._ids[text]]
            if sure > near.get(number, 0):
                near[number] = sure
        return near

    def _near_places(self, word: Word) -> Near:
        own = place_of(word)
        names = {place.name for place in PLACES.values() if own and own.meets(place)} - {word.stem}
        return {number: WITHIN for name in names if (number := self._stems.get(name)) is not None}

    def _alike(self, text: str, known: bool, doubted: bool) -> Iterator[tuple[str, float]]:
        """Words that begin the given one or that it begins, and, if it may be wrong, words a typing error away."""
        self.prepare()
        letters = len(text)
        mistyped = doubted or (not known and letters > 3)
        for size in range(MIN_CUT, letters):
            if text[:size] in self._ids:
                yield text[:size], cut_sureness(size, letters)
        for words in self._lists:
            if letters >= MIN_CUT and (doubted or not (known and letters > 6)):
                for longer in words.begun_by(text, MAX_ENDINGS, self._names_with):
                    if len(longer) > letters:
                        yield longer, cut_sureness(letters, len(longer))
            if mistyped:
                for other, errors in words.mistyped(text):
                    yield other, typo_sureness(min(letters, len(other)), errors)

    def prepare(self) -> None:
        """Sort the words that came since the last look-up: into a small list until that is worth a new large one."""
        if self._sorted == len(self.texts):
            return
        large = len(self._lists[0].texts) if self._lists else 0
        if len(self.texts) - large > SMALL_SHARE * large:
            self._lists = [WordList(self.texts, self._stem_of_text)]
        else:
            self._lists[1:] = [WordList(self.texts[large:], self._stem_of_text)]
        self._sorted = len(self.texts)

    def _stem_of_text(self, text: str) -> int:
        return self.stem_of[self._ids[text]]


def _fixed(word: Word) -> float:
    return NEUTRAL_WEIGHT if word.text in NEUTRAL else FIXED_WEIGHT.get(word.kind, 0)


def _share(word: Word) -> float:
    if word.kind is Kind.PLACE:
        return PLACE_SHARE
    return COMMON_STEMS.get(word.stem, RARE_SHARE)
