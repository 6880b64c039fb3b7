"""A workspace whose writes are committed, with a lake of its own, and rules asked of it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone


@pytest.fixture
def home(tmp_path: Path, settings: Any, transactional_db: None) -> Iterator[Path]:
    """A workspace with a home of its own, and an inbox that the test leaves empty."""
    from django.db import connection

    from tamis.app.models import Workspace
    from tamis.app.services import lake
    from tamis.app.services.lists import start_lists

    settings.HOME = tmp_path / "l'été 2026"
    settings.HOME.mkdir()
    Workspace.objects.create()
    start_lists()
    yield settings.HOME
    if connection.vendor == "postgresql":
        for table in ("inbox_event", "inbox_seen", "inbox_batch"):
            lake.shared_inbox().inbox.run(f"DELETE FROM {table}")
    lake.close_shared()


@pytest.fixture
def alice(home: Path) -> Any:
    """Somebody who acts."""
    from tamis.app.services.acting import Actor

    return Actor(by="alice", via="cli")


@pytest.fixture
def contact(alice: Any) -> Callable[..., Any]:
    """Types a contact in: ``contact("lea@acme.fr", last_name="Morel")``."""
    from tamis.app.services import contacts

    return lambda email, **values: contacts.add(alice, {"email": email, **values})


@pytest.fixture
def happens(home: Path) -> Callable[..., None]:
    """Something happens, now unless said otherwise: ``happens("purchase", contact_email="lea@acme.fr", value=12)``."""
    from tamis.app.services import events
    from tamis.app.services.arrivals import From

    def taken(kind: str, at: datetime | None = None, **values: Any) -> None:
        event = {"ts": (at or timezone.now()).isoformat(), "kind": kind, **values}
        assert events.take([event], From("cli", "alice")).accepted == 1

    return taken


@pytest.fixture
def count(home: Path) -> Callable[..., int]:
    """How many a rule selects."""
    from tamis.app.services import rules

    return lambda text, **how: rules.count(text, **how).count
