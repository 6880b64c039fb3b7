"""Events as they come in: each checked on its own, and brought to the one form in which it is stored.

An event says what happened (``kind``), when (``ts``), to whom (``visitor``, ``contact``, ``company``: one at least),
and any properties. Its ``id`` tells it from every other: sent again, it is counted once. Without one, an id is derived
from the content (``docs/decisions/027-events.md``).
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from tamis.errors import did_you_mean
from tamis.identity.identifiers import BadValue, shown
from tamis.messages import Message, say, say_many
from tamis.sources.event_kinds import BY_KEY, IDENTIFY, Kind, unknown_kind
from tamis.sources.event_values import (
    MAX_ID,
    MAX_OTHER,
    Setting,
    read_company,
    read_company_domain,
    read_company_siren,
    read_contact,
    read_email,
    read_moment,
    read_typed,
    read_words,
)

MAX_OTHERS = 40  # properties that are no column
MAX_BODY = 32_000  # bytes of an event as it is stored
SUBJECTS = ("visitor", "contact_id", "contact_email", "company_id", "company_siren", "company_domain")
"""The columns that say whom an event is about, as it arrived."""
GIVEN = ("id", "ts", "kind", "visitor", "contact", "company", *SUBJECTS[1:], "currency")
"""What an event may say beside its properties."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


class BadEvent(Exception):
    """An event that is not taken: the field at fault, a stable code, and the reason for people."""

    def __init__(self, field: str, code: str, reason: Message) -> None:
        super().__init__(code)
        self.field = field
        self.code = code
        self.reason = reason


class Event(NamedTuple):
    """A checked event: ``body`` is its stored form, JSON with sorted keys; ``ts`` is in microseconds since 1970."""

    id: str
    ts: int
    kind: str
    body: bytes
    naive: bool  # its time named no zone
    derived: bool  # its id was made from its content


Occurrence = Callable[[bytes], int]
"""How often this content came before, in the same file."""


def check(raw: Any, setting: Setting, occurrence: Occurrence | None = None) -> Event:
    """The event in a JSON object, or in the cells of a row. Raises :class:`BadEvent`."""
    if not isinstance(raw, dict):
        raise BadEvent("", "event.form", say("un événement est un objet JSON"))
    given = {name: value for name, value in raw.items() if value is not None and value != ""}
    kind = _kind(given, setting)
    stored: dict[str, Any] = {"kind": kind.key}
    ts, naive = _read("ts", lambda: read_moment(_required(given, "ts"), setting))
    stored["ts"] = ts
    _put_subjects(given, stored, kind)
    _put_properties(given, stored, kind, setting)
    _put_currency(given, stored, setting)
    id = _read("id", lambda: _id(given.get("id")))
    body = orjson.dumps(stored | {"id": id} if id else stored, option=orjson.OPT_SORT_KEYS)
    if len(body) > MAX_BODY:
        raise BadEvent("", "event.large", say("l'événement dépasse {max} octets : allégez-le", max=MAX_BODY))
    if id:
        return Event(id, ts, kind.key, body, naive, derived=False)
    return _with_derived_id(stored, body, naive, occurrence)


def _with_derived_id(stored: dict[str, Any], content: bytes, naive: bool, occurrence: Occurrence | None) -> Event:
    """The same content has the same id; in a file, the second line that says the same has another."""
    again = occurrence(blake2b(content, digest_size=16).digest()) if occurrence else 0
    id = "d-" + blake2b(content + b"\n%d" % again if again else content, digest_size=16).hexdigest()
    body = orjson.dumps(stored | {"id": id}, option=orjson.OPT_SORT_KEYS)
    return Event(id, stored["ts"], stored["kind"], body, naive, derived=True)


