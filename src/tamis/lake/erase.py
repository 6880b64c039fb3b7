"""A person's events taken out: of the inbox, of the table, and of what the table left behind.

Rows that are about the person are deleted. Rows about somebody else that quote the person's address stay, without it.
Each part may die anywhere and be done again: what is gone is not found a second time, and how many rows each batch lost
is planned before the first is deleted, and noted in the inbox once, so that ``verify`` still counts right.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from tamis.identity.folding import fold
from tamis.lake.delta import exists
from tamis.lake.engine import duckdb_session
from tamis.lake.inbox import LAST, Inbox
from tamis.lake.read import Party, about, stays_table
from tamis.lake.table import FOLDED, SCHEMA, files_of, open_table
from tamis.sources.event_values import EPOCH
from tamis.sources.events import SUBJECTS

ERASED = "[effacé]"
"""What stands where an address stood."""
_AT_ONCE = 5_000  # rows of one commit
_TEXTS = ("id", "visitor", *FOLDED)


@dataclass(frozen=True)
class Person:
    """Whose events: every key under which somebody is known, and up to which arrival (a moment) they are erased."""

    party: Party
    until: datetime

    @property
    def emails(self) -> Sequence[str]:
        """The addresses, in lower case."""
        return self.party.emails

    def whole(self) -> Party:
        """The keys, and visitors that are named by the address itself."""
        return replace(self.party, visitors=[*self.party.visitors, *self.party.emails])


def waiting(inbox: Inbox, person: Person) -> list[int]:
    """The numbers of the waiting events that are about somebody."""
    until = _microseconds(person.until)
    found = []
    for chunk in inbox.events(inbox.settled()[1] + 1, LAST):
        found += [each.seq for each in chunk if each.received <= until and _is_about(orjson.loads(each.body), person)]
    return found


def _is_about(event: Mapping[str, Any], person: Person) -> bool:
    party = person.party
    if event.get("contact_email") in party.emails or event.get("contact_id") in party.contact_ids:
        return True
    visitor = event.get("visitor")
    if visitor in party.emails:
        return True
    if any(name in event for name in SUBJECTS[1:]):
        return False
    at = EPOCH + timedelta(microseconds=event["ts"])
    return any(
        stay.visitor == visitor and (not stay.after or at > stay.after) and (not stay.until or at <= stay.until)
        for stay in party.stays
    )


def drop_waiting(inbox: Inbox, numbers: Sequence[int]) -> None:
    """Delete events that wait. Nobody may be flushing."""
    with inbox._writing():
        inbox.run_many("DELETE FROM inbox_event WHERE seq = ?", [[number] for number in numbers])


def batches_of(folder: Path, person: Person) -> Counter[int]:
    """How many rows about somebody each batch has in the table."""
    return Counter(row["batch"] for row in _rows(folder, person, "batch"))


def delete(folder: Path, person: Person) -> int:
    """Delete the rows about somebody from the table; how many."""
    rows = _rows(folder, person, "id, ts")
    for start in range(0, len(rows), _AT_ONCE):
        open_table(folder).delete(_those(rows[start : start + _AT_ONCE]))
    return len(rows)


def redact(folder: Path, person: Person) -> int:
    """Take the address out of the rows about others that quote it; how many there were."""
    from deltalake import write_deltalake

    rows = _quoting(folder, person)
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        clean = pa.Table.from_pylist([_without(row, person.emails) for row in some], schema=SCHEMA)
        write_deltalake(open_table(folder), clean, mode="overwrite", predicate=_those(some))
    return len(rows)


def note(inbox: Inbox, erasure: str, batches: Mapping[int, int]) -> None:
    """Note, once for an erasure, that batches have so many rows fewer."""
    name = f"erased-{erasure}"
    with inbox._writing():
        if inbox.run("SELECT 1 FROM inbox_meta WHERE name = ?", [name]):
            return
        rows = [[events, number] for number, events in batches.items()]
        inbox.run_many("UPDATE inbox_batch SET events = events - ? WHERE number = ? AND flushed IS NOT NULL", rows)
        inbox.run("INSERT INTO inbox_meta VALUES (?, ?)", [name, "1"])


def _rows(folder: Path, person: Person, columns: str) -> list[dict[str, Any]]:
    if not exists(folder):
        return []
    condition, values = about(person.whole())
    return _found(folder, f"SELECT {columns} FROM event WHERE received <= ? AND ({condition})", person, values)


def _quoting(folder: Path, person: Person) -> list[dict[str, Any]]:
    if not exists(folder) or not person.emails:
        return []
    texts = ", ".join(f'"{name}"' for name in _TEXTS)
    text = f"lower(concat_ws(chr(10), {texts}, CAST(more AS VARCHAR)))"
    sql = f"SELECT * FROM event WHERE received <= ? AND list_bool_or([contains({text}, e) FOR e IN ?])"
    return _found(folder, sql, person, [[*person.emails]])


def _found(folder: Path, sql: str, person: Person, values: Sequence[Any]) -> list[dict[str, Any]]:
    with duckdb_session(files_of(open_table(folder))) as connection:
        connection.execute("CREATE VIEW event AS SELECT * FROM events")
        connection.register("stay", stays_table(person.party.stays))
        rows: list[dict[str, Any]] = connection.execute(sql, [person.until, *values]).to_arrow_table().to_pylist()
    return rows


def _those(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of these ids, in the months in which they are."""
    months = sorted({_month(row) for row in rows})
    ids = ", ".join("'" + row["id"].replace("'", "''") + "'" for row in rows)
    return f"month IN ({', '.join(repr(month) for month in months)}) AND id IN ({ids})"


def _month(row: Mapping[str, Any]) -> str:
    return f"{row['ts'].astimezone(UTC):%Y-%m}"


def _without(row: dict[str, Any], emails: Sequence[str]) -> dict[str, Any]:
    """A row without the address; an id that had it is another one, as unlike all others as before."""
    pattern = re.compile("|".join(re.escape(each) for each in emails), re.IGNORECASE)
    more = row["more"] and [(key, pattern.sub(ERASED, value)) for key, value in row["more"]]
    folded = more and [(key, fold(value)) for key, value in more]
    clean = row | {"month": _month(row), "more": more, "more_folded": folded}
    for name in _TEXTS:
        if row[name] and pattern.search(row[name]):
            clean[name] = pattern.sub(ERASED, row[name])
            if name in FOLDED:
                clean[f"{name}_folded"] = fold(clean[name])
            if name == "id":
                clean[name] = f"{ERASED}-{blake2b(row[name].encode(), digest_size=16).hexdigest()}"
    return clean


def clear(folder: Path, kept: timedelta) -> int:
    """Delete for good the files and the log entries that the table left behind before ``kept``; how many files."""
    from tamis.lake.compact import clear as cleared

    return cleared(open_table(folder), kept) if exists(folder) else 0


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
