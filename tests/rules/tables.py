"""A world as the tables that engines see: the snapshot's, the lake's, and the members of audiences."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from rules.world import DOMAINS, IDENTIFIERS, LONG_AGO, NAMES, Company, Contact, Named, World, domain_of

from tamis.engines.contract import Stored, Tables
from tamis.identity.folding import fold
from tamis.lake.table import SCHEMA
from tamis.sources.event_kinds import BY_KEY
from tamis.sources.events import SUBJECTS

MEMBERS = pa.schema([("audience", pa.int64()), ("subject", pa.int64())])
_ROW = {"by": 1, "at": LONG_AGO}

Row = dict[str, Any]


def tables_of(world: World) -> Tables:
    """Every table of a world, under its name."""
    from tamis.app.services.snapshot_tables import tables

    rows = {
        "companies": [_company_row(world, each) for each in world.companies.values()],
        "company_fields": _own_rows("company", world.companies.values()),
        "company_names": _part_rows(world, NAMES, "kind", "text"),
        "company_identifiers": _part_rows(world, {key: key for key in IDENTIFIERS}, "type", "value"),
        "company_domains": _part_rows(world, DOMAINS, "use", "host"),
        "lists": _list_rows(world),
        "claims": [],
        "contacts": [_contact_row(world, each) for each in world.contacts.values()],
        "contact_fields": _own_rows("contact", world.contacts.values()),
        "statuses": _status_rows(world),
        "tag_categories": [{"id": number, "name": name} for number, name in enumerate(world.tags, 1)],
        "tags": _tag_rows(world),
        "company_tags": _tagged_rows(world, "company", world.companies.values()),
        "contact_tags": _tagged_rows(world, "contact", world.contacts.values()),
        "stays": _stay_rows(world),
        "audience_pins": [],
    }
    made = {each.name: _table(each.schema, rows[each.name]) for each in tables()}
    made["events"] = _table(SCHEMA, _event_rows(world), empty_is_missing=False)
    made["members"] = _table(MEMBERS, _member_rows(world))
    return {name: Stored(table) for name, table in made.items()}


def _table(schema: pa.Schema, rows: Sequence[Row], *, empty_is_missing: bool = True) -> pa.Table:
    """Rows with the folded twins of their texts; in a snapshot, an empty text is missing."""

    def value(row: Row, name: str) -> Any:
        if name not in row and name.endswith("_folded"):
            text = value(row, name.removesuffix("_folded"))
            return fold(text) if isinstance(text, str) else text
        found = row.get(name)
        return None if found == "" and empty_is_missing else found

    for row in rows:
        unknown = row.keys() - {*schema.names}
        assert not unknown, f"no such column: {unknown}"
    columns = [pa.array([value(row, each.name) for row in rows], each.type) for each in schema]
    return pa.table(columns, schema=schema)


_COLUMNS = {"created": "created_at", "updated": "updated_at"}


def _subject_row(world: World, each: Company | Contact) -> Row:
    statuses = {status.name: status.id for status in world.statuses}
    row = {_COLUMNS.get(key, key): value for key, value in each.values.items()}
    return {"id": each.id, **row, "status": statuses.get(each.values.get("status", ""))}


def _company_row(world: World, each: Company) -> Row:
    lists = {name: number for number, name in enumerate(world.lists, 1)}
    name = (each.several.get("name") or ("",))[0]
    return _subject_row(world, each) | {"name": name, "list": lists[each.list], "merged_into": each.merged_into}


def _contact_row(world: World, each: Contact) -> Row:
    email = each.values.get("email", "")
    return _subject_row(world, each) | {"company": each.company, "email_key": email.lower()}


def _own_rows(one: str, subjects: Iterable[Company | Contact]) -> list[Row]:
    return [{one: each.id, "field": key, **_own_value(value)} for each in subjects for key, value in each.own.items()]


def _own_value(value: Any) -> Row:
    match value:
        case bool():
            return {"text": "oui" if value else "non"}
        case datetime():
            raise ValueError(f"a field holds a day, not {value}")
        case date():
            return {"text": value.isoformat(), "text_day": value}
        case str():
            return {"text": value, "text_day": _day(value)}
    return {"number": value}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _part_rows(world: World, keys: Mapping[str, str], kind: str, column: str) -> list[Row]:
    rows = [
        {"company": company.id, kind: said.removeprefix("merged_"), column: text}
        for company in world.companies.values()
        for key, said in keys.items()
        for text in company.several.get(key, ())
    ]
    more = [{"key": domain_of(row["host"])} if column == "host" else {} for row in rows]
    return [{"id": number, **row, **extra} for number, (row, extra) in enumerate(zip(rows, more, strict=True), 1)]


def _list_rows(world: World) -> list[Row]:
    return [
        {"id": number, "name": name, "segment": segment, "label": name, "locked": False, "created_at": LONG_AGO}
        for number, (name, segment) in enumerate(world.lists.items(), 1)
    ]


def _status_rows(world: World) -> list[Row]:
    return [
        {
            "id": each.id, "name": each.name, "position": each.id, "for_companies": "companies" in each.subjects,
            "for_contacts": "contacts" in each.subjects,
        }
        for each in world.statuses
    ]  # fmt: skip


def _tag_rows(world: World) -> list[Row]:
    categories = {name: number for number, name in enumerate(world.tags, 1)}
    tags = [(category, name) for category, names in world.tags.items() for name in names]
    return [
        {"id": number, "category": categories[category], "name": name}
        for number, (category, name) in enumerate(tags, 1)
    ]


def _tagged_rows(world: World, one: str, subjects: Iterable[Company | Contact]) -> list[Row]:
    tags = [f"{category}/{name}" for category, names in world.tags.items() for name in names]
    tagged = [(each.id, tags.index(tag) + 1) for each in subjects for tag in each.tags]
    return [{"id": number, one: id, "tag": tag, **_ROW} for number, (id, tag) in enumerate(tagged, 1)]


def _stay_rows(world: World) -> list[Row]:
    return [
        {"id": number, "visitor": each.visitor, "after": each.after, "until": each.until, "event": f"i{number}",
         **_stay_named(each.named)}
        for number, each in enumerate(world.stays, 1)
    ]  # fmt: skip


def _stay_named(named: Named) -> Row:
    return {
        "contact_ref": named.contact_id or "", "contact_email": named.contact_email or "",
        "company_ref": named.company_id or "", "company_siren": named.company_siren or "",
        "company_domain": named.company_domain or "",
    }  # fmt: skip


def _event_rows(world: World) -> list[Row]:
    rows = []
    for number, event in enumerate(world.events, 1):
        said = {"visitor": event.visitor, **vars(event.named)}
        more = {key: value for key, value in event.properties.items() if key not in BY_KEY}
        columns = {key: value for key, value in event.properties.items() if key in BY_KEY}
        rows.append({
            "id": f"e{number}", "ts": event.at, "kind": event.kind, **{name: said[name] for name in SUBJECTS},
            **columns, "currency": "EUR" if {"value", "margin"} & columns.keys() else None,
            "more": [*more.items()] if more else None,
            "more_folded": [(key, fold(text)) for key, text in more.items()] if more else None,
            "received": event.at, "batch": 1, "month": f"{event.at:%Y-%m}",
        })  # fmt: skip
    return rows


def _member_rows(world: World) -> list[Row]:
    audiences = enumerate(world.audiences.values(), 1)
    return [{"audience": number, "subject": subject} for number, each in audiences for subject in each.members]
