"""What entering and leaving an audience sets off, and what became of it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from tamis.app.api.cursors import NEWEST, page
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import All, Asked, Id, Page, Paging, Said
from tamis.app.gates import Right
from tamis.app.models import AudienceAction
from tamis.app.services import audience_actions as service
from tamis.app.services import audience_deliveries, audience_effects, audience_webhooks, audiences

router = Router(tags=["audiences"])

EdgeWord = Literal["enter", "leave"]
KindWord = Literal["list", "tag", "untag", "status", "add", "remove", "webhook", "mail"]
DeliveryState = Literal["waiting", "sent", "skipped", "dead"]
MOST = 5_000
"""For more members than this, what a new action does is left to the worker."""


class ActionIn(Asked):
    """An action to add."""

    on: EdgeWord = Field("enter", description="A list and a tag last from entering to leaving: say `enter`.")
    kind: KindWord
    target: str = Field(
        min_length=1, max_length=1000, examples=["Secteur: Industrie"],
        description="A list, tag, status or audience by its name or number, the address of a webhook, an account or a "
        "mail address.",
    )  # fmt: skip


class ActionOut(Schema):
    """An action, and how much of it waits or was given up: members and deliveries."""

    id: int
    on: EdgeWord
    kind: KindWord
    target: str | None = Field(description="Null when it was deleted.")
    sentence: Said
    created_at: datetime
    waiting: int
    dead: int
    why: Said | None = Field(description="Why the last one was given up.")


class SecretOut(Schema):
    """What a receiver checks signatures with."""

    id: int
    secret: str


class DeliveryOut(Schema):
    """Something sent outside; of its members only how many."""

    id: int
    key: UUID = Field(
        description="The `id` of the request, and its `Idempotency-Key`: the same however often it is tried."
    )
    action: int
    kind: KindWord
    host: str
    run: int
    on: EdgeWord
    members: int
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime | None = Field(description="When it is tried next.")
    ended_at: datetime | None
    status: int | None = Field(description="What the receiver answered last.")
    answer: Said | None = Field(description="Why it was not taken.")


class EffectsOut(Schema):
    """What waits to be done in Tamis, or could not be."""

    action: int
    kind: KindWord
    run: int
    on: EdgeWord
    state: Literal["waiting", "dead"]
    members: int
    why: Said | None


class DeliveriesAsked(Paging):
    """Which deliveries."""

    dead: bool = Field(False, description="Only those that were given up.")


class Replayed(Schema):
    """How many deliveries, and members' effects, are tried anew."""

    replayed: int


@operation(router, "GET", "/audiences/{int:audience_id}/actions", Right.READ, All[ActionOut])
def get_audience_actions(request: HttpRequest, audience_id: Id) -> Any:
    """What entering and leaving an audience sets off, in the order in which it is done."""
    return {"items": [service.as_json(each) for each in service.of(audiences.find_by_id(audience_id))]}


@operation(router, "POST", "/audiences/{int:audience_id}/actions", Right.SORT, ActionOut, status=201, together=False)
def add_audience_action(request: HttpRequest, audience_id: Id, data: ActionIn) -> Any:
    """Add an action. A list and a tag apply to those who are in already.

    For many members the worker does it, within a minute. What would make an audience hang on itself is refused.
    """
    wanted = service.Wanted(AudienceAction.Kind(data.kind), data.target, AudienceAction.Edge(data.on))
    return service.as_json(audience_effects.add(actor_of(request), audiences.find_by_id(audience_id), wanted, MOST))


@operation(
    router, "DELETE", "/audiences/{int:audience_id}/actions/{int:action_id}", Right.SORT, ActionOut, together=False
)
def delete_audience_action(request: HttpRequest, audience_id: Id, action_id: Id) -> Any:
    """Delete an action: its claims are withdrawn, its tags come off, what waits is not done."""
    action = service.find(audiences.find_by_id(audience_id), action_id)
    told = service.as_json(action)
    audience_effects.remove(actor_of(request), action)
    return told


@operation(router, "GET", "/audiences/{int:audience_id}/actions/{int:action_id}/secret", Right.SORT, SecretOut,
           refuses=(409,))  # fmt: skip
def get_audience_action_secret(request: HttpRequest, audience_id: Id, action_id: Id) -> Any:
    """The secret with which the receiver of a webhook checks signatures."""
    action = service.find(audiences.find_by_id(audience_id), action_id)
    return {"id": action.pk, "secret": audience_webhooks.secret_of(action)}


@operation(router, "GET", "/audiences/{int:audience_id}/deliveries", Right.READ, Page[DeliveryOut])
def get_audience_deliveries(request: HttpRequest, audience_id: Id, asked: Query[DeliveriesAsked]) -> Any:
    """What an audience sends outside, the latest first."""
    rows = audience_deliveries.of(audiences.find_by_id(audience_id), dead=asked.dead)
    found, next = page(rows, asked, NEWEST)
    return {"items": [audience_deliveries.as_json(each) for each in found], "next": next}


@operation(router, "GET", "/audiences/{int:audience_id}/effects", Right.READ, All[EffectsOut])
def get_audience_effects(request: HttpRequest, audience_id: Id) -> Any:
    """What an audience has still to do in Tamis, or could not do, and why."""
    return {"items": audience_effects.undone(audiences.find_by_id(audience_id))}


@operation(router, "POST", "/audiences/{int:audience_id}/deliveries/replay", Right.SORT, Replayed)
def replay_audience_deliveries(request: HttpRequest, audience_id: Id) -> Any:
    """Try everything anew that was given up; the worker does it within a minute."""
    return {"replayed": audience_deliveries.replay(actor_of(request), audiences.find_by_id(audience_id))}


@operation(router, "POST", "/audiences/{int:audience_id}/deliveries/{int:delivery_id}/replay", Right.SORT, Replayed)
def replay_audience_delivery(request: HttpRequest, audience_id: Id, delivery_id: Id) -> Any:
    """Try a delivery anew that was given up, under the same key."""
    audience = audiences.find_by_id(audience_id)
    one = audience_deliveries.find(audience, delivery_id)
    return {"replayed": audience_deliveries.replay(actor_of(request), audience, one)}
