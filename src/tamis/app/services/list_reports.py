"""What an import did, or would do, in figures and line by line."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tamis.messages import Message
from tamis.sources import lists as list_files

MOST_TOLD = 1000


@dataclass(frozen=True)
class Told:
    """What there is to say about one line of the file."""

    line: int
    messages: tuple[Message, ...]

    def as_json(self) -> dict[str, Any]:
        """The line's number and what is said of it."""
        return {"line": self.line, "messages": [str(message) for message in self.messages]}


@dataclass
class Report:
    """What an import did, or would do. All are counts; a company is counted once however many lines name it."""

    list_name: str
    file: str
    version: int | None = None
    dry_run: bool = False
    applied: bool = False
    lines: int = 0
    accepted: int = 0
    refused: int = 0
    repaired: int = 0
    matched: int = 0
    waiting: int = 0
    review: int = 0
    moved: int = 0
    released: int = 0
    kept_locked: int = 0
    outranked: int = 0
    notes: list[Message] = field(default_factory=list)
    repairs: list[Told] = field(default_factory=list)
    """What was repaired, line by line: the first :data:`MOST_TOLD` lines."""
    refusals: list[Told] = field(default_factory=list)
    """Why lines were refused: the first :data:`MOST_TOLD`; all of them come through ``refused_to``."""

    def as_json(self) -> dict[str, Any]:
        """The report as one JSON object."""
        fields = asdict(replace(self, notes=[], repairs=[], refusals=[]))
        return {
            "list": fields.pop("list_name"),
            **fields,
            "notes": [str(note) for note in self.notes],
            "repairs": [told.as_json() for told in self.repairs],
            "refusals": [told.as_json() for told in self.refusals],
        }

    def counts(self) -> dict[str, int]:
        """The figures alone: what stays with the version."""
        return {key: value for key, value in asdict(replace(self, notes=[])).items() if type(value) is int}

    def tell(self, line: list_files.ListLine | list_files.RefusedLine) -> None:
        """Count a line that was read, and keep what there is to say about it."""
        self.lines += 1
        if isinstance(line, list_files.RefusedLine):
            self.refused += 1
            if len(self.refusals) < MOST_TOLD:
                self.refusals.append(Told(line.number, tuple(fault.sentence() for fault in line.faults)))
            return
        self.accepted += 1
        if line.repairs:
            self.repaired += 1
            if len(self.repairs) < MOST_TOLD:
                self.repairs.append(Told(line.number, line.repairs))
