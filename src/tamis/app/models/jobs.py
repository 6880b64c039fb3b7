"""Work in the background: what was asked, by whom, how far it is, and how it ended."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tamis.messages import Message


class Job(models.Model):
    """Long work that somebody started and a worker does; ``worker`` is the token of the worker that is at it."""

    class State(models.TextChoices):
        """Where a job stands."""

        QUEUED = "queued", _("en attente")
        RUNNING = "running", _("en cours")
        DONE = "done", _("terminé")
        FAILED = "failed", _("échoué")
        CANCELLED = "cancelled", _("annulé")

    ACTIVE = (State.QUEUED, State.RUNNING)

    kind = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict)
    user = models.ForeignKey("User", on_delete=models.SET_NULL, null=True, related_name="jobs")
    by = models.CharField(max_length=150)
    via = models.CharField(max_length=10)
    language = models.CharField(max_length=2)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    phase_stored = models.JSONField(default=dict)
    cancelled_by = models.CharField(max_length=150, blank=True)
    result = models.JSONField(default=dict)
    error_stored = models.JSONField(default=dict)
    announced = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["state", "id"], name="job_by_state"),
            models.Index(fields=["user", "announced"], name="job_to_announce"),
        ]

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in self.ACTIVE

    @property
    def about(self) -> str:
        """What it is about: the name of the file that was brought, of the list, or of the audience."""
        return str(self.file_name or self.arguments.get("list_name") or self.arguments.get("audience_name", ""))

    @property
    def file_name(self) -> str:
        """The name of the file that was brought, if one was."""
        return str(self.arguments.get("file_name", ""))

    @property
    def phase(self) -> Message | None:
        """What the work is at, as a sentence."""
        return Message.read(self.phase_stored) if self.phase_stored else None

    @property
    def error(self) -> Message | None:
        """Why it failed, and what to do."""
        return Message.read(self.error_stored["message"]) if self.error_stored else None

    @property
    def error_code(self) -> str:
        """The name of the error for programs; empty without one."""
        return str(self.error_stored.get("code", ""))

    @property
    def folder(self) -> Path:
        """Where its files are: those brought in as they were named, those produced in ``out``."""
        return Path(settings.HOME) / "jobs" / str(self.pk)

    def brought(self, name: str) -> Path:
        """A file that was brought with it."""
        return self.folder / name

    def produced(self, name: str) -> Path:
        """Where it puts a file to take away; its result names the file under ``files``, with the name to save it by."""
        out = self.folder / "out"
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        return out / name

    @property
    def files(self) -> dict[str, str]:
        """The files to take away that are still there: how each is called in ``out``, and the name to save it by."""
        named: dict[str, Any] = self.result.get("files", {})
        return {name: shown for name, shown in named.items() if (self.folder / "out" / name).is_file()}


class Due(models.Model):
    """When a piece of periodic work is due next: whoever moves the date does the work."""

    name = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField()
