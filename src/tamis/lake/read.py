"""Events as they are right now: what the table holds, and what the inbox acknowledged and the table has not yet.

One event is about one party: a contact or a company that it named itself counts; else the visitor counts, as whoever
that visitor was at that moment (``Stay``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from tamis.lake.delta import exists
from tamis.lake.engine import duckdb_session
from tamis.lake.inbox import LAST, Inbox
from tamis.lake.table import MOMENT, SCHEMA, files_by_month, files_of, open_table, rows_of
from tamis.sources.event_kinds import IDENTIFY
from tamis.sources.events import SUBJECTS

_NAMED = " AND ".join(f"{name} IS NULL" for name in SUBJECTS[1:])


class Stay(NamedTuple):
    """A visitor was somebody after one moment (or ever before) and up to another (or since)."""

    visitor: str
    after: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Party:
    """Whose events: every key under which a contact, a company, or a visitor is known."""

    visitors: Sequence[str] = ()
    contact_ids: Sequence[str] = ()
    emails: Sequence[str] = ()
    company_ids: Sequence[str] = ()
    sirens: Sequence[str] = ()
    domains: Sequence[str] = ()
    stays: Sequence[Stay] = ()

    @property
    def keys(self) -> dict[str, Sequence[str]]:
        """The keys that an event has as they are, by its column."""
        return {
            "visitor": self.visitors, "contact_id": self.contact_ids, "contact_email": self.emails,
            "company_id": self.company_ids, "company_siren": self.sirens,
        }  # fmt: skip


class Identified(NamedTuple):
    """What an identification says: a visitor is a contact or a company, as of a moment."""

    id: str
    ts: datetime
    visitor: str
    contact_id: str | None
    contact_email: str | None
    company_id: str | None
    company_siren: str | None
    company_domain: str | None


class View:
    """The inbox and the table as they were when the view was made; nothing is in both, and nothing in neither."""

    def __init__(self, inbox: Inbox, folder: Path) -> None:
        # A batch that is settled while we look moves from one to the other: then look again.
        while True:
            self.settled, after = inbox.settled()
            pending = rows_of((event for chunk in inbox.events(after + 1, LAST) for event in chunk), self.settled + 1)
            self.months = files_by_month(open_table(folder)) if exists(folder) else {}
            if inbox.settled() == (self.settled, after):
                break
        self.epoch = inbox.epoch
        self.pending = pending.drop_columns(["month"])

    def ask(
        self, sql: str, values: Sequence[Any] = (), *, months: Iterable[str] | None = None, **tables: pa.Table
    ) -> pa.Table:
        """The answer of a question to the table ``event``, or to some months of it; ``tables`` are there beside it.

        What waits in the inbox is there whatever the months are.
        """
        files = [file for month in (self.months if months is None else months) for file in self.months.get(month, ())]
        with duckdb_session(files) as connection:
            connection.register("pending", self.pending)
            for name, table in tables.items():
                connection.register(name, table)
            known = f"batch <= {self.settled}"
            connection.execute(
                f"CREATE VIEW event AS SELECT * FROM events WHERE {known} UNION ALL BY NAME SELECT * FROM pending"
            )
            return connection.execute(sql, [*values]).to_arrow_table()


def about(party: Party) -> tuple[str, list[Any]]:
    """The condition that an event is about a party, and its values."""
    parts = [(f"{column} IN (SELECT unnest(?))", [*texts]) for column, texts in party.keys.items() if texts]
    if party.domains:  # a host below a domain is the domain's
        parts.append((
            "(company_domain IN (SELECT unnest(?)) OR list_bool_or([ends_with(company_domain, '.' || d) FOR d IN ?]))",
            [*party.domains],
        ))  # fmt: skip
    values: list[Any] = []
    for sql, given in parts:
        values += [given] * sql.count("?")
    conditions = [sql for sql, _ in parts]
    if party.stays:
        conditions.append(
            f"({_NAMED} AND EXISTS (SELECT 1 FROM stay WHERE stay.visitor = event.visitor "
            "AND (stay.after IS NULL OR event.ts > stay.after) AND (stay.until IS NULL OR event.ts <= stay.until)))"
        )
    return " OR ".join(conditions) or "false", values


def those(party: Party | None, only: Sequence[str], given: Sequence[Any]) -> tuple[str, list[Any]]:
    """The SQL, and its values, of the ``id`` and ``ts`` of the events of a party, or of all, for which conditions hold.

    Some of a party's come twice: there is a branch for each way in which an event can be about somebody. Each is a join
    that the reading of files knows of, which one condition with OR would not be.
    """
    wheres = "".join(f" AND {each}" for each in only)
    if party is None:
        return f"SELECT id, ts FROM event WHERE true{wheres}", [*given]
    branches: list[tuple[str, list[Any]]] = [
        (f"SELECT id, ts FROM event WHERE {column} IN (SELECT unnest(?)){wheres}", [[*texts]])
        for column, texts in party.keys.items()
        if texts
    ]
    if party.domains:  # a host below a domain is the domain's
        host = "list_bool_or([company_domain = d OR ends_with(company_domain, '.' || d) FOR d IN ?])"
        known = f"SELECT id, ts FROM event WHERE company_domain IS NOT NULL AND {host}{wheres}"
        branches.append((known, [[*party.domains]]))
    if party.stays:
        then = "(stay.after IS NULL OR event.ts > stay.after) AND (stay.until IS NULL OR event.ts <= stay.until)"
        visits = f"SELECT id, ts FROM event JOIN stay ON stay.visitor = event.visitor AND {then} WHERE {_NAMED}{wheres}"
        branches.append((visits, []))
    none: tuple[str, list[Any]] = ("SELECT id, ts FROM event WHERE false", [])
    values = [value for _, own in branches for value in (*own, *given)]
    return " UNION ALL ".join(sql for sql, _ in branches or [none]), values


def stays_table(stays: Iterable[Stay]) -> pa.Table:
    columns = [*zip(*stays, strict=True)] or [(), (), ()]
    types = (pa.string(), MOMENT, MOMENT)
    return pa.table(
        {name: pa.array(column, type) for name, column, type in zip(Stay._fields, columns, types, strict=True)}
    )


_HIDDEN = frozenset({name for name in SCHEMA.names if name.endswith("_folded")} | {"batch", "month"})


def shown_event(row: dict[str, Any]) -> dict[str, Any]:
    """An event as people and programs are shown it."""
    shown = {name: value for name, value in row.items() if value is not None and name not in _HIDDEN}
    shown |= {"more": dict(shown["more"])} if shown.get("more") else {}
    return {name: value.astimezone(UTC) if isinstance(value, datetime) else value for name, value in shown.items()}


def identifications(view: View, visitors: Sequence[str] | None = None) -> list[Identified]:
    """Every identification of these visitors, or of all, by visitor and in the order of time."""
    among = "AND visitor IN (SELECT unnest(?))" if visitors is not None else ""
    values = [[*visitors]] if visitors is not None else []
    columns = ", ".join(Identified._fields)
    sql = f"SELECT {columns} FROM event WHERE kind = '{IDENTIFY}' {among} ORDER BY visitor, ts, id"
    return [Identified(**row) for row in view.ask(sql, values).to_pylist()]


def identified_since(view: View, since: datetime | None) -> list[str]:
    """The visitors about whom an identification came since, however long ago it happened."""
    late = "AND received >= ?" if since else ""
    sql = f"SELECT DISTINCT visitor FROM event WHERE kind = '{IDENTIFY}' {late} ORDER BY visitor"
    return [row["visitor"] for row in view.ask(sql, [since] if since else []).to_pylist()]


class Stored(NamedTuple):
    """What the table says of an id."""

    ts: datetime
    kind: str


def stored_ids(folder: Path, wanted: Sequence[tuple[str, datetime]]) -> dict[str, Stored]:
    """Of these ids, those that the table has in the month of their moment or, with another moment, close by."""
    if not exists(folder):
        return {}
    table = open_table(folder)
    months = sorted({f"{moment.astimezone(UTC):%Y-%m}" for _, moment in wanted})
    files = files_of(table, months)
    if not files:
        return {}
    with duckdb_session(files) as connection:
        connection.register("wanted", pa.table({"id": pa.array([id for id, _ in wanted], pa.string())}))
        rows = connection.execute("SELECT id, ts, kind FROM events SEMI JOIN wanted USING (id)").to_arrow_table()
    return {row["id"]: Stored(row["ts"], row["kind"]) for row in rows.to_pylist()}
