"""A file of companies into the base: known ones updated by key, new ones created, nobody doubled.

Each chunk of lines is one transaction, and importing again changes nothing, so an import that was killed is finished
by running it again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from tamis.app.models import Act, Company, CustomField, Source
from tamis.app.services import company_writing as writing
from tamis.app.services import custom_fields as custom_field_service
from tamis.app.services import name_directory
from tamis.app.services.acting import Actor, record, sorting_lock
from tamis.app.services.leases import Held, lease
from tamis.app.services.list_staging import Progress
from tamis.app.services.matching import match_all
from tamis.app.services.sorting import unclassified
from tamis.app.services.waiting import answer_lines
from tamis.errors import Refused, did_you_mean
from tamis.identity.folding import fold, name_key
from tamis.identity.match import SCORES, Decision, Match
from tamis.messages import Message, say
from tamis.sources import custom_fields
from tamis.sources.companies import Column, CompanyRecord, RefusedRecord, read_records, suggested_field
from tamis.sources.company_fields import BY_KEY, OUTWARD_COLUMNS, Part, field_of, is_company_heading
from tamis.sources.lists import REASON, Fault
from tamis.sources.tables import Row, Table, open_table

CHUNK = 500
SAMPLES = 20
REHEARSED = 5_000
"""How many lines a dry run tries out in full, within one transaction that keeps other writers out for some seconds; the
rest of the file is read and checked line by line without being held against the base."""
Told = Callable[[int, str, Message], None]
"""Called with each thing worth telling of a line: its number, what happened, and why."""
Refusals = Callable[[Sequence[str], RefusedRecord], None]
"""Called with each refused line, and the headings that its cells stand under."""


@dataclass
class Report:
    """What an import of companies did, or would do."""

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
    answered_lines: int = 0
    new_headings: list[Mapping[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report as one JSON object."""
        return asdict(self)


def import_file(
    actor: Actor,
    path: Path,
    *,
    file_name: str = "",
    mapping: Mapping[str, str] | None = None,
    new_fields: Mapping[str, str] | None = None,
    as_of: date | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    told: Told | None = None,
    refused_to: Refusals | None = None,
) -> Report:
    """Import a CSV or Excel file of companies.

    ``mapping`` sends a heading to a field's key (``""`` ignores the column), beyond the headings that are recognised;
    ``new_fields`` makes a field of a heading, of the type given. ``as_of`` is the day the file speaks of (default:
    today). Raises :class:`~tamis.errors.Unreadable` for a file that cannot be read, :class:`~tamis.errors.Refused` for
    a mapping that names no field.
    """
    name = file_name or path.name
    report = Report(name, dry_run)
    given = dict(mapping or {})
    known_heading = recognised({**given, **(new_fields or {})})
    with lease("companies-import", actor.by) as held, open_table(path, name=name, known_heading=known_heading) as table:
        importer = _Importer(actor, name, as_of or timezone.localdate(), report, told or _silent)
        importer.refused_to = partial(refused_to, table.headings) if refused_to else None
        with _rolled_back_if(dry_run):
            _add_fields(actor, table, new_fields or {})
            columns = columns_of(table.headings, given)
            ignored = [heading for heading, target in given.items() if not target]
            rows = read_records(_offering_new_fields(table, columns, ignored, report), columns)
            _take_all(importer, rows, held, progress, table.expected_rows)
        for chunk in _chunks(rows):  # only after a dry run is there anything left
            held.renew()
            importer.read(chunk)
            _tell_progress(progress, report, table.expected_rows)
    if report.created and not dry_run:
        name_directory.keep()
    return report


