"""The Django application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TamisConfig(AppConfig):
    """Tamis's state, services and pages."""

    name = "tamis.app"
    label = "tamis"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the triggers made anew after every migration."""
        from tamis.app import triggers

        post_migrate.connect(triggers.install, sender=self, dispatch_uid="tamis.triggers")
