"""A lake on its own, without Django: an inbox on whichever database is tested, and a table."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tamis.lake.append import append
from tamis.lake.inbox import Inbox, Outcome
from tamis.lake.inbox_postgres import PostgresInbox
from tamis.lake.inbox_sqlite import SqliteInbox
from tamis.sources.event_values import Setting
from tamis.sources.events import check

NOW = datetime.now(UTC).replace(microsecond=0)


def ago(**time: float) -> str:
    return (NOW - timedelta(**time)).isoformat()


def event(id: str = "", **values: Any) -> Any:
    """A checked page view of visitor v1 an hour ago, unless said otherwise."""
    raw = {"id": id, "ts": ago(hours=1), "kind": "page_view", "visitor": "v1", "path": "/tarifs"} | values
    return check(raw, Setting(NOW))


@dataclass
class Lake:
    """An inbox and its table."""

    home: Path
    database: str | None
    inbox: Inbox

    @property
    def folder(self) -> Path:
        return self.home / "lake" / "events"

    def take(self, *events: Any, kept_days: int = 30) -> list[Outcome]:
        return append(self.inbox, self.folder, events, kept_days)


def opened(home: Path, database: str | None) -> Inbox:
    return PostgresInbox({"conninfo": database}) if database else SqliteInbox(home / "inbox.sqlite3")


@contextmanager
def _database() -> Iterator[str | None]:
    """A database of its own on the PostgreSQL server being tested, or none for SQLite."""
    url = os.environ.get("TAMIS_DATABASE_URL")
    if not url:
        yield None
        return
    import psycopg

    name = f"lake_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield url.rpartition("/")[0] + "/" + name
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def make_lake(tmp_path: Path) -> Iterator[Callable[[str], Lake]]:
    made = []
    with _database() as database:

        def make(name: str = "l'été 2026") -> Lake:
            home = tmp_path / name
            made.append(Lake(home, database, opened(home, database)))
            return made[-1]

        yield make
        for each in made:
            each.inbox.close()


@pytest.fixture
def lake(make_lake: Callable[..., Lake]) -> Lake:
    return make_lake()
