"""Sessions in the database that know whose they are, from which browser and address, and when they were last seen."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from tamis.app.models import Session

FROM = "_from"
"""Where a session keeps the browser and the address that signed in."""


class SessionStore(DatabaseStore):
    """Django's own store, on rows that people can be shown."""

    row: Session | None = None
    """The row that was read, none for a new session."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The rows of these sessions."""
        return Session

    def _get_session_from_db(self) -> Any:
        self.row = super()._get_session_from_db()  # type: ignore[misc]
        return self.row

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of a session about to be written."""
        made: Session = super().create_model_instance(data)  # type: ignore[assignment]
        came_from = data.get(FROM, {})
        now = timezone.now()
        made.user_id = int(data["_auth_user_id"]) if "_auth_user_id" in data else None
        made.browser, made.address = came_from.get("browser", ""), came_from.get("address", "")
        made.started_at = self.row.started_at if self.row and self.row.pk == made.pk else now
        made.last_seen = now
        return made
