"""People with accounts, and their browsers."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from letter_box import box  # noqa: F401

from tamis.app.services import tries

PASSWORD = "un-long-secret"


class Clock:
    """The time by which tries are counted: it stands still until told."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(tries, "timezone", SimpleNamespace(now=lambda: made.now))
    return made


@pytest.fixture
def lea(workspace: Any) -> Any:
    """An editor with an address."""
    from tamis.app.models import User

    return User.objects.create_user("lea", "lea@exemple.fr", PASSWORD, role="editor")


@pytest.fixture
def ada(workspace: Any) -> Any:
    """The admin."""
    from tamis.app.models import User

    return User.objects.create_user("ada", "ada@exemple.fr", PASSWORD, role="admin")


@pytest.fixture
def browser_of() -> Callable[..., Client]:
    """A browser in which somebody has signed in, through the page."""

    def opened(
        user: Any, agent: str = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", address: str = "192.0.2.1"
    ) -> Client:
        client = Client(HTTP_HOST="localhost", HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
        assert client.post("/sign-in/", {"username": user.username, "password": PASSWORD}).status_code == 302
        return client

    return opened
