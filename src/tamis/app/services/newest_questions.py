"""Which question of a page is its newest, for all processes that serve: the one before it need not be answered.

A file of slots: a page has one (two pages may share one by chance; then one of them asks again), and writes into it
the moment of each question, which the browser counts.
"""

import os
import secrets
import struct
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

SLOTS = 65_536
_FORM = struct.Struct("<Q")
_LARGEST = 2**53


def slot() -> int:
    """A slot for a page that is shown now."""
    return secrets.randbelow(SLOTS)


def note(slot: int, turn: int) -> Callable[[], bool]:
    """Note the newest question of a page; what is returned says whether it still is the newest."""
    if not (0 <= slot < SLOTS and 0 < turn < _LARGEST):
        return lambda: True
    handle = os.open(_file(), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if _read(handle, slot) < turn:
            os.pwrite(handle, _FORM.pack(turn), slot * _FORM.size)
    finally:
        os.close(handle)
    return lambda: _newest(slot) <= turn


def _file() -> Path:
    return Path(settings.HOME) / "newest-questions"


def _newest(slot: int) -> int:
    try:
        handle = os.open(_file(), os.O_RDONLY)
    except OSError:
        return 0
    try:
        return _read(handle, slot)
    finally:
        os.close(handle)


def _read(handle: int, slot: int) -> int:
    found = os.pread(handle, _FORM.size, slot * _FORM.size)
    return int(_FORM.unpack(found)[0]) if len(found) == _FORM.size else 0
