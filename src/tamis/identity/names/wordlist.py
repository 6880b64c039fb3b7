"""Words sorted so that those near a given one stand together: by beginning, and by length and either end."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from tamis.identity.names.likeness import typing_errors_allowed

_LAST = "\U0010ffff"  # sorts after every letter


class WordList:
    """Some words, and for each the number of its stem."""

    def __init__(self, texts: Sequence[str], stem_of: Callable[[str], int]) -> None:
        self.texts = sorted(texts)
        self._stems = np.fromiter(map(stem_of, self.texts), np.int32, len(texts))
        self._by_beginning = sorted(chr(len(text)) + text for text in texts)
        self._by_ending = sorted(chr(len(text)) + text[::-1] for text in texts)

    def begun_by(self, text: str, most: int, names_with: NDArray[np.int32]) -> list[str]:
        """The words that begin with a text, if there are too many those that most names have."""
        first = bisect_left(self.texts, text)
        last = bisect_left(self.texts, text + _LAST, first)
        longer = self.texts[first:last]
        if len(longer) <= most:
            return longer
        return [longer[at] for at in np.argpartition(-names_with[self._stems[first:last]], most)[:most]]

    def mistyped(self, text: str) -> Iterator[tuple[str, int]]:
        """The words a typing error or two away, and how many.

        One error leaves one half of the word whole, so that only words with the same half are compared; but for two
        letters swapped across the middle, which are swapped back.
        """
        allowed = typing_errors_allowed(len(text))
        half = len(text) // 2
        swapped = text[: half - 1] + text[half] + text[half - 1] + text[half + 1 :]
        if _between(self._by_beginning, chr(len(text)) + swapped):
            yield swapped, 1
        for size in range(len(text) - allowed, len(text) + allowed + 1):
            begun = _between(self._by_beginning, chr(size) + text[:half])
            for word, errors in _within(allowed, chr(size) + text, begun):
                yield word[1:], errors
            ended = _between(self._by_ending, chr(size) + text[: half - 1 : -1])
            for word, errors in _within(allowed, chr(size) + text[::-1], ended):
                yield word[:0:-1], errors


def _within(errors: int, text: str, words: list[str]) -> Iterator[tuple[str, int]]:
    found = extract(text, words, scorer=OSA.distance, score_cutoff=errors, limit=None)
    return ((word, int(distance)) for word, distance, _ in found)


def _between(words: list[str], beginning: str) -> list[str]:
    first = bisect_left(words, beginning)
    return words[first : bisect_left(words, beginning + _LAST, first)]
