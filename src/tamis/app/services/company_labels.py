"""What people call the fields of a company; the headings of files stay as they are in every language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

Text = Any
"""A lazy translation."""

LABELS: Mapping[str, Text] = {
    "name": _("Raison sociale"),
    "usual_name": _("Nom commercial"),
    "acronym": _("Sigle"),
    "brand": _("Marque"),
    "former_name": _("Ancien nom"),
    "siren": _("SIREN"),
    "siret": _("SIRET"),
    "vat": _("TVA"),
    "neq": _("NEQ"),
    "lei": _("LEI"),
    "website": _("Site web"),
    "email_domain": _("Domaine email"),
    "naf": _("Code NAF"),
    "naf_2025": _("NAF 2025"),
    "naics": _("Code SCIAN"),
    "legal_category": _("Catégorie juridique"),
    "headcount": _("Effectif"),
    "headcount_bracket": _("Tranche d'effectif"),
    "revenue": _("Chiffre d'affaires"),
    "size_class": _("Taille"),
    "address": _("Adresse"),
    "postal_code": _("Code postal"),
    "city": _("Ville"),
    "department": _("Département"),
    "region": _("Région"),
    "country": _("Pays"),
    "parent_siren": _("SIREN de la maison mère"),
    "founded": _("Date de création"),
    "first_seen": _("Vue la première fois"),
    "domain.website": _("Site web"),
    "domain.email": _("Domaine email"),
}
