"""Statuses and tags put on what is ticked, or on all that matches, of companies or contacts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from tamis.app.gates import Right, actor_of, gate
from tamis.app.services import labels, statuses, tags
from tamis.app.services.company_filters import filtered
from tamis.app.services.subjects import CONTACT, subject_of
from tamis.app.views.company_filter import TABLES
from tamis.app.views.sign_in import next_page
from tamis.errors import Refused
from tamis.messages import Message, say, say_many


@gate(Right.SORT)
@require_POST
def put(request: HttpRequest, of: str) -> HttpResponse:
    """Give a status, put a tag on, or take one off."""
    subject, ids = subject_of(of), _ids(request, of)
    actor, do = actor_of(request), request.POST.get("do", "")
    if do == "status":
        word = request.POST.get("status", "")
        status = None if word == "none" else statuses.find(word, subject)
        changed = labels.put_status(actor, subject, ids, status)
        said = say_many("{n} statut changé.", "{n} statuts changés.", n=changed)
    elif do in ("put", "remove"):
        tag = tags.find(request.POST.get("tag", ""))
        act = labels.put_tag if do == "put" else labels.take_tag_off
        said = _told(do, act(actor, subject, ids, tag), len(ids), tag.name)
    else:
        raise Refused(say("Choisissez un statut ou un tag."), "label.none")
    messages.success(request, str(said))
    return redirect(next_page(request, reverse(TABLES[of].name)))


def _told(do: str, changed: int, asked: int, name: str) -> Message:
    if do == "put":
        return say("Tag « {name} » posé sur {changed} ({asked} choisis).", name=name, changed=changed, asked=asked)
    return say("Tag « {name} » retiré à {changed} ({asked} choisis).", name=name, changed=changed, asked=asked)


def _ids(request: HttpRequest, of: str) -> list[int]:
    """What is ticked on this page and on others before it, or every row that matches, if they are as many as told."""
    if "matching" not in request.POST:
        return ticked(request, of)
    number = request.POST.get("n", "")
    filters = TABLES[of].filters.read(QueryDict(request.POST["matching"]))
    ids = [*filtered(filters).values_list("pk", flat=True)[: labels.MOST_AT_ONCE + 1]]
    if str(len(ids)) != number:
        raise Refused(
            say("La base a changé entre-temps : rien n'a été fait. Vérifiez le nombre, puis confirmez à nouveau."),
            "selection.changed",
        )
    return ids


def ticked(request: HttpRequest, of: str) -> list[int]:
    """What is ticked on this page and on others before it. Raises :class:`~tamis.errors.Refused` for nothing."""
    texts = [*request.POST.getlist(of), *request.POST.get("ticked", "").split(",")]
    ids = {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19}
    if not ids:
        said = say("Cochez d'abord un contact au moins.") if of == CONTACT.key else say(
            "Cochez d'abord une entreprise au moins."
        )  # fmt: skip
        raise Refused(said, f"{of}.none")
    return sorted(ids)
