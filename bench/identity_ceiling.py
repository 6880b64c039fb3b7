"""How many of the noisy names anybody could put right: what one who knows the law of the noise would reach.

python bench/identity_ceiling.py [--queries 1000]

Noise that drops the only telling word, or cuts a fund's name before the part that is its own, leaves several companies
of which each may be meant. Here the likelihood of what was written is worked out, from the probabilities in
:func:`identity_names.noisy`, for every name that may be behind it; whoever picks the likeliest is right as often as its
share of all likelihoods. Names of which more than two whole words are not in the text are left out, so that the true
ceiling lies a little lower.
"""

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import perm

import numpy as np
from identity_names import gleif_names, noisy

Words = tuple[str, ...]
DROP, SHUFFLE, SHORTEN, MISTYPE, ROOM = 0.12, 0.25, 0.2, 0.45, 40  # as in noisy()
AS_IT_WAS = 0.03  # of words drawn to be shortened or mistyped that are too short for it, and stay


@lru_cache(500_000)
def mistyped_as(word: str, written: str, begins: bool = False) -> float:
    """The probability that one typing error makes this of the word (or, of its beginning, when cut off)."""
    if len(word) < 4 or (not begins and abs(len(word) - len(written)) > 1):
        return 0.0
    total = 0.0
    for at in range(len(word) - 1):
        letter, before, after = written[at : at + 1], word[:at], word[at + 1 :]
        spoilt = ((before + letter + after, 1 / 26), (before + after, 1.0), (before + letter + word[at:], 1 / 26),
                  (before + after[0] + word[at] + after[1:], 1.0))  # fmt: skip
        total += sum(chance for text, chance in spoilt if (text[: len(written)] if begins else text) == written)
    return total / 4 / (len(word) - 1)


def shortened(word: str) -> str:
    """The word as the noise cuts it."""
    return word[: max(4, len(word) // 2)]


def spoilt_as(pairs: Sequence[tuple[str, str, bool]], words: int) -> float:
    """The probability that just these of so many words were spoilt, each into what is written beside it."""
    shorten, mistype = SHORTEN / words, MISTYPE / words
    cut = [float(not begins and shortened(word) == written != word) for word, written, begins in pairs]
    typed = [mistyped_as(*pair) for pair in pairs]
    if not pairs:
        return (1 - SHORTEN + AS_IT_WAS) * (1 - MISTYPE + AS_IT_WAS)
    if len(pairs) == 1:
        word, written, begins = pairs[0]
        both = mistyped_as(shortened(word), written, begins)
        return shorten * cut[0] * (1 - MISTYPE) + mistype * typed[0] * (1 - SHORTEN) + shorten * mistype * both
    return shorten * mistype * (cut[0] * typed[1] + cut[1] * typed[0]) if len(pairs) == 2 else 0.0


def likelihood(name: Words, written: Words, cut: bool) -> float:
    """The probability that noise makes this of the name; of a ``cut`` text the last word is a beginning."""
    return sum(
        chance * ((1 - SHUFFLE) * in_order(left, written, cut) + SHUFFLE * shuffled(left, written, cut))
        for left, chance in with_one_dropped(name, len(written))
        if len(left) == len(written) or (cut and len(left) > len(written))
    )


def with_one_dropped(name: Words, seen: int) -> Iterator[tuple[Words, float]]:
    """The name, and the name without each word; dropping any word that is not seen comes to the same."""
    size = len(name)
    if size < 3:
        yield name, 1.0
        return
    yield name, 1 - DROP
    for at in range(min(size, seen)):
        yield name[:at] + name[at + 1 :], DROP / size
    if size > seen:
        yield name[:-1], DROP / size * (size - seen)


def in_order(left: Words, written: Words, cut: bool) -> float:
    """The probability of the text when the words kept their order."""
    last = len(written) - 1
    pairs = []
    for at, (word, text) in enumerate(zip(left, written, strict=False)):
        begins = cut and at == last
        if not (word.startswith(text) if begins else word == text):
            pairs.append((word, text, begins))
            if len(pairs) > 2:
                return 0.0
    return spoilt_as(pairs, len(left))


def shuffled(left: Words, written: Words, cut: bool) -> float:
    """The probability of the text when the words were shuffled: any order is as likely."""
    whole = written[:-1] if cut else written
    there = Counter(left)
    there.subtract(whole)
    if sum(-count for count in there.values() if count < 0) > 2:
        return 0.0
    odd = [text for text, count in there.items() for _ in range(-count)]
    rest = list((+there).elements())
    return sum(_assigned(odd, rest, written[-1] if cut else None, len(left), ())) / perm(len(left), len(written))


def _assigned(
    odd: list[str], rest: list[str], begun: str | None, words: int, pairs: tuple[tuple[str, str, bool], ...]
) -> Iterator[float]:
    """The probability for each way to give the odd texts, then the beginning, a word that is left."""
    if not odd and begun is None:
        yield spoilt_as(pairs, words)
    for at, word in enumerate(rest):
        others = rest[:at] + rest[at + 1 :]
        if odd and (shortened(word) == odd[0] or mistyped_as(word, odd[0]) or mistyped_as(shortened(word), odd[0])):
            yield from _assigned(odd[1:], others, begun, words, (*pairs, (word, odd[0], False)))
        elif not odd and begun is not None:
            spoilt = () if word.startswith(begun) else ((word, begun, True),)
            yield from _assigned([], others, None, words, pairs + spoilt)


class Names:
    """The directory, and those of its names that may have become a text."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = sorted({name.casefold() for name in names})
        self.words = [tuple(name.split()) for name in self.names]
        self.sizes = np.array([len(words) for words in self.words])
        lists = defaultdict(list)
        for at, words in enumerate(self.words):
            for word in set(words):
                lists[word].append(at)
        self.lists = {word: np.array(names) for word, names in lists.items()}

    def behind(self, written: Words, cut: bool) -> Iterator[int]:
        """The names that have all of the whole words but two, and as many words, or one more."""
        whole = set(written[:-1] if cut else written)
        shared = np.zeros(len(self.names), np.int16)
        for word in whole:
            if word in self.lists:
                shared[self.lists[word]] += 1
        enough = shared >= max(len(whole) - 2, 1)
        more = self.sizes - len(written)
        yield from np.flatnonzero(enough & (more >= 0) & (cut | (more <= 1))).tolist()


def main() -> None:
    """Print the share that could be right first, and among five."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    known = gleif_names()
    names = Names(known)
    rng = random.Random(options.seed)
    first = five = 0.0
    for at in rng.sample(range(len(known)), options.queries):
        text = noisy(known[at], rng)
        cut = len(text) == ROOM
        written = tuple(text.casefold().split()) + (("",) if text.endswith(" ") else ())
        right = tuple(known[at].casefold().split())
        others = (
            likelihood(words, written, cut)
            for each in names.behind(written, cut)
            if (words := names.words[each]) != right
        )
        own = likelihood(right, written, cut)
        chances = sorted([own or 1.0, *others] if own else [1.0], reverse=True)
        first += chances[0] / sum(chances)
        five += sum(chances[:5]) / sum(chances)
    print(
        f"{options.queries} noms : {first / options.queries:.1%} en premier, {five / options.queries:.1%} dans les cinq"
    )


if __name__ == "__main__":
    main()
