"""Three people at the console, and a file to bring."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

HEADINGS = "Nom;SIREN;Domaine email;Website"


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()


def _user(role: str) -> Any:
    from tamis.app.models import User

    return User.objects.create_user(username=role, password="un-long-secret", role=role)


@pytest.fixture
def admin(workspace: Any) -> Any:
    return _user("admin")


@pytest.fixture
def editor(workspace: Any) -> Any:
    return _user("editor")


@pytest.fixture
def viewer(workspace: Any) -> Any:
    return _user("viewer")


@pytest.fixture
def client_as() -> Callable[[Any], Client]:
    """A browser in which somebody has signed in."""

    def signed_in(user: Any, **options: Any) -> Client:
        client = Client(HTTP_HOST="localhost", **options)
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def edith(editor: Any, client_as: Any) -> Client:
    """The editor's browser."""
    return client_as(editor)


@pytest.fixture
def victor(viewer: Any, client_as: Any) -> Client:
    """The viewer's browser."""
    return client_as(viewer)


@pytest.fixture
def list_file() -> Callable[..., SimpleUploadedFile]:
    """A list file to bring: ``list_file("Acme;732829320;;")``."""

    def made(*lines: str, name: str = "salon.csv", headings: str = HEADINGS) -> SimpleUploadedFile:
        return SimpleUploadedFile(name, "\n".join([headings, *lines, ""]).encode())

    return made


@pytest.fixture
def work() -> Callable[[], int]:
    """A worker that does what waits, and says how much that was."""
    from tamis.app.services import work as service

    return lambda: service.run_queued(lambda: False)


@pytest.fixture
def bring(edith: Client, list_file: Any) -> Callable[..., Any]:
    """The editor brings a file to a list's import page; the answer, redirects followed."""

    def brought(target: Any, *lines: str, mode: str = "replace", **options: Any) -> Any:
        given = {"file": list_file(*lines, **options), "mode": mode}
        return edith.post(f"/lists/{target.pk}/import/", given, follow=True)

    return brought


@pytest.fixture
def own_inbox(_home: None, db: None) -> Iterator[None]:
    """An inbox of this test's own; on PostgreSQL it outlives the test's transaction, so it is emptied."""
    yield
    from django.db import connection

    from tamis.app.services import lake

    if connection.vendor == "postgresql" and lake._shared:
        for table in ("inbox_event", "inbox_seen", "inbox_batch"):
            lake.shared_inbox().inbox.run(f"DELETE FROM {table}")
    lake.close_shared()
