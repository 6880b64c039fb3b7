"""Contacts: who they are, how they are reached, what they do, and for which company."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tamis.app.models.companies import Company, FoldedField
from tamis.app.models.statuses import WithStatus


class Contact(WithStatus):
    """A person [C1]. ``provenance`` maps each filled field to its source's id; ``extra`` holds the users' own fields.

    ``email_key`` (lower case) and ``external_key`` (a number that the users' own tools gave) are what a contact is
    recognised by. ``company_name`` and ``company_siren`` are as they came; with ``domain_key``, the company's part of
    an address that is not a free provider's, they find ``company``, now or when it becomes known.
    """

    class Origin(models.TextChoices):
        """How the contact came into the base [C2]."""

        STATIC = "static", _("statique")
        DYNAMIC = "dynamic", _("dynamique")

    class Link(models.TextChoices):
        """What ties the contact to the company."""

        HAND = "hand", _("à la main")
        SIREN = "siren", _("SIREN donné")
        NAME = "name", _("nom donné")
        DOMAIN = "domain", _("domaine de l'adresse")

    civility = models.CharField(max_length=4, blank=True)
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True)
    email_key = models.CharField(max_length=254, null=True, unique=True)
    external_key = models.CharField(max_length=120, null=True, unique=True)
    phone = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True)
    company = models.ForeignKey(Company, on_delete=models.SET_NULL, null=True, related_name="contacts", db_index=False)
    linked_by = models.CharField(max_length=6, choices=Link.choices, blank=True)
    company_name = models.CharField(max_length=300, blank=True)
    company_siren = models.CharField(max_length=9, blank=True)
    company_key = models.CharField(max_length=600, blank=True)
    domain_key = models.CharField(max_length=253, blank=True)
    sector = models.CharField(max_length=120, blank=True)
    job_title = models.CharField(max_length=160, blank=True)
    function = models.CharField(max_length=120, blank=True)
    level = models.CharField(max_length=120, blank=True)
    offer = models.CharField(max_length=160, blank=True)
    origin = models.CharField(max_length=7, choices=Origin.choices, default=Origin.STATIC)
    origin_detail = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    extra = models.JSONField(default=dict)
    provenance = models.JSONField(default=dict)
    name_key = FoldedField("sorted_name", max_length=420)
    first_name_key = FoldedField("first_name", max_length=160)
    city_key = FoldedField("city", max_length=240)
    sector_key = FoldedField("sector", max_length=240)
    job_title_key = FoldedField("job_title", max_length=320)
    function_key = FoldedField("function", max_length=240)
    level_key = FoldedField("level", max_length=240)
    offer_key = FoldedField("offer", max_length=320)
    origin_detail_key = FoldedField("origin_detail", max_length=400)

    class Meta:
        indexes = [
            models.Index(fields=["company", "name_key", "id"], name="contact_by_company"),
            *(
                models.Index(fields=[column, "id"], name=f"contact_by_{column}")
                for column in (
                    "name_key", "first_name_key", "phone", "city_key", "country", "sector_key", "job_title_key",
                    "function_key", "level_key", "offer_key", "origin", "origin_detail_key", "status", "created_at",
                    "updated_at",
                )
            ),
            *(
                models.Index(fields=[column], name=f"contact_waits_{column}", condition=models.Q(company=None))
                for column in ("company_siren", "company_key", "domain_key")
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What the contact is called: the names, else the address, else the key."""
        return f"{self.first_name} {self.last_name}".strip() or self.email or self.external_key or ""

    @property
    def company_host(self) -> str:
        """The host of the address where it says something about a company."""
        return self.email.rpartition("@")[2] if self.domain_key else ""

    @property
    def sorted_name(self) -> str:
        """What the table puts contacts in order by: the last name first."""
        return f"{self.last_name} {self.first_name}".strip() or self.name


class ContactValue(models.Model):
    """The shadow of one value of ``Contact.extra``, as :class:`~tamis.app.models.CompanyValue` is of a company's."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="values")
    field = models.CharField(max_length=50)
    text = models.CharField(max_length=300)
    number = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "field"], name="contact_value_shadowed_once")]
        indexes = [
            models.Index(fields=["field", "text", "contact"], name="contact_value_by_text"),
            models.Index(fields=["field", "number", "contact"], name="contact_value_by_number"),
        ]
