"""Files of events between upload and rehearsal, each for the one who brought it; lines of JSON have no columns."""

from collections.abc import Iterable, Sequence

from tamis.app.models import User
from tamis.app.services import kept_files
from tamis.app.services.kept_files import Brought, KeptFiles
from tamis.sources.event_files import SeenColumn, seen_columns

FILES = KeptFiles("event-files", "events.json")
EventUpload = Brought[SeenColumn]


def receive(user: User, file_name: str, chunks: Iterable[bytes]) -> EventUpload:
    """Keep a file and look at its columns. Raises as :func:`~tamis.app.services.kept_files.receive`."""
    return kept_files.receive(FILES, user, file_name, chunks, seen_columns)


def find(token: str, user: User) -> EventUpload:
    """A file by its token. Raises as :func:`~tamis.app.services.kept_files.find`."""
    return kept_files.find(FILES, token, user, _column)


def _column(heading: str, samples: Sequence[str], field: str) -> SeenColumn:
    return SeenColumn(heading, tuple(samples), field)
