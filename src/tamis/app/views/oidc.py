"""Signing in with an identity provider: to it, and back."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from tamis.app.services import oidc as service
from tamis.app.views.sign_in import let_in
from tamis.errors import Refused, TamisError
from tamis.messages import say

NEXT = "_oidc_next"


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Go to the provider. A link and no form: the content policy lets forms lead nowhere but here."""
    _require_provider()
    wanted = request.GET.get("next", "")
    request.session[NEXT] = wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else "/"
    try:
        response: HttpResponse = service.client().authorize_redirect(request, _callback_address(request))
    except TamisError:
        raise
    except Exception as error:
        raise _told(error) from error
    return response


@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Come back from the provider, and be let in. That a GET does it is the protocol: state ties it to this browser."""
    _require_provider()
    try:
        token = service.client().authorize_access_token(request, claims_options=service.wanted_claims())
        claims = token.get("userinfo")
    except TamisError:
        raise
    except Exception as error:
        raise _told(error) from error
    if not claims:
        raise Refused(say("Le fournisseur d'identité n'a pas dit qui vous êtes."), "oidc.nobody")
    user = service.account_of(claims)
    response = redirect(request.session.pop(NEXT, "/"))
    let_in(request, response, user, [], "oidc")
    return response


def _told(error: Exception) -> Exception:
    """The error as a sentence, or as it is when it is a mistake of ours."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    known = (AuthlibBaseError, JoseError, RequestException, ValueError)
    return service.explain(error) if isinstance(error, known) else error


def _callback_address(request: HttpRequest) -> str:
    path = reverse("oidc-callback")
    return f"{settings.URL}{path}" if settings.URL else request.build_absolute_uri(path)


def _require_provider() -> None:
    if not service.provider():
        raise Http404
