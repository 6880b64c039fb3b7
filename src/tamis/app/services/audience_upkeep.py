"""The table of members kept in order: compacted, swept, made to agree with a state that was brought back."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from tamis.app.models import Audience, AudienceEffect, AudiencePin, AudienceRun, TagHold
from tamis.app.models.audiences import new_epoch
from tamis.app.services import audience_members, audiences, engine_tables, refreshing

KEPT = timedelta(days=90)
"""How long runs that changed nothing stay: of each day before, the last one does."""
State = AudienceRun.State


def compact() -> int:
    """Put small files together, delete those left behind; how many audiences had many."""
    from tamis.audiences import members

    return members.compact(engine_tables.members_folder(), kept=timedelta(days=settings.LAKE_KEPT_DAYS))


def clear() -> None:
    """Delete for good what the table left behind so long ago that nobody reads it any more."""
    from tamis.audiences import members
    from tamis.lake import delta

    if delta.exists(folder := engine_tables.members_folder()):
        delta.clear(members.open_table(folder), timedelta(days=settings.LAKE_KEPT_DAYS))


def sweep() -> None:
    """Delete the rows of audiences that are no more: one may have died between the state and the lake."""
    from tamis.audiences import members

    there = {*Audience.objects.values_list("pk", flat=True)}
    for audience in members.audiences_in(engine_tables.members_folder()) - there:
        members.forget(engine_tables.members_folder(), audience=audience)


def forget_old_runs() -> None:
    """Delete old runs that changed nothing, but for the last of each day."""
    idle = AudienceRun.objects.filter(started_at__lt=timezone.now() - KEPT, entered=0, left=0, effects=None)
    last: dict[tuple[int, str], int] = {}
    doomed: list[int] = []
    for pk, audience, started in idle.order_by("pk").values_list("pk", "audience_id", "started_at"):
        day = (audience, timezone.localtime(started).date().isoformat())
        if day in last:
            doomed.append(last[day])
        last[day] = pk
    done = AudienceRun.objects.filter(state=State.DONE).order_by()
    kept = done.values("audience").annotate(last=Max("pk")).values_list("last", flat=True)
    AudienceRun.objects.filter(pk__in={*doomed}.difference(kept)).delete()


def reconcile() -> None:
    """Make a table and a state that were brought back agree, under new epochs.

    Edges of runs that the state knows nothing of are deleted; a run that was prepared is done if the table has it, else
    the next refresh ends it. A run that was done, and whose edges the table lacks, is abandoned: the next refresh makes
    it good.
    """
    from tamis.audiences import members

    folder = engine_tables.members_folder()
    for audience in audiences.every_audience():
        there = members.runs_in(folder, audience.pk)
        if unknown := there - {*audience.runs.values_list("pk", flat=True)}:
            members.forget_runs(folder, audience.pk, unknown)
        for run in audience.runs.filter(state=State.PREPARED, pk__in=there):
            refreshing.complete(run)
        lacking = audience.runs.filter(state=State.DONE).exclude(entered=0, left=0).exclude(pk__in=there)
        lacking.update(state=State.ABANDONED)
        audience.epoch = new_epoch()
        audience.save(update_fields=["epoch"])


def traces_of(contact: int | None) -> dict[str, int]:
    """In how many audiences a contact is or was, and how much of what these set off is about it."""
    from tamis.audiences.members import History

    if not contact:
        return {"audiences": 0, "effects": 0}
    folder = engine_tables.members_folder()
    effects = AudienceEffect.objects.filter(action__audience__subject=_CONTACTS, subject=contact)
    return {
        "audiences": sum(History(folder, each).of([contact]).num_rows > 0 for each in _of_contacts()),
        "effects": effects.count(),
    }


def forget(contact: int) -> None:
    """Take a contact that is being erased out of every audience, its history, and what it has still to set off."""
    from tamis.audiences import members

    AudienceEffect.objects.filter(action__audience__subject=_CONTACTS, subject=contact).delete()
    AudiencePin.objects.filter(audience__subject=_CONTACTS, subject=contact).delete()
    TagHold.objects.filter(action__audience__subject=_CONTACTS, subject=contact).delete()
    _uncount(contact)
    members.forget_subject(engine_tables.members_folder(), contact, _of_contacts())


def _uncount(contact: int) -> None:
    """Let the size of the last refresh of each audience that a contact is in be what its list of members will be.

    Counted from the lake before the contact goes there, so that an erasure that is begun again says the same.
    """
    for audience in Audience.objects.filter(subject=_CONTACTS):
        run = audience_members.run_as_of(audience)
        if run is not None and audience_members.since(audience, [contact]):
            size = audience_members.members(audience, run=run.pk).table.num_rows - 1
            AudienceRun.objects.filter(pk=run.pk).update(size=size)


_CONTACTS = Audience.Subject.CONTACTS


def _of_contacts() -> list[int]:
    return [*Audience.objects.filter(subject=_CONTACTS).values_list("pk", flat=True)]
