"""The four columns of a list file: each line accepted, repaired where only one reading is possible, or refused.

The columns are ``Nom, SIREN, Domaine email, Website``. A line names its company and fills at least one other column.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tamis.errors import Unreadable
from tamis.identity.domains import read_email_domain, read_website
from tamis.identity.folding import fold, name_key
from tamis.identity.identifiers import BadValue, Reading, read_siren, shown
from tamis.messages import Message, say
from tamis.sources.tables import BadRow, Row

NAME, SIREN, EMAIL_DOMAIN, WEBSITE = COLUMNS = ("Nom", "SIREN", "Domaine email", "Website")
REASON = "Motif"
REFUSED_COLUMNS = (*COLUMNS, REASON)

MAX_NAME = 300  # characters; the register's longest names have about 200

_SPELLINGS = {
    NAME: ("nom", "name", "nom de l'entreprise", "entreprise", "societe", "raison sociale", "denomination", "company"),
    SIREN: ("siren", "siret", "siren/siret", "siren ou siret", "n° siren", "no siren", "numero siren"),
    EMAIL_DOMAIN: (
        "domaine email",
        "domaine e-mail",
        "domaine mail",
        "domaine",
        "email domain",
        "domaine de messagerie",
    ),
    WEBSITE: ("website", "web site", "site web", "site internet", "site", "url"),
}
_COLUMN_OF = {spelling: column for column, spellings in _SPELLINGS.items() for spelling in spellings}


@dataclass(frozen=True)
class ListLine:
    """An accepted line: a name and at least one key, each in canonical form."""

    number: int
    name: str
    siren: str | None = None
    email_domain: str | None = None
    website: str | None = None
    repairs: tuple[Message, ...] = ()

    def cells(self) -> tuple[str, str, str, str]:
        """The line as the four columns of a list file."""
        return (self.name, self.siren or "", self.email_domain or "", self.website or "")


@dataclass(frozen=True)
class Fault:
    """Why a line is refused: the column, a stable code for programs, the reason for people."""

    column: str
    code: str
    reason: Message

    def sentence(self) -> Message:
        """The reason, with the column in front where there is one."""
        return say("{column} : {reason}", column=self.column, reason=self.reason) if self.column else self.reason


@dataclass(frozen=True)
class RefusedLine:
    """A line that cannot be taken: its cells as they came, in the order of the four columns, and every fault found."""

    number: int
    cells: tuple[str, str, str, str]
    faults: tuple[Fault, ...]


class Headed(Protocol):
    """What reading needs of a table: its headings and its rows."""

    @property
    def headings(self) -> Sequence[str]: ...

    @property
    def rows(self) -> Iterable[Row | BadRow]: ...


def is_list_heading(heading: str) -> bool:
    """Whether a heading names one of the four columns, in any usual spelling."""
    return fold(heading) in _COLUMN_OF or fold(heading) == fold(REASON)


def read_lines(table: Headed) -> Iterator[ListLine | RefusedLine]:
    """Each line of a list file, accepted or refused, in order.

    Raises :class:`~tamis.errors.Unreadable` at once when one of the four columns is missing or doubled.
    """
    places = _places(table.headings)
    return (_read(row, places) for row in table.rows)


def _places(headings: Sequence[str]) -> tuple[int, int, int, int]:
    """Where each of the four columns stands; the exact heading wins over another spelling of it."""
    found: dict[str, list[int]] = {column: [] for column in COLUMNS}
    for place, heading in enumerate(headings):
        if column := _COLUMN_OF.get(fold(heading)):
            found[column].append(place)
    for column, places in found.items():
        exact = [place for place in places if fold(headings[place]) == fold(column)]
        found[column] = exact or places
    missing = [column for column, places in found.items() if not places]
    if missing:
        raise Unreadable(
            say(
                "Colonne manquante : {missing}. La première ligne doit porter les titres {columns} "
                "(« tamis lists template » en donne un modèle) ; titres lus : {headings}.",
                missing=", ".join(missing),
                columns=", ".join(COLUMNS),
                headings=shown(", ".join(headings), 200) or "—",
            ),
            "heading.missing",
        )
    doubled = [column for column, places in found.items() if len(places) > 1]
    if doubled:
        raise Unreadable(
            say("Colonne en double : {doubled}. Gardez-en une seule.", doubled=", ".join(doubled)), "heading.doubled"
        )
    name, siren, email_domain, website = (found[column][0] for column in COLUMNS)
    return name, siren, email_domain, website


def _read(row: Row | BadRow, places: tuple[int, int, int, int]) -> ListLine | RefusedLine:
    name, siren, email_domain, website = (row.cells[place] for place in places)
    cells = (name, siren, email_domain, website)
    if isinstance(row, BadRow):
        return RefusedLine(row.number, cells, (Fault("", row.code, row.reason),))
    return check_line(row.number, cells)


def check_line(number: int, cells: tuple[str, str, str, str]) -> ListLine | RefusedLine:
    """The line with these four cells, every cell checked, so that a refusal names all its faults at once."""
    faults: list[Fault] = []
    repairs: list[Message] = []

    def value(column: str, cell: str, read: Callable[[str], Reading[str]]) -> str | None:
        if not cell.strip():
            return None
        try:
            reading = read(cell)
        except BadValue as bad:
            faults.append(Fault(column, bad.code, bad.reason))
            return None
        repairs.extend(reading.repairs)
        return reading.value

    name = value(NAME, cells[0], read_name)
    siren = value(SIREN, cells[1], read_siren)
    email_domain = value(EMAIL_DOMAIN, cells[2], read_email_domain)
    website = value(WEBSITE, cells[3], read_website)
    if not cells[0].strip():
        faults.append(Fault(NAME, "name.missing", say("le nom manque")))
    if not any(cell.strip() for cell in cells[1:]):
        faults.append(
            Fault(
                "",
                "key.missing",
                say("remplissez au moins une autre colonne : {columns}", columns=", ".join(COLUMNS[1:])),
            )
        )
    if faults or name is None:
        return RefusedLine(number, cells, tuple(faults))
    return ListLine(number, name, siren, email_domain, website, tuple(repairs))


def read_name(cell: str) -> Reading[str]:
    """A company's name on one line, with single spaces. Raises :class:`BadValue` when there is nothing to read."""
    name = " ".join(cell.split())
    if any(not char.isprintable() and not char.isspace() for char in name):
        raise BadValue("name.control", say("le nom contient des caractères illisibles : retapez-le"))
    if len(name) > MAX_NAME:
        raise BadValue("name.long", say("le nom dépasse {max} caractères : raccourcissez-le", max=MAX_NAME))
    if not name_key(name):
        raise BadValue("name.empty", say("« {cell} » n'a ni lettre ni chiffre : écrivez le nom", cell=shown(cell)))
    repairs = (say("retours à la ligne enlevés du nom"),) if "\n" in cell.strip() or "\r" in cell.strip() else ()
    return Reading(name, repairs)


def refused_cells(line: RefusedLine) -> tuple[str, str, str, str, str]:
    """A refused line as it comes back: its four cells as they came, and every reason."""
    return (*line.cells, " ; ".join(str(fault.sentence()) for fault in line.faults))


TEMPLATE_ROWS = (
    ("Menuiserie Lefèvre", "732 829 320", "", ""),
    ("Transports Garnier", "", "transports-exemple.fr", ""),
    ("Atelier Morel", "", "", "https://www.atelier-exemple.fr"),
)
"""Example lines of a list file."""
