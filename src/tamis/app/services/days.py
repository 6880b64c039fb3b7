"""Days of the calendar here, as instants."""

from datetime import date, datetime, time

from django.utils import timezone


def midnight(day: date) -> datetime:
    """The instant at which a day begins in the workspace's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
