"""A tab of a Google spreadsheet, fetched as CSV; every way in which Google declines has its own sentence.

Google's export answers with a redirect (307) to a host of ``googleusercontent.com`` that changes each time, or sends
whoever may not read the sheet to its sign-in page, by a redirect or as a page with status 200.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import unquote, urljoin, urlsplit

from urllib3 import BaseHTTPResponse, Retry
from urllib3.exceptions import HTTPError, MaxRetryError

from tamis.errors import Refused
from tamis.messages import Message, say
from tamis.sources.google_account import ServiceAccount
from tamis.sources.google_addresses import SheetAddress
from tamis.sources.outgoing import Asked, Network, answer, pieces

MOST = 20_000_000  # bytes
HOPS = 4
TRIES = 3
FALLBACK_NAME = "feuille-google.csv"

_HOST = "docs.google.com"
_CONTENT_HOSTS = ".googleusercontent.com"
_SIGN_IN_HOST = "accounts.google.com"
_PASSING = frozenset({429, 500, 502, 503, 504})
_FILE_NAME = re.compile(r"filename\*=utf-8''([^;]+)", re.IGNORECASE)
_GLANCE = 64_000  # bytes that tell a page from a sheet


@dataclass(frozen=True)
class Google:
    """How Google is reached, and within which limits. ``key`` is a service account's key file, or its content."""

    network: Network = field(default_factory=Network)
    key: str = field(default="", repr=False)
    seconds: float = 45
    most: int = MOST
    sleep: Callable[[float], None] = time.sleep

    @property
    def account(self) -> ServiceAccount | None:
        """The service account, if there is one. Raises :class:`~tamis.errors.Refused` for a key that is no key."""
        return ServiceAccount.read(self.key) if self.key else None


@dataclass(frozen=True)
class Sheet:
    """What a tab holds: CSV as it came, under the name that Google gives it."""

    name: str
    content: bytes = field(repr=False)


class Declined(Refused):
    """Google did not give the sheet. ``again_in``: the seconds after which it said to come back."""

    code = "sheet"

    def __init__(self, message: Message, code: str, again_in: float | None = None) -> None:
        super().__init__(message, code)
        self.again_in = again_in


class NotShared(Declined):
    """The sheet wants somebody who has signed in and may read it."""


def fetch(google: Google, address: SheetAddress) -> Sheet:
    """The tab at an address, as anybody may read it, else as the service account may.

    Raises :class:`Declined`, :class:`~tamis.sources.outgoing.Unanswered`, or :class:`~tamis.errors.Refused` for a
    service account that is not in order.
    """
    until = time.monotonic() + google.seconds
    try:
        return _fetch(google, address, until)
    except NotShared:
        account = None if address.published else google.account
        if account is None:
            raise
    try:
        return _fetch(google, address, until, account.token(google.network, until))
    except NotShared:
        raise _not_shared_with(account) from None


@dataclass(frozen=True)
class _Reply:
    """What one server said."""

    url: str
    response: BaseHTTPResponse
    body: bytes

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def location(self) -> str:
        """Where a redirect leads, or nothing."""
        given = self.response.headers.get("Location", "") if 300 <= self.status < 400 else ""
        return urljoin(self.url, given) if given else ""


def _fetch(google: Google, address: SheetAddress, until: float, token: str = "") -> Sheet:
    url = address.export
    for _ in range(HOPS):
        reply = _ask(google, url, token, until)
        if not reply.location:
            return _sheet(reply)
        url = reply.location
        _check_host(url)
    raise Declined(say("Google renvoie sans cesse d'une adresse à l'autre : recommencez plus tard."), "sheet.redirects")


def _check_host(url: str) -> None:
    host = (urlsplit(url).hostname or "").lower()
    if host == _SIGN_IN_HOST:
        raise _not_shared()
    if host != _HOST and not host.endswith(_CONTENT_HOSTS):
        raise Declined(
            say("La réponse renvoie vers {host}, qui n'est pas à Google : elle n'a pas été suivie.", host=host or "?"),
            "sheet.redirect",
        )


