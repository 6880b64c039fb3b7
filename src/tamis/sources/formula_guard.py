"""Cells that a spreadsheet would run as formulas: guarded when a CSV file is written, and exactly that taken off again.

A cell that starts with ``=``, ``+``, ``-``, ``@``, a tabulation or a line break (or with the full-width form of a sign)
gets an apostrophe in front, and so does one that has such a sign after apostrophes. Every cell therefore reads back as
it was: ``+33 1 23`` is written ``'+33 1 23``, ``'=x`` is written ``''=x``. Source: OWASP, "CSV Injection".
"""

import re

_SIGN = "[=+\\-@\t\r\n＝＋－＠]"
_RUNS = re.compile(f"'*{_SIGN}")
_GUARDED = re.compile(f"'+{_SIGN}")


def guarded(cell: str) -> str:
    """The cell as a CSV file may hold it."""
    return "'" + cell if _RUNS.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell before :func:`guarded`."""
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell
