"""The workspace, its figures, its fields, and its audit trail."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from tamis.app.api.cursors import NEWEST, page
from tamis.app.api.operations import actor_of, operation, token_of
from tamis.app.api.shapes import All, Asked, Id, Page, Paging, Said
from tamis.app.api.tokens import TokenOut
from tamis.app.gates import Right, bearer_may
from tamis.app.models import CustomField, Role, User, Workspace
from tamis.app.services import acts as trail
from tamis.app.services import custom_fields, lists, users
from tamis.app.services import overview as figures
from tamis.app.services import tokens as token_service
from tamis.app.services import workspace as service
from tamis.app.services.import_layouts import COMPANIES, CONTACTS

router = Router(tags=["workspace"])


class Me(Schema):
    """Who a token speaks for, and what it may do."""

    username: str
    role: Literal["admin", "editor", "viewer"]
    rights: list[Literal["read", "sort", "administer"]] = Field(
        description="What this token may do now: no more than its own right, no more than its owner's role."
    )
    token: TokenOut


@operation(router, "GET", "/me", Right.READ, Me)
def me(request: HttpRequest) -> Any:
    """Who this token speaks for.

    Use it to try a token out.
    """
    token = token_of(request)
    return {
        "username": token.owner.username,
        "role": token.owner.role,
        "rights": [right.value for right in Right if bearer_may(token, right)],
        "token": token_service.as_json(token),
    }


class WorkspaceOut(Schema):
    """The settings of this installation, and how full it is."""

    plan: Literal["starter", "business", "premium", "platinium", "unlimited"]
    language: Literal["fr", "en"]
    time_zone: str = Field(examples=["Europe/Paris"])
    lines: int = Field(description="Lines that all lists together hold.")
    line_limit: int | None = Field(description="Lines that the plan allows; null without limit.")


class SettingsIn(Asked):
    """The settings to change; those left out stay."""

    plan: Literal["starter", "business", "premium", "platinium", "unlimited"] | None = None
    language: Literal["fr", "en"] | None = None
    time_zone: str | None = Field(None, max_length=60, examples=["Europe/Paris"])


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


class BuiltIn(Schema):
    """A field that every company has."""

    key: str
    heading: str = Field(description="The heading of its column in files.")
    also: list[str] = Field(description="Other headings that are recognised.")


class OwnField(Schema):
    """A field that users added."""

    subject: Literal["company", "contact"]

    key: str = Field(examples=["segment_crm"])
    label: str
    type: Literal["text", "number", "date", "yes-no", "choice"]
    choices: list[str]


class FieldsOut(Schema):
    """The fields of companies, or of contacts."""

    built_in: list[BuiltIn]
    own: list[OwnField]


class FieldsAsked(Schema):
    """Whose fields."""

    subject: Literal["company", "contact"] = "company"


class FieldIn(Asked):
    """A field to add."""

    label: str = Field(min_length=1, max_length=80, examples=["Score CRM"])
    type: Literal["text", "number", "date", "yes-no", "choice"] = "text"
    key: str = Field("", max_length=50, description="Made from the label when left out.")
    choices: list[str] = Field(default_factory=list, max_length=200, description="Of a field of type `choice` only.")
    subject: Literal["company", "contact"] = Field("company", description="What has the field.")


@operation(router, "GET", "/fields", Right.READ, FieldsOut)
def get_fields(request: HttpRequest, asked: Query[FieldsAsked]) -> Any:
    """The fields that companies (or contacts) have, the users' own included."""
    known = COMPANIES if asked.subject == "company" else CONTACTS
    built_in = [{"key": each.key, "heading": each.heading, "also": [*each.others]} for each in known.fields]
    own = [custom_fields.as_json(each) for each in custom_fields.fields_of(asked.subject)]
    return {"built_in": built_in, "own": own}


@operation(router, "POST", "/fields", Right.SORT, OwnField, status=201)
def add_field(request: HttpRequest, data: FieldIn) -> Any:
    """Add a field to companies or to contacts."""
    made = custom_fields.add(
        actor_of(request), data.label, CustomField.Type(data.type), key=data.key, choices=data.choices,
        subject=data.subject,
    )  # fmt: skip
    return custom_fields.as_json(made)


class ActOut(Schema):
    """Something done: by whom, how, when, and in words."""

    id: int
    at: datetime
    kind: str = Field(examples=["list.imported"])
    what: Said | None
    by: str = Field(examples=["alice"])
    via: str = Field(description="`page`, `cli`, `api` ...", examples=["api"])
    list: str | None = Field(description="The list that it was done to, if to one.")


class ActsAsked(Paging):
    """Which acts."""

    kind: str = Field("", max_length=30, description="Only this kind, as `list.imported`.")
    by: str = Field("", max_length=150, description="Only what this account did.")
    via: str = Field("", max_length=10, description="Only what was done through `page`, `cli` or `api`.")
    list_id: Id | None = Field(None, description="Only what was done to this list.")


@operation(router, "GET", "/acts", Right.READ, Page[ActOut])
def get_acts(request: HttpRequest, asked: Query[ActsAsked]) -> Any:
    """The audit trail, the latest act first."""
    found, beyond = page(trail.trail(kind=asked.kind, by=asked.by, via=asked.via, target=asked.list_id), asked, NEWEST)
    return {"items": [trail.as_json(act) for act in found], "next": beyond}


class UserOut(Schema):
    """An account."""

    username: str
    role: Literal["admin", "editor", "viewer"]
    last_login: datetime | None


Username = Annotated[str, Field(min_length=1, max_length=150, pattern=r"^[\w.@+-]+$", examples=["edith"])]


class UserIn(Asked):
    """An account to make."""

    username: Username
    role: Literal["admin", "editor", "viewer"] = "viewer"


class LoginOut(Schema):
    """An account with the password made for it."""

    username: str
    password: str | None = Field(description="Told once: null when the answer is given again to the same key.")


@operation(router, "GET", "/users", Right.ADMINISTER, All[UserOut])
def get_users(request: HttpRequest) -> Any:
    """The accounts and their roles."""
    return {"items": [*User.objects.order_by("username").values("username", "role", "last_login")]}


@operation(router, "POST", "/users", Right.ADMINISTER, LoginOut, status=201, hidden=("password",))
def add_user(request: HttpRequest, data: UserIn) -> Any:
    """Make an account, with a password made for it."""
    login = users.add(actor_of(request), data.username, Role(data.role))
    return {"username": login.username, "password": login.password}


@operation(
    router, "POST", "/users/{str:username}/reset-password", Right.ADMINISTER, LoginOut, hidden=("password",)
)  # fmt: skip
def reset_password(request: HttpRequest, username: Username) -> Any:
    """Give an account a new password."""
    login = users.reset_password(actor_of(request), username)
    return {"username": login.username, "password": login.password}
