"""A mail server that keeps what it is given, but for those who have no box there: personne@ anywhere."""

import socket
from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class _Box:
    def __init__(self) -> None:
        self.mails: Queue[Any] = Queue()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address.startswith("personne@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.put(envelope)
        return "250 OK"


@pytest.fixture
def box(settings: Any) -> Iterator["Queue[Any]"]:
    """A mail server on a loopback socket, configured; its letter box."""
    handler = _Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    settings.MAIL = {"EMAIL_HOST": "127.0.0.1"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEFAULT_FROM_EMAIL = "tamis@exemple.fr"
    yield handler.mails
    server.stop()
