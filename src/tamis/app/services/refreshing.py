"""Audiences kept right (design §5): one refresh is one run, wherever a process dies.

    lease → end what died → open the members' table → evaluate, compare → the run, prepared → one commit to the lake
    that carries the run's number → one transaction: the run is done, and its edges are in the outbox

A prepared run is done if the lake has its number, else abandoned; so whoever comes next ends what died. Two workers on
one audience: the lease lets one begin, and the lake lets one of two commits that were begun side by side.
"""

import logging
import traceback
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from tamis.app.models import Act, Audience, AudienceAction, AudienceEffect, AudiencePin, AudienceRun, AudienceVersion
from tamis.app.services import audience_copies, audience_effects, audience_graph, audiences, engine_tables
from tamis.app.services.acting import Actor, acting
from tamis.app.services.audience_wanted import Deciding, made_ready
from tamis.app.services.leases import patiently
from tamis.errors import Busy, Refused, TamisError
from tamis.messages import Message, say

if TYPE_CHECKING:
    from tamis.audiences.comparing import Compared, Wanted

PATIENCE = 20.0  # seconds that somebody else's refresh of the same audience is waited for
AT_ONCE = 5_000  # rows of the outbox written at once

State, Way = AudienceRun.State, AudienceRun.Way
log = logging.getLogger("tamis.audiences")


@dataclass
class Pass:
    """Several refreshes as of one instant, on the same tables until something that they set off changes the state."""

    now: datetime
    tables: engine_tables.Asked | None = field(default=None)

    def asked(self, audiences: Collection[int]) -> engine_tables.Asked:
        """The engine's tables, with the members that some audiences have now."""
        if self.tables is None:
            self.tables = engine_tables.current()
        return engine_tables.with_members(self.tables, audiences)

    def stale(self) -> None:
        """The state has changed: tables are made anew for the next refresh."""
        self.tables = None


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
    together = Pass(now or timezone.now())
    return [_patiently(actor, each, together, patience, full=full) for each in audience_graph.in_order(wanted)]


def refresh_some(
    actor: Actor, audience: Audience, subjects: Collection[int], now: datetime | None = None
) -> Refreshed:  # fmt: skip
    """Look only at some who were named by hand: whether they are in, they are within a moment."""
    return _patiently(actor, audience, Pass(now or timezone.now()), PATIENCE, only=subjects)


def _patiently(
    actor: Actor, audience: Audience, together: Pass, patience: float, *, full: bool = False,
    only: Collection[int] | None = None,
) -> Refreshed:  # fmt: skip
    try:
        run = patiently(lambda: _one(actor, audience, together, full, only), patience)
    except Busy as busy:
        return Refreshed(audience, None, busy)
    if audience_effects.perform(run):
        together.stale()
    return Refreshed(audience, run)


def confirm(actor: Actor, audience: Audience) -> Refreshed:
    """Let through what a refresh held back: at most as many may leave as a person has seen. Raises ``Refused``."""
    waits = held(audience)
    if waits is None:
        raise Refused(say("Aucun rafraîchissement de « {name} » n'attend.", name=audience.name), "audience.not-held")
    note = say("« {name} » : {n} sorties confirmées", name=audience.name, n=waits.left)
    with acting(actor, Act.Kind.AUDIENCE_CONFIRMED, note):
        AudienceRun.objects.filter(pk=waits.pk).update(confirmed_by=actor.by)
    return _patiently(actor, audience, Pass(timezone.now()), PATIENCE)


def _one(
    actor: Actor, audience: Audience, together: Pass, full: bool, only: Collection[int] | None
) -> AudienceRun:  # fmt: skip
    """One run, under the audience's lease."""
    from tamis.audiences import members

    with audiences.alone(audience):
        audience = audiences.find_by_id(audience.pk)
        table = members.open_table(engine_tables.members_folder())  # after the claim
        _end_unfinished(audience, table)
        draft = _Draft(actor, audience, audience.version, together.now, timezone.now())
        try:
            compared = _evaluate(draft, together, full, only)
        except Busy:
            raise
        except Exception as error:
            return draft.failed(error)
        if only is None and _is_held(audience, compared):  # whom a person named, a person has confirmed
            return draft.written(State.HELD, compared)
        if not compared.edges.num_rows:
            return draft.written(State.DONE, compared)
        run = draft.written(State.PREPARED, compared)
        members.commit(table, audience.pk, audience.epoch, run.pk, run.now, compared.edges)
        return complete(run)


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