def _ask(google: Google, url: str, token: str, until: float) -> _Reply:
    """What a server answers, asked again a little later when it says that it cannot just now."""
    retries = Retry(total=TRIES - 1, status_forcelist=_PASSING, backoff_factor=1, raise_on_status=False)
    while True:
        reply = _ask_once(google, url, token, until)
        if reply.status not in _PASSING:
            return reply
        again_in = _retry_after(reply)
        try:
            retries = retries.increment("GET", url, response=reply.response)
        except MaxRetryError:
            raise _passing(reply, again_in) from None
        wait = max(again_in or 0, retries.get_backoff_time())
        if wait > until - time.monotonic():
            raise _passing(reply, again_in)
        google.sleep(wait)


def _ask_once(google: Google, url: str, token: str, until: float) -> _Reply:
    mine = token and urlsplit(url).hostname == _HOST  # a token goes nowhere else
    headers = {"Authorization": f"Bearer {token}"} if mine else {}
    with answer(google.network, Asked(url, headers=headers), until) as response:
        body = b"".join(pieces(response, google.most)) if response.status == HTTPStatus.OK else b""
    return _Reply(url, response, body)


def _retry_after(reply: _Reply) -> float | None:
    try:
        return Retry().get_retry_after(reply.response)
    except HTTPError:
        return None


def _sheet(reply: _Reply) -> Sheet:
    if reply.status != HTTPStatus.OK:
        raise _declined(reply.status)
    head = reply.body[:_GLANCE].removeprefix(b"\xef\xbb\xbf").lstrip()
    kind = reply.response.headers.get("Content-Type", "").lower()
    if kind.startswith("text/html") or head[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise _not_shared() if _SIGN_IN_HOST.encode() in head else _page()
    if not head.strip(b', \t\r\n"'):
        raise Declined(say("La feuille est vide : il n'y a ni titres ni lignes."), "sheet.empty")
    return Sheet(_name(reply), reply.body)


def _name(reply: _Reply) -> str:
    """The file name that Google gives: the document's title and the tab's."""
    found = _FILE_NAME.search(reply.response.headers.get("Content-Disposition", ""))
    kept = "".join(char if char.isprintable() else " " for char in unquote(found[1])).strip() if found else ""
    return kept[:200] or FALLBACK_NAME


def _not_shared() -> NotShared:
    return NotShared(
        say(
            "La feuille n'est pas partagée : dans Google Sheets, « Partager > Accès général > Tous les utilisateurs "
            "disposant du lien », rôle Lecteur ; ou « Fichier > Partager > Publier sur le Web » au format CSV."
        ),
        "sheet.not-shared",
    )


def _not_shared_with(account: ServiceAccount) -> Declined:
    return Declined(
        say(
            "La feuille n'est pas partagée avec Tamis : dans Google Sheets, « Partager », ajoutez {email} comme "
            "Lecteur.",
            email=account.email,
        ),
        "sheet.not-shared",
    )


def _page() -> Declined:
    return Declined(
        say(
            "Google répond par une page web au lieu du tableau : ouvrez l'adresse dans un navigateur, vérifiez que "
            "c'est bien une feuille Google (et non un fichier Excel déposé), puis recommencez."
        ),
        "sheet.page",
    )


def _passing(reply: _Reply, again_in: float | None) -> Declined:
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        sentence = say("Google reçoit trop de demandes pour cette feuille : Tamis recommencera plus tard.")
        return Declined(sentence, "sheet.too-many", again_in)
    sentence = say("Google a un incident (réponse {status}) : Tamis recommencera plus tard.", status=reply.status)
    return Declined(sentence, "sheet.google", again_in)


def _declined(status: int) -> Declined:
    match status:
        case 401 | 403:
            return _not_shared()
        case 400:
            return Declined(
                say(
                    "Google ne trouve pas cet onglet : s'il a été supprimé, ouvrez celui qu'il faut et copiez "
                    "l'adresse du navigateur. Un fichier Excel déposé dans Drive ne convient pas non plus."
                ),
                "sheet.tab",
            )
        case 404:
            return Declined(
                say("Google ne connaît pas cette feuille : elle a été supprimée, ou l'adresse est incomplète."),
                "sheet.missing",
            )
        case 410:
            return Declined(
                say("La feuille n'est plus là : elle a été supprimée, ou n'est plus publiée sur le Web."), "sheet.gone"
            )
    return Declined(
        say("Google a répondu d'une façon inattendue ({status}) : recommencez plus tard.", status=status),
        "sheet.unexpected",
    )
