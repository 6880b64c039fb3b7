"""The windows that browser tests look through: on a desk and on a phone, in French and in English."""

from collections.abc import Callable
from typing import Any

import pytest

PHONE = {"width": 390, "height": 800}
DESK = {"width": 1280, "height": 800}
BOTH = pytest.mark.parametrize(("language", "viewport"), [("fr", DESK), ("en", PHONE)], ids=["fr-desk", "en-phone"])
Words = Callable[..., str]
"""A French text of the console, and its values, as it reads in the language of the window."""


def fits(page: Any) -> None:
    """Nothing goes over the side of the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
