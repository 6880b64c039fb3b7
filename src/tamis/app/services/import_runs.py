"""Running an import of companies or contacts: chunk after chunk, each a transaction; tried out, or for good.

Importing again changes nothing, so an import that was killed is finished by running it again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from django.db import transaction
from django.utils import timezone

from tamis.app.models import Act, CustomField, Source
from tamis.app.services import company_writing as writing
from tamis.app.services import custom_fields as custom_field_service
from tamis.app.services.acting import Actor, record, sorting_lock
from tamis.app.services.import_layouts import Layout
from tamis.app.services.labels import Book
from tamis.app.services.leases import Held, lease
from tamis.app.services.list_staging import Progress
from tamis.identity.folding import fold
from tamis.messages import Message
from tamis.sources.companies import Column, RefusedRecord
from tamis.sources.lists import Fault
from tamis.sources.tables import BadRow, Row, Table, open_table

CHUNK = 500
REHEARSED = 5_000
"""How many lines a dry run tries out in full, within one transaction that keeps other writers out for some seconds; the
rest of the file is read and checked line by line without being held against the base."""
Told = Callable[[int, str, Message], None]
"""Called with each thing worth telling of a line: its number, what happened, and why."""
Refusals = Callable[[Sequence[str], RefusedRecord], None]
"""Called with each refused line, and the headings that its cells stand under."""


@dataclass
class Report:
    """What an import did, or would do."""

    file: str
    dry_run: bool = False
    lines: int = 0
    rehearsed: int = 0
    """The lines that a dry run tried out in full: see :data:`REHEARSED`."""
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    review: int = 0
    dropped_cells: int = 0
    repaired: int = 0
    new_headings: list[Mapping[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report as one JSON object."""
        return asdict(self)


class Keyed(Protocol):
    """A record of either kind, as far as keys go."""

    def keys(self) -> Set[str]:
        """What tells it from others, in one space."""
        ...


R = TypeVar("R", bound=Any)
K = TypeVar("K", bound=Keyed)


def independent(records: Sequence[K]) -> tuple[list[K], list[K]]:
    """The records that share no key with an earlier one, and the others."""
    seen: set[str] = set()
    now: list[K] = []
    later: list[K] = []
    for each in records:
        keys = each.keys()
        (later if keys & seen else now).append(each)
        seen |= keys
    return now, later


@dataclass(frozen=True)
class Given:
    """Subjects that come in no file, as a table."""

    headings: Sequence[str]
    rows: Sequence[Row | BadRow]

    @classmethod
    def of(cls, subjects: Sequence[Mapping[str, str]]) -> "Given":
        """Texts by field key, numbered from 1."""
        keys = [*dict.fromkeys(key for each in subjects for key in each)]
        rows = [Row(number, tuple(each.get(key, "") for key in keys)) for number, each in enumerate(subjects, 1)]
        return cls(keys, rows)


class Importer(Generic[R]):
    """Takes chunks of records within the caller's transaction and counts what it does in the report."""

    layout: Layout
    lease_key: str
    kind: Act.Kind

    def __init__(
        self, actor: Actor, report: Report, *, as_of: date | None = None, told: Told | None = None,
        create_tags: bool = False,
    ) -> None:  # fmt: skip
        self.actor = actor
        self.report = report
        self.told = told or _silent
        self.refused_to: Callable[[RefusedRecord], None] | None = None
        self._act: Act | None = None
        self.pen = writing.Pen(Source.Kind.IMPORT, report.file, as_of or timezone.localdate(), self.act)
        self.book = Book(self.layout.subject, create_tags)

    def note(self) -> Message:
        """What the audit trail says of the import."""
        raise NotImplementedError

    def records(self, table: Any, columns: Sequence[Column | None]) -> Iterator[R | RefusedRecord]:
        """The lines of a table, read."""
        raise NotImplementedError

    def take_round(self, records: Sequence[R]) -> list[R]:
        """Write the records that share no key with an earlier one of the chunk; the others, for another round."""
        raise NotImplementedError

    def act(self) -> Act:
        """The audit row of this import, written with its first change."""
        if self._act is None:
            self._act = record(self.actor, self.kind, self.note())
        return self._act

    def take(self, chunk: Sequence[R | RefusedRecord]) -> None:
        """Write one chunk of lines."""
        records = self.read(chunk)
        while records:
            records = self.take_round(records)

    def read(self, chunk: Sequence[R | RefusedRecord]) -> list[R]:
        """Count one chunk of lines and tell of what is wrong with them; the records that can be written."""
        self.report.lines += len(chunk)
        records: list[R] = []
        for line in chunk:
            if not isinstance(line, RefusedRecord) and (faults := self.book.faults(line.labels)):
                line = RefusedRecord(line.number, line.cells, (*line.dropped, *faults))
            if isinstance(line, RefusedRecord):
                self.report.refused += 1
                self.tell(line.number, "refused", line.faults)
                if self.refused_to:
                    self.refused_to(line)
            else:
                records.append(line)
                self.report.dropped_cells += len(line.dropped)
                self.report.repaired += bool(line.repairs)
                self.tell(line.number, "dropped", line.dropped)
        return records

    def tell(self, number: int, what: str, faults: Iterable[Fault]) -> None:
        """Tell of each fault of a line."""
        for fault in faults:
            self.told(number, what, fault.sentence())

    def count(self, ids: Iterable[int], written: set[int], labels: Iterable[tuple[int, Any]]) -> set[int]:
        """Write labels onto known and new subjects, and count the known ones of ``ids``; those that changed."""
        labelled = self.book.write(labels, self.pen)
        for id in ids:
            changed = id in written or id in labelled
            self.report.updated += changed
            self.report.unchanged += not changed
        return written | labelled


