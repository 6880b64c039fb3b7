"""A Google of our own: its export, its content host, its sign-in and its token endpoint, over HTTPS on a loopback port.

It answers as Google does: the export redirects (307) to a content host of the moment, a private sheet leads to the
sign-in page, a missing tab is a 400. Names keep being Google's; only the resolver and the trusted certificate differ.
"""

import gzip
import json
import os
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import jwt
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tamis.sources.google_account import SCOPES, TOKEN_ADDRESS
from tamis.sources.google_sheets import Google
from tamis.sources.outgoing import Network, is_public

DOCS = "docs.google.com"
CONTENT = "doc-08-34-sheets.googleusercontent.com"
TOKENS = "oauth2.googleapis.com"
SIGN_IN = "accounts.google.com"
HOSTILE = {
    "elsewhere.example": "127.0.0.1",
    "inside.googleusercontent.com": "10.0.0.7",
    "metadata.googleusercontent.com": "169.254.169.254",
    "mapped.googleusercontent.com": "::ffff:192.168.1.1",
}
EMAIL = "tamis@projet.iam.gserviceaccount.com"
SIGN_IN_PAGE = (
    b"<!doctype html><html><head><title>Google Sheets</title><base href='https://accounts.google.com/v3/signin/'>"
)
SALONS = "1SalonsAbCdEfGhIjKlMnOpQrStUvWxYz0123456789"


def reach(port: int, ca_file: str, **options: Any) -> Google:
    """Google as Tamis is to reach it here: the same names, at a loopback port, under a certificate of our own."""

    def resolve(host: str, _port: int) -> list[tuple[str, int]]:
        return [(HOSTILE[host], port)] if host in HOSTILE else [("127.0.0.1", port)]

    network = Network(
        resolve=options.pop("resolve", resolve),
        allowed=lambda address: address == "127.0.0.1" or is_public(address),
        trust=lambda: ssl.create_default_context(cafile=ca_file),
        silence=options.pop("silence", 5),
    )
    return Google(network=network, **{"sleep": lambda seconds: None, **options})


@dataclass
class Document:
    """A spreadsheet: the content of its tabs, its title, and who may read it."""

    tabs: dict[str, bytes]
    title: str = "Salons - Exposants"
    shared: bool = True
    with_account: bool = False


Answering = Callable[["Handler"], None]


