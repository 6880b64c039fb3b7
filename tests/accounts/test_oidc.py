"""Sign-in with an identity provider: a real one on a loopback socket, honest and otherwise."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import oidc_provider
import pytest
from django.test import Client
from joserfc.jwk import OctKey, RSAKey


@pytest.fixture
def provider() -> Iterator[Any]:
    made = oidc_provider.Provider()
    yield made
    made.close()


@pytest.fixture
def stranger(provider: Any, workspace: Any, settings: Any) -> Client:
    settings.OIDC = {
        "issuer": provider.issuer, "client_id": oidc_provider.CLIENT_ID, "client_secret": oidc_provider.CLIENT_SECRET,
        "name": "Exemple ID", "create": False, "role": "viewer",
    }  # fmt: skip
    return Client(HTTP_HOST="localhost")


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def come_back(client: Client, to: str = "/sign-in/oidc/") -> Any:
    """Go to the provider and come back, as a browser does; the answer of the callback."""
    there = client.get(to)
    assert there.status_code == 302, there.content.decode()
    try:
        build_opener(_Stay).open(there["Location"], timeout=10)
    except HTTPError as answer:
        back = answer.headers["Location"]
        answer.close()
    return client.get(back.removeprefix("http://localhost"))


def signed_in_as(client: Client) -> str | None:
    from tamis.app.models import User

    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key).username if key else None


def test_the_button_is_there_only_when_a_provider_is(stranger: Client, settings: Any) -> None:
    assert "Se connecter avec Exemple ID" in stranger.get("/sign-in/").content.decode()
    settings.OIDC = {}
    assert "Exemple ID" not in stranger.get("/sign-in/").content.decode()
    assert stranger.get("/sign-in/oidc/").status_code == 404


def test_who_has_the_verified_address_of_an_account_is_let_in(stranger: Client, lea: Any) -> None:
    answer = come_back(stranger, "/sign-in/oidc/?next=/lists/")
    assert (answer.status_code, answer["Location"]) == (302, "/lists/")
    assert signed_in_as(stranger) == "lea"


def test_the_subject_is_remembered_when_the_address_changes(stranger: Client, lea: Any, provider: Any) -> None:
    come_back(stranger)
    provider.claims = {"email": "lea.durand@exemple.fr"}
    other = Client(HTTP_HOST="localhost")
    come_back(other)
    assert signed_in_as(other) == "lea"


def test_an_address_that_is_not_verified_opens_nothing(stranger: Client, lea: Any, provider: Any) -> None:
    for said in (False, None, "true"):
        provider.claims = {"email_verified": said}
        answer = come_back(stranger)
        assert answer.status_code == 409
        assert "aucun compte de Tamis n'a votre adresse e-mail vérifiée" in answer.content.decode().replace(
            "&#x27;", "'"
        )
    assert signed_in_as(stranger) is None


def test_an_account_is_made_only_when_allowed_and_as_a_viewer(stranger: Client, settings: Any) -> None:
    from tamis.app.models import Act, User

    assert come_back(stranger).status_code == 409
    settings.OIDC = settings.OIDC | {"create": True}
    come_back(stranger)
    made = User.objects.get(username="lea")
    assert (made.role, made.email, made.has_usable_password()) == ("viewer", "lea@exemple.fr", False)
    assert signed_in_as(stranger) == "lea"
    assert Act.objects.filter(kind="user.signed-in", via="oidc", by="lea").count() == 1


def test_a_deactivated_account_stays_out(stranger: Client, lea: Any) -> None:
    lea.is_active = False
    lea.save()
    assert "désactivé" in come_back(stranger).content.decode()
    assert signed_in_as(stranger) is None


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["another", "third"], "azp": "tamis"}, "aud"),
        ({"iss": "https://mechant.example"}, "iss"),
        ({"exp": int(time.time()) - 600, "iat": int(time.time()) - 900}, "a expiré"),
        ({"sub": None}, "sub"),
    ],
)
def test_a_wrong_token_is_refused_and_says_why(
    stranger: Client, lea: Any, provider: Any, claims: dict[str, Any], said: str
) -> None:
    provider.claims = claims
    answer = come_back(stranger)
    assert answer.status_code == 409
    assert said in answer.content.decode()
    assert signed_in_as(stranger) is None


def test_a_key_that_is_not_the_provider_s_is_refused(stranger: Client, lea: Any, provider: Any) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "unknown"})
    answer = come_back(stranger)
    assert "signée" in answer.content.decode()
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "first"})  # the right name on the wrong key
    assert "signée" in come_back(stranger).content.decode()
    assert signed_in_as(stranger) is None


def test_a_signature_by_the_shared_secret_is_refused_though_the_provider_offers_it(
    stranger: Client, lea: Any, provider: Any
) -> None:
    provider.algorithm, provider.signing_key = "HS256", OctKey.import_key(oidc_provider.CLIENT_SECRET.encode())
    assert come_back(stranger).status_code == 409
    assert signed_in_as(stranger) is None


def test_a_new_key_of_the_provider_s_is_fetched(stranger: Client, lea: Any, provider: Any) -> None:
    come_back(stranger)
    provider.key = RSAKey.generate_key(2048, {"kid": "second"})
    other = Client(HTTP_HOST="localhost")
    come_back(other)
    assert signed_in_as(other) == "lea"


def test_an_answer_to_another_browser_is_refused(stranger: Client, lea: Any, provider: Any) -> None:
    there = stranger.get("/sign-in/oidc/")["Location"]
    asked = {key: values[0] for key, values in parse_qs(urlsplit(there).query).items()}
    back = provider.authorize(asked).removeprefix("http://localhost")
    other = Client(HTTP_HOST="localhost")
    answer = other.get(back)
    assert answer.status_code == 409
    assert "pas commencé dans ce navigateur" in answer.content.decode()
    assert signed_in_as(other) is None


def test_a_code_serves_once(stranger: Client, lea: Any, provider: Any) -> None:
    there = stranger.get("/sign-in/oidc/")["Location"]
    asked = {key: values[0] for key, values in parse_qs(urlsplit(there).query).items()}
    back = provider.authorize(asked).removeprefix("http://localhost")
    assert stranger.get(back).status_code == 302
    assert stranger.get(back).status_code == 409


def test_a_provider_under_another_name_is_refused(stranger: Client, lea: Any, provider: Any) -> None:
    provider.issuer_said = "https://mechant.example"
    answer = stranger.get("/sign-in/oidc/")
    assert answer.status_code == 409
    assert "TAMIS_OIDC_ISSUER" in answer.content.decode()


def test_a_provider_that_does_not_answer_is_told_in_a_sentence(stranger: Client, provider: Any) -> None:
    provider.close()
    answer = stranger.get("/sign-in/oidc/")
    assert answer.status_code == 409
    assert "ne répond pas" in answer.content.decode()


def test_nobody_is_sent_to_another_site_afterwards(stranger: Client, lea: Any) -> None:
    assert come_back(stranger, "/sign-in/oidc/?next=https://mechant.example/")["Location"] == "/"
