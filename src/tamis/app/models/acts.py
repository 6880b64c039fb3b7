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
        USER_SIGNED_IN = "user.signed-in", _("connexion")
        USER_REFUSED = "user.refused", _("connexion refusée")
        LIST_CREATED = "list.created", _("liste créée")
        LIST_RENAMED = "list.renamed", _("liste renommée")
        LIST_DELETED = "list.deleted", _("liste supprimée")
        LIST_LOCKED = "list.locked", _("liste verrouillée")
        LIST_UNLOCKED = "list.unlocked", _("liste déverrouillée")
        LIST_IMPORTED = "list.imported", _("liste importée")
        LIST_RESTORED = "list.restored", _("version rétablie")
        SHEET_FOLLOWED = "sheet.followed", _("feuille suivie")
        SHEET_CHANGED = "sheet.changed", _("suivi de feuille changé")
        SHEET_UNFOLLOWED = "sheet.unfollowed", _("feuille délaissée")
        LINES_SET_ASIDE = "lines.set-aside", _("lignes refusées écartées")
        COMPANIES_IMPORTED = "companies.imported", _("entreprises importées")
        COMPANY_ADDED = "company.added", _("entreprise saisie")
        COMPANY_EDITED = "company.edited", _("entreprise modifiée")
        COMPANIES_MOVED = "companies.moved", _("déplacement à la main")
        MOVE_UNDONE = "companies.unmoved", _("déplacement annulé")
        COMPANIES_RELEASED = "companies.released", _("épingle retirée")
        COMPANIES_MERGED = "companies.merged", _("entreprises fusionnées")
        COMPANIES_SPLIT = "companies.split", _("fusion défaite")
        DOUBLE_REFUSED = "double.refused", _("doublon écarté")
        DOUBLE_REOPENED = "double.reopened", _("doublon proposé à nouveau")
        LINE_JUDGED = "line.judged", _("doute levé")
        JUDGEMENT_UNDONE = "judgement.undone", _("réponse retirée")
        FIELD_ADDED = "field.added", _("champ ajouté")
        FIELD_CHANGED = "field.changed", _("champ changé")
        FIELD_DELETED = "field.deleted", _("champ supprimé")
        TOKEN_CREATED = "token.created", _("jeton créé")
        TOKEN_REVOKED = "token.revoked", _("jeton révoqué")
        EVENTS_APPENDED = "events.appended", _("événements reçus")
        EVENT_KIND_ADDED = "event-kind.added", _("genre d'événement ajouté")
        VIEW_SHARED = "view.shared", _("vue partagée modifiée")
        CONTACTS_IMPORTED = "contacts.imported", _("contacts importés")
        CONTACT_ADDED = "contact.added", _("contact saisi")
        CONTACT_EDITED = "contact.edited", _("contact modifié")
        CONTACT_ERASED = "contact.erased", _("contact effacé")
        STATUS_PUT = "status.put", _("statut donné")
        STATUSES_CHANGED = "statuses.changed", _("statuts changés")
        TAG_PUT = "tag.put", _("tag posé")
        TAG_TAKEN_OFF = "tag.taken-off", _("tag retiré")
        TAGS_CHANGED = "tags.changed", _("tags changés")
        AUDIENCE_CREATED = "audience.created", _("audience créée")
        AUDIENCE_CHANGED = "audience.changed", _("audience changée")
        AUDIENCE_DELETED = "audience.deleted", _("audience supprimée")
        AUDIENCE_PINNED = "audience.pinned", _("membres à la main")
        AUDIENCE_CONFIRMED = "audience.confirmed", _("rafraîchissement confirmé")
        AUDIENCE_ACTED = "audience.acted", _("action d'une audience")

    kind = models.CharField(max_length=30, choices=Kind.choices)
    at = models.DateTimeField()
    user = models.ForeignKey("User", on_delete=models.SET_NULL, null=True, related_name="acts")
    by = models.CharField(max_length=150)
    via = models.CharField(max_length=10)
    list = models.ForeignKey("List", on_delete=models.PROTECT, null=True, related_name="acts")
    note_stored = models.JSONField(default=dict)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="act_in_order"),
            models.Index(fields=["kind", "-at", "-id"], name="act_of_kind"),
            models.Index(fields=["by", "-at", "-id"], name="act_by"),
            models.Index(fields=["kind", "by", "-at", "-id"], name="act_of_kind_by"),
            models.Index(fields=["list", "-at", "-id"], name="act_on_list"),
        ]

    @property
    def note(self) -> Message | None:
        """What was done, as a sentence."""
        return Message.read(self.note_stored) if self.note_stored else None
