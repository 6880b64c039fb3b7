"""The crowd's state: every table of a snapshot, in files as snapshots have them. See :mod:`bench.crowd`."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench import crowd_events
from bench.crowd import CATEGORIES, END, LABELS, LISTS, SEGMENTS, START, STATUSES, TAGS
from tamis.lake.snapshots.tables import MOMENT, SPAN, Table, folded

TOWNS = (
    "Évreux",
    "Lyon",
    "Saint-Étienne",
    "Paris",
    "Nîmes",
    "Le Mans",
    "Béziers",
    "Lille",
    "Orléans",
    "L'Haÿ-les-Roses",
)
TRADES = ("Tôlerie", "Chauffage", "Climatisation", "Menuiserie", "Électricité", "Conseil", "Transports", "Imprimerie")
JOBS = (
    "Directrice commerciale",
    "Acheteur",
    "Comptable",
    "Responsable des achats",
    "Ingénieur d'études",
    "Technicienne",
    "Chargé de clientèle",
    "Directeur général",
    "Assistante de direction",
    "Chef de projet",
)
FIRST = ("Léa", "Hugo", "Chloé", "Jean-Noël", "Zoé", "Anaïs", "Marc", "Inès", "Loïc", "Paul")
LAST = ("Durand", "Lefèvre", "Müller", "Garçon", "N'Guyen", "Petit", "Béranger", "Roux", "Œuvrard", "Blanc")
FUNCTIONS = ("commercial", "achats", "technique", "finance", "direction générale")
LEVELS = ("direction", "dirigeant", "cadre", "employé", "technicien")
NAF = ("62.01Z", "62.02A", "43.22B", "43.21A", "25.11Z", "46.69B", "49.41A", "70.22Z", "18.12Z", "47.11F")
SIZES, BRACKETS = ("TPE", "PME", "ETI", "GE"), ("01", "02", "11", "12", "21", "22", "31")
DEPARTMENTS = [f"{n:02}" for n in range(1, 96)]


class State:
    """The rows of contacts and companies, as whole columns: row n has the id n + 1."""

    def __init__(self, contacts: int, rng: np.random.Generator) -> None:
        self.rng, self.contacts, self.companies = rng, contacts, contacts // 5
        self.merged = rng.random(self.companies) < 0.005
        self.merged[0] = False
        owner = (self.companies * rng.random(contacts) ** 1.5).astype(np.int64)
        owner[self.merged[owner]] = 0
        self.company_of = np.where(rng.random(contacts) < 0.05, -1, owner)
        number = pc.cast(pa.array(np.arange(contacts)), pa.string())
        host = np.where(rng.random(contacts) < 0.2, -1, owner)
        at = pc.if_else(pa.array(host < 0), "gmail.com", _join("exemple-", pa.array(np.maximum(host, 0)), ".fr"))
        email = _join(self.pick(("lea", "hugo", "marc.roux", "paul"), contacts), ".", number, "@", at)
        self.email = _missing(email, rng.random(contacts) < 0.08)
        self.siren = pc.utf8_slice_codeunits(_join(pa.array(1_000_000_000 + np.arange(self.companies) * 4001)), 1, 10)
        # one in fifty has the domain of the company before it, one in ten has none
        shared = np.arange(self.companies) - (rng.random(self.companies) < 0.02)
        self.host_of = np.where((rng.random(self.companies) < 0.1) | self.merged, -1, np.maximum(shared, 0))

    def pick(self, among: "tuple[str, ...] | list[str]", rows: int, missing: float = 0.0) -> pa.Array:
        """One of these texts for each row; the first ones more often; some missing."""
        codes = (len(among) * self.rng.random(rows) ** 1.3).astype(np.int32)
        return pa.array(among, pa.string()).take(pa.array(codes, mask=self.rng.random(rows) < missing))

    def moments(self, rows: int) -> pa.Array:
        """An instant for each row."""
        low, high = int(START.timestamp() * 1e6), int(END.timestamp() * 1e6)
        return pa.array(self.rng.integers(low - (high - low), high, rows)).cast(MOMENT)

    def days(self, rows: int, missing: float = 0.0) -> pa.Array:
        """A day for each row, of the last years and some of the next."""
        return pa.array(
            self.rng.integers(14_000, 20_900, rows).astype(np.int32), mask=self.rng.random(rows) < missing
        ).cast(pa.date32())

    def numbers(self, low: int, high: int, rows: int, missing: float = 0.0) -> pa.Array:
        """A number for each row, small ones more often."""
        drawn = low + (high - low) * self.rng.random(rows) ** 3
        return pa.array(drawn.astype(np.int64), mask=self.rng.random(rows) < missing)


def _join(*parts: Any) -> pa.Array:
    cast = [each if isinstance(each, str) else pc.cast(each, pa.string()) for each in parts]
    return pc.binary_join_element_wise(*cast, "") if len(cast) > 1 else cast[0]


def _missing(texts: pa.Array, where: np.ndarray) -> pa.Array:
    return pc.if_else(pa.array(where), pa.scalar(None, pa.string()), texts)


def _companies(state: State) -> dict[str, Any]:
    rows = state.companies
    name = _join(state.pick(TRADES, rows), " ", state.pick(LAST, rows), " ", pa.array(np.arange(rows)))
    default = state.rng.random(rows) < 0.6
    town = _join(state.pick(TOWNS, rows), " ", pa.array(state.rng.integers(1, 300, rows)))
    headcount = state.numbers(0, 3000, rows, 0.4)
    target = np.where(state.merged, 1, 0)
    return {
        "status": pa.array(state.rng.integers(1, 6, rows), mask=state.rng.random(rows) < 0.5),
        "name": name,
        "list": pa.array(np.where(default, 1, state.rng.integers(1, len(LISTS) + 1, rows))),
        "siren": _missing(state.siren, state.rng.random(rows) < 0.05),
        "naf": state.pick(NAF, rows, 0.1),
        "legal_category": state.pick(("5710", "5499", "1000"), rows),
        "headcount": headcount,
        "headcount_bracket": _missing(state.pick(BRACKETS, rows), state.rng.random(rows) < 0.3),
        "revenue": state.numbers(10_000, 50_000_000, rows, 0.35).cast(pa.decimal128(21, 2)),
        "size_class": state.pick(SIZES, rows, 0.2),
        "address": _join(pa.array(state.rng.integers(1, 200, rows)), " rue de la République"),
        "postal_code": _join(pa.array(state.rng.integers(10_000, 95_999, rows))),
        "city": _missing(town, state.rng.random(rows) < 0.1),
        "department": state.pick(DEPARTMENTS, rows, 0.1),
        "region": state.pick(("Île-de-France", "Auvergne-Rhône-Alpes"), rows, 0.3),
        "country": state.pick(("FR", "BE", "CA"), rows),
        "founded": state.days(rows, 0.5),
        "first_seen": state.days(rows),
        "created_at": state.moments(rows),
        "updated_at": state.moments(rows),
        "merged_into": pa.array(target, mask=~state.merged),
    }


def _contacts(state: State) -> dict[str, Any]:
    rows = state.contacts
    town = _join(state.pick(TOWNS, rows), " ", pa.array(state.rng.integers(1, 300, rows)))
    first, last = (
        state.pick(FIRST, rows),
        _join(state.pick(LAST, rows), "-", pa.array(state.rng.integers(0, 70_000, rows))),
    )
    capital = pc.if_else(pa.array(state.rng.random(rows) < 0.05), pc.utf8_upper(state.email), state.email)
    return {
        "status": pa.array(state.rng.integers(1, 6, rows), mask=state.rng.random(rows) < 0.4),
        "civility": state.pick(("Mme", "M."), rows, 0.2),
        "first_name": first,
        "last_name": last,
        "email": capital,
        "email_key": state.email,
        "external_key": _missing(_join("K", pa.array(np.arange(rows))), state.rng.random(rows) < 0.7),
        "phone": _join("+331", pa.array(state.rng.integers(10_000_000, 99_999_999, rows))),
        "city": _missing(town, state.rng.random(rows) < 0.15),
        "country": state.pick(("FR", "BE", "CA"), rows),
        "company": pa.array(state.company_of + 1, mask=state.company_of < 0),
        "linked_by": state.pick(("domain", "given"), rows),
        "sector": state.pick(TRADES, rows, 0.4),
        "job_title": _join(state.pick(JOBS, rows), " ", pa.array(state.rng.integers(1, 40, rows))),
        "function": state.pick(FUNCTIONS, rows, 0.2),
        "level": state.pick(LEVELS, rows, 0.2),
        "offer": state.pick(TRADES, rows, 0.9),
        "origin": state.pick(("static", "dynamic"), rows),
        "origin_detail": _join("salon ", pa.array(state.rng.integers(1, 20, rows))),
        "created_at": state.moments(rows),
        "updated_at": state.moments(rows),
    }


def _company_rows(state: State) -> dict[str, dict[str, Any]]:
    """Names, identifiers, domains, tags, claims and own fields of companies."""
    ids = np.arange(1, state.companies + 1)

    def some(share: float) -> np.ndarray:
        return ids[state.rng.random(len(ids)) < share]

    usual, sites = some(0.3), ids[state.host_of >= 0]
    named = np.sort(np.concatenate([ids, usual]))
    kinds = np.where(np.concatenate([[False], named[1:] == named[:-1]]), "usual", "legal")
    host = _join("exemple-", pa.array(state.host_of[sites - 1]), ".fr")
    tagged = np.sort(state.rng.choice(ids, int(len(ids) * 0.8)))
    texts = _join(state.pick(TRADES, len(named)), " ", state.pick(LAST, len(named)), " ", pa.array(named - 1))
    values = [
        _own(some(0.5), "parc", lambda n: {"number": state.numbers(1, 400, n)}),
        _own(some(0.4), "contrat", lambda n: {"text": state.pick(("or", "argent", "bronze"), n)}),
        _own(some(0.3), "renouvellement", lambda n: {"text": pc.cast(state.days(n), pa.string())}),
        _own(some(0.5), "clim", lambda n: {"text": state.pick(("oui", "non"), n)}),
    ]
    both = np.repeat(sites, 2)
    return {
        "company_names": {"company": pa.array(named), "kind": pa.array(kinds.tolist()), "text": texts},
        "company_identifiers": {
            "company": pa.array(ids),
            "type": pa.array(["siret"] * len(ids)),
            "value": _join(state.siren, "00017"),
        },
        "company_domains": {
            "company": pa.array(both),
            "use": pa.array(["website", "email"] * len(sites)),
            "host": host.take(pa.array(np.repeat(np.arange(len(sites)), 2))),
            "key": host.take(pa.array(np.repeat(np.arange(len(sites)), 2))),
        },
        "company_tags": _tags(state, "company", tagged),
        "claims": {"company": pa.array(some(0.4))},
        "company_fields": _own_fields("company", values),
    }


def _contact_rows(state: State) -> dict[str, dict[str, Any]]:
    ids = np.arange(1, state.contacts + 1)
    tagged = np.sort(state.rng.choice(ids, int(len(ids) * 0.8)))
    values = [
        _own(
            ids[state.rng.random(len(ids)) < 0.3], "service", lambda n: {"text": state.pick(("Achats", "Méthodes"), n)}
        ),
        _own(ids[state.rng.random(len(ids)) < 0.3], "temps", lambda n: {"text": state.pick(("plein", "partiel"), n)}),
    ]
    return {"contact_tags": _tags(state, "contact", tagged), "contact_fields": _own_fields("contact", values)}


def _tags(state: State, of: str, ids: np.ndarray) -> dict[str, Any]:
    """A tag is on somebody once."""
    pairs = np.unique(ids * 100 + state.rng.integers(1, len(TAGS) + 1, len(ids)))
    return {"tag": pa.array(pairs % 100), of: pa.array(pairs // 100), "at": state.moments(len(pairs))}


def _own(ids: np.ndarray, field: str, values: Any) -> pa.Table:
    made = {"text": pa.nulls(len(ids), pa.string()), "number": pa.nulls(len(ids), pa.int64())} | values(len(ids))
    return pa.table({"of": ids, "field": pa.array([field] * len(ids), pa.string()), **made})


def _own_fields(of: str, values: list[pa.Table]) -> dict[str, Any]:
    rows = pa.concat_tables(values).sort_by("of")
    number = rows.column("number").cast(pa.decimal128(23, 4))
    text = rows.column("text")
    day = pc.strptime(
        pc.if_else(pc.match_substring_regex(text, r"^\d{4}-"), text, pa.scalar(None, pa.string())),
        format="%Y-%m-%d",
        unit="s",
        error_is_null=True,
    ).cast(pa.date32())
    return {
        of: rows.column("of"),
        "field": rows.column("field"),
        "text": rows.column("text"),
        "number": number,
        "text_day": day,
    }


def _few() -> dict[str, dict[str, Any]]:
    names = [each.name for each in LISTS]
    return {
        "lists": {
            "segment": pa.array([SEGMENTS[n % 9] for n in range(len(names))]),
            "name": pa.array(names),
            "label": pa.array([LABELS[n // 9] for n in range(len(names))]),
        },
        "statuses": {"name": pa.array([each.name for each in STATUSES])},
        "tag_categories": {"name": pa.array(CATEGORIES)},
        "tags": {
            "name": pa.array([each.name for each in TAGS]),
            "category": pa.array([CATEGORIES.index(each.category) + 1 for each in TAGS]),
        },
    }


def write(folder: Path, table: Table, columns: dict[str, Any]) -> None:
    """Write a table in files of :data:`SPAN` ids each, with folded twins; what is not given is missing, or empty."""
    rows = len(next(iter(columns.values()), ()))
    given = {table.key: pa.array(np.arange(1, rows + 1)), **columns}
    made = []
    for field in table.schema:
        twin = given.get(field.name.removesuffix("_folded")) if field.name.endswith("_folded") else None
        if twin is not None:
            made.append(folded(pa.chunked_array([twin]) if isinstance(twin, pa.Array) else twin))
        else:
            found = given.get(field.name)
            made.append(pa.nulls(rows, field.type) if found is None else found.cast(field.type))
    whole = pa.table(made, schema=table.schema)
    ranges = whole.column(table.key).to_numpy() // SPAN
    (folder / table.name).mkdir(parents=True)
    for range in np.unique(ranges) if rows else [0]:
        some = whole.slice(int(np.searchsorted(ranges, range)), int((ranges == range).sum()))
        pq.write_table(some, folder / table.name / f"{range:05}.parquet", compression="zstd", compression_level=1)


def main() -> None:
    """Make a crowd of so many contacts in a folder."""
    import django

    django.setup()
    from tamis.app.services.snapshot_tables import tables

    contacts, folder = int(sys.argv[1]), Path(sys.argv[2])
    state = State(contacts, np.random.default_rng(2026))
    crowd = crowd_events.Crowd(state)
    columns = {"companies": _companies(state), "contacts": _contacts(state), "stays": crowd.stays()}
    columns |= _company_rows(state) | _contact_rows(state) | _few()
    for table in tables():
        write(folder / "snapshots", table, columns.get(table.name, {}))
    del columns
    crowd.write(folder)


if __name__ == "__main__":
    main()