def import_file(
    importer: Importer[Any],
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    new_fields: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    refused_to: Refusals | None = None,
) -> None:
    """Import a CSV or Excel file; the options as in :mod:`~tamis.app.services.company_imports`."""
    given, layout, report = dict(mapping or {}), importer.layout, importer.report
    known = layout.recognised({**given, **(new_fields or {})})
    with (
        lease(importer.lease_key, importer.actor.by) as held,
        open_table(path, name=report.file, known_heading=known) as table,
    ):
        importer.refused_to = partial(refused_to, table.headings) if refused_to else None
        with _rolled_back_if(report.dry_run):
            _add_fields(importer, table, new_fields or {})
            columns = layout.columns_of(table.headings, given)
            ignored = [heading for heading, target in given.items() if not target]
            watched = layout.offering_new_fields(table, columns, ignored, report.new_headings)
            rows = importer.records(watched, columns)
            _take_all(importer, rows, held, progress, table.expected_rows)
        for chunk in _chunks(rows):  # only after a dry run is there anything left
            held.renew()
            importer.read(chunk)
            _tell_progress(progress, report, table.expected_rows)


def upsert(importer: Importer[Any], subjects: Sequence[Mapping[str, str]]) -> None:
    """Subjects as texts by field key into the base. Raises ``Refused`` for a key that is no field."""
    table = Given.of(subjects)
    columns = importer.layout.typed(table.headings)
    with lease(importer.lease_key, importer.actor.by) as held, _rolled_back_if(importer.report.dry_run):
        _take_all(importer, importer.records(table, columns), held, None, len(table.rows))


def _take_all(
    importer: Importer[Any],
    rows: Iterator[Any],
    held: Held,
    progress: Progress | None,
    total: int | None,
) -> None:
    """Write chunk after chunk, each a transaction; of a dry run the first :data:`REHEARSED` lines."""
    report = importer.report
    most = REHEARSED // CHUNK if report.dry_run else None
    for chunk in islice(_chunks(rows), most):
        with sorting_lock():
            held.renew()
            importer.take(chunk)
        _tell_progress(progress, report, total)
    report.rehearsed = report.lines


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := [*islice(rows, CHUNK)]:
        yield chunk


def _tell_progress(progress: Progress | None, report: Report, total: int | None) -> None:
    if progress:
        progress(report.lines, total)


def _add_fields(importer: Importer[Any], table: Table, new_fields: Mapping[str, str]) -> None:
    """Make the fields that are not there yet, from the headings of the file that they are wanted for."""
    subject = importer.layout.subject
    for heading, type in new_fields.items():
        if heading in table.headings and fold(heading) not in importer.layout.own():
            custom_field_service.add(importer.actor, heading, CustomField.Type(type), subject=subject)


def _silent(_number: int, _what: str, _why: Message) -> None:
    """Tells nobody."""


@contextmanager
def _rolled_back_if(dry_run: bool) -> Iterator[None]:
    """One transaction that leaves nothing behind, when this is a dry run."""
    if not dry_run:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
