"""The crowd's events: a year of them, most of them pages seen by visitors nobody knows. See :mod:`bench.crowd`."""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable

from bench.crowd import END, PER_CONTACT, START
from tamis.identity.folding import fold
from tamis.lake.compact import compact
from tamis.lake.table import MOMENT, MORE, PROPERTIES, commit, files_of, open_table
from tamis.lake.table import SCHEMA as TABLE

if TYPE_CHECKING:
    from bench.crowd_making import State

_PLACE = TABLE.get_field_index("more") + 1
SCHEMA = TABLE if "more_folded" in TABLE.names else TABLE.insert(_PLACE, pa.field("more_folded", MORE))
BATCH = 50_000
TOGETHER = 10
"""Batches that one commit brings."""
PENDING = 1_000
IDENTIFIED = 0.3
ROBOTS, ROBOT = 3, 1 / 200
"""Visitors that are robots (a contact's, a company's, nobody's), and the share of all events that each has.

A contact whose mail a scanner opens has as many.
"""
VISITS, MAILS = 0.76, 0.19
"""Which share of events is about visitors, and about addresses."""
_VISITS = (("visitor", 0.97), ("visitor email", 0.02), ("visitor domain", 0.01))
_MAILS = (("email", 1.0),)
_PEOPLE = (("email", 0.6), ("contact", 0.4))
_SALES = (("siren", 0.4), ("email", 0.35), ("domain", 0.15), ("email siren", 0.07), ("contact", 0.03))
_DEALS = (("siren", 0.5), ("company", 0.3), ("email", 0.2))
KINDS: dict[str, tuple[float, tuple[tuple[str, float], ...]]] = {
    "attendance": (0.3, _PEOPLE),
    "basket": (1.5, _VISITS),
    "basket_abandoned": (0.5, _VISITS),
    "call": (1, _DEALS),
    "cta_click": (3, _VISITS),
    "deal_created": (0.5, _DEALS),
    "deal_lost": (0.2, _DEALS),
    "deal_stage": (1, _DEALS),
    "deal_won": (0.2, _DEALS),
    "download": (1, _VISITS),
    "email_click": (3, _MAILS),
    "email_open": (12, _MAILS),
    "form": (1.5, _VISITS),
    "form_abandoned": (0.5, _VISITS),
    "identify": (0, _VISITS),
    "page_view": (64, _VISITS),
    "profile": (0.5, _PEOPLE),
    "purchase": (3, _SALES),
    "site_search": (2, _VISITS),
    "survey": (0.5, _PEOPLE),
    "usage": (3, _PEOPLE),
}
NAMES = tuple(KINDS)
_WEB = ("page_view", "cta_click", "download", "form", "form_abandoned", "site_search", "basket", "basket_abandoned")
_MAIL = ("email_open", "email_click")
_DEAL = ("deal_created", "deal_stage", "deal_won", "deal_lost")


def _pool(pattern: str, size: int, *first: str) -> tuple[str, ...]:
    return (*first, *(pattern.format(n) for n in range(size - len(first))))


TEXTS: tuple[tuple[str, Sequence[str], tuple[str, ...]], ...] = (
    (
        "path",
        ("page_view", "cta_click", "form", "download"),
        _pool("/produits/modèle-{}", 300, "/tarifs", "/", "/contact"),
    ),
    ("title", ("page_view",), _pool("Modèle n° {}", 300, "Tarifs", "Accueil", "Écrivez-nous")),
    ("channel", _WEB, ("google", "direct", "E-mail", "Réseaux sociaux", "publicité")),
    ("channel", ("purchase",), ("web", "boutique", "Téléphone")),
    ("device", (*_WEB, *_MAIL), ("mobile", "ordinateur", "tablette")),
    ("campaign", (*_MAIL, "page_view"), _pool("Lettre n° {}", 60)),
    ("message", _MAIL, _pool("Message {}", 200)),
    ("mail_client", _MAIL, ("Gmail", "Outlook", "Apple Mail")),
    ("link", ("email_click", "cta_click"), _pool("/offres/{}", 40)),
    ("keyword", ("site_search",), _pool("pièce {}", 2000)),
    ("form", ("form", "form_abandoned"), ("demo", "contact", "Devis", "lettre")),
    ("topic", ("call",), _pool("thème {}", 12)),
    ("product", ("purchase", "usage", "basket", "basket_abandoned"), _pool("Produit {}", 200)),
    ("category", ("purchase", "basket"), _pool("Catégorie {}", 20)),
    ("order", ("purchase",), _pool("C-{}", 100_000)),
    ("deal", _DEAL, _pool("A-{}", 100_000)),
    ("stage", ("deal_stage",), ("Qualification", "Proposition", "Négociation")),
    ("country", _WEB, ("FR", "BE", "CA")),
    ("city", ("page_view",), _pool("Évreux {}", 300)),
)
PERSONAS, AGENTS = ("Acheteur", "Décideur", "Prescripteur", "Utilisatrice"), ("Zoé", "Marc", "Inès")


