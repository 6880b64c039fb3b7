"""Claims, the one thing that moves companies, and the moves they caused [F8]."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClaimKind(models.IntegerChoices):
    """Who claims, strongest first: the number is the precedence."""

    HAND = 1, _("à la main")
    CRM = 2, _("CRM")
    IMPORT = 3, _("import")
    RULE = 4, _("règle")


class Claim(models.Model):
    """Somebody or something says that a company belongs in a list. It stands until an act withdraws it.

    A pin that comes back as a move is undone is a new row, made by whom it was made by, but standing only since
    ``restored_by``. A rule's claim is an ``audience``'s, and two audiences may claim the same list; ``rank`` is the
    audience's place in the order that the user gave, 0 for whoever has none. It stays with what is past.
    """

    company = models.ForeignKey("Company", on_delete=models.CASCADE, related_name="claims")
    list = models.ForeignKey("List", on_delete=models.PROTECT, related_name="claims")
    kind = models.PositiveSmallIntegerField(choices=ClaimKind.choices)
    at = models.DateTimeField()
    rank = models.PositiveIntegerField(default=0)
    line = models.ForeignKey("ListLine", on_delete=models.SET_NULL, null=True, related_name="claims")
    audience = models.ForeignKey(
        "Audience", on_delete=models.SET_NULL, null=True, related_name="claims", db_index=False
    )
    made_by = models.ForeignKey("Act", on_delete=models.PROTECT, related_name="claims_made")
    withdrawn_by = models.ForeignKey("Act", on_delete=models.PROTECT, null=True, related_name="claims_withdrawn")
    restored_by = models.ForeignKey(
        "Act", on_delete=models.PROTECT, null=True, related_name="claims_restored", db_index=False
    )

    STRONGEST_FIRST = ("kind", "rank", "-at", "-id")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "list", "kind"],
                condition=models.Q(withdrawn_by=None, audience=None),
                name="claim_stands_once",
            ),
            models.UniqueConstraint(
                fields=["company", "list", "audience"],
                condition=models.Q(withdrawn_by=None, audience__isnull=False),
                name="audience_claims_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "kind", "rank", "-at", "-id"],
                condition=models.Q(withdrawn_by=None),
                name="claim_strongest",
            ),
            models.Index(
                fields=["list", "kind", "company"], condition=models.Q(withdrawn_by=None), name="claim_by_list"
            ),
            models.Index(fields=["kind", "company"], condition=models.Q(withdrawn_by=None), name="claim_by_kind"),
            models.Index(
                fields=["audience", "company"], condition=models.Q(audience__isnull=False), name="claim_of_audience"
            ),
        ]


class Move(models.Model):
    """A company went from one list to another. ``claim`` is the one that decided; none means nothing claims it."""

    company = models.ForeignKey("Company", on_delete=models.CASCADE, related_name="moves")
    from_list = models.ForeignKey("List", on_delete=models.PROTECT, null=True, related_name="moves_out")
    to_list = models.ForeignKey("List", on_delete=models.PROTECT, related_name="moves_in")
    act = models.ForeignKey("Act", on_delete=models.PROTECT, related_name="moves")
    claim = models.ForeignKey(Claim, on_delete=models.SET_NULL, null=True, related_name="moves")
