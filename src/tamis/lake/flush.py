"""From the inbox into the table, each event once, wherever the process dies.

    claim a batch → open the table → is the batch in it already? → one commit that carries its number → settle

The table is opened after the claim and committed to through that same handle: two that flush the same batch have the
same number to commit, and Delta lets only one of them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tamis.errors import Busy
from tamis.lake.inbox import Batch, Inbox
from tamis.lake.table import app_of, commit, open_table, rows_of
from tamis.messages import say

if TYPE_CHECKING:
    from deltalake import DeltaTable

MOST = 50_000
"""Events in one commit: memory follows this, not how many wait."""


@dataclass(frozen=True)
class FlushReport:
    """How many events went into the table, and in how many commits."""

    events: int
    batches: int


def flush(inbox: Inbox, folder: Path, most: int = MOST, *, batches: int | None = None) -> FlushReport:
    """Bring what waits into the table, in as many commits as it takes, or at most ``batches``.

    Raises :class:`~tamis.errors.Busy` when somebody else flushes at the same time.
    """
    events = count = 0
    while (batches is None or count < batches) and (batch := inbox.claim(most)):
        events += _flush_one(inbox, folder, batch)
        count += 1
    inbox.sweep()
    return FlushReport(events, count)


def _flush_one(inbox: Inbox, folder: Path, batch: Batch) -> int:
    """The number of events of a batch, which is in the table now, and settled."""
    from deltalake.exceptions import CommitFailedError

    table = open_table(folder)  # after the claim
    stored = [event for chunk in inbox.events(batch.first, batch.last) for event in chunk]
    if not _is_in(table, batch):
        try:
            commit(table, rows_of(stored, batch.number), batch.epoch, batch.number)
        except CommitFailedError as error:
            raise Busy(
                say("Quelqu'un d'autre verse les événements dans le lac : recommencez dans un instant."), "lake.busy"
            ) from error
    inbox.settle(batch, len(stored))
    return len(stored)


def _is_in(table: "DeltaTable", batch: Batch) -> bool:
    """Whether the table, as it was opened, has this batch."""
    last = table.transaction_version(app_of(batch.epoch))
    return last is not None and last >= batch.number
