"""``python -m bench.audience_pages``: every page and API call of an audience of 100,000 members, with a year of days.

Of 200,000 contacts half live in Lyon and are the members. Every day of the year some come and go; on every sixth day
5,000 do (the same come back the next time). Seven more audiences overlap with it. A real server of two processes;
printed: the time of an answer (the median of five, after one that is not counted), the server's processor time for one,
kilobytes, and, of pages, the time to the first paint in Chromium, and to when all that follows the page is there.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.base import CACHE, _env, _schema, workspace
from bench.pages import _cpu, login, serve, sign_in, tamis

CONTACTS, COMPANIES, DAYS, MANY, FEW, ROUNDS = 200_000, 20_000, 365, 5_000, 20, 5
LEVELS = ("direction", "dirigeant", "cadre", "employé", "")
FUNCTIONS = ("commercial", "achats", "marketing", "informatique", "finance", "")
LONG = "Décideurs lyonnais de l'industrie, de la santé et du bâtiment qui n'ont pas encore répondu à l'offre"
OTHERS = [f'level = "{each}"' for each in LEVELS[:4]] + [f'function = "{each}"' for each in FUNCTIONS[:3]]


def home() -> Path:
    """The workspace, built once: to be read, not changed."""
    built = CACHE / f"audience-pages-{CONTACTS}-{_schema()}"
    if not (built / "done").exists():
        shutil.rmtree(built, ignore_errors=True)
        workspace(COMPANIES).rename(built)
        subprocess.run([sys.executable, "-m", "bench.audience_pages", "--make"], env=_env(built), check=True)
        (built / "done").touch()
    return built


def make() -> None:
    """The contacts, the audiences, and a year of the first one's history."""
    import django

    django.setup()
    from tamis.app.models import Mode
    from tamis.app.services import audiences, refreshing
    from tamis.app.services.acting import Actor

    actor, draw = Actor("bench", "cli"), random.Random(2026)
    _people(draw)
    names = [LONG, *(f"Audience n° {n}" for n in range(2, 9))]
    rules = ['contacts where city = "Lyon"', *(f"contacts where {each}" for each in OTHERS)]
    made = [audiences.create(actor, name, audiences.Definition(rule, Mode.DYNAMIC), most_leaving=20)
            for name, rule in zip(names, rules, strict=True)]  # fmt: skip
    _lived(made[0], draw)
    for each in made:
        print(refreshing.refresh(actor, [each])[0].run.state, flush=True)


def _people(draw: random.Random) -> None:
    from django.utils import timezone

    from tamis.app.models import Company, Contact

    now, companies = timezone.now(), [*Company.objects.values_list("pk", flat=True)]
    for start in range(0, CONTACTS, 5_000):
        Contact.objects.bulk_create([
            Contact(
                first_name=f"Prénom{n % 977}", last_name=f"Nom-de-famille {n}", email=f"personne{n}@exemple-{n % 9}.fr",
                email_key=f"personne{n}@exemple-{n % 9}.fr", city="Lyon" if n % 2 else "Albi", created_at=now,
                updated_at=now, company_id=draw.choice(companies), level=draw.choice(LEVELS),
                function=draw.choice(FUNCTIONS),
            )
            for n in range(start, start + 5_000)
        ])  # fmt: skip


def _lived(audience: Any, draw: random.Random) -> None:
    """A run a day for a year, the last one a day ago, after which the members are those of the rule."""
    from django.utils import timezone

    from tamis.app.models import Contact

    lyon = [*Contact.objects.filter(city="Lyon").values_list("pk", flat=True)]
    albi = [*Contact.objects.filter(city="Albi").values_list("pk", flat=True)]
    away, there = list[int](), list[int]()  # of Lyon and out, of Albi and in
    _run(audience, timezone.now() - timedelta(days=DAYS), lyon, [])
    for day in range(DAYS - 1, 0, -1):
        now, n = timezone.now() - timedelta(days=day), MANY if day % 6 == 0 else FEW
        out, others = (draw.sample(lyon, n), draw.sample(albi, n)) if not away else ([], [])
        _run(audience, now, [*others, *away], [*out, *there])
        away, there = out, others
    if away:
        _run(audience, timezone.now() - timedelta(hours=6), away, there)


def _run(audience: Any, now: Any, entering: list[int], leaving: list[int]) -> None:
    import pyarrow as pa

    from tamis.app.models import AudienceRun
    from tamis.app.services import engine_tables
    from tamis.audiences import members

    last = audience.runs.order_by("-pk").first()
    run = AudienceRun.objects.create(
        audience=audience, version=audience.version, state="done", way="full", now=now, started_at=now, ended_at=now,
        entered=len(entering), left=len(leaving), size=(last.size if last else 0) + len(entering) - len(leaving),
        by="bench", via="cli",
    )  # fmt: skip
    edges = pa.table({"subject": [*entering, *leaving], "entered": [True] * len(entering) + [False] * len(leaving)},
                     schema=members.EDGES)  # fmt: skip
    members.commit(members.open_table(engine_tables.members_folder()), audience.pk, audience.epoch, run.pk, now, edges)


