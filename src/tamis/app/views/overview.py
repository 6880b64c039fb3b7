"""The base at a glance."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tamis.app.gates import Right, gate, may
from tamis.app.models import User
from tamis.app.services import overview as service
from tamis.app.services.attention import Concern, Item, attention
from tamis.app.services.audience_history import freshness
from tamis.app.services.audiences import every_audience
from tamis.app.services.companies import reason_of
from tamis.app.services.first_steps import FirstSteps, first_steps, proposed_locks
from tamis.app.services.lists import Figures, summaries
from tamis.app.views.audiences import points

DRAWINGS = {
    Concern.REVIEW: "question", Concern.REFUSED: "alert", Concern.WAITING: "clock", Concern.STALE: "history",
    Concern.QUOTA: "list", Concern.HELD: "question", Concern.FAILED: "alert", Concern.GIVEN_UP: "alert",
}  # fmt: skip


@gate(Right.READ)
def show(request: HttpRequest) -> HttpResponse:
    """Companies per segment, what wants attention, the latest imports and moves; first steps until they are done."""
    figures = Figures()
    found, lists = service.overview(figures), summaries(figures)
    audiences = freshness(every_audience())
    steps = _steps_for(request, figures)
    context = {
        "overview": found,
        "most": max(each.companies for each in found.segments),
        "imports": service.latest_imports(),
        "attention": [(each, DRAWINGS[each.concern], _address(each)) for each in attention(found, lists, audiences)],
        "audiences": [(each, points(each.sizes, 80, 20)) for each in service.liveliest(audiences)],
        "moves": [(move, reason_of(move)) for move in service.latest_moves()],
        "steps": steps,
        "steps_closed": steps is not None and steps.left and getattr(request.user, "first_steps_closed", False),
        "proposed_locks": proposed_locks(),
    }
    return render(request, "overview.html", context)


def _steps_for(request: HttpRequest, figures: Figures) -> FirstSteps | None:
    """The first steps, for those who may take them."""
    user = request.user
    return first_steps(figures) if isinstance(user, User) and may(user, Right.SORT) else None


def _address(item: Item) -> str:
    """Where something is looked after."""
    match item.concern:
        case Concern.REVIEW:
            return reverse("review")
        case Concern.REFUSED if item.list:
            return reverse("list-refused", args=(item.list.pk,))
        case Concern.WAITING if item.list:
            return reverse("list", args=(item.list.pk,)) + "?status=waiting"
        case Concern.HELD | Concern.FAILED if item.audience:
            return reverse("audience", args=(item.audience.pk,))
        case Concern.GIVEN_UP if item.audience:
            return reverse("audience-actions", args=(item.audience.pk,))
        case _:
            return reverse("list", args=(item.list.pk,)) if item.list else reverse("lists")


@gate(Right.SORT)
@require_POST
def first_steps_shown(request: HttpRequest) -> HttpResponse:
    """Close the first steps for oneself, or show them again."""
    assert isinstance(request.user, User)
    request.user.first_steps_closed = request.POST.get("shown") != "1"
    request.user.save(update_fields=["first_steps_closed"])
    return redirect("overview")
