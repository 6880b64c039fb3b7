"""Events acknowledged: checked against what was acknowledged before, then on disk in the inbox.

The inbox remembers ids for some days. An event that happened within those days cannot have come earlier than it
happened, so the inbox knows of it; one that happened before them is looked for in the table too, in its month.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from tamis.lake.grouping import Grouped
from tamis.lake.inbox import DAY, Arrived, Inbox, Outcome, content_of, key_of, now
from tamis.sources.event_values import EPOCH
from tamis.sources.events import Event

KEPT_DAYS = 30
"""How long the inbox remembers ids, unless set otherwise."""


def append(inbox: Inbox | Grouped, folder: Path, events: Sequence[Event], kept_days: int = KEPT_DAYS) -> list[Outcome]:
    """What became of each event; those accepted are durable."""
    found = _in_table(inbox, folder, events, kept_days)
    fresh = [Arrived(each.id, each.body) for place, each in enumerate(events) if place not in found]
    outcomes = iter(inbox.append(fresh) if fresh else ())
    return [found[place] if place in found else next(outcomes) for place in range(len(events))]


def foresee(inbox: Inbox | Grouped, folder: Path, events: Sequence[Event], kept_days: int = KEPT_DAYS) -> list[Outcome]:
    """What :func:`append` would answer now, events that are alike among these apart; nothing is taken."""
    found = _in_table(inbox, folder, events, kept_days)
    keys = [key_of(each.id) for each in events]
    known = inbox.known(keys)
    return [
        found[place] if place in found
        else Outcome.ACCEPTED if key not in known
        else Outcome.REPEATED if known[key] == content_of(event.body) else Outcome.CONFLICT
        for place, (key, event) in enumerate(zip(keys, events, strict=True))
    ]  # fmt: skip


def _in_table(inbox: Inbox | Grouped, folder: Path, events: Sequence[Event], kept_days: int) -> dict[int, Outcome]:
    """What became, by place, of those late events that the table has and the inbox has forgotten."""
    oldest = now() - (kept_days - 1) * DAY
    late = [place for place, each in enumerate(events) if each.ts < oldest]
    if not late:
        return {}
    from tamis.lake.read import stored_ids  # here: it takes a while to import, and seldom is anything late

    known = inbox.known([key_of(events[place].id) for place in late])
    unknown = [place for place in late if key_of(events[place].id) not in known]
    moments = {place: EPOCH + timedelta(microseconds=events[place].ts) for place in unknown}
    stored = stored_ids(folder, [(events[place].id, moments[place]) for place in unknown]) if unknown else {}
    return {
        place: Outcome.REPEATED if stored[id] == (moments[place], events[place].kind) else Outcome.CONFLICT
        for place in unknown
        if (id := events[place].id) in stored
    }
