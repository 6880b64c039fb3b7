"""Audiences live in a workspace whose writes are committed, beside a lake of its own."""

from living import alice, audience, contact, count, happens, home, members, refresh  # noqa: F401
