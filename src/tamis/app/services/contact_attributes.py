"""What the contact table can be asked: a row an attribute, as in :mod:`~tamis.app.services.company_attributes`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from tamis.app.models import Contact, ContactValue
from tamis.app.services import company_attributes
from tamis.app.services.company_attributes import PREFIX, Attribute, Choice, Kind, status_of, tags_of
from tamis.app.services.company_labels import Text
from tamis.app.services.contact_labels import LABELS
from tamis.app.services.custom_fields import fields_of
from tamis.app.services.subjects import CONTACT
from tamis.app.services.value_tests import Column, Instants, Place, Rows, Through
from tamis.errors import NotFound, did_you_mean
from tamis.identity.folding import fold
from tamis.messages import say
from tamis.sources.company_fields import read_date
from tamis.sources.contact_fields import BY_KEY, CIVILITIES, email_key, read_phone

WHO, WORK, ITS_COMPANY, SORTED, OWN, KNOWN = (
    _("Personne"), _("Métier"), _("Son entreprise"), _("Rangement"), _("Vos champs"), _("Suivi"),
)  # fmt: skip


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _text(key: str, group: Text, label: Text | None = None) -> Attribute:
    column = Column(f"{key}_key", key, Contact)
    return Attribute(key, label or LABELS[key], Kind.TEXT, column, group, lambda text: (fold(text),), _one_line)


def _code(key: str, group: Text, read: Callable[[str], str], part: Callable[[str], str]) -> Attribute:
    def value(text: str) -> Sequence[Any]:
        return (read(text),)

    return Attribute(key, LABELS[key], Kind.CODE, Column(key, model=Contact), group, value, read, part)


def _choice(key: str, group: Text, choices: Callable[[], Sequence[Choice]]) -> Attribute:
    def value(text: str) -> str:
        return str(BY_KEY[key].read(text).value)

    def shows(text: str) -> str:
        return next((each.label for each in choices() if each.value == text), text)

    return Attribute(
        key, LABELS[key], Kind.CHOICE, Column(key, model=Contact), group, lambda text: (value(text),), value,
        choices=choices, shows=shows,
    )  # fmt: skip


def _civilities() -> Sequence[Choice]:
    return [Choice(each, each) for each in CIVILITIES]


def _origins() -> Sequence[Choice]:
    return [Choice(each.value, str(each.label)) for each in Contact.Origin]


def _day(key: str, label: Text, column: str) -> Attribute:
    def read(text: str) -> Sequence[Any]:
        return (read_date(text).value,)

    place = Instants(column, model=Contact)
    return Attribute(key, label, Kind.DATE, place, KNOWN, read, lambda text: read(text)[0].isoformat())


def _of_company(key: str, label: Text) -> Attribute:
    """What is known of the contact's company."""
    attribute = company_attributes.BY_NAME[key]
    name = "company" if key == "name" else f"company_{key}"
    return replace(attribute, key=name, label=label, place=Through(attribute.place), group=ITS_COMPANY)


def _email(text: str) -> str:
    return email_key(_one_line(text))


def _phone(text: str) -> str:
    return str(read_phone(text).value)


def phone_start(text: str) -> str:
    """The beginning of a number as numbers are kept: ``06 12`` is ``+33612``."""
    digits = "".join(char for char in text if char.isdigit() or char == "+")
    return f"+33{digits[1:]}" if digits.startswith("0") and not digits.startswith("00") else digits


BUILT_IN: tuple[Attribute, ...] = (
    Attribute("name", _("Nom et prénom"), Kind.TEXT, Column("name_key", model=Contact), WHO, lambda text: (fold(text),),
              _one_line),
    _text("first_name", WHO),
    _choice("civility", WHO, _civilities),
    Attribute("email", LABELS["email"], Kind.TEXT, Column("email_key", "email", Contact), WHO,
              lambda text: (_email(text),), _email, email_key),
    _code("external_key", WHO, _one_line, _one_line),
    _code("phone", WHO, _phone, phone_start),
    _text("city", WHO),
    _code("country", WHO, lambda text: str(BY_KEY["country"].read(text).value), str.upper),
    _text("sector", WORK),
    _text("job_title", WORK),
    _text("function", WORK),
    _text("level", WORK),
    _text("offer", WORK),
    _of_company("name", _("Entreprise")),
    _of_company("siren", _("SIREN de l'entreprise")),
    _of_company("segment", _("Segment de l'entreprise")),
    _of_company("list", _("Liste de l'entreprise")),
    _of_company("naf", _("NAF de l'entreprise")),
    _of_company("headcount", _("Effectif de l'entreprise")),
    _of_company("department", _("Département de l'entreprise")),
    _of_company("status", _("Statut de l'entreprise")),
    _of_company("tag", _("Tag de l'entreprise")),
    status_of(CONTACT),
    *tags_of(CONTACT),
    _choice("origin", KNOWN, _origins),
    _text("origin_detail", KNOWN),
    _day("created", _("Entré le"), "created_at"),
    _day("updated", _("Modifié"), "updated_at"),
)  # fmt: skip
BY_NAME: Mapping[str, Attribute] = {each.key: each for each in BUILT_IN}


def _own(field: Any) -> Attribute:
    attribute = company_attributes.own(field)
    assert isinstance(attribute.place, Rows)
    place: Place = replace(attribute.place, model=ContactValue, subject="contact")
    return replace(attribute, place=place)


def attributes() -> Iterable[Attribute]:
    """All of them: the built-in ones, then the users' own."""
    return (*BUILT_IN, *(_own(field) for field in fields_of("contact")))


def find(key: str) -> Attribute:
    """The attribute of this key. Raises :class:`~tamis.errors.NotFound` with the nearest one."""
    if key in BY_NAME:
        return BY_NAME[key]
    if key.startswith(PREFIX) and (field := fields_of("contact").filter(key=key.removeprefix(PREFIX)).first()):
        return _own(field)
    keys = [each.key for each in attributes()]
    raise NotFound(
        say("La table n'a pas de filtre « {field} ».{hint}", field=key[:60], hint=did_you_mean(key, keys)),
        "filter.unknown",
    )
