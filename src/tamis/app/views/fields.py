"""The users' own fields, for admins: listed, added, renamed, given choices, deleted."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import CustomField
from tamis.app.services import custom_fields as service
from tamis.app.services.subjects import subject_of
from tamis.errors import Refused
from tamis.messages import say


@gate(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The fields there are, and the form for another."""
    subject = _subject(request)
    context = {
        "tab": "fields", "fields": service.fields_of(subject), "types": CustomField.Type, "subject": subject,
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "settings/fields.html", context)
    label, type, choices = (request.POST.get(key, "") for key in ("label", "type", "choices"))
    try:
        if type not in CustomField.Type.values:
            raise Refused(say("Choisissez ce que le champ contient."), "field.type")
        made = service.add(
            actor_of(request), label, CustomField.Type(type), choices=_lines(choices), subject=subject
        )  # fmt: skip
    except Refused as error:
        given = {"label": label, "type": type, "choices": choices}
        return render(request, "settings/fields.html", context | {"fault": error, "given": given}, status=409)
    messages.success(request, _("Champ « %s » ajouté.") % made.label)
    return redirect(_back("fields", subject))


def _subject(request: HttpRequest) -> str:
    """Whether the page is about companies or about contacts."""
    word = request.POST.get("subject") or request.GET.get("subject", "company")
    return subject_of(word).key


def _back(name: str, subject: str, *arguments: str) -> str:
    return reverse(name, args=arguments) + ("" if subject == "company" else f"?subject={subject}")


def _field(request: HttpRequest, key: str) -> CustomField:
    return service.find(key, _subject(request))


@gate(Right.ADMINISTER)
@require_safe
def show(request: HttpRequest, key: str) -> HttpResponse:
    """One field, and what can be changed of it."""
    return render(request, "settings/field.html", {"tab": "fields", "field": _field(request, key)})


@gate(Right.ADMINISTER)
@require_POST
def rename(request: HttpRequest, key: str) -> HttpResponse:
    """Another label."""
    service.rename(actor_of(request), _field(request, key), request.POST.get("label", ""))
    messages.success(request, _("Modifications enregistrées."))
    return redirect(_back("field", _subject(request), key))


@gate(Right.ADMINISTER)
@require_POST
def add_choices(request: HttpRequest, key: str) -> HttpResponse:
    """More choices, one a line."""
    service.add_choices(actor_of(request), _field(request, key), _lines(request.POST.get("choices", "")))
    messages.success(request, _("Choix ajoutés."))
    return redirect(_back("field", _subject(request), key))


@gate(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Say how many companies hold a value; on consent, delete the field with them."""
    field = _field(request, key)
    if request.method != "POST":
        context = {"tab": "fields", "field": field, "held": service.holders(field)}
        return render(request, "settings/field_delete.html", context)
    held = service.delete(actor_of(request), field)
    messages.success(
        request,
        ngettext(
            "Champ « %(label)s » supprimé, avec %(n)s valeur.",
            "Champ « %(label)s » supprimé, avec %(n)s valeurs.",
            held,
        )
        % {"label": field.label, "n": held},
    )
    return redirect(_back("fields", field.subject))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