class Crowd:
    """Who the visitors are, and what everybody does."""

    def __init__(self, state: "State") -> None:
        self.state, self.rng = state, np.random.default_rng(7)
        self.total, self.visitors = state.contacts * PER_CONTACT, state.contacts * 2
        self.low, self.high = (int(each.timestamp() * 1000) for each in (START, END))
        self.names = _hex(self.rng, self.visitors)
        self.emails = pc.fill_null(state.email, "inconnu@nulle-part.fr")
        self._identify()

    def _identify(self) -> None:
        """Three visitors in ten are identified, a few of them twice, as somebody else."""
        known = np.flatnonzero(self.rng.random(self.visitors) < IDENTIFIED)
        known = np.union1d(known, [0, 1])  # robots
        known = known[known != 2]
        twice = np.sort(np.concatenate([known, known[self.rng.random(len(known)) < 0.05]]))
        moment = self.rng.integers(self.low, self.high, len(twice))
        order = np.lexsort((moment, twice))
        self.who, self.moment = twice[order], moment[order]
        self.as_company = self.rng.random(len(twice)) < 0.2
        self.as_company[self.who < 2] = self.who[self.who < 2] == 1
        self.contact = self._people(len(twice))
        self.company = self._companies(len(twice))

    def _people(self, rows: int) -> np.ndarray:
        """Contacts, some much more often than others, anywhere among the ids."""
        return ((self.state.contacts * self.rng.random(rows) ** 1.6).astype(np.int64) * 7919 + 13) % self.state.contacts

    def _companies(self, rows: int) -> np.ndarray:
        return (
            (self.state.companies * self.rng.random(rows) ** 1.6).astype(np.int64) * 7919 + 13
        ) % self.state.companies

    def _named(self) -> dict[str, Any]:
        """The columns by which identifications say who a visitor is."""
        by_domain = self.as_company & (self.moment % 2 == 0) & (self.state.host_of[self.company] >= 0)
        by_number = ~self.as_company & (self.moment % 20 == 0)
        numbers = pc.cast(pa.array(self.contact + 1), pa.string())
        return {
            "contact_email": _where(self.emails.take(pa.array(self.contact)), ~self.as_company & ~by_number),
            "contact_ref": _where(numbers, by_number),
            "company_siren": _where(self.state.siren.take(pa.array(self.company)), self.as_company & ~by_domain),
            "company_domain": _where(
                _hosts(self.state.host_of[self.company], np.zeros(len(self.who), bool)), by_domain
            ),
        }

    def stays(self) -> dict[str, Any]:
        """The rows of the table of stays: the first reaches back to ever before, the last has no end."""
        first = np.concatenate([[True], self.who[1:] != self.who[:-1]])
        last = np.concatenate([first[1:], [True]])
        at = pa.array(self.moment * 1000).cast(MOMENT)
        before = pa.array(np.concatenate([[0], self.moment[:-1]]) * 1000, mask=first).cast(MOMENT)
        until = pa.array(self.moment * 1000, mask=last).cast(MOMENT)
        ids = pc.binary_join_element_wise("identify-", pc.cast(pa.array(np.arange(len(self.who))), pa.string()), "")
        visitor = self.names.take(pa.array(self.who))
        return {"visitor": visitor, "after": before, "until": until, "at": at, "event": ids, **self._named()}

    def write(self, folder: Path) -> None:
        """Commit every event but the last few, compact, and say which files the table consists of."""
        table_folder = folder / "events"
        DeltaTable.create(
            str(table_folder), schema=SCHEMA, partition_by=["month"], name="events", configuration=PROPERTIES
        )
        order = np.argsort(self.moment, kind="stable")
        moments, batches = self.moment[order], -(-self.total // BATCH)
        pending = None
        for first in range(0, batches, TOGETHER):
            last = min(first + TOGETHER, batches)
            made = [self._batch(number, batches, order, moments) for number in range(first, last)]
            if last == batches:
                cut = pc.sort_indices(made[-1], [("ts", "ascending")])
                pending, made[-1] = made[-1].take(cut[-PENDING:]), made[-1].take(cut[:-PENDING].sort())
            commit(open_table(table_folder), pa.concat_tables(made), "bench", last)
            if (
                last == batches
                or len({each for some in made for each in pc.unique(some.column("month")).to_pylist()}) > 1
            ):
                compact(table_folder, kept=timedelta(0), whole=True)  # a month is over
        files = sorted(files_of(open_table(table_folder)))
        pq.write_table(pending.drop_columns(["month"]), folder / "pending.parquet")
        (folder / "events.json").write_text(json.dumps({"files": files, "settled": batches}))

    def _batch(self, number: int, batches: int, order: np.ndarray, moments: np.ndarray) -> pa.Table:
        """The events of a slice of the year, as a flush sorts them; identifications in order of their moments."""
        span = (self.high - self.low) / batches
        low, high = self.low + int(number * span), self.low + int((number + 1) * span)
        mine = order[slice(*np.searchsorted(moments, [low, high]))]
        rows = (number + 1) * self.total // batches - number * self.total // batches - len(mine)
        weights = np.cumsum([weight for weight, _ in KINDS.values()])
        kind = np.searchsorted(weights, self.rng.random(rows) * weights[-1], side="right")
        kind = np.concatenate([kind, np.full(len(mine), NAMES.index("identify"))])
        ts = np.concatenate([self.rng.integers(low, high, rows), self.moment[mine]])
        place = np.lexsort((ts, kind, (ts * 1000).astype("datetime64[us]").astype("datetime64[M]")))
        return self._rows(kind[place], ts[place], np.concatenate([np.full(rows, -1), mine])[place], number + 1)

    def _rows(self, kind: np.ndarray, ts: np.ndarray, said: np.ndarray, batch: int) -> pa.Table:
        """Events of these kinds at these moments; ``said`` is the number of the identification, or -1."""
        made: dict[str, Any] = {"id": _hex(self.rng, len(kind)), "ts": pa.array(ts * 1000).cast(MOMENT)}
        made["kind"] = pa.array(NAMES).take(pa.array(kind))
        made["received"] = pa.array(ts * 1000 + 4_000_000).cast(MOMENT)
        made["batch"] = pa.array(np.full(len(kind), batch))
        made["month"] = pc.strftime(made["ts"], "%Y-%m")
        made |= self._subjects(kind, said) | self._properties(kind)
        return pa.table(
            [made[each.name] if each.name in made else pa.nulls(len(kind), each.type) for each in SCHEMA], schema=SCHEMA
        )

    def _subjects(self, kind: np.ndarray, said: np.ndarray) -> dict[str, Any]:
        """Whom each event is about."""
        rows, state = len(kind), self.state
        chance, modes = self.rng.random(rows), np.empty(rows, "U14")
        for code, (_, mix) in enumerate(KINDS.values()):
            where = kind == code
            bounds = np.cumsum([share for _, share in mix])
            modes[where] = np.array([mode for mode, _ in mix])[
                np.searchsorted(bounds[:-1], chance[where], side="right")
            ]
        visitor = 4 + ((self.visitors - 4) * self.rng.random(rows) ** 1.7).astype(np.int64)
        person, company = self._people(rows), self._companies(rows)
        known, mails = said >= 0, np.char.find(modes, "email") >= 0
        robots = self.rng.random(rows)
        visitor = np.where(robots < ROBOTS * ROBOT / VISITS, (robots * VISITS / ROBOT).astype(np.int64), visitor)
        person = np.where(mails & (robots < ROBOT / MAILS), 22, person)
        visitor[known] = self.who[said[known]]
        siren = (np.char.find(modes, "siren") >= 0) & ~known
        domain = (np.char.find(modes, "domain") >= 0) & ~known & (state.host_of[company] >= 0)
        # one in three that names a contact and a company names the contact's own
        own = mails & siren & (chance * 1000 % 3 < 1) & (state.company_of[person] >= 0)
        company = np.where(own, state.company_of[person], company)
        made = {
            "visitor": _where(self.names.take(pa.array(visitor)), (np.char.find(modes, "visitor") >= 0) | known),
            "contact_email": _where(self.emails.take(pa.array(person)), mails & ~known),
            "contact_id": _where(pc.cast(pa.array(person + 1), pa.string()), (modes == "contact") & ~known),
            "company_siren": _where(state.siren.take(pa.array(company)), siren),
            "company_domain": _where(_hosts(state.host_of[company], chance * 1000 % 10 < 3), domain),
            "company_id": _where(pc.cast(pa.array(company + 1), pa.string()), modes == "company"),
        }
        return self._identified(made, said)

    def _identified(self, made: dict[str, Any], said: np.ndarray) -> dict[str, Any]:
        """The same, with what identifications say."""
        for column, texts in self._said().items():
            given = texts.take(pa.array(said, mask=said < 0))
            made[column] = pc.coalesce(given, made[column])
        return made

    def _said(self) -> dict[str, Any]:
        if not hasattr(self, "_named_once"):
            named = self._named()
            self._named_once = {"contact_id" if name == "contact_ref" else name: each for name, each in named.items()}
        return self._named_once

    def _properties(self, kind: np.ndarray) -> dict[str, Any]:
        rows = len(kind)
        made: dict[str, Any] = {}
        for name, kinds, pool in TEXTS:
            where = _among(kind, kinds) & (self.rng.random(rows) < 0.97)
            codes = pa.array((len(pool) * self.rng.random(rows) ** 2).astype(np.int32), mask=~where)
            for column, known in ((name, pool), (f"{name}_folded", _folded(pool))):
                texts = pa.array(known, pa.string()).take(codes)
                made[column] = pc.coalesce(made[column], texts) if column in made else texts
        value = (np.exp(self.rng.normal(6.5, 1.2, rows)) * 100).astype(np.int64) * 100
        sale = _among(kind, ("purchase", *_DEAL, "basket_abandoned"))
        made["value"] = _decimals(value, sale)
        made["margin"] = _decimals(value * 3 // 10, sale & (self.rng.random(rows) < 0.8))
        made["currency"] = _where(pa.array(["EUR"]).take(pa.array(np.zeros(rows, np.int32))), sale)
        made["quantity"] = _decimals(self.rng.integers(1, 20, rows) * 10_000, _among(kind, ("purchase", "usage")))
        made["score"] = _decimals(self.rng.integers(0, 11, rows) * 10_000, _among(kind, ("survey",)))
        made["duration"] = _decimals(
            (self.rng.random(rows) ** 3 * 900).astype(np.int64) * 10_000, _among(kind, ("page_view", "call"))
        )
        return made | self._others(kind)

    def _others(self, kind: np.ndarray) -> dict[str, Any]:
        """Properties that are no column: those of profiles, and the agent of a call."""
        profiles, calls = _among(kind, ("profile",)), _among(kind, ("call",))
        drawn = self.rng.integers(0, 60, len(kind))
        made = {}
        for column, folds in (("more", False), ("more_folded", True)):
            if column in SCHEMA.names:
                said = {n: _more(n, folds) for n in range(60)}
                called = {n: [("agent", fold(AGENTS[n % 3]) if folds else AGENTS[n % 3])] for n in range(60)}
                pairs = [
                    said[n] if profile else called[n] if call else None
                    for n, profile, call in zip(drawn.tolist(), profiles.tolist(), calls.tolist(), strict=True)
                ]
                made[column] = pa.array(pairs, SCHEMA.field(column).type)
        return made


@cache
def _folded(pool: tuple[str, ...]) -> list[str]:
    return [fold(text) for text in pool]


def _more(n: int, folds: bool) -> list[tuple[str, str]]:
    persona = PERSONAS[n % 4]
    return [("age", str(20 + n % 50)), ("level", "cadre"), ("persona", fold(persona) if folds else persona)]


def _hex(rng: np.random.Generator, rows: int) -> pa.Array:
    """Random texts of 32 letters, as identifiers are."""
    letters = np.frombuffer(rng.bytes(16 * rows).hex().encode(), np.uint8)
    offsets = np.arange(0, 32 * rows + 1, 32, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(letters.copy())])


def _hosts(companies: np.ndarray, below: np.ndarray) -> pa.Array:
    """The domain of a company, or a host below it; missing where it has none."""
    before = pa.array(["exemple-", "boutique.exemple-"]).take(pa.array(below.astype(np.int32)))
    return pc.binary_join_element_wise(before, pc.cast(pa.array(companies, mask=companies < 0), pa.string()), ".fr", "")


def _where(values: Any, where: np.ndarray) -> Any:
    return pc.if_else(pa.array(where), values, pa.scalar(None, values.type))


def _among(kind: np.ndarray, kinds: Sequence[str]) -> np.ndarray:
    return np.isin(kind, [NAMES.index(each) for each in kinds])


def _decimals(units: np.ndarray, where: np.ndarray) -> pa.Array:
    """Ten-thousandths as decimal numbers; missing elsewhere."""
    halves = np.stack([units, units >> 63], axis=1).astype(np.int64)
    bits = np.packbits(where, bitorder="little")
    return pa.Array.from_buffers(pa.decimal128(18, 4), len(units), [pa.py_buffer(bits), pa.py_buffer(halves)])