@dataclass
class _Draft:
    """A run before it is written."""

    actor: Actor
    audience: Audience
    version: AudienceVersion
    now: datetime
    started_at: datetime
    way: AudienceRun.Way = Way.FULL
    why: Message | None = None
    looked_at: int | None = None
    seen: dict[str, Any] = field(default_factory=dict)

    def written(self, state: AudienceRun.State, compared: "Compared | None", **values: Any) -> AudienceRun:
        """The run, written in one transaction with when the next one is due."""
        figures = {}
        if compared is not None:
            figures = {"entered": compared.entered, "left": compared.left, "size": compared.size}
        with transaction.atomic():
            if self.way != Way.HAND:
                Audience.objects.filter(pk=self.audience.pk).update(next_at=audiences.next_time(self.audience))
            return AudienceRun.objects.create(
                audience=self.audience, version=self.version, state=state, way=self.way, now=self.now,
                why_stored=self.why.stored() if self.why else {}, started_at=self.started_at, ended_at=timezone.now(),
                looked_at=self.looked_at, seen=self.seen, by=self.actor.by, via=self.actor.via, **figures, **values,
            )  # fmt: skip

    def failed(self, error: Exception) -> AudienceRun:
        """The run that says why there is none: members stay as they were."""
        if isinstance(error, TamisError):
            stored = {"code": error.code, "message": error.message.stored()}
        else:
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("audience %s: %s\n%s", self.audience.pk, type(error).__name__, where)
            message = say("Une erreur de Tamis a arrêté ce rafraîchissement ; son journal dit laquelle.")
            stored = {"code": "internal", "message": message.stored()}
        return self.written(State.FAILED, None, error_stored=stored, size=size_of(self.audience))


def _evaluate(draft: _Draft, together: Pass, full: bool, only: Collection[int] | None) -> "Compared":
    """Who enters and who leaves."""
    from tamis.audiences.comparing import compare, tables_for
    from tamis.engines.duckdb import DuckDb

    wanted, needed = _wanted(draft)
    asked = together.asked({draft.audience.pk, *needed})
    draft.way, draft.looked_at = (Way.FULL, None) if only is None else (Way.HAND, len(only))
    with DuckDb(tables_for(wanted, asked.tables, only)) as engine:
        return compare(engine, wanted, bounded=only is not None)


def _wanted(draft: _Draft) -> "tuple[Wanted, set[int]]":
    """What decides who is in, and the audiences whose members are asked for."""
    audience, version = draft.audience, draft.version
    pins = dict(AudiencePin.objects.filter(audience=audience).values_list("subject", "inside"))
    filled = audiences.is_filled(audience)
    return made_ready(Deciding(audience.pk, version.read, version.mode, version.exclusions, pins, filled), draft.now)


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
            if edge == action.edge or audience_effects.goes_with_the_member(action):
                yield AudienceEffect(run=run, action=action, subject=subject, edge=edge)


def last_done(audience: Audience) -> AudienceRun | None:
    """The run after which its members are as they are now."""
    return audience.runs.filter(state=State.DONE).order_by("-pk").first()


def size_of(audience: Audience) -> int:
    """How many members it has."""
    done = last_done(audience)
    return done.size if done else 0


def held(audience: Audience) -> AudienceRun | None:
    """The refresh that waits for a person, if the latest one does; what hands do beside it is no answer."""
    last = audience.runs.exclude(way=Way.HAND).order_by("-pk").first()
    return last if last is not None and last.state == State.HELD else None
