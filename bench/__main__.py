"""``make bench``: the rows of docs/reference/vitesse.md that exist so far, each measured as a whole process.

``python -m bench --companies 100000`` takes a smaller base (the default is a million). Every figure is printed with the
command that gave it; the machine's load shows in the spread between the runs.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.base import CACHE, company_file, list_file, misspelt_file, workspace

RUNS = 3


@dataclass
class Measured:
    """A finished command: wall seconds and peak resident megabytes, as the operating system counted them."""

    seconds: float
    megabytes: float
    answer: dict


def run(home: Path, *arguments: str) -> Measured:
    """Run one ``tamis`` command in a workspace, process start included."""
    env = os.environ | {"TAMIS_HOME": str(home)}
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "tamis", *arguments, "--json"], env=env, stdout=subprocess.PIPE, text=True
    )
    out, _ = child.stdout.read(), None
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(f"tamis {' '.join(arguments)} ended with {status}: {out}")
    return Measured(seconds, usage.ru_maxrss / 1024, json.loads(out))


ListMaker = Callable[[Path, int, int], Path]


def imports(companies: int, lines: int, runs: int, make: ListMaker = list_file) -> list[Measured]:
    """The same list imported again and again into a base: the first run fills it, the others replace it."""
    home = workspace(companies)
    file = make(CACHE / f"{make.__name__}-{lines}.csv", lines, companies)
    run(home, "lists", "create", "client", "bench")
    return [run(home, "lists", "import", "client-bench", str(file)) for _ in range(runs)]


def company_imports(companies: int, lines: int) -> list[Measured]:
    """A file of companies that the base does not know, imported twice."""
    home = workspace(companies)
    file = company_file(CACHE / f"companies-{lines}.csv", lines, companies)
    return [run(home, "companies", "import", str(file)) for _ in range(2)]


def row(label: str, measured: list[Measured], target: str = "") -> None:
    """Print one row: median and spread of the time, peak memory, what the first run did."""
    seconds = [each.seconds for each in measured]
    memory = max(each.megabytes for each in measured)
    spread = f"{min(seconds):.2f}-{max(seconds):.2f}"
    print(f"{label:58} {statistics.median(seconds):8.2f} s  ({spread:>13})  {memory:6.0f} MB   {target}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=1_000_000)
    chosen = parser.parse_args()
    CACHE.mkdir(exist_ok=True)
    known, tenth = chosen.companies, chosen.companies // 10

    home = workspace(tenth)
    row("a bare command (tamis --version)", [_bare() for _ in range(5)], "aim: 0.5 s")
    row(f"tamis lists ls, {tenth:,} companies", [run(home, "lists", "ls") for _ in range(3)])
    small = imports(tenth, 5_000, RUNS)
    row(f"a list of 5,000 lines into {tenth:,} companies", small)
    large = imports(known, 5_000, RUNS)
    row(f"a list of 5,000 lines into {known:,} companies", large, "aim: 10 s")
    ratio = statistics.median(e.seconds for e in large) / statistics.median(e.seconds for e in small)
    print(f"{'  10 x the companies cost':58} {ratio:8.2f} x", flush=True)
    misspelt = imports(known, 5_000, RUNS, misspelt_file)
    row("  the same, by nothing but misspelt names", misspelt, "aim: 10 s")
    print("  ", json.dumps({name: misspelt[0].answer[name] for name in ("matched", "review", "waiting")}))
    twenty = imports(known, 20_000, 2)
    row(f"a list of 20,000 lines into {known:,} companies", twenty)
    hundreds = imports(known, 200_000, 2)
    row(f"a list of 200,000 lines into {known:,} companies", hundreds)
    ratio = statistics.median(e.seconds for e in hundreds) / statistics.median(e.seconds for e in twenty)
    print(f"{'  10 x the lines cost':58} {ratio:8.2f} x   aim: about 10 x, memory flat", flush=True)
    counts = {name: value for name, value in hundreds[0].answer.items() if type(value) is int}
    print("  the 200,000 lines, first time:", json.dumps(counts))
    created, unchanged = company_imports(known, 50_000)
    row(f"a file of 50,000 companies into {known:,}, all new", [created])
    row("  the same again: nothing changed", [unchanged])


def _bare() -> Measured:
    started = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", "tamis", "--version"], stdout=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    return Measured(time.perf_counter() - started, usage.ru_maxrss / 1024, {})


if __name__ == "__main__":
    main()
