"""The fields of a company as files carry them: one row a field, with the headings it is known by and how it is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from babel import Locale

from tamis.identity.domains import read_email_domain, read_website
from tamis.identity.folding import fold
from tamis.identity.identifiers import (
    BadValue,
    Reading,
    read_lei,
    read_neq,
    read_siren,
    read_siret,
    read_vat,
    shown,
)
from tamis.messages import say
from tamis.sources.lists import read_name

SEPARATOR = "|"
"""Between several values in one cell of a company file (names, SIRETs, domains)."""


class Part(StrEnum):
    """What part of a company a field fills."""

    NAME = "name"
    IDENTIFIER = "identifier"
    DOMAIN = "domain"
    VALUE = "value"


@dataclass(frozen=True)
class Field:
    """A field: its key, its heading in Tamis's own exports, the other headings it is known by, and its reader."""

    key: str
    heading: str
    others: tuple[str, ...]
    read: Callable[[str], Reading[Any]]
    part: Part = Part.VALUE
    kind: str = ""
    """Within its part: the kind of name, the type of identifier, the use of a domain."""

    @property
    def spellings(self) -> frozenset[str]:
        """Every heading that means this field, folded."""
        return frozenset(fold(heading) for heading in (self.key, self.heading, *self.others))


def read_text(limit: int) -> Callable[[str], Reading[str]]:
    """A reader of one line of text of at most so many characters."""

    def read(cell: str) -> Reading[str]:
        text = " ".join(cell.split())
        if len(text) > limit:
            raise BadValue("text.long", say("plus de {limit} caractères : raccourcissez la valeur", limit=limit))
        if not text.isprintable():
            raise BadValue("text.control", say("caractères illisibles : retapez la valeur"))
        return Reading(text)

    return read


def read_pattern(pattern: str, example: str) -> Callable[[str], Reading[str]]:
    """A reader of a code, without spaces and dots, in capitals, that must look like the example."""

    def read(cell: str) -> Reading[str]:
        code = re.sub(r"[\s.\-]", "", cell).upper()
        if not re.fullmatch(pattern, code):
            raise BadValue(
                "code.form", say("« {cell} » n'a pas la forme attendue ({example})", cell=shown(cell), example=example)
            )
        return Reading(code)

    return read


def read_naf(cell: str) -> Reading[str]:
    """A NAF code in its written form, ``62.01Z``."""
    code = read_pattern(r"[0-9]{4}[A-Z]", "62.01Z")(cell).value
    return Reading(f"{code[:2]}.{code[2:]}")


def read_count(cell: str) -> Reading[int]:
    """A whole number of people, with or without spaces between thousands. Raises :class:`BadValue`."""
    text = re.sub(r"\s", "", cell)
    if whole := re.fullmatch(r"([0-9]{1,9})([.,]0+)?", text):
        return Reading(int(whole[1]))
    raise BadValue("count.form", say("« {cell} » n'est pas un nombre entier", cell=shown(cell)))


BRACKETS: Mapping[str, tuple[int, int | None]] = {
    "NN": (0, 0), "00": (0, 0), "01": (1, 2), "02": (3, 5), "03": (6, 9), "11": (10, 19), "12": (20, 49),
    "21": (50, 99), "22": (100, 199), "31": (200, 249), "32": (250, 499), "41": (500, 999),
    "42": (1000, 1999), "51": (2000, 4999), "52": (5000, 9999), "53": (10000, None),
}  # fmt: skip
"""INSEE's brackets of headcount (variable trancheEffectifsUniteLegale of Sirene): code, lowest and highest number."""
_LONGEST_BRACKET = 100


def read_bracket(cell: str) -> Reading[str]:
    """The code of an INSEE headcount bracket, from the code or from words such as ``10 à 19 salariés``."""
    text = fold(cell)
    code = text.upper().zfill(2)
    if code in BRACKETS:
        return Reading(code)
    found = re.findall(r"[0-9]+(?: [0-9]{3})*", text) if len(text) <= _LONGEST_BRACKET else []
    numbers = [int(number.replace(" ", "")) for number in found]
    for code, (low, high) in BRACKETS.items():
        if numbers and numbers[0] == low and (numbers[1:] == ([high] if high and high != low else [])):
            return Reading(code)
    raise BadValue(
        "bracket.form",
        say(
            "« {cell} » n'est pas une tranche d'effectif de l'INSEE (exemples : 12, « 20 à 49 salariés »)",
            cell=shown(cell),
        ),
    )


_UNITS = {"": 1, "k": 1_000, "ke": 1_000, "m": 1_000_000, "me": 1_000_000, "md": 10**9, "mde": 10**9}
_AMOUNT = re.compile(r"(-?[0-9]+(?:[.,][0-9]+)?)(k|m|md)?(?:€|eur|euros?)?")


