"""The rules' rows of ``make bench``: questions through Tamis, as hand-written SQL on the same files, and with pandas.

``python -m bench.rules`` asks 1,000,000 contacts with 20,000,000 events, after a tenth of that for the growth; with
``BIG=1`` five times as much too. Tamis's time is all from the text of a rule to its count: read, check, compile, make
what the query needs, answer. Both sides have an engine with the same limits, whose views are made beforehand; their
runs take turns. A third answer comes from pandas, each question in a process of its own. Where two answers differ,
nothing counts.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from bench.__main__ import run
from bench.base import workspace
from bench.crowd import NOW, PER_CONTACT, crowd, vocabulary
from bench.rule_questions import QUESTIONS, Question

RUNS = 5
ALLOWED, MORE = 1.3, 30
"""Tamis may take so many times what the SQL takes, and so many milliseconds more."""
PATIENCE, ROOM = 120, 5 * 2**30
"""Seconds and bytes that pandas may take for a question."""


def asked(engine: Any, words: Any, question: Question) -> int:
    """How many a rule holds for, from its text."""
    from tamis.rules.checking import check
    from tamis.rules.parsing import parse
    from tamis.rules.sql.compiling import compile_count

    rule = parse(question.rule)
    check(rule, words, question.rule)
    return int(engine.ask(compile_count(rule, words, NOW)).column(0)[0].as_py())


def selected(engine: Any, words: Any, question: Question) -> set[int]:
    """Whom a rule holds for."""
    from tamis.rules.checking import check
    from tamis.rules.parsing import parse
    from tamis.rules.sql.compiling import compile_rule

    rule = parse(question.rule)
    check(rule, words, question.rule)
    return {*engine.ask(compile_rule(rule, words, NOW)).column(0).to_pylist()}


def counted(engine: Any, question: Question) -> int:
    """How many the hand-written SQL selects."""
    rows = engine.connection.execute(f"SELECT count(*) FROM ({question.sql})").to_arrow_table()
    return int(rows.column(0)[0].as_py())


def forget(engine: Any) -> None:
    """Have an engine make anew what queries need."""
    for name in reversed([*engine.made]):
        engine.connection.execute(f"DROP TABLE {name}")
    engine.made.clear()


def _timed(call: Callable[[], int]) -> tuple[float, float]:
    """Milliseconds by the clock, and of the processors."""
    before, started = time.process_time(), time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000, (time.process_time() - before) * 1000


def compare(contacts: int, runs: int) -> None:
    """Print a line of JSON a question: answers, times of both sides."""
    from tamis.engines.duckdb import DuckDb

    tables, words = crowd(contacts).tables, vocabulary()
    started = time.perf_counter()
    engine = DuckDb(tables)
    _say({"engine": (time.perf_counter() - started) * 1000})
    by_hand = DuckDb(tables)
    for question in QUESTIONS:
        ids = selected(engine, words, question)
        same = ids == {row[0] for row in by_hand.connection.execute(question.sql).fetchall()}
        took: dict[str, list[tuple[float, float]]] = {"tamis": [], "again": [], "hand": []}
        for _ in range(runs):
            forget(engine)
            took["tamis"].append(_timed(lambda: asked(engine, words, question)))  # noqa: B023 - called at once
            took["hand"].append(_timed(lambda: counted(by_hand, question)))  # noqa: B023
            if engine.made:
                took["again"].append(_timed(lambda: asked(engine, words, question)))  # noqa: B023
        medians = {
            side: [statistics.median(each) for each in zip(*times, strict=True)]
            for side, times in took.items()
            if times
        }
        _say({"name": question.name, "count": len(ids), "print": _print(ids), "same": same, **medians})


def one_side(side: str, contacts: int) -> None:
    """Ask everything once, one side alone: for its memory."""
    from tamis.engines.duckdb import DuckDb

    words = vocabulary()
    with DuckDb(crowd(contacts).tables) as engine:
        for question in QUESTIONS:
            asked(engine, words, question) if side == "tamis" else counted(engine, question)


def frames(name: str, contacts: int) -> None:
    """One question with pandas: the print of its answer and its milliseconds."""
    from bench.rule_frames import FRAMES, Data

    resource.setrlimit(resource.RLIMIT_DATA, (ROOM, ROOM))
    data = Data(crowd(contacts).tables)
    started = time.perf_counter()
    with suppress(MemoryError):
        ids = FRAMES[name](data)
        _say({"ms": (time.perf_counter() - started) * 1000, "print": _print(ids)})


def _print(ids: set[int]) -> str:
    return blake2b(repr(sorted(map(int, ids))).encode(), digest_size=8).hexdigest()


def _say(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)


def _child(
    stage: str, contacts: int, *arguments: str, patience: float | None = None
) -> tuple[list[dict[str, Any]], float]:
    """What a stage in a process of its own said, and its peak memory in megabytes."""
    command = [sys.executable, "-m", "bench.rules", "--stage", stage, "--contacts", str(contacts), *arguments]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        out, _ = child.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        child.kill()
        out, _ = child.communicate()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return [json.loads(line) for line in out.splitlines()], peak / 1024


def _alone(
    stage: str, contacts: int, *arguments: str, patience: float | None = None
) -> tuple[list[dict[str, Any]], float]:
    """As :func:`_child`, from a process between: the system keeps one peak for all children of a process."""
    reading, writing = os.pipe()
    between = os.fork()
    if not between:
        os.close(reading)
        with os.fdopen(writing, "w") as pipe:
            json.dump(_child(stage, contacts, *arguments, patience=patience), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(between, 0)
    lines, peak = json.loads(said)
    return lines, peak


def measure(contacts: int, runs: int, pandas: bool) -> dict[str, float]:
    """Print the table of a crowd; the milliseconds of Tamis by question. Exits where answers differ."""
    print(f"\n{contacts:,} contacts, {contacts // 5:,} companies, {contacts * PER_CONTACT:,} events; load {_load()}")
    (made, *rows), _ = _alone("compare", contacts, "--runs", str(runs))
    print(
        f"making the engine and its views: {made['engine']:.0f} ms; median of {runs} runs, processor time in brackets"
    )
    print(
        f"{'rule':26} {'count':>8} {'Tamis ms':>15} {'SQL ms':>15} {'ratio':>12} {'allowed':>8}  {'again':>6} "
        f"{'pandas ms':>10} {'MB':>6}"
    )
    wrong = [row["name"] for row in rows if not row["same"]]
    for row in rows:
        told, peak = _alone("pandas", contacts, "--question", row["name"], patience=PATIENCE) if pandas else ([], 0.0)
        if told and told[0]["print"] != row["print"]:
            wrong.append(f"{row['name']} (pandas)")
        print(_row(row, told, peak, pandas), flush=True)
    for side in ("tamis", "hand"):
        print(f"peak memory, all questions one after another, {side}: {_alone(side, contacts)[1]:.0f} MB", flush=True)
    print(f"load {_load()}; within {ALLOWED} x + {MORE} ms: {sum(map(_met, rows))} of {len(rows)}")
    if wrong or len(rows) < len(QUESTIONS):
        sys.exit(f"answers differ, or are missing: {', '.join(wrong)}")
    return {row["name"]: row["tamis"][0] for row in rows}


def _met(row: dict[str, Any]) -> bool:
    return bool(row["tamis"][0] <= ALLOWED * row["hand"][0] + MORE)


def _row(row: dict[str, Any], told: list[dict[str, Any]], peak: float, pandas: bool) -> str:
    (clock, work), (hand, hand_work) = row["tamis"], row["hand"]
    again = f"{row['again'][0]:6.0f}" if "again" in row else f"{'':6}"
    slow = (f"{told[0]['ms']:10,.0f} {peak:6,.0f}" if told else f"{'too much':>10} {peak:6,.0f}") if pandas else ""
    return (
        f"{row['name']:26} {row['count']:8,} {clock:7,.0f} {f'({work:,.0f})':>7} "
        f"{hand:7,.0f} {f'({hand_work:,.0f})':>7} "
        f"{clock / hand:5.2f} {f'({work / hand_work:.2f})':>6} {'met' if _met(row) else 'MISSED':>8}  {again} {slow}"
    )


def _load() -> str:
    return " ".join(f"{each:.1f}" for each in os.getloadavg())


def command() -> None:
    """A count as a whole process, over a small workspace."""
    home = workspace(10_000)
    for rule in ("companies where headcount > 10", "companies where did page_view in last 30 days"):
        first, *others = [run(home, "count", rule) for _ in range(RUNS)]
        later = statistics.median(each.seconds for each in others)
        memory = max(each.megabytes for each in (first, *others))
        print(f"tamis count '{rule}': first {first.seconds:.2f} s, then {later:.2f} s, {memory:.0f} MB", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--no-pandas", action="store_true", help="leave the third answer out")
    parser.add_argument("--no-growth", action="store_true", help="leave the tenth out")
    parser.add_argument("--stage", choices=("compare", "tamis", "hand", "pandas"))
    parser.add_argument("--question")
    chosen = parser.parse_args()
    if chosen.stage == "compare":
        return compare(chosen.contacts, chosen.runs)
    if chosen.stage == "pandas":
        return frames(chosen.question, chosen.contacts)
    if chosen.stage:
        return one_side(chosen.stage, chosen.contacts)
    command()
    sizes = [chosen.contacts] if chosen.no_growth else [chosen.contacts // 10, chosen.contacts]
    sizes += [chosen.contacts * 5] if os.environ.get("BIG") == "1" else []
    took = []
    for contacts in sizes:
        crowd(contacts)
        took.append(measure(contacts, chosen.runs, not chosen.no_pandas and contacts <= 1_000_000))
    for (few, small), (many, large) in pairwise(zip(sizes, took, strict=True)):
        print(f"\ngrowth, {few:,} → {many:,} contacts ({many / few:g} x the data)")
        for name, before in small.items():
            print(f"{name:26} {large[name] / before:6.1f} x", flush=True)
    return None


if __name__ == "__main__":
    main()
