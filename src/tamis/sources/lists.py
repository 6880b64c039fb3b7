"""The four columns of a list file: each line accepted, repaired where only one reading is possible, or refused.

The columns are ``Nom, SIREN, Domaine email, Website``. A line names its company and fills at least one other column.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from tamis.errors import Refused, Unreadable, did_you_mean
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

Cells = tuple[str, str, str, str]
Places = tuple[int | None, int | None, int | None, int | None]
"""Where each of the four columns stands in a table, from 0; ``None`` for one that the table has not."""
Complete = Callable[[Sequence[Cells]], Sequence[tuple[Cells, tuple[Message, ...]]]]
"""Fills what a bare column leaves out (no name, or nothing but names), and says for each line what it filled."""

_CHUNK = 500  # lines completed at once


@dataclass(frozen=True)
class ListLine:
    """An accepted line: a name and at least one key, each in canonical form."""

    number: int
    name: str
    siren: str | None = None
    email_domain: str | None = None
    website: str | None = None
    repairs: tuple[Message, ...] = ()

    def cells(self) -> Cells:
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
    cells: Cells
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


def column_of(heading: str) -> str:
    """Which of the four columns a heading names, in any usual spelling; the empty text for none."""
    return _COLUMN_OF.get(fold(heading), "")


def read_lines(
    table: Headed, places: Places | None = None, complete: Complete | None = None
) -> Iterator[ListLine | RefusedLine]:
    """Each line of a list file, accepted or refused, in order; ``places`` says where the columns are, else headings do.

    Raises :class:`~tamis.errors.Unreadable` at once when, without ``places``, one of the four columns is missing or
    doubled.
    """
    where = places or recognised(table.headings)
    if complete and is_bare(where):
        return _completed(table.rows, where, complete)
    return (_read(row, where) for row in table.rows)


def is_bare(places: Places) -> bool:
    """Whether the table has no names, or nothing but names: what is left out has to be completed."""
    return places[0] is None or not any(place is not None for place in places[1:])


def mapped(headings: Sequence[str], mapping: Mapping[str, str]) -> Places:
    """Where the columns are when some headings are sent to one of the four by hand; ``""`` sets a column aside.

    Raises :class:`~tamis.errors.Refused` for a heading that the table has not, a target that is none of the four, or
    two headings for one column.
    """
    asked = {fold(heading): target for heading, target in mapping.items()}
    for heading in mapping:
        if fold(heading) not in {fold(each) for each in headings}:
            hint = did_you_mean(heading, headings)
            raise Refused(
                say("Le fichier n'a pas de colonne « {heading} ».{hint}", heading=heading, hint=hint), "map.heading"
            )
    return placed(headings, [_target(asked[fold(h)]) if fold(h) in asked else column_of(h) for h in headings])


def _target(text: str) -> str:
    if not text or (column := column_of(text)):
        return column if text else ""
    raise Refused(
        say("« {text} » n'est pas une des quatre colonnes : {columns}.", text=text, columns=", ".join(COLUMNS)),
        "map.field",
    )


def placed(headings: Sequence[str], columns: Sequence[str]) -> Places:
    """The places of the four columns when each heading goes to one of them or to none (the empty text)."""
    found: dict[str, int] = {}
    for place, column in enumerate(columns):
        if column in found:
            raise Refused(
                say(
                    "Les colonnes « {one} » et « {other} » vont toutes deux dans {column} : écartez-en une.",
                    one=headings[found[column]], other=headings[place], column=column,
                ),
                "map.doubled",
            )  # fmt: skip
        if column:
            found[column] = place
    if not found:
        raise Refused(say("Dites ce que contient au moins une colonne : {columns}.", columns=", ".join(COLUMNS)), "map")
    name, siren, email_domain, website = (found.get(column) for column in COLUMNS)
    return name, siren, email_domain, website


def recognised(headings: Sequence[str]) -> Places:
    """Where each of the four columns stands; the exact heading wins over another spelling of it.

    Raises :class:`~tamis.errors.Unreadable` when one of the four columns is missing or doubled.
    """
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


def _read(row: Row | BadRow, places: Places) -> ListLine | RefusedLine:
    cells = _cells(row, places)
    if isinstance(row, BadRow):
        return RefusedLine(row.number, cells, (Fault("", row.code, row.reason),))
    return check_line(row.number, cells)


def _cells(row: Row | BadRow, places: Places) -> Cells:
    name, siren, email_domain, website = ("" if place is None else row.cells[place] for place in places)
    return name, siren, email_domain, website


def _completed(rows: Iterable[Row | BadRow], places: Places, complete: Complete) -> Iterator[ListLine | RefusedLine]:
    """The lines of a bare column, completed a chunk at a time."""
    remaining = iter(rows)
    while chunk := [*islice(remaining, _CHUNK)]:
        filled = complete([_cells(row, places) for row in chunk])
        for row, (cells, said) in zip(chunk, filled, strict=True):
            yield _read(row, places) if isinstance(row, BadRow) else check_line(row.number, cells, said)


def check_line(number: int, cells: Cells, completed: tuple[Message, ...] = ()) -> ListLine | RefusedLine:
    """The line with these four cells, every cell checked, so that a refusal names all its faults at once.

    ``completed`` says what was filled beforehand, and counts among the repairs.
    """
    faults: list[Fault] = []
    repairs: list[Message] = [*completed]

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
