"""Precision, recall and share sent to review of name matching, on spoilt names and on companies that are not there.

python bench/identity_sets.py DIRECTORY.csv [--held-out] [--each 150] [--show 10]
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from name_sets import (
    WAYS,
    Written,
    abbreviate,
    add_form_or_place,
    another_number,
    another_town,
    another_word,
    as_is,
    content_key,
    mistype,
    shorten_words,
    written_names,
)

from tamis.identity.names.index import NameIndex
from tamis.identity.names.matcher import Answer, Decision, match_name
from tamis.sources.names import read_directory

LOOKALIKE_WAYS = (another_word, another_town, another_number)
ABSENT_WAYS = (as_is, abbreviate, shorten_words, mistype, add_form_or_place)


def main() -> None:
    """Print one line a way of writing, then the totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--held-out", action="store_true", help="the half that tuning does not look at")
    parser.add_argument("--each", type=int, default=150)
    parser.add_argument("--show", type=int, default=0, help="automatic mistakes shown")
    options = parser.parse_args()
    companies = list(read_directory(options.directory))
    index = NameIndex(companies)
    present = written_names(companies, WAYS, options.each, held=options.held_out)
    report("présentes", ((each, match_name(index, each.name)) for each in present), options.show)
    alone = unique_names(companies)
    absent = written_names(alone, ABSENT_WAYS, options.each * 4, held=options.held_out, seed=2)
    answers = ((Written(each.name, "", each.way), match_name(index, each.name, without={each.key})) for each in absent)
    report("absentes", answers, options.show)
    names = {content_key(name) for _, name in companies}
    alike = written_names(companies, LOOKALIKE_WAYS, options.each * 4, held=options.held_out, seed=3)
    answers = (
        (Written(each.name, "", each.way), match_name(index, each.name))
        for each in alike
        if content_key(each.name) not in names
    )
    report("sosies", answers, options.show)


def unique_names(companies: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The companies that no other has the name of: homonyms are nobody's mistake."""
    owners = defaultdict(set)
    for key, name in companies:
        owners[content_key(name)].add(key)
    return [(key, name) for key, name in companies if len(owners[content_key(name)]) == 1]


def report(title: str, answers: Iterable[tuple[Written, Answer]], shown: int) -> None:
    """Counts by way of writing, and some of the automatic mistakes."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    wrong = []
    for written, answer in answers:
        right = answer.best is not None and answer.best.key == written.key
        automatic = answer.decision is Decision.AUTO
        for way in (written.way, "TOTAL"):
            counts[way].update(n=1, top1=right, auto=automatic, auto_right=automatic and right)
            counts[way].update([answer.decision.value + "_"])
        if automatic and not right:
            wrong.append((written, answer.best))
    print(f"\n{title:20s} {'n':>5s} {'top1':>6s} {'auto':>6s} {'faux':>5s} {'revue':>6s} {'rien':>6s}")
    for way, count in counts.items():
        n = count["n"]
        print(
            f"{way:20s} {n:5d} {count['top1'] / n:6.1%} {count['auto'] / n:6.1%}"
            f" {count['auto'] - count['auto_right']:5d} {count['review_'] / n:6.1%} {count['none_'] / n:6.1%}"
        )
    for written, best in wrong[:: max(1, len(wrong) // shown)][:shown] if shown else ():
        print(
            f"  {written.way}: {written.name!r} → {best.name!r} {best.score:.2f} {[str(one) for one in best.evidence]}"
        )


if __name__ == "__main__":
    main()
