"""Programs that call the API, each with a token."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from tamis.app.api import operations
from tamis.app.services import rates

NOW = 60.0 * 29_000_000 + 12
"""Twelve seconds into a minute."""


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Any) -> None:
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()


@pytest.fixture(autouse=True)
def _fresh_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is spent yet, and the minute does not end meanwhile."""
    for setting, column in (("API_RATE", "spent"), ("EVENTS_RATE", "events_spent")):
        monkeypatch.setitem(operations._counters, setting, rates.Counter(column))
    monkeypatch.setattr(rates, "clock", lambda: NOW)


@pytest.fixture(autouse=True)
def _own_inbox(_home: None, db: None) -> Iterator[None]:
    """An inbox of this test's own; on PostgreSQL it outlives the test's transaction, so it is emptied."""
    yield
    from django.db import connection

    from tamis.app.services import lake

    if connection.vendor == "postgresql" and lake._shared:
        for table in ("inbox_event", "inbox_seen", "inbox_batch"):
            lake.shared_inbox().inbox.run(f"DELETE FROM {table}")
    lake.close_shared()


@dataclass
class Program:
    """A program with a token: ``program.get("/lists")``; the answer is JSON."""

    secret: str
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {self.secret}", **self.headers, **headers}
        client = Client(HTTP_HOST="localhost", headers={name.replace("_", "-"): text for name, text in sent.items()})
        content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return client.generic(method, f"/api/v1{path}", **content)

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers).json()

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("POST", path, {} if body is None else body, **headers)

    def upload(self, path: str, content: str, name: str = "salon.csv", **values: str) -> Any:
        from django.core.files.uploadedfile import SimpleUploadedFile

        client = Client(HTTP_HOST="localhost", headers={"Authorization": f"Bearer {self.secret}", **self.headers})
        return client.post(f"/api/v1{path}", {"file": SimpleUploadedFile(name, content.encode()), **values})


@pytest.fixture
def account(workspace: Any) -> Callable[[str], Any]:
    """A person with this role."""
    from tamis.app.models import User

    def made(role: str, name: str = "") -> Any:
        return User.objects.create(username=name or role, role=role)

    return made


@pytest.fixture
def program(alice: Any) -> Callable[..., Program]:
    """A program with a token of this person: ``program(person, "sort")``."""
    from tamis.app.models import Right
    from tamis.app.services import tokens

    def made(owner: Any, right: str, **options: Any) -> Program:
        return Program(tokens.create(alice, owner, "essai", Right(right), **options).secret)

    return made


@pytest.fixture
def viewer(account: Any, program: Any) -> Program:
    return program(account("viewer"), "read")


@pytest.fixture
def editor(account: Any, program: Any) -> Program:
    return program(account("editor"), "sort")


@pytest.fixture
def admin(account: Any, program: Any) -> Program:
    return program(account("admin"), "administer")
