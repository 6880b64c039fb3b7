"""A table made by an older Tamis gets the column that came since; a month at a time, as often as need be."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq

from tamis.lake.delta import exists
from tamis.lake.table import SCHEMA, files_by_month, folded_map, open_table

ADDED = "more_folded"


def upgrade(folder: Path) -> int:
    """Write each month anew that has a file without the latest column; how many months were."""
    from deltalake import write_deltalake

    if not exists(folder):
        return 0
    months = files_by_month(open_table(folder))
    old = [month for month, files in months.items() if any(ADDED not in pq.read_schema(file).names for file in files)]
    for month in old:
        rows = pa.RecordBatchReader.from_batches(SCHEMA, _rows(months[month], month))
        write_deltalake(open_table(folder), rows, mode="overwrite", predicate=f"month = '{month}'", schema_mode="merge")
    return len(old)


def _rows(files: list[str], month: str) -> Iterator[pa.RecordBatch]:
    """The rows of a month with every column."""
    for batch in pads.dataset(files, schema=SCHEMA.remove(len(SCHEMA) - 1)).to_batches():
        made = {name: batch.column(name) for name in batch.schema.names}
        made[ADDED] = folded_map(made["more"])
        made["month"] = pa.repeat(month, len(batch))
        yield pa.record_batch([made[field.name] for field in SCHEMA], schema=SCHEMA)
