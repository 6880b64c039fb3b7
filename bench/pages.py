"""``make bench-pages``: every page of the console under load, on a million companies, 200 lists and a million claims.

A real server (``tamis serve``), visitors signed in as an editor, each walking every address in an order of its own,
with a pause between two pages as readers make one (``--pause 0``: none). Printed: median and 95th percentile a page,
requests a second, and the server's processor time a request, which other work on the machine does not blur.
``python -m bench.pages --companies 20000 --lists 30 --claims 20000`` tries it on a small base.
"""

import argparse
import http.cookiejar
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from pathlib import Path

from bench.base import LARGE_LIST, furnished

AIM = 0.3
FILTERS = (
    "q=dubois", "q=zzzz", "q=5166", "q=dubois.fr", "city=Lyon", "city.contains=saint", "city.in=Lyon|Paris|Nantes",
    "naf.starts-with=62", "naf.starts-with=62&department=69&headcount.at-least=50", "headcount.between=50..249",
    "revenue.at-least=1000000", "department=75", "postal_code.starts-with=690", "address.contains=rue",
    "size_class.in=PME|ETI", "siren.missing=", "siren.known=", "website.missing=", "website.contains=dubois",
    "usual_name.known=", "name.starts-with=dub", "segment=client", "list={list}", "locked=yes", "pinned=yes",
    "claim={list}", "claim_import={list}&list.not={list}", "first_seen.at-least=2026-01-01",
    "updated.at-least=2026-01-01",
)  # fmt: skip
RULES = (
    'companies where city = "Lyon" and headcount > 400',
    'companies where department = "69" and not naf starts with "62"',
    'companies where city != "Lyon" and (headcount < 30 or naf starts with "4")',
)
"""Rules that only the engine answers: few, many, most."""
SORTS = ("-name", "city", "-headcount", "revenue", "naf", "first_seen", "-updated", "siren", "postal_code", "founded")
MIXED = ("city=Lyon&sort=-headcount", "department=69&sort=-revenue", "segment=prospect&sort=city")


def addresses(list_id: int, next_id: int) -> dict[str, list[str]]:
    """Every page by what it is called in the table of results."""
    table = "/companies/?{}".format
    lists = f"/lists/{list_id}/"
    asked = [each.format(list=list_id) for each in FILTERS]
    return {
        "overview": ["/"],
        "lists": ["/lists/"],
        f"a list's content, {LARGE_LIST:,} lines": [
            lists, f"{lists}?page=2", f"{lists}?page=200", f"{lists}?status=waiting", f"{lists}?q=dubois",
        ],
        "a list's versions, import, settings": [
            f"{lists}versions/", f"{lists}versions/1/", f"{lists}import/", f"{lists}settings/", "/lists/new/",
        ],
        "review queue": ["/review/"],
        "answers, quality of matching": ["/review/answers/", "/review/quality/"],
        "a company, its form, a merge": [
            f"/companies/{next_id}/", f"/companies/{next_id}/edit/", f"/companies/1/merge/?with={next_id}",
            "/companies/new/",
        ],
        "company table": ["/companies/", f"/companies/?after={next_id}&page=2"],
        "company table, each sort": [table(f"sort={sort}") for sort in SORTS],
        "company table, each filter": [table(each) for each in asked],
        "company table, filter and sort": [table(each) for each in MIXED],
        "company table, a rule": [table(f"rule={urllib.parse.quote(each)}") for each in RULES],
        "the filter, to be changed": ["/companies/filter/", "/companies/filter/?on=city%3DLyon%26pinned%3Dyes"],
        "select all that match": [f"/companies/selection/?list={list_id}", "/companies/selection/?city=Lyon"],
        "(follows) the exact count": ["/companies/count/", "/companies/count/?city=Lyon", "/companies/count/?q=dubois"],
    }  # fmt: skip


class Visitor(threading.Thread):
    """Somebody who walks every address some times, and notes how long each took."""

    def __init__(
        self, base: str, cookies: http.cookiejar.CookieJar, walk: dict[str, list[str]], rounds: int, pause: float
    ) -> None:
        super().__init__(daemon=True)
        self.base, self.walk, self.rounds, self.pause = base, walk, rounds, pause
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        self.took: dict[str, list[float]] = defaultdict(list)
        self.slowest: dict[str, float] = defaultdict(float)
        self.random = random.Random()

    def run(self) -> None:
        """Walk."""
        every = [(label, address) for label, addresses in self.walk.items() for address in addresses]
        for _ in range(self.rounds):
            self.random.shuffle(every)
            for label, address in every:
                time.sleep(self.random.uniform(0, 2 * self.pause))
                started = time.perf_counter()
                with self.opener.open(self.base + urllib.parse.quote(address, safe="/?&=%|.,-_")) as answer:
                    answer.read()
                seconds = time.perf_counter() - started
                self.took[label].append(seconds)
                self.slowest[address] = max(self.slowest[address], seconds)


