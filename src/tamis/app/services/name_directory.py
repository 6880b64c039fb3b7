"""The directory of every company's names: kept in memory, written beside the database, brought up to date when asked.

What changed since is read from the log that triggers write (:mod:`tamis.app.triggers`). The file is only ever a
shortcut: one that is missing, of another version, or ahead of the database is made anew.
"""

import gc
import os
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from hashlib import blake2b
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from tamis.app.models import Company, CompanyName, NameChange
from tamis.identity import folding, names
from tamis.identity.names.index import NameIndex

UNSAVED_SHARE = 0.02  # of the names changed since, from which on the file is written again
UNSAVED_LEAST = 1_000
READ_ANEW_SHARE = 0.5  # of the names changed, from which on all are read again


@dataclass
class Directory:
    """The names up to a change of the log; ``highest`` is the youngest company among them."""

    index: NameIndex
    change: int = 0
    token: int = 0
    highest: int = 0
    unsaved: int = 0


_lock = Lock()
_held: list[Directory] = []


def current() -> NameIndex:
    """The index of every company's names as they are now; keys are companies' ids as text."""
    with _lock:
        directory = next((each for each in _held if _holds(each)), None) or _load() or Directory(NameIndex())
        _held[:] = [directory]
        _follow(directory)
    # Outside the lock, which saving takes: without a transaction it happens at once.
    if directory.unsaved > max(UNSAVED_LEAST, UNSAVED_SHARE * len(directory.index)):
        transaction.on_commit(partial(_save, directory))
    return directory.index


def _holds(directory: Directory) -> bool:
    """Whether the database still has the last change that the directory knows."""
    if not directory.change:
        return True
    return NameChange.objects.filter(pk=directory.change, token=directory.token).exists()


def _follow(directory: Directory) -> None:
    """Bring a directory up to date."""
    last = NameChange.objects.filter(pk__gt=directory.change).order_by("-pk").values_list("pk", "token").first()
    if last is None and directory.change:
        return
    last = last or (0, 0)
    since = NameChange.objects.filter(pk__gt=directory.change, pk__lte=last[0])
    changed = since.values("company").distinct().count()
    if not directory.change or changed > READ_ANEW_SHARE * len(directory.index):
        directory.index = NameIndex(_names())
    else:
        companies = [*since.values_list("company", flat=True).distinct()]
        directory.index.remove(str(id) for id in companies if id <= directory.highest)
        directory.index.add(_names_of(companies))
    directory.change, directory.token = last
    directory.highest = max(directory.highest, Company.objects.aggregate(last=Max("pk"))["last"] or 0)
    directory.unsaved += max(changed, 1)


def _names(**which: object) -> Iterator[tuple[str, str]]:
    names = CompanyName.objects.filter(company__merged_into=None, **which).order_by("pk")
    for company, text in names.values_list("company_id", "text").iterator(chunk_size=5_000):
        yield str(company), text


def _names_of(companies: list[int], at_once: int = 5_000) -> Iterator[tuple[str, str]]:
    for first in range(0, len(companies), at_once):
        yield from _names(company__in=companies[first : first + at_once])


def _file() -> Path:
    return settings.HOME / "names.index"


@cache
def _version() -> bytes:
    """What the programs that make the index look like: an index of other programs is not read."""
    files: Iterable[Path] = [Path(folding.__file__), *sorted(Path(names.__file__).parent.glob("*.py"))]
    return blake2b(b"".join(file.read_bytes() for file in files)).digest()


def _load() -> Directory | None:
    """The directory as last written, if it is of use."""
    collecting = gc.isenabled()
    gc.disable()  # a million objects come at once, and none is garbage
    try:
        with _file().open("rb") as file:
            if file.read(len(_version())) != _version():
                return None
            directory: Directory = pickle.load(file)  # noqa: S301 - written by us, in our own home
    except (OSError, EOFError, pickle.UnpicklingError, AttributeError, ValueError):
        return None
    finally:
        if collecting:
            gc.enable()
    return directory if _holds(directory) else None


def _save(directory: Directory) -> None:
    """Write the directory beside the database, readable by its owner only, and forget the changes before it."""
    with _lock:
        if not directory.unsaved or not _holds(directory):
            return
        directory.unsaved = 0
        part = _file().with_suffix(f".{os.getpid()}")
        with open(part, "wb", opener=partial(os.open, mode=0o600)) as file:
            file.write(_version())
            pickle.dump(directory, file, protocol=5)
        part.replace(_file())
    NameChange.objects.filter(pk__lt=directory.change).delete()


def keep() -> None:
    """Bring the file up to date, so that the next command starts with it."""
    current()
    for directory in _held:
        transaction.on_commit(partial(_save, directory))


def forget() -> None:
    """Let go of the directory in memory."""
    with _lock:
        _held.clear()
