"""The audit trail: one row for each thing that somebody, or something, did."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tamis.messages import Message


class Act(models.Model):
    """Something done: by whom, how, when, and in words. Claims and moves point to the act that made them."""

    class Kind(models.TextChoices):
        """What was done."""

        WORKSPACE_CREATED = "workspace.created", _("espace créé")
        SETTINGS_CHANGED = "settings.changed", _("réglages changés")
        USER_CHANGED = "user.changed", _("compte changé")
        LIST_CREATED = "list.created", _("liste créée")
        LIST_RENAMED = "list.renamed", _("liste renommée")
        LIST_DELETED = "list.deleted", _("liste supprimée")
        LIST_LOCKED = "list.locked", _("liste verrouillée")
        LIST_UNLOCKED = "list.unlocked", _("liste déverrouillée")
        LIST_IMPORTED = "list.imported", _("liste importée")
        LIST_RESTORED = "list.restored", _("version rétablie")
        COMPANIES_IMPORTED = "companies.imported", _("entreprises importées")
        COMPANY_ADDED = "company.added", _("entreprise saisie")
        COMPANY_EDITED = "company.edited", _("entreprise modifiée")
        COMPANIES_MOVED = "companies.moved", _("déplacement à la main")
        COMPANIES_RELEASED = "companies.released", _("épingle retirée")
        COMPANIES_MERGED = "companies.merged", _("entreprises fusionnées")
        COMPANIES_SPLIT = "companies.split", _("fusion défaite")
        LINE_JUDGED = "line.judged", _("doute levé")
        JUDGEMENT_UNDONE = "judgement.undone", _("réponse retirée")
        FIELD_ADDED = "field.added", _("champ ajouté")
        VIEW_SHARED = "view.shared", _("vue partagée modifiée")

    kind = models.CharField(max_length=30, choices=Kind.choices)
    at = models.DateTimeField()
    user = models.ForeignKey("User", on_delete=models.SET_NULL, null=True, related_name="acts")
    by = models.CharField(max_length=150)
    via = models.CharField(max_length=10)
    list = models.ForeignKey("List", on_delete=models.PROTECT, null=True, related_name="acts")
    note_stored = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="act_latest")]

    @property
    def note(self) -> Message | None:
        """What was done, as a sentence."""
        return Message.read(self.note_stored) if self.note_stored else None
