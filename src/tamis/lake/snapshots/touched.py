"""Whom a change of the state is about: what each snapshot leaves behind, so that audiences look only at those.

A row a change and owner: the snapshot's number, when that was, the table, of what the owner is one (``companies``,
``contacts``, ``segments``, or the number of an audience), and its id. Ids only: nothing that names a person. Of a row
that changed the owners before and after count; of a visitor's stay those whom it named and names. Where a row came or
went, or what others know it by changed, its owners stand there a second time, as of ``contacts_keys``: most changes
are of what is known of somebody, and whose an event is does not hang on that.

The chain holds from ``since`` on: whoever knows the state as of a later number of the same chain has every change in
the files. A table read whole breaks it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tamis.lake.engine import closed
from tamis.lake.snapshots.manifest import Manifest, Part

if TYPE_CHECKING:
    from tamis.lake.snapshots.tables import Table

SCHEMA = pa.schema(
    [("number", pa.int64()), ("at", pa.int64()), ("name", pa.string()), ("of", pa.string()), ("id", pa.int64())]
)
OWNED = pa.schema([("of", pa.string()), ("id", pa.int64())])
STAYS, SEGMENTS, DOMAINS = "stays", "segments", "company_domains"
NAMED = ("contact_email", "contact_ref", "company_siren", "company_ref", "company_domain")
"""The columns of a stay that name somebody."""
KEYS: Mapping[str, Sequence[str]] = {"contacts": ("company", "email_key"), "companies": ("merged_into", "siren")}
"""The columns of a table, beside its key, by which others know its rows."""
MOST_FILES, MOST_ROWS = 24, 2_000_000
"""So many files are put together; the oldest of more rows are forgotten."""
KEPT = timedelta(days=8)
"""Who looked last longer ago looks at all."""
MEMORY = "1GB"

_RESOLVED = """
WITH named AS (SELECT DISTINCT * FROM changed),
visits AS (
  SELECT c.id, c.company FROM contacts c JOIN named n ON c.email_key = n.contact_email
  UNION SELECT c.id, c.company FROM contacts c JOIN named n ON c.id = TRY_CAST(n.contact_ref AS BIGINT)
),
hosts AS (
  SELECT DISTINCT unnest([
    array_to_string(string_split(company_domain, '.')[n:], '.')
    FOR n IN range(1, len(string_split(company_domain, '.')) + 1)
  ]) AS host
  FROM named WHERE company_domain IS NOT NULL
)
SELECT 'contacts' AS of, id FROM visits
UNION SELECT 'companies', company FROM visits WHERE company IS NOT NULL
UNION SELECT 'companies', c.id FROM companies c JOIN named n ON c.siren = n.company_siren
UNION SELECT 'companies', i.company FROM company_identifiers i JOIN named n ON i.value = n.company_siren
UNION SELECT 'companies', TRY_CAST(company_ref AS BIGINT) FROM named WHERE TRY_CAST(company_ref AS BIGINT) IS NOT NULL
UNION SELECT 'companies', d.company FROM company_domains d JOIN hosts h ON d.key = h.host
"""
"""Whom stays name, rather too many than too few: what changed of these themselves is noted for itself."""


_AT_THE_SAME_DOMAIN = """
SELECT 'companies' AS of, company AS id FROM changed WHERE company IS NOT NULL
UNION SELECT 'companies', d.company FROM company_domains d JOIN changed c ON d.key = c.key
"""
"""Whom domains are about: a company that is alone at one has all of it, so the others there count."""
RESOLVED: Mapping[str, str] = {STAYS: _RESOLVED, DOMAINS: _AT_THE_SAME_DOMAIN}
"""The tables of whose rows one must look up whom they are about, and how."""


def columns_of(table: "Table") -> list[str]:
    """The columns of a table by which the owners of a row are known, beside its key; none when nobody asks for them."""
    if table.name == STAYS:
        return [*NAMED]
    if table.name == DOMAINS:
        return ["company", "key"]
    if not table.owners:
        return []
    more = {*KEYS.get(table.name, ()), *(name for pair in table.owners for name in pair)}
    return sorted(more & {each.name for each in table.columns} | ({"segment"} if table.name == "lists" else set()))


def owners(table: "Table", before: pa.Table, after: pa.Table) -> pa.Table:
    """The owners (``of``, ``id``) of rows that changed, from their columns as they were and as they are."""
    if table.name == "lists":  # rules know of them only which segment each is in
        before, after = _others(before, after)
    both = pa.concat_tables([before, after])
    parts = [_owned(both, column, of) for column, of in table.owners]
    return pa.concat_tables([OWNED.empty_table(), *parts])


def keys_of(name: str) -> str:
    """Under which name the owners stand of a table's rows that came, went, or are known by something else."""
    return f"{name}_keys"


