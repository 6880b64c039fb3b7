"""Audiences kept right (design §5): one refresh is one run, wherever a process dies.

    lease → end what died → open the members' table → evaluate, compare → the run, prepared → one commit to the lake
    that carries the run's number → one transaction: the run is done, and its edges are in the outbox

How one is evaluated is told in :mod:`.refresh_passes`. A prepared run is done if the lake has its number, else
abandoned; so whoever comes next ends what died. Two workers on one audience: the lease lets one begin, and the lake
lets one of two commits that were begun side by side.
"""

import logging
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from tamis.app.models import Act, Audience, AudienceAction, AudienceEffect, AudienceRun
from tamis.app.services import (
    audience_actions,
    audience_copies,
    audience_effects,
    audience_graph,
    audiences,
    engine_tables,
)
from tamis.app.services.acting import Actor, acting
from tamis.app.services.audience_members import size_of
from tamis.app.services.leases import patiently
from tamis.app.services.refresh_passes import Draft, Pass, evaluate
from tamis.errors import Busy, Refused, TamisError, where
from tamis.messages import say, say_many

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from tamis.audiences.comparing import Compared

PATIENCE = 20.0  # seconds that somebody else's refresh of the same audience is waited for
AT_ONCE = 5_000  # rows of the outbox written at once

State, Way = AudienceRun.State, AudienceRun.Way
log = logging.getLogger("tamis.audiences")


@dataclass(frozen=True)
class Refreshed:
    """What came of one audience: its run, or who was at it already."""

    audience: Audience
    run: AudienceRun | None
    busy: Busy | None = None

    @property
    def ok(self) -> bool:
        """Whether its members are right as of the instant."""
        return self.run is not None and self.run.state == State.DONE


def refresh_all(actor: Actor, now: datetime | None = None, *, full: bool = False) -> list[Refreshed]:
    """Refresh every audience, each after those that it needs; one that fails holds nobody up."""
    return refresh(actor, audiences.every_audience(), now, full=full)


def refresh_due(actor: Actor) -> list[Refreshed]:
    """Refresh the audiences whose time has come; those that others are at are left to them."""
    wanted = [*audiences.due()]
    return refresh(actor, wanted, patience=0.0) if wanted else []


def refresh(
    actor: Actor, wanted: Iterable[Audience], now: datetime | None = None, *, full: bool = False,
    patience: float = PATIENCE,
) -> list[Refreshed]:  # fmt: skip
    """Refresh some audiences as of one instant, and before them those that they need; what each came to, in order."""
    ordered = audience_graph.in_order(wanted)
    with closing(Pass(now or timezone.now(), left=[*ordered])) as together:
        return [_patiently(actor, each, together, patience, full=full) for each in ordered]


def refresh_some(
    actor: Actor, audience: Audience, subjects: Collection[int], now: datetime | None = None, *, by_action: bool = False
) -> Refreshed:  # fmt: skip
    """Look only at some who were named by hand: whether they are in, they are within a moment.

    An action is nobody's hand: where there is a breaker it may hold them, so that it is a refresh as any other.
    """
    with closing(Pass(now or timezone.now())) as together:
        if by_action and audience.most_leaving is not None:
            return _patiently(actor, audience, together, PATIENCE)
        return _patiently(actor, audience, together, PATIENCE, only=subjects)


def check_all(actor: Actor) -> list[Refreshed]:
    """Refresh every audience, then look at all again on the same tables: what differs is repaired, loudly.

    A refresh that looked at all anyway is its own check. The run of a check says how many were wrong.
    """
    wanted = audience_graph.in_order(audiences.every_audience())
    with closing(Pass(timezone.now(), left=[*wanted])) as together:
        return [_patiently(actor, each, together, PATIENCE, check=True) for each in wanted]


def _patiently(
    actor: Actor, audience: Audience, together: Pass, patience: float, *, full: bool = False,
    only: Collection[int] | None = None, check: bool = False,
) -> Refreshed:  # fmt: skip
    try:
        runs = patiently(lambda: _one(actor, audience, together, full, only, check), patience)
    except Busy as busy:
        return Refreshed(audience, None, busy)
    finally:
        together.left = [each for each in together.left if each.pk != audience.pk]
    if [run for run in runs if audience_effects.perform(run)]:
        together.stale()
    return Refreshed(audience, runs[-1])


