"""Questions are asked in a workspace whose writes are committed."""

from living import alice, contact, count, happens, home  # noqa: F401
