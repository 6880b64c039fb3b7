"""The state as engines read it: Parquet files of every table, kept up to date by a change log.

    tables (what is exported) → sources (the database, in one transaction) → writing → manifest → reading

A table is base files, a range of ids each, and two small files beside them: the rows changed since (``changes``) and
the ids of base rows that no longer count (``gone``). Whoever reads takes the base without the gone, and the changes:
docs/decisions/028-snapshots.md.
"""
