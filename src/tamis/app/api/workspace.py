"""The workspace: its settings, its figures, what to do first, what wants attention; and who a token speaks for."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from tamis.app.api.operations import actor_of, operation, token_of
from tamis.app.api.shapes import All, Asked, RoleWord, Said
from tamis.app.api.tokens import TokenOut
from tamis.app.gates import Right, bearer_may
from tamis.app.models import Token, Workspace
from tamis.app.services import lists, users
from tamis.app.services import overview as figures
from tamis.app.services import tokens as token_service
from tamis.app.services import workspace as service
from tamis.app.services.attention import attention
from tamis.app.services.audience_history import freshness
from tamis.app.services.audiences import every_audience
from tamis.app.services.first_steps import first_steps, proposed_locks

router = Router(tags=["workspace"])


class Me(Schema):
    """Who a token speaks for, and what it may do."""

    username: str
    first_name: str
    last_name: str
    email: str
    language: Literal["", "fr", "en"] = Field(description="What the console speaks to them; empty: the workspace's.")
    first_steps_closed: bool = Field(description="Whether the console's first page hides what to do first.")
    role: RoleWord
    rights: list[Literal["read", "sort", "administer"]] = Field(
        description="What this token may do now: no more than its own right, no more than its owner's role."
    )
    token: TokenOut


@operation(router, "GET", "/me", Right.READ, Me)
def me(request: HttpRequest) -> Any:
    """Who this token speaks for.

    Use it to try a token out.
    """
    return _me(token_of(request))


def _me(token: Token) -> dict[str, Any]:
    return {
        **{key: getattr(token.owner, key) for key in _OWN},
        "rights": [right.value for right in Right if bearer_may(token, right)],
        "token": token_service.as_json(token),
    }


_OWN = ("username", "first_name", "last_name", "email", "language", "first_steps_closed", "role")


class MeIn(Asked):
    """What to change of one's own account; what is left out stays."""

    first_name: str | None = Field(None, max_length=150)
    last_name: str | None = Field(None, max_length=150)
    language: Literal["fr", "en"] | None = None
    first_steps_closed: bool | None = None


@operation(router, "PATCH", "/me", Right.READ, Me)
def change_me(request: HttpRequest, data: MeIn) -> Any:
    """Change what the token's owner is called, or how the console shows itself to them."""
    token = token_of(request)
    users.change_own(actor_of(request), token.owner, **data.model_dump(exclude_none=True))
    return _me(token)


class WorkspaceOut(Schema):
    """The settings of this installation, and how full it is."""

    plan: Literal["starter", "business", "premium", "platinium", "unlimited"]
    language: Literal["fr", "en"]
    time_zone: str = Field(examples=["Europe/Paris"])
    currency: str = Field(description="Of every amount, as ISO 4217 writes it.", examples=["EUR"])
    lines: int = Field(description="Lines that all lists together hold.")
    line_limit: int | None = Field(description="Lines that the plan allows; null without limit.")


class SettingsIn(Asked):
    """The settings to change; those left out stay."""

    plan: Literal["starter", "business", "premium", "platinium", "unlimited"] | None = None
    language: Literal["fr", "en"] | None = None
    time_zone: str | None = Field(None, max_length=60, examples=["Europe/Paris"])
    currency: str | None = Field(None, max_length=3, description="It no longer changes once there are events.")


def _workspace() -> dict[str, Any]:
    held, limit = lists.quota()
    stored = Workspace.objects.get()
    return {name: getattr(stored, name) for name in service.SETTINGS} | {"lines": held, "line_limit": limit}


@operation(router, "GET", "/workspace", Right.READ, WorkspaceOut)
def get_workspace(request: HttpRequest) -> Any:
    """The settings, and how full the lists are."""
    return _workspace()


@operation(router, "PATCH", "/workspace", Right.ADMINISTER, WorkspaceOut)
def change_workspace(request: HttpRequest, data: SettingsIn) -> Any:
    """Change settings."""
    service.change(actor_of(request), data.model_dump(exclude_none=True))
    return _workspace()


class OverviewOut(Schema):
    """The base at a glance."""

    companies: int = Field(description="Every company.")
    counted: int = Field(description="Those that figures count: not interne, concurrent, fournisseur, hors-cible.")
    segments: dict[str, int] = Field(description="Companies by segment.", examples=[{"client": 120, "prospect": 800}])
    lines: int = Field(description="Lines that lists hold.")
    line_limit: int | None = Field(description="Lines that the plan allows; null without limit.")
    waiting: int = Field(description="Lines that wait for a company nobody knows yet.")
    review: int = Field(description="Lines that wait for a person.")


@operation(router, "GET", "/overview", Right.READ, OverviewOut)
def get_overview(request: HttpRequest) -> Any:
    """The base at a glance: companies by segment, lines, what waits."""
    return figures.overview().as_json()


class FirstList(Schema):
    """A list worth filling first."""

    id: int
    name: str
    why: Said


class FirstStepsOut(Schema):
    """What is worth doing first in a new workspace, and is not done yet."""

    companies: bool = Field(description="Whether companies are still to be brought in.")
    lists: list[FirstList] = Field(description="Lists to fill.")
    locks: list[str] = Field(description="Lists worth locking; none once any list is locked.")
    done: int
    total: int


@operation(router, "GET", "/first-steps", Right.READ, FirstStepsOut)
def get_first_steps(request: HttpRequest) -> Any:
    """What is worth doing first, until it is done."""
    steps = first_steps(lists.Figures())
    return {
        "companies": steps.companies,
        "lists": [{"id": each.pk, "name": each.name, "why": why} for each, why in steps.lists],
        "locks": [each.name for each in proposed_locks()],
        "done": steps.done,
        "total": steps.total,
    }


class AttentionOut(Schema):
    """One thing to look at."""

    concern: Literal["review", "held", "refused", "failed", "given-up", "waiting", "quota", "stale"]
    sentence: Said
    list: str | None = Field(description="The list that it concerns, if it is one.")
    list_id: int | None
    audience: str | None = Field(description="The audience that it concerns, if it is one.")
    audience_id: int | None


@operation(router, "GET", "/attention", Right.READ, All[AttentionOut])
def get_attention(request: HttpRequest) -> Any:
    """What wants attention, the most pressing first: doubts, refused lines, audiences held or in trouble, a full plan,
    stale lists.
    """
    found = attention(figures.overview(), lists.summaries(), freshness(every_audience()))
    return {
        "items": [
            {
                "concern": each.concern.value,
                "sentence": each.sentence,
                "list": each.list.name if each.list else None,
                "list_id": each.list.pk if each.list else None,
                "audience": each.audience.name if each.audience else None,
                "audience_id": each.audience.pk if each.audience else None,
            }
            for each in found
        ]
    }
