"""Tokens: a program's own, everybody's for one that may administer."""

from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from tamis.app.api.cursors import NEWEST, page
from tamis.app.api.operations import actor_of, operation, token_of
from tamis.app.api.shapes import Asked, Id, Page, Paging
from tamis.app.gates import Right, bearer_may
from tamis.app.models import Token
from tamis.app.services import tokens as service

router = Router(tags=["tokens"])

RightWord = Literal["read", "sort", "administer"]


class TokenOut(Schema):
    """A token, without its secret."""

    id: int
    name: str
    owner: str
    prefix: str = Field(description="The first characters of its secret, to tell it apart.", examples=["tamis_Qm3xY0"])
    right: RightWord = Field(description="The most that it may do; its owner's role may allow less.")
    state: Literal["active", "expired", "revoked"]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="To within ten minutes.")
    revoked_at: datetime | None


class NewToken(TokenOut):
    """A token that was just made."""

    secret: str | None = Field(description="Told once: null when the answer is given again to the same key.")


class TokenIn(Asked):
    """A token to make."""

    name: str = Field(min_length=1, max_length=service.MAX_NAME, examples=["export du CRM"])
    right: RightWord = Field("read", description="No more than the right of the token that asks.")
    days: int = Field(
        service.USUAL_DAYS, ge=1, le=service.MOST_DAYS,
        description="Its life in days; it ends no later than the token that asks.",
    )  # fmt: skip


def _seen(request: HttpRequest) -> "QuerySet[Token]":
    token = token_of(request)
    return service.seen_by(token.owner, everybody=bearer_may(token, Right.ADMINISTER))


@operation(router, "GET", "/tokens", Right.READ, Page[TokenOut])
def get_tokens(request: HttpRequest, paging: Query[Paging]) -> Any:
    """The tokens of the owner, everybody's with the right to administer; the latest first."""
    found, beyond = page(_seen(request), paging, NEWEST)
    return {"items": [service.as_json(token) for token in found], "next": beyond}


@operation(router, "POST", "/tokens", Right.READ, NewToken, status=201, hidden=("secret",))
def create_token(request: HttpRequest, data: TokenIn) -> Any:
    """Make a token of the same owner, no wider and no longer than this one."""
    asking = token_of(request)
    made = service.create(actor_of(request), asking.owner, data.name, Right(data.right), data.days, by=asking)
    return service.as_json(made.token) | {"secret": made.secret}


@operation(router, "DELETE", "/tokens/{int:token_id}", Right.READ, TokenOut)
def revoke_token(request: HttpRequest, token_id: Id) -> Any:
    """Revoke a token: it opens nothing any more, at once."""
    return service.as_json(service.revoke(actor_of(request), service.find(_seen(request), token_id)))
