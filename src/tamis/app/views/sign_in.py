"""Signing in, slowed down when it may be guessing, and the language of the pages."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tamis.app.models import User
from tamis.app.services import oidc, signing_in, tries
from tamis.app.services.addresses import client_address
from tamis.app.services.tries import Counted
from tamis.app.sessions import FROM
from tamis.messages import LANGUAGES

LANGUAGE_COOKIE = "lang"
DEVICE_COOKIE = "device"
TOO_MANY = 429


class SignIn(LoginView):
    """The sign-in page; who is signed in already goes on."""

    template_name = "sign_in.html"
    redirect_authenticated_user = True
    tried: list[Counted]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Try a name and a password, unless too many were tried."""
        name = request.POST.get("username", "")
        self.tried = signing_in.counted(name, address_of(request), request.COOKIES.get(DEVICE_COOKIE, ""))
        if wait := tries.begin(self.tried):
            form = AuthenticationForm(request, initial={"username": name[:150]})
            return self.render_to_response(self.get_context_data(form=form, wait=wait), status=TOO_MANY)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Let somebody in."""
        response: HttpResponse = redirect(self.get_success_url())
        let_in(self.request, response, form.get_user(), self.tried)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Say that they do not go together, whichever of them is wrong."""
        signing_in.failed(self.request.POST.get("username", ""), address_of(self.request))
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and the other ways in."""
        ways = {"mail": bool(settings.MAIL), "oidc": oidc.provider()}
        return super().get_context_data(**kwargs) | ways


def let_in(
    request: HttpRequest, response: HttpResponseBase, user: Any, tried: list[Counted], how: str = "page"
) -> None:
    """Begin a new session, which knows its browser and address; from now on this browser is known for the account."""
    login(request, user, "django.contrib.auth.backends.ModelBackend")
    address = address_of(request)
    request.session[FROM] = {"browser": request.META.get("HTTP_USER_AGENT", "")[:300], "address": address}
    signing_in.succeeded(user, tried, address, how)
    remember_device(request, response, user)


def remember_device(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Give the browser the cookie by which it is known for this account."""
    response.set_cookie(
        DEVICE_COOKIE, signing_in.new_device(user), max_age=signing_in.DEVICE_AGE, samesite="Lax", httponly=True,
        secure=settings.HTTPS, path="/",
    )  # fmt: skip


def address_of(request: HttpRequest) -> str:
    """Where a request comes from."""
    return client_address(request.META, settings.TRUSTED_PROXIES)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on, on this browser and wherever the user signs in."""
    code = request.POST.get("language", "")
    response = redirect(next_page(request, "/"))
    if code in LANGUAGES:
        speak(request, response, code)
    return response


def speak(request: HttpRequest, response: HttpResponseBase, code: str) -> None:
    """Remember a language, in the browser and for who is signed in."""
    response.set_cookie(
        LANGUAGE_COOKIE, code, max_age=365 * 24 * 3600, samesite="Lax", httponly=True, secure=request.is_secure()
    )
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(language=code)


def next_page(request: HttpRequest, otherwise: str) -> str:
    """The page of this console that a form asks to come back to."""
    address = request.POST.get("next", "")
    known = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if known else otherwise
