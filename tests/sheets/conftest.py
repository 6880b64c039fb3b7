"""A Google of our own, and lists that follow its sheets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_google import FakeGoogle


@pytest.fixture
def google(tmp_path: Path) -> Iterator[FakeGoogle]:
    """Google, on a loopback port."""
    folder = tmp_path / "google"
    folder.mkdir()
    fake = FakeGoogle(folder)
    yield fake
    fake.close()


@pytest.fixture
def at_home(settings: Any, tmp_path: Path, google: FakeGoogle) -> None:
    """A home of its own, from which the Google of the tests is reached."""
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    settings.GOOGLE = google.reached()