def _read(field: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except BadValue as error:
        raise BadEvent(field, error.code, error.reason) from None


def _required(given: Mapping[str, Any], field: str) -> Any:
    if field not in given:
        raise BadEvent(field, "field.missing", say("« {field} » manque", field=field))
    return given[field]


def _id(value: Any) -> str:
    return "" if value is None else read_words(value, MAX_ID)


def _kind(given: Mapping[str, Any], setting: Setting) -> Kind:
    key = _required(given, "kind")
    kind = setting.kinds.get(key.strip()) if isinstance(key, str) else None
    if kind is None:
        raise BadEvent("kind", "kind.unknown", unknown_kind(shown(str(key)), setting.kinds))
    for field in kind.required:
        _required(given, field)
    return kind


def _put_subjects(given: Mapping[str, Any], stored: dict[str, Any], kind: Kind) -> None:
    for field, read in _SUBJECT_READERS.items():
        if field in given:
            column, text = _read(field, partial(_subject, read, given[field]))
            if stored.setdefault(column, text) != text:
                raise BadEvent(
                    field, "subject.two", say("« {field} » en désigne deux différents : gardez-en un", field=field)
                )
    if not any(column in stored for column in SUBJECTS):
        raise BadEvent(
            "", "subject.missing",
            say("dites de qui il s'agit : « visitor », « contact » (e-mail) ou « company » (SIREN ou domaine)"),
        )  # fmt: skip
    if kind.key == IDENTIFY and ("visitor" not in stored or not any(column in stored for column in SUBJECTS[1:])):
        raise BadEvent(
            "visitor", "identify.incomplete", say("identifier, c'est dire quel visiteur est quel contact ou entreprise")
        )


def _subject(read: Callable[[str], tuple[str, str]], value: Any) -> tuple[str, str]:
    return read(read_words(value, MAX_ID))


_SUBJECT_READERS: Mapping[str, Callable[[str], tuple[str, str]]] = {
    "visitor": lambda text: ("visitor", text),
    "contact": read_contact,
    "contact_id": lambda text: ("contact_id", text),
    "contact_email": lambda text: ("contact_email", read_email(text)),
    "company": read_company,
    "company_id": lambda text: ("company_id", text),
    "company_siren": lambda text: ("company_siren", read_company_siren(text)),
    "company_domain": lambda text: ("company_domain", read_company_domain(text)),
}

_GIVEN = frozenset(GIVEN)


def _put_properties(given: Mapping[str, Any], stored: dict[str, Any], kind: Kind, setting: Setting) -> None:
    """Known properties by their column; the others together, as texts, under ``more``."""
    own, more = kind.types, []
    for name, value in given.items():
        if name in _GIVEN:
            continue
        try:
            if column := BY_KEY.get(name):
                stored[name] = read_typed(column, value, setting)
            elif name in own:
                more.append({"key": name, "value": read_typed(own[name], value, setting)})
            else:
                _check_name(name)
                more.append({"key": name, "value": read_words(value, MAX_OTHER)})
        except BadValue as error:
            raise BadEvent(name[:60], error.code, error.reason) from None
    if len(more) > MAX_OTHERS:
        raise BadEvent(
            "", "event.wide",
            say_many("plus de {n} propriété hors colonnes", "plus de {n} propriétés hors colonnes", n=MAX_OTHERS),
        )  # fmt: skip
    if more:
        stored["more"] = sorted(more, key=lambda each: each["key"])


def can_be_property(name: str) -> bool:
    """Whether an event can say something under this name, be it defined or not."""
    return _NAME.fullmatch(name) is not None and name not in GIVEN


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise BadValue(
            "property.name",
            say(
                "« {name} » n'est pas un nom de propriété : une lettre, puis a-z, 0-9 ou _.{hint}",
                name=shown(name), hint=did_you_mean(name[:60], (*GIVEN, *BY_KEY)),
            ),
        )  # fmt: skip


def _put_currency(given: Mapping[str, Any], stored: dict[str, Any], setting: Setting) -> None:
    """Amounts are in the workspace's currency; another is refused until somebody converts it."""
    currency = given.get("currency")
    if currency is not None and str(currency).strip().upper() != setting.currency:
        raise BadEvent(
            "currency", "currency.other",
            say(
                "« {currency} » n'est pas la devise de l'espace : convertissez le montant en {wanted}",
                currency=shown(str(currency)), wanted=setting.currency,
            ),
        )  # fmt: skip
    if currency is not None or "value" in stored or "margin" in stored:
        stored["currency"] = setting.currency
