"""Splink 5 on the same names: what a probabilistic linker makes of them, configured with care.

Each name becomes its sorted words, its three rarest words and its first letters. Pairs are blocked on any of the rare
words and on the first letters; Jaro-Winkler of the name, the number of shared words and the rarest word (with term
frequencies) are compared; u is estimated by sampling, m by expectation maximisation on two blockings.
"""

import argparse
import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from tamis.identity.names.reading import Kind, read_name
from tamis.sources.names import read_directory, read_pairs

COMMON = 1_000  # names with a word from which on it blocks nothing: the pairs would be too many
Row = dict[str, object]


def linked(names: Sequence[str], queries: Sequence[str], limit: int = 5) -> list[list[int]]:
    """For each query the numbers of the names that Splink links it to, best first."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_library as compare

    logging.getLogger("splink").setLevel(logging.ERROR)
    words = [_words(name) for name in (*names, *queries)]
    counts = Counter(word for each in words[: len(names)] for word in set(each))
    api = DuckDBAPI()
    known = api.register(_table([_row(f"k{at}", each, counts) for at, each in enumerate(words[: len(names)])]))
    asked = api.register(_table([_row(f"q{at}", each, counts) for at, each in enumerate(words[len(names) :])]))
    blocks = [block_on(f"rare{one}") for one in (1, 2, 3)] + [
        f"l.rare{one} = r.rare{other}" for one in (1, 2, 3) for other in (1, 2, 3) if one != other
    ]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            compare.JaroWinklerAtThresholds("name", [0.97, 0.92, 0.85, 0.75]),
            compare.ArrayIntersectAtSizes("words", [4, 3, 2, 1]),
            compare.ExactMatch("rare1").configure(term_frequency_adjustments=True),
            compare.ExactMatch("begins"),
        ],
        blocking_rules_to_generate_predictions=[*blocks, block_on("begins")],
        retain_matching_columns=False,
    )
    linker = Linker([known, asked], settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=2_000_000)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("rare1"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("begins"))
    found = linker.inference.predict(threshold_match_weight=-10).as_duckdbpyrelation()
    best: list[list[int]] = [[] for _ in queries]
    rows = found.project("match_weight, unique_id_l, unique_id_r").order("match_weight desc").fetchall()
    for _, one, other in rows:
        at, company = (one, other) if str(one).startswith("q") else (other, one)
        if len(best[int(at[1:])]) < limit:
            best[int(at[1:])].append(int(company[1:]))
    return best


def _words(name: str) -> list[str]:
    return [word.text for word in read_name(name).words if word.kind is not Kind.FORM]


def _row(at: str, words: list[str], counts: "Counter[str]") -> Row:
    telling = [word for word in set(words) if 0 < counts[word] <= COMMON]
    rare = sorted(telling, key=lambda word: (counts[word], word))[:3]
    padded = [*rare, None, None, None][:3]
    return {
        "unique_id": at, "name": " ".join(words), "words": sorted(set(words)), "begins": "".join(words)[:8] or None,
        "rare1": padded[0], "rare2": padded[1], "rare3": padded[2],
    }  # fmt: skip


def _table(rows: list[Row]) -> object:
    import pyarrow as pa

    return pa.Table.from_pylist(rows)


def main() -> None:
    """Splink and Tamis on one directory and its pairs."""
    from tamis.identity.evaluate import evaluate
    from tamis.identity.names.index import NameIndex

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("pairs", type=Path)
    options = parser.parse_args()
    companies = list(read_directory(options.directory))
    pairs = read_pairs(options.pairs)
    started = perf_counter()
    found = linked([name for _, name in companies], [name for name, _ in pairs])
    first = sum(bool(at) and companies[at[0]][0] == key for at, (_, key) in zip(found, pairs, strict=True))
    five = sum(key in [companies[one][0] for one in at] for at, (_, key) in zip(found, pairs, strict=True))
    print(f"splink: {first} first, {five} among five, of {len(pairs)}, {perf_counter() - started:.1f} s")
    started = perf_counter()
    ours = evaluate(NameIndex(companies), pairs)
    print(f"tamis: {ours.top1} first of {len(pairs)}, {perf_counter() - started:.1f} s, index included")


if __name__ == "__main__":
    main()
