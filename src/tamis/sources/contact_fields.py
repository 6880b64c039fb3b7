"""The fields of a contact [C1] as files carry them: a row a field, with its headings and its reader."""

import re
from collections.abc import Mapping

from tamis.identity.domains import domain_key, is_free_mail, parse_host
from tamis.identity.folding import fold
from tamis.identity.identifiers import BadValue, Reading, read_siren, shown
from tamis.messages import Message, say
from tamis.sources.company_fields import Field, read_country, read_text
from tamis.sources.lists import read_name

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_BETWEEN = re.compile(r"[\s,;|/]+")
MAX_EMAIL, MAX_LOCAL = 254, 64  # RFC 5321, 4.5.3.1
HOME = "FR"
"""The country that a telephone number is of when neither it nor the line says."""


def read_email(cell: str) -> Reading[str]:
    """One e-mail address, its domain in lower case and in ASCII. Raises :class:`BadValue`.

    A name around it (``Alice <a@acme.fr>``), ``mailto:``, spaces and a last comma are taken off.
    """
    text = re.sub("^mailto:", "", cell.strip(), flags=re.IGNORECASE)
    _name, opened, within = text.rpartition("<")
    if opened and within.endswith(">"):
        text = within[:-1].strip()
    if sum("@" in part[1:-1] for part in _BETWEEN.split(text)) > 1:
        raise BadValue("cell.several", say("plusieurs adresses dans une case : gardez-en une"))
    bare = re.sub(r"\s", "", text).rstrip(".,;")
    local, at, host = bare.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local) > MAX_LOCAL:
        raise BadValue(
            "email.form", say("« {cell} » n'est pas une adresse e-mail (exemple : a.durand@acme.fr)", cell=shown(cell))
        )
    address = f"{local}@{parse_host(host).host}"
    if len(address) > MAX_EMAIL:
        raise BadValue("email.long", say("l'adresse dépasse {max} caractères", max=MAX_EMAIL))
    repaired = bare != cell.strip()
    return Reading(address, (say("adresse lue : {address}", address=address),) if repaired else ())


def email_key(address: str) -> str:
    """What two spellings of an address have in common."""
    return address.lower()


def company_domain(address: str) -> str:
    """The host of an address that says something about a company; empty for a free or disposable provider's."""
    host = address.rpartition("@")[2]
    if not host:
        return ""
    domain = parse_host(host)
    return "" if is_free_mail(domain.registrable) else domain.host


def company_domain_key(address: str) -> str:
    """The domain by which a company is looked for from an address; empty when it says nothing."""
    host = company_domain(address)
    return domain_key(parse_host(host)) if host else ""


def read_phone(cell: str, country: str = HOME) -> Reading[str]:
    """A telephone number in E.164 (``+33612345678``); national ones are of ``country``. Raises :class:`BadValue`."""
    import phonenumbers

    text = " ".join(cell.split())
    try:
        number = phonenumbers.parse(text, country or HOME)
        valid = len(text) < 60 and phonenumbers.is_valid_number(number)
    except phonenumbers.NumberParseException:
        valid = False
    if not valid:
        raise BadValue(
            "phone.form",
            say("« {cell} » n'est pas un numéro de téléphone (exemple : 06 12 34 56 78)", cell=shown(cell)),
        )
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Reading(written, tuple(_phone_repairs(text, written, number.extension or "")))


def _phone_repairs(text: str, written: str, extension: str) -> list[Message]:
    repairs = []
    if extension:
        repairs.append(say("poste « {extension} » laissé de côté", extension=extension))
    if re.fullmatch(r"[1-9][0-9]{8}", text) and written == f"+33{text}":
        repairs.append(say("zéro de tête remis : {number}", number="0" + text))
    return repairs


_CIVILITIES = {
    "M.": ("m", "m.", "mr", "mr.", "monsieur", "mister", "sir", "h", "homme"),
    "Mme": ("mme", "mme.", "madame", "mlle", "mlle.", "mademoiselle", "mrs", "mrs.", "ms", "ms.", "miss", "f", "femme"),
    "Mx": ("mx", "mx."),
}  # fmt: skip
CIVILITIES = (*_CIVILITIES,)
_CIVILITY_OF = {fold(word): civility for civility, words in _CIVILITIES.items() for word in words}


