"""Who may do what: the one place that says so, for pages and API alike."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from tamis.app.models import RIGHTS, Right, Token, User
from tamis.app.services.acting import Actor

__all__ = ["RIGHTS", "Right", "actor_of", "bearer_may", "gate", "may"]


def may(user: User, right: Right) -> bool:
    """Whether somebody may do this."""
    return user.is_active and right in RIGHTS.get(user.role, frozenset())


def bearer_may(token: Token, right: Right) -> bool:
    """Whether a program with this token may do this: never more than the token's owner may at this moment."""
    return right in Right(token.right).held and may(token.owner, right)


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
