"""Registry identifiers (SIREN, SIRET, VAT, NEQ, LEI): read strictly, repaired only where one reading is possible.

Check digits come from python-stdnum: Luhn for SIREN and SIRET (with La Poste's exception, whose establishments sum to a
multiple of five), ISO 7064 for LEI. Sources: INSEE, décret n° 73-314, for SIREN and SIRET; ISO 17442 for LEI;
Registraire des entreprises du Québec for NEQ.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Generic, TypeVar

from stdnum import lei as stdnum_lei
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret
from stdnum.fr import tva as stdnum_tva

from tamis.messages import Message, say, say_many


class BadValue(ValueError):
    """A cell that cannot be read: ``reason`` says why and, where it is plain, what to write instead."""

    def __init__(self, code: str, reason: Message) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return str(self.reason)


Value = TypeVar("Value", covariant=True)


@dataclass(frozen=True)
class Reading(Generic[Value]):
    """A value read from a cell, in its canonical form, and what had to be repaired to read it."""

    value: Value
    repairs: tuple[Message, ...] = ()


MAX_LOST_ZEROS = 3  # the lowest SIREN in use have three leading zeros

_SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
_TRAILING_ZERO = re.compile(r"([0-9]+)[.,]0+")
_SEVERAL = re.compile(r"[0-9]{9,14}[\s,;/|&+]+[0-9]{9,14}")
_SPACED_GROUPS = re.compile(r"(?<=[0-9])[ .](?=[0-9]{3}(?:[^0-9]|$))")


def read_siren(cell: str) -> Reading[str]:
    """The nine digits of the SIREN in a cell that holds a SIREN, a SIRET or a French VAT number.

    Raises :class:`BadValue` when no reading, or more than one, is possible.
    """
    if cell.strip()[:2].upper() == "FR":
        return _siren_from_vat(cell)
    digits, repairs = _digits(cell, "SIREN")
    if len(digits) > 9:
        siret = _checked_siret(cell, digits, repairs)
        repairs.append(say("SIRET {siret} lu comme son SIREN", siret=siret))
        return Reading(siret[:9], tuple(repairs))
    return Reading(_checked_siren(cell, digits, repairs), tuple(repairs))


def read_siret(cell: str) -> Reading[str]:
    """The fourteen digits of a SIRET. Raises :class:`BadValue`."""
    digits, repairs = _digits(cell, "SIRET")
    return Reading(_checked_siret(cell, digits, repairs), tuple(repairs))


def read_vat(cell: str) -> Reading[str]:
    """A VAT number without spaces; a French one must pass its check. Raises :class:`BadValue`."""
    number = re.sub(r"[\s.\-]", "", unicodedata.normalize("NFKC", cell)).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9A-Z]{2,13}", number):
        raise BadValue(
            "vat.form",
            say("« {cell} » n'est pas un numéro de TVA : deux lettres de pays, puis le numéro", cell=shown(cell)),
        )
    if number.startswith("FR") and not stdnum_tva.is_valid(number):
        raise BadValue(
            "vat.check",
            say("le numéro de TVA « {cell} » ne passe pas le contrôle : vérifiez les chiffres", cell=shown(cell)),
        )
    return Reading(number)


def read_neq(cell: str) -> Reading[str]:
    """The ten digits of a Québec enterprise number (NEQ). Raises :class:`BadValue`."""
    digits, repairs = _digits(cell, "NEQ")
    if not re.fullmatch(r"[1238][0-9]{9}", digits):
        raise BadValue(
            "neq.form",
            say("« {cell} » n'est pas un NEQ : dix chiffres, le premier étant 1, 2, 3 ou 8", cell=shown(cell)),
        )
    return Reading(digits, tuple(repairs))


def read_lei(cell: str) -> Reading[str]:
    """The twenty characters of a Legal Entity Identifier. Raises :class:`BadValue`."""
    number = re.sub(r"\s", "", cell).upper()
    if not stdnum_lei.is_valid(number):
        raise BadValue(
            "lei.check",
            say("« {cell} » n'est pas un LEI valide : vingt caractères, dont deux de contrôle", cell=shown(cell)),
        )
    return Reading(number)


def siren_of_vat(number: str) -> str | None:
    """The SIREN inside a French VAT number, or ``None`` for another country's or a number that holds none."""
    siren = number[4:]
    return siren if number.startswith("FR") and len(siren) == 9 and stdnum_siren.is_valid(siren) else None


