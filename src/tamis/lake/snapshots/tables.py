"""What a snapshot holds: tables, their columns and types, and how both databases say them.

The database writes each row as a line of CSV and Arrow reads the lines with types given here, never inferred: that is
twice as quick as making Python values. Empty text is missing. Every text has a folded twin (``city``, ``city_folded``).
"""

import io
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any
from unicodedata import unidata_version

import pyarrow as pa
import pyarrow.csv as pcsv

from tamis.identity import folding

FORMAT = 1
MOMENT = pa.timestamp("us", tz="UTC")
SPAN = 2**16
"""Ids of one base file."""
_PLAIN = r"^[!-_a-~]+( [!-_a-~]+)*$"  # ASCII that folding only puts in lower case
_DAY = r"^\d{4}-\d\d-\d\d$"


@dataclass(frozen=True)
class Kind:
    """How a type of column is written by each database, and what it is in Arrow."""

    arrow: pa.DataType
    sqlite: str = "{of}"
    postgresql: str = "{of}"
    quoted: bool = False


def decimal(digits: int, places: int) -> Kind:
    """A number of so many digits, ``places`` of them behind the point; one that is too large is missing."""
    most = f"abs({{of}}) < 1e{digits - places}"
    return Kind(
        pa.decimal128(digits, places),
        sqlite=f"CASE WHEN {most} THEN printf('%.{places}f', {{of}}) END",
        postgresql=f"CASE WHEN {most} THEN round(({{of}})::numeric, {places}) END",
    )


NUMBER = Kind(pa.int64())
TEXT = Kind(pa.string(), quoted=True)
YES_NO = Kind(pa.bool_(), postgresql="({of})::int")
DAY = Kind(pa.date32())
INSTANT = Kind(pa.timestamp("us"), postgresql="({of}) AT TIME ZONE 'UTC'")


@dataclass(frozen=True)
class Column:
    """A column: its name in the snapshot, its kind, and what it is of in each database."""

    name: str
    kind: Kind
    sqlite: str
    postgresql: str

    @property
    def twin(self) -> str | None:
        """The name of its folded twin."""
        return f"{self.name}_folded" if self.kind == TEXT else None


@dataclass(frozen=True)
class Table:
    """A table of the snapshot, made from the rows of ``relation``, called ``t`` in SQL.

    The first column is the id by which changes are logged; several rows may have the same when ``join`` (by database)
    makes several of one. ``days`` names text columns whose days get a column of dates. ``owners`` says whom a row is
    about: columns of ids, each with what these are of, in words or in another column.
    """

    name: str
    relation: str
    columns: tuple[Column, ...]
    where: str = "true"
    join: tuple[tuple[str, str], ...] = ()
    days: tuple[str, ...] = ()
    owners: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """The column by which changes are logged."""
        return self.columns[0].name

    @cached_property
    def schema(self) -> pa.Schema:
        """Every column, in order."""
        fields = [pa.field(each.name, _final(each.kind.arrow)) for each in self.columns]
        fields += [pa.field(each.twin, pa.string()) for each in self.columns if each.twin]
        return pa.schema(fields + [pa.field(f"{name}_day", pa.date32()) for name in self.days])

    @cached_property
    def print(self) -> str:
        """What says whether files were written by these very rules; folding's program is one of them."""
        said = repr((FORMAT, SPAN, self.name, self.relation, self.columns, self.where, self.join, self.days))
        program = Path(folding.__file__).read_bytes()
        return blake2b(said.encode() + program + unidata_version.encode(), digest_size=8).hexdigest()

    def select(self, vendor: str, condition: str) -> str:
        """The SQL of the rows for which a condition on ``t`` holds, in the order of their ids."""
        columns = [getattr(each.kind, vendor).format(of=getattr(each, vendor)) for each in self.columns]
        if vendor == "sqlite":
            shape = ",".join('"%w"' if each.kind.quoted else "%s" for each in self.columns)
            columns = [
                f"coalesce({sql}, '')" if each.kind.quoted else sql
                for each, sql in zip(self.columns, columns, strict=True)
            ]
            columns = [f"printf('{shape}', {', '.join(columns)})"]
        joined = dict(self.join).get(vendor, "")
        where = f"({self.where}) AND ({condition})"
        return f"SELECT {', '.join(columns)} FROM {self.relation} t {joined} WHERE {where} ORDER BY t.id"

    def rows(self, lines: bytes) -> pa.Table:
        """The rows that lines of CSV say, with their folded twins."""
        if not lines:
            return self.schema.empty_table()
        names = [each.name for each in self.columns]
        read = pcsv.read_csv(
            io.BytesIO(lines),
            read_options=pcsv.ReadOptions(column_names=names, use_threads=False, block_size=max(len(lines), 1)),
            parse_options=pcsv.ParseOptions(newlines_in_values=True),
            convert_options=pcsv.ConvertOptions(
                column_types={each.name: each.kind.arrow for each in self.columns}, null_values=[""],
                true_values=["1"], false_values=["0"], strings_can_be_null=True, quoted_strings_can_be_null=True,
            ),
        ).combine_chunks()  # fmt: skip
        made: list[Any] = [read.column(each.name).cast(_final(each.kind.arrow)) for each in self.columns]
        made += [folded(read.column(each.name)) for each in self.columns if each.twin]
        made += [_days(read.column(name)) for name in self.days]
        return pa.table(made, schema=self.schema)


def _final(type: pa.DataType) -> pa.DataType:
    return MOMENT if pa.types.is_timestamp(type) else type


def folded(texts: pa.ChunkedArray) -> pa.Array:
    """The texts folded, each different one once; ASCII without Python."""
    import pyarrow.compute as pc

    whole = texts.combine_chunks()
    array = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    coded = array.dictionary_encode()
    if not len(coded.dictionary):
        return pa.nulls(len(array), pa.string())
    plain = pc.match_substring_regex(coded.dictionary, _PLAIN)
    lower = pc.ascii_lower(coded.dictionary)
    odd = [folding.fold(text) for text in coded.dictionary.filter(pc.invert(plain)).to_pylist()]
    return pc.replace_with_mask(lower, pc.invert(plain), pa.array(odd, pa.string())).take(coded.indices)


def _days(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The days that texts say as ``2026-03-31``; the others are missing."""
    import pyarrow.compute as pc

    days = pc.if_else(pc.match_substring_regex(texts, _DAY), texts, pa.scalar(None, pa.string()))
    return pc.strptime(days, format="%Y-%m-%d", unit="s", error_is_null=True).cast(pa.date32())
