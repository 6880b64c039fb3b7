"""Domains: hosts, registrable domains, and the providers whose domain says nothing about a company.

The public suffix list is the one shipped with tldextract (nothing is downloaded), private suffixes included: on
``acme.wordpress.com`` the company's own domain is the whole host. Disposable providers come from the
disposable-email-domains package; free ones from :mod:`tamis.identity.providers`.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit, urlunsplit

import idna

from tamis.identity.identifiers import BadValue, Reading, shown
from tamis.identity.providers import FREE_PROVIDERS, GENERIC_LABELS, PLATFORMS, SITE_BUILDERS
from tamis.messages import Message, say

if TYPE_CHECKING:
    from tldextract import TLDExtract

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
_SEVERAL = re.compile(r"\S\s*[,;|\s]\s*\S")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")


@dataclass(frozen=True)
class Domain:
    """A host in ASCII form (``mail.acme.fr``) and the registrable domain above it (``acme.fr``)."""

    host: str
    registrable: str


@cache
def _suffixes() -> "TLDExtract":
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@cache
def disposable_providers() -> frozenset[str]:
    """The domains of throw-away mail services."""
    from disposable_email_domains import blocklist

    return frozenset(blocklist)


def is_free_mail(registrable: str) -> bool:
    """Whether mail at this domain says nothing about a company: a free or a disposable provider."""
    return registrable in FREE_PROVIDERS or registrable in disposable_providers()


def domain_key(domain: Domain) -> str:
    """The domain by which two hosts are the same company's.

    That is the registrable domain, but the whole host below a provider where anybody gets a name (``dupont.free.fr``).
    """
    shared = domain.registrable in SITE_BUILDERS or is_free_mail(domain.registrable)
    return domain.host if shared else domain.registrable


@lru_cache(10_000)
def parse_host(text: str) -> Domain:
    """The domain of a host name, international ones brought to their ASCII form. Raises :class:`BadValue`."""
    host = unicodedata.normalize("NFKC", text).strip().strip(".").lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise _not_a_domain(text) from None
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise _not_a_domain(text)
    parts = _suffixes()(host)
    if not parts.suffix:
        raise BadValue(
            "domain.suffix",
            say("« {cell} » : aucun domaine de premier niveau connu ne finit ainsi, vérifiez la fin", cell=shown(text)),
        )
    if not parts.domain and host.partition(".")[0] not in GENERIC_LABELS:
        return Domain(host, host)  # a suffix that its owner uses as a site: experts-comptables.fr
    if not parts.domain:
        raise BadValue(
            "domain.public",
            say("« {cell} » est un suffixe partagé par tous : écrivez le domaine de l'entreprise", cell=shown(text)),
        )
    return Domain(host, f"{parts.domain}.{parts.suffix}")


def read_email_domain(cell: str) -> Reading[str]:
    """The host after the ``@`` of a company's addresses, never a free or disposable provider's.

    Raises :class:`BadValue`; for an address or a web address in the cell, the reason shows the likely mend.
    """
    text = cell.strip()
    _one_value(text)
    if "@" in text:
        raise _mend("domain.address", text, text.rpartition("@")[2], say("c'est une adresse e-mail"))
    if "/" in text:
        raise _mend("domain.url", text, _split(text).hostname or "", say("c'est une adresse web"))
    domain = parse_host(text)
    if is_free_mail(domain.registrable):
        raise BadValue(
            "domain.free",
            say(
                "« {cell} » est une messagerie gratuite ou jetable, elle ne désigne aucune entreprise : videz la case",
                cell=shown(text),
            ),
        )
    host, repairs = _without_www(domain)
    return Reading(host, tuple(repairs))


def read_website(cell: str) -> Reading[str]:
    """The host of a company's home page, without ``www.``; a path is dropped and the repair says so.

    Raises :class:`BadValue`, also for a page on a platform (a social network, a directory) where the host is not the
    company's.
    """
    text = cell.strip()
    _one_value(text)
    parts = _split(text)
    if "@" in parts.netloc:
        raise _mend("website.address", text, text.rpartition("@")[2], say("c'est une adresse e-mail"))
    domain = parse_host(parts.hostname or text)
    path = urlunsplit(("", "", parts.path.rstrip("/"), parts.query, parts.fragment))
    if domain.registrable in PLATFORMS and path:
        raise BadValue(
            "website.platform",
            say(
                "« {cell} » est une page sur {platform}, pas le site de l'entreprise : videz la case",
                cell=shown(text), platform=domain.registrable,
            ),
        )  # fmt: skip
    host, repairs = _without_www(domain)
    if path:
        repairs.append(say("chemin « {path} » enlevé du site", path=shown(path, 40)))
    return Reading(host, tuple(repairs))


def _without_www(domain: Domain) -> tuple[str, list[Message]]:
    if domain.host.startswith("www.") and domain.host != domain.registrable:
        return domain.host.removeprefix("www."), [say("« www. » enlevé")]
    return domain.host, []


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text if _SCHEME.match(text) else "https://" + text)
    except ValueError:
        raise _not_a_domain(text) from None
    if parts.scheme.lower() not in ("http", "https"):
        raise BadValue(
            "website.scheme", say("« {cell} » n'est pas une adresse web : http ou https attendu", cell=shown(text))
        )
    return parts


def _one_value(text: str) -> None:
    if _SEVERAL.search(text):
        raise BadValue(
            "cell.several", say("plusieurs valeurs dans une case : gardez-en une, ou faites une ligne par valeur")
        )


def _not_a_domain(text: str) -> BadValue:
    return BadValue("domain.form", say("« {cell} » n'est pas un nom de domaine (exemple : acme.fr)", cell=shown(text)))


def _mend(code: str, text: str, host: str, what: Message) -> BadValue:
    try:
        mended = parse_host(host).host.removeprefix("www.")
    except BadValue:
        return _not_a_domain(text)
    if is_free_mail(mended):
        return BadValue(
            code,
            say("« {cell} » : {what} d'une messagerie gratuite ou jetable, videz la case", cell=shown(text), what=what),
        )
    return BadValue(code, say("« {cell} » : {what}, écrivez « {mended} »", cell=shown(text), what=what, mended=mended))
