"""The lake's rows of ``make bench``: events acknowledged a second, flush and compaction, with peak memory.

``python -m bench.lake --events 2000000`` takes fewer events than the usual twenty million; ``--seconds`` is how long
each load of clients lasts. Beside the server stands a bare writer: the same rows into SQLite, one process, no more.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.base import CACHE

CLIENTS = 4
HOME = CACHE / "lake-home"
TAMIS = [sys.executable, "-m", "tamis"]
MONTHS = 12


def raw(n: int, now: datetime) -> dict[str, object]:
    """A visit as a site sends it."""
    return {
        "id": f"visit-{n}-{os.getpid()}", "ts": (now - timedelta(seconds=n % 3000)).isoformat(), "kind": "page_view",
        "visitor": f"v{n % 50_000}", "path": f"/produits/{n % 300}", "channel": "google", "device": "mobile",
        "campaign": f"printemps-{n % 20}",
    }  # fmt: skip


def acknowledged(seconds: float) -> None:
    """Clients that send to one served process, in ones and in five hundreds; then the bare writer."""
    shutil.rmtree(HOME, ignore_errors=True)
    env = os.environ | {"TAMIS_HOME": str(HOME), "TAMIS_EVENTS_RATE": str(10**9)}
    subprocess.run([*TAMIS, "init"], env=env, check=True, stdout=subprocess.DEVNULL)
    made = subprocess.run(
        [*TAMIS, "tokens", "create", "admin", "bench", "--right", "sort", "--json"],
        env=env, check=True, capture_output=True,
    )  # fmt: skip
    token = json.loads(made.stdout)["secret"]
    with _served(env) as port:
        for size in (1, 500):
            for clients in (1, CLIENTS):
                _load(port, token, size, clients, seconds)
    for size in (1, 500):
        _bare(size, seconds)


@contextmanager
def _served(env: dict[str, str]) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = subprocess.Popen([*TAMIS, "serve", "--no-work", "--port", str(port)], env=env, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _load(port: int, token: str, size: int, clients: int, seconds: float) -> None:
    with multiprocessing.Pool(clients) as pool:
        waits = pool.starmap(_client, [(port, token, size, seconds)] * clients)
    every = sorted(wait for each in waits for wait in each)
    rate = len(every) * size / seconds
    p95 = every[int(len(every) * 0.95)] * 1000
    print(
        f"{f'acknowledged, batches of {size}, {clients} clients':52} {rate:10,.0f} events/s   "
        f"median {statistics.median(every) * 1000:6.1f} ms, p95 {p95:6.1f} ms", flush=True,
    )  # fmt: skip


def _client(port: int, token: str, size: int, seconds: float) -> list[float]:
    """How long each request took, for so many seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Host": "localhost"}
    waits, n = [], time.time_ns()
    until = time.perf_counter() + seconds
    while (started := time.perf_counter()) < until:
        now = datetime.now(UTC)
        body = json.dumps({"events": [raw(n + k, now) for k in range(size)]})
        n += size
        started = time.perf_counter()
        connection.request("POST", "/api/events", body, headers)
        answer = json.loads(connection.getresponse().read())
        assert answer["accepted"] == size, answer
        waits.append(time.perf_counter() - started)
    return waits


def _bare(size: int, seconds: float) -> None:
    """The same rows into a table, as durable, with nothing around it."""
    file = HOME / "bare.sqlite3"
    file.unlink(missing_ok=True)
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE event (id TEXT PRIMARY KEY, body TEXT)")
    now, n = datetime.now(UTC), 0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        rows = [(str(each["id"]), json.dumps(each)) for each in (raw(n + k, now) for k in range(size))]
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO event VALUES (?, ?)", rows)
        database.execute("COMMIT")
        n += size
    print(f"{f'bare SQLite writer, batches of {size}':52} {n / seconds:10,.0f} events/s", flush=True)


def _stage(what: str, home: Path, *arguments: str) -> tuple[float, float]:
    """Seconds and peak megabytes of one stage, in a process of its own."""
    started = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", "bench.lake", "--stage", what, "--home", str(home), *arguments])
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, what
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def lake(events: int) -> None:
    """So many events into the inbox, into the table, and into few files; each stage a whole process."""
    home = CACHE / "lake-bulk"
    shutil.rmtree(home, ignore_errors=True)
    for what, said in (
        ("append", "into the inbox"), ("flush", "flushed into the table"), ("compact", "compacted, old files kept"),
        ("read", "one contact's latest events"), ("verify", "verified, every file read"),
    ):  # fmt: skip
        seconds, memory = _stage(what, home, "--events", str(events))
        print(
            f"{f'{events:,} events {said}':52} {seconds:8.1f} s {events / seconds:12,.0f} events/s {memory:8.0f} MB",
            flush=True,
        )
    size = sum(file.stat().st_size for file in home.rglob("*.parquet")) / 1e6
    print(f"{'  files of the table, those left behind included':52} {size:8.0f} MB", flush=True)


def _run_stage(what: str, home: Path, events: int) -> None:
    import orjson

    from tamis.lake.append import append
    from tamis.lake.compact import compact
    from tamis.lake.flush import flush
    from tamis.lake.inbox_sqlite import SqliteInbox
    from tamis.lake.read import Party, View
    from tamis.lake.timeline import events_of
    from tamis.lake.verify import verify
    from tamis.sources.events import Event

    inbox, folder = SqliteInbox(home / "inbox.sqlite3"), home / "lake" / "events"
    if what == "append":
        start = int(datetime(2025, 11, 22, tzinfo=UTC).timestamp() * 1e6)
        step = int(timedelta(days=364).total_seconds() * 1e6) // events
        for first in range(0, events, 5000):
            chunk = []
            for n in range(first, min(first + 5000, events)):
                ts = start + n * step
                body = {
                    "campaign": f"printemps-{n % 20}", "channel": "google", "contact_email": f"c{n % 100_003}@acme.fr",
                    "device": "mobile", "id": f"visit-{n}", "kind": "page_view", "path": f"/produits/{n % 300}",
                    "ts": ts, "visitor": f"v{n % 500_009}",
                }  # fmt: skip
                chunk.append(Event(f"visit-{n}", ts, "page_view", orjson.dumps(body), naive=False, derived=False))
            append(inbox, folder, chunk)
    elif what == "flush":
        assert flush(inbox, folder).events == events
    elif what == "compact":
        compact(folder, many=2)
    elif what == "read":
        assert events_of(View(inbox, folder), Party(emails=["c7@acme.fr"]))
    else:
        assert verify(inbox, folder).ok
    inbox.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--stage")
    parser.add_argument("--home", type=Path)
    chosen = parser.parse_args()
    if chosen.stage:
        _run_stage(chosen.stage, chosen.home, chosen.events)
        return
    CACHE.mkdir(exist_ok=True)
    acknowledged(chosen.seconds)
    lake(chosen.events)


if __name__ == "__main__":
    main()
