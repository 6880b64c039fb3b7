"""One commit for many: requests that arrive while another is being written to disk go to disk together."""

from collections.abc import Sequence
from threading import Lock

from tamis.lake.inbox import Arrived, Inbox, Outcome


class _Entry:
    def __init__(self, events: Sequence[Arrived]) -> None:
        self.events = events
        self.outcomes: list[Outcome] | None = None
        self.error: Exception | None = None


class Grouped:
    """An inbox that several threads append to. Each waits until its own events are on disk."""

    MOST = 20_000
    """Events in one commit."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self._queue: list[_Entry] = []
        self._queueing = Lock()
        self._writing = Lock()

    def append(self, events: Sequence[Arrived]) -> list[Outcome]:
        """As :meth:`Inbox.append`; the thread whose turn it is writes for all that wait."""
        entry = _Entry(events)
        with self._queueing:
            self._queue.append(entry)
        with self._writing:
            while entry.outcomes is None and entry.error is None:
                self._commit(self._next())
        if entry.error is not None:
            raise entry.error
        assert entry.outcomes is not None
        return entry.outcomes

    def known(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """As :meth:`Inbox.known`."""
        return self.inbox.known(keys)

    def _next(self) -> list[_Entry]:
        """The oldest entries, as many as one commit takes."""
        with self._queueing:
            taken, count = 0, 0
            while taken < len(self._queue) and (not taken or count < self.MOST):
                count += len(self._queue[taken].events)
                taken += 1
            entries, self._queue = self._queue[:taken], self._queue[taken:]
        return entries

    def _commit(self, entries: Sequence[_Entry]) -> None:
        try:
            outcomes = iter(self.inbox.append([event for entry in entries for event in entry.events]))
            for entry in entries:
                entry.outcomes = [next(outcomes) for _ in entry.events]
        except Exception as error:
            for entry in entries:
                entry.error = error
