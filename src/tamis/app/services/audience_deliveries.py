"""What audiences send outside: each delivery queued once, tried until it is taken, given up in the end.

    waiting → sent | skipped (nobody left to tell of) | dead (given up; may be replayed)

Who tries one counts its attempts up in the same statement that reads them, so that two never try it at once, and others
take it over when nothing was heard for :data:`LEASE`. Machines take turns, one request each at a time; one that does
not answer, or asks to be left alone, has no other turn in the same pass. One that refuses what an action sends has a
turn for what others send it: behind one name there may be the receivers of many (hooks.zapier.com, hooks.slack.com).
"""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from tamis.app.models import (
    Act,
    Audience,
    AudienceAction,
    AudienceDelivery,
    AudienceEffect,
    AudienceRun,
)
from tamis.app.services import audience_mails, audience_webhooks
from tamis.app.services.acting import Actor, acting
from tamis.app.services.audience_webhooks import Outcome
from tamis.errors import NotFound, Refused, TamisError
from tamis.messages import Message, say, say_many

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 6 * 60, 24 * 60))
"""How long to wait after the first attempt, the second, ...; after the last one it is given up."""
LIFE = sum(PAUSES, timedelta())
"""So long whoever says when to come back is come back to: an attempt that is put off is none."""
LEASE = timedelta(minutes=2)
"""After so long somebody who tries a delivery is thought dead; an attempt takes far less."""
TURNS = 8
"""So many machines are asked at once."""
State, Kind = AudienceDelivery.State, AudienceAction.Kind
log = logging.getLogger("tamis.audiences")


def queue(run: AudienceRun, action: AudienceAction, edge: str, effects: Sequence[AudienceEffect]) -> None:
    """Put members' edges into deliveries, within the caller's transaction: a mail tells of all, a webhook of some."""
    mail = action.kind == Kind.MAIL
    host = audience_mails.HOST if mail else audience_webhooks.host_of(action.arguments["url"])
    together = len(effects) if mail else audience_webhooks.TOGETHER
    now = timezone.now()
    for at in range(0, len(effects), together):
        part = effects[at : at + together]
        delivery = AudienceDelivery.objects.create(
            run=run, action=action, edge=edge, host=host, size=len(part), created_at=now, next_at=now
        )
        AudienceEffect.objects.filter(pk__in=[each.pk for each in part]).update(delivery=delivery)


@dataclass
class Delivered:
    """What a pass did: how many deliveries were taken, failed for now, and were given up or had become needless."""

    sent: int = 0
    failed: int = 0
    ended: int = 0


@dataclass
class _Turns:
    """Whose turn it is: machines that are being asked, that have had their turn, and that failed; actions that did."""

    busy: set[str] = field(default_factory=set)
    had: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)

    def next(self) -> AudienceDelivery | None:
        """The next delivery, which is ours to try; ``None`` when there is none for anybody who may be asked."""
        if found := _take(self.busy | self.had | self.failed, self.refused):
            return found
        self.had.clear()
        return _take(self.busy | self.failed, self.refused)

    def over(self, delivery: AudienceDelivery, outcome: Outcome) -> None:
        """A machine has answered, or not."""
        self.busy.discard(delivery.host)
        self.had.add(delivery.host)
        if outcome.taken or outcome.hopeless or outcome.unset:  # nothing to wait for
            return
        if outcome.status is None or outcome.status in audience_webhooks.WAIT:
            self.failed.add(delivery.host)
        else:
            self.refused.add(delivery.action_id)


def deliver(limit_seconds: float, *, settled: bool = True) -> Delivered:
    """Send what is due, and begin nothing after so many seconds; what came of it.

    What the settings here refuse is given up, unless the worker may have others: not ``settled``.
    """
    until = time.monotonic() + limit_seconds
    done, turns = Delivered(), _Turns()
    going: dict[Future[Outcome], AudienceDelivery] = {}
    with ThreadPoolExecutor(TURNS) as threads:
        while True:
            while len(going) < TURNS and time.monotonic() < until and (delivery := turns.next()):
                if sending := _prepared(delivery, done, settled):
                    turns.busy.add(delivery.host)
                    going[threads.submit(sending)] = delivery
            if not going:
                return done
            for future in wait(going, return_when=FIRST_COMPLETED).done:
                delivery = going.pop(future)
                outcome = _outcome(future)
                turns.over(delivery, outcome)
                _record(delivery, outcome, done, settled)


def _take(but: Collection[str] = (), nor: Collection[int] = ()) -> AudienceDelivery | None:
    """The delivery that has been due longest, but for some machines and some actions; it is ours from then on."""
    due = AudienceDelivery.objects.filter(state=State.WAITING).exclude(host__in=but).exclude(action__in=nor)
    due = due.select_related("action__audience", "run").order_by("next_at", "pk")
    while found := due.filter(next_at__lte=timezone.now()).first():
        ours = _still(found)
        if ours.update(attempts=found.attempts + 1, next_at=timezone.now() + LEASE):
            found.attempts += 1
            return found
    return None


def _still(delivery: AudienceDelivery) -> QuerySet[AudienceDelivery]:
    """The delivery as we know it: nobody tried it since."""
    return AudienceDelivery.objects.filter(pk=delivery.pk, state=State.WAITING, attempts=delivery.attempts)


