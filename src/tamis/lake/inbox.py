"""The inbox: events that are acknowledged and not yet in the table, and the ids of recent ones.

Two databases keep it under one contract: a SQLite file of its own, or PostgreSQL (``inbox_sqlite``,
``inbox_postgres``). What :meth:`Inbox.append` returns is durable. Rows are numbered in the order of their commits, so a
batch is a range of numbers.
"""

import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import IntEnum
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

DAY = 86_400_000_000  # microseconds
CHUNK = 5_000
"""Rows that one short transaction deletes, or one read holds in memory."""
LAST = 2**62
"""Higher than any number of an event."""


class Outcome(IntEnum):
    """What became of an event that was appended."""

    ACCEPTED = 0
    REPEATED = 1  # the same id with the same content came before
    CONFLICT = 2  # the same id came with other content: refused


class Arrived(NamedTuple):
    """An event to append: its id, and its stored form."""

    id: str
    body: bytes


class Waits(NamedTuple):
    """An event that waits: its number, when it came (microseconds), its stored form."""

    seq: int
    received: int
    body: bytes


class Batch(NamedTuple):
    """The events with numbers from ``first`` to ``last``, which go into the table in one commit."""

    number: int
    epoch: str
    first: int
    last: int


class Flushed(NamedTuple):
    """A batch that is in the table, and with how many events."""

    number: int
    epoch: str
    events: int


class Waiting(NamedTuple):
    """What the inbox holds: events not yet in the table, when the oldest came (microseconds), batches so far."""

    events: int
    oldest: int | None
    batches: int
    last_flush: int | None
    ids: int
    epoch: str


Known = Mapping[bytes, bytes]


def key_of(id: str) -> bytes:
    """The sixteen bytes by which an id is remembered."""
    return blake2b(id.encode(), digest_size=16).digest()


def content_of(body: bytes) -> bytes:
    """The eight bytes by which a content is remembered."""
    return blake2b(body, digest_size=8).digest()


def now() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


