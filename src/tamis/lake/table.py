"""The table of events: a Delta table, a partition a month, that any columnar engine reads.

Each text that rules compare has a folded twin (``path``, ``path_folded``): folded here once, so that no engine folds.
``more`` holds the properties that are no column, ``more_folded`` the same folded.
``batch`` says which flush brought a row: ``verify`` counts by it.
"""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyarrow as pa

from tamis.identity.folding import fold
from tamis.lake import delta
from tamis.lake.delta import exists, root_of
from tamis.lake.inbox import Waits
from tamis.sources.event_kinds import COLUMNS
from tamis.sources.events import SUBJECTS

if TYPE_CHECKING:
    from deltalake import DeltaTable

MOMENT = pa.timestamp("us", tz="UTC")
NUMBER = pa.decimal128(18, 4)
MORE = pa.map_(pa.string(), pa.string())
FOLDED = tuple(each.key for each in COLUMNS if each.type == "text")
TEXTS = ("id", "kind", *SUBJECTS, *FOLDED, "currency")
NUMBERS = tuple(each.key for each in COLUMNS if each.type in ("number", "amount"))

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("ts", MOMENT, nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        *((name, pa.string()) for name in SUBJECTS),
        *((name, pa.string()) for name in FOLDED),
        *((name, NUMBER) for name in NUMBERS),
        ("currency", pa.string()),
        ("more", MORE),
        ("more_folded", MORE),
        *((f"{name}_folded", pa.string()) for name in FOLDED),
        pa.field("received", MOMENT, nullable=False),
        pa.field("batch", pa.int64(), nullable=False),
        pa.field("month", pa.string(), nullable=False),
    ]
)
"""Every column, in order; never inferred. Columns may be added at later versions, none changes its type."""

PROPERTIES = {"delta.dataSkippingStatsColumns": "ts,kind,received,batch"}
"""Of these columns the log holds the least and the greatest value of each file; of no column that may name a person."""
RETENTION = "delta.logRetentionDuration"

_STORED = pa.schema(
    [
        ("ts", pa.int64()),
        *((name, pa.string()) for name in TEXTS),
        *((name, NUMBER) for name in NUMBERS),
        ("more", pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))),
    ]
)
"""The stored form of events as Arrow reads it."""


def open_table(folder: Path) -> "DeltaTable":
    """The table as it is now, made when it is not there."""
    from deltalake import DeltaTable

    if not exists(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        DeltaTable.create(
            str(folder), schema=SCHEMA, mode="ignore", partition_by=["month"], name="events", configuration=PROPERTIES
        )
    return DeltaTable(str(folder))


def files_of(table: "DeltaTable", months: Sequence[str] | None = None) -> list[str]:
    """The paths of the files that the table consists of, or of those of some months."""
    return delta.files_of(table, "month", months)


def files_by_month(table: "DeltaTable") -> dict[str, list[str]]:
    """The paths of the files of each month, the newest month first; from the log alone."""
    added = table.get_add_actions(flatten=True)
    months: dict[str, list[str]] = {}
    root = root_of(table)
    for path, month in zip(added.column("path").to_pylist(), added.column("partition.month").to_pylist(), strict=True):
        months.setdefault(str(month), []).append(str(root / unquote(path)))
    return dict(sorted(months.items(), reverse=True))


def app_of(epoch: str) -> str:
    """The name under which the flushes of an inbox are known to the table."""
    return f"tamis-inbox-{epoch}"


def commit(table: "DeltaTable", rows: pa.Table, epoch: str, number: int) -> None:
    """Append rows in one commit that carries the batch's number.

    Raises ``deltalake.exceptions.CommitFailedError`` when somebody else committed a batch of this epoch since the table
    was opened.
    """
    from deltalake import CommitProperties, Transaction, WriterProperties, write_deltalake

    write_deltalake(
        table, rows, mode="append", schema_mode="merge", writer_properties=WriterProperties(compression="ZSTD"),
        commit_properties=CommitProperties(app_transactions=[Transaction(app_of(epoch), number)]),
    )  # fmt: skip


def rows_of(events: Iterable[Waits], batch: int) -> pa.Table:
    """The rows of stored events, in the order that readers like best."""
    received, bodies = [], []
    for each in events:
        received.append(each.received)
        bodies.append(each.body)
    if not bodies:
        return SCHEMA.empty_table()
    import pyarrow.compute as pc
    import pyarrow.json as pj

    options = pj.ParseOptions(explicit_schema=_STORED, unexpected_field_behavior="error")
    stored = pj.read_json(io.BytesIO(b"\n".join(bodies)), parse_options=options).combine_chunks()
    made = {name: stored.column(name) for name in (*TEXTS, *NUMBERS)}
    made |= {f"{name}_folded": _folded(stored.column(name)) for name in FOLDED}
    made["ts"] = stored.column("ts").cast(MOMENT)
    made["more"] = _mapped(stored.column("more"))
    made["more_folded"] = folded_map(made["more"])
    made["received"] = pa.array(received, pa.int64()).cast(MOMENT)
    made["batch"] = pa.repeat(pa.scalar(batch, pa.int64()), len(bodies))
    made["month"] = pc.strftime(made["ts"], "%Y-%m")
    rows = pa.table([made[field.name] for field in SCHEMA], schema=SCHEMA)
    return rows.sort_by([("month", "ascending"), ("kind", "ascending"), ("ts", "ascending")])


def _folded(column: pa.ChunkedArray) -> pa.Array:
    """The texts folded, each different one once."""
    coded = _whole(column).dictionary_encode()
    texts = pa.array([fold(text) for text in coded.dictionary.to_pylist()], pa.string())
    return texts.take(coded.indices) if len(texts) else pa.nulls(len(coded), pa.string())


def _mapped(column: pa.ChunkedArray) -> pa.Array:
    import pyarrow.compute as pc

    lists = _whole(column)
    pairs = lists.values
    made = pa.MapArray.from_arrays(lists.offsets, pairs.field("key"), pairs.field("value"), type=MORE)
    return pc.if_else(pc.is_valid(lists), made, pa.nulls(len(lists), MORE)) if lists.null_count else made


def folded_map(more: pa.Array) -> pa.Array:
    """The same maps with their values folded."""
    import pyarrow.compute as pc

    maps = more.take(pa.array(range(len(more)))) if more.offset else more
    values = _folded(pa.chunked_array([maps.items])) if len(maps.items) else maps.items
    made = pa.MapArray.from_arrays(maps.offsets, maps.keys, values, type=MORE)
    return pc.if_else(pc.is_valid(maps), made, pa.nulls(len(maps), MORE)) if maps.null_count else made


def _whole(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined
