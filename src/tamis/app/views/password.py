"""A forgotten password: a link is asked for, mailed, and used once to choose another."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.core.mail import EmailMessage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods

from tamis.app.models import User
from tamis.app.services import password_links, signing_in, tries
from tamis.app.services.mails import language_of, send_beside
from tamis.app.views.sign_in import TOO_MANY, address_of, remember_device
from tamis.app.views.users import link_address
from tamis.errors import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail; the answer is the same whether or not there is such an account."""
    if not settings.MAIL:
        raise Http404
    if request.method != "POST":
        return render(request, "password/forgotten.html")
    name = request.POST.get("name", "").strip()
    if wait := tries.begin(signing_in.counted_for_links(name, address_of(request))):
        return render(request, "password/forgotten.html", {"name": name[:150], "wait": wait}, status=TOO_MANY)
    user = signing_in.asked_for_link(name)
    mail = _mail(request, user) if user else None
    if mail:  # beside the answer, which takes the same time for accounts that are not there
        send_beside(mail)
    return render(request, "password/forgotten.html", {"sent": True})


def _mail(request: HttpRequest, user: User) -> EmailMessage:
    with override(language_of(user)):
        text = render_to_string("password/mail.txt", {"user": user, "address": link_address(request, user)})
        return EmailMessage(_("Choisir un nouveau mot de passe pour Tamis"), text, to=[user.email])


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, whose: str, token: str) -> HttpResponse:
    """Choose a password through a link. Opening the page changes nothing, so that mail scanners may."""
    try:
        user = password_links.owner(whose, token)
        form = SetPasswordForm(user, request.POST if request.method == "POST" else None)
        if not form.is_valid():
            status = 409 if form.is_bound else 200
            return _private(render(request, "password/choose.html", {"form": form, "each": user}, status=status))
        user = password_links.use(whose, token, form.cleaned_data["new_password1"])
    except Refused as error:
        return _private(render(request, "errors/sentence.html", {"sentence": error, "status": 410}, status=410))
    messages.success(request, _("Mot de passe enregistré. Connectez-vous avec lui."))
    response = redirect("sign-in")
    remember_device(request, response, user)
    return response


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
