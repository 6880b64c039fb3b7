"""Sign-in with an identity provider (OpenID Connect), when one is configured: whose account its claims name.

Authlib speaks the protocol (code flow, PKCE, state, nonce, signatures); what is decided here is which account it is:
the one this provider's subject is known for, else the one with the same verified e-mail address, which is remembered,
else a new one where the settings allow it.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from tamis.app.models import Act, ExternalIdentity, Role, User
from tamis.app.services import users
from tamis.app.services.acting import Actor, acting
from tamis.errors import Refused, TamisError
from tamis.messages import Message, say

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Signatures that only the provider can make: with a shared secret (HS256) or none, whoever knows it could."""


def provider() -> str | None:
    """What the provider is called, none when no provider is configured."""
    return settings.OIDC["name"] if settings.OIDC else None


def client() -> Any:
    """What speaks with the provider. Raises :class:`~tamis.errors.Refused` when it does not answer, or is another."""
    config = settings.OIDC
    made = _client(config["issuer"], config["client_id"], config["client_secret"])
    metadata = made.load_server_metadata()
    if metadata.get("issuer") != config["issuer"]:
        _client.cache_clear()
        raise Refused(
            say("Le fournisseur d'identité dit s'appeler « {said} », pas « {set} » : vérifiez TAMIS_OIDC_ISSUER.",
                said=str(metadata.get("issuer"))[:200], set=config["issuer"]),
            "oidc.issuer",
        )  # fmt: skip
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in _ALGORITHMS]
    return made


@cache
def _client(issuer: str, client_id: str, client_secret: str) -> Any:
    from authlib.integrations.django_client import OAuth

    return OAuth().register(
        "tamis",
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "default_timeout": 10},
    )


def wanted_claims() -> dict[str, dict[str, object]]:
    """What an identity token must say: from this provider, for this console."""
    config = settings.OIDC
    return {
        "iss": {"essential": True, "value": config["issuer"]},
        "aud": {"essential": True, "value": config["client_id"]},
    }


def account_of(claims: Mapping[str, Any]) -> User:
    """The account of who the provider says is there. Raises :class:`~tamis.errors.Refused` when there is none."""
    issuer, subject = settings.OIDC["issuer"], str(claims["sub"])
    known = ExternalIdentity.objects.filter(issuer=issuer, subject=subject).select_related("user").first()
    user = known.user if known else _linked(issuer, subject, claims)
    if not user.is_active:
        raise Refused(say("Le compte « {name} » est désactivé.", name=user.username), "oidc.inactive")
    return user


def _linked(issuer: str, subject: str, claims: Mapping[str, Any]) -> User:
    """The account with the same verified e-mail address, or a new one, from now on this subject's."""
    email = str(claims.get("email", "")).strip() if claims.get("email_verified") is True else ""
    user = User.objects.filter(email__iexact=email).first() if email else None
    name = user.username if user else _new_name(claims, email)
    note = say("Compte « {name} » relié au fournisseur d'identité", name=name)
    try:
        with acting(Actor(name, "oidc", user), Act.Kind.USER_CHANGED, note):
            user = user or users.create(name, Role(settings.OIDC["role"]), email)
            ExternalIdentity.objects.create(user=user, issuer=issuer, subject=subject)
    except IntegrityError:  # the same person, in two windows at once
        return ExternalIdentity.objects.get(issuer=issuer, subject=subject).user
    return user


def _new_name(claims: Mapping[str, Any], email: str) -> str:
    if not settings.OIDC["create"]:
        raise Refused(
            say("Le fournisseur d'identité vous connaît, mais aucun compte de Tamis n'a votre adresse e-mail "
                "vérifiée : demandez une invitation à l'administrateur."),
            "oidc.unknown",
        )  # fmt: skip
    return str(claims.get("preferred_username") or email or claims["sub"])[:150]


def explain(error: Exception) -> TamisError:
    """What went wrong between the provider and us, as a sentence."""
    return Refused(_reason(error), "oidc")


def _reason(error: Exception) -> Message:
    from authlib.integrations.base_client import MismatchingStateError
    from joserfc import errors
    from requests import RequestException

    claim = str(getattr(error, "claim", ""))
    match error:
        case MismatchingStateError():
            return say("Cette connexion n'a pas commencé dans ce navigateur, ou il y a trop longtemps : recommencez.")
        case errors.ExpiredTokenError():
            return say("La réponse du fournisseur d'identité a expiré : recommencez, et vérifiez l'heure du serveur.")
        case errors.ClaimError():
            return say("La réponse du fournisseur d'identité n'est pas pour cette connexion ({claim}).", claim=claim)
        case errors.JoseError() | ValueError():
            return say("La réponse du fournisseur d'identité n'est pas signée d'une clé à lui.")
        case RequestException():
            return say("Le fournisseur d'identité ne répond pas : réessayez, ou connectez-vous avec un mot de passe.")
    return say("Le fournisseur d'identité a refusé la connexion ({said}).", said=str(getattr(error, "error", ""))[:60])
