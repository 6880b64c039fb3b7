"""What wants attention: doubts, refused lines, audiences held or in trouble, lines that wait in growing numbers, stale
lists, a full plan.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import Count
from django.utils import timezone

from tamis.app.models import Audience, AudienceDelivery, AudienceEffect, List, ListVersion
from tamis.app.services.audience_history import Freshness, Standing
from tamis.app.services.lists import Summary
from tamis.app.services.overview import Overview
from tamis.messages import Message, say, say_many

STALE = timedelta(days=183)
"""Half a year: at 22.5 % of addresses lost a year [C13], one in nine is wrong by then."""
NEARLY_FULL = 0.9  # of the plan's lines


class Concern(StrEnum):
    """What kind of attention is wanted."""

    REVIEW = "review"
    REFUSED = "refused"
    HELD = "held"
    FAILED = "failed"
    GIVEN_UP = "given-up"
    WAITING = "waiting"
    STALE = "stale"
    QUOTA = "quota"


@dataclass(frozen=True)
class Item:
    """One thing to look at: what it is about, in words, and the list or the audience that it concerns, if it is one."""

    concern: Concern
    sentence: Message
    list: List | None = None
    audience: Audience | None = None


def attention(found: Overview, summaries: list[Summary], audiences: Sequence[Freshness]) -> list[Item]:
    """What wants attention, the most pressing first."""
    return [
        *_doubts(found), *_held(audiences), *_refused(summaries), *_failed(audiences), *_given_up(),
        *_growing(summaries), *_full(found), *_stale(summaries),
    ]  # fmt: skip


def _doubts(found: Overview) -> Iterator[Item]:
    if found.review:
        sentence = say_many("{n} ligne attend votre réponse", "{n} lignes attendent votre réponse", n=found.review)
        yield Item(Concern.REVIEW, sentence)


def _held(audiences: Sequence[Freshness]) -> Iterator[Item]:
    """Refreshes that the circuit breaker holds until a person confirms."""
    for each in audiences:
        if each.standing is Standing.HELD and each.last:
            sentence = say_many(
                "{n} sortie attend votre confirmation", "{n} sorties attendent votre confirmation", n=each.last.left
            )
            yield Item(Concern.HELD, sentence, audience=each.audience)


def _failed(audiences: Sequence[Freshness]) -> Iterator[Item]:
    for each in audiences:
        if each.standing is Standing.FAILED:
            yield Item(Concern.FAILED, say("le rafraîchissement échoue"), audience=each.audience)


def _given_up() -> Iterator[Item]:
    """Audiences of which something could not be sent, or could not be done."""
    given_up: Counter[int] = Counter()
    for model, state in ((AudienceDelivery, AudienceDelivery.State.DEAD), (AudienceEffect, AudienceEffect.State.DEAD)):
        rows = model.objects.filter(state=state).order_by().values_list("action__audience").annotate(n=Count("pk"))
        given_up.update(dict(rows))
    for audience in Audience.objects.filter(pk__in=given_up).order_by("position", "pk"):
        sentence = say_many("{n} envoi ou effet abandonné", "{n} envois ou effets abandonnés", n=given_up[audience.pk])
        yield Item(Concern.GIVEN_UP, sentence, audience=audience)


def _refused(summaries: list[Summary]) -> Iterator[Item]:
    for each in summaries:
        if each.refused:
            sentence = say_many("{n} ligne refusée à corriger", "{n} lignes refusées à corriger", n=each.refused)
            yield Item(Concern.REFUSED, sentence, each.list)


def _growing(summaries: list[Summary]) -> Iterator[Item]:
    """Lists whose last import left more lines waiting than the one before it."""
    before = _waiting_before_last()
    for each in summaries:
        grown = each.waiting - before.get(each.list.pk, each.waiting)
        if grown > 0:
            sentence = say_many(
                "{n} ligne attend son entreprise, {grown} de plus qu'à l'import précédent",
                "{n} lignes attendent leur entreprise, {grown} de plus qu'à l'import précédent",
                n=each.waiting, grown=grown,
            )  # fmt: skip
            yield Item(Concern.WAITING, sentence, each.list)


def _waiting_before_last() -> dict[int, int]:
    """How many lines the import before the last one left waiting, for lists filled whole twice or more."""
    whole = ListVersion.objects.exclude(act=None).exclude(kind=ListVersion.Kind.APPEND).order_by("list", "-number")
    reports: dict[int, list[int]] = {}
    for target, report in whole.values_list("list", "report"):
        reports.setdefault(target, []).append(report.get("waiting", 0))
    return {target: waiting[1] for target, waiting in reports.items() if len(waiting) > 1}


def _full(found: Overview) -> Iterator[Item]:
    if found.line_limit and found.lines >= NEARLY_FULL * found.line_limit:
        yield Item(
            Concern.QUOTA,
            say("l'abonnement permet {limit} lignes, {held} sont prises", limit=found.line_limit, held=found.lines),
        )


def _stale(summaries: list[Summary]) -> Iterator[Item]:
    since = timezone.now() - STALE
    for each in summaries:
        if each.lines and each.last_import and each.last_import < since:
            months = (timezone.now() - each.last_import).days // 30
            yield Item(Concern.STALE, say("pas d'import depuis {months} mois", months=months), each.list)
