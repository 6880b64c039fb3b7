"""Who may do what: the one place that says so, for pages and API alike."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from tamis.app.models import Role, User
from tamis.app.services.acting import Actor


class Right(StrEnum):
    """What a page or an address lets somebody do."""

    READ = "read"
    SORT = "sort"
    """Import, move, create, lock: everything that changes where companies are, and what is known of them."""
    ADMINISTER = "administer"
    """Settings and accounts."""


RIGHTS: dict[str, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.READ}),
    Role.EDITOR: frozenset({Right.READ, Right.SORT}),
    Role.ADMIN: frozenset(Right),
}


def may(user: User, right: Right) -> bool:
    """Whether somebody may do this."""
    return user.is_active and right in RIGHTS.get(user.role, frozenset())


View = Callable[..., HttpResponseBase]


def gate(right: Right) -> Callable[[View], View]:
    """Let only those pass who have signed in and have this right; the right stands on the view for tests to walk."""

    def guard(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(request.user, right):  # type: ignore[arg-type]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return guard


def actor_of(request: HttpRequest) -> Actor:
    """Who acts through this page."""
    user = request.user
    assert isinstance(user, User)
    return Actor(by=user.username, via="page", user=user)
