"""Texts that make a careless pattern look for hours, and a guard against it: many times what reading them takes."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_PARTS = (
    "@", "a@", "a@b,", "a@a ", "a", "é", "1", "1,", "1 ", "1 000", "1e", "0", ".", "a.", ",", "-", "a-", "/", "a/", "(",
    "<", "<a", " ", "\t", "\0", "'", '"', "«", "»", "\\", "=", "not ", "a and ", "1/1/", "2026-", "tag:", "ne pas ",
    "%", "_", "+",
)  # fmt: skip


def repeated(length: int) -> list[str]:
    """Texts of about this length: one thing over and over."""
    return [part * (length // len(part)) for part in _PARTS]


def hostile(length: int) -> list[str]:
    """Those alone, after a sign that opens, and before another thing."""
    often = repeated(length)
    return [*often, *(f"<{each}" for each in often), *(f"a{each}b" for each in often)]


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises ``AssertionError`` once the processor has worked so long, in the midst of a pattern too."""

    def over(*_: Any) -> None:
        raise AssertionError(f"more than {seconds} seconds of processor time")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
