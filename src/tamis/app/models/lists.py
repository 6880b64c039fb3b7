"""Segments, lists, and what imports put into them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tamis.messages import Message


class Segment(models.TextChoices):
    """The nine segments [A1]: fixed, and the same in every language."""

    INTERNE = "interne", _("Interne")
    CONCURRENT = "concurrent", _("Concurrent")
    CLIENT = "client", _("Client")
    DISTRIBUTEUR = "distributeur", _("Distributeur")
    PROSPECT = "prospect", _("Prospect")
    PARTENAIRE = "partenaire", _("Partenaire")
    HORS_CIBLE = "hors-cible", _("Hors cible")
    FOURNISSEUR = "fournisseur", _("Fournisseur")
    AUTRE = "autre", _("Autre")


LEFT_OUT = (Segment.INTERNE, Segment.CONCURRENT, Segment.FOURNISSEUR, Segment.HORS_CIBLE)
"""The segments left out of feeds, scores and figures unless asked for [A2]."""

DEFAULT_LABEL = "default"
UNCLASSIFIED = "prospect-default"
"""The list of a company that nothing claims [A1]."""

STARTING_LISTS = ((Segment.PROSPECT, "importé"), (Segment.PROSPECT, "in pipe"))
PROPOSED_LOCKS = ("interne-default", "client-default", "concurrent-default", "prospect-importé")
"""What is worth locking at the start [A7]."""


class List(models.Model):
    """A list in a segment. A deleted list stays as a name that moves and claims of the past refer to."""

    segment = models.CharField(max_length=12, choices=Segment.choices)
    label = models.CharField(max_length=80)
    name = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    locked = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(deleted_at=None), name="list_name_taken_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_default(self) -> bool:
        """Whether this is its segment's own list, which can be neither renamed nor deleted."""
        return self.label == DEFAULT_LABEL


class ListVersion(models.Model):
    """One import into a list: staged line by line, then applied in one transaction, or given up."""

    class Kind(models.TextChoices):
        """What the version did with what the list held."""

        REPLACE = "replace", _("remplace")
        APPEND = "append", _("ajoute")
        RESTORE = "restore", _("rétablit")

    list = models.ForeignKey(List, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(null=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    file_name = models.CharField(max_length=255)
    started_at = models.DateTimeField()
    act = models.OneToOneField("Act", on_delete=models.PROTECT, null=True, related_name="version")
    restored_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True)
    report = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "number"], name="version_numbered_once")]


class LineStatus(models.TextChoices):
    """Where a line stands: its company is known, not known yet, or a person has to say."""

    MATCHED = "matched", _("rapprochée")
    WAITING = "waiting", _("en attente")
    REVIEW = "review", _("à vérifier")


OPEN_LINE = models.Q(status__in=[LineStatus.WAITING, LineStatus.REVIEW], removed_by=None)
"""A line that a company becoming known may answer."""


class ListLine(models.Model):
    """An accepted line. It belongs to its list from its version on, until a later version removes it."""

    version = models.ForeignKey(ListVersion, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    name_key = models.CharField(max_length=600)
    fingerprint = models.CharField(max_length=32, db_index=True)
    siren = models.CharField(max_length=9, null=True)
    email_domain = models.CharField(max_length=253, null=True)
    email_key = models.CharField(max_length=253, null=True)
    website = models.CharField(max_length=253, null=True)
    website_key = models.CharField(max_length=253, null=True)
    repairs = models.JSONField(default=list)
    status = models.CharField(max_length=8, choices=LineStatus.choices)
    company = models.ForeignKey("Company", on_delete=models.SET_NULL, null=True, related_name="lines")
    method = models.CharField(max_length=20, blank=True)
    doubt = models.JSONField(default=dict)
    candidates = models.JSONField(default=list)
    removed_by = models.ForeignKey(
        ListVersion, on_delete=models.SET_NULL, null=True, related_name="removed_lines", db_index=False
    )

    class Meta:
        indexes = [
            *(
                models.Index(fields=[column], name=f"line_{column}")
                for column in ("siren", "email_key", "website_key", "name_key")
            ),
            # What a list holds now: counted by state, and leafed through by name, whole or one state at a time.
            models.Index(
                fields=["version", "status", "name_key", "id"],
                condition=models.Q(removed_by=None),
                name="line_held_state",
            ),
            models.Index(
                fields=["version", "name_key", "id"], condition=models.Q(removed_by=None), name="line_held_name"
            ),
            models.Index(fields=["version", "status", "method"], condition=models.Q(removed_by=None), name="line_held"),
            models.Index(
                fields=["version"], condition=models.Q(status=LineStatus.REVIEW, removed_by=None), name="line_in_review"
            ),
            # Of the removed lines only: a planner without statistics would take it for the lines that stand.
            models.Index(fields=["removed_by"], condition=models.Q(removed_by__isnull=False), name="line_removed"),
        ]

    @property
    def doubt_message(self) -> Message | None:
        """Why a person has to say."""
        return Message.read(self.doubt) if self.doubt else None


class RefusedLine(models.Model):
    """A refused line with its cells as they came, or as a person left them, kept so that it can be mended.

    It is open until an act settles it: it was mended and imported, or set aside.
    """

    version = models.ForeignKey(ListVersion, on_delete=models.CASCADE, related_name="refused_lines")
    number = models.PositiveIntegerField()
    cells = models.JSONField()
    faults = models.JSONField()
    settled_by = models.ForeignKey("Act", on_delete=models.PROTECT, null=True, related_name="settled_lines")
