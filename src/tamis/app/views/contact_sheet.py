"""One contact: all that is known of it, changed by hand, tied to a company."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import Contact
from tamis.app.services import companies, statuses, tags
from tamis.app.services import contacts as service
from tamis.app.services.companies import BadFields
from tamis.app.services.contact_sheet import sheet
from tamis.app.services.subjects import CONTACT
from tamis.app.views.company_forms import OWN_GROUP
from tamis.app.views.contact_forms import GROUPS, changes, form, typed_values
from tamis.errors import Refused


@gate(Right.READ)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything known of a contact."""
    contact = service.find_by_id(pk)
    known = sheet(contact)
    context = {
        "contact": contact,
        "sheet": known,
        "groups": _groups(known["fields"]),
        "statuses": statuses.statuses_of(CONTACT),
        "tags_by_category": tags.by_category(),
    }
    return render(request, "contacts/show.html", context)


def _groups(rows: list[dict[str, object]]) -> list[tuple[object, list[dict[str, object]]]]:
    """The filled fields under their groups."""
    group_of = {key: title for title, keys in GROUPS for key in keys}
    titles = [*(title for title, _keys in GROUPS), OWN_GROUP]
    grouped: dict[object, list[dict[str, object]]] = {title: [] for title in titles}
    for row in rows:
        grouped[group_of.get(str(row["key"]), OWN_GROUP)].append(row)
    return [(title, rows) for title, rows in grouped.items() if rows]


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what somebody changed in the form, and only that."""
    contact = service.find_by_id(pk)
    typed = typed_values(request.POST.dict())
    if request.method != "POST":
        return _form(request, contact, {})
    try:
        changed = service.edit(actor_of(request), contact, changes(contact, typed))
    except BadFields as error:
        return _form(request, contact, typed, error)
    except Refused as error:
        context = {"contact": contact, "groups": form(contact, typed), "fault": error}
        return render(request, "contacts/edit.html", context, status=409)
    messages.success(request, _("Modifications enregistrées.") if changed else _("Rien n'avait changé."))
    return redirect("contact", pk)


def _form(request: HttpRequest, contact: Contact, typed: dict[str, str], bad: BadFields | None = None) -> HttpResponse:
    faults = bad.faults if bad else ()
    context = {"contact": contact, "groups": form(contact, typed, faults), "faults": faults}
    return render(request, "contacts/edit.html", context, status=409 if bad else 200)


@gate(Right.SORT)
@require_POST
def tie(request: HttpRequest, pk: int) -> HttpResponse:
    """Tie a contact to a company by hand, or let what it says decide again."""
    contact = service.find_by_id(pk)
    word = request.POST.get("company", "").strip()
    service.tie_to(actor_of(request), contact, companies.find(word) if word else None)
    messages.success(request, _("Modifications enregistrées."))
    return redirect("contact", pk)
