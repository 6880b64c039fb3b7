"""Taking back what was done: a move by hand, or a merge.

The law of an undone move: every company whose pin of that move still stands loses it, gets back the pin that the move
had taken off, and goes where :func:`~tamis.app.services.sorting.put_back` says. A company that somebody moved or
released since is left alone, and counted. The undo is an act of its own; an act is undone once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tamis.app.models import Act, Claim, ClaimKind, Merge
from tamis.app.services import merging, sorting
from tamis.app.services.acting import Actor, acting
from tamis.errors import NotFound, Refused
from tamis.messages import Message, say, say_many


@dataclass(frozen=True)
class Undone:
    """What an undo did: how many companies lost their pin or were parted, how many were left alone."""

    back: int
    left: int

    def sentence(self) -> Message:
        """What it did, in words."""
        done = say_many(
            "{n} entreprise remise où elle était.", "{n} entreprises remises où elles étaient.", n=self.back
        )
        if not self.left:
            return done
        left = say_many(
            "{n} a été déplacée ou relâchée depuis : laissée telle quelle.",
            "{n} ont été déplacées ou relâchées depuis : laissées telles quelles.",
            n=self.left,
        )
        return say("{done} {left}", done=done, left=left)


def find(pk: int) -> Act:
    """The act of this number. Raises :class:`~tamis.errors.NotFound`."""
    act = Act.objects.filter(pk=pk).select_related("list").first()
    if act is None:
        raise NotFound(say("Le journal n'a pas d'acte n° {id}.", id=pk))
    return act


def undoable(acts: Iterable[Act]) -> set[int]:
    """Which of these acts can be undone now, by number."""
    open_moves = [act.pk for act in acts if act.kind == Act.Kind.COMPANIES_MOVED and not hasattr(act, "undone_by")]
    merges = [act.pk for act in acts if act.kind == Act.Kind.COMPANIES_MERGED]
    pins = Claim.objects.filter(made_by__in=open_moves, kind=ClaimKind.HAND, withdrawn_by=None)
    standing = Merge.objects.filter(act__in=merges, undone_by=None)
    return {*pins.values_list("made_by", flat=True).distinct(), *standing.values_list("act", flat=True)}


def undo(actor: Actor, act: Act) -> Undone:
    """Take an act back. Raises :class:`~tamis.errors.Refused` when it cannot be, or was already."""
    if act.kind == Act.Kind.COMPANIES_MOVED:
        return undo_move(actor, act)
    if act.kind == Act.Kind.COMPANIES_MERGED:
        return _undo_merges(actor, act)
    raise Refused(say("Seuls un déplacement à la main et une fusion s'annulent."), "undo.kind")


def undo_move(actor: Actor, moved: Act) -> Undone:
    """Take a move by hand back, by the law above."""
    with acting(actor, Act.Kind.MOVE_UNDONE, say("Déplacement annulé"), moved.list) as act:
        if Act.objects.filter(undoes=moved).exists():
            raise Refused(say("Ce déplacement est déjà annulé."), "undo.twice")
        pins = Claim.objects.filter(made_by=moved, kind=ClaimKind.HAND, restored_by=None)
        made = pins.count()
        back = Claim.objects.filter(made_by=moved, kind=ClaimKind.HAND, withdrawn_by=None).update(withdrawn_by=act)
        if not back:
            raise Refused(say("Plus rien à annuler : tout a été déplacé ou relâché depuis."), "undo.nothing")
        _restore_pins(act, moved)
        sorting.put_back(act, moved)
        act.undoes = moved
        act.note_stored = say_many(
            "{n} déplacement vers « {list} » annulé", "{n} déplacements vers « {list} » annulés",
            n=back, list=moved.list.name if moved.list else "",
        ).stored()  # fmt: skip
        act.save(update_fields=["undoes", "note_stored"])
    return Undone(back, made - back)


def _restore_pins(act: Act, moved: Act) -> None:
    """Let the pins that the undone move had taken off stand again; those of lists that are gone stay off."""
    released = Claim.objects.filter(made_by=moved, kind=ClaimKind.HAND, withdrawn_by=act)
    former = Claim.objects.filter(kind=ClaimKind.HAND, withdrawn_by=moved, company__in=released.values("company"))
    Claim.objects.bulk_create(
        (
            Claim(
                company_id=pin.company_id, list_id=pin.list_id, kind=ClaimKind.HAND, at=pin.at,
                made_by_id=pin.made_by_id, restored_by=act,
            )
            for pin in former.filter(list__deleted_at=None).iterator()
        ),
        ignore_conflicts=True,  # a merge since may have brought the same pin
        batch_size=1000,
    )  # fmt: skip


def _undo_merges(actor: Actor, act: Act) -> Undone:
    merges = [*Merge.objects.filter(act=act, undone_by=None).order_by("-pk")]
    if not merges:
        raise Refused(say("Cette fusion est déjà défaite."), "merge.undone")
    for merged in merges:
        merging.split(actor, merged)
    return Undone(len(merges), 0)
