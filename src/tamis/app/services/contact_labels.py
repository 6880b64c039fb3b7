"""What people call the fields of a contact; the headings of files stay as they are in every language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from tamis.app.models import Contact

LABELS: Mapping[str, Any] = {
    "email": _("E-mail"),
    "external_key": _("Clé externe"),
    "civility": _("Civilité"),
    "first_name": _("Prénom"),
    "last_name": _("Nom"),
    "phone": _("Portable"),
    "city": _("Ville"),
    "country": _("Pays"),
    "company_name": _("Société, telle que donnée"),
    "company_siren": _("SIREN de la société"),
    "sector": _("Secteur"),
    "job_title": _("Poste"),
    "function": _("Fonction"),
    "level": _("Niveau hiérarchique"),
    "offer": _("Offre concernée"),
    "origin": _("Origine"),
    "origin_detail": _("Détail d'origine"),
}


def shown(key: str, value: Any) -> str:
    """A value as pages show it: the origin in words."""
    return str(Contact.Origin(value).label) if key == "origin" else str(value)
