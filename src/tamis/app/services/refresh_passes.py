"""Evaluating audiences one after the other, as of one instant: what is read once for all, and who is looked at.

what decides → who can have changed since the last look → those asked, or everybody → who enters, who leaves
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tamis.app.models import Audience, AudienceRun, AudienceVersion
from tamis.app.services import engine_tables
from tamis.app.services.acting import Actor
from tamis.app.services.audience_members import size_of
from tamis.app.services.audience_wanted import deciding_of, made_ready
from tamis.app.services.vocabulary import vocabulary
from tamis.messages import Message, say

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from tamis.app.services.refresh_bounds import Bound, Question
    from tamis.audiences.comparing import Compared, Wanted
    from tamis.audiences.moving import Moving
    from tamis.audiences.narrowing import World
    from tamis.engines.duckdb import DuckDb

TOGETHER = 3
"""From so many audiences on, one reading of the events serves all."""
Way = AudienceRun.Way


@dataclass
class Pass:
    """Several refreshes as of one instant, on the same tables until something that they set off changes the state."""

    now: datetime
    tables: engine_tables.Asked | None = field(default=None)
    opened: "DuckDb | None" = field(default=None)
    left: list[Audience] = field(default_factory=list)
    """Those that are still to be refreshed, in order."""
    bounds: "dict[int, tuple[Any, Bound]]" = field(default_factory=dict)
    moving: "Moving | None" = None
    world: "World | None" = None

    def asked(self) -> engine_tables.Asked:
        """The engine's tables."""
        if self.tables is None:
            self.tables = engine_tables.current()
        return self.tables

    def engine(self, audiences: Collection[int]) -> "DuckDb":
        """An engine over the tables, with the members that some audiences have now; one for the whole pass."""
        from tamis.engines.duckdb import DuckDb

        if self.opened is None:
            self.opened = DuckDb(self.asked().tables)
        self.opened.put("members", engine_tables.members_of(audiences))
        return self.opened

    def stale(self) -> None:
        """The state has changed: tables are made anew for the next refresh."""
        self.tables = None
        self.close()

    def close(self) -> None:
        """Let the engine go."""
        if self.opened is not None:
            self.opened.close()
        self.opened, self.moving, self.world, self.bounds = None, None, None, {}


@dataclass
class Draft:
    """A run before it is written: what it looks at, and why, is noted as it is found."""

    actor: Actor
    audience: Audience
    version: AudienceVersion
    now: datetime
    started_at: datetime
    way: AudienceRun.Way = Way.FULL
    why: Message | None = None
    looked_at: int | None = None
    seen: dict[str, Any] = field(default_factory=dict)


def evaluate(
    draft: Draft, together: Pass, table: "DeltaTable", full: bool, only: Collection[int] | None
) -> "Compared":  # fmt: skip
    """Who enters and who leaves."""
    from tamis.audiences.comparing import compare, compare_some, tables_for
    from tamis.audiences.narrowing import reads_events
    from tamis.rules.sql.changing import unbounded

    wanted, question = wanted_of(draft, table)
    engine = together.engine(question.runs.keys())
    found = _bound(draft, question, together, full, only)
    draft.why, draft.looked_at = found.why, None if found.among is None else len(found.among)
    for name, stored in tables_for(wanted, {}, found.among).items():
        engine.put(name, stored)
    if found.among is None or unbounded(question.rule):
        return compare(engine, wanted, bounded=found.among is not None)
    if reads_events(wanted.rule) and len(together.left) >= TOGETHER and together.world is None:
        _foresee(draft, together, table)
        engine = together.engine(question.runs.keys())
    before = size_of(draft.audience)
    return compare_some(engine, wanted, question.rule, found.among, before, together.world)


def _foresee(draft: Draft, together: Pass, table: "DeltaTable") -> None:
    """Make the small world of all that are still to be refreshed: a hint, each still says itself who is looked at."""
    from tamis.app.services import refresh_bounds
    from tamis.audiences.comparing import asking
    from tamis.audiences.narrowing import World
    from tamis.rules.sql.changing import unbounded

    asked = []
    for each in together.left:
        try:
            wanted, question = wanted_of(replace(draft, audience=each, version=each.version), table)
            found = _bounded(question, together)
        except Exception:  # noqa: S112 - whoever breaks says so in its own turn
            continue
        if found.among and not unbounded(question.rule):
            asked.append(asking(wanted, question.rule, found.among))
    engine = together.engine(())
    if fitting := refresh_bounds.as_many_as_fit(engine, asked):
        together.world = World(engine, fitting)


def _bounded(question: "Question", together: Pass) -> "Bound":
    """Who is looked at; found once while nothing that it hangs on has changed."""
    from tamis.app.services import refresh_bounds

    last = refresh_bounds.last_looked(question.audience)
    key = (last and last.pk, sorted(question.runs.items()), question.version.pk)
    known = together.bounds.get(question.audience.pk)
    if known is None or known[0] != key:
        engine = together.engine(question.runs.keys())
        if together.moving is None:
            together.moving = refresh_bounds.moving(engine, together.left, question.known, together.now)
        known = (key, refresh_bounds.bound(question, together.asked(), engine, together.moving))
        together.bounds[question.audience.pk] = known
    return known[1]


def _bound(
    draft: Draft, question: "Question", together: Pass, full: bool, only: Collection[int] | None
) -> "Bound":  # fmt: skip
    """Who is looked at, and why; the draft of the run says so too, and what it saw."""
    from tamis.app.services import refresh_bounds

    if only is not None:
        draft.way = Way.HAND
        return refresh_bounds.Bound(say("nommés par une personne"), sorted({*only}))
    draft.seen = refresh_bounds.seen(question, together.asked())
    if draft.way == Way.CHECK:
        return refresh_bounds.Bound(say("vérification"))
    found = refresh_bounds.Bound(say("demandé")) if full else _bounded(question, together)
    draft.way = Way.FULL if found.among is None else Way.PART
    return found


def wanted_of(draft: Draft, table: "DeltaTable") -> "tuple[Wanted, Question]":
    """What decides who is in, and what is asked."""
    from tamis.app.services import refresh_bounds

    audience, version, known = draft.audience, draft.version, vocabulary()
    deciding = deciding_of(audience, version.read, version.mode, version.exclusions)
    wanted, needed = made_ready(deciding, draft.now, known)
    runs = refresh_bounds.runs_of(table, {audience.pk, *needed})
    question = refresh_bounds.Question(audience, version, deciding.rule, known, draft.now, runs, deciding.by_rule)
    return wanted, question
