"""The Django application."""

from django.apps import AppConfig


class TamisConfig(AppConfig):
    """Tamis's state, services and pages."""

    name = "tamis.app"
    label = "tamis"
    default_auto_field = "django.db.models.BigAutoField"
