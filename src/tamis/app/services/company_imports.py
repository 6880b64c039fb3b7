"""A file of companies into the base: known ones updated by key, new ones created, nobody doubled."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Max

from tamis.app.models import Act, Company
from tamis.app.services import company_writing as writing
from tamis.app.services import import_runs as runs
from tamis.app.services import name_directory
from tamis.app.services.acting import Actor
from tamis.app.services.import_layouts import COMPANIES
from tamis.app.services.import_runs import Refusals, Told
from tamis.app.services.list_staging import Progress
from tamis.app.services.matching import match_all
from tamis.app.services.sorting import unclassified
from tamis.app.services.waiting import answer_lines
from tamis.identity.folding import name_key
from tamis.identity.match import SCORES, Decision, Match
from tamis.messages import Message, say
from tamis.sources.companies import Column, CompanyRecord, RefusedRecord, read_records
from tamis.sources.company_fields import BY_KEY
from tamis.sources.lists import Fault


@dataclass
class Report(runs.Report):
    """What an import of companies did, or would do; ``review`` counts lines left alone since several would fit."""

    answered_lines: int = 0


def import_file(
    actor: Actor,
    path: Path,
    *,
    file_name: str = "",
    mapping: Mapping[str, str] | None = None,
    new_fields: Mapping[str, str] | None = None,
    as_of: date | None = None,
    dry_run: bool = False,
    create_tags: bool = False,
    progress: Progress | None = None,
    told: Told | None = None,
    refused_to: Refusals | None = None,
) -> Report:
    """Import a CSV or Excel file of companies.

    ``mapping`` sends a heading to a field's key (``""`` ignores the column), beyond the headings that are recognised;
    ``new_fields`` makes a field of a heading, of the type given. ``as_of`` is the day the file speaks of (default:
    today). ``create_tags`` makes the tags that are not there yet. Raises :class:`~tamis.errors.Unreadable` for a file
    that cannot be read, :class:`~tamis.errors.Refused` for a mapping that names no field.
    """
    report = Report(file_name or path.name, dry_run)
    importer = _Importer(actor, report, as_of=as_of, told=told, create_tags=create_tags)
    runs.import_file(
        importer, path, mapping=mapping, new_fields=new_fields, progress=progress, refused_to=refused_to
    )  # fmt: skip
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
    runs.upsert(_Importer(actor, report, as_of=as_of, told=told), companies)
    return report


class _Importer(runs.Importer[CompanyRecord]):
    """Writes chunks of companies."""

    layout = COMPANIES
    lease_key = "companies-import"
    kind = Act.Kind.COMPANIES_IMPORTED
    report: Report

    def __init__(self, actor: Actor, report: Report, **options: Any) -> None:
        super().__init__(actor, report, **options)
        self._known_before = Company.objects.aggregate(last=Max("pk"))["last"] or 0

    def note(self) -> Message:
        """What the audit trail says of the import."""
        return say("{file} importé dans les entreprises", file=self.pen.label)

    def records(self, table: Any, columns: Sequence[Column | None]) -> Iterator[CompanyRecord | RefusedRecord]:
        """The lines of a table, read."""
        return read_records(table, columns)

    def take_round(self, records: Sequence[CompanyRecord]) -> list[CompanyRecord]:
        """Write the records that share no key with an earlier one of the chunk; the others, for another round."""
        now, later = runs.independent(records)
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
        created = writing.create(new, self.pen, unclassified())
        self.report.created += len(new)
        labels = [(company.pk, each.labels) for company, each in zip(created, new, strict=True)]
        labels += [(company, each.labels) for each, company in updates]
        written = self._update(updates)
        self.count((company for _, company in updates), written, labels)
        if touched := written | {company.pk for company in created}:
            self.report.answered_lines += answer_lines(self.act(), sorted(touched))
        return later

    def _update(self, updates: Sequence[tuple[CompanyRecord, int]]) -> set[int]:
        known, dates = writing.load({company for _, company in updates})
        return {company for each, company in updates if writing.update(known[company], each, self.pen, dates)}

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
                self.tell(each.number, "dropped", [Fault(BY_KEY[type].heading, "identifier.taken", reason)])


KEYS = SCORES.keys() | {"judgement"}
"""Methods that compare keys, not likeness."""
UNCLEAR = -1
"""The verdict on a record that several known companies fit: a person has to say."""


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
