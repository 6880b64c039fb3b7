"""Tags in their categories, the users' own, and who put them where [B2]."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TagCategory(models.Model):
    """A category of tags; ``key`` is the folded name."""

    name = models.CharField(max_length=60)
    key = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A tag within its category; ``key`` is the folded name."""

    category = models.ForeignKey(TagCategory, on_delete=models.CASCADE, related_name="tags", db_index=False)
    name = models.CharField(max_length=60)
    key = models.CharField(max_length=120, db_index=True)

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["category", "key"], name="tag_named_once")]

    def __str__(self) -> str:
        return self.name


class Tagged(models.Model):
    """A tag on something: once, by its strongest hand, with where that came from and when.

    A rule's tag comes off when the rule no longer holds; one put by hand or by an import stays until a person acts.
    """

    class By(models.IntegerChoices):
        """Who put it, the strongest first."""

        HAND = 1, _("à la main")
        IMPORT = 3, _("import")
        RULE = 4, _("règle")

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+", db_index=False)
    by = models.PositiveSmallIntegerField(choices=By.choices)
    source = models.ForeignKey("tamis.Source", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        abstract = True


class CompanyTag(Tagged):
    """A tag on a company."""

    company = models.ForeignKey("Company", on_delete=models.CASCADE, related_name="tags", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "tag"], name="company_tagged_once")]
        indexes = [models.Index(fields=["tag", "company"], name="company_by_tag")]


class ContactTag(Tagged):
    """A tag on a contact."""

    contact = models.ForeignKey("Contact", on_delete=models.CASCADE, related_name="tags", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "tag"], name="contact_tagged_once")]
        indexes = [models.Index(fields=["tag", "contact"], name="contact_by_tag")]
