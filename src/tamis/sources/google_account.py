"""A Google service account: the identity under which Tamis reads sheets that were shared with it alone.

A key file (JSON, from Google's console) holds the private key. Tamis signs with it a claim that is good for a few
minutes, and Google's token endpoint gives a token for it: RFC 7523, and Google's "OAuth 2.0 for server to server
applications". The key and the tokens are never stored and never shown.
"""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tamis.errors import Refused
from tamis.messages import say
from tamis.sources.outgoing import Asked, Network, answer, pieces

TOKEN_ADDRESS = "https://oauth2.googleapis.com/token"  # noqa: S105 - where tokens are asked for
SCOPES = (
    "https://www.googleapis.com/auth/drive.readonly",
    "https://www.googleapis.com/auth/spreadsheets.readonly",
)
GOOD_FOR = 600  # seconds that the signed claim is good for
_MOST = 64_000  # bytes of a token's answer


@dataclass(frozen=True)
class ServiceAccount:
    """Who Tamis is at Google: the address to share sheets with, and the key that proves it."""

    email: str
    key_id: str = field(repr=False)
    private_key: str = field(repr=False)

    @classmethod
    def read(cls, given: str) -> "ServiceAccount":
        """The account of a key file, given as its path or as its content. Raises :class:`~tamis.errors.Refused`."""
        try:
            text = given if given.lstrip().startswith("{") else Path(given).read_text(encoding="utf-8")
            key = json.loads(text)
            return cls(str(key["client_email"]), str(key.get("private_key_id", "")), str(key["private_key"]))
        except (OSError, ValueError, KeyError, TypeError):
            raise _bad_key() from None

    def token(self, network: Network, until: float) -> str:
        """A token that reads what was shared with the account.

        Raises :class:`~tamis.errors.Refused` when the key cannot sign or Google no longer knows it, and
        :class:`~tamis.sources.outgoing.Unanswered`.
        """
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": self._assertion()}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        asked = Asked(TOKEN_ADDRESS, "POST", headers, urlencode(form).encode())
        with answer(network, asked, until) as response:
            body = b"".join(pieces(response, _MOST))
        try:
            told = json.loads(body)
            if response.status == 200:
                return str(told["access_token"])
        except (ValueError, KeyError, TypeError):
            pass
        raise Refused(
            say(
                "Google refuse la clé du compte de service {email} (réponse {status}) : vérifiez qu'elle n'est pas "
                "révoquée et que l'horloge de ce serveur est à l'heure, ou créez une autre clé.",
                email=self.email, status=response.status,
            ),
            "sheet.account",
        )  # fmt: skip

    def _assertion(self) -> str:
        import jwt  # brings cryptography: only when a private sheet is read

        now = int(time.time())
        claims = {
            "iss": self.email, "scope": " ".join(SCOPES), "aud": TOKEN_ADDRESS, "iat": now, "exp": now + GOOD_FOR
        }  # fmt: skip
        headers = {"kid": self.key_id} if self.key_id else None
        try:
            return jwt.encode(claims, self.private_key, algorithm="RS256", headers=headers)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise _bad_key() from None


def _bad_key() -> Refused:
    return Refused(
        say(
            "La clé du compte de service Google est illisible : donnez dans TAMIS_GOOGLE_KEY le chemin du fichier JSON "
            "téléchargé chez Google, ou son contenu."
        ),
        "sheet.account",
    )
