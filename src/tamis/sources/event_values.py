"""How each value of an event is read: moments, amounts, texts, and whom the event is about.

A reader takes what a program sent as JSON, or the text of a cell, and returns what is stored. It raises
:class:`~tamis.identity.identifiers.BadValue`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from tamis.identity.domains import parse_host, read_email_domain, read_website
from tamis.identity.folding import fold
from tamis.identity.identifiers import BadValue, read_siren, shown
from tamis.messages import say
from tamis.sources.company_fields import read_amount, read_date
from tamis.sources.event_kinds import BUILT_IN, Kinds, Property

TOLERANCE = timedelta(minutes=5)
"""How far ahead of ours the clock of a sender may be."""
MAX_ID = 200
MAX_OTHER = 1000  # characters of a property that is no column
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_FOUR = Decimal("0.0001")
_MOST = Decimal(10) ** 14
_EXACT = 10.0**11  # from there on, a binary number does not hold four decimals
_PLAIN = re.compile(r"[+-]?[0-9]{1,18}([.,][0-9]{1,30})?")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}.*)?")
_FRENCH = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})(?:[ T]+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?))?")
_LOCAL_PART = re.compile(r"[^@\s<>()\[\],;:\"\\]{1,64}")
_BY_ID = re.compile(r"id:\s*([A-Za-z0-9_-]{1,60})")


@dataclass(frozen=True)
class Setting:
    """What events are checked against: known kinds, the workspace's zone and currency, the present moment.

    ``cells``: values are the text of cells, as people type them, not a program's JSON.
    """

    now: datetime
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
    currency: str = "EUR"
    kinds: Kinds = field(default_factory=lambda: BUILT_IN)
    cells: bool = False


def read_moment(value: Any, setting: Setting) -> tuple[int, bool]:
    """Microseconds since 1970 in UTC, and whether the text named no zone, so that the workspace's was taken."""
    moment = _moment(value, setting.cells)
    naive = moment.tzinfo is None
    if naive:
        moment = moment.replace(tzinfo=setting.zone)
    if moment > setting.now + TOLERANCE:
        raise BadValue(
            "ts.future",
            say("« {cell} » est dans le futur : mettez l'horloge de l'émetteur à l'heure", cell=shown(str(value))),
        )
    since = (moment - EPOCH) // MICROSECOND
    if since < 0:
        raise BadValue("ts.old", say("« {cell} » est avant 1970 : vérifiez la date", cell=shown(str(value))))
    return since, naive


def _moment(value: Any, cells: bool) -> datetime:
    text = value.strip() if isinstance(value, str) else ""
    try:
        if _ISO.fullmatch(text):
            return datetime.fromisoformat(text)
        if cells and (found := _FRENCH.fullmatch(text)):
            day, month, year, hour = found.groups()
            return datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2} {hour or '0:00':0>5}")
    except (ValueError, OverflowError):
        pass
    raise BadValue(
        "ts.form",
        say("« {cell} » n'est pas un instant (exemple : 2026-03-31T10:15:00+02:00)", cell=shown(str(value))),
    )


def read_number(value: Any, setting: Setting) -> str:
    """A number with four decimals, as DECIMAL(18,4) holds it; further ones are rounded, half to even."""
    number = _cell_number(value) if setting.cells else _json_number(value)
    if number is None or not number.is_finite():
        raise BadValue("number.form", say("« {cell} » n'est pas un nombre (exemple : 12.5)", cell=shown(str(value))))
    if abs(number) >= _MOST:
        raise BadValue("number.large", say("« {cell} » dépasse quatorze chiffres", cell=shown(str(value))))
    return str(number.quantize(_FOUR))


def _json_number(value: Any) -> Decimal | None:
    match value:
        case bool():
            return None
        case int():
            return Decimal(value)
        case float() if abs(value) >= _EXACT:
            raise BadValue(
                "number.inexact",
                say("« {cell} » perd des décimales en JSON : envoyez le nombre entre guillemets", cell=repr(value)),
            )
        case float():
            return Decimal(repr(value))
        case str() if _PLAIN.fullmatch(value) and "," not in value:
            return Decimal(value)
    return None


