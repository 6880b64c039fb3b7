"""From a keystroke in the rule builder to the number: a real browser, a real server, the crowd of the rules' bench.

``python -m bench.builder`` serves a workspace whose snapshot and lake are those of a million contacts and twenty
million events (``--contacts`` takes another crowd), opens rules of several kinds in Chromium, types into a value of
each, and prints median and 95th percentile, measured within the page: from the key to the painted number.
"""

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.base import CACHE
from bench.crowd import Crowd, crowd, key_of
from bench.pages import login, serve

HOME = CACHE / "builder-home"
KEYS = 20
"""Keystrokes of each rule."""

RULES: dict[str, tuple[str, str]] = {
    "fields of companies": ('companies where headcount >= {} and naf starts with "62"', "50"),
    "texts of contacts": ('contacts where city = "Lyon" and level = "direction" or company.headcount >= {}', "90"),
    "has contacts": ('companies where has at least {} contacts (level = "direction")', "2"),
    "a kind of event, 90 days": ("contacts where did form after 2026-07-01 and company.headcount >= {}", "20"),
    "visits of companies, 90 days": (
        'companies where did page_view (path = "/tarifs") at least {} times after 2026-07-01', "2",
    ),
    "purchases of a year": ("contacts where sum(purchase.value) after 2025-10-01 > {}", "9000"),
    "opened, not clicked": (
        "contacts where did email_open at least {} times after 2026-07-01 "
        "and did not email_click after 2026-07-01", "3",
    ),
    "a sequence": ("contacts where did form then purchase within {} days after 2026-01-01", "30"),
    "a text within a visit": ('companies where did page_view (path contains "{}") after 2026-07-01', "7"),
    "three levels": (
        "companies where headcount >= {} and (did quote after 2026-04-01 or has contact (did form then purchase within "
        '30 days after 2026-01-01 and level = "direction"))', "20",
    ),
}  # fmt: skip
"""Rules by name, with a number to type into; their windows are days, as the crowd's events are of a fixed year."""