def _prepared(delivery: AudienceDelivery, done: Delivered, settled: bool) -> Callable[[], Outcome] | None:
    """What sends a delivery; ``None`` when it has ended here already, or others must try it."""
    try:
        if delivery.attempts > len(PAUSES) + 1:  # whoever tried it last died
            raise Refused(say("Aucune réponse après {n} essais.", n=delivery.attempts - 1), "delivery.silent")
        if delivery.action.kind == Kind.MAIL:
            if mail := audience_mails.mail_of(delivery):
                return lambda: audience_mails.send(mail)
        elif asked := audience_webhooks.request(delivery):
            through = audience_webhooks.network()
            return lambda: audience_webhooks.post(through, asked)
    except TamisError as error:
        unset = error.code == audience_mails.UNSET
        _record(delivery, Outcome(False, error.message, hopeless=not unset, unset=unset), done, settled)
    else:
        _end(delivery, State.SKIPPED)
        done.ended += 1
    return None


def _outcome(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except Exception as error:
        log.error("delivery: %s", type(error).__name__, exc_info=error)
        return Outcome(False, say("Une erreur de Tamis a empêché cet envoi ; son journal dit laquelle."))


def _record(delivery: AudienceDelivery, outcome: Outcome, done: Delivered, settled: bool = True) -> None:
    """Write what came of an attempt, if the delivery is still ours; what was not tried, or put off, counts as none."""
    answer = {"status": outcome.status, "answer_stored": outcome.why.stored() if outcome.why else {}}
    if outcome.taken:
        done.sent += 1
        _end(delivery, State.SENT, **answer)
    elif (outcome.unset and not settled) or _is_put_off(delivery, outcome):
        done.failed += 1
        _still(delivery).update(
            attempts=delivery.attempts - 1, next_at=timezone.now() + _pause(outcome, PAUSES[0]), **answer
        )
    elif outcome.hopeless or outcome.unset or delivery.attempts > len(PAUSES):
        done.ended += 1
        _end(delivery, State.DEAD, **answer)
    else:
        done.failed += 1
        pause = _pause(outcome, PAUSES[delivery.attempts - 1])
        _still(delivery).update(next_at=timezone.now() + pause, **answer)


def _is_put_off(delivery: AudienceDelivery, outcome: Outcome) -> bool:
    """Whether the receiver said when to come back, and has not said so for too long."""
    return outcome.again_in is not None and timezone.now() < delivery.created_at + LIFE


def _pause(outcome: Outcome, otherwise: timedelta) -> timedelta:
    return otherwise if outcome.again_in is None else timedelta(seconds=max(outcome.again_in, 1))


def _end(delivery: AudienceDelivery, state: AudienceDelivery.State, **values: Any) -> None:
    _still(delivery).update(state=state, next_at=None, ended_at=timezone.now(), **values)


def of(audience: Audience, *, dead: bool = False) -> QuerySet[AudienceDelivery]:
    """The deliveries of an audience, the latest first; all, or those that were given up."""
    found = AudienceDelivery.objects.filter(action__audience=audience).select_related("action__audience", "run")
    return (found.filter(state=State.DEAD) if dead else found).order_by("-pk")


def find(audience: Audience, pk: int) -> AudienceDelivery:
    """The delivery of a number. Raises :class:`~tamis.errors.NotFound`."""
    if found := of(audience).filter(pk=pk).first():
        return found
    raise NotFound(say("« {name} » n'a pas d'envoi n° {id}.", name=audience.name, id=pk), "delivery.unknown")


def replay(actor: Actor, audience: Audience, delivery: AudienceDelivery | None = None) -> int:
    """Try a delivery that was given up anew, or all of an audience, and what could not be done; how many it is.

    Receivers know them again by their key. Raises :class:`~tamis.errors.Refused` when there is none.
    """
    with acting(actor, Act.Kind.AUDIENCE_CHANGED, say("« {name} » : envois relancés", name=audience.name)):
        dead = of(audience, dead=True)
        dead = dead.filter(pk=delivery.pk) if delivery else dead
        again = AudienceDelivery.objects.filter(pk__in=[*dead.values_list("pk", flat=True)]).update(
            state=State.WAITING, attempts=0, next_at=timezone.now(), ended_at=None
        )
        if delivery is None:
            effects = AudienceEffect.objects.filter(action__audience=audience, state=AudienceEffect.State.DEAD)
            again += effects.update(state=AudienceEffect.State.WAITING, why_stored={}, done_at=None)
        if not again:
            raise Refused(say("Rien à relancer : aucun envoi abandonné."), "delivery.none")
    return again


def as_json(delivery: AudienceDelivery) -> dict[str, Any]:
    """A delivery as the command line and the API show it; of members only how many."""
    waiting = delivery.state == State.WAITING
    return {
        "id": delivery.pk, "key": str(delivery.key), "action": delivery.action_id, "kind": delivery.action.kind,
        "host": delivery.host, "run": delivery.run_id, "on": delivery.edge, "members": delivery.size,
        "state": delivery.state, "attempts": delivery.attempts, "created_at": delivery.created_at,
        "next_at": delivery.next_at if waiting else None, "ended_at": delivery.ended_at, "status": delivery.status,
        "answer": delivery.answer,
    }  # fmt: skip


def told_of_replay(n: int) -> Message:
    """How many were begun anew, in words."""
    return say_many("{n} envoi relancé.", "{n} envois relancés.", n=n)