def upsert(
    actor: Actor,
    companies: Sequence[Mapping[str, str]],
    *,
    name: str,
    as_of: date | None = None,
    dry_run: bool = False,
    told: Told | None = None,
) -> Report:
    """Companies as texts by field key into the base, numbered from 1; ``name`` says where from. As :func:`import_file`.

    Raises :class:`~tamis.errors.Refused` for a key that is no field.
    """
    report = Report(name, dry_run)
    custom = {fold(each.key): each for each in CustomField.objects.all()}
    keys = [*dict.fromkeys(key for company in companies for key in company)]
    columns = [_column(key, key, custom) for key in keys]
    _refuse_doubled(columns)
    rows = [Row(number, tuple(each.get(key, "") for key in keys)) for number, each in enumerate(companies, 1)]
    with lease("companies-import", actor.by) as held:
        importer = _Importer(actor, name, as_of or timezone.localdate(), report, told or _silent)
        with _rolled_back_if(dry_run):
            _take_all(importer, read_records(_Lines(keys, rows), columns), held, None, len(rows))
    return report


@dataclass(frozen=True)
class _Lines:
    """Companies that come in no file, as a table."""

    headings: Sequence[str]
    rows: Sequence[Row]


def _take_all(
    importer: "_Importer",
    rows: Iterator[CompanyRecord | RefusedRecord],
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


def _chunks(rows: Iterator[CompanyRecord | RefusedRecord]) -> Iterator[list[CompanyRecord | RefusedRecord]]:
    while chunk := [*islice(rows, CHUNK)]:
        yield chunk


def _tell_progress(progress: Progress | None, report: Report, total: int | None) -> None:
    if progress:
        progress(report.lines, total)


def _add_fields(actor: Actor, table: Table, new_fields: Mapping[str, str]) -> None:
    """Make the fields that are not there yet, from the headings of the file that they are wanted for."""
    for heading, type in new_fields.items():
        if heading in table.headings and fold(heading) not in {fold(text) for text in _custom_spellings()}:
            custom_field_service.add(actor, heading, CustomField.Type(type))


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


class _Importer:
    """Takes chunks of records within the caller's transaction and counts what it does in the report."""

    def __init__(self, actor: Actor, file_name: str, as_of: date, report: Report, told: Told) -> None:
        self.report = report
        self.told = told
        self.refused_to: Callable[[RefusedRecord], None] | None = None
        self._act: Act | None = None
        self._actor = actor
        self._known_before = Company.objects.aggregate(last=Max("pk"))["last"] or 0
        self.pen = writing.Pen(Source.Kind.IMPORT, file_name, as_of, self.act)

    def act(self) -> Act:
        """The audit row of this import, written with its first change."""
        if self._act is None:
            note = say("{file} importé dans les entreprises", file=self.pen.label)
            self._act = record(self._actor, Act.Kind.COMPANIES_IMPORTED, note)
        return self._act

    def take(self, chunk: Sequence[CompanyRecord | RefusedRecord]) -> None:
        """Write one chunk of lines."""
        records = self.read(chunk)
        while records:
            records = self._take_round(records)

    def read(self, chunk: Sequence[CompanyRecord | RefusedRecord]) -> list[CompanyRecord]:
        """Count one chunk of lines and tell of what is wrong with them; the records that can be written."""
        self.report.lines += len(chunk)
        records: list[CompanyRecord] = []
        for line in chunk:
            if isinstance(line, RefusedRecord):
                self.report.refused += 1
                self._tell(line.number, "refused", line.faults)
                if self.refused_to:
                    self.refused_to(line)
            else:
                records.append(line)
                self.report.dropped_cells += len(line.dropped)
                self.report.repaired += bool(line.repairs)
                self._tell(line.number, "dropped", line.dropped)
        return records

    def _take_round(self, records: Sequence[CompanyRecord]) -> list[CompanyRecord]:
        """Write the records that share no key with an earlier one of the chunk; the others, for another round."""
        now, later = _independent(records)
        new: list[CompanyRecord] = []
        updates: list[tuple[CompanyRecord, int]] = []
        for each, verdict in zip(now, self._resolve(now), strict=True):
            if verdict is UNCLEAR:
                self.report.review += 1
                self.told(each.number, "review", say("plusieurs entreprises connues conviennent : ajoutez un SIREN"))
            elif verdict is None:
                new.append(each)
            else:
                updates.append((each, verdict))
        touched = {company.pk for company in writing.create(new, self.pen, unclassified())} | self._update(updates)
        self.report.created += len(new)
        if touched:
            self.report.answered_lines += answer_lines(self.act(), sorted(touched))
        return later

    def _update(self, updates: Sequence[tuple[CompanyRecord, int]]) -> set[int]:
        known, dates = writing.load({company for _, company in updates})
        return {company for each, company in updates if self._write(known[company], each, dates)}

    def _write(self, known: writing.Known, each: CompanyRecord, dates: dict[int, date]) -> bool:
        written = writing.update(known, each, self.pen, dates)
        self.report.updated += written
        self.report.unchanged += not written
        return written

    def _resolve(self, records: Sequence[CompanyRecord]) -> list[int | None]:
        """For each record the company that it updates, ``None`` for a new one, or :data:`UNCLEAR`."""
        holders = writing.holders_of_identifiers(records)
        verdicts = []
        matches = match_all([each.sought() for each in records], unknown_sirens_may_resemble=False)
        for each, found in zip(records, matches, strict=True):
            own = {holders[identifier] for identifier in each.identifiers if identifier in holders}
            verdict = own.pop() if each.siren is None and len(own) == 1 else self._verdict(each, found)
            verdicts.append(verdict)
            self._leave_to_holders(each, verdict, holders)
        return verdicts

    def _verdict(self, each: CompanyRecord, found: Match) -> int | None:
        """As :func:`_verdict`; lines of one file are taken for one company by their keys alone, not by likeness."""
        verdict = _verdict(each, found)
        new = verdict is not None and verdict > self._known_before
        return None if new and found.candidates[0].method not in KEYS else verdict

    def _leave_to_holders(
        self, each: CompanyRecord, verdict: int | None, holders: Mapping[tuple[str, str], int]
    ) -> None:
        """Drop from a record the identifiers that belong to another company, and say so."""
        for type, value in [*each.identifiers]:
            if holders.get((type, value), verdict) != verdict:
                each.identifiers.remove((type, value))
                self.report.dropped_cells += 1
                reason = say("{value} appartient déjà à une autre entreprise", value=value)
                self._tell(each.number, "dropped", [Fault(BY_KEY[type].heading, "identifier.taken", reason)])

    def _tell(self, number: int, what: str, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.told(number, what, fault.sentence())


KEYS = SCORES.keys() | {"judgement"}
"""Methods that compare keys, not likeness."""
UNCLEAR = -1
"""The verdict on a record that several known companies fit: a person has to say."""


def _independent(records: Sequence[CompanyRecord]) -> tuple[list[CompanyRecord], list[CompanyRecord]]:
    """The records that share no key with an earlier one, and the others."""
    seen: set[str] = set()
    now: list[CompanyRecord] = []
    later: list[CompanyRecord] = []
    for each in records:
        keys = each.keys()
        (later if keys & seen else now).append(each)
        seen |= keys
    return now, later


def _verdict(each: CompanyRecord, found: Match) -> int | None:
    """What a match means for the base itself: a SIREN nobody has is a company nobody knew."""
    if found.decision is not Decision.REVIEW:
        return found.company
    if each.siren is None:
        return _verdict_without_siren(each, found)
    if found.candidates[0].method == "siren":
        return found.candidates[0].company
    at_domain = {candidate.company for candidate in found.candidates if candidate.method in ("host", "domain")}
    if len(at_domain) == 1 and Company.objects.filter(pk__in=at_domain, siren=None).exists():
        return at_domain.pop()
    return None


def _verdict_without_siren(each: CompanyRecord, found: Match) -> int | None:
    """Among several at one domain, the one of this name; among several of one name, the one at this place.

    A name that only resembles is a new company, until somebody merges them.
    """
    if found.candidates[0].method not in KEYS:
        return None
    if found.candidates[0].method == "name" and len(found.candidates) == 1:
        return None  # the same name at another domain is another company, until somebody merges them
    candidates = Company.objects.filter(pk__in=[candidate.company for candidate in found.candidates])
    if found.candidates[0].method == "name":
        place = {key: each.values[key] for key in ("postal_code", "city") if key in each.values}
        fitting = candidates.filter(**place) if place else candidates
    else:
        fitting = candidates.filter(names__key=name_key(each.name)).distinct()
    ids = [*fitting.values_list("pk", flat=True)[:2]]
    return ids[0] if len(ids) == 1 else UNCLEAR


def recognised(mapping: Mapping[str, str]) -> Callable[[str], bool]:
    """Whether a heading is recognised, by itself, by the mapping, or as one of the users' own fields."""
    known = {fold(heading) for heading in mapping} | {fold(text) for text in _custom_spellings()}
    return lambda heading: is_company_heading(heading) or fold(heading) in known


def _custom_spellings() -> dict[str, CustomField]:
    return {text: each for each in CustomField.objects.all() for text in (each.key, each.label)}


def columns_of(headings: Sequence[str], mapping: Mapping[str, str]) -> list[Column | None]:
    """Where each column of a file goes. Raises :class:`~tamis.errors.Refused` for a mapping to no field."""
    custom = {fold(text): each for text, each in _custom_spellings().items()}
    asked = {fold(heading): target for heading, target in mapping.items()}
    unknown = [heading for heading in mapping if fold(heading) not in {fold(h) for h in headings}]
    if unknown:
        raise Refused(
            say(
                "Le fichier n'a pas de colonne « {heading} ».{hint}",
                heading=unknown[0], hint=did_you_mean(unknown[0], headings),
            ),
            "map.heading",
        )  # fmt: skip
    columns = [_column(heading, asked.get(fold(heading)), custom) for heading in headings]
    _refuse_doubled(columns)
    return columns


def _column(heading: str, asked: str | None, custom: Mapping[str, CustomField]) -> Column | None:
    if asked == "":
        return None
    if built_in := field_of(asked if asked is not None else heading):
        return Column(heading, built_in)
    own = custom.get(fold(asked if asked is not None else heading))
    if own is not None:
        return Column(heading, None, own.key, custom_fields.reader(own.type, own.choices))
    if asked is not None:
        known = [*BY_KEY, *custom]
        raise Refused(
            say("Aucun champ ne s'appelle « {field} ».{hint}", field=asked, hint=did_you_mean(asked, known)),
            "map.field",
        )
    return None


def _refuse_doubled(columns: Sequence[Column | None]) -> None:
    values = [column for column in columns if column and column.field and column.field.part is Part.VALUE]
    for position, column in enumerate(values):
        for other in values[:position]:
            if other.field is column.field:
                raise Refused(
                    say(
                        "Les colonnes « {one} » et « {other} » vont au même champ : écartez-en une "
                        "(en ligne de commande : --map \"{other}=\").",
                        one=other.heading, other=column.heading,
                    ),
                    "map.doubled",
                )  # fmt: skip


def _offering_new_fields(
    table: Table, columns: Sequence[Column | None], ignored: Iterable[str], report: Report
) -> Table:
    """The table, with the columns that no field takes offered as new fields once a few of their cells were seen."""
    skipped = {fold(heading) for heading in (*ignored, *OUTWARD_COLUMNS, REASON)}
    places = [
        n
        for n, column in enumerate(columns)
        if column is None and table.headings[n] and fold(table.headings[n]) not in skipped
    ]
    samples: dict[int, list[str]] = {place: [] for place in places}

    def watched() -> Iterator[Any]:
        for row in table.rows:
            for place, cells in samples.items():
                if len(cells) < SAMPLES and row.cells[place].strip():
                    cells.append(row.cells[place])
            yield row
        report.new_headings = [suggested_field(table.headings[place], cells) for place, cells in samples.items()]

    return replace(table, rows=watched())
