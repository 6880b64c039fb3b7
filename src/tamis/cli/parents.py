"""Processes that end with the one that started them, however that one ends."""

import os
import signal
import threading
import time

LOOKS_EVERY = 1.0  # seconds
ENDS_WITHIN = 10.0  # seconds that what is under way may take; a server that has not ended by then is killed


def orphaned(parent: int) -> bool:
    """Whether the process that started this one is no more."""
    return os.getppid() != parent


def end_with(parent: int) -> None:
    """End this process once the one that started it is no more, after what is under way."""
    if os.getpid() != parent:  # a server that runs its application in threads has no process of ours
        threading.Thread(target=_follow, args=[parent], daemon=True).start()


def _follow(parent: int) -> None:
    while not orphaned(parent):
        time.sleep(LOOKS_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ENDS_WITHIN)
    os._exit(1)