def shown(cell: str, limit: int = 60) -> str:
    """The cell as an error message quotes it: on one line, cut at ``limit`` characters."""
    text = " ".join(cell[: 4 * limit].split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _siren_from_vat(cell: str) -> Reading[str]:
    number = read_vat(cell).value
    siren = siren_of_vat(number)
    if siren is None:
        raise BadValue("siren.vat", say("le numéro de TVA « {cell} » ne contient pas de SIREN", cell=shown(cell)))
    return Reading(siren, (say("numéro de TVA {vat} lu comme son SIREN", vat=number),))


def _digits(cell: str, what: str) -> tuple[str, list[Message]]:
    """The digits of a cell that should hold one number, and the repairs: files add spaces, dots and ``.0``."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if _SCIENTIFIC.fullmatch(text):
        raise BadValue(
            "number.scientific",
            say(
                "« {cell} » a été abrégé par le tableur et des chiffres sont perdus : "
                "mettez la colonne au format texte et recopiez le {what}",
                cell=shown(cell), what=what,
            ),
        )  # fmt: skip
    repairs: list[Message] = []
    if whole := _TRAILING_ZERO.fullmatch(text):
        text = whole[1]
        repairs.append(say("« .0 » ajouté par le tableur enlevé"))
    if _SEVERAL.search(_SPACED_GROUPS.sub("", text)):
        raise BadValue(
            "cell.several", say("plusieurs valeurs dans une case : gardez un seul {what} par ligne", what=what)
        )
    digits = re.sub(r"[\s.\-]", "", text)
    if not re.fullmatch(r"[0-9]+", digits):
        raise BadValue(
            "number.form",
            say(
                "« {cell} » n'est pas un {what}, qui n'a que des chiffres : laissez la case vide s'il est inconnu",
                cell=shown(cell), what=what,
            ),
        )  # fmt: skip
    if not repairs and digits != cell.strip():
        repairs.append(say("espaces ou signes enlevés du {what}", what=what))
    return digits, repairs


def _checked_siren(cell: str, digits: str, repairs: list[Message]) -> str:
    siren = digits.zfill(9)
    valid = bool(digits.strip("0")) and stdnum_siren.is_valid(siren)
    if len(digits) < 9 - MAX_LOST_ZEROS or (len(digits) < 9 and not valid):
        raise _bad_length(cell, digits)
    if not valid:
        raise BadValue(
            "siren.check",
            say("le SIREN « {cell} » ne passe pas le contrôle de l'INSEE : vérifiez les chiffres", cell=shown(cell)),
        )
    return _zeros_restored(siren, digits, repairs)


def _checked_siret(cell: str, digits: str, repairs: list[Message]) -> str:
    siret = digits.zfill(14)
    valid = bool(digits.strip("0")) and stdnum_siret.is_valid(siret)
    if not 14 - MAX_LOST_ZEROS <= len(digits) <= 14 or (len(digits) < 14 and not valid):
        raise _bad_length(cell, digits)
    if not valid:
        raise BadValue(
            "siret.check",
            say("le SIRET « {cell} » ne passe pas le contrôle de l'INSEE : vérifiez les chiffres", cell=shown(cell)),
        )
    return _zeros_restored(siret, digits, repairs)


def _bad_length(cell: str, digits: str) -> BadValue:
    return BadValue(
        "siren.length",
        say_many(
            "« {cell} » a {n} chiffre : un SIREN en a 9, un SIRET 14",
            "« {cell} » a {n} chiffres : un SIREN en a 9, un SIRET 14",
            n=len(digits), cell=shown(cell),
        ),
    )  # fmt: skip


def _zeros_restored(number: str, digits: str, repairs: list[Message]) -> str:
    if number != digits:
        repairs.append(say("zéros de tête remis : {number}", number=number))
    return number
