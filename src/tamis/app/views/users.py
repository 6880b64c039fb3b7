"""Accounts, for admins: listed, invited, changed, switched off and on."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Role, User
from tamis.app.services import password_links, signing_in
from tamis.app.services import users as service
from tamis.errors import NotFound, Refused
from tamis.messages import say


@gate(Right.ADMINISTER)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every account, and the form to invite somebody."""
    return render(request, "settings/users.html", _context())


def _context() -> dict[str, object]:
    return {"tab": "users", "users": service.everybody(), "roles": Role}


@gate(Right.ADMINISTER)
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Make an account without a password, and show once the link by which its owner chooses one."""
    name, email, role = (request.POST.get(key, "").strip() for key in ("username", "email", "role"))
    try:
        user = service.invite(actor_of(request), name, _role(role), email)
    except Refused as error:
        given = {"username": name, "email": email, "role": role}
        return render(request, "settings/users.html", _context() | {"fault": error, "given": given}, status=409)
    return _show_link(request, user)


@gate(Right.ADMINISTER)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One account, and what can be changed of it."""
    return render(request, "settings/user.html", {"tab": "users", "each": _the_user(pk), "roles": Role})


@gate(Right.ADMINISTER)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another role or e-mail address; what was not changed is left alone."""
    user = _the_user(pk)
    role = _role(request.POST.get("role", user.role))
    service.change(actor_of(request), user, email=request.POST.get("email"), role=role)
    messages.success(request, _("Modifications enregistrées."))
    return redirect("user", pk)


@gate(Right.ADMINISTER)
@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Show once a link by which the account's owner chooses a password."""
    user = _the_user(pk)
    service.link_made(actor_of(request), user)
    return _show_link(request, user)


@gate(Right.ADMINISTER)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in no more, or again."""
    user = _the_user(pk)
    if service.switch(actor_of(request), user, active=not user.is_active).is_active:
        messages.success(request, _("Compte « %s » réactivé.") % user.username)
    else:
        messages.success(request, _("Compte « %s » désactivé ; ses sessions sont terminées.") % user.username)
    return redirect("user", pk)


@gate(Right.ADMINISTER)
@require_POST
def unblock(request: HttpRequest, pk: int) -> HttpResponse:
    """End the wait that too many wrong passwords have put on an account."""
    user = _the_user(pk)
    signing_in.unblock(actor_of(request), user)
    messages.success(request, _("« %s » peut essayer à nouveau.") % user.username)
    return redirect("user", pk)


def _the_user(pk: int) -> User:
    user = User.objects.filter(pk=pk).first()
    if user is None:
        raise NotFound(say("Aucun compte n'a le numéro {id}.", id=pk))
    return user


def _role(word: str) -> Role:
    if word not in Role.values:
        raise Refused(say("Choisissez un rôle : admin, editor ou viewer."), "user.role")
    return Role(word)


def _show_link(request: HttpRequest, user: User) -> HttpResponse:
    context = {"tab": "users", "each": user, "address": link_address(request, user)}
    response = render(request, "settings/user_link.html", context)
    response["Cache-Control"] = "no-store"
    return response


def link_address(request: HttpRequest, user: User) -> str:
    """The whole address of a new password link."""
    path = reverse("password-choose", args=password_links.make(user))
    return f"{settings.URL}{path}" if settings.URL else request.build_absolute_uri(path)
