"""What audiences have left to do and to send, every minute; what was done is forgotten in the end."""

from datetime import timedelta

from django.utils import timezone

from tamis.app.services import audience_effects
from tamis.app.services.work import every

LIMIT = 20.0  # seconds within which the worker begins sending; then other work has its turn
KEPT = timedelta(days=90)
"""How long it is known what entering and leaving set off, and what became of each delivery."""


@every(1)
def go_on() -> None:
    """Do what a killed process left, then send what is due."""
    for audience in audience_effects.waits():
        audience_effects.go_on(audience)
    audience_effects.deliver(LIMIT)


@every(24 * 60)
def forget_old() -> None:
    """Delete what served its time."""
    audience_effects.forget_old(timezone.now() - KEPT)