@dataclass
class FakeGoogle:
    """The documents, what was asked, and the faults that the next requests meet (one each, in order)."""

    folder: Path
    documents: dict[str, Document] = field(default_factory=dict)
    published: dict[str, Document] = field(default_factory=dict)
    faults: list[Answering] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    refuses_like: str = "redirect"  # to the sign-in page; or "page", the page itself; or "401"
    key_id: str = "cle-1"
    tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        authority = trustme.CA()
        self.ca_file = self.folder / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        names = (DOCS, "*.googleusercontent.com", TOKENS, SIGN_IN, "elsewhere.example")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(context)
        self.closing = threading.Event()
        google = self

        class Bound(Handler):
            fake = google

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @cached_property
    def private_key(self) -> rsa.RSAPrivateKey:
        """The service account's key."""
        return rsa.generate_private_key(65537, 2048)

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    def reached(self, **options: Any) -> Google:
        """How Tamis reaches this Google."""
        return reach(self.port, str(self.ca_file), **options)

    def holds(self, *lines: str, identifier: str = SALONS, gid: str = "0", **options: Any) -> str:
        """Put lines into a spreadsheet's tab, under the four headings; the link to it."""
        return self.says("\r\n".join(("Nom,SIREN,Domaine email,Website", *lines)), identifier, gid, **options)

    def says(self, text: str | bytes, identifier: str = SALONS, gid: str = "0", **options: Any) -> str:
        """Put a text into a spreadsheet's tab as it is; the link to it."""
        content = text.encode() if isinstance(text, str) else text
        self.documents[identifier] = Document({gid: content}, **options)
        return f"https://{DOCS}/spreadsheets/d/{identifier}/edit#gid={gid}"

    def fails(self, *faults: Answering) -> None:
        """What the next requests to the export meet, one each, before it works again."""
        self.faults.extend(faults)

    @property
    def hosts(self) -> list[str]:
        """The hosts that were asked, in order."""
        return [host for host, _, _ in self.asked]

    def key_file(self, **changed: str) -> Path:
        """A service account's key file as Google's console gives it."""
        pem = self.private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = self.folder / "key.json"
        key = {"type": "service_account", "client_email": EMAIL, "private_key_id": self.key_id}
        path.write_text(json.dumps(key | {"private_key": pem.decode(), "token_uri": TOKEN_ADDRESS} | changed))
        return path

    @property
    def env(self) -> dict[str, str]:
        """What a ``tamis`` of its own process needs to reach this Google."""
        return {
            "DJANGO_SETTINGS_MODULE": "fake_google_settings", "FAKE_GOOGLE": f"{self.port} {self.ca_file}",
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]),
        }  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """One request to one of Google's hosts."""

    protocol_version = "HTTP/1.1"
    fake: FakeGoogle
    timeout = 5

    def log_message(self, *_: Any) -> None:
        pass

    def handle(self) -> None:
        try:
            self.request.do_handshake()
            super().handle()
        except (OSError, ssl.SSLError):
            self.close_connection = True

    @property
    def host(self) -> str:
        return self.headers.get("Host", "").partition(":")[0]

    def do_GET(self) -> None:
        fake = self.fake
        fake.asked.append((self.host, self.path, dict(self.headers)))
        if self.host in (DOCS, CONTENT) and fake.faults:
            fake.faults.pop(0)(self)
        elif self.host == DOCS:
            self._export()
        elif self.host == CONTENT:
            self._content()
        elif self.host == SIGN_IN:
            self.page(SIGN_IN_PAGE)
        else:
            self.csv(b"Nom,SIREN,Domaine email,Website\r\nHostile,732829320,,")

    def _export(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        parts = path.split("/")
        public = parts[3] == "e"
        held = (self.fake.published if public else self.fake.documents).get(parts[4] if public else parts[3])
        asks_csv = query.get("output" if public else "format") == ["csv"]
        if held is None or not asks_csv or parts[-1] != ("pub" if public else "export"):
            return self.page(b"<html>Page introuvable", 404)
        if not held.shared and not (held.with_account and self._bears_token()):
            return self._declined()
        gid = query.get("gid", [next(iter(held.tabs))])[0]
        if gid not in held.tabs:
            return self.page(b"<html>Impossible d'ouvrir le fichier", 400)
        return self.redirect(f"https://{CONTENT}/export/aa/bb/{parts[4] if public else parts[3]}?gid={gid}")

    def _bears_token(self) -> bool:
        return self.headers.get("Authorization", "").removeprefix("Bearer ") in self.fake.tokens

    def _declined(self) -> None:
        match self.fake.refuses_like:
            case "redirect":
                self.redirect(f"https://{SIGN_IN}/ServiceLogin?service=wise&continue={quote(self.path)}", 302)
            case "page":
                self.page(SIGN_IN_PAGE)
            case _:
                self.page(b"<html>Unauthorized", 401)

    def _content(self) -> None:
        parts = urlsplit(self.path)
        identifier = parts.path.split("/")[-1]
        held = self.fake.documents.get(identifier) or self.fake.published[identifier]
        self.csv(held.tabs[parse_qs(parts.query)["gid"][0]], held.title)

    def do_POST(self) -> None:
        self.fake.asked.append((self.host, self.path, dict(self.headers)))
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        try:
            assert (self.host, self.path) == (TOKENS, "/token")
            assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
            [assertion] = form["assertion"]
            assert jwt.get_unverified_header(assertion)["kid"] == self.fake.key_id
            claims = jwt.decode(
                assertion,
                self.fake.private_key.public_key(),
                algorithms=["RS256"],
                audience=TOKEN_ADDRESS,
                issuer=EMAIL,
            )
            assert claims["exp"] - claims["iat"] <= 3600
            assert claims["scope"] == " ".join(SCOPES)
        except (AssertionError, KeyError, jwt.PyJWTError) as error:
            return self.send(400, json.dumps({"error": "invalid_grant", "error_description": str(error)}).encode())
        token = f"ya29.{len(self.fake.tokens)}"
        self.fake.tokens.add(token)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": 3599}
        return self.send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def page(self, body: bytes, status: int = 200) -> None:
        self.send(status, body, {"Content-Type": "text/html; charset=utf-8"})

    def redirect(self, location: str, status: int = 307) -> None:
        self.send(status, b"<HTML>Temporary Redirect", {"Content-Type": "text/html", "Location": location})

    def csv(self, content: bytes, title: str = "Salons") -> None:
        """As Google sends it: in chunks, as an attachment named after the document."""
        self.csv_headers({"Transfer-Encoding": "chunked"}, title)
        for start in range(0, len(content), 1000):
            piece = content[start : start + 1000]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def csv_headers(self, headers: dict[str, str], title: str = "Salons") -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Disposition", f"attachment; filename=\"x.csv\"; filename*=UTF-8''{quote(title)}.csv")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


def status(code: int, **headers: str) -> Answering:
    """A page with this status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.send(code, b"<html>" + b"x" * 200, {"Content-Type": "text/html"} | named)


def to(location: str) -> Answering:
    """A redirect to anywhere."""
    return lambda handler: handler.redirect(location)


def dripping(handler: Handler) -> None:
    """A body that never ends: a byte now and then."""
    handler.csv_headers({"Content-Length": "1000000"})
    while not handler.fake.closing.wait(0.02):
        handler.wfile.write(b"a")


def silent(handler: Handler) -> None:
    """Nothing at all, for longer than anybody waits."""
    handler.fake.closing.wait(30)
    handler.close_connection = True


def endless(handler: Handler) -> None:
    """As many bytes as the line takes."""
    handler.csv_headers({"Connection": "close"})
    while not handler.fake.closing.is_set():
        handler.wfile.write(b"Acme,732829320,,\r\n" * 1000)


def truncated(handler: Handler) -> None:
    """A body that breaks off in the middle of a chunk."""
    handler.csv_headers({"Transfer-Encoding": "chunked"})
    handler.wfile.write(b"fff\r\nNom,SIREN,Domaine email,Website\r\nAcme,7328")
    handler.close_connection = True


def short(handler: Handler) -> None:
    """Fewer bytes than announced."""
    handler.csv_headers({"Content-Length": "5000", "Connection": "close"})
    handler.wfile.write(b"Nom,SIREN,Domaine email,Website\r\nAcme,732829320,,")
    handler.close_connection = True


def gzipped(content: bytes) -> Answering:
    """A body packed although nobody asked for it."""
    packed = gzip.compress(content)
    headers = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}
    return lambda handler: handler.send(200, packed, headers)


def plain(content: bytes, kind: str = "text/csv") -> Answering:
    """A body as it is."""
    return lambda handler: handler.send(200, content, {"Content-Type": kind})


def late(seconds: float, then: Answering) -> Answering:
    """An answer after a while."""

    def answering(handler: Handler) -> None:
        time.sleep(seconds)
        then(handler)

    return answering
