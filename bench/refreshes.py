"""What a refresh costs when all are looked at, and when only those are whose answer can have changed.

``python -m bench.refreshes`` asks 1,000,000 contacts with 20,000,000 events, an hour after audiences of the questions
of ``bench.rule_questions`` were filled. In that hour a share of contacts and of companies was written, tags and own
fields too, of these one in ten is new or known by something else (an address, a SIREN, another company), and as many
events arrived as contacts were written. Measured is what the engine is asked: who can have
changed, and who of them enters or leaves; the snapshot, the lake's commit and the row of the
run cost the same both ways and are left out. Both ways must come to the same.
"""

import argparse
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bench.crowd import NOW, Crowd, crowd, vocabulary
from bench.rule_questions import QUESTIONS

SHARES = (0.0001, 0.01, 0.1)
AGO = timedelta(hours=1)
SHARE = 5
"""Where more than one in so many can have changed, all are looked at, as in ``services/refresh_bounds.py``."""
ALLOWED, MORE = 0.1, 50
"""A refresh may take such a share of a full one, and so many milliseconds more."""
WRITTEN = ("contacts", "contact_fields", "contact_tags"), ("companies", "company_fields", "company_tags")


@dataclass
class Asked:
    """An engine over the crowd after changes, and one rule as an audience that was filled before them."""

    engine: Any
    rule: Any
    known: Any
    members: Any

    def wanted(self) -> Any:
        from tamis.audiences.comparing import Wanted
        from tamis.audiences.narrowing import since, without_events
        from tamis.rules.sql.compiling import compile_rule

        some = without_events(self.rule)
        plain = compile_rule(some, self.known, NOW) if some else None
        query, after = compile_rule(self.rule, self.known, NOW), since(self.rule, NOW, self.known.zone)
        return Wanted(1, self.rule.subject, "dynamic", query, True, plain=plain, since=after)

    def put(self, among: Any = None) -> Any:
        from tamis.audiences.comparing import tables_for

        wanted = self.wanted()
        for name, stored in {**tables_for(wanted, {}, among), "members": self.members}.items():
            self.engine.put(name, stored)
        return wanted

    def full(self) -> pa.Table:
        from tamis.audiences.comparing import compare

        return compare(self.engine, self.put()).edges

    def part(self) -> tuple[pa.Table, int]:
        from tamis.audiences.comparing import compare_some
        from tamis.audiences.moving import Moving
        from tamis.rules.sql import changing

        since = changing.Since(NOW - AGO, self.settled, {1: 1})
        search = changing.changed(self.rule, self.known, since, NOW)
        moving = Moving(self.engine)
        moving.hold([search])
        among = self.engine.ask(search.query).column("id").to_pylist()
        moving.forget()
        wanted = self.put(among)
        return compare_some(self.engine, wanted, self.rule, among, 0).edges, len(among)

    @property
    def settled(self) -> int:
        return int(self.engine.settled)