WATCH = """(key) => {
  window.took = [];
  const tree = document.querySelector('[data-tree]');
  const figures = document.querySelector('[data-figures]');
  let began = 0;
  document.addEventListener('input', (event) => {
    if (tree.contains(event.target)) { began = performance.now(); figures.dataset.waits = 'yes'; }
  }, true);
  new MutationObserver(() => {
    if (!began || figures.classList.contains('stale') || !figures.querySelector('.headline')) return;
    const since = began;
    began = 0;
    requestAnimationFrame(() => { window.took.push(performance.now() - since); figures.dataset.waits = 'no'; });
  }).observe(figures, { attributes: true, attributeFilter: ['class'] });
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--keys", type=int, default=KEYS)
    parser.add_argument("--stage", choices=("make", "work"))
    chosen = parser.parse_args()
    made = crowd(chosen.contacts)
    if chosen.stage:
        return publish(made) if chosen.stage == "make" else work()
    prepare(chosen.contacts, made)
    staged(chosen.contacts, "work")
    name, password = login(HOME)
    server, base = serve(HOME, 2)
    try:
        return measure(base, name, password, made, chosen.keys)
    finally:
        server.terminate()
        server.wait(120)


def prepare(contacts: int, made: Crowd) -> None:
    """A workspace whose snapshot and lake are the crowd's: its files are linked, so that none is copied or lost."""
    shutil.rmtree(HOME, ignore_errors=True)
    env = os.environ | {"TAMIS_HOME": str(HOME), "DJANGO_SETTINGS_MODULE": "tamis.app.settings"}
    subprocess.run([sys.executable, "-m", "tamis", "init"], env=env, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(HOME / "lake", ignore_errors=True)
    for part in ("events", "snapshots"):
        shutil.copytree(made.folder / part, HOME / "lake" / part, copy_function=os.link)
    staged(contacts, "make")


def staged(contacts: int, stage: str) -> None:
    """A stage in a process of its own, within the workspace."""
    env = os.environ | {"TAMIS_HOME": str(HOME), "DJANGO_SETTINGS_MODULE": "tamis.app.settings"}
    command = [sys.executable, "-m", "bench.builder", "--contacts", str(contacts), "--stage", stage]
    subprocess.run(command, env=env, check=True)


def work() -> None:
    """What the server works for a count, in processor time, which other programs disturb less: first, then again."""
    import resource

    import django

    django.setup()
    from tamis.app.services import kept_engine, rule_building

    def timed(rule: str) -> tuple[float, float]:
        before, started = time.process_time(), time.perf_counter()
        rule_building.count(rule)
        return (time.process_time() - before) * 1000, (time.perf_counter() - started) * 1000

    print(f"{'milliseconds of the processor':30} {'first':>8} {'then':>8}   by the clock")
    for label, (rule, value) in RULES.items():
        kept_engine.close()
        rule_building.count("companies where headcount > 5")  # an engine is open, as after the first key
        first, *others = [timed(rule.format(1 + (int(value) + turn) % 99)) for turn in range(6)]
        again = [statistics.median(each) for each in zip(*others, strict=True)]
        print(f"{label:30} {first[0]:8.0f} {again[0]:8.0f}   {first[1]:6.0f} {again[1]:6.0f}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB; load {_load()}")


def publish(made: Crowd) -> None:
    """Have the workspace know the crowd's snapshot as its last one, and its events as settled."""
    import django

    django.setup()
    import pyarrow.parquet as pq

    from tamis.app.models import LastSnapshot
    from tamis.app.services import lake, snapshots
    from tamis.app.services.snapshot_tables import tables
    from tamis.lake.snapshots.manifest import Manifest, Part, Written
    from tamis.lake.snapshots.manifest import publish as published

    lake.shared_inbox()
    with sqlite3.connect(HOME / "inbox.sqlite3") as inbox:
        settled = made.tables["events"].settled
        inbox.execute("INSERT OR REPLACE INTO inbox_batch VALUES (?, 'bench', 0, 0, 0, 0)", [settled])
    folder = snapshots.folder()

    def part(file: Path, range: int) -> Part:
        return Part(str(file.relative_to(folder)), pq.read_metadata(file).num_rows, file.stat().st_size, range)

    written = {}
    for table in tables():
        files = sorted((folder / table.name).glob("*.parquet"))
        parts = tuple(part(file, range) for range, file in enumerate(files))
        written[table.name] = Written(table.print, key_of(table.name), parts)
    published(folder, Manifest("bench", datetime.now(UTC), 0, "bench", written))
    LastSnapshot.objects.update_or_create(pk=1, defaults={"token": "bench"})


def measure(base: str, name: str, password: str, made: Crowd, keys: int) -> None:
    """Open each rule, type, print."""
    from playwright.sync_api import sync_playwright

    print(f"{made.contacts:,} contacts, {made.events:,} events; load {_load()}; {keys} keystrokes a rule, milliseconds")
    print(f"{'rule':30} {'count':>9} {'median':>8} {'p95':>8} {'most':>8}")
    every: list[float] = []
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(base_url=base)
        page.set_default_timeout(120_000)
        page.goto("/")
        page.get_by_label("Nom de compte").fill(name)
        page.get_by_label("Mot de passe").fill(password)
        page.get_by_role("button", name="Se connecter").click()
        page.wait_for_url("**/")
        for label, (rule, value) in RULES.items():
            count, took = typed(page, rule, value, keys)
            every += took
            print(f"{label:30} {count:>9} {_row(took)}", flush=True)
        browser.close()
    print(f"{'every keystroke':30} {'':>9} {_row(every)}; load {_load()}")
    print(json.dumps({"median": round(statistics.median(every)), "p95": round(_p95(every))}))


def typed(page: Any, rule: str, value: str, keys: int) -> tuple[str, list[float]]:
    """Type another number again and again into the value of a rule; what it counts, and milliseconds a key."""
    page.goto("/rules/?rule=" + quote(rule.format(value)))
    page.locator("[data-figures] .headline").wait_for()
    page.evaluate(WATCH, value)
    box = page.locator("[data-tree] input").filter(has_not_text="!")
    place = next(n for n in range(box.count()) if box.nth(n).input_value() == value)
    for turn in range(keys):
        page.wait_for_timeout(300)
        box.nth(place).focus()
        page.keyboard.press("End")
        page.keyboard.press("Backspace")
        page.keyboard.type(str(1 + (int(value[-1]) + turn) % 9))
        page.locator("[data-figures][data-waits=no]").wait_for()
    count = page.locator("[data-figures] .headline strong").inner_text()
    return count, page.evaluate("window.took")


def _row(took: list[float]) -> str:
    return f"{statistics.median(took):8.0f} {_p95(took):8.0f} {max(took):8.0f}"


def _p95(took: list[float]) -> float:
    return sorted(took)[max(0, -(-len(took) * 95 // 100) - 1)]


def _load() -> str:
    return " ".join(f"{each:.1f}" for each in os.getloadavg())


if __name__ == "__main__":
    main()
