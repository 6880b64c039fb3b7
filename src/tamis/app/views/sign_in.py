"""Signing in, and the language of the pages."""

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tamis.app.models import User
from tamis.messages import LANGUAGES

LANGUAGE_COOKIE = "lang"


class SignIn(LoginView):
    """The sign-in page; who is signed in already goes on."""

    template_name = "sign_in.html"
    redirect_authenticated_user = True


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on, on this browser and wherever the user signs in."""
    code = request.POST.get("language", "")
    response = redirect(next_page(request, "/"))
    if code in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, code, max_age=365 * 24 * 3600, samesite="Lax", httponly=True, secure=request.is_secure()
        )
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(language=code)
    return response


def next_page(request: HttpRequest, otherwise: str) -> str:
    """The page of this console that a form asks to come back to."""
    address = request.POST.get("next", "")
    known = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if known else otherwise
