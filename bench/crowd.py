"""The crowd that rules are asked about: contacts, their companies and a year of events, lying as Tamis keeps them.

``python -m bench.crowd_making CONTACTS FOLDER`` makes one in this process; :func:`crowd` does so in a child, once. A
fifth as many companies, twenty events a contact. Tables of the state are written as a snapshot is. Events are made as
the table has them and committed as a flush does it, ten flushes in one, then compacted as Tamis does it; the last
thousand wait outside the files, as what was just acknowledged does.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import pyarrow.parquet as pq

from bench.base import CACHE
from tamis.engines.contract import Stored
from tamis.rules.vocabulary import ListWord, StatusWord, TagWord, Vocabulary

START, END = datetime(2025, 10, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
NOW = datetime(2026, 9, 30, 21, 30, tzinfo=UTC)
"""The instant at which rules are asked: some events are later."""
PER_CONTACT = 20
FORM = 2
"""Goes up with every change of what a crowd is: it is then made anew."""

SEGMENTS = (
    "prospect", "client", "partenaire", "fournisseur", "distributeur", "concurrent", "interne", "hors-cible", "autre",
)  # fmt: skip
LABELS = ("default", "salons", "importé", "région")
LISTS = tuple(ListWord(n + 1, f"{SEGMENTS[n % 9]}-{LABELS[n // 9]}") for n in range(36))
STATUSES = tuple(
    StatusWord(n + 1, name) for n, name in enumerate(("froid", "tiède", "chaud", "client", "ancien client"))
)
CATEGORIES = ("Secteur", "Persona", "Salon")
_NAMES = (
    "Industrie",
    "Bâtiment",
    "Santé",
    "Énergie",
    "Transport",
    "Banque",
    "Commerce",
    "Éducation",
    "Eau",
    "Numérique",
)
TAGS = tuple(
    TagWord(10 * c + n + 1, name, category) for c, category in enumerate(CATEGORIES) for n, name in enumerate(_NAMES)
)
COMPANY_FIELDS = (
    ("parc", "Taille du parc", "number", ()), ("contrat", "Contrat", "choice", ("or", "argent", "bronze")),
    ("renouvellement", "Renouvellement", "date", ()), ("clim", "Climatisation", "yes-no", ()),
)  # fmt: skip
CONTACT_FIELDS = (("service", "Service", "text", ()), ("temps", "Temps de travail", "choice", ("plein", "partiel")))


@dataclass(frozen=True)
class Crowd:
    """Where the crowd lies, and how many contacts it has."""

    folder: Path
    contacts: int

    @property
    def tables(self) -> dict[str, Stored]:
        """Every table as engines are given it."""
        made = {}
        for folder in sorted((self.folder / "snapshots").iterdir()):
            files = tuple(sorted(str(file) for file in folder.glob("*.parquet")))
            made[folder.name] = Stored(pq.read_schema(files[0]).empty_table(), files, key=key_of(folder.name))
        said = json.loads((self.folder / "events.json").read_text())
        pending = pq.read_table(self.folder / "pending.parquet")
        files = tuple(str(self.folder.joinpath("events", *Path(file).parts[-2:])) for file in said["files"])
        made["events"] = Stored(pending, files, settled=said["settled"])
        return made

    @property
    def events(self) -> int:
        """How many events there are."""
        return self.contacts * PER_CONTACT


def key_of(table: str) -> str:
    """The column that a table's rows are known by."""
    return {"company_fields": "company", "contact_fields": "contact"}.get(table, "id")


def vocabulary() -> Vocabulary:
    """The words of the crowd's workspace."""
    from tamis.rules.fields import BUILT_IN, own_field

    companies = dict(own_field("companies", *each) for each in COMPANY_FIELDS)
    contacts = dict(own_field("contacts", *each) for each in CONTACT_FIELDS)
    fields = {"companies": {**BUILT_IN["companies"], **companies}, "contacts": {**BUILT_IN["contacts"], **contacts}}
    return Vocabulary(fields, lists=LISTS, tags=TAGS, statuses=STATUSES)


def crowd(contacts: int) -> Crowd:
    """A crowd of so many contacts, made once."""
    folder = CACHE / f"crowd-{contacts}-{_print()}"
    if not (folder / "done").exists():
        for old in CACHE.glob(f"crowd-{contacts}-*"):
            shutil.rmtree(old)
        folder.mkdir(parents=True)
        print(f"making {contacts:,} contacts and {contacts * PER_CONTACT:,} events …", file=sys.stderr, flush=True)
        env = os.environ | {"TAMIS_HOME": str(folder / "home"), "DJANGO_SETTINGS_MODULE": "tamis.app.settings"}
        command = [sys.executable, "-m", "bench.crowd_making", str(contacts), str(folder)]
        subprocess.run(command, env=env, check=True)
        (folder / "done").touch()
    return Crowd(folder, contacts)


def _print() -> str:
    """What makes a crowd, in a few letters: the form that these programs give it, and what Tamis's tables look like."""
    from tamis.lake.snapshots.tables import FORMAT
    from tamis.lake.table import SCHEMA

    return blake2b(repr((FORM, FORMAT, SCHEMA.names)).encode(), digest_size=4).hexdigest()
