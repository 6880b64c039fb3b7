"""Where an address may stand beside the contact: tables that quote it, files that Tamis keeps, remains on the disk."""

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from tamis.app.models import Job
from tamis.app.services import lake

_NOT = {"Erasure", "User", "Session", "ExternalIdentity", "Tries", "Token"}
"""Tables that are not searched: accounts are of colleagues, and an erasure knows whom it is about until it is done."""
_WHO = {"by", "cancelled_by"}
"""Columns that name a colleague, who may be called as the address is."""
_DELETED = {"KeptAnswer"}
"""Tables of which the whole row goes: an answer that would be given again."""
FOLDERS = ("jobs", "company-files", "event-files", "uploads")
"""The folders of the home that hold files which people brought or took away."""
_SHARE = 1_000_000  # bytes of a file looked at together


def _tables() -> Iterator[tuple[type[models.Model], list[str]]]:
    """The tables that may quote an address, with their columns of text."""
    for model in apps.get_app_config("tamis").get_models():
        texts = [
            field.name
            for field in model._meta.concrete_fields
            if field.name not in _WHO and isinstance(field, models.JSONField | models.TextField | models.CharField)
            if (field.max_length or 1_000) > 40
        ]
        if texts and model.__name__ not in _NOT:
            yield model, texts


def _quoting(model: type[models.Model], columns: Sequence[str], emails: Sequence[str]) -> list[Any]:
    """The keys of the rows that quote an address."""
    quote = connection.ops.quote_name
    names = [field.column or "" for field in model._meta.concrete_fields if field.name in columns]
    like = "LIKE" if connection.vendor == "sqlite" else "ILIKE"
    tests = [f"CAST({quote(name)} AS TEXT) {like} %s ESCAPE '!'" for name in names for _ in emails]
    patterns = ["%" + re.sub(r"([!%_])", r"!\1", email) + "%" for email in emails]
    [key] = [field.column or "" for field in model._meta.concrete_fields if field.primary_key]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {quote(key)} FROM {quote(model._meta.db_table)} WHERE {' OR '.join(tests)}", patterns * len(names)
        )
        return [row[0] for row in cursor.fetchall()]


def count_mentions(emails: Sequence[str]) -> dict[str, int]:
    """How many rows of each table quote an address."""
    if not emails:
        return {}
    counts = {model._meta.model_name or "": len(_quoting(model, columns, emails)) for model, columns in _tables()}
    return {name: count for name, count in counts.items() if count}


def redact(emails: Sequence[str]) -> None:
    """Put :data:`~tamis.lake.erase.ERASED` where an address is quoted."""
    from tamis.lake.erase import ERASED

    if not emails:
        return
    without = partial(re.compile("|".join(re.escape(each) for each in emails), re.IGNORECASE).sub, ERASED)
    for model, columns in _tables():
        if keys := _quoting(model, columns, emails):
            rows = model._default_manager.filter(pk__in=keys)
            with transaction.atomic():
                if model.__name__ in _DELETED:
                    rows.delete()
                for row in rows.values("pk", *columns):
                    clean = {name: _changed(row[name], without) for name in columns}
                    model._default_manager.filter(pk=row["pk"]).update(**clean)


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    """A value of JSON with each of its texts changed."""
    match value:
        case str():
            return change(value)
        case list():
            return [_changed(each, change) for each in value]
        case dict():
            return {_changed(key, change): _changed(each, change) for key, each in value.items()}
    return value


def files(emails: Sequence[str]) -> list[Path]:
    """The kept files that name an address: of jobs, and brought ones that wait for their import."""
    home = Path(settings.HOME)
    found = (file for name in FOLDERS for file in (home / name).rglob("*") if file.is_file())
    return [file for file in found if emails and _names(file, emails)]


def delete_files(emails: Sequence[str]) -> None:
    """Delete those files; what an active job works on stays until the job has ended."""
    busy = {str(pk) for pk in Job.objects.filter(state__in=Job.ACTIVE).values_list("pk", flat=True)}
    for file in files(emails):
        folder = file.relative_to(settings.HOME).parts[:2]
        if folder[0] != "jobs":
            shutil.rmtree(Path(settings.HOME).joinpath(*folder), ignore_errors=True)
        elif folder[1] not in busy:
            file.unlink(missing_ok=True)


def _names(file: Path, emails: Sequence[str]) -> bool:
    needles = [each.encode(code, "ignore") for each in emails for code in ("utf-8", "utf-16-le", "cp1252")]
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as parts:
                return any(_within(parts.open(name), needles) for name in parts.namelist())  # type: ignore[arg-type]
        with file.open("rb") as stream:
            return _within(stream, needles)
    except FileNotFoundError:
        return False
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return True  # what cannot be looked into goes, rather than stays with a name in it


def _within(stream: BinaryIO, needles: Sequence[bytes]) -> bool:
    before = b""
    while share := stream.read(_SHARE):
        text = (before + share).lower()
        if any(needle in text for needle in needles):
            return True
        before = text[-700:]
    return False


def overwrite_remains() -> dict[str, Any]:
    """Rewrite SQLite's files, in which deleted rows would still be read; PostgreSQL does that in its own time."""
    if connection.vendor != "sqlite":
        return {"databases": 0}
    with lake.inbox() as inbox:
        inbox.run("VACUUM")
        inbox.run("PRAGMA wal_checkpoint(TRUNCATE)")
    if connection.in_atomic_block:
        return {"databases": 1}
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return {"databases": 2}
