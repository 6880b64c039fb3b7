"""Processes that end when they are told to, and with the one that started them, however that one ends."""

import os
import signal
import threading
import time

LOOKS_EVERY = 1.0  # seconds
ENDS_WITHIN = 10.0  # seconds that what is under way may take; a server that has not ended by then is killed


def orphaned(parent: int) -> bool:
    """Whether the process that started this one is no more."""
    return os.getppid() != parent


def heed_signals() -> None:
    """Have the main thread act on signals even where it waits for ever: within a second, whoever was handed them.

    The kernel may hand a signal to any thread. Python notes it, and leaves it to the main thread, which sleeps on.
    """
    signal.signal(NUDGE, lambda *_: None)
    threading.Thread(target=_nudge, args=[threading.get_ident()], daemon=True).start()


NUDGE = signal.SIGURG
"""A signal that means nothing, but wakes a thread."""


def _nudge(main: int) -> None:
    while True:
        time.sleep(LOOKS_EVERY)
        signal.pthread_kill(main, NUDGE)


def end_with(parent: int) -> None:
    """End this process once the one that started it is no more, after what is under way, or when it is told to."""
    if os.getpid() != parent:  # a server that runs its application in threads has no process of ours
        heed_signals()
        threading.Thread(target=_follow, args=[parent], daemon=True).start()


def _follow(parent: int) -> None:
    while not orphaned(parent):
        time.sleep(LOOKS_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ENDS_WITHIN)
    os._exit(1)