def changed_crowd(made: Crowd, share: float) -> Any:
    """An engine over the crowd in which a share has changed within the last hour."""
    from tamis.engines.contract import Stored
    from tamis.engines.duckdb import DuckDb
    from tamis.lake.snapshots.touched import SCHEMA

    tables = made.tables
    events = tables["events"]
    n = int(made.contacts * share)
    engine = DuckDb({**tables, "events": Stored(arrived(events.rows, n, events.settled or 0), events.files,
                                                settled=events.settled)})  # fmt: skip
    contacts, companies = (some(n, share) for n in (made.contacts, made.contacts // 5))
    owned = [(name, "contacts", contacts) for name in WRITTEN[0]] + [
        (name, "companies", companies) for name in WRITTEN[1]
    ]
    owned += [("contacts", "companies", companies_of(engine, contacts))]
    owned += [("contacts_keys", "contacts", contacts[::10]), ("companies_keys", "companies", companies[::10])]
    owned += [("contacts_keys", "companies", companies_of(engine, contacts[::10]))]
    rows = [
        pa.table({"number": pa.repeat(1, len(ids)), "at": pa.repeat(0, len(ids)), "name": pa.repeat(name, len(ids)),
                  "of": pa.repeat(of, len(ids)), "id": ids}, schema=SCHEMA)
        for name, of, ids in owned
    ]  # fmt: skip
    engine.put("touched", Stored(pa.concat_tables(rows)))
    engine.settled = events.settled  # type: ignore[attr-defined]
    return engine


def some(n: int, share: float) -> pa.Array:
    """Ids of a share, evenly spread."""
    step = max(int(1 / share), 1)
    return pa.array(range(1, n + 1, step), pa.int64())


def companies_of(engine: Any, contacts: pa.Array) -> pa.Array:
    """The companies of some contacts."""
    from tamis.engines.contract import Stored
    from tamis.rules.sql.query import Query

    engine.put("written", Stored(pa.table({"id": contacts})))
    sql = "SELECT DISTINCT company AS id FROM contacts WHERE company IS NOT NULL AND id IN (SELECT id FROM written)"
    return engine.ask(Query(sql)).column("id").combine_chunks()


def arrived(pending: pa.Table, n: int, settled: int) -> pa.Table:
    """So many events of the last hour that wait: those that wait in the crowd, and copies of them."""
    copies = -(-n // len(pending)) or 1
    rows = pa.concat_tables([pending] * copies).slice(0, max(n, 1)).combine_chunks()
    step = AGO / max(n, 1)
    moments = pa.array([NOW - step * each for each in range(len(rows))], pending.schema.field("ts").type)
    emails = rows.column("contact_email")
    shuffled = emails.take(pa.array([(each * 7919) % len(rows) for each in range(len(rows))]))
    rows = rows.set_column(rows.schema.get_field_index("ts"), "ts", moments)
    rows = rows.set_column(rows.schema.get_field_index("contact_email"), "contact_email", shuffled)
    return rows.set_column(rows.schema.get_field_index("batch"), "batch", pa.repeat(settled + 1, len(rows)))


def before(engine: Any, rule: Any, known: Any) -> Any:
    """The members as of an hour ago, as a run left them."""
    from tamis.audiences.members import NOW as PRESENT
    from tamis.audiences.members import SCHEMA
    from tamis.engines.contract import Stored
    from tamis.rules.sql.compiling import compile_rule

    ids = engine.ask(compile_rule(rule, known, NOW - AGO)).column("id")
    n = len(ids)
    rows = pa.table([pa.repeat(pa.scalar(1, pa.int64()), n), ids, pa.repeat(True, n), pa.repeat(pa.scalar(NOW - AGO,
                     SCHEMA.field("instant").type), n), pa.repeat(pa.scalar(1, pa.int64()), n)],
                    schema=SCHEMA.remove(len(SCHEMA) - 1))  # fmt: skip
    return Stored(rows, made=PRESENT)


def timed(call: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Least milliseconds of the processors, whoever else uses them, and the last answer."""
    took, answer = [], None
    for _ in range(runs):
        started = time.process_time()
        answer = call()
        took.append((time.process_time() - started) * 1000)
    return min(took), answer


def rows_of(engine: Any, runs: int) -> Iterator[tuple[str, float, float, int]]:
    """For each question that can be bounded: its name, milliseconds in full and in part, how many were looked at."""
    from tamis.rules.parsing import parse
    from tamis.rules.sql.changing import unbounded

    known = vocabulary()
    for question in QUESTIONS:
        rule = parse(question.rule)
        if unbounded(rule):
            continue
        asked = Asked(engine, rule, known, before(engine, rule, known))
        full, edges = timed(asked.full, runs)
        part, (some_edges, looked_at) = timed(asked.part, runs)
        if not pc.all(pc.equal(edges.column("subject"), some_edges.column("subject"))).as_py() and len(edges):
            raise SystemExit(f"{question.name}: answers differ")
        yield question.name, full, part, looked_at


def rules_of(many: int) -> list[Any]:
    """So many rules: the questions that can be bounded, then the same with windows and numbers a little longer."""
    from tamis.rules.parsing import parse
    from tamis.rules.sql.changing import unbounded

    first = [each.rule for each in QUESTIONS if not unbounded(parse(each.rule))]
    rounds = range(-(-many // len(first)))
    return [parse(_longer(text, round)) for round in rounds for text in first][:many]


def _longer(text: str, by: int) -> str:
    return re.sub(r"(in last|at least) (\d+)", lambda said: f"{said[1]} {int(said[2]) + by}", text)


def together(engine: Any, many: int, crowd_of: int) -> tuple[float, float, int]:
    """Audiences of so many rules, refreshed one after another: seconds of the processors in full and in part."""
    from tamis.audiences.comparing import asking, compare_some
    from tamis.audiences.moving import Moving
    from tamis.audiences.narrowing import World
    from tamis.rules.sql import changing

    known = vocabulary()
    asked = [Asked(engine, rule, known, before(engine, rule, known)) for rule in rules_of(many)]
    steps = Steps()
    full = [each.full() for each in asked]
    full_s = steps("in full")
    since = changing.Since(NOW - AGO, asked[0].settled, {1: 1})
    searches = [changing.changed(each.rule, known, since, NOW) for each in asked]
    moving = Moving(engine)
    moving.hold(searches)
    part_s = steps("the events by which answers turn, and whose they are")
    found = [engine.ask(each.query).column("id").to_pylist() for each in searches]
    part_s += steps("who can have changed")
    asked[0].put([])
    most = {"contacts": crowd_of // SHARE, "companies": crowd_of // 5 // SHARE}
    few = [len(ids) <= most[each.rule.subject] for each, ids in zip(asked, found, strict=True)]
    some_asked = [
        asking(each.wanted(), each.rule, ids) for each, ids, yes in zip(asked, found, few, strict=True) if yes
    ]
    world = World(engine, some_asked)
    part_s += steps("their world")
    print(f"  audiences of which all are looked at, as too many can have changed: {few.count(False)}")
    for each, ids, edges, yes in zip(asked, found, full, few, strict=True):
        some_edges = compare_some(engine, each.put(ids), each.rule, ids, 0, world).edges if yes else each.full()
        if not edges.equals(some_edges):
            raise SystemExit("answers differ")
    part_s += steps("who enters, who leaves")
    return full_s, part_s, len(asked)


class Steps:
    """Says, and returns, how many seconds of the processors went since it was made or asked last."""

    def __init__(self) -> None:
        self.last = time.process_time()

    def __call__(self, what: str) -> float:
        took, self.last = time.process_time() - self.last, time.process_time()
        print(f"  {what}: {took:.2f} s", flush=True)
        return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--share", type=float, action="append")
    parser.add_argument("--together", type=int, nargs="?", const=21, help="so many audiences in one pass, and no more")
    chosen = parser.parse_args()
    made = crowd(chosen.contacts)
    for share in chosen.share or SHARES:
        size = f"{made.contacts:,} contacts, {made.events:,} events"
        print(f"\n{share:.2%} changed of {size}; load {os.getloadavg()[0]:.1f}")
        if chosen.together:
            full_s, part_s, n = together(changed_crowd(made, share), chosen.together, made.contacts)
            print(f"{n} audiences in one pass: in full {full_s:.1f} s of the processors, in part {part_s:.1f} s")
            continue
        print(f"{'rule':28} {'full ms':>9} {'part ms':>9} {'looked at':>10} {'aim ms':>8}")
        met = 0
        rows = [*rows_of(changed_crowd(made, share), chosen.runs)]
        for name, full, part, looked_at in rows:
            aim = ALLOWED * full + MORE
            met += part <= aim
            print(
                f"{name:28} {full:9,.0f} {part:9,.0f} {looked_at:10,} {aim:8,.0f} {'met' if part <= aim else 'MISSED'}"
            )
        print(f"within the aim: {met} of {len(rows)}; load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
