"""Audiences live in a workspace whose writes are committed, beside a lake of its own."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from living import alice, contact, count, happens, home  # noqa: F401


@pytest.fixture
def audience(alice: Any) -> Callable[..., Any]:  # noqa: F811
    """Defines one: ``audience("Lyonnais", 'contacts where city = "Lyon"', "static", exclude=[...])``."""
    from tamis.app.models import Mode
    from tamis.app.services import audiences

    def made(name: str, rule: str, mode: str = "dynamic", exclude: Sequence[Any] = (), **how: Any) -> Any:
        return audiences.create(alice, name, audiences.Definition(rule, Mode(mode), exclude), **how)

    return made


@pytest.fixture
def refresh(alice: Any) -> Callable[..., Any]:  # noqa: F811
    """Refreshes one, and gives its run; those that it needs come before."""
    from tamis.app.services import refreshing

    def refreshed(audience: Any, now: datetime | None = None, **how: Any) -> Any:
        return refreshing.refresh(alice, [audience], now, **how)[-1].run

    return refreshed


@pytest.fixture
def members(home: Any) -> Callable[..., list[str]]:  # noqa: F811
    """The names, or addresses, of the members of an audience, in alphabetical order."""
    from tamis.app.services import audiences, engine_tables
    from tamis.audiences.members import History

    def named(audience: Any, run: int | None = None) -> list[str]:
        found = History(engine_tables.members_folder(), audience.pk).members(run).column("subject").to_pylist()
        rows = audiences.subject_of(audience).rows().filter(pk__in=found)
        return sorted(getattr(each, "email", None) or each.name for each in rows)

    return named