def read_civility(cell: str) -> Reading[str]:
    """``M.``, ``Mme`` or ``Mx``. Raises :class:`BadValue`."""
    if found := _CIVILITY_OF.get(fold(cell)):
        return Reading(found)
    raise BadValue("civility.unknown", say("« {cell} » n'est pas une civilité : M., Mme ou Mx", cell=shown(cell)))


_ORIGIN_OF = {
    fold(word): origin
    for origin, words in {
        "static": ("static", "statique", "importé", "importée", "acheté", "achetée", "collecté", "collectée"),
        "dynamic": ("dynamic", "dynamique", "opt-in", "optin", "formulaire", "inscription", "téléchargement"),
    }.items()
    for word in words
}  # fmt: skip


def read_origin(cell: str) -> Reading[str]:
    """``static`` or ``dynamic`` [C2]. Raises :class:`BadValue`."""
    if found := _ORIGIN_OF.get(fold(cell)):
        return Reading(found)
    raise BadValue("origin.unknown", say("« {cell} » n'est pas une origine : statique ou dynamique", cell=shown(cell)))


def read_external_key(cell: str) -> Reading[str]:
    """The key that another tool gave, as it came. Raises :class:`BadValue`."""
    return read_text(120)(cell)


FIELDS: tuple[Field, ...] = (
    Field("email", "E-mail",
          ("email", "mail", "courriel", "adresse e-mail", "adresse email", "adresse mail", "e-mail professionnel",
           "email professionnel", "email address", "e-mail address"), read_email),
    Field("external_key", "Clé externe", ("identifiant externe", "external key", "external id"), read_external_key),
    Field("civility", "Civilité", ("civ", "civ.", "titre de civilité", "salutation"), read_civility),
    Field("first_name", "Prénom", ("first name", "firstname", "given name"), read_text(80)),
    Field("last_name", "Nom", ("nom de famille", "last name", "lastname", "surname", "family name"), read_text(120)),
    Field("phone", "Portable",
          ("téléphone portable", "tél. portable", "mobile", "téléphone mobile", "téléphone", "tél.", "tel", "gsm",
           "mobile phone", "cell phone"), read_text(60)),
    Field("city", "Ville", ("commune", "localité", "town"), read_text(120)),
    Field("country", "Pays", (), read_country),
    Field("company_name", "Société",
          ("entreprise", "raison sociale", "nom de l'entreprise", "nom de la société", "organisation", "company",
           "company name", "organization"), read_name),
    Field("company_siren", "SIREN",
          ("n° siren", "siret", "siren de l'entreprise", "siren de la société", "company siren"), read_siren),
    Field("sector", "Secteur", ("secteur d'activité", "industry"), read_text(120)),
    Field("job_title", "Poste", ("intitulé de poste", "intitulé du poste", "job title", "titre"), read_text(160)),
    Field("function", "Fonction", ("métier", "service", "department"), read_text(120)),
    Field("level", "Niveau hiérarchique", ("niveau", "seniority", "hierarchical level"), read_text(120)),
    Field("offer", "Offre", ("offre concernée", "produit", "offer concerned"), read_text(160)),
    Field("origin", "Origine", (), read_origin),
    Field("origin_detail", "Détail d'origine", ("détail de l'origine", "source", "origin detail"), read_text(200)),
)  # fmt: skip

OUTWARD_COLUMNS = ("N°", "Entreprise liée", "N° entreprise", "Segment", "Liste")
"""Columns of Tamis's own exports that say where a contact stood, and are passed over when the file comes in again."""

BY_KEY: Mapping[str, Field] = {field.key: field for field in FIELDS}
_BY_SPELLING = {spelling: field for field in FIELDS for spelling in field.spellings}


def field_of(heading: str) -> Field | None:
    """The field of a contact that a heading names, in any usual spelling, or ``None``."""
    return _BY_SPELLING.get(fold(heading))