def _cell_number(cell: str) -> Decimal | None:
    """A plain number; else an amount as people write it. One separator before three digits has two readings."""
    text = re.sub(r"\s", "", cell)
    decimals = len(re.split("[.,]", text)[-1]) if re.search("[.,]", text) else 0
    if _PLAIN.fullmatch(text) and decimals != 3:
        try:
            return Decimal(text.replace(",", "."))
        except InvalidOperation:
            return None
    return read_amount(cell).value


def read_words(value: Any, longest: int) -> str:
    """A text as it came, trimmed; numbers and truth values as the text for them."""
    match value:
        case str():
            text = value.strip()
        case bool():
            text = "true" if value else "false"
        case int():
            text = str(value)
        case float():
            text = f"{Decimal(repr(value)):f}"
        case _:
            raise BadValue("value.nested", say("une valeur simple est attendue : texte, nombre, vrai ou faux"))
    if len(text) > longest:
        raise BadValue("value.long", say("plus de {limit} caractères : raccourcissez la valeur", limit=longest))
    if not text.isprintable() and any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text):
        raise BadValue("value.unreadable", say("caractères illisibles : retapez la valeur"))
    return text


def read_typed(property: Property, value: Any, setting: Setting) -> str:
    """The stored text of a property by its type."""
    if property.type in ("number", "amount"):
        return read_number(value, setting)
    text = read_words(value, property.longest)
    if property.type == "date":
        return read_date(text).value.isoformat()
    if property.type == "yes-no":
        return _yes_no(text)
    return text


_YES_NO: Mapping[str, str] = {
    **dict.fromkeys(("true", "1", "oui", "yes", "vrai"), "true"),
    **dict.fromkeys(("false", "0", "non", "no", "faux"), "false"),
}


def _yes_no(text: str) -> str:
    if fold(text) not in _YES_NO:
        raise BadValue("yes-no.form", say("« {cell} » n'est ni oui ni non", cell=shown(text)))
    return _YES_NO[fold(text)]


@lru_cache(10_000)
def read_email(text: str) -> str:
    """An e-mail address in lower case, its host in ASCII form."""
    local, sign, host = text.strip().rpartition("@")
    if not sign or not _LOCAL_PART.fullmatch(local) or not local.isprintable():
        raise BadValue("email.form", say("« {cell} » n'est pas une adresse e-mail", cell=shown(text)))
    return f"{local.lower()}@{parse_host(host).host}"


@lru_cache(10_000)
def read_company_domain(text: str) -> str:
    """The host of a company's site or mail, without scheme, path or ``www.``; never a free mail provider's."""
    return read_email_domain(read_website(text).value).value


@lru_cache(10_000)
def read_company_siren(text: str) -> str:
    """The SIREN in a SIREN, a SIRET or a French VAT number."""
    return read_siren(text).value


def read_contact(text: str) -> tuple[str, str]:
    """The column and the value of a contact: an address, or ``id:`` and its number."""
    if found := _BY_ID.fullmatch(text):
        return "contact_id", found[1]
    if "@" not in text:
        raise BadValue(
            "contact.form", say("« {cell} » : donnez une adresse e-mail, ou « id: » et un numéro", cell=shown(text))
        )
    return "contact_email", read_email(text)


def read_company(text: str) -> tuple[str, str]:
    """The column and the value of a company: SIREN, SIRET or VAT number, a domain, or ``id:`` and its number."""
    if found := _BY_ID.fullmatch(text):
        return "company_id", found[1]
    if any(char.isalpha() for char in text) and not re.fullmatch(r"(?i)fr[\s0-9a-z]{2}[\s0-9]+", text):
        return "company_domain", read_company_domain(text)
    return "company_siren", read_company_siren(text)
