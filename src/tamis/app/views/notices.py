"""Notices that offer the way back."""

from django.contrib import messages
from django.http import HttpRequest

from tamis.app.models import Act


def undoable(request: HttpRequest, sentence: str, act: Act) -> None:
    """Say what was done, with a button that takes it back."""
    messages.success(request, sentence, extra_tags=f"undo-{act.pk}")
