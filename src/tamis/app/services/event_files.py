"""Files of events between their upload and their rehearsal, each for the one who brought it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tamis.app.models import User
from tamis.app.services.kept_files import KeptFiles
from tamis.errors import NotFound
from tamis.messages import say
from tamis.sources.event_files import SeenColumn, seen_columns

FILES = KeptFiles("event-files", "events.json")


@dataclass
class EventUpload:
    """A file that was brought: whose it is, and its columns; none where its lines are JSON."""

    token: str
    user_id: int
    file_name: str
    columns: list[SeenColumn]

    @property
    def path(self) -> Path:
        """The file as it was brought."""
        return FILES.folder(self.token) / "file"


def receive(user: User, file_name: str, chunks: Iterable[bytes]) -> EventUpload:
    """Keep a file and look at its columns.

    Raises :class:`~tamis.errors.Refused` for one over the limit, :class:`~tamis.errors.Unreadable` for one that is
    neither a table nor JSON.
    """
    kept = EventUpload(FILES.receive(chunks), user.pk, (file_name or "?")[:200], [])
    try:
        kept.columns = seen_columns(kept.path, kept.file_name)
        FILES.know(kept.token, asdict(kept))
    except BaseException:
        FILES.discard(kept.token)
        raise
    return kept


def find(token: str, user: User) -> EventUpload:
    """A file by its token. Raises :class:`~tamis.errors.NotFound` for somebody else's, or one that is gone."""
    known = FILES.find(token)
    if known is None or known["user_id"] != user.pk:
        raise NotFound(say("Ce fichier n'est plus là : choisissez-le à nouveau."), "upload.gone")
    columns = [SeenColumn(each["heading"], tuple(each["samples"]), each["field"]) for each in known["columns"]]
    return EventUpload(**known | {"columns": columns})
