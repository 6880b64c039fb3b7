"""Accounts, for admins: made, invited, given a role, closed and opened again, let in after too many tries."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import All, Asked, RoleWord
from tamis.app.gates import Right
from tamis.app.models import Role, User
from tamis.app.services import signing_in
from tamis.app.services import users as service
from tamis.app.views.users import link_address

router = Router(tags=["users"])

Username = Annotated[str, Field(min_length=1, max_length=150, pattern=r"^[\w.@+-]+$", examples=["edith"])]


class UserOut(Schema):
    """An account."""

    username: str
    first_name: str
    last_name: str
    email: str
    role: RoleWord
    active: bool = Field(description="Whether it may be signed in to.")
    last_login: datetime | None


class UserIn(Asked):
    """An account to make."""

    username: Username
    role: RoleWord = "viewer"


class InvitationIn(UserIn):
    """An account to make, without a password."""

    email: str = Field("", max_length=254, description="Where its password links are mailed.")


class UserChange(Asked):
    """What to change of an account; what is left out stays."""

    role: RoleWord | None = Field(None, description="Another role ends its sessions.")
    email: str | None = Field(None, max_length=254, description="Empty takes the address away.")


class LoginOut(Schema):
    """An account with the password made for it."""

    username: str
    password: str | None = Field(description="Told once: null when the answer is given again to the same key.")


class LinkOut(Schema):
    """An account with a link by which its owner chooses a password."""

    username: str
    link: str | None = Field(
        description="Good for 24 hours, once. Told once: null when the answer is given again to the same key."
    )


def _linked(request: HttpRequest, user: User) -> dict[str, str]:
    return {"username": user.username, "link": link_address(request, user)}


@operation(router, "GET", "/users", Right.ADMINISTER, All[UserOut])
def get_users(request: HttpRequest) -> Any:
    """The accounts and their roles."""
    return {"items": [service.as_json(user) for user in service.everybody()]}


@operation(router, "POST", "/users", Right.ADMINISTER, LoginOut, status=201, hidden=("password",))
def add_user(request: HttpRequest, data: UserIn) -> Any:
    """Make an account, with a password made for it."""
    login = service.add(actor_of(request), data.username, Role(data.role))
    return {"username": login.username, "password": login.password}


@operation(router, "POST", "/invitations", Right.ADMINISTER, LinkOut, status=201, hidden=("link",))
def invite_user(request: HttpRequest, data: InvitationIn) -> Any:
    """Make an account without a password, and a link by which its owner chooses one."""
    return _linked(request, service.invite(actor_of(request), data.username, Role(data.role), data.email))


@operation(router, "GET", "/users/{str:username}", Right.ADMINISTER, UserOut)
def get_user(request: HttpRequest, username: Username) -> Any:
    """One account."""
    return service.as_json(service.find(username))


@operation(router, "PATCH", "/users/{str:username}", Right.ADMINISTER, UserOut)
def change_user(request: HttpRequest, username: Username, data: UserChange) -> Any:
    """Give an account another role or e-mail address."""
    role = Role(data.role) if data.role else None
    return service.as_json(service.change(actor_of(request), service.find(username), email=data.email, role=role))


@operation(
    router, "POST", "/users/{str:username}/reset-password", Right.ADMINISTER, LoginOut, hidden=("password",)
)  # fmt: skip
def reset_password(request: HttpRequest, username: Username) -> Any:
    """Give an account a new password."""
    login = service.reset_password(actor_of(request), username)
    return {"username": login.username, "password": login.password}


@operation(router, "POST", "/users/{str:username}/password-link", Right.ADMINISTER, LinkOut, hidden=("link",))
def make_password_link(request: HttpRequest, username: Username) -> Any:
    """Make a link by which an account's owner chooses a password; the one that they have stays good until then."""
    user = service.find(username)
    service.link_made(actor_of(request), user)
    return _linked(request, user)


@operation(router, "POST", "/users/{str:username}/deactivate", Right.ADMINISTER, UserOut)
def deactivate_user(request: HttpRequest, username: Username) -> Any:
    """Close an account: its sessions end, and its tokens open nothing any more."""
    return service.as_json(service.switch(actor_of(request), service.find(username), active=False))


@operation(router, "POST", "/users/{str:username}/reactivate", Right.ADMINISTER, UserOut)
def reactivate_user(request: HttpRequest, username: Username) -> Any:
    """Open a closed account again."""
    return service.as_json(service.switch(actor_of(request), service.find(username), active=True))


@operation(router, "POST", "/users/{str:username}/unblock", Right.ADMINISTER, UserOut)
def unblock_user(request: HttpRequest, username: Username) -> Any:
    """End the wait that too many wrong passwords have put on an account."""
    user = service.find(username)
    signing_in.unblock(actor_of(request), user)
    return service.as_json(user)