def addresses(day: str, member: int, held: str) -> tuple[dict[str, str], dict[str, str]]:
    """Pages and API calls, by what they are called."""
    one, api = "/audiences/1", "/api/v1"
    eight = "&".join(f"audience={n}" for n in range(1, 9))
    pages = {
        "audiences": "/audiences/", "life": f"{one}/", "members": f"{one}/members/",
        "members, a later page": f"{one}/members/?after={CONTACTS // 2}",
        "members as of": f"{one}/members/?as_of={day}",
        "history": f"{one}/history/", "who entered on a day of 5,000": f"{one}/edges/?from={day}",
        "who left in a year": f"{one}/edges/?edge=leave&from={held}&to={day}",
        "difference of a year": f"{one}/diff/?from={held}&to={day}", "why": f"{one}/explain/?who={member}",
        "settings": f"{one}/edit/", "actions": f"{one}/actions/", "deletion": f"{one}/delete/",
        "what a refresh would do": f"{one}/waiting/", "forecast": f"{one}/forecast/",
        "overlap of eight": f"/audiences/overlap/?{eight}", "compared with everybody": "/audiences/compare/?a=1",
        "compared with another": "/audiences/compare/?a=1&b=2",
        "somebody's audiences": f"/contacts/{member}/audiences/",
    }  # fmt: skip
    calls = {
        "GET audiences": f"{api}/audiences", "GET audience": f"{api}{one}", "GET members": f"{api}{one}/members",
        "GET 500 members as of": f"{api}{one}/members?as_of={day}&limit=500", "GET history": f"{api}{one}/history",
        "GET edges": f"{api}{one}/edges?from={day}", "GET diff": f"{api}{one}/diff?from={held}&to={day}",
        "GET explain": f"{api}{one}/explain?contact={member}", "GET overlap": f"{api}/insights/overlap?{eight}",
        "GET compare": f"{api}/insights/compare?a=1&b=2", "GET forecast": f"{api}/insights{one}/forecast",
        "GET contact's audiences": f"{api}/contacts/{member}/audiences",
    }  # fmt: skip
    return pages, calls


def asked(opener: Any, address: str, server: int) -> str:
    """How long an answer takes (the median), how much of a processor it takes, and how large it is."""
    took, size, before = [], 0, 0.0
    for turn in range(ROUNDS + 1):
        before = before if turn > 1 else _cpu(server)
        started = time.perf_counter()
        with opener.open(address) as answer:
            size = len(answer.read())
        took.append(1000 * (time.perf_counter() - started))
    busy = 1000 * (_cpu(server) - before) / ROUNDS
    return f"{statistics.median(took[1:]):6.0f} ms{busy:9.0f} ms{size / 1024:7.0f} kB"


def painted(page: Any, address: str) -> tuple[float, float]:
    """Milliseconds to the first paint, and to when nothing is asked for any more."""
    page.goto(address, wait_until="networkidle")
    first = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    last = "Math.max(...performance.getEntriesByType('resource').map((each) => each.responseEnd), 0)"
    return float(page.evaluate(first)), float(page.evaluate(last))


def main() -> None:
    """Make the workspace, serve it, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--make", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args().make:
        return make()
    built = home()
    name, password = login(built)
    token = tamis(built, "tokens", "create", name, "bench", "--right", "read")["secret"]
    server, base = serve(built, 2)
    try:
        measure(built, server.pid, base, (name, password), token)
    finally:
        server.terminate()
        server.wait(20)
    return None


def measure(built: Path, server: int, base: str, who: tuple[str, str], token: str) -> None:
    """Print a row a page, and a row a call."""
    from playwright.sync_api import sync_playwright

    runs = tamis(built, "audiences", "history", LONG, "--limit", "400")
    large = next(each for each in runs if each["entered"] == MANY)
    day, first = large["now"][:10], runs[-1]["now"][:10]
    member = tamis(built, "audiences", "members", LONG)["items"][0]["id"]
    pages, calls = addresses(day, member, first)
    cookies = sign_in(base, *who)
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    program = urllib.request.build_opener()
    program.addheaders = [("Authorization", f"Bearer {token}")]
    headings = f"{'':34}{'server':>9}{'processor':>12}{'size':>10}{'painted':>10}{'all there':>11}"
    print(f"load {os.getloadavg()[0]:.1f}\n{headings}")
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(base_url=base)
        context.add_cookies([{"name": each.name, "value": each.value, "url": base} for each in cookies])
        page = context.new_page()
        for label, address in pages.items():
            told = asked(opener, base + address, server)
            paint, there = painted(page, address)
            print(f"{label:34}{told}{paint:7.0f} ms{there:8.0f} ms", flush=True)
        browser.close()
    for label, address in calls.items():
        print(f"{label:34}{asked(program, base + address, server)}", flush=True)


if __name__ == "__main__":
    main()