def read_amount(cell: str) -> Reading[Decimal]:
    """An amount in euros: ``1 234 567,89 €``, ``1.2 M€``, ``350 k€``. Raises :class:`BadValue` if two readings fit."""
    text = re.sub(r"\s", "", fold(cell))
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3}){2,}(,[0-9]+)?", text):
        text = text.replace(".", "")
    elif re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3}){2,}(\.[0-9]+)?", text):
        text = text.replace(",", "")
    found = _AMOUNT.fullmatch(text)
    if not found:
        raise BadValue(
            "amount.form", say("« {cell} » n'est pas un montant (exemples : 1 250 000, 1,2 M€)", cell=shown(cell))
        )
    number, unit = found[1].replace(",", "."), found[2] or ""
    if not unit and re.fullmatch(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}", found[1]):
        raise BadValue(
            "amount.ambiguous", say("« {cell} » se lit de deux façons : écrivez-le sans séparateur", cell=shown(cell))
        )
    amount = Decimal(number) * _UNITS[unit]
    if abs(amount) >= 10**16:
        raise BadValue("amount.large", say("« {cell} » dépasse tout chiffre d'affaires connu", cell=shown(cell)))
    return Reading(amount.quantize(Decimal("0.01")))


SIZE_CLASSES = ("TPE", "PME", "ETI", "GE")
"""Décret n° 2008-1354: the four size classes (the decree's « microentreprise » is what users call a TPE)."""
_SIZE_NAMES = {"microentreprise": "TPE", "micro entreprise": "TPE", "grande entreprise": "GE"}


def read_size_class(cell: str) -> Reading[str]:
    """``TPE``, ``PME``, ``ETI`` or ``GE``."""
    size = _SIZE_NAMES.get(fold(cell), fold(cell).upper())
    if size not in SIZE_CLASSES:
        raise BadValue("size.unknown", say("« {cell} » n'est pas une taille : TPE, PME, ETI ou GE", cell=shown(cell)))
    return Reading(size)


def read_postal_code(cell: str) -> Reading[str]:
    """A postal code; a French one that lost its leading zero gets it back."""
    text = re.sub(r"[.,]0+$", "", " ".join(cell.split())).upper()
    if not re.fullmatch(r"[0-9A-Z][0-9A-Z \-]{1,10}", text):
        raise BadValue("postal.form", say("« {cell} » n'est pas un code postal", cell=shown(cell)))
    if re.fullmatch(r"[1-9][0-9]{3}", text):
        return Reading("0" + text, (say("zéro de tête remis : {number}", number="0" + text),))
    if spaced := re.fullmatch(r"([0-9]{2}) ([0-9]{3})", text):
        return Reading(spaced[1] + spaced[2], (say("espace enlevé du code postal"),))
    return Reading(text)


