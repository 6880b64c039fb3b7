"""A machine that takes webhooks, on a loopback port: what it was sent, and the answers it gives, one each, in order."""

import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answering = Callable[["Handler"], None]


@dataclass
class Sent:
    """A request as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """What its body says."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """Takes whatever comes, unless answers are prepared. ``url`` is where; ``context`` makes it speak TLS."""

    context: ssl.SSLContext | None = None
    answers: list[Answering] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        receiver = self

        class Bound(Handler):
            fake = receiver

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self.server.daemon_threads = True
        if self.context:
            self.server.socket = self.context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self.server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}/tamis?cle=1"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    """Takes one request."""

    fake: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.fake.sent.append(Sent(dict(self.headers), body))
        answering = self.fake.answers.pop(0) if self.fake.answers else status(204)
        answering(self)

    def log_message(self, *_: object) -> None:
        return


def status(code: int, **headers: str) -> Answering:
    """Answers with a status and headers."""

    def answering(handler: Handler) -> None:
        handler.send_response(code)
        for name, text in headers.items():
            handler.send_header(name.replace("_", "-"), text)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answering


def hangs_up(handler: Handler) -> None:
    """Closes the connection without a word."""
    handler.connection.close()


def after(event: threading.Event) -> Answering:
    """Takes it once something has happened."""

    def answering(handler: Handler) -> None:
        event.wait(60)
        status(204)(handler)

    return answering
