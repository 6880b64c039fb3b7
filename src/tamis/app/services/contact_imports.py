"""A file of contacts into the base, as companies come in: known ones updated, new ones created, none doubled.

A contact is known by its e-mail, else by the key that another tool gave.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tamis.app.models import Act, Contact
from tamis.app.services import contact_writing as writing
from tamis.app.services import import_runs as runs
from tamis.app.services.acting import Actor
from tamis.app.services.contact_links import Ties
from tamis.app.services.import_layouts import CONTACTS
from tamis.app.services.import_runs import Refusals, Told
from tamis.app.services.list_staging import Progress
from tamis.messages import Message, say
from tamis.sources.companies import Column, RefusedRecord
from tamis.sources.contact_fields import BY_KEY
from tamis.sources.contacts import ContactRecord, read_records
from tamis.sources.lists import Fault


@dataclass
class Report(runs.Report):
    """What an import of contacts did, or would do; ``review`` counts those whose company is in doubt."""

    linked: int = 0
    """Contacts of the file that have a company now."""


def import_file(
    actor: Actor,
    path: Path,
    *,
    file_name: str = "",
    key: str = "",
    mapping: Mapping[str, str] | None = None,
    new_fields: Mapping[str, str] | None = None,
    as_of: date | None = None,
    dry_run: bool = False,
    create_tags: bool = False,
    progress: Progress | None = None,
    told: Told | None = None,
    refused_to: Refusals | None = None,
) -> Report:
    """Import a CSV or Excel file of contacts; as :func:`~tamis.app.services.company_imports.import_file`.

    ``key`` is the heading of the column by which contacts without an address are known.
    """
    report = Report(file_name or path.name, dry_run)
    importer = _Importer(actor, report, as_of=as_of, told=told, create_tags=create_tags)
    asked = {**(mapping or {}), **({key: "external_key"} if key else {})}
    runs.import_file(importer, path, mapping=asked, new_fields=new_fields, progress=progress, refused_to=refused_to)
    return report


def upsert(
    actor: Actor,
    contacts: Sequence[Mapping[str, str]],
    *,
    name: str,
    as_of: date | None = None,
    dry_run: bool = False,
    create_tags: bool = False,
    told: Told | None = None,
) -> Report:
    """Contacts as texts by field key into the base, numbered from 1. Raises ``Refused`` for a key that is no field."""
    report = Report(name, dry_run)
    runs.upsert(_Importer(actor, report, as_of=as_of, told=told, create_tags=create_tags), contacts)
    return report


class _Importer(runs.Importer[ContactRecord]):
    """Writes chunks of contacts."""

    layout = CONTACTS
    lease_key = "contacts-import"
    kind = Act.Kind.CONTACTS_IMPORTED
    report: Report

    def note(self) -> Message:
        """What the audit trail says of the import."""
        return say("{file} importé dans les contacts", file=self.pen.label)

    def records(self, table: Any, columns: Sequence[Column | None]) -> Iterator[ContactRecord | RefusedRecord]:
        """The lines of a table, read."""
        return read_records(table, columns)

    def take(self, chunk: Sequence[ContactRecord | RefusedRecord]) -> None:
        """Write one chunk of lines; companies may have changed since the one before."""
        self._ties = Ties()
        super().take(chunk)

    def take_round(self, records: Sequence[ContactRecord]) -> list[ContactRecord]:
        """Write the records that share no key with an earlier one of the chunk; the others, for another round."""
        now, later = runs.independent(records)
        known = self._known(now)
        new = [each for each in now if each.number not in known]
        created = writing.create(new, self.pen, self._ties)
        self.report.created += len(created)
        labels = [(contact.pk, each.labels) for (contact, _), each in zip(created, new, strict=True)]
        updates = [(each, known[each.number]) for each in now if each.number in known]
        written = self._update(updates)
        labels += [(contact.pk, each.labels) for each, contact in updates]
        self.count([contact.pk for _, contact in updates], written, labels)
        for (contact, doubt), each in zip(created, new, strict=True):
            self._tell_tie(each, contact, doubt)
        return later

    def _known(self, records: Sequence[ContactRecord]) -> dict[int, Contact]:
        """The contact that each record updates, by the record's number: by its address, else by its key."""
        emails, keys = ({getattr(each, name) for each in records} - {None} for name in ("email_key", "external_key"))
        by_email = {each.email_key: each for each in Contact.objects.filter(email_key__in=emails)}
        by_key = {each.external_key: each for each in Contact.objects.filter(external_key__in=keys)}
        known: dict[int, Contact] = {}
        for each in records:
            one = by_email.get(each.email_key) if each.email_key else None
            other = by_key.get(each.external_key) if each.external_key else None
            if one and other and one.pk != other.pk:
                self._leave_key(each)
            if found := one or other:
                known[each.number] = found
        return known

    def _leave_key(self, each: ContactRecord) -> None:
        key = each.values.pop("external_key")
        self.report.dropped_cells += 1
        reason = say("la clé {key} est déjà celle d'un autre contact", key=key)
        self.tell(each.number, "dropped", [Fault(BY_KEY["external_key"].heading, "key.taken", reason)])

    def _update(self, updates: Sequence[tuple[ContactRecord, Contact]]) -> set[int]:
        dates = writing.load_dates(contact for _, contact in updates)
        changed = [
            (each, contact) for each, contact in updates if writing.update(contact, each, self.pen, dates)
        ]  # fmt: skip
        doubts = writing.tie([contact for _, contact in changed], self._ties)
        if changed:
            writing.save([contact for _, contact in changed])
        doubtful = {contact.pk: doubt for (_, contact), doubt in zip(changed, doubts, strict=True)}
        for each, contact in updates:
            self._tell_tie(each, contact, doubtful.get(contact.pk))
        return {contact.pk for _, contact in changed}

    def _tell_tie(self, each: ContactRecord, contact: Contact, doubt: Message | None) -> None:
        self.report.linked += contact.company_id is not None
        if doubt:
            self.report.review += 1
            self.told(each.number, "review", say("sans entreprise : {doubt}", doubt=doubt))
