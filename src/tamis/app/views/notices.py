"""Notices that offer the way back."""

from django.contrib import messages
from django.http import HttpRequest

from tamis.app.models import Act


def undoable(request: HttpRequest, sentence: str, act: Act) -> None:
    """Say what was done, with a button that takes it back."""
    messages.success(request, sentence, extra_tags=undo_tag(act.pk))


def undo_tag(act: int) -> str:
    """What makes a notice offer to take an act back."""
    return f"undo-{act}"