class Inbox(ABC):
    """The contract. One object is used by one thread at a time, or through :class:`~tamis.lake.grouping.Grouped`."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[None]:
        """A transaction in which nobody else writes; committed, and on disk, at the end of the block."""

    @abstractmethod
    def run(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a statement gives; ``?`` stands for values."""

    @abstractmethod
    def run_many(self, sql: str, rows: Collection[Sequence[Any]]) -> None:
        """A statement for each of these rows."""

    @abstractmethod
    def known(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Of these keys, those remembered, with their contents."""

    @abstractmethod
    def close(self) -> None:
        """Let the database go."""

    def append(self, events: Sequence[Arrived]) -> list[Outcome]:
        """Take events, each once; on return those accepted are on disk."""
        keyed = [(key_of(each.id), content_of(each.body)) for each in events]
        with self._writing():
            seen = self.known([key for key, _ in keyed])
            outcomes, new = [], []
            for (key, content), event in zip(keyed, events, strict=True):
                before = seen.get(key)
                if before is None:
                    seen[key] = content
                    new.append((key, content, event.body))
                    outcomes.append(Outcome.ACCEPTED)
                else:
                    outcomes.append(Outcome.REPEATED if before == content else Outcome.CONFLICT)
            self._put(new)
        return outcomes

    def _put(self, new: Sequence[tuple[bytes, bytes, bytes]]) -> None:
        if new:
            at = now()
            keys = sorted((key, what, at // DAY) for key, what, _ in new)  # neighbours on disk one after the other
            self.run_many("INSERT INTO inbox_seen VALUES (?, ?, ?)", keys)
            self.run_many("INSERT INTO inbox_event (received, body) VALUES (?, ?)", [(at, body) for *_, body in new])

    @property
    def epoch(self) -> str:
        """The name of this life of the inbox: a restored one has another, so that its batches are told apart."""
        [(epoch,)] = self.run("SELECT value FROM inbox_meta WHERE name = 'epoch'")
        return str(epoch)

    def begin_epoch(self, batches: Sequence[Flushed] = ()) -> str:
        """Give the inbox a new epoch; what was claimed and not settled waits again.

        ``batches`` are in the table without this inbox having noted it: now it has. What waits, waits after them.
        """
        epoch, last = uuid.uuid4().hex, self.settled()[1]
        with self._writing():
            self.run("DELETE FROM inbox_batch WHERE flushed IS NULL")
            self.run("DELETE FROM inbox_meta WHERE name = 'epoch'")
            self.run("INSERT INTO inbox_meta VALUES ('epoch', ?)", [epoch])
            self.run_many(
                "INSERT INTO inbox_batch (number, epoch, first, last, events, flushed) VALUES (?, ?, ?, ?, ?, ?)",
                [(each.number, each.epoch, last, last, each.events, now()) for each in batches],
            )
        return epoch

    def claim(self, most: int) -> Batch | None:
        """The batch to flush now: one that was claimed before and not settled, else the oldest events that wait."""
        with self._writing():
            found = self.run("SELECT number, epoch, first, last FROM inbox_batch WHERE flushed IS NULL")
            if found:
                return Batch(*found[0])
            [(number, after)] = self.run("SELECT coalesce(max(number), 0), coalesce(max(last), 0) FROM inbox_batch")
            [(first, last)] = self.run(
                "SELECT min(seq), max(seq) FROM"
                " (SELECT seq FROM inbox_event WHERE seq > ? ORDER BY seq LIMIT ?) AS next",
                [after, most],
            )
            if first is None:
                return None
            batch = Batch(number + 1, self.epoch, first, last)
            self.run("INSERT INTO inbox_batch (number, epoch, first, last) VALUES (?, ?, ?, ?)", batch)
        return batch

    def events(self, first: int, last: int) -> Iterator[list[Waits]]:
        """The events of a range of numbers, in chunks."""
        while rows := self.run(
            "SELECT seq, received, body FROM inbox_event WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?",
            [first, last, CHUNK],
        ):
            yield [Waits(seq, received, bytes(body)) for seq, received, body in rows]
            first = rows[-1][0] + 1

    def settle(self, batch: Batch, events: int) -> None:
        """Note that a batch is in the table."""
        with self._writing():
            self.run(
                "UPDATE inbox_batch SET flushed = ?, events = ? WHERE number = ? AND epoch = ? AND flushed IS NULL",
                [now(), events, batch.number, batch.epoch],
            )

    def sweep(self) -> int:
        """Delete the events that are in the table, a little at a time; how many."""
        last = self.settled()[1]
        deleted = 0
        while True:
            with self._writing():
                found = self.run("SELECT max(seq), count(*) FROM (SELECT seq FROM inbox_event WHERE seq <= ? "
                                 "ORDER BY seq LIMIT ?) AS old", [last, CHUNK])  # fmt: skip
                up_to, count = found[0]
                if not count:
                    return deleted
                self.run("DELETE FROM inbox_event WHERE seq <= ?", [up_to])
            deleted += count

    def forget(self, kept_days: int) -> int:
        """Forget the ids of events that came more than so many days ago and are in the table; how many."""
        waiting = self.waiting()
        day = min(now(), waiting.oldest or now()) // DAY - kept_days
        for first in range(256):  # a short transaction each
            with self._writing():
                upper = bytes([first + 1]) if first < 255 else b"\xff" * 17
                self.run("DELETE FROM inbox_seen WHERE key >= ? AND key < ? AND day < ?", [bytes([first]), upper, day])
        return waiting.ids - self.waiting().ids

    def settled(self) -> tuple[int, int]:
        """The number of the last batch that is in the table, and of its last event; what comes after them waits."""
        sql = "SELECT coalesce(max(number), 0), coalesce(max(last), 0) FROM inbox_batch WHERE flushed IS NOT NULL"
        [(number, last)] = self.run(sql)
        return number, last

    def drop(self, ids: Collection[str]) -> int:
        """Delete events that wait although the table has them; how many. They stay known."""
        dropped = 0
        for chunk in self.events(self.settled()[1] + 1, LAST):
            found = [[each.seq] for each in chunk if str(orjson.loads(each.body)["id"]) in ids]
            with self._writing():
                self.run_many("DELETE FROM inbox_event WHERE seq = ?", found)
            dropped += len(found)
        return dropped

    def waiting(self) -> Waiting:
        """What the inbox holds."""
        after = self.settled()[1]
        [(events,)] = self.run("SELECT count(*) FROM inbox_event WHERE seq > ?", [after])
        oldest = self.run("SELECT received FROM inbox_event WHERE seq > ? ORDER BY seq LIMIT 1", [after])
        [(batches, last)] = self.run("SELECT count(*), max(flushed) FROM inbox_batch WHERE flushed IS NOT NULL")
        [(ids,)] = self.run("SELECT count(*) FROM inbox_seen")
        return Waiting(events, oldest[0][0] if oldest else None, batches, last, ids, self.epoch)

    def claimed(self) -> int | None:
        """The number of the batch that is being flushed, or whose flush died."""
        rows = self.run("SELECT number FROM inbox_batch WHERE flushed IS NULL")
        return int(rows[0][0]) if rows else None

    def flushed(self) -> list[Flushed]:
        """Every batch that is in the table."""
        rows = self.run("SELECT number, epoch, events FROM inbox_batch WHERE flushed IS NOT NULL ORDER BY number")
        return [Flushed(*row) for row in rows]
