"""A file of companies: headings recognised, cells read, each line a record or a refusal."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from tamis.identity.domains import domain_key, parse_host
from tamis.identity.folding import name_key
from tamis.identity.identifiers import BadValue, Reading, siren_of_vat
from tamis.identity.match import Sought
from tamis.messages import Message, say
from tamis.sources.company_fields import (
    BY_KEY,
    REGIONS,
    SEPARATOR,
    Field,
    Part,
    department_of,
)
from tamis.sources.labels import Label, Labels
from tamis.sources.lists import Fault, Headed
from tamis.sources.tables import BadRow, Row


@dataclass
class CompanyRecord:
    """What one line says of a company. ``values`` and ``extra`` hold only what is filled."""

    number: int
    names: list[tuple[str, str]] = field(default_factory=list)
    siren: str | None = None
    identifiers: list[tuple[str, str]] = field(default_factory=list)
    domains: list[tuple[str, str]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    labels: Labels = field(default_factory=Labels)
    cells: tuple[str, ...] = ()
    dropped: list[Fault] = field(default_factory=list)
    repairs: list[Message] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The first name given, else the first domain, else the SIREN."""
        if self.names:
            return self.names[0][1]
        return self.domains[0][1] if self.domains else f"SIREN {self.siren}" if self.siren else self.identifiers[0][1]

    def sought(self) -> Sought:
        """The keys by which the company is looked for."""
        first = dict(reversed(self.domains))
        key = name_key(self.names[0][1]) if self.names else ""
        return Sought.of(key, self.siren, first.get("website"), first.get("email"))

    def keys(self) -> frozenset[str]:
        """Every key that another record of the same company could share with this one."""
        keys = {f"siren:{self.siren}"} if self.siren else set()
        keys |= {f"{type}:{value}" for type, value in self.identifiers}
        keys |= {f"domain:{domain_key(parse_host(host))}" for _, host in self.domains}
        return frozenset(keys | {f"name:{name_key(text)}" for _, text in self.names})


@dataclass(frozen=True)
class RefusedRecord:
    """A line without a usable name or key, with its cells as they came."""

    number: int
    cells: tuple[str, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Column:
    """Where a column goes: a built-in field, one of the users' own with its reader, or labels."""

    heading: str
    field: Field | None = None
    extra: str = ""
    read: Callable[[str], Reading[Any]] | None = None
    label: Label | None = None


class Fillable(Protocol):
    """What every kind of record has."""

    labels: Labels
    dropped: list[Fault]
    repairs: list[Message]


Record = TypeVar("Record", bound=Fillable)


def read_records(table: Headed, columns: Sequence[Column | None]) -> Iterator[CompanyRecord | RefusedRecord]:
    """Each line of a company file. ``columns`` says for each heading where its cells go; ``None`` ignores it."""
    for row in table.rows:
        yield _read(row, columns)


def _read(row: Row | BadRow, columns: Sequence[Column | None]) -> CompanyRecord | RefusedRecord:
    if isinstance(row, BadRow):
        return RefusedRecord(row.number, row.cells, (Fault("", row.code, row.reason),))
    given = zip(columns, row.cells, strict=True)
    record = read_cells(row.number, [(column, cell) for column, cell in given if column is not None])
    record.cells = row.cells
    if not (record.names or record.siren or record.identifiers or record.domains):
        reason = say("ni nom ni clé utilisable (SIREN, autre identifiant, domaine) : complétez la ligne")
        return RefusedRecord(row.number, row.cells, (*record.dropped, Fault("", "key.missing", reason)))
    return record


def read_cells(number: int, cells: Sequence[tuple[Column, str]]) -> CompanyRecord:
    """The record that these cells make; what cannot be read is dropped, with the reason in ``dropped``."""
    record = CompanyRecord(number)
    for column, cell in cells:
        if cell.strip():
            take(record, column, cell, _keep)
    _derive(record)
    return record


def take(record: Record, column: Column, cell: str, keep: Callable[[Record, Column, Any], None]) -> None:
    """Read a cell into a record; what cannot be read is dropped, with the reason in ``dropped``."""
    if column.label:
        record.labels.take(column.label, cell)
        return
    several = column.field is not None and column.field.part is not Part.VALUE and column.field.key != "siren"
    for piece in cell.split(SEPARATOR) if several else [cell]:
        if not piece.strip():
            continue
        try:
            reading = column.field.read(piece) if column.field else column.read(piece)  # type: ignore[misc]
        except BadValue as bad:
            record.dropped.append(Fault(column.heading, bad.code, bad.reason))
            continue
        record.repairs.extend(reading.repairs)
        keep(record, column, reading.value)


def _keep(record: CompanyRecord, column: Column, value: Any) -> None:
    match column.field:
        case None:
            record.extra[column.extra] = value
        case Field(key="siren"):
            record.siren = value
        case Field(part=Part.NAME, kind=kind):
            record.names.append((kind, value))
        case Field(part=Part.IDENTIFIER, kind=kind):
            record.identifiers.append((kind, value))
        case Field(part=Part.DOMAIN, kind=kind):
            record.domains.append((kind, value))
        case Field(key=key):
            record.values[key] = value


def _derive(record: CompanyRecord) -> None:
    """What follows from what was read: the SIREN of a SIRET or VAT number, department and region of a postal code."""
    sirens = {
        siren: (type, value)
        for type, value in record.identifiers
        if (siren := value[:9] if type == "siret" else siren_of_vat(value) if type == "vat" else None)
    }
    if record.siren is None and len(sirens) == 1:
        record.siren = next(iter(sirens))
    for siren, (type, value) in sirens.items():
        if siren != record.siren:
            record.identifiers.remove((type, value))
            reason = say("{value} n'appartient pas au SIREN de la ligne", value=value)
            record.dropped.append(Fault(BY_KEY[type].heading, "identifier.contradiction", reason))
    postal_code = record.values.get("postal_code", "")
    if record.values.get("country", "FR") == "FR" and (department := department_of(postal_code)):
        record.values.setdefault("department", department)
    if region := REGIONS.get(record.values.get("department", "")):
        record.values.setdefault("region", region)


def suggested_field(heading: str, samples: Sequence[str]) -> Mapping[str, str]:
    """A key and a type for a heading that no field has, from its name and a few of its cells."""
    from tamis.sources.custom_fields import guess_type

    return {"heading": heading, "key": name_key(heading).replace(" ", "_")[:50], "type": guess_type(samples)}
