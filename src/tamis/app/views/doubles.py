"""The merge queue: pairs of companies that may be one, merged or kept apart, one by one or ticked together."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.services import companies, jobs
from tamis.app.services import doubles as service
from tamis.app.views.list_content import page_number
from tamis.app.views.sign_in import next_page
from tamis.errors import Refused
from tamis.messages import say

PAGE = 20


@gate(Right.READ)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The pairs that wait for an answer, or with ``refused`` those that were kept apart."""
    refused = "refused" in request.GET
    pairs = service.kept_apart() if refused else service.proposed()
    total = pairs.count()
    page = max(1, min(page_number(request), -(-total // PAGE)))
    shown = pairs[(page - 1) * PAGE : page * PAGE]
    context = {
        "tab": "doubles", "total": total, "refused": refused, "page": page, "has_next": page * PAGE < total,
        "pairs": [(double, *service.keeper(double)) for double in shown],
    }  # fmt: skip
    return render(request, "doubles/index.html", context)


@gate(Right.SORT)
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Merge the pair, or all ticked ones, or keep them apart; those answered meanwhile are left alone, and counted."""
    word, _, kept = request.POST.get("verdict", "").partition(":")
    if word not in ("merge", "apart"):
        raise Refused(say("Choisissez une réponse."), "verdict.none")
    ids = [int(text) for text in request.POST.getlist("double") if text.isascii() and text.isdigit() and len(text) < 19]
    if not ids:
        raise Refused(say("Cochez d'abord une paire au moins."), "double.none")
    done = sum(_give(request, pk, word, kept) for pk in ids)
    if done and word == "merge":
        messages.success(request, ngettext("%d paire fusionnée.", "%d paires fusionnées.", done) % done)
    elif done:
        messages.success(request, ngettext("%d paire gardée à part.", "%d paires gardées à part.", done) % done)
    if gone := len(ids) - done:
        messages.warning(
            request, ngettext("%d paire avait déjà sa réponse.", "%d paires avaient déjà leur réponse.", gone) % gone
        )
    return redirect(next_page(request, reverse("doubles")))


def _give(request: HttpRequest, pk: int, word: str, kept: str) -> bool:
    """Give the answer to one pair; whether it still waited for one."""
    double = service.proposed().filter(pk=pk).first()
    if double is None:
        return False
    if word == "merge":
        service.merge(actor_of(request), double, companies.find(kept) if kept else None)
    else:
        service.keep_apart(actor_of(request), double)
    return True


@gate(Right.SORT)
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """Look for doubles in the whole base, in the background."""
    return redirect("job", jobs.start(actor_of(request), "doubles-search").pk)


@gate(Right.SORT)
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the answer back: the pair is proposed again."""
    service.propose_again(actor_of(request), service.find(pk))
    return redirect(next_page(request, reverse("doubles") + "?refused=1"))
