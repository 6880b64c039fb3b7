"""Who a visitor is, and when: read from the events that identify, never written by hand."""

from django.db import models


class Stay(models.Model):
    """A visitor was a contact or a company after one moment (or ever before) and up to another (or since).

    What the identification said stands in the same columns as in the events: who that is, is found when reading.
    """

    visitor = models.CharField(max_length=200)
    after = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    at = models.DateTimeField(null=True)  # when the identification was; unknown in what was written before it was kept
    contact_ref = models.CharField(max_length=200, blank=True)
    contact_email = models.CharField(max_length=320, blank=True)
    company_ref = models.CharField(max_length=200, blank=True)
    company_siren = models.CharField(max_length=9, blank=True)
    company_domain = models.CharField(max_length=253, blank=True)
    event = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visitor", "until"], name="stay_once")]
        indexes = [
            models.Index(fields=["contact_email"], name="stay_of_email"),
            models.Index(fields=["contact_ref"], name="stay_of_contact"),
            models.Index(fields=["company_siren"], name="stay_of_siren"),
            models.Index(fields=["company_domain"], name="stay_of_domain"),
            models.Index(fields=["company_ref"], name="stay_of_company"),
        ]


class Identifying(models.Model):
    """Up to which arrival identifications have been read: one row."""

    received = models.DateTimeField(null=True)
