"""Companies: what they are called, how they are registered, where they are found, and what is known of them."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from tamis.app.models.statuses import WithStatus
from tamis.identity.folding import fold


class FoldedField(models.CharField):  # type: ignore[type-arg]
    """What another text column of the row says, folded, so that SQL compares bytes (design §4); written with the row.

    Written by ``save`` and ``bulk_create``; ``QuerySet.update`` on the other column would leave it behind.
    """

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        options.setdefault("default", "")
        options["editable"] = False
        super().__init__(**options)

    def deconstruct(self) -> Any:
        """As migrations write it."""
        name, path, args, options = super().deconstruct()
        return name, path, args, options | {"of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """The folded text, cut where the column ends."""
        text = fold(getattr(model_instance, self.of))[: self.max_length]
        setattr(model_instance, self.attname, text)
        return text


class Source(models.Model):
    """Where a value came from and as of when: one row for each import, form or merge that wrote fields."""

    class Kind(models.TextChoices):
        """How the value came in."""

        IMPORT = "import", _("import")
        HAND = "hand", _("saisie")
        MERGE = "merge", _("fusion")
        RULE = "rule", _("règle")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    label = models.CharField(max_length=255)
    as_of = models.DateField()
    act = models.ForeignKey("Act", on_delete=models.PROTECT, related_name="sources")


class Company(WithStatus):
    """A company. ``provenance`` maps each filled field to its source's id; ``extra`` holds the users' own fields."""

    name = models.CharField(max_length=300)
    name_key = models.CharField(max_length=600)
    list = models.ForeignKey("List", on_delete=models.PROTECT, related_name="companies")
    siren = models.CharField(max_length=9, null=True, unique=True)
    naf = models.CharField(max_length=6, blank=True)
    naf_2025 = models.CharField(max_length=6, blank=True)
    naics = models.CharField(max_length=6, blank=True)
    legal_category = models.CharField(max_length=4, blank=True)
    headcount = models.PositiveIntegerField(null=True)
    headcount_bracket = models.CharField(max_length=2, blank=True)
    revenue = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    size_class = models.CharField(max_length=3, blank=True)
    address = models.CharField(max_length=300, blank=True)
    postal_code = models.CharField(max_length=12, blank=True)
    city = models.CharField(max_length=120, blank=True)
    department = models.CharField(max_length=3, blank=True)
    region = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    parent_siren = models.CharField(max_length=9, blank=True)
    founded = models.DateField(null=True)
    first_seen = models.DateField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    extra = models.JSONField(default=dict)
    provenance = models.JSONField(default=dict)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="absorbed")
    address_key = FoldedField("address", max_length=600)
    city_key = FoldedField("city", max_length=240)
    region_key = FoldedField("region", max_length=160)

    class Meta:
        indexes = [
            models.Index(fields=["name_key", "id"], name="company_by_name"),
            *(
                models.Index(fields=[column, "name_key", "id"], name=f"company_by_{column}")
                for column in ("list", "city_key", "naf", "department")
            ),
            *(
                models.Index(fields=[column, "id"], name=f"company_by_{column}")
                for column in (
                    "naf_2025", "naics", "legal_category", "headcount", "headcount_bracket", "revenue", "size_class",
                    "address_key", "postal_code", "region_key", "country", "parent_siren", "founded", "first_seen",
                    "updated_at", "status",
                )
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class CompanyName(models.Model):
    """One of the names of a company; all of them count when matching."""

    class Kind(models.TextChoices):
        """What kind of name it is."""

        LEGAL = "legal", _("raison sociale")
        USUAL = "usual", _("nom usuel")
        ACRONYM = "acronym", _("sigle")
        BRAND = "brand", _("marque")
        FORMER = "former", _("ancien nom")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="names")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.CharField(max_length=300)
    key = models.CharField(max_length=600, db_index=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "kind", "key"], name="name_given_once")]


class CompanyIdentifier(models.Model):
    """A registry identifier beside the SIREN: an establishment's SIRET, a VAT number, an NEQ, a LEI, a merged SIREN."""

    class Type(models.TextChoices):
        """Which register gave it."""

        SIREN = "siren", "SIREN"
        SIRET = "siret", "SIRET"
        VAT = "vat", _("TVA")
        NEQ = "neq", "NEQ"
        LEI = "lei", "LEI"

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="identifiers")
    type = models.CharField(max_length=5, choices=Type.choices)
    value = models.CharField(max_length=20)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "value"], name="identifier_of_one_company")]


class CompanyDomain(models.Model):
    """A host where a company is found: its website, or where its mail comes from. Several companies may share one."""

    class Use(models.TextChoices):
        """What the host is used for."""

        WEBSITE = "website", _("site")
        EMAIL = "email", _("e-mail")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="domains")
    use = models.CharField(max_length=7, choices=Use.choices)
    host = models.CharField(max_length=253)
    key = models.CharField(max_length=253, db_index=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "use", "host"], name="domain_given_once")]
        indexes = [models.Index(fields=["use", "host", "company"], name="domain_by_host")]


class CustomField(models.Model):
    """A field that the users added to companies or to contacts."""

    class Subject(models.TextChoices):
        """What has the field."""

        COMPANY = "company", _("entreprises")
        CONTACT = "contact", _("contacts")

    class Type(models.TextChoices):
        """What the field holds."""

        TEXT = "text", _("texte")
        NUMBER = "number", _("nombre")
        DATE = "date", _("date")
        YES_NO = "yes-no", _("oui/non")
        CHOICE = "choice", _("choix")

    subject = models.CharField(max_length=7, choices=Subject.choices, default=Subject.COMPANY)
    key = models.CharField(max_length=50)
    label = models.CharField(max_length=80)
    type = models.CharField(max_length=6, choices=Type.choices)
    choices = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "key"], name="field_of_a_subject")]


class CompanyValue(models.Model):
    """The shadow of one value of ``Company.extra``, so that SQL finds companies by the users' own fields.

    ``text`` is folded (a day as ``2026-03-31``, yes and no as ``oui`` and ``non``); a number stands in ``number``.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="values")
    field = models.CharField(max_length=50)
    text = models.CharField(max_length=300)
    number = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "field"], name="value_shadowed_once")]
        indexes = [
            models.Index(fields=["field", "text", "company"], name="value_by_text"),
            models.Index(fields=["field", "number", "company"], name="value_by_number"),
        ]


class Merge(models.Model):
    """Two companies made one. ``record`` holds what moved and what was filled, so that it can be undone."""

    kept = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="merges")
    absorbed = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="merges_into")
    act = models.ForeignKey("Act", on_delete=models.PROTECT, related_name="merges")
    undone_by = models.ForeignKey("Act", on_delete=models.PROTECT, null=True, related_name="merges_undone")
    record = models.JSONField()
