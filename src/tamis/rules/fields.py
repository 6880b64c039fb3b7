"""The built-in fields of companies and contacts, as rules call them: a row a field; the users' own by their types.

Texts people write are read as files are: ``"6201Z"`` is ``62.01Z``, ``"552 100 554"`` a SIREN, ``"France"`` is ``FR``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tamis.messages import Message, say
from tamis.rules.nodes import Subject, singular
from tamis.rules.vocabulary import OWN, Bracketed, Column, Place, Rows, Type, Word, type_of
from tamis.sources import contact_fields, custom_fields
from tamis.sources.company_fields import BRACKETS, BY_KEY, SIZE_CLASSES

_COMPANY_FIELDS = BY_KEY
_CONTACT_FIELDS = contact_fields.BY_KEY


def _read(field: Any) -> Callable[[str], str]:
    return lambda text: str(field.read(text).value)


def _capitals(text: str) -> str:
    return "".join(text.split()).upper()


def _naf_part(text: str) -> str:
    """The beginning of a NAF code with its dot in place: ``6201`` is ``62.01``."""
    code = "".join(char for char in text.upper() if char.isalnum())
    return f"{code[:2]}.{code[2:]}" if len(code) > 2 else code


def _department(text: str) -> str:
    return str(_COMPANY_FIELDS["department"].read(text.strip().zfill(2)).value)


def _phone(text: str) -> str:
    return contact_fields.read_phone(text).value


def _phone_part(text: str) -> str:
    """The beginning of a number as numbers are kept: ``06 12`` is ``+33612``."""
    digits = "".join(char for char in text if char.isdigit() or char == "+")
    return f"+33{digits[1:]}" if digits.startswith("0") and not digits.startswith("00") else digits


def _text(key: str, label: Message, place: Place | None = None) -> Word:
    return Word(key, label, Type.TEXT, place or Column(key))


def _code(key: str, label: Message, place: Place | None = None, fields: Mapping[str, Any] = BY_KEY, **how: Any) -> Word:
    how = {"whole": _read(fields[key]) if key in fields else str, "part": _capitals} | how
    return Word(key, label, Type.CODE, place or Column(key), **how)


def _choice(key: str, label: Message, choices: Mapping[str, Message | str], fields: Mapping[str, Any] = BY_KEY) -> Word:
    return Word(key, label, Type.CHOICE, Column(key), whole=_read(fields[key]), choices=choices)


def _name(key: str, label: Message, *only: tuple[str, str]) -> Word:
    return _text(key, label, Rows("company_names", "company", "text", only))


def _identifier(key: str, label: Message) -> Word:
    return _code(key, label, Rows("company_identifiers", "company", "value", (("type", key),)))


def _domain(key: str, use: str, label: Message) -> Word:
    return _code(key, label, Rows("company_domains", "company", "host", (("use", use),)), part=str.strip)


def _brackets() -> Mapping[str, str]:
    def words(low: int, high: int | None) -> str:
        return f"{low}+" if high is None else str(low) if low == high else f"{low}-{high}"

    return {code: words(*bounds) for code, bounds in BRACKETS.items()}


_COMPANIES = (
    _name("name", say("nom")),
    _name("usual_name", say("nom commercial"), ("kind", "usual")),
    _name("acronym", say("sigle"), ("kind", "acronym")),
    _name("brand", say("nom de marque"), ("kind", "brand")),
    _name("former_name", say("ancien nom"), ("kind", "former")),
    _code("siren", say("SIREN")),
    _identifier("siret", say("SIRET")),
    _identifier("vat", say("numéro de TVA")),
    _identifier("neq", say("NEQ")),
    _identifier("lei", say("LEI")),
    _domain("website", "website", say("site web")),
    _domain("email_domain", "email", say("domaine e-mail")),
    _code("naf", say("code NAF"), part=_naf_part),
    _code("naf_2025", say("code NAF 2025"), part=_naf_part),
    _code("naics", say("code SCIAN")),
    _code("legal_category", say("catégorie juridique")),
    Word("headcount", say("effectif"), Type.NUMBER, Bracketed("headcount", "headcount_bracket")),
    _choice("headcount_bracket", say("tranche d'effectif"), _brackets()),
    Word("revenue", say("chiffre d'affaires"), Type.NUMBER, Column("revenue")),
    _choice("size_class", say("taille"), {size: size for size in SIZE_CLASSES}),
    _text("address", say("adresse")),
    _code("postal_code", say("code postal")),
    _text("city", say("ville")),
    _code("department", say("département"), whole=_department),
    _text("region", say("région")),
    _code("country", say("pays")),
    _code("parent_siren", say("SIREN de la maison mère")),
    Word("founded", say("date de création"), Type.DAY, Column("founded")),
    Word("first_seen", say("première visite"), Type.DAY, Column("first_seen")),
    Word("status", say("statut"), Type.STATUS, Column("status")),
    Word("created", say("entrée dans la base"), Type.INSTANT, Column("created_at")),
    Word("updated", say("dernière modification"), Type.INSTANT, Column("updated_at")),
)

_CONTACTS = (
    _choice("civility", say("civilité"), {each: each for each in contact_fields.CIVILITIES}, _CONTACT_FIELDS),
    _text("first_name", say("prénom")),
    _text("last_name", say("nom de famille")),
    _text("email", say("e-mail")),
    _code("external_key", say("clé externe"), fields=_CONTACT_FIELDS, part=str.strip),
    _code("phone", say("téléphone"), whole=_phone, part=_phone_part),
    _text("city", say("ville")),
    _code("country", say("pays"), fields=_CONTACT_FIELDS),
    _text("company_name", say("société indiquée")),
    _code("company_siren", say("SIREN de la société"), fields=_CONTACT_FIELDS),
    _text("sector", say("secteur")),
    _text("job_title", say("intitulé de poste")),
    _text("function", say("fonction")),
    _text("level", say("niveau hiérarchique")),
    _text("offer", say("offre concernée")),
    _choice("origin", say("origine"), {"static": say("statique"), "dynamic": say("dynamique")}, _CONTACT_FIELDS),
    _text("origin_detail", say("détail de l'origine")),
    Word("status", say("statut"), Type.STATUS, Column("status")),
    Word("created", say("entrée dans la base"), Type.INSTANT, Column("created_at")),
    Word("updated", say("dernière modification"), Type.INSTANT, Column("updated_at")),
)


def _called(word: Word, fields: Mapping[str, Any]) -> Word:
    """A field with what files call it."""
    return replace(word, also=fields[word.key].spellings) if word.key in fields else word


BUILT_IN: Mapping[Subject, Mapping[str, Word]] = {
    "companies": {word.key: _called(word, _COMPANY_FIELDS) for word in _COMPANIES},
    "contacts": {word.key: _called(word, _CONTACT_FIELDS) for word in _CONTACTS},
}

_COLUMNS = {Type.NUMBER: "number", Type.DAY: "text_day"}


def own_field(subject: Subject, key: str, label: str, type: str, choices: Sequence[str] = ()) -> tuple[str, Word]:
    """A field of the users' own: the name under which it stands among the words of a subject, and the word.

    ``type`` is one of ``text``, ``number``, ``date``, ``yes-no``, ``choice``.
    """
    one = singular(subject)
    kind = type_of(type)
    place = Rows(f"{one}_fields", one, _COLUMNS.get(kind, "text"), (("field", key),))
    reader = custom_fields.reader(type, choices)
    whole = (lambda text: str(reader(text).value)) if kind is Type.CHOICE else str
    return OWN + key, Word(OWN + key, label, kind, place, whole, choices={each: each for each in choices})
