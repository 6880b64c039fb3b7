"""A state, its snapshots, and what a snapshot should say: told by the models, in plain Python."""

import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tamis.app.models import Act, Change, Claim, Company, CompanyName, Contact, List, Source, Status, Stay, Tag
from tamis.app.services import snapshots
from tamis.app.services.snapshot_tables import tables
from tamis.identity.folding import fold
from tamis.messages import say

NOON = datetime(2026, 3, 31, 12, 0, 0, 250_000, UTC)
MODELS = {
    "companies": Company, "company_names": CompanyName, "lists": List, "contacts": Contact, "statuses": Status,
    "tags": Tag, "stays": Stay,
}  # fmt: skip


@pytest.fixture
def home(tmp_path, settings, transactional_db):
    """A workspace with a home of its own, whose writes are committed."""
    from tamis.app.models import Workspace
    from tamis.app.services.lists import start_lists

    settings.HOME = tmp_path / "l'été [2026]"
    Workspace.objects.create()
    start_lists()
    return settings.HOME


def companies(*names, **values):
    """Companies that are not saved yet."""
    given = {"list": List.objects.get(name="prospect-default"), "first_seen": date(2026, 1, 1)}
    given |= {"created_at": NOON, "updated_at": NOON} | values
    return [Company(name=name, name_key=fold(name), **given) for name in names]


def source():
    """Where values come from."""
    return Source.objects.create(kind="hand", label="saisie", as_of=date(2026, 1, 1), act=act())


def act():
    """Something somebody did."""
    return Act.objects.create(
        kind=Act.Kind.COMPANY_ADDED, at=NOON, by="alice", via="cli", note_stored=say("saisie").stored()
    )


def expected(name):
    """The rows of a table of the snapshot, as the models tell them."""
    if name.endswith("_fields"):
        return _own_fields(Company if name == "company_fields" else Contact)
    if name == "claims":
        standing = Claim.objects.filter(withdrawn_by=None).order_by("pk")
        return [{"id": c.pk, "company": c.company_id, "list": c.list_id, "kind": c.kind, "at": c.at} for c in standing]
    model = next(each for each in Company._meta.apps.get_models() if each._meta.db_table == _table(name).relation)
    columns = [column.name for column in _table(name).columns]
    return [_row(each, columns) for each in model._default_manager.order_by("pk")]


def _table(name):
    return next(each for each in tables() if each.name == name)


def _row(thing, names):
    row = {}
    for name in names:
        field = thing._meta.get_field(name)
        value = getattr(thing, field.attname)
        if isinstance(value, str):
            value = value or None
            row[f"{name}_folded"] = fold(value) if value else None
        elif field.get_internal_type() == "CharField":
            row[f"{name}_folded"] = None
        row[name] = value
    return row


def _own_fields(model):
    rows = []
    for each in model._default_manager.order_by("pk"):
        for key, value in each.extra.items():
            if value in ("", None):
                continue
            number = isinstance(value, int | float) and not isinstance(value, bool)
            text = None if number else {True: "oui", False: "non"}.get(value, value)
            rows.append({
                model._meta.model_name: each.pk, "field": key, "field_folded": fold(key), "text": text,
                "text_folded": fold(text) if text is not None else None,
                "number": Decimal(str(value)).quantize(Decimal("0.0001")) if number else None,
                "text_day": _day(text),
            })  # fmt: skip
    return rows


def _day(text):
    try:
        return date.fromisoformat(text) if text and len(text) == 10 else None
    except ValueError:
        return None


def agrees(snapshot):
    """Assert that a snapshot says what the models say, row by row, and that DuckDB reads the same."""
    import duckdb

    connection = duckdb.connect()
    snapshot.make_views(connection)
    for table in tables():
        rows = snapshot.read(table.name)
        assert rows.schema.equals(table.schema)
        keys = [name for name in (table.key, "field") if name in table.schema.names]
        assert rows.sort_by([(key, "ascending") for key in keys]).to_pylist() == _sorted(expected(table.name), keys)
        count = connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]
        assert count == rows.num_rows == snapshot.manifest.tables[table.name].rows
    connection.close()


def _sorted(rows, keys):
    return sorted(rows, key=lambda row: [row[key] for key in keys])


def taken(**options):
    """A snapshot, checked."""
    snapshot = snapshots.take(**options)
    agrees(snapshot)
    assert snapshots.verify().ok
    return snapshot


def settled():
    """A snapshot, checked, for which nothing waits.

    PostgreSQL keeps changes in the log for as long as a transaction that began before them is open in the database:
    it may be one of its own, that counts the rows of a table for its plans.
    """
    snapshot, until = taken(), time.monotonic() + 120
    while Change.objects.exists():
        assert time.monotonic() < until, "a transaction that began before does not end"
        time.sleep(0.05)
        snapshot = taken()
    return snapshot