def tamis(home: Path, *arguments: str) -> dict:
    """What a command answers."""
    command = [sys.executable, "-m", "tamis", *arguments, "--json"]
    return json.loads(subprocess.run(command, env=_env(home), check=True, capture_output=True, text=True).stdout)


def _env(home: Path) -> dict[str, str]:
    return os.environ | {"TAMIS_HOME": str(home)}


def login(home: Path) -> tuple[str, str]:
    """An editor of the workspace, with a new password."""
    try:
        return "bench", tamis(home, "users", "add", "bench", "--role", "editor")["password"]
    except subprocess.CalledProcessError:
        return "bench", tamis(home, "users", "reset-password", "bench")["password"]


def serve(home: Path, processes: int) -> tuple[subprocess.Popen, str]:
    """A server on a free port, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tamis", "serve", "--port", str(port), "--processes", str(processes)]
    server = subprocess.Popen(command, env=_env(home))
    base = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{base}/sign-in/").close()
            return server, base
        except urllib.error.URLError:
            time.sleep(0.1)
    sys.exit("the server does not answer")


def sign_in(base: str, name: str, password: str) -> http.cookiejar.CookieJar:
    """The cookies of a session: one for all visitors, since guessing is made slow."""
    cookies = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    page = opener.open(f"{base}/sign-in/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "username": name, "password": password})
    opener.open(f"{base}/sign-in/", form.encode())
    return cookies


def p95(seconds: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20, method="inclusive")[18] if len(seconds) > 1 else seconds[0]


def report(visitors: list[Visitor], seconds: float, cpu: float, details: bool) -> None:
    """Print the table."""
    took: dict[str, list[float]] = defaultdict(list)
    for visitor in visitors:
        for label, each in visitor.took.items():
            took[label] += each
    print(f"{'page':48} {'median':>9} {'p95':>9} {'requests':>9}")
    for label, each in took.items():
        print(f"{label:48} {1000 * statistics.median(each):6.0f} ms {1000 * p95(each):6.0f} ms {len(each):9}")
    every = [second for label, each in took.items() if not label.startswith("(") for second in each]
    print(f"{'every page':48} {1000 * statistics.median(every):6.0f} ms {1000 * p95(every):6.0f} ms {len(every):9}")
    print(f"{len(every) / seconds:.1f} requests/s; {1000 * cpu / len(every):.0f} ms of processor time a request")
    if details:
        slowest: dict[str, float] = defaultdict(float)
        for visitor in visitors:
            for address, second in visitor.slowest.items():
                slowest[address] = max(slowest[address], second)
        for address, second in sorted(slowest.items(), key=lambda each: -each[1])[:20]:
            print(f"  slowest {1000 * second:6.0f} ms  {address}")
    print(verdict({label: p95(each) for label, each in took.items()}, p95(every)))


def verdict(by_page: dict[str, float], overall: float) -> str:
    """Whether the aim is met, over all pages and by each of them; what follows a page is not held to it."""
    over = [label for label, seconds in by_page.items() if seconds > AIM and not label.startswith("(")]
    met = "met" if overall <= AIM else "missed"
    each = f"not by: {', '.join(over)}" if over else "by each of them too"
    return f"aim of {1000 * AIM:.0f} ms at the 95th percentile: {met} over all pages ({1000 * overall:.0f} ms), {each}"


def main() -> None:
    """Build the base, serve it, let visitors walk, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=1_000_000)
    parser.add_argument("--lists", type=int, default=200)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--visitors", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two pages, on average")
    parser.add_argument("--processes", type=int, default=2, help="of the server")
    parser.add_argument("--details", action="store_true", help="the slowest addresses too")
    given = parser.parse_args()
    home = furnished(given.companies, given.lists, given.claims)
    large = 1 + sum("-bench " not in each["name"] for each in tamis(home, "lists", "ls"))
    walk = addresses(large, given.companies // 2)
    who = login(home)
    server, base = serve(home, given.processes)
    try:
        cookies = sign_in(base, *who)
        warm = Visitor(base, cookies, walk, 1, 0)
        warm.run()
        before = _cpu(server.pid)
        visitors = [Visitor(base, cookies, walk, given.rounds, given.pause) for _ in range(given.visitors)]
        started = time.perf_counter()
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        seconds = time.perf_counter() - started
        cpu = _cpu(server.pid) - before
    finally:
        server.terminate()
        server.wait(20)
    print(f"{given.companies:,} companies, {given.lists} lists, {given.claims:,} claims; {given.visitors} visitors, "
          f"{given.pause:g} s between pages, {os.cpu_count()} processors")  # fmt: skip
    report(visitors, seconds, cpu, given.details)


def _cpu(pid: int) -> float:
    """Seconds of processor time of a process and its children so far (Linux)."""
    tick = os.sysconf("SC_CLK_TCK")
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == pid or int(words[1]) == pid:
            total += (int(words[11]) + int(words[12])) / tick
    return total


if __name__ == "__main__":
    main()