def confirm(actor: Actor, audience: Audience) -> Refreshed:
    """Let through what a refresh held back: at most as many may leave as a person has seen. Raises ``Refused``."""
    waits = held(audience)
    if waits is None:
        raise Refused(say("Aucun rafraîchissement de « {name} » n'attend.", name=audience.name), "audience.not-held")
    note = say_many("« {name} » : {n} sortie confirmée", "« {name} » : {n} sorties confirmées", name=audience.name,
                    n=waits.left)  # fmt: skip
    with acting(actor, Act.Kind.AUDIENCE_CONFIRMED, note):
        AudienceRun.objects.filter(pk=waits.pk).update(confirmed_by=actor.by)
    with closing(Pass(timezone.now())) as together:
        return _patiently(actor, audience, together, PATIENCE)


def _one(
    actor: Actor, audience: Audience, together: Pass, full: bool, only: Collection[int] | None, check: bool
) -> list[AudienceRun]:  # fmt: skip
    """One run, under the audience's lease; and where it looked at some, a check of all."""
    from tamis.audiences import members

    with audiences.alone(audience):
        audience = audiences.find_by_id(audience.pk)
        table = members.open_table(engine_tables.members_folder())  # after the claim
        _end_unfinished(audience, table)
        draft = Draft(actor, audience, audience.version, together.now, timezone.now())
        runs = [_run(draft, together, table, full=full, only=only)]
        if check and runs[0].state == State.DONE and runs[0].way == Way.PART:
            again = Draft(actor, audience, audience.version, together.now, timezone.now(), way=Way.CHECK)
            later = members.open_table(engine_tables.members_folder())  # what was just committed is in it
            runs.append(_checked(_run(again, together, later)))
        return runs


def _run(
    draft: Draft, together: Pass, table: "DeltaTable", *, full: bool = False, only: Collection[int] | None = None
) -> AudienceRun:  # fmt: skip
    """One run, from evaluating to the outbox."""
    from tamis.audiences import members

    audience = draft.audience
    try:
        compared = evaluate(draft, together, table, full, only)
    except Busy:
        raise
    except Exception as error:
        together.close()
        return _failed(draft, error)
    if only is None and _is_held(audience, compared):  # whom a person named, a person has confirmed
        return _written(draft, State.HELD, compared)
    if not compared.edges.num_rows:
        return _written(draft, State.DONE, compared)
    run = _written(draft, State.PREPARED, compared)
    members.commit(table, audience.pk, audience.epoch, run.pk, run.now, compared.edges)
    return complete(run)


def _written(draft: Draft, state: AudienceRun.State, compared: "Compared | None", **values: Any) -> AudienceRun:
    """The run, written in one transaction with when the next one is due."""
    figures = {}
    if compared is not None:
        figures = {"entered": compared.entered, "left": compared.left, "size": compared.size}
    with transaction.atomic():
        if draft.way != Way.HAND:
            Audience.objects.filter(pk=draft.audience.pk).update(next_at=audiences.next_time(draft.audience))
        return AudienceRun.objects.create(
            audience=draft.audience, version=draft.version, state=state, way=draft.way, now=draft.now,
            why_stored=draft.why.stored() if draft.why else {}, started_at=draft.started_at, ended_at=timezone.now(),
            looked_at=draft.looked_at, seen=draft.seen, by=draft.actor.by, via=draft.actor.via, **figures, **values,
        )  # fmt: skip


def _failed(draft: Draft, error: Exception) -> AudienceRun:
    """The run that says why there is none: members stay as they were."""
    if isinstance(error, TamisError):
        stored = {"code": error.code, "message": error.message.stored()}
    else:
        log.error("audience %s: %s\n%s", draft.audience.pk, type(error).__name__, where(error))
        message = say("Une erreur de Tamis a arrêté ce rafraîchissement ; son journal dit laquelle.")
        stored = {"code": "internal", "message": message.stored()}
    return _written(draft, State.FAILED, None, error_stored=stored, size=size_of(draft.audience))