@cache
def _country_names() -> Mapping[str, str]:
    names = {}
    for language in ("en", "fr"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                names[fold(name)] = code
                names[code.lower()] = code
    return names


def read_country(cell: str) -> Reading[str]:
    """The two letters (ISO 3166-1) of a country given by code or by its French or English name."""
    code = _country_names().get(fold(cell))
    if code is None:
        raise BadValue("country.unknown", say("« {cell} » n'est pas un pays connu", cell=shown(cell)))
    return Reading(code)


def read_date(cell: str) -> Reading[date]:
    """A day, written ``2026-03-31`` or ``31/03/2026``."""
    text = cell.strip()
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S"):
        try:
            return Reading(datetime.strptime(text, form).date())
        except ValueError:
            continue
    raise BadValue("date.form", say("« {cell} » n'est pas une date (31/03/2026 ou 2026-03-31)", cell=shown(cell)))


FIELDS: tuple[Field, ...] = (
    Field("name", "Raison sociale",
          ("nom", "dénomination", "dénomination sociale", "entreprise", "société", "company", "raison_sociale"),
          read_name, Part.NAME, "legal"),
    Field("usual_name", "Nom commercial", ("nom usuel", "enseigne", "nom d'usage", "trade name"),
          read_name, Part.NAME, "usual"),
    Field("acronym", "Sigle", ("acronyme",), read_name, Part.NAME, "acronym"),
    Field("brand", "Marque", ("marques", "brand name"), read_name, Part.NAME, "brand"),
    Field("former_name", "Ancien nom", ("anciens noms", "former name"), read_name, Part.NAME, "former"),
    Field("siren", "SIREN", ("n° siren", "numéro siren", "no siren"), read_siren, Part.IDENTIFIER, "siren"),
    Field("siret", "SIRET", ("siret siège", "n° siret", "numéro siret", "sirets"),
          read_siret, Part.IDENTIFIER, "siret"),
    Field("vat", "TVA", ("n° tva", "numéro de tva", "tva intracommunautaire", "vat number"),
          read_vat, Part.IDENTIFIER, "vat"),
    Field("neq", "NEQ", ("numéro d'entreprise du québec",), read_neq, Part.IDENTIFIER, "neq"),
    Field("lei", "LEI", ("code lei",), read_lei, Part.IDENTIFIER, "lei"),
    Field("website", "Site web", ("web site", "site internet", "site", "url"), read_website, Part.DOMAIN, "website"),
    Field("email_domain", "Domaine email", ("domaine e-mail", "domaine mail", "domaine", "email domain"),
          read_email_domain, Part.DOMAIN, "email"),
    Field("naf", "Code NAF", ("ape", "code ape", "naf rév. 2", "naf rev 2", "naf/ape", "ape/naf", "code naf/ape"),
          read_naf),
    Field("naf_2025", "NAF 2025", ("code naf 2025",), read_naf),
    Field("naics", "Code SCIAN", ("code naics", "scian"), read_pattern(r"[0-9]{2,6}", "541510")),
    Field("legal_category", "Catégorie juridique", ("forme juridique (code)", "code juridique", "legal category"),
          read_pattern(r"[0-9]{4}", "5710")),
    Field("headcount", "Effectif", ("effectifs", "nombre de salariés", "salariés", "employees"), read_count),
    Field("headcount_bracket", "Tranche effectif",
          ("tranche d'effectif", "tranche effectifs", "tranche d'effectifs"), read_bracket),
    Field("revenue", "Chiffre d'affaires", ("ca", "chiffre d'affaire", "ca (€)", "turnover"), read_amount),
    Field("size_class", "Taille", ("catégorie d'entreprise", "taille d'entreprise", "size class"), read_size_class),
    Field("address", "Adresse", ("rue", "adresse postale", "street"), read_text(300)),
    Field("postal_code", "Code postal", ("cp", "zip", "zip code", "postal code"), read_postal_code),
    Field("city", "Ville", ("commune", "localité"), read_text(120)),
    Field("department", "Département", ("dept", "n° département"), read_pattern(r"[0-9]{2,3}|2[AB]", "69")),
    Field("region", "Région", ("province", "région ou province"), read_text(80)),
    Field("country", "Pays", (), read_country),
    Field("parent_siren", "Maison mère", ("siren maison mère", "société mère", "parent"), read_siren),
    Field("founded", "Date de création", ("créée le", "création", "date création"), read_date),
    Field("first_seen", "Vue la première fois", ("première visite", "first seen"), read_date),
)  # fmt: skip

OUTWARD_COLUMNS = ("N°", "Segment", "Liste")
"""Columns of Tamis's own exports that say where a company stood, and are passed over when the file comes in again."""

BY_KEY: Mapping[str, Field] = {field.key: field for field in FIELDS}
_BY_SPELLING = {spelling: field for field in FIELDS for spelling in field.spellings}


def field_of(heading: str) -> Field | None:
    """The field that a heading names, in any usual spelling, or ``None``."""
    return _BY_SPELLING.get(fold(heading))


def is_company_heading(heading: str) -> bool:
    """Whether a heading names a field of a company."""
    return field_of(heading) is not None


def department_of(postal_code: str) -> str:
    """The French department of a postal code: two digits, three overseas, 2A or 2B in Corsica; else empty.

    A few communes at a border are served by the neighbour's post office; the register's own department, where a file
    brings one, takes precedence.
    """
    if not re.fullmatch(r"[0-9]{5}", postal_code) or postal_code.startswith(("00", "96", "99")):
        return ""
    if postal_code.startswith(("97", "98")):
        return postal_code[:3]
    if postal_code.startswith("20"):
        return "2A" if postal_code < "20200" else "2B"
    return postal_code[:2]


REGIONS: Mapping[str, str] = {
    department: region
    for region, departments in {
        "Auvergne-Rhône-Alpes": "01 03 07 15 26 38 42 43 63 69 73 74",
        "Bourgogne-Franche-Comté": "21 25 39 58 70 71 89 90",
        "Bretagne": "22 29 35 56",
        "Centre-Val de Loire": "18 28 36 37 41 45",
        "Corse": "2A 2B",
        "Grand Est": "08 10 51 52 54 55 57 67 68 88",
        "Guadeloupe": "971",
        "Guyane": "973",
        "Hauts-de-France": "02 59 60 62 80",
        "Île-de-France": "75 77 78 91 92 93 94 95",
        "La Réunion": "974",
        "Martinique": "972",
        "Mayotte": "976",
        "Normandie": "14 27 50 61 76",
        "Nouvelle-Aquitaine": "16 17 19 23 24 33 40 47 64 79 86 87",
        "Occitanie": "09 11 12 30 31 32 34 46 48 65 66 81 82",
        "Pays de la Loire": "44 49 53 72 85",
        "Provence-Alpes-Côte d'Azur": "04 05 06 13 83 84",
    }.items()
    for department in departments.split()
}
"""The region of each department (loi n° 2015-29)."""