def known_by(table: "Table", before: pa.Table, after: pa.Table) -> pa.Table | None:
    """The owners of the rows that came or went, or are known by something else; ``None`` for a table without keys."""
    if table.name not in KEYS:
        return None
    columns = [table.key, *KEYS[table.name]]
    both = pa.concat_tables([before.select(columns), after.select(columns)])
    counted = both.group_by(columns).aggregate([([], "count_all")])
    import pyarrow.compute as pc

    others = counted.filter(pc.equal(counted.column("count_all"), 1))  # a row that is as it was stands there twice
    return owners(table, others, others.slice(0, 0))


def _owned(rows: pa.Table, column: str, of: str) -> pa.Table:
    import pyarrow.compute as pc

    ids = rows.column(column)
    said = rows.column(of).cast(pa.string()) if of in rows.column_names else pa.repeat(of, len(ids))
    made = pa.table([said, ids.cast(pa.int64())], schema=OWNED)
    return made.filter(pc.is_valid(made.column("id"))).group_by(["of", "id"]).aggregate([])


def _others(before: pa.Table, after: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The lists that are in another segment than they were, or are gone."""
    import pyarrow.compute as pc

    now = dict(zip(*(after.column(name).to_pylist() for name in ("id", "segment")), strict=True))
    was = zip(*(before.column(name).to_pylist() for name in ("id", "segment")), strict=True)
    moved = [id for id, segment in was if now.get(id) != segment]
    return before.filter(pc.is_in(before.column("id"), value_set=pa.array(moved, pa.int64()))), after.slice(0, 0)


def resolved(name: str, changed: pa.Table, tables: Mapping[str, str]) -> pa.Table:
    """The owners of stays, or of domains, that changed; ``tables`` are the SQL of the tables as they are now."""
    import duckdb

    with duckdb.connect(config=closed(MEMORY)) as connection:
        for each in ("contacts", "companies", "company_identifiers", "company_domains"):
            connection.execute(f"CREATE VIEW {each} AS {tables[each]}")
        connection.register("changed", changed)
        return connection.execute(RESOLVED[name]).to_arrow_table().cast(OWNED)


def rows_of(found: Mapping[str, pa.Table], number: int, at: int) -> pa.Table:
    """The rows of a snapshot, from the owners that each table found."""
    made = []
    for name, owned in found.items():
        same = [pa.repeat(pa.scalar(each), len(owned)) for each in (number, at, name)]
        made.append(pa.table([*same, owned.column("of"), owned.column("id")], schema=SCHEMA))
    return pa.concat_tables([SCHEMA.empty_table(), *made])


def chained(manifest: Manifest, before: Manifest | None, folder: Path, found: Mapping[str, pa.Table]) -> Manifest:
    """A snapshot that goes on with the chain of the one before; without that one, or its chain, it begins another."""
    if before is None or not before.chain:
        return replace(manifest, chain=manifest.token)
    number, at = before.number + 1, int(manifest.as_of.timestamp())
    rows = rows_of(found, number, at)
    parts, since = before.touched, before.since
    if not _there(folder, parts):  # nobody may build on what was before
        parts, since = (), number - 1
    if rows.num_rows:
        parts = (*parts, _written(folder, manifest.token, rows))
    if len(parts) > MOST_FILES or sum(part.rows for part in parts) > MOST_ROWS:
        parts, since = _together(folder, manifest.token, parts, since, at)
    return replace(manifest, chain=before.chain, number=number, since=since, touched=parts)


def _together(
    folder: Path, token: str, parts: Sequence[Part], since: int, at: int
) -> tuple[tuple[Part, ...], int]:  # fmt: skip
    """All files as one, without what is too old or too much; and from which number on they say everything."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rows = pa.concat_tables([pq.read_table(folder / part.file) for part in parts])
    order = rows.sort_by([("number", "descending")])
    old = pc.less(order.column("at"), at - int(KEPT.total_seconds()))
    ends = [order.filter(old).column("number"), order.slice(MOST_ROWS).column("number")]
    since = max([since, *(pc.max(numbers).as_py() for numbers in ends if len(numbers))])
    kept = order.filter(pc.greater(order.column("number"), since))
    return ((_written(folder, f"{token}-all", kept),) if kept.num_rows else ()), since


def _written(folder: Path, name: str, rows: pa.Table) -> Part:
    import pyarrow.parquet as pq

    file = folder / "touched" / f"{name}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pq.write_table(rows, file, compression="zstd", compression_level=1)
    return Part(f"touched/{file.name}", rows.num_rows, file.stat().st_size)


def files_since(manifest: Manifest, folder: Path, chain: str, number: int) -> list[str] | None:
    """The files with every change since a number of a chain; ``None`` where the chain is broken."""
    if not chain or manifest.chain != chain or not manifest.since <= number <= manifest.number:
        return None
    return [str(folder / part.file) for part in manifest.touched] if _there(folder, manifest.touched) else None


def _there(folder: Path, parts: Iterable[Part]) -> bool:
    """Whether every file is there in its full size."""
    files = [(folder / part.file, part.size) for part in parts]
    return all(file.exists() and file.stat().st_size == size for file, size in files)
