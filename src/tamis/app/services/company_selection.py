"""Every company that a filter lets through, acted on at once: counted first, and counted again when it happens."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count

from tamis.app.models import Act, Claim, ClaimKind, List
from tamis.app.services import sorting
from tamis.app.services.acting import Actor, acting
from tamis.app.services.companies import Moved
from tamis.app.services.company_filters import Filters, filtered
from tamis.app.services.lists import refuse_gone
from tamis.errors import Refused
from tamis.messages import Message, say, say_many

MOST_AT_ONCE = 100_000
"""Companies that one gesture acts on: others wait for it, and a hundred thousand take some seconds."""
AT_ONCE = 5_000
"""Companies that a request acts on while somebody waits: a quarter of a second; more go in the background."""
_CHUNK = 10_000

Progress = Callable[[int, int | None], None]
"""Called with the companies taken so far, and with how many there are; raises to undo everything."""
Within = Callable[[int, Act], None]
"""Called in the transaction with how many companies moved; raises to undo everything."""


@dataclass(frozen=True)
class Selection:
    """How many companies match, by the list they are in, the largest first; how many a lock or a pin holds."""

    companies: int
    by_list: Sequence[tuple[List, int]]
    locked: int
    pinned: int


def selection(filters: Filters) -> Selection:
    """What a gesture on everything that matches would touch."""
    found = dict(filtered(filters).values_list("list").annotate(n=Count("pk")).order_by())
    lists = List.objects.in_bulk(found)
    by_list = sorted(((lists[pk], n) for pk, n in found.items()), key=lambda each: (-each[1], each[0].name))
    pins = Claim.objects.filter(kind=ClaimKind.HAND, withdrawn_by=None, company__in=filtered(filters).values("pk"))
    locked = sum(n for target, n in by_list if target.locked)
    return Selection(sum(found.values()), by_list, locked, pins.count())


def move(
    actor: Actor,
    target: List,
    filters: Filters,
    expected: int,
    progress: Progress | None = None,
    within: Within | None = None,
) -> Moved:
    """Pin every company that matches to a list. Raises ``Refused`` when they are no longer as many as expected."""
    filters.settle()
    note = say_many("{n} entreprise vers « {list} »", "{n} entreprises vers « {list} »", n=expected, list=target.name)
    with acting(actor, Act.Kind.COMPANIES_MOVED, note, target) as act:
        refuse_gone(target)
        for chunk in _matching(filters, expected, progress):
            sorting.claim_by_hand(act, target, chunk)
        moved = sorting.resort(act, sorting.claimed_by(act))
        if within:
            within(moved, act)
    return Moved(moved, expected - moved, act)


def release(
    actor: Actor, filters: Filters, expected: int, progress: Progress | None = None, within: Within | None = None
) -> int:
    """Take the pins of every company that matches away; how many moved. Raises as :func:`move` does."""
    filters.settle()
    note = say_many("Épingles retirées de {n} entreprise", "Épingles retirées de {n} entreprises", n=expected)
    with acting(actor, Act.Kind.COMPANIES_RELEASED, note) as act:
        pins = Claim.objects.filter(kind=ClaimKind.HAND, withdrawn_by=None)
        released = sum(
            pins.filter(company__in=chunk).update(withdrawn_by=act) for chunk in _matching(filters, expected, progress)
        )
        if not released:
            raise Refused(say("Aucune de ces entreprises n'est épinglée."), "pin.none")
        moved = sorting.resort(act, sorting.touched_by(act))
        if within:
            within(moved, act)
    return moved


def moved_sentence(companies: int, list_name: str) -> Message:
    """What a move by hand did, in words."""
    return say_many(
        "{n} entreprise épinglée dans « {list} ».", "{n} entreprises épinglées dans « {list} ».",
        n=companies, list=list_name,
    )  # fmt: skip


def released_sentence(moved: int) -> Message:
    """What taking pins away did, in words."""
    return say_many(
        "Épingles retirées : {n} entreprise a changé de liste.",
        "Épingles retirées : {n} entreprises ont changé de liste.",
        n=moved,
    )


def _matching(filters: Filters, expected: int, progress: Progress | None) -> Iterator[list[int]]:
    """The ids of what matches now, read before anything changes. Raises ``Refused`` unless they are as expected."""
    ids = [*filtered(filters).values_list("pk", flat=True)]
    if len(ids) > MOST_AT_ONCE:
        raise Refused(
            say("Au plus {max} entreprises à la fois : ajoutez un filtre.", max=MOST_AT_ONCE), "selection.large"
        )
    if len(ids) != expected:
        raise Refused(
            say_many(
                "La base a changé entre-temps : {n} entreprise correspond, et non {expected}. Rien n'a été fait : "
                "vérifiez, puis confirmez à nouveau.",
                "La base a changé entre-temps : {n} entreprises correspondent, et non {expected}. Rien n'a été fait : "
                "vérifiez, puis confirmez à nouveau.",
                n=len(ids), expected=expected,
            ),
            "selection.changed",
        )  # fmt: skip
    return _handfuls(ids, progress)


def _handfuls(ids: list[int], progress: Progress | None) -> Iterator[list[int]]:
    for at in range(0, len(ids), _CHUNK):
        if progress:
            progress(at, len(ids))
        yield ids[at : at + _CHUNK]
