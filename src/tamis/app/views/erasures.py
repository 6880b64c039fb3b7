"""A person erased everywhere: asked on a page that says what goes, followed on one that says what went."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.services import contacts, erasing
from tamis.app.services.erasing import STEPS, Result

NAMES = {
    "state": _("contact, avec ses champs, son statut et ses tags"),
    "inbox": _("événements qui attendaient"),
    "events": _("événements du lac"),
    "visitors": _("visiteurs reconnus comme cette personne"),
    "memberships": _("audiences dont elle est ou était membre, et ce qu'elles avaient à faire d'elle"),
    "mentions": _("lignes de la base qui citaient l'adresse"),
    "files": _("fichiers gardés qui la nommaient"),
    "snapshots": _("instantanés"),
    "remains": _("bases réécrites, pour que rien ne s'y relise"),
}
"""What each step erases, for people."""


@gate(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what would go; on consent, erase."""
    contact = contacts.find_by_id(pk)
    if request.method == "POST":
        erasure = erasing.start(actor_of(request), str(contact.pk))
        return redirect("erasure", erasure.pk)
    rows = _rows(erasing.foresee(str(contact.pk)))
    return render(request, "contacts/erase.html", {"contact": contact, "rows": rows})


@gate(Right.ADMINISTER)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """What an erasure did so far, what is left, and what stays until when."""
    erasure = erasing.find(pk)
    context = {
        "erasure": erasure, "rows": _rows(erasure.steps),
        "left": [NAMES[name] for name in STEPS if name not in erasure.steps],
        "stays": erasing.what_stays(erasure), "old_files_until": erasing.clear_at(erasure),
        "backups_until": erasing.backups_until(erasure),
    }  # fmt: skip
    return render(request, "contacts/erasure.html", context)


def _rows(steps: Result) -> list[tuple[object, int]]:
    """Each place and how many things there."""
    return [(label, erasing.count_of(steps[name])) for name, label in NAMES.items() if name in steps]