def _checked(run: AudienceRun) -> AudienceRun:
    """A check, told in the journal where it found somebody wrong."""
    if run.entered or run.left:
        log.warning("audience %s: the check of run %s found %s missing and %s too many: %s", run.audience_id, run.pk,
                    run.entered, run.left, run.state)  # fmt: skip
    return run


def freeze(actor: Actor, source: Audience, name: str, instant: datetime | None = None) -> AudienceRun:
    """Make a static audience of the members that one has, or had as of an instant; the run that filled it.

    Raises as :func:`~tamis.app.services.audience_copies.prepare`.
    """
    from tamis.audiences import members

    copy = audience_copies.prepare(actor, source, name, instant)
    with audiences.alone(copy):
        _end_unfinished(copy, members.open_table(engine_tables.members_folder()))
    return copy.runs.latest("pk")


def _copy(run: AudienceRun, table: Any) -> AudienceRun:
    """Do the first run of a frozen copy."""
    import pyarrow as pa

    from tamis.audiences import members

    subjects = audience_copies.to_be_copied(run)
    AudienceRun.objects.filter(pk=run.pk).update(entered=len(subjects), size=len(subjects))
    if len(subjects):
        edges = pa.table([subjects, pa.repeat(True, len(subjects))], schema=members.EDGES)
        members.commit(table, run.audience_id, run.audience.epoch, run.pk, run.now, edges)
    return complete(run)


def _is_held(audience: Audience, compared: "Compared") -> bool:
    """Whether more would leave than may, and nobody has confirmed so many."""
    if not exceeds(audience.most_leaving, compared):
        return False
    last = held(audience)
    return not (last is not None and last.confirmed_by and compared.left <= last.left)


def exceeds(share: int | None, compared: "Compared") -> bool:
    """Whether more would leave than a share in percent of those who are in."""
    return share is not None and compared.left * 100 > share * compared.before


def _end_unfinished(audience: Audience, table: Any) -> None:
    """End the runs whose process died between preparing and being done."""
    from tamis.audiences import members

    last = members.last_run(table, audience.pk, audience.epoch)
    for run in audience.runs.filter(pk=last or 0, state__in=[State.PREPARED, State.ABANDONED]):
        complete(run)
    for run in audience.runs.filter(state=State.PREPARED, seen__has_key=audience_copies.COPIED):
        _copy(run, table)
    audience.runs.filter(state=State.PREPARED).update(state=State.ABANDONED, ended_at=timezone.now())


def complete(run: AudienceRun) -> AudienceRun:
    """Note that the lake has a run, and put what it sets off into the outbox: together, and once."""
    rows = [*_effects(run)]
    with transaction.atomic():
        ours = AudienceRun.objects.filter(pk=run.pk, state__in=[State.PREPARED, State.ABANDONED])
        if ours.update(state=State.DONE, ended_at=timezone.now()):
            AudienceEffect.objects.bulk_create(rows, batch_size=AT_ONCE)
    run.refresh_from_db()
    return run


def _effects(run: AudienceRun) -> "Iterable[AudienceEffect]":
    """What a run's edges set off, read back from the lake."""
    from tamis.audiences.members import History

    actions = [*run.audience.actions.all()]
    if not actions:
        return
    edges = History(engine_tables.members_folder(), run.audience_id).edges(run.pk)
    for action in actions:
        for subject, entered in zip(*(edges.column(name).to_pylist() for name in ("subject", "entered")), strict=True):
            edge = AudienceAction.Edge.ENTER if entered else AudienceAction.Edge.LEAVE
            if edge == action.edge or audience_actions.lasts(action.kind):
                yield AudienceEffect(run=run, action=action, subject=subject, edge=edge)


def held(audience: Audience) -> AudienceRun | None:
    """The refresh that waits for a person, if the latest one does; what hands do beside it is no answer."""
    last = audience.runs.exclude(way=Way.HAND).order_by("-pk").first()
    return last if last is not None and last.state == State.HELD else None
