"""Where the headings of a table are: under title lines, blank lines and whatever people put on top."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from tamis.errors import Unreadable
from tamis.messages import say, say_many
from tamis.sources.limits import MAX_COLUMNS
from tamis.sources.records import Record

LOOKED_AT = 10  # records, blank ones not counted
_MAX_HEADING = 200  # characters; what is longer is nobody's known heading

KnownHeading = Callable[[str], bool]


class Found(NamedTuple):
    """A heading record, and how good it is: the more, the better, the first number before the second and so on."""

    record: Record
    merit: tuple[int, int, int]


def first_records(records: Iterable[Record]) -> list[Record]:
    """The records among which headings are looked for."""
    return list(islice((record for record in records if not record.blank), LOOKED_AT))


def find_headings(sample: Sequence[Record], known: KnownHeading | None) -> Found:
    """The record with most recognised headings, else the first one; ``sample`` is not empty."""
    counts = Counter(len(record.cells) for record in sample if record.flaw is None)
    if known is not None:
        scores = [_recognised(record, known) for record in sample]
        best = scores.index(max(scores))
        if scores[best]:
            columns = len(sample[best].cells)
            return Found(sample[best], (scores[best], columns, counts[columns]))
    columns, agreeing = counts.most_common(1)[0] if counts else (1, 0)
    parted = len(sample[0].cells) > 1  # the first record will be the headings: what parts it counts before the rest
    return Found(sample[0], (0, int(parted), agreeing if columns > 1 else 0))


def headings(record: Record, name: str) -> tuple[str, ...]:
    """The headings of a record, on one line each. Raises :class:`Unreadable` when they cannot be told."""
    if record.flaw is not None:
        raise Unreadable(
            say(
                "La ligne de titres de « {name} » (ligne {line}) est illisible : {reason}.",
                name=name, line=record.number, reason=record.flaw.reason,
            ),
            "heading.unreadable",
        )  # fmt: skip
    if len(record.cells) > MAX_COLUMNS:
        raise too_many_columns(len(record.cells), name)
    return tuple(" ".join(cell.replace("\ufeff", "").split()) for cell in record.cells)


def too_many_columns(count: int, name: str) -> Unreadable:
    """The error for a table wider than Tamis reads."""
    return Unreadable(
        say_many(
            "« {name} » a {n} colonne, et Tamis en lit {max} au plus : supprimez les colonnes vides ou inutiles.",
            "« {name} » a {n} colonnes, et Tamis en lit {max} au plus : supprimez les colonnes vides ou inutiles.",
            n=count, name=name, max=MAX_COLUMNS,
        ),
        "file.too-wide",
    )  # fmt: skip


def empty(name: str) -> Unreadable:
    """The error for a file without a single filled cell."""
    return Unreadable(say("Le fichier « {name} » est vide : choisissez-en un autre.", name=name), "file.empty")


def _recognised(record: Record, known: KnownHeading) -> int:
    if record.flaw is not None:
        return 0
    return sum(known(cell.strip()) for cell in record.cells[:MAX_COLUMNS] if cell.strip() and len(cell) <= _MAX_HEADING)
