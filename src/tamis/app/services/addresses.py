"""Where a request comes from: the address that connected, or what a trusted proxy says of it."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network


def networks(text: str) -> list[Network]:
    """The networks of a comma-separated text, as in ``10.0.0.0/8, 192.0.2.7``. Raises ``ValueError``."""
    return [ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()]


def client_address(meta: Mapping[str, Any], proxies: Sequence[Network]) -> str:
    """The nearest address that is not a configured proxy's; empty when there is none.

    ``X-Forwarded-For`` is read from the right, and only as far as configured proxies wrote it: the rest of it is what
    the client claims.
    """
    address = str(meta.get("REMOTE_ADDR", ""))
    claimed = [part.strip() for part in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    while claimed and _is_of(address, proxies):
        nearer = claimed.pop()
        if not _is_address(nearer):
            break
        address = nearer
    return address if _is_address(address) else ""


def neighbourhood(address: str) -> str:
    """What one household or office is counted as: an IPv4 address, or the /64 of an IPv6 one."""
    if not _is_address(address):
        return ""
    read = ip_address(address)
    if isinstance(read, IPv6Address):
        return str(read.ipv4_mapped or ip_network(f"{address}/64", strict=False))
    return str(read)


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def _is_of(address: str, proxies: Sequence[Network]) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in proxies)
