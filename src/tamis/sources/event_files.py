"""Files of events: one JSON object a line, or a CSV file or workbook whose columns say what they hold.

A line without an id gets one from its content and from how often the same content came before it in the file: the same
file read again says the same ids, and two sales alike on one day stay two.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from tamis.errors import Refused, did_you_mean
from tamis.identity.folding import name_key
from tamis.messages import say
from tamis.sources.event_kinds import BY_KEY, COLUMNS
from tamis.sources.event_values import Setting
from tamis.sources.events import GIVEN, BadEvent, Event, Occurrence, check
from tamis.sources.limits import MAX_LINE
from tamis.sources.records import BadRow
from tamis.sources.tables import Table, open_table, opened

_HEADINGS: Mapping[str, str] = {
    **{name_key(key): key for key in (*GIVEN, *BY_KEY)},
    **{name_key(str(each.label)): each.key for each in COLUMNS},
    **dict.fromkeys(("date", "horodatage", "timestamp", "date et heure", "date heure", "date de vente"), "ts"),
    **dict.fromkeys(("genre", "type", "evenement", "event", "type d evenement"), "kind"),
    **dict.fromkeys(("visiteur", "visitor id", "cookie"), "visitor"),
    **dict.fromkeys(("email", "e mail", "mail", "courriel", "adresse e mail", "adresse email"), "contact_email"),
    **dict.fromkeys(("siren", "siret", "n siren", "n siret", "tva"), "company_siren"),
    **dict.fromkeys(("domaine", "domaine email", "site web", "website"), "company_domain"),
    **dict.fromkeys(("montant ht", "amount", "ca", "total", "total ht", "prix"), "value"),
    **dict.fromkeys(("identifiant", "event id"), "id"),
    "devise": "currency", "n commande": "order", "url": "path", "page": "path",
}  # fmt: skip
"""What a column's heading says that it holds."""


@dataclass(frozen=True)
class EventFile:
    """A file of events: which column is what, and its lines, each an event or what is wrong with it."""

    name: str
    columns: dict[str, str]
    expected: int | None
    rows: Iterator[tuple[int, Event | BadEvent]]


@contextmanager
def open_events(
    path: Path, setting: Setting, *, columns: Mapping[str, str] | None = None, kind: str = "", name: str | None = None
) -> Iterator[EventFile]:
    """The events of a file, for the length of the block; memory does not follow its size.

    ``columns`` says what a heading holds (nothing: leave it out), ``kind`` is the kind of lines that name none. Raises
    :class:`~tamis.errors.Unreadable` for a file that is of no kind that is read, ``Refused`` for a wrong mapping.
    """
    name = name or path.name
    with opened(path, name) as stream, _occurrences() as occurrence:
        if _is_json(stream):
            stream.seek(0)
            rows = ((line, _checked(raw, setting, occurrence, kind)) for line, raw in _json_lines(stream))
            yield EventFile(name, {}, None, rows)
            return
        with open_table(path, name=name, known_heading=lambda text: name_key(text) in _HEADINGS) as table:
            fields = _fields(table, columns or {}, kind)
            cells = replace(setting, cells=True)
            yield EventFile(name, fields, table.expected_rows, _table_rows(table, fields, cells, occurrence, kind))


@dataclass(frozen=True)
class SeenColumn:
    """A column of a file: its heading, a few of its filled cells, and what it seems to hold."""

    heading: str
    samples: tuple[str, ...]
    field: str


def seen_columns(path: Path, name: str) -> list[SeenColumn]:
    """The columns of a table that have a heading; none for JSON lines. Raises as :func:`open_events`."""
    with opened(path, name) as stream:
        if _is_json(stream):
            return []
    with open_table(path, name=name, known_heading=lambda text: name_key(text) in _HEADINGS) as table:
        rows = [row for row in islice(table.rows, 20) if not isinstance(row, BadRow)]
        return [
            SeenColumn(heading, tuple(cell for row in rows if (cell := row.cells[place].strip()))[:3], _guess(heading))
            for place, heading in enumerate(table.headings)
            if heading.strip()
        ]


def _is_json(stream: BinaryIO) -> bool:
    return stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def _json_lines(stream: BinaryIO) -> Iterator[tuple[int, Any]]:
    """The number of each line and its JSON, or what is wrong with it."""
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE + 1)
            yield number, BadEvent("", "line.long", say("ligne de plus de {max} octets", max=MAX_LINE))
            continue
        text = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
        if text:
            yield number, _loaded(text)


def _loaded(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return BadEvent("", "line.json", say("la ligne n'est pas un objet JSON : un événement par ligne"))


def _checked(raw: Any, setting: Setting, occurrence: Occurrence, kind: str) -> Event | BadEvent:
    if isinstance(raw, BadEvent):
        return raw
    try:
        return check({"kind": kind} | raw if kind and isinstance(raw, dict) else raw, setting, occurrence)
    except BadEvent as error:
        return error


def _table_rows(
    table: Table, fields: Mapping[str, str], setting: Setting, occurrence: Occurrence, kind: str
) -> Iterator[tuple[int, Event | BadEvent]]:
    names = [fields.get(heading, "") for heading in table.headings]
    for row in table.rows:
        if isinstance(row, BadRow):
            yield row.number, BadEvent("", row.code, row.reason)
            continue
        raw = {name: cell.strip() for name, cell in zip(names, row.cells, strict=True) if name and cell.strip()}
        if raw:
            yield row.number, _checked(raw, setting, occurrence, kind)


def _fields(table: Table, wanted: Mapping[str, str], kind: str) -> dict[str, str]:
    """What each heading holds. Raises :class:`~tamis.errors.Refused` when that is not clear."""
    for heading in wanted:
        if heading not in table.headings:
            hint = did_you_mean(heading, table.headings)
            raise Refused(
                say("Aucune colonne ne s'appelle « {heading} ».{hint}", heading=heading, hint=hint), "map.heading"
            )
    fields = {heading: wanted.get(heading, _guess(heading)) for heading in table.headings if heading.strip()}
    fields = {heading: field for heading, field in fields.items() if field}
    twice = [field for field, count in Counter(fields.values()).items() if count > 1]
    if twice:
        both = ", ".join(heading for heading, field in fields.items() if field == twice[0])
        raise Refused(
            say(
                "Plusieurs colonnes pour « {field} » ({both}) : écartez les autres avec --map COLONNE=",
                field=twice[0], both=both,
            ),
            "map.double",
        )  # fmt: skip
    for field in ("ts",) if kind else ("ts", "kind"):
        if field not in fields.values():
            raise Refused(
                say("Aucune colonne ne donne « {field} » : dites laquelle avec --map COLONNE={field}", field=field),
                "map.missing",
            )
    return fields


def _guess(heading: str) -> str:
    """The field that a heading names; any other is a property named after it."""
    key = name_key(heading)
    return _HEADINGS.get(key) or "".join(char if char.isascii() else "" for char in key).replace(" ", "_")[:60]


@contextmanager
def _occurrences() -> Iterator[Callable[[bytes], int]]:
    """Counts contents: how often each came before. SQLite keeps them in a file of its own when they are many."""
    with closing(sqlite3.connect("", isolation_level=None)) as counts:
        counts.execute("CREATE TABLE content (digest BLOB PRIMARY KEY, n INTEGER) WITHOUT ROWID")
        counts.execute("BEGIN")
        counting = "INSERT INTO content VALUES (?, 0) ON CONFLICT (digest) DO UPDATE SET n = n + 1 RETURNING n"
        yield lambda digest: int(counts.execute(counting, [digest]).fetchone()[0])
