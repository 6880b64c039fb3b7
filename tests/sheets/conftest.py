"""A Google of our own, and lists that follow its sheets."""

from pathlib import Path
from typing import Any

import pytest
from fake_google import FakeGoogle


@pytest.fixture
def at_home(settings: Any, tmp_path: Path, google: FakeGoogle) -> None:
    """A home of its own, from which the Google of the tests is reached."""
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    settings.GOOGLE = google.reached()
