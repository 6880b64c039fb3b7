"""Views of the company table and of the contact table that people keep: conditions, columns and order under a name."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tamis.app.models.accounts import User


class SavedView(models.Model):
    """A view of a table. ``query`` is the address's query in its stable form; ``shared`` with the workspace.

    ``default_of`` are those who see it when they open the table.
    """

    class Of(models.TextChoices):
        """The table."""

        COMPANY = "company", _("entreprises")
        CONTACT = "contact", _("contacts")

    subject = models.CharField(max_length=7, choices=Of.choices, default=Of.COMPANY)

    name = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    owner = models.ForeignKey("User", on_delete=models.CASCADE, related_name="views")
    query = models.TextField(blank=True)
    shared = models.BooleanField(default=False)
    default_of: "models.ManyToManyField[User, models.Model]" = models.ManyToManyField(
        "User", related_name="default_views"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "subject", "key"], name="view_named_once")]

    def __str__(self) -> str:
        return self.name
