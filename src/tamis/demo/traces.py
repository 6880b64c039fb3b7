"""What the demo's people did over a year: visits, mailings, forms, sales, deals; a file of events and one of sales."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tamis.demo.files import WORKBOOK, Cell, SampleFile, write_table
from tamis.demo.people import Person

UNTIL = datetime(2026, 10, 31, 18, 0, tzinfo=UTC)
"""The last day of the sample: a day that has passed, so that the same file can be read again."""
SALES_HEADINGS = ("Date", "E-mail", "Total HT", "Marge", "Produit", "N° commande")
PATHS = ("/", "/tarifs", "/produits/decoupe", "/produits/maintenance", "/blog/choisir-un-prestataire", "/contact")
CHANNELS = ("référencement", "publicité", "e-mail", "direct", "réseaux sociaux")
PRODUCTS = ("Contrat de maintenance", "Formation sur site", "Pièces détachées", "Licence annuelle")
STAGES = ("Qualification", "Proposition", "Négociation")


def write_events(path: Path, known: Sequence[Person], rng: Random) -> SampleFile:
    """Visits, openings and forms of the people, one JSON object a line; a quarter of the visitors is identified."""
    found = sorted((event for each in enumerate(known) for event in _traces(*each, rng)), key=lambda each: each["ts"])
    lines = [json.dumps({"id": f"demo-{n}"} | event, ensure_ascii=False) for n, event in enumerate(found)]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return SampleFile(path, len(lines))


def _traces(number: int, person: Person, rng: Random) -> Iterator[dict[str, Any]]:
    visitor = {"visitor": f"v-{number:04}"}
    interest = rng.random() ** 2
    for _ in range(int(interest * 40)):
        yield _at(rng, "page_view", visitor | {"path": rng.choice(PATHS), "channel": rng.choice(CHANNELS)})
    for month in range(12):
        if rng.random() < 0.3 + interest / 2:
            mailing = {"contact": person.email, "campaign": f"Lettre n° {month + 1}"}
            yield _at(rng, "email_open", mailing)
            if rng.random() < interest:
                yield _at(rng, "email_click", mailing | {"link": "/tarifs"})
    if interest > 0.25:
        yield _at(rng, "identify", visitor | {"contact": person.email, "form": "demo"}, late=True)
        yield _at(rng, "form", visitor | {"form": "demo", "path": "/contact"})
    if interest > 0.6:
        yield from _deal(number, person, rng)


def _deal(number: int, person: Person, rng: Random) -> Iterator[dict[str, Any]]:
    """A deal of the person's company: opened, moved on, won or lost."""
    start = UNTIL - timedelta(days=rng.uniform(40, 300))
    deal: dict[str, Any] = {"company": person.company.siren, "deal": f"A-{number:04}"}
    value = round(rng.uniform(800, 60_000), 2)
    yield {"ts": start.isoformat(), "kind": "deal_created", "value": value} | deal
    for step, stage in enumerate(STAGES[: rng.randrange(1, 4)], start=1):
        yield {"ts": (start + timedelta(days=9 * step)).isoformat(), "kind": "deal_stage", "stage": stage} | deal
    end = {"ts": (start + timedelta(days=38)).isoformat(), "value": value}
    if rng.random() < 0.5:
        yield end | {"kind": "deal_won"} | deal
    else:
        yield end | {"kind": "deal_lost", "reason": rng.choice(("prix", "délai", "sans suite"))} | deal


def _at(rng: Random, kind: str, said: dict[str, Any], late: bool = False) -> dict[str, Any]:
    """An event at some moment of the year's working hours, in the last days for ``late`` ones."""
    day = UNTIL - timedelta(days=rng.randrange(1, 6 if late else 360))
    moment = day.replace(hour=rng.randrange(7, 18), minute=rng.randrange(60), second=rng.randrange(60))
    return {"ts": moment.isoformat(), "kind": kind} | said


def write_sales(path: Path, known: Sequence[Person], rng: Random) -> SampleFile:
    """A year of sales, as the accounts have them: a workbook with headings of its own."""
    rows: list[tuple[Cell, ...]] = []
    for person in known[::3]:
        for _ in range(rng.randrange(1, 6)):
            value = rng.randrange(90, 9_000)
            day = (UNTIL - timedelta(days=rng.randrange(1, 360))).date()
            rows.append((day, person.email, value, int(value * 0.3), rng.choice(PRODUCTS), f"C-{len(rows):05}"))
    write_table(path, WORKBOOK, SALES_HEADINGS, rows)
    return SampleFile(path, len(rows))
