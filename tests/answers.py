"""What the console answered, as somebody would read it."""

from typing import Any


def words(answer: Any) -> str:
    """The page, its white space evened out."""
    return " ".join(answer.content.decode().split())
