"""A file of contacts: headings recognised, cells read, each line a record or a refusal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tamis.identity.identifiers import BadValue
from tamis.messages import Message, say
from tamis.sources.companies import Column, RefusedRecord, take
from tamis.sources.contact_fields import BY_KEY, HOME, email_key, read_phone
from tamis.sources.labels import Labels
from tamis.sources.lists import Fault, Headed
from tamis.sources.tables import BadRow, Row


@dataclass
class ContactRecord:
    """What one line says of a contact: ``values`` and ``extra`` hold what is filled, ``cells`` are as they came."""

    number: int
    cells: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    labels: Labels = field(default_factory=Labels)
    dropped: list[Fault] = field(default_factory=list)
    repairs: list[Message] = field(default_factory=list)

    @property
    def email_key(self) -> str | None:
        """What the address is recognised by."""
        return email_key(self.values["email"]) if "email" in self.values else None

    @property
    def external_key(self) -> str | None:
        """The key that another tool gave."""
        return self.values.get("external_key")

    def keys(self) -> set[str]:
        """Every key that another record of the same contact could share with this one."""
        keys = {f"email:{self.email_key}"} if self.email_key else set()
        return keys | ({f"key:{self.external_key}"} if self.external_key else set())


def read_records(table: Headed, columns: Sequence[Column | None]) -> Iterator[ContactRecord | RefusedRecord]:
    """Each line of a contact file. ``columns`` says for each heading where its cells go; ``None`` ignores it."""
    for row in table.rows:
        yield _read(row, columns)


def _read(row: Row | BadRow, columns: Sequence[Column | None]) -> ContactRecord | RefusedRecord:
    if isinstance(row, BadRow):
        return RefusedRecord(row.number, row.cells, (Fault("", row.code, row.reason),))
    given = zip(columns, row.cells, strict=True)
    record = read_cells(row.number, [(column, cell) for column, cell in given if column is not None], row.cells)
    if not record.keys():
        reason = say("ni adresse e-mail ni clé : complétez la ligne, ou nommez la colonne de la clé (--key)")
        return RefusedRecord(row.number, row.cells, (*record.dropped, Fault("", "key.missing", reason)))
    return record


def read_cells(number: int, cells: Sequence[tuple[Column, str]], row: tuple[str, ...] = ()) -> ContactRecord:
    """The record that these cells make; what cannot be read is dropped, with the reason in ``dropped``."""
    record = ContactRecord(number, row)
    for column, cell in cells:
        if cell.strip():
            take(record, column, cell, keep)
    _normalise_phone(record)
    return record


def keep(record: ContactRecord, column: Column, value: Any) -> None:
    """Write a value that was read onto the record."""
    if column.field:
        record.values[column.field.key] = value
    else:
        record.extra[column.extra] = value


def _normalise_phone(record: ContactRecord) -> None:
    """A national number is one of the contact's country."""
    if "phone" not in record.values:
        return
    try:
        reading = read_phone(record.values.pop("phone"), record.values.get("country", HOME))
    except BadValue as bad:
        record.dropped.append(Fault(BY_KEY["phone"].heading, bad.code, bad.reason))
        return
    record.values["phone"] = reading.value
    record.repairs.extend(reading.repairs)
