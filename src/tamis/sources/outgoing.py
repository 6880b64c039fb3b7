"""Requests to other machines: over HTTPS, to addresses that were checked, within limits of time and size.

A name is resolved once. Every address that it stands for must be public, and the connection is made to one of these
very addresses, so that a name which changes its mind between the check and the connection gains nothing. Redirects are
never followed here: whoever asks decides, hop by hop. Machines inside, which the administrator of this server names
one by one, may have private addresses and speak plain HTTP.
"""

import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from tamis.errors import Refused
from tamis.messages import Message, say

Place = tuple[str, int]
"""An IP address and a port."""
Resolve = Callable[[str, int], Sequence[Place]]

PIECE = 1 << 16  # bytes


class Unanswered(Refused):
    """A request that was refused here, or that nobody answered as it should be answered."""

    code = "outgoing"


def look_up(host: str, port: int) -> list[Place]:
    """The addresses of a host, as this machine's resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(str(place[0]), int(place[1])) for *_, place in found]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; one that carries another inside is judged by that one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Network:
    """How names are resolved, which addresses may be reached, and whose certificates count.

    ``inside`` are machines inside, ``host`` or ``host:port``.
    """

    resolve: Resolve = look_up
    allowed: Callable[[str], bool] = is_public
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    silence: float = 20  # seconds without a byte, after which nobody is thought to be there
    inside: frozenset[str] = frozenset()

    def has_inside(self, host: str, port: int) -> bool:
        """Whether the administrator said that this machine is one inside."""
        named = f"[{host}]" if ":" in host else host
        return bool(self.inside & {named, f"{named}:{port}"})


@dataclass(frozen=True)
class Asked:
    """A request: to where, with what."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@contextmanager
def answer(network: Network, asked: Asked, until: float) -> Iterator[BaseHTTPResponse]:
    """What a server answers, its body still to be read with :func:`pieces`.

    ``until`` is an instant of ``time.monotonic()``; then the connection is cut, wherever it is. Whatever goes wrong,
    also while the block reads, raises :class:`Unanswered`.
    """
    scheme, host, port, target = parts_of(network, asked.url)
    deadline = _Deadline(until)
    try:
        with _connected(network, host, port, deadline) as raw, _secured(network, raw, host, scheme) as secured:
            connection = HTTPConnection(host, port, timeout=network.silence)
            connection.sock = secured
            named = f"[{host}]" if ":" in host else host
            headers = {
                "Host": named if port == PORTS[scheme] else f"{named}:{port}",
                "Accept-Encoding": "identity",
                "User-Agent": "Tamis",
                **asked.headers,
            }
            connection.request(asked.method, target, asked.body, headers, preload_content=False)
            with closing(connection.getresponse()) as response:
                yield response
    except (OSError, HTTPError, HTTPException, ValueError) as error:
        raise Unanswered(*_told(host, error, deadline.passed)) from None
    finally:
        deadline.cancel()


def pieces(response: BaseHTTPResponse, most: int) -> Iterator[bytes]:
    """The body of an answer, unpacked, piece by piece. Raises :class:`Unanswered` as soon as it exceeds ``most``."""
    size = 0
    while piece := response.read1(PIECE):
        size += len(piece)
        if size > most:
            raise Unanswered(
                say("La réponse dépasse {max} Mo : elle n'a pas été lue jusqu'au bout.", max=most // 10**6),
                "outgoing.big",
            )
        yield piece


class _Deadline:
    """Cuts a connection at an instant, even one that sends a byte now and then for ever."""

    def __init__(self, until: float) -> None:
        self._until = until
        self._timer: threading.Timer | None = None

    @property
    def left(self) -> float:
        return self._until - time.monotonic()

    @property
    def passed(self) -> bool:
        return self.left <= 0

    def guard(self, raw: socket.socket) -> None:
        # A socket of its own on the same connection: shutting it down disturbs no TLS object in use elsewhere.
        handle = socket.socket(fileno=os.dup(raw.fileno()))
        self._handle = handle
        self._timer = threading.Timer(max(self.left, 0), _cut, [handle])
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer.join()
            self._handle.close()


def _cut(handle: socket.socket) -> None:
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself


PORTS = {"https": 443, "http": 80}


def parts_of(network: Network, url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port, and path with its query, of an address that may be asked. Raises :class:`Unanswered`."""
    parts = urlsplit(url)
    host, scheme = (parts.hostname or "").lower(), parts.scheme
    if scheme in PORTS and host and parts.username is None:
        port = parts.port or PORTS[scheme]
        if scheme == "https" or network.has_inside(host, port):
            path = parts.path or "/"
            return scheme, host, port, f"{path}?{parts.query}" if parts.query else path
    raise Unanswered(say("L'adresse n'est pas en https : la demande n'a pas été envoyée."), "outgoing.scheme")


@contextmanager
def _connected(network: Network, host: str, port: int, deadline: _Deadline) -> Iterator[socket.socket]:
    places = network.resolve(host, port)
    allowed = network.has_inside(host, port) or all(network.allowed(address) for address, _ in places)
    if not places or not allowed:
        raise Unanswered(
            say("{host} mène à une adresse privée : la demande n'a pas été envoyée.", host=host), "outgoing.private"
        )
    with _first_open(places, network.silence, deadline) as raw:
        deadline.guard(raw)
        yield raw


def _first_open(places: Sequence[Place], silence: float, deadline: _Deadline) -> socket.socket:
    for place in places[:-1]:
        try:
            return socket.create_connection(place, timeout=_patience(silence, deadline))
        except OSError:
            continue
    return socket.create_connection(places[-1], timeout=_patience(silence, deadline))


def _patience(silence: float, deadline: _Deadline) -> float:
    if deadline.passed:
        raise TimeoutError
    return min(silence, 10, deadline.left)


def _secured(network: Network, raw: socket.socket, host: str, scheme: str) -> socket.socket:
    raw.settimeout(network.silence)
    if scheme == "http":
        return raw
    return network.trust().wrap_socket(raw, server_hostname=host)


def _told(host: str, error: Exception, late: bool) -> tuple[Message, str]:
    """What went wrong on the way to a host, for people and for programs."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, TimeoutError):
        cause = cause.__cause__ or cause.__context__
    if late or cause is not None:
        return say("{host} n'a pas répondu à temps.", host=host), "outgoing.timeout"
    if isinstance(error, socket.gaierror):
        return say("Le nom {host} ne se résout pas : vérifiez la connexion de ce serveur.", host=host), "outgoing.name"
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            say("Le certificat de {host} n'est pas valable : un intermédiaire lit peut-être le trafic.", host=host),
            "outgoing.certificate",
        )
    if isinstance(error, ConnectionRefusedError):
        return say("{host} n'accepte pas la connexion.", host=host), "outgoing.unreachable"
    return say("La réponse de {host} a été coupée avant sa fin.", host=host), "outgoing.broken"
