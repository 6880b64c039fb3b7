"""The address of a Google sheet, from whatever link a person pastes.

A tab of a spreadsheet has two addresses that matter: the one that people open, which is kept, and the one that answers
with CSV, which is asked. A spreadsheet that was published to the web has another, longer identifier than its own.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from tamis.errors import Refused
from tamis.messages import Message, say

ORIGIN = "https://docs.google.com"
MAX_ADDRESS = 500  # characters

_ACCOUNT = r"(?:/a/[^/]+)?"  # links of a company's own domain
_ANY_USER = r"(?:/u/\d+)?"  # links of people with several accounts
_OWN = re.compile(_ACCOUNT + r"/spreadsheets" + _ANY_USER + r"/d/([\w-]{15,120})(?:/.*)?", re.ASCII)
_PUBLISHED = re.compile(_ACCOUNT + r"/spreadsheets" + _ANY_USER + r"/d/e/([\w-]{15,200})(?:/.*)?", re.ASCII)
_IDENTIFIER = re.compile(r"[\w-]{15,120}", re.ASCII)
_GID = re.compile(r"\d{1,12}", re.ASCII)


@dataclass(frozen=True)
class SheetAddress:
    """One tab of a spreadsheet: the first one when ``gid`` is empty."""

    identifier: str
    gid: str = ""
    published: bool = False
    resource_key: str = ""

    @property
    def link(self) -> str:
        """The address that people open; :func:`read_address` reads it back."""
        if self.published:
            return f"{ORIGIN}/spreadsheets/d/e/{self.identifier}/pubhtml{self._asked(gid=self.gid)}"
        tab = f"#gid={self.gid}" if self.gid else ""
        return f"{ORIGIN}/spreadsheets/d/{self.identifier}/edit{self._asked(resourcekey=self.resource_key)}{tab}"

    @property
    def export(self) -> str:
        """The address that answers with the tab as CSV."""
        if self.published:
            asked = self._asked(output="csv", gid=self.gid, single="true" if self.gid else "")
            return f"{ORIGIN}/spreadsheets/d/e/{self.identifier}/pub{asked}"
        asked = self._asked(format="csv", gid=self.gid, resourcekey=self.resource_key)
        return f"{ORIGIN}/spreadsheets/d/{self.identifier}/export{asked}"

    @staticmethod
    def _asked(**values: str) -> str:
        given = {key: value for key, value in values.items() if value}
        return f"?{urlencode(given)}" if given else ""


def read_address(text: str) -> SheetAddress:
    """The sheet of a pasted link. Raises :class:`~tamis.errors.Refused` saying what the link is instead."""
    text = text.strip().strip("<>\"'«» \u00a0\u202f")
    if not text:
        raise Refused(say("Collez l'adresse de la feuille Google."), "sheet.address")
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
    except ValueError:
        raise _refused(_not_google()) from None
    if len(text) > MAX_ADDRESS or parts.scheme not in ("http", "https"):
        raise _refused(_not_google())
    query = {key: found[-1] for key, found in parse_qs(parts.query).items()}
    gid = _gid({key: found[-1] for key, found in parse_qs(parts.fragment).items()}) or _gid(query)
    if host == "docs.google.com":
        return _in_docs(parts.path, query, gid)
    if host == "drive.google.com" and parts.path == "/open" and _IDENTIFIER.fullmatch(query.get("id", "")):
        return SheetAddress(query["id"], gid, resource_key=_key(query))
    raise _refused(_of_drive(parts.path) if host == "drive.google.com" else _not_google())


def _in_docs(path: str, query: dict[str, str], gid: str) -> SheetAddress:
    if found := _PUBLISHED.fullmatch(path):
        return SheetAddress(found[1], gid, published=True)
    if found := _OWN.fullmatch(path):
        if query.get("rtpof") == "true":  # Google's mark on office files that its editor opens as they are
            raise _refused(_office_file())
        return SheetAddress(found[1], gid, resource_key=_key(query))
    for word, what in _OTHER_DOCUMENTS:
        if f"/{word}/" in f"{path}/":
            raise _refused(what)
    raise _refused(
        say("Cette adresse Google ne désigne pas une feuille : ouvrez la feuille et copiez l'adresse du navigateur.")
    )


def _of_drive(path: str) -> Message:
    if "/folders/" in path or "/drive" in path:
        return say("C'est un dossier Google Drive : ouvrez la feuille elle-même et copiez son adresse.")
    return say(
        "C'est un fichier déposé dans Google Drive, pas une feuille Google : ouvrez-le avec Google Sheets, choisissez "
        "« Fichier > Enregistrer au format Google Sheets », puis copiez l'adresse de la feuille obtenue."
    )


def _office_file() -> Message:
    return say(
        "C'est un fichier Excel ouvert dans Google Sheets : choisissez « Fichier > Enregistrer au format Google "
        "Sheets », puis copiez l'adresse de la feuille obtenue."
    )


def _not_google() -> Message:
    return say(
        "Ce n'est pas l'adresse d'une feuille Google : elle commence par https://docs.google.com/spreadsheets/d/."
    )


_OTHER_DOCUMENTS = (
    ("document", say("C'est un document Google Docs : mettez le tableau dans une feuille Google Sheets.")),
    ("presentation", say("C'est une présentation Google Slides : donnez l'adresse d'une feuille Google Sheets.")),
    ("forms", say("C'est un formulaire Google Forms : donnez l'adresse de la feuille qui reçoit ses réponses.")),
    ("drawings", say("C'est un dessin Google : donnez l'adresse d'une feuille Google Sheets.")),
)


def _refused(what: Message) -> Refused:
    return Refused(what, "sheet.address")


def _gid(values: dict[str, str]) -> str:
    gid = values.get("gid", "")
    return gid if _GID.fullmatch(gid) else ""


def _key(query: dict[str, str]) -> str:
    key = query.get("resourcekey", "")
    return key if re.fullmatch(r"[\w-]{1,60}", key, re.ASCII) else ""
