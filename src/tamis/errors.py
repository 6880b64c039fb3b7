"""What can go wrong, and how each kind is told.

TamisError              carries one sentence for the person, exit code 1
├── Refused             understood, but not allowed as things stand (a name taken, a locked list, a quota)
│   └── Busy            somebody else is doing it right now
├── NotFound            the thing named does not exist; says what is nearest
├── Unreadable          a file that cannot be read at all (exit code 2)
└── NotReady            the workspace is missing or needs an upgrade (exit code 2)
"""

import traceback
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from tamis.messages import Message, say


class TamisError(Exception):
    """An error that a user can meet: ``message`` says what was wrong and what to do, ``code`` names it for programs."""

    exit_code = 1
    code = "error"

    def __init__(self, message: Message, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code

    def __str__(self) -> str:
        return str(self.message)

    @property
    def place(self) -> dict[str, Any]:
        """Where in a text the mistake stands, for programs; nothing for most errors."""
        return {}


class Refused(TamisError):
    """What was asked is understood, but not allowed as things stand."""

    code = "refused"


class Busy(Refused):
    """Somebody else is doing the same thing right now."""

    code = "busy"


class NotFound(TamisError):
    """The thing that was named does not exist."""

    code = "not-found"


class Unreadable(TamisError):
    """A file that cannot be read at all: nothing was changed."""

    exit_code = 2
    code = "unreadable"


class NotReady(TamisError):
    """There is no workspace here, or it is older than the program."""

    exit_code = 2
    code = "not-ready"


def where(error: BaseException) -> str:
    """Where an error was raised, for a log, without what was being worked on: values may be people's."""
    return "".join(traceback.format_tb(error.__traceback__))


def did_you_mean(word: str, known: Iterable[str]) -> Message | str:
    """`` Vouliez-vous dire « x » ?`` for the nearest known word, or nothing when none is near."""
    near = get_close_matches(word.casefold(), list(known), n=1, cutoff=0.6)
    return meant(near[0]) if near else ""


def meant(word: str) -> Message:
    """`` Vouliez-vous dire « x » ?``"""
    return say(" Vouliez-vous dire « {word} » ?", word=word)
