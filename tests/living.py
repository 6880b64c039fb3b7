"""A workspace whose writes are committed, with a lake of its own, and rules asked of it."""

from collections.abc import Callable, Iterator, Sequence
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


@pytest.fixture
def audience(alice: Any) -> Callable[..., Any]:
    """Defines one: ``audience("Lyonnais", 'contacts where city = "Lyon"', "static", exclude=[...])``."""
    from tamis.app.models import Mode
    from tamis.app.services import audiences

    def made(name: str, rule: str, mode: str = "dynamic", exclude: Sequence[Any] = (), **how: Any) -> Any:
        return audiences.create(alice, name, audiences.Definition(rule, Mode(mode), exclude), **how)

    return made


@pytest.fixture
def refresh(alice: Any) -> Callable[..., Any]:
    """Refreshes one, and gives its run; those that it needs come before."""
    from tamis.app.services import refreshing

    def refreshed(audience: Any, now: datetime | None = None, **how: Any) -> Any:
        return refreshing.refresh(alice, [audience], now, **how)[-1].run

    return refreshed


@pytest.fixture
def members(home: Any) -> Callable[..., list[str]]:
    """The names, or addresses, of the members of an audience, in alphabetical order."""
    from tamis.app.services import audiences, engine_tables
    from tamis.audiences.members import History

    def named(audience: Any, run: int | None = None) -> list[str]:
        found = History(engine_tables.members_folder(), audience.pk).members(run).column("subject").to_pylist()
        rows = audiences.subject_of(audience).rows().filter(pk__in=found)
        return sorted(getattr(each, "email", None) or each.name for each in rows)

    return named
