"""What entering and leaving an audience sets off: done in Tamis exactly once, sent outside at least once.

The outbox has a row for each member, edge and action of a run. Rows are done in parts, by run, leaving before entering,
in the order of actions; a part is one transaction that does the thing and says so, so that whoever was killed left
either both or nothing. What goes outside becomes deliveries (:mod:`.audience_deliveries`). What cannot be done is dead,
with its reason, and holds up nothing else.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from tamis.app.models import (
    Act,
    Audience,
    AudienceAction,
    AudienceDelivery,
    AudienceEffect,
    AudiencePin,
    AudienceRun,
    List,
    Status,
    Tag,
)
from tamis.app.services import audience_actions, audience_deliveries, audience_holds, audiences, labels, lists
from tamis.app.services.acting import Actor, record, sorting_lock
from tamis.app.services.audience_actions import Wanted
from tamis.app.services.audience_deliveries import Delivered
from tamis.app.services.subjects import Subject
from tamis.errors import Busy, NotFound, TamisError, where
from tamis.messages import Message, say

PART = 2_000
"""So many rows one transaction does."""
Edge, Kind, State = AudienceAction.Edge, AudienceAction.Kind, AudienceEffect.State
log = logging.getLogger("tamis.audiences")


def perform(run: AudienceRun) -> bool:
    """Do what a run, and those before it, have left to do inside Tamis; whether rules may see the difference."""
    return go_on(run.audience)


def go_on(audience: Audience) -> bool:
    """Do what waits of an audience; whether rules may see the difference."""
    changed = False
    for each in _waiting(audience):
        changed = _do(*each) or changed
    return changed


def add(actor: Actor, audience: Audience, wanted: Wanted, most: int | None = None) -> AudienceAction:
    """A new action, done for those who are in already; for more than ``most`` of them the worker does it.

    Raises as :func:`~tamis.app.services.audience_actions.add`.
    """
    action = audience_actions.add(actor, audience, wanted)
    if most is None or action.effects.count() <= most:
        go_on(action.audience)
    return action


def remove(actor: Actor, action: AudienceAction) -> None:
    """Delete an action with what it holds; the audiences that it filled see at once that it does no more."""
    pinned = audience_holds.pinned_by([action])
    audience_actions.delete(actor, action)
    look_again(actor, pinned)


def look_again(actor: Actor, pinned: Mapping[int, Sequence[int]]) -> None:
    """Let audiences see who is pinned no more; one that somebody refreshes now sees it when that is done."""
    from tamis.app.services import refreshing  # here: it does what this module does

    for target, subjects in pinned.items():
        if there := Audience.objects.filter(pk=target).first():
            refreshing.refresh_some(actor, there, subjects)


def undone(audience: Audience, *, dead: bool = False) -> list[dict[str, Any]]:
    """What waits or could not be done, counted by run, action and edge, the latest run first."""
    states = [State.DEAD] if dead else [State.WAITING, State.DEAD]
    rows = AudienceEffect.objects.filter(action__audience=audience, state__in=states)
    groups = rows.order_by().values("run", "action", "action__kind", "edge", "state").annotate(n=Count("pk"))
    found = groups.annotate(first=Min("pk")).order_by("-run", "action", "edge")
    whys = {each.pk: each.why for each in AudienceEffect.objects.filter(pk__in=[each["first"] for each in found])}
    return [
        {"action": each["action"], "kind": each["action__kind"], "run": each["run"], "on": each["edge"],
         "state": each["state"], "members": each["n"], "why": whys.get(each["first"])}
        for each in found
    ]  # fmt: skip


def waits() -> list[Audience]:
    """The audiences of which something waits to be done."""
    waiting = AudienceEffect.objects.filter(state=State.WAITING).values("action__audience")
    return [*audiences.every_audience().filter(pk__in=waiting)]


def deliver(limit_seconds: float, *, settled: bool = True) -> Delivered:
    """The same as :func:`.audience_deliveries.deliver`."""
    return audience_deliveries.deliver(limit_seconds, settled=settled)


def _waiting(audience: Audience) -> list[tuple[int, str, int]]:
    """What is to be done, in order: runs' numbers, edges, actions' numbers."""
    rows = AudienceEffect.objects.filter(state=State.WAITING, action__audience=audience)
    found = rows.order_by().values_list("run", "edge", "action").distinct()
    return sorted(found, key=lambda each: (each[0], each[1] == Edge.ENTER, each[2]))


@dataclass(frozen=True)
class _Part:
    """Rows of one run, edge and action that are being done together, and the act of their doing."""

    act: Act
    action: AudienceAction
    run: AudienceRun
    edge: str
    effects: Sequence[AudienceEffect]

    @property
    def audience(self) -> Audience:
        """Whose action it is."""
        return self.action.audience

    @property
    def of(self) -> Subject:
        """What its members are."""
        return audiences.subject_of(self.audience)

    @property
    def subjects(self) -> list[int]:
        """Whom the rows are about."""
        return [each.subject for each in self.effects]

    def existing(self) -> set[int]:
        """Those of them that still exist."""
        return {*self.of.existing().filter(pk__in=self.subjects).values_list("pk", flat=True)}


def _do(run: int, edge: str, action: int) -> bool:
    """Do all rows of a run, an edge and an action; whether rules may see the difference."""
    rows = AudienceEffect.objects.filter(run=run, edge=edge, action=action, state=State.WAITING).order_by("subject")
    changed = False
    try:
        while True:
            part, did = _do_part(rows)
            changed = changed or did
            if part is None:
                return changed
            if part.action.kind in _PINS:  # seen by the other audience before it counts as done
                _look_at(part)
                _mark(part)
    except Busy:
        return changed
    except TamisError as error:
        rows.update(state=State.DEAD, why_stored=error.message.stored(), done_at=timezone.now())
    except Exception as error:
        log.error("effects of run %s, action %s: %s\n%s", run, action, type(error).__name__, where(error))
    return changed


def _do_part(rows: QuerySet[AudienceEffect]) -> tuple[_Part | None, bool]:
    """Do some rows in one transaction; which, and whether rules may see the difference. No part when none wait."""
    with sorting_lock():
        first = rows.select_related("action__audience", "run").first()
        if first is None:
            return None, False
        whole = first.action.kind in _WHOLE
        effects = [*(rows if whole else rows[:PART])]
        part = _Part(_act_of(first), first.action, first.run, first.edge, effects)
        changed = _KINDS[part.action.kind](part)
        if part.action.kind not in _PINS:
            _mark(part)
        else:
            AudienceEffect.objects.filter(pk__in=[each.pk for each in effects]).update(act=part.act)
    return part, changed


def _mark(part: _Part) -> None:
    """Say of the rows that they are done, or that there was nobody left."""
    there, now = part.existing(), timezone.now()
    rows = AudienceEffect.objects.filter(pk__in=[each.pk for each in part.effects])
    rows.update(state=State.DONE, act=part.act, done_at=now)
    if gone := [each.pk for each in part.effects if each.subject not in there]:
        AudienceEffect.objects.filter(pk__in=gone).update(state=State.SKIPPED)


def _act_of(effect: AudienceEffect) -> Act:
    """The act of an action in a run: the one that its first part made."""
    same = AudienceEffect.objects.filter(run=effect.run, action=effect.action).exclude(act=None)
    if found := same.select_related("act").first():
        assert found.act is not None
        return found.act
    run, action = effect.run, effect.action
    target = List.objects.filter(pk=action.arguments["id"]).first() if action.kind == Kind.LIST else None
    note = say("« {name} » : {what}", name=action.audience.name, what=audience_actions.sentence(action))
    return record(Actor(run.by, run.via), Act.Kind.AUDIENCE_ACTED, note, target)


def _list(part: _Part) -> bool:
    if part.edge == Edge.LEAVE:
        return bool(audience_holds.unclaim(part.act, part.audience, part.subjects))
    target = List.objects.get(pk=part.action.arguments["id"])
    lists.refuse_gone(target)
    return bool(audience_holds.claim(part.act, part.audience, target, part.existing()))


def _tag(part: _Part) -> bool:
    if part.edge == Edge.LEAVE:
        return bool(audience_holds.release_tag(part.action, part.subjects))
    return bool(audience_holds.hold_tag(part.act, part.action, _tag_of(part), part.existing()))


def _untag(part: _Part) -> bool:
    return bool(labels.take_off_by_rule(part.of, part.existing(), _tag_of(part)))


def _tag_of(part: _Part) -> Tag:
    if tag := Tag.objects.filter(pk=part.action.arguments["id"]).first():
        return tag
    raise _gone(say("Le tag de cette action a été supprimé."), "tag.gone")


def _status(part: _Part) -> bool:
    status = Status.objects.filter(pk=part.action.arguments["id"]).first()
    if status is None:
        raise _gone(say("Le statut de cette action a été supprimé."), "status.gone")
    source = audience_holds.source_of(part.act, part.audience)
    return bool(labels.put_status_by_rule(part.of, part.existing(), status, source))


def _gone(message: Message, code: str) -> TamisError:
    return NotFound(message, code)


def _pin(part: _Part) -> bool:
    """Pin members into another audience, or out of it; what a person pinned stays as it is."""
    target, inside = _target(part), part.action.kind == Kind.ADD
    pins = AudiencePin.objects.filter(audience=target)
    wanted = part.existing()
    by_hand = pins.filter(subject__in=wanted, by_action=None).values_list("subject", flat=True)
    wanted -= {*by_hand}
    pins.filter(subject__in=wanted).delete()
    AudiencePin.objects.bulk_create(
        (AudiencePin(audience=target, subject=each, inside=inside, at=part.act.at, act=part.act, by_action=part.action)
         for each in sorted(wanted)), batch_size=PART,
    )  # fmt: skip
    return bool(wanted)


def _target(part: _Part) -> Audience:
    return audiences.find_by_id(part.action.arguments["id"])


def _look_at(part: _Part) -> None:
    """Let the other audience see who was pinned, as of the run, or of its own last one where that is later.

    Raises :class:`~tamis.errors.Busy` while somebody refreshes it: the rows wait.
    """
    from tamis.app.services import refreshing  # here: it does what this module does

    target = _target(part)
    last: datetime | None = target.runs.filter(state=AudienceRun.State.DONE).order_by("-pk").values_list(
        "now", flat=True).first()  # fmt: skip
    now = max(part.run.now, last) if last else part.run.now
    looked = refreshing.refresh_some(Actor(part.run.by, part.run.via), target, part.subjects, now, by_action=True)
    if looked.busy:
        raise looked.busy


def _send(part: _Part) -> bool:
    """Put members into deliveries."""
    there = part.existing()
    audience_deliveries.queue(part.run, part.action, part.edge, [x for x in part.effects if x.subject in there])
    return False


_KINDS: Mapping[str, Callable[[_Part], bool]] = {
    Kind.LIST: _list, Kind.TAG: _tag, Kind.UNTAG: _untag, Kind.STATUS: _status, Kind.ADD: _pin, Kind.REMOVE: _pin,
    Kind.WEBHOOK: _send, Kind.MAIL: _send,
}  # fmt: skip
_PINS = (Kind.ADD, Kind.REMOVE)
_WHOLE = (*_PINS, Kind.MAIL)
"""Kinds whose rows of a run are done together: one look at the other audience, one mail."""


def forget_old(before: datetime) -> None:
    """Delete what was done, sent or needless before an instant; what was given up stays until it is replayed."""
    AudienceEffect.objects.filter(state__in=[State.DONE, State.SKIPPED], done_at__lt=before).delete()
    ended = [AudienceDelivery.State.SENT, AudienceDelivery.State.SKIPPED]
    AudienceDelivery.objects.filter(state__in=ended, ended_at__lt=before).delete()
