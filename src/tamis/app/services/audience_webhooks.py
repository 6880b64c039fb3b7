"""Webhooks of audiences: what is sent, how it is signed, where to. docs/reference/webhooks.md tells receivers.

The secret of an action is derived from the server's key, so that it is stored nowhere. A machine with a private address
is refused unless the administrator of this server names it (``TAMIS_WEBHOOK_HOSTS``).
"""

import hmac
import ipaddress
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tamis.app.models import AudienceAction, AudienceDelivery
from tamis.app.services.audience_holds import subject_of
from tamis.app.services.subjects import COMPANY
from tamis.errors import Refused
from tamis.messages import Message, say
from tamis.sources.outgoing import PORTS, Asked, Network, Unanswered, answer, is_public, parts_of

TOGETHER = 100
"""So many members one request tells of at most."""
PATIENCE = 10.0  # seconds that a receiver has
LONGEST = 1_000  # characters of an address
GONE = 410
WAIT = (429, 503)
"""Whoever answers so may say in ``Retry-After`` when to come back."""
REFUSED_HERE = ("outgoing.private", "outgoing.scheme")
"""Trying again changes nothing: the administrator must, and replays."""
EVENTS = {AudienceAction.Edge.ENTER: "audience.entered", AudienceAction.Edge.LEAVE: "audience.left"}


def network() -> Network:
    """How webhooks go out."""
    found: Network | None = getattr(settings, "WEBHOOKS", None)
    return found or Network(silence=PATIENCE, inside=settings.WEBHOOK_HOSTS)


def checked_url(url: str) -> str:
    """An address to which webhooks may go. Raises :class:`~tamis.errors.Refused`; names are looked up when sending."""
    if len(url) > LONGEST or not url.isprintable() or " " in url:
        raise Refused(say("Cette adresse ne convient pas : {max} caractères au plus, sans espace.", max=LONGEST),
                      "webhook.address")  # fmt: skip
    try:
        _scheme, host, port, _target = parts_of(network(), url)
    except (Unanswered, ValueError):
        raise Refused(
            say("Un webhook va vers une adresse https://, ou vers une machine que TAMIS_WEBHOOK_HOSTS nomme."),
            "webhook.scheme",
        ) from None
    if _is_private(host) and not network().has_inside(host, port):
        raise Refused(
            say("{host} est une adresse privée : l'administrateur du serveur peut l'admettre dans TAMIS_WEBHOOK_HOSTS.",
                host=host),
            "webhook.private",
        )  # fmt: skip
    return url


def _is_private(host: str) -> bool:
    try:
        return not is_public(str(ipaddress.ip_address(host)))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def host_of(url: str) -> str:
    """Whose turn it is: the machine that an address leads to."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or PORTS.get(parts.scheme)}"


def secret(action: AudienceAction) -> str:
    """What a receiver checks signatures with: the same as long as the action and the server's key are."""
    salt = f"{action.pk} {action.created_at.timestamp():.6f}"
    return "whsec_" + salted_hmac("tamis.webhook", salt, algorithm="sha256").hexdigest()


def secret_of(action: AudienceAction) -> str:
    """The same, to be shown. Raises :class:`~tamis.errors.Refused` for an action that signs nothing."""
    if action.kind != AudienceAction.Kind.WEBHOOK:
        raise Refused(say("Cette action n'est pas un webhook : elle n'a pas de secret."), "action.secret")
    return secret(action)


def signature(action: AudienceAction, body: bytes, at: int) -> str:
    """The header ``Tamis-Signature`` of a body that is sent at a second of Unix time."""
    signed = hmac.new(secret(action).encode(), f"{at}.".encode() + body, "sha256").hexdigest()
    return f"t={at},v1={signed}"


def members_of(delivery: AudienceDelivery) -> list[Any]:
    """The members that a delivery is about and that still exist, in the order of their numbers."""
    subjects = delivery.effects.values_list("subject", flat=True)
    return [*subject_of(delivery.action.audience).existing().filter(pk__in=[*subjects]).order_by("pk")]


def request(delivery: AudienceDelivery) -> Asked | None:
    """What is asked of the receiver now; ``None`` when nobody whom it is about exists any more."""
    found = members_of(delivery)
    if not found:
        return None
    body = json.dumps(_body(delivery, found), ensure_ascii=False, separators=(",", ":")).encode()
    at = int(time.time())
    headers = {
        "Content-Type": "application/json", "Idempotency-Key": str(delivery.key),
        "Tamis-Signature": signature(delivery.action, body, at),
    }  # fmt: skip
    return Asked(delivery.action.arguments["url"], "POST", headers, body)


def _body(delivery: AudienceDelivery, found: list[Any]) -> dict[str, Any]:
    audience, run = delivery.action.audience, delivery.run
    return {
        "id": str(delivery.key), "event": EVENTS[AudienceAction.Edge(delivery.edge)],
        "audience": {"id": audience.pk, "name": audience.name}, "run": run.pk, "instant": run.now.isoformat(),
        "subject": audience.subject, "members": [_member(each, subject_of(audience) is COMPANY) for each in found],
    }  # fmt: skip


def _member(row: Any, is_company: bool) -> dict[str, Any]:
    if is_company:
        return {"id": row.pk, "name": row.name, "siren": row.siren}
    name = " ".join(part for part in (row.first_name, row.last_name) if part)
    return {"id": row.pk, "name": name, "email": row.email}


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt: whether it was taken, else why not; whether to give up, or when to come back.

    ``unset``: the settings of this process refuse it, nothing was tried.
    """

    taken: bool
    why: Message | None = None
    status: int | None = None
    hopeless: bool = False
    unset: bool = False
    again_in: float | None = None  # seconds


def post(through: Network, asked: Asked) -> Outcome:
    """Send a request, and say what came of it. Touches no database: it runs in a thread of its own."""
    try:
        with answer(through, asked, time.monotonic() + PATIENCE) as response:
            status, headers = response.status, dict(response.headers)
    except Unanswered as error:
        return Outcome(False, error.message, unset=error.code in REFUSED_HERE)
    if 200 <= status < 300:
        return Outcome(True, status=status)
    why = say("La machine a répondu {status}.", status=status)
    again = retry_after(headers) if status in WAIT else None
    return Outcome(False, why, status, hopeless=status == GONE, again_in=again)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds after which somebody may come back, as they said; at most a day. ``None`` when they did not."""
    said = next((text.strip() for name, text in headers.items() if name.lower() == "retry-after"), "")
    if said.isascii() and said.isdigit():
        return float(min(int(said[:9]), 24 * 3600))
    try:
        at: datetime = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else timezone.make_aware(at)
    return min(max((at - timezone.now()).total_seconds(), 0.0), 24 * 3600.0)
