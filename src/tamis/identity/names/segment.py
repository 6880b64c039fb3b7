"""Some names of a directory as arrays: the words of each name, the names of each word, the initials of each name."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tamis.identity.names.reading import split_words
from tamis.identity.names.vocabulary import Vocabulary

NAMELESS = "?"  # stands in the index for a name without a letter or a digit
INITIALS = 8  # initials kept of a name

Ints: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float32]


@dataclass(slots=True)
class Segment:
    """Some names, word by word and as lists: built once, then only marked for what was removed."""

    keys: list[str]
    names: list[str]
    words: Ints
    starts: Ints
    listed: Ints
    lists: NDArray[np.int64]
    acronyms: NDArray[np.uint64]
    acronym_names: Ints
    alive: NDArray[np.bool_]
    totals: Floats  # what all words of each name tell, as known when the segment was built
    sums: Floats
    bonus: Floats

    def list_of(self, stem_number: int) -> Ints:
        """The names that have a stem."""
        if stem_number + 1 >= len(self.lists):
            return self.listed[:0]
        return self.listed[self.lists[stem_number] : self.lists[stem_number + 1]]

    def called(self, acronym: int) -> Ints:
        """The names whose initials make the acronym."""
        first, last = (
            np.searchsorted(self.acronyms, np.uint64(acronym)),
            np.searchsorted(self.acronyms, np.uint64(acronym), side="right"),
        )
        return self.acronym_names[first:last]


def packed(letters: str) -> int:
    """Up to eight letters as one number."""
    return int.from_bytes(letters.encode("latin-1", "replace"), "big")


def build(vocabulary: Vocabulary, companies: Iterable[tuple[str, str]], counted: bool = False) -> Segment:
    """The segment of these ``(key, name)`` pairs, their words counted in the vocabulary unless they are already."""
    keys: list[str] = []
    names: list[str] = []
    flat, ends = array("i"), array("i", [0])
    number = vocabulary.number
    for key, name in companies:
        keys.append(key)
        names.append(name)
        flat.extend([number(word) for word in split_words(name) or (NAMELESS,)])
        ends.append(len(flat))
    words, starts = np.array(flat, np.int32), np.array(ends, np.int32)
    owners = np.repeat(np.arange(len(keys), dtype=np.int32), np.diff(starts))
    stems = vocabulary.stems[words]
    pairs = np.sort(stems.astype(np.int64) << 32 | owners)
    pairs = pairs[np.flatnonzero(np.diff(pairs, prepend=-1))]
    listed_stems = (pairs >> 32).astype(np.int32)
    if not counted:
        vocabulary.count(listed_stems, len(keys))
    lists = np.concatenate(([0], np.cumsum(np.bincount(listed_stems)))) if len(pairs) else np.zeros(1, np.int64)
    weights = vocabulary.weights(vocabulary.counted)
    totals = np.add.reduceat(weights[stems], starts[:-1]) if len(keys) else np.zeros(0, np.float32)
    acronyms, acronym_names = _acronyms(np.array(vocabulary.letters, np.uint8)[words], owners, len(keys))
    return Segment(
        keys, names, words, starts, (pairs & 0xFFFFFFFF).astype(np.int32), lists, acronyms, acronym_names,
        np.ones(len(keys), np.bool_), totals, np.zeros(len(keys), np.float32), np.zeros(len(keys), np.float32),
    )  # fmt: skip


def _acronyms(letters: NDArray[np.uint8], owners: Ints, names: int) -> tuple[NDArray[np.uint64], Ints]:
    """What each name may be called by its initials, sorted: the first three to eight, or all but one of up to eight."""
    owners, letters = owners[letters > 0], letters[letters > 0]
    counts = np.bincount(owners, minlength=names)
    place = np.arange(len(owners)) - (np.cumsum(counts) - counts)[owners]
    initials = np.zeros((names, INITIALS), np.uint64)
    kept = place < INITIALS
    initials[owners[kept], place[kept]] = letters[kept]
    found: list[tuple[NDArray[np.uint64], NDArray[np.int64]]] = []
    begun = np.zeros(names, np.uint64)
    for size in range(INITIALS):
        begun = begun << np.uint64(8) | initials[:, size]
        if size >= 2:
            have = np.flatnonzero(counts > size)
            found.append((begun[have], have))
    for size in range(4, INITIALS + 1):
        have = np.flatnonzero(counts == size)
        for gone in range(1, size):
            short = np.zeros(len(have), np.uint64)
            for at in range(size):
                if at != gone:
                    short = short << np.uint64(8) | initials[have, at]
            found.append((short, have))
    keys = np.concatenate([key for key, _ in found])
    owned = np.concatenate([owner for _, owner in found]).astype(np.int32)
    order = np.argsort(keys)
    return keys[order], owned[order]
