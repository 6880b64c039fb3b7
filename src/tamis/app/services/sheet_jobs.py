"""The sheets that lists follow, read when their time has come."""

from tamis.app.services import sheets
from tamis.app.services.work import every


@every(5)
def read_due_sheets() -> None:
    """Read every sheet that is due; each has its own frequency."""
    sheets.fetch_due()
