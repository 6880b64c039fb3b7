"""One's own account: name, language, password, sessions."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import User
from tamis.app.services import tries, users
from tamis.app.services.browsers import browser_words
from tamis.app.services.signing_in import counted_for_change
from tamis.app.views.sign_in import TOO_MANY, speak
from tamis.messages import LANGUAGES


@gate(Right.READ)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """My name, language, password and sessions."""
    return render(request, "account/show.html", _context(request))


def _context(request: HttpRequest, **more: Any) -> dict[str, Any]:
    user = _me(request)
    sessions = [
        {
            "name": users.session_name(row), "browser": browser_words(row.browser), "address": row.address,
            "started": row.started_at, "seen": row.last_seen, "here": row.pk == request.session.session_key,
        }
        for row in users.sessions(user)
    ]  # fmt: skip
    return {"form": PasswordChangeForm(user), "sessions": sessions} | more


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@gate(Right.READ)
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Another name, another language."""
    user, given = _me(request), request.POST
    first, last = given.get("first_name", user.first_name).strip(), given.get("last_name", user.last_name).strip()
    if (first, last) != (user.first_name, user.last_name):
        users.rename(actor_of(request), user, first, last)
    response = redirect("account")
    code = given.get("language", "")
    if code in LANGUAGES:
        speak(request, response, code)
    with translation.override(code if code in LANGUAGES else translation.get_language()):
        messages.success(request, _("Modifications enregistrées."))
    return response


@gate(Right.READ)
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Another password, for who knows the old one; every other session of theirs ends."""
    user = _me(request)
    tried = counted_for_change(user)
    if wait := tries.begin(tried):
        return render(request, "account/show.html", _context(request, wait=wait), status=TOO_MANY)
    form = PasswordChangeForm(user, request.POST)
    if not form.is_valid():
        if "old_password" not in form.errors:
            tries.forgive(tried)
        return render(request, "account/show.html", _context(request, form=form), status=409)
    tries.forgive(tried)
    users.change_password(actor_of(request), user, form.cleaned_data["new_password1"], request.session.session_key)
    update_session_auth_hash(request, user)
    messages.success(request, _("Mot de passe changé ; vos autres sessions sont terminées."))
    return redirect("account")


@gate(Right.READ)
@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """End one of my sessions."""
    users.end_session(_me(request), request.POST.get("session", ""))
    messages.success(request, _("Session terminée."))
    return redirect("account")


@gate(Right.READ)
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End every session of mine but this one."""
    messages.success(request, str(users.end_other_sessions(_me(request), request.session.session_key)))
    return redirect("account")
