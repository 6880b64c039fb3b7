"""The event log: events are acknowledged into the inbox, flushed to a Delta table, and read from both.

    append → inbox → flush → table → compact
                │               │
                └───── read ────┘

Exactly once: design.md §2, docs/decisions/027-events.md. ``verify`` proves it, ``backup`` takes it along.
"""
