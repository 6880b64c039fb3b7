"""Audiences that keep themselves: who should be in, who is in, what changed, and what hangs on what.

    rule + pins + exclusions → comparing (who enters, who leaves) → members (a table of edges, one commit a run)

``depends`` puts audiences in the order in which they must be refreshed, and finds cycles.
"""
